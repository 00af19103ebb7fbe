#include "interchange/differences.h"

#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "schema/build.h"

using namespace etalon;
using namespace etalon::interchange;

namespace {

const Element kGain = test::element("gain", ScalarType::Float32, {2, 3});
const Element kLabel = test::element("label", ScalarType::Char, {8});

Difference value_of(const Element& member, DiffValue before, DiffValue after, DiffNumber difference = NoValue{}) {
    Difference one;
    one.path = "ref";
    one.member = &member;
    one.before = std::move(before);
    one.after = std::move(after);
    one.difference = difference;
    return one;
}

nlohmann::json json_of(const Difference& one, bool enum_names = false) {
    const auto cells = difference_cells(one, enum_names);
    nlohmann::json json;
    for (std::size_t c = 0; c < cells.size(); ++c) json[difference_columns()[c]] = nlohmann::json::parse(cells[c].json);
    return json;
}

std::string csv_of(const Difference& one) {
    DifferenceList list(DifferenceList::Form::Csv, false, 0);
    list.add(one);
    std::ostringstream out;
    list.write(out);
    return out.str();
}

}  // namespace

TEST_CASE("a difference says member, index, row, both values and their difference") {
    auto one = value_of(kGain, 1.5F, 2.0F, 0.5);
    one.value = 4;
    one.row = 7;
    one.element = 3;
    one.stretch = Interval{Axis::Run, 5, std::nullopt};
    const auto json = json_of(one);
    CHECK(json["path"] == "ref");
    CHECK(json["member"] == "gain");
    CHECK(json["index"] == nlohmann::json::parse("[1,1]"));
    CHECK(json["row"] == 7);
    CHECK(json["key"].is_null());
    CHECK(json["before"] == 1.5);
    CHECK(json["after"] == 2.0);
    CHECK(json["difference"] == 0.5);
    CHECK(json["kind"] == "value");
    CHECK(json["element"] == 3);
    CHECK(json["begin"] == 5);
    CHECK(json["end"].is_null());
    CHECK(csv_of(one) == "ref,gain,\"1,1\",7,,1.5,2,0.5,value,3,,5,,\n");
}

TEST_CASE("what JSON has no number for is a word, and integers keep all digits") {
    const auto bits = test::element("bits", ScalarType::UInt64);
    constexpr auto kHighest = std::numeric_limits<std::uint64_t>::max();
    const auto json = json_of(value_of(bits, kHighest, std::uint64_t{0}, IntegerDifference{true, kHighest}));
    CHECK(json["before"].get<std::uint64_t>() == kHighest);
    CHECK(number_cell(IntegerDifference{true, kHighest}).json == "-18446744073709551615");
    constexpr auto kInf = std::numeric_limits<float>::infinity();
    const auto infinite = json_of(value_of(kGain, std::numeric_limits<float>::quiet_NaN(), -kInf));
    CHECK(infinite["before"] == "NaN");
    CHECK(infinite["after"] == "-Infinity");
    CHECK(infinite["difference"].is_null());
    CHECK(number_cell(std::numeric_limits<double>::infinity()).json == "\"Infinity\"");
}

TEST_CASE("absent is null and is told, empty text is text") {
    const auto absent = json_of(value_of(kLabel, NoValue{}, ""));
    CHECK(absent["before"].is_null());
    CHECK(absent["after"] == "");
    CHECK(absent["kind"] == "absent before");
    CHECK(json_of(value_of(kLabel, "x", NoValue{}))["kind"] == "absent after");
}

TEST_CASE("text that is no UTF-8, and text that would break a line, comes out whole") {
    const auto one = value_of(kLabel, std::string("\xff\n"), std::string("a\"b,\\"));
    CHECK(json_of(one)["before"] == nlohmann::json::parse(R"({"hex": "ff0a"})"));
    CHECK(json_of(one)["after"] == "a\"b,\\");
    CHECK(csv_of(one) == "ref,label,,0,,\\xff\\x0a,\"a\"\"b,\\\\\",,value,0,,,,\n");
}

TEST_CASE("keys are objects by member, and enumerations have names when they are asked for") {
    auto status = test::element("status", ScalarType::Int32);
    status.enumerators = {{"kGood", 0}, {"kNoisy", 1}};
    auto one = value_of(status, std::int64_t{0}, std::int64_t{1});
    const std::vector<std::string> members{"sector", "label"};
    const std::vector<DiffValue> key{std::int64_t{3}, std::string("in")};
    one.key_members = members;
    one.key = key;
    one.other_row = 2;
    const auto json = json_of(one, true);
    CHECK(json["key"] == nlohmann::json::parse(R"({"sector":3,"label":"in"})"));
    CHECK(json["otherRow"] == 2);
    CHECK(json["before"] == "kGood");
    CHECK(json["after"] == "kNoisy");
    CHECK(json_of(one)["after"] == 1);
    CHECK(difference_cells(one, false)[4].text == "sector=3, label=in");
}

TEST_CASE("the document has what the contract names, in one object") {
    DiffReport report;
    report.equal = false;
    report.differences = 2;
    report.before.place = "sqlite:a.db";
    report.before.snapshot = 4;
    report.before.truncated = {"ref: gain[3:]"};
    report.members.push_back({"ref", "gain", 6, 1, 1, 0.5, 0.5});
    report.members.push_back({"ref", "label", 1, 0, 0, {}, {}});
    DifferenceContext context;
    context.before = {{"name", cell("ref")}, {"at", null_cell()}};
    context.after = context.before;
    DifferenceList list(DifferenceList::Form::Json, false, 1);
    list.add(value_of(kGain, 1.5F, 2.0F, 0.5));
    list.add(value_of(kGain, 1.5F, 2.0F, 0.5));
    std::ostringstream out;
    write_json(out, report, context, list);
    const auto json = nlohmann::json::parse(out.str());
    CHECK(json["equal"] == false);
    CHECK(json["total"] == 2);
    CHECK(json["sides"].size() == 2);
    CHECK(json["sides"][0]["place"] == "sqlite:a.db");
    CHECK(json["sides"][0]["name"] == "ref");
    CHECK(json["sides"][0]["truncated"][0] == "ref: gain[3:]");
    CHECK(json["summary"][0] ==
          nlohmann::json::parse(R"({"path":"ref","member":"gain","values":6,"differ":1,"largest":0.5,"mean":0.5})"));
    CHECK(json["summary"][1]["largest"].is_null());
    CHECK(json["differences"].size() == 1);
    std::ostringstream empty;
    DifferenceList none(DifferenceList::Form::Json, false, 0);
    write_json(empty, {}, context, none);
    CHECK(nlohmann::json::parse(empty.str())["differences"].empty());
}

TEST_CASE("many differences need no memory and lose nothing") {
    DifferenceList list(DifferenceList::Form::Csv, false, 0);
    auto one = value_of(kGain, 1.5F, 2.0F, 0.5);
    constexpr std::uint64_t kNumber = 100'000;  // more than is kept in memory
    for (one.row = 0; one.row < kNumber; ++one.row) list.add(one);
    std::ostringstream out;
    write_csv(out, list);
    std::istringstream in(out.str());
    std::string line;
    std::getline(in, line);
    CHECK(line == "path,member,index,row,key,before,after,difference,kind,element,version,begin,end,otherRow");
    std::uint64_t row = 0;
    while (std::getline(in, line)) {
        if (!line.starts_with("ref,gain,\"0,0\"," + std::to_string(row) + ",,1.5,")) break;
        ++row;
    }
    CHECK(row == kNumber);
}

TEST_CASE("the page of HTML is one file in which nothing of what is stored is markup") {
    DiffReport report;
    report.equal = false;
    report.differences = 3;
    report.before.place = "postgresql://me:secret@host/db";
    report.members.push_back({"<ref>", "a&b", 1, 1, 0, {}, {}});
    DifferenceContext context;
    context.title = "<script>alert('x')</script>";
    context.conditions = {{"tolerance", "gain[*]=\"<1\""}};
    Table rows{difference_columns(), {difference_cells(value_of(kLabel, "<b>", "\"&'"), true)}};
    std::ostringstream out;
    write_html(out, report, context, rows);
    const auto page = out.str();
    CHECK(page.starts_with("<!DOCTYPE html>"));
    CHECK(page.find("<script") == std::string::npos);
    CHECK(page.find("<b>") == std::string::npos);
    CHECK(page.find("&lt;b&gt;") != std::string::npos);
    CHECK(page.find("&quot;&amp;&#39;") != std::string::npos);
    CHECK(page.find("&lt;ref&gt;") != std::string::npos);
    CHECK(page.find("secret") == std::string::npos);
    CHECK(page.find("@media print") != std::string::npos);
    CHECK(page.find("2 more of 3 differences are not listed") != std::string::npos);
    for (const auto* elsewhere : {"http:", "https:", "src=", "href=", "@import", "url("})
        CHECK(page.find(elsewhere) == std::string::npos);
}
