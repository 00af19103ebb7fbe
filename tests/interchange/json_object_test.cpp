#include "interchange/json_object.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace etalon::interchange;

TEST_CASE("a JSON object is laid out by what stands between its members") {
    CHECK(JsonObject().text() == "{}");
    CHECK(JsonObject().add("a", "1").add_text("b", "x").text() == R"({"a":1,"b":"x"})");
    CHECK(JsonObject(",\n ").add("a", "1").add("b", "[]").text() == "{\"a\":1,\n \"b\":[]}");
}

TEST_CASE("keys and texts of a JSON object are escaped, bytes that are no UTF-8 replaced") {
    const auto text = JsonObject().add_text("k\"\n", "v\\\x01\xff").text();
    const auto parsed = nlohmann::json::parse(text);
    CHECK(parsed["k\"\n"] == "v\\\x01\xEF\xBF\xBD");
}
