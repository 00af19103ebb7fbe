#include "interchange/records.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace etalon;
using namespace etalon::interchange;

TEST_CASE("a CSV field is quoted only when it must be") {
    CHECK(csv_quote("plain text") == "plain text");
    CHECK(csv_quote("a,b") == "\"a,b\"");
    CHECK(csv_quote("say \"x\"") == "\"say \"\"x\"\"\"");
    CHECK(csv_quote("two\nlines") == "\"two\nlines\"");
}

TEST_CASE("points on an axis are ISO text, integers, infinities or null in JSON") {
    CHECK(cell(Axis::Time, 0).json == "\"1970-01-01T00:00:00Z\"");
    CHECK(cell(Axis::Time, kMinusInfinity).json == "\"-inf\"");
    CHECK(cell(Axis::Time, kPlusInfinity).json == "\"inf\"");
    CHECK(cell(Axis::Run, 42).json == "42");
    CHECK(cell(Axis::Run, kPlusInfinity).json == "\"inf\"");
    CHECK(cell(Axis::Run, std::nullopt).json == "null");
}

TEST_CASE("records print as JSON that reads back") {
    Table table{{"name", "n", "end", "list"}, {}};
    CHECK(to_json(table) == "[]");
    const std::vector<std::int64_t> list = {1, 2};
    table.rows.push_back({cell("a\"b\\\n\xff"), cell(std::int64_t{-3}), null_cell(), list_cell(list)});
    table.rows.push_back({cell(""), cell(true), cell(std::uint64_t{18446744073709551615U}),
                          list_cell(std::vector<std::string>{"x[3:]"})});
    const auto json = nlohmann::json::parse(to_json(table, 2));
    CHECK(json.size() == 2);
    CHECK(json[0]["name"] == "a\"b\\\n\xEF\xBF\xBD");
    CHECK(json[0]["n"] == -3);
    CHECK(json[0]["end"].is_null());
    CHECK(json[0]["list"] == nlohmann::json::array({1, 2}));
    CHECK(json[1]["n"] == true);
    CHECK(json[1]["end"] == 18446744073709551615U);
}

TEST_CASE("an interval for people says open where nothing known ends it") {
    CHECK(interval_text(Axis::Run, 3, std::nullopt) == "[3, open)");
    CHECK(interval_text(Axis::Time, kMinusInfinity, 0) == "[-inf, 1970-01-01T00:00:00Z)");
    CHECK(counted(1, "row") == "1 row");
    CHECK(counted(0, "row") == "0 rows");
    CHECK(counted(2, "entry", "entries") == "2 entries");
}

TEST_CASE("records print as CSV with a header, what is null as an empty field") {
    Table table{{"name", "end"}, {}};
    CHECK(to_csv(table) == "name,end\n");
    table.rows.push_back({cell("a,b"), null_cell()});
    CHECK(to_csv(table) == "name,end\n\"a,b\",\n");
}

TEST_CASE("records of several databases become one table, with the database in front") {
    Table all;
    const std::string first = "one";
    const std::string second = "two";
    append(all, {{"n"}, {{cell(std::int64_t{1})}}}, &first);
    append(all, {{"n"}, {}}, &second);
    append(all, {{"n"}, {{cell(std::int64_t{2})}}}, &second);
    CHECK(to_csv(all) == "database,n\none,1\ntwo,2\n");
    Table alone;
    append(alone, {{"n"}, {}});
    CHECK(to_csv(alone) == "n\n");
}
