#include "interchange/answers.h"

#include <doctest/doctest.h>

#include <sstream>

#include "interchange/row_files.h"
#include "interchange/support.h"

using namespace etalon;
using namespace etalon::interchange;
using namespace etalon::test;
using nlohmann::json;

namespace {

std::string json_text(const Answer& answer, const AnswerContext& context = {}) {
    std::ostringstream out;
    write_json(out, answer, context);
    return out.str();
}

std::string csv_text(const Answer& answer, const DefinitionPtr& layout) {
    std::ostringstream out;
    write_csv(out, answer, layout);
    return out.str();
}

Answer fetch(Database& db, std::int64_t at, std::vector<std::int64_t> elements = {0}) {
    db.advance();
    FetchOptions options;
    options.elements = std::move(elements);
    return db.fetch_rows("Mixed", Position(Time{at}), options);
}

}  // namespace

TEST_CASE("the JSON of an answer has its values bit by bit, those that JSON has no number for too") {
    auto db = make_mixed();
    const auto rows = hard_rows();
    commit(db, {put_mixed(0, rows)});
    const auto answer = fetch(db, 5);
    REQUIRE(answer->num_rows == rows.size());
    const auto text = json_text(answer);
    const auto parsed = json::parse(text);
    REQUIRE(parsed.at("rows").size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CAPTURE(i);
        CHECK(same_row(row_of(parsed["rows"][i]), answer.row(i)));
        CHECK(same_row(rows[i], answer.row(i)));
    }
    // An integer that no double holds is written as the integer that it is.
    CHECK(text.find("18446744073709551615") != std::string::npos);
    CHECK(text.find("9007199254740993") != std::string::npos);
    CHECK(text.ends_with("}\n"));
}

TEST_CASE("the JSON and the CSV of an answer can be put again, and are the same rows") {
    auto db = make_mixed();
    commit(db, {put_mixed(0, hard_rows())});
    const auto answer = fetch(db, 5);
    const std::vector<DefinitionPtr> layouts = {mixed_layout()};
    for (const auto& text : {json_text(answer), csv_text(answer, answer->layout)}) {
        std::istringstream in(text);
        const auto loaded = load_rows(in, "a test", layouts);
        REQUIRE(loaded.num_rows == answer->num_rows);
        CHECK(std::memcmp(loaded.rows.get(), answer.row(0), answer->num_rows * sizeof(Mixed)) == 0);
    }
}

TEST_CASE("the JSON of an answer says what was found, where it holds and which record it is") {
    auto db = make_mixed();
    auto record = put_mixed(0, {mixed(1, 2, 3, 4, 5, "a")});
    record.end = 1'000'000'000;
    commit(db, {record});
    const auto answer = fetch(db, 5);
    const auto parsed = json::parse(json_text(answer));
    CHECK(parsed["name"] == "Mixed");
    CHECK(parsed["struct"] == "Mixed");
    CHECK(parsed["status"] == "Found");
    CHECK(parsed["begin"] == "1970-01-01T00:00:00Z");
    CHECK(parsed["end"] == "1970-01-01T00:00:01Z");
    CHECK(parsed["version"] == "default");
    CHECK(parsed["elements"] == json::array({0}));
    CHECK(parsed["missing"] == json::array());
    CHECK(parsed["uid"] == answer->elements.front().provenance->uid);
    CHECK(parsed["settled"] == answer->settled);
    CHECK(parsed["asOf"] == answer->snapshot);
    CHECK(parsed["schema"] == answer->elements.front().provenance->schema);
    for (const auto* key : {"layer", "losses", "run", "runBegin", "records"}) CHECK_FALSE(parsed.contains(key));
}

TEST_CASE("a gap has its exact interval and no rows, in CSV not even a header") {
    auto db = make_mixed();
    auto record = put_mixed(0, {mixed(1, 2, 3, 4, 5, "a")});
    record.end = 1'000'000'000;
    commit(db, {record});
    const auto answer = fetch(db, 2'000'000'000);
    const auto parsed = json::parse(json_text(answer));
    CHECK(parsed["status"] == "Gap");
    CHECK(parsed["begin"] == "1970-01-01T00:00:01Z");
    CHECK(parsed["end"].is_null());
    CHECK(parsed["missing"] == json::array({0}));
    CHECK(parsed["holes"] == json::array());
    CHECK(parsed["version"].is_null());
    CHECK(parsed["uid"].is_null());
    CHECK(parsed["rows"] == json::array());
    CHECK(csv_text(answer, nullptr).empty());
}

TEST_CASE("a deliberate hole has a record and no rows, in CSV a header") {
    auto db = make_mixed();
    commit(db, {put_mixed(0, {})});
    const auto answer = fetch(db, 5);
    const auto parsed = json::parse(json_text(answer));
    CHECK(parsed["status"] == "Hole");
    CHECK(parsed["missing"] == json::array());
    CHECK(parsed["holes"] == json::array({0}));
    CHECK(parsed["schema"].is_null());
    CHECK(parsed["uid"] == answer->elements.front().provenance->uid);
    CHECK(parsed["rows"] == json::array());
    CHECK(csv_text(answer, mixed_layout()) == "n,m,x[0],x[1],f,s,on\n");
}

TEST_CASE("an incomplete answer tells element by element what there is") {
    auto db = make_mixed();
    NameSpec spec;
    spec.name = "Mixed";
    spec.struct_name = "Mixed";
    spec.coverage = Coverage{true, {0, 1, 2}};
    commit(db, {put_mixed(0, {mixed(7, 0, 0, 0, 0, "zero")}, 0), put_mixed(0, {}, 1)}, {spec});
    const auto answer = fetch(db, 5, {0, 1, 2});
    const auto parsed = json::parse(json_text(answer));
    CHECK(parsed["status"] == "Incomplete");
    CHECK(parsed["elements"] == json::array({0, 1, 2}));
    CHECK(parsed["missing"] == json::array({2}));
    CHECK(parsed["holes"] == json::array({1}));
    // The winners have records of their own: there is no one uid.
    CHECK(parsed["uid"].is_null());
    REQUIRE(parsed["records"].size() == 3);
    CHECK(parsed["records"][0]["status"] == "Found");
    CHECK(parsed["records"][0]["uid"] == answer->elements[0].provenance->uid);
    CHECK(parsed["records"][1]["status"] == "Hole");
    CHECK(parsed["records"][2]["status"] == "Gap");
    CHECK(parsed["records"][2]["version"].is_null());
    REQUIRE(parsed["rows"].size() == 1);
    CHECK(parsed["rows"][0]["elementID"] == 0);
    CHECK(same_row(row_of(parsed["rows"][0]), answer.row(0)));
    CHECK(csv_text(answer, answer->layout) == "elementID,n,m,x[0],x[1],f,s,on\n0,7,0,0,0,0,\"zero\",0\n");
}

TEST_CASE("what an answer was asked with decides what else its JSON tells") {
    auto db = make_mixed();
    commit(db, {put_mixed(0, {mixed(1, 2, 3, 4, 5, "a")})});
    const auto answer = fetch(db, 5);
    AnswerContext context;
    context.schema = 3;
    context.lenient = true;
    context.layered = true;
    context.by_run_map = true;
    context.run = RunSpan{Run{12}, Time{0}, std::nullopt};
    const auto parsed = json::parse(json_text(answer, context));
    CHECK(parsed["schema"] == 3);
    CHECK(parsed["losses"] == 0);
    CHECK(parsed["layer"] == answer->elements.front().provenance->layer);
    CHECK(parsed["run"] == 12);
    CHECK(parsed["runBegin"] == "1970-01-01T00:00:00Z");
    CHECK(parsed["begin"] == "1970-01-01T00:00:00Z");
    // A run map that has no such run: there is no position, so no interval around it.
    context.run.reset();
    const auto without = json::parse(json_text(answer, context));
    CHECK(without["run"].is_null());
    CHECK(without["runBegin"].is_null());
    CHECK(without["begin"].is_null());
    CHECK(without["end"].is_null());
}

TEST_CASE("answers over a range become records, gaps and holes included") {
    auto db = make_mixed();
    auto first = put_mixed(0, {mixed(1, 2, 3, 4, 5, "a")});
    first.end = 1'000'000'000;
    commit(db, {first, put_mixed(2'000'000'000, {})});
    db.advance();
    auto table = scan_table();
    db.scan("Mixed", Position(Time{0}), Position(Time{3'000'000'000}), [&](const Answer& answer) {
        append_answer(table, *answer);
        return true;
    });
    const auto parsed = json::parse(to_json(table));
    REQUIRE(parsed.size() == 3);
    CHECK(parsed[0]["status"] == "Found");
    CHECK(parsed[0]["rows"] == 1);
    CHECK(parsed[0]["end"] == "1970-01-01T00:00:01Z");
    CHECK(parsed[1]["status"] == "Gap");
    CHECK(parsed[1]["uid"].is_null());
    CHECK(parsed[2]["status"] == "Hole");
    CHECK(parsed[2]["schema"].is_null());
    CHECK(parsed[2]["end"].is_null());
}
