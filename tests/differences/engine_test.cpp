#include "differences/engine.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "differences/support.h"
#include "evolution/rules.h"
#include "index/many_cases.h"
#include "schema/random_definitions.h"
#include "support/temp_directory.h"

using namespace etalon;
using namespace etalon::test;

namespace {

const DiffMemberSummary& member_of(const DiffReport& report, std::string_view member) {
    for (const auto& one : report.members) {
        if (one.member == member) return one;
    }
    FAIL("no member " << member);
    return report.members.front();
}

DiffSide as_of(DiffSide side, std::int64_t commit) {
    side.fetch.as_of = commit;
    return side;
}

/// What one element of `Plain` holds at one point: rows, or why there are none.
struct Point {
    Status status = Status::Gap;
    std::vector<double> rows;
};

Point point_of(Database& db, const DiffSide& side, std::int64_t element, std::int64_t at) {
    auto options = side.fetch;
    options.elements = {element};
    const auto answer = db.fetch_rows(side.name, Time{at}, options);
    Point point{answer->elements.front().status, {}};
    for (std::size_t i = 0; i < answer->num_rows; ++i) {
        Plain row{};
        std::memcpy(&row, answer.row(i), sizeof row);
        point.rows.push_back(row.value);
    }
    return point;
}

/// What two points differ in, without where.
Lines model(const Point& a, const Point& b, const std::string& head) {
    if (a.status != b.status)
        return {head + " status: " + std::string(name_of(a.status)) + " -> " + std::string(name_of(b.status))};
    Lines lines;
    for (std::size_t r = 0; r < std::max(a.rows.size(), b.rows.size()); ++r) {
        const auto row = " row " + std::to_string(r);
        if (r >= b.rows.size()) {
            lines.push_back(head + " row removed" + row + ": row -> -");
        } else if (r >= a.rows.size()) {
            lines.push_back(head + " row added" + row + ": - -> row");
        } else if (a.rows[r] != b.rows[r]) {
            lines.push_back(head + " value" + row + ": " + text_of(DiffValue(a.rows[r])) + " -> " +
                            text_of(DiffValue(b.rows[r])));
        }
    }
    return lines;
}

}  // namespace

TEST_CASE("rows go by the key that their struct declares, unless they shall go by position") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    auto keyed = etalon::test::definition_of<Gain1>();
    const auto plain = keyed;
    keyed.elements[0].key = 1;
    for (const auto& definition : {plain, keyed}) (void)db.register_structs({&definition, 1});
    const auto put_as = [&](const StructDefinition& definition, std::int64_t begin, const std::vector<Gain1>& rows) {
        auto record = put<Gain1>("Gain", begin, rows);
        record.layout = std::make_shared<const StructDefinition>(definition);
        return record;
    };
    commit(db, {put_as(keyed, 10, {gain1(7, 1), gain1(8, 2)}), put_as(keyed, 20, {gain1(8, 3), gain1(7, 1)}),
                put_as(plain, 30, {gain1(8, 3), gain1(8, 3)})});
    db.advance();
    // Three gains of channel 8; by position all of them, and the channels.
    CHECK(differences_of(side(db, "Gain", Time{10}), side(db, "Gain", Time{20})).size() == 3);
    DiffOptions options;
    options.by_position = true;
    CHECK(differences_of(side(db, "Gain", Time{10}), side(db, "Gain", Time{20}), options).size() == 8);
    // Rows that were put before there were keys.
    const auto error = error_of([&] { (void)differences_of(side(db, "Gain", Time{20}), side(db, "Gain", Time{30})); });
    CHECK(error.code() == ErrorCode::Usage);
    CHECK(error.info().advice.find("--by-position") != std::string::npos);
}

TEST_CASE("two times of a reference differ value by value") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    auto second = gain1(8, 2.5F, "new");
    second.gain[1] = std::numeric_limits<float>::quiet_NaN();
    commit(db, {put<Gain1>("Gain", 10, {gain1(7, 1.5F), gain1(8, 2)}),
                put<Gain1>("Gain", 20, {gain1(7, 1.5F), second, gain1(9)})});
    db.advance();
    DiffReport report;
    const auto lines = differences_of(side(db, "Gain", Time{10}), side(db, "Gain", Time{20}), {}, &report);
    CHECK(lines == Lines{"Gain/0 gain#0 row 1: 2 -> 2.5", "Gain/0 gain#1 row 1: 2 -> nan",
                         "Gain/0 gain#2 row 1: 2 -> 2.5", "Gain/0 label row 1: tpc -> new",
                         "Gain/0 row added row 2: - -> row"});
    const auto& gain = member_of(report, "gain");
    CHECK(gain.values == 6);
    CHECK(gain.differ == 3);
    CHECK(gain.measured == 2);
    CHECK(gain.largest == DiffNumber(0.5));
    CHECK(gain.mean == DiffNumber(0.5));
    CHECK(member_of(report, "channel").differ == 0);
    CHECK(member_of(report, "label").largest == DiffNumber(NoValue{}));
    CHECK(report.rows_added == 1);
    CHECK(differences_of(side(db, "Gain", Time{20}), side(db, "Gain", Time{25})).empty());
}

TEST_CASE("a side without values differs from one that has some, and its status is told") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    commit(db, {value(1, 10, 20), hole(30, 40)});
    db.advance();
    const auto differ = [&](std::int64_t a, std::int64_t b) {
        return differences_of(side(db, "Plain", Time{a}), side(db, "Plain", Time{b}));
    };
    CHECK(differ(5, 15) == Lines{"Plain/0 status: Gap -> Found"});
    CHECK(differ(15, 35) == Lines{"Plain/0 status: Found -> Hole"});
    CHECK(differ(5, 35) == Lines{"Plain/0 status: Gap -> Hole"});
    CHECK(differ(5, 25).empty());
    CHECK(differ(35, 39).empty());
}

TEST_CASE("rows of an older layout are compared in the newer one, on whichever side they are") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    commit(db, {put<Gain1>("Gain", 10, {gain1(7, 1.5F)})});
    register_as<Gain2>(db);
    Gain2 row{};
    row.offset = 1.5;
    row.channel = std::int64_t{1} << 40;
    row.gain[0] = row.gain[1] = 1.5F;
    std::memcpy(row.label, "tpc", 4);
    commit(db, {put<Gain2>("Gain", 20, {row})});
    db.advance();
    DiffReport report;
    CHECK(differences_of(side(db, "Gain", Time{10}), side(db, "Gain", Time{20}), {}, &report) ==
          Lines{"Gain/0 offset row 0: - -> 1.5", "Gain/0 channel row 0: 7 -> 1099511627776"});
    CHECK(report.before.truncated == std::vector<std::string>{"Gain: gain[2:]"});
    CHECK(report.after.truncated.empty());
    CHECK(member_of(report, "offset").values == 1);
    CHECK(member_of(report, "offset").measured == 0);
    CHECK(member_of(report, "channel").largest == DiffNumber(IntegerDifference{false, (std::uint64_t{1} << 40) - 7}));
    CHECK(differences_of(side(db, "Gain", Time{20}), side(db, "Gain", Time{10})) ==
          Lines{"Gain/0 offset row 0: 1.5 -> -", "Gain/0 channel row 0: 1099511627776 -> 7"});
}

TEST_CASE("members that the newer layout does not have are not compared, and that is told") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    commit(db, {put<Gain1>("Gain", 10, {gain1(7, 1.5F)})});
    register_as<GainChannel>(db);
    commit(db, {put<GainChannel>("Gain", 20, {GainChannel{7}})});
    db.advance();
    DiffReport report;
    CHECK(differences_of(side(db, "Gain", Time{10}), side(db, "Gain", Time{20}), {}, &report).empty());
    CHECK(report.before.truncated == std::vector<std::string>{"Gain: gain", "Gain: label"});
    CHECK(report.after.truncated.empty());
    CHECK(report.members.size() == 1);
}

TEST_CASE("a rename that was recorded later counts for what is compared with an earlier snapshot") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    const auto definition = [](const std::string& path) {
        return schema::from_json(R"({"name":"One","size":8,"alignment":8,"elements":[{"name":")" + path +
                                     R"(","type":"float64","offset":0}]})",
                                 "a test");
    };
    const auto record = [&](const std::string& path, double number, std::int64_t begin) {
        auto one = put<Plain>("One", begin, {Plain{number}});
        one.layout = std::make_shared<const StructDefinition>(definition(path));
        return one;
    };
    const auto old = definition("gain");
    db.register_structs({&old, 1});
    const auto before = commit(db, {record("gain", 1, 10)}).commit;
    const auto renamed = definition("amplification");
    RegisterOptions options;
    options.rules = {{"a test", "struct One\nfrom " + evolution::layout_name(old) + " to " +
                                    evolution::layout_name(renamed) + "\n  rename gain -> amplification\n"}};
    db.register_structs({&renamed, 1}, options);
    const auto after = commit(db, {record("amplification", 2, 10)}).commit;
    db.advance();
    CHECK(differences_of(as_of(side(db, "One"), before), as_of(side(db, "One"), after)) ==
          Lines{"One/0 amplification row 0: 1 -> 2 in [" + format_time(Time{10}) + ", )"});
}

TEST_CASE("two places are compared, and the one that knows both layouts says how") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    auto db = create_with<Gain1>(engine.url());
    commit(db, {put<Gain1>("Gain", 10, {gain1(7, 1.5F)})});
    db.advance();
    auto other = create_with<Gain1>("sqlite:" + directory.file("other.db"));
    register_as<Gain2>(other);
    Gain2 row{};
    row.offset = 2;
    row.channel = 8;
    row.gain[0] = row.gain[1] = 1.5F;
    std::memcpy(row.label, "tpc", 4);
    commit(other, {put<Gain2>("Gain", 10, {row})});
    other.advance();
    const auto span = " in [" + format_time(Time{10}) + ", )";
    CHECK(differences_of(side(db, "Gain"), side(other, "Gain")) ==
          Lines{"Gain/0 offset row 0: - -> 2" + span, "Gain/0 channel row 0: 7 -> 8" + span});
    CHECK(differences_of(side(other, "Gain"), side(db, "Gain")) ==
          Lines{"Gain/0 offset row 0: 2 -> -" + span, "Gain/0 channel row 0: 8 -> 7" + span});
}

TEST_CASE("layouts that no place has both of are an error that says what to do") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    auto db = create_with<Gain1>(engine.url());
    commit(db, {put<Gain1>("Gain", 10, {gain1(7)})});
    db.advance();
    auto other = create_with<Gain2>("sqlite:" + directory.file("other.db"));
    commit(other, {put<Gain2>("Gain", 10, {Gain2{}})});
    other.advance();
    const auto error = error_of([&] { (void)differences_of(side(db, "Gain"), side(other, "Gain")); });
    CHECK(error.code() == ErrorCode::Conversion);
    CHECK(error.info().advice.find("register the newer one") == 0);
}

TEST_CASE("over a range every stretch is compared, exactly, and equal neighbours are one") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    constexpr std::int64_t kEnd = 24;
    int number = 0;
    const auto check = [&] {
        const auto name = "Plain" + std::to_string(number++);
        NameSpec spec;
        spec.name = name;
        spec.struct_name = "Plain";
        if (pick(0, 3) == 0) spec.policy = OrderPolicy::ByCreation;
        db.define_name(spec);
        std::vector<std::int64_t> commits;
        for (int c = 0; c < 2; ++c) {
            std::vector<PutRecord> records;
            std::set<std::pair<std::int64_t, std::int64_t>> seen;
            const auto count = pick(1, 6);
            for (std::uint64_t i = 0; i < count; ++i) {
                const auto begin = static_cast<std::int64_t>(pick(0, kEnd));
                std::vector<Plain> rows;
                const auto num_rows = pick(0, 4);
                for (std::uint64_t r = 0; r < num_rows; ++r) rows.push_back({static_cast<double>(pick(0, 2))});
                auto record = put<Plain>(name, begin, rows);
                if (pick(0, 2) == 0) record.end = begin + 1 + static_cast<std::int64_t>(pick(0, 8));
                record.element = static_cast<std::int64_t>(pick(0, 2));
                if (seen.emplace(record.begin, record.element).second) records.push_back(record);
            }
            commits.push_back(commit(db, records).commit);
        }
        db.advance();
        auto before = as_of(side(db, name), commits[0]);
        auto after = as_of(side(db, name), commits[1]);
        before.fetch.elements = after.fetch.elements = {0, 1};
        DiffOptions options;
        std::int64_t first = -1;
        std::int64_t last = kEnd + 12;
        if (pick(0, 2) == 0) {
            first = static_cast<std::int64_t>(pick(0, kEnd));
            last = first + 1 + static_cast<std::int64_t>(pick(0, 10));
            options.range = Interval{Axis::Time, first, last};
        }
        // Point by point; neighbours with the same differences are one.
        Lines expected;
        for (const std::int64_t element : {0, 1}) {
            const auto head = name + "/" + std::to_string(element);
            Lines open;
            std::int64_t begin = first;
            const auto close = [&](std::optional<std::int64_t> end) {
                const bool from_start = begin == -1;
                for (const auto& line : open) {
                    expected.push_back(line + " in [" + (from_start ? "-inf" : format_time(Time{begin})) + ", " +
                                       (end ? format_time(Time{*end}) : "") + ")");
                }
            };
            for (auto at = first; at < last; ++at) {
                auto here = model(point_of(db, before, element, at), point_of(db, after, element, at), head);
                if (here == open) continue;
                close(at);
                open = std::move(here);
                begin = at;
            }
            close(options.range ? std::optional(last) : std::nullopt);
        }
        RC_ASSERT(differences_of(before, after, options) == expected);
    };
    CHECK(check_some("ranges beside points", 40, check));
}

TEST_CASE(
    "stretches in which other rows have the same differences are one, and values count for each pair of contents") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    const auto first =
        commit(db, {put<Gain1>("Gain", 10, {gain1(1, 1, "a")}), put<Gain1>("Gain", 20, {gain1(2, 1, "a")}),
                    put<Gain1>("Gain", 30, {gain1(2, 1, "a")})})
            .commit;
    const auto second =
        commit(db, {put<Gain1>("Gain", 10, {gain1(1, 1, "b")}), put<Gain1>("Gain", 20, {gain1(2, 1, "b")}),
                    put<Gain1>("Gain", 30, {gain1(2, 1, "b")})})
            .commit;
    db.advance();
    DiffReport report;
    CHECK(differences_of(as_of(side(db, "Gain"), first), as_of(side(db, "Gain"), second), {}, &report) ==
          Lines{"Gain/0 label row 0: a -> b in [" + format_time(Time{10}) + ", )"});
    CHECK(member_of(report, "label").differ == 1);
    CHECK(member_of(report, "label").values == 2);
    CHECK(member_of(report, "gain").values == 6);
}

TEST_CASE("a range that ends at infinity has its last point, and positions at both infinities are compared") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const auto first = commit(db, {value(1, kMinusInfinity, kPlusInfinity)}).commit;
    const auto second = commit(db, {value(1, kMinusInfinity)}).commit;
    db.advance();
    const auto before = as_of(side(db, "Plain"), first);
    const auto after = as_of(side(db, "Plain"), second);
    CHECK(differences_of(before, after) == Lines{"Plain/0 status: Gap -> Found in [inf, )"});
    DiffOptions finite;
    finite.range = Interval{Axis::Time, 0, kPlusInfinity};
    CHECK(differences_of(before, after, finite).empty());
}

TEST_CASE("tolerances hold for single members and values, and infinities equal only themselves") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    constexpr auto kInf = std::numeric_limits<float>::infinity();
    auto one = gain1(100);
    auto other = gain1(101);
    one.gain[0] = 1000;
    other.gain[0] = 1001;
    one.gain[1] = kInf;
    other.gain[1] = 1;
    one.gain[2] = -kInf;
    other.gain[2] = -kInf;
    commit(db, {put<Gain1>("Gain", 10, {one}), put<Gain1>("Gain", 20, {other})});
    db.advance();
    const auto differ = [&](DiffOptions options) {
        return differences_of(side(db, "Gain", Time{10}), side(db, "Gain", Time{20}), options).size();
    };
    const DiffTolerance any{"", std::numeric_limits<double>::infinity()};
    CHECK(differ({}) == 3);
    CHECK(differ({.absolute = {{"", 1}}}) == 1);
    CHECK(differ({.absolute = {any}}) == 1);
    CHECK(differ({.relative = {{"", 1e-3}}}) == 2);
    CHECK(differ({.relative = {{"gain[0]", 1e-3}}}) == 2);
    CHECK(differ({.absolute = {{"channel", 1}}}) == 2);
    CHECK(differ({.absolute = {{"channel", 0.99}}}) == 3);
    CHECK(differ({.absolute = {{"", 1}, {"channel", 0}}}) == 2);
}

TEST_CASE("rows go by their key, in a range too") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    const auto first = commit(db, {put<Gain1>("Gain", 10, {gain1(7, 1), gain1(8, 2), gain1(9, 3)})}).commit;
    const auto second = commit(db, {put<Gain1>("Gain", 10, {gain1(9, 3), gain1(5, 4), gain1(7, 1.5F)})}).commit;
    db.advance();
    DiffOptions options;
    options.keys = {{"Gain", {"channel"}}};
    const auto span = " in [" + format_time(Time{10}) + ", )";
    CHECK(differences_of(as_of(side(db, "Gain"), first), as_of(side(db, "Gain"), second), options) ==
          Lines{"Gain/0 gain#0 row 0 key 7: 1 -> 1.5" + span, "Gain/0 gain#1 row 0 key 7: 1 -> 1.5" + span,
                "Gain/0 gain#2 row 0 key 7: 1 -> 1.5" + span, "Gain/0 row removed row 1 key 8: row -> -" + span,
                "Gain/0 row added row 1 key 5: - -> row" + span});
}

TEST_CASE("each element is compared by itself, whatever layouts the others have") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    auto old = put<Gain1>("Gain", 10, {gain1(1)});
    auto later = put<Gain1>("Gain", 20, {gain1(2)});
    commit(db, {old, later});
    register_as<Gain2>(db);
    auto newer = put<Gain2>("Gain", 10, {Gain2{}});
    newer.element = 1;
    commit(db, {newer});
    db.advance();
    auto before = side(db, "Gain", Time{10});
    auto after = side(db, "Gain", Time{20});
    before.fetch.elements = after.fetch.elements = {0, 1, 2};
    DiffReport report;
    CHECK(differences_of(before, after, {}, &report) == Lines{"Gain/0 channel row 0: 1 -> 2"});
    // Element 0 has three gains in its layout, element 1 two in its own.
    CHECK(member_of(report, "gain").values == 5);
    CHECK(report.before.truncated.empty());
}

TEST_CASE("sides that cannot be compared are errors that say why") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1, Plain>(engine.url());
    db.define_name({"ByRun", "Plain", Axis::Run, {}, {}});
    commit(db, {put<Gain1>("Gain", 10, {gain1(7)}), value(1, 10)});
    db.advance();
    const auto error = [&](const DiffSide& a, const DiffSide& b, const DiffOptions& options = {}) {
        return error_of([&] { (void)find_differences(a, b, options); });
    };
    CHECK(error(side(db, "Gain"), side(db, "Plain")).info().what == "the sides have different structs");
    CHECK(error(side(db, "ByRun"), side(db, "Plain")).info().what == "the sides are on different axes");
    CHECK(error(side(db, "Plain"), side(db, "Plain", Time{10})).code() == ErrorCode::Usage);
    CHECK(error(side(db, "Plaine"), side(db, "Plain")).code() == ErrorCode::Unknown);
    CHECK(error(side(db, "Plain", Run{1}), side(db, "Plain", Run{2})).code() == ErrorCode::WrongAxis);
    DiffOptions options;
    options.range = Interval{Axis::Run, 1, 5};
    CHECK(error(side(db, "Plain"), side(db, "Plain"), options).code() == ErrorCode::WrongAxis);
    options.range = Interval{Axis::Time, 5, 5};
    CHECK(error(side(db, "Plain"), side(db, "Plain"), options).info().what == "a comparison over an empty range");
    options = {};
    options.keys = {{"", {"gain"}}};
    CHECK(error(side(db, "Gain"), side(db, "Gain"), options).info().what == "a key is an array");
}

TEST_CASE(
    "a tolerance of a member that none of the compared layouts has is an error, although another version has it") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    commit(db, {put<Gain1>("Gain", 10, {gain1(7)}), put<Gain1>("Gain", 20, {gain1(8)})});
    register_as<Gain2>(db);
    db.advance();
    DiffOptions options;
    options.absolute = {{"offset", 1}};
    const auto error =
        error_of([&] { (void)find_differences(side(db, "Gain", Time{10}), side(db, "Gain", Time{20}), options); });
    CHECK(error.code() == ErrorCode::Usage);
    CHECK(error.info().what == "a tolerance fits no member of the layouts that were compared");
}

TEST_CASE("differences are handed on while they are found, and an error of the visitor ends the comparison") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    commit(db, {put<Plain>("Plain", 10, std::vector<Plain>(1000, Plain{1})),
                put<Plain>("Plain", 20, std::vector<Plain>(1000, Plain{2}))});
    db.advance();
    int calls = 0;
    const auto visit = [&](const Difference&) {
        if (++calls == 3) throw std::runtime_error("enough");
    };
    CHECK_THROWS_WITH((void)find_differences(side(db, "Plain", Time{10}), side(db, "Plain", Time{20}), {}, visit),
                      "enough");
    CHECK(calls == 3);
    // Without a visitor there is the summary.
    const auto report = find_differences(side(db, "Plain", Time{10}), side(db, "Plain", Time{20}));
    CHECK(report.differences == 1000);
    CHECK(report.members.front().mean == DiffNumber(1.0));
}
