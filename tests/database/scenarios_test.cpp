// How other conditions databases choose, told in Etalon's words: the ideas are those of their public documentation, the
// values and answers were written by hand here.
#include <doctest/doctest.h>

#include "database/support.h"
#include "etalon/federation.h"

using namespace etalon;
using namespace etalon::test;

namespace {

const CommitInfo kWho{"tester", "", "", "a test"};

std::int64_t day(const std::string& text) {
    return parse_time(text).ns;
}
Time at(const std::string& text) {
    return parse_time(text);
}

/// What is valid: `1 2 -`, element by element (`-` gap, `o` hole), and the interval behind it.
std::string told(Database& db, const std::string& name, Position position, const FetchOptions& options = {}) {
    const auto rows = db.fetch<Plain>(name, position, options);
    std::string out;
    for (const auto& one : rows.elements()) {
        if (!out.empty()) out += ' ';
        if (one.status != Status::Found) {
            out += one.status == Status::Hole ? "o" : "-";
            continue;
        }
        for (const auto& row : rows.of_element(one.element)) out += std::to_string(static_cast<int>(row.value));
    }
    const auto& validity = rows.validity();
    const auto text = [&](std::int64_t value) {
        auto written = format_position({validity.axis, value});
        const auto midnight = written.find("T00:00:00Z");
        return midnight == std::string::npos ? written : written.substr(0, midnight);
    };
    return out + " [" + text(validity.begin) + ", " + (validity.end ? text(*validity.end) : "") + ")";
}

PutRecord record(const std::string& name, double number, const std::string& begin, const std::string& end = "",
                 const std::string& version = "default", std::int64_t element = 0, const std::string& created = "") {
    auto made = value(number, day(begin), end.empty() ? std::nullopt : std::optional(day(end)), version, element, name);
    if (!created.empty()) made.created = at(created);
    return made;
}

NameSpec by_creation(const std::string& name) {
    NameSpec spec;
    spec.name = name;
    spec.struct_name = "Plain";
    spec.policy = OrderPolicy::ByCreation;
    return spec;
}

FetchOptions with(const std::string& version, std::vector<std::int64_t> elements = {0}) {
    FetchOptions options;
    options.version = version;
    options.elements = std::move(elements);
    return options;
}

}  // namespace

// --- MINOS DBI: a context (time, detector, kind of data, task) selects one validity record per aggregate; of
// overlapping ones the later creation date wins and cuts the effective range; a cascade of databases, first wins.
// Detector, kind of data and task are versions here, aggregates are elements.

TEST_CASE("DBI: a later creation date overlays an earlier record, and both ends of the effective range are trimmed") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    db.define_name(by_creation("calib"));
    // A broad default, a correction for some days, and a correction of a part of that, committed in the wrong order.
    commit(db, {record("calib", 3, "2005-03-10", "2005-03-20", "default", 0, "2005-06-01"),
                record("calib", 1, "2005-01-01", "2006-01-01", "default", 0, "2005-01-01"),
                record("calib", 2, "2005-03-01", "2005-04-01", "default", 0, "2005-05-01")});
    db.advance();
    CHECK(told(db, "calib", at("2005-02-01")) == "1 [2005-01-01, 2005-03-01)");
    CHECK(told(db, "calib", at("2005-03-05")) == "2 [2005-03-01, 2005-03-10)");
    CHECK(told(db, "calib", at("2005-03-10")) == "3 [2005-03-10, 2005-03-20)");
    CHECK(told(db, "calib", at("2005-03-20")) == "2 [2005-03-20, 2005-04-01)");
    CHECK(told(db, "calib", at("2005-05-01")) == "1 [2005-04-01, 2006-01-01)");
    // Rolled back to what was known: commits, not creation dates, are what a snapshot counts.
    CHECK(told(db, "calib", at("2006-01-01")) == "- [2006-01-01, )");
}

TEST_CASE("DBI: gaps between validity ranges are answers with their exact range, not failures") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    db.define_name(by_creation("calib"));
    commit(db, {record("calib", 1, "2005-01-01", "2005-02-01"), record("calib", 2, "2005-03-01", "2005-04-01")});
    db.advance();
    CHECK(told(db, "calib", at("2005-02-15")) == "- [2005-02-01, 2005-03-01)");
    CHECK(told(db, "calib", at("2004-02-15")) == "- [-inf, 2005-01-01)");
    CHECK(told(db, "calib", at("2005-04-01")) == "- [2005-04-01, )");
}

TEST_CASE("DBI: each aggregate has validity of its own, and the whole table is good while all of them are") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    db.define_name(by_creation("planes"));
    commit(db, {record("planes", 1, "2005-01-01", "2005-12-01", "default", 0),
                record("planes", 2, "2005-01-10", "2005-02-01", "default", 1),
                record("planes", 4, "2005-01-20", "2005-11-01", "default", 3)});
    db.advance();
    const auto all = with("", {0, 1, 2, 3});
    CHECK(told(db, "planes", at("2005-01-25"), all) == "1 2 - 4 [2005-01-20, 2005-02-01)");
    CHECK(told(db, "planes", at("2005-02-01"), all) == "1 - - 4 [2005-02-01, 2005-11-01)");
    CHECK(db.fetch<Plain>("planes", at("2005-02-01"), all).missing() == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("DBI: tasks and simulation flags are versions, tried in the order that the job gives") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    db.define_name(by_creation("calib"));
    commit(db, {record("calib", 1, "2005-01-01", "", "data"), record("calib", 2, "2005-02-01", "2005-03-01", "mc"),
                record("calib", 3, "2005-02-10", "2005-02-20", "mc.task2")});
    db.advance();
    // Simulation first, real data where there is none.
    CHECK(told(db, "calib", at("2005-02-05"), with("mc,data")) == "2 [2005-02-01, 2005-03-01)");
    CHECK(told(db, "calib", at("2005-01-05"), with("mc,data")) == "1 [2005-01-01, 2005-02-01)");
    CHECK(told(db, "calib", at("2005-03-05"), with("mc,data")) == "1 [2005-03-01, )");
    CHECK(told(db, "calib", at("2005-02-15"), with("mc.task2,mc,data")) == "3 [2005-02-10, 2005-02-20)");
    CHECK(told(db, "calib", at("2005-02-15"), with("mc.task1")) == "- [-inf, )");
}

TEST_CASE("DBI: in a cascade of databases the first that has any aggregate answers for all") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    const auto mine = engine.layer(directory.file("mine.db"));
    auto official = create_with<Plain>(engine.url());
    auto own = create_with<Plain>(mine);
    for (auto* db : {&official, &own}) db->define_name(by_creation("planes"));
    commit(official,
           {record("planes", 1, "2005-01-01", "", "default", 0), record("planes", 2, "2005-01-01", "", "default", 1)});
    commit(own, {record("planes", 9, "2005-02-01", "2005-03-01", "default", 1)});
    auto cascade = Database::open({mine, engine.url()});
    auto options = with("", {0, 1});
    CHECK(told(cascade, "planes", at("2005-02-15"), options) == "1 9 [2005-02-01, 2005-03-01)");  // Etalon's own way
    options.layer_unit = LayerUnit::Answer;
    CHECK(told(cascade, "planes", at("2005-02-15"), options) == "- 9 [2005-02-01, 2005-03-01)");
    CHECK(told(cascade, "planes", at("2005-01-15"), options) == "1 2 [2005-01-01, 2005-02-01)");
    CHECK(told(cascade, "planes", at("2005-03-01"), options) == "1 2 [2005-03-01, )");
}

// --- STAR StDb: a record is good from its beginTime until the next one of its kind; entryTime says when it was
// entered, and a production asks for what was entered before a date; flavors `ofl` and `sim`; deactivated records do
// not count; one row per element, chosen one by one.

TEST_CASE("StDb: the latest begin time at or before the event wins, until the next begins") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    commit(db, {record("Plain", 2, "2001-08-01", "", "ofl"), record("Plain", 1, "2001-07-01", "", "ofl"),
                record("Plain", 3, "2001-09-01", "", "ofl")});
    db.advance();
    CHECK(told(db, "Plain", at("2001-08-15"), with("ofl")) == "2 [2001-08-01, 2001-09-01)");
    CHECK(told(db, "Plain", at("2001-06-30"), with("ofl")) == "- [-inf, 2001-07-01)");
    CHECK(told(db, "Plain", at("2010-01-01"), with("ofl")) == "3 [2001-09-01, )");
}

TEST_CASE("StDb: a flavor falls back to another, so that simulation sees real values where it has none of its own") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    commit(db, {record("Plain", 1, "2001-07-01", "", "ofl"), record("Plain", 2, "2001-08-01", "", "sim"),
                record("Plain", 3, "2001-09-01", "", "ofl")});
    db.advance();
    CHECK(told(db, "Plain", at("2001-07-15"), with("sim,ofl")) == "1 [2001-07-01, 2001-08-01)");
    // A chain is an order: the newer `ofl` record does not end the `sim` one.
    CHECK(told(db, "Plain", at("2001-10-01"), with("sim,ofl")) == "2 [2001-08-01, )");
    // Flavors of equal rank (`sim+ofl` there, too): the later begin decides.
    CHECK(told(db, "Plain", at("2001-10-01"), with("sim+ofl")) == "3 [2001-09-01, )");
    CHECK(told(db, "Plain", at("2001-08-15"), with("sim+ofl")) == "2 [2001-08-01, 2001-09-01)");
    CHECK(told(db, "Plain", at("2001-08-15"), with("ofl,sim")) == "1 [2001-07-01, 2001-09-01)");
}

TEST_CASE("StDb: a production sees what was entered before its date, whatever is entered later") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const auto first = commit(db, {record("Plain", 1, "2001-07-01", "", "ofl")});
    // Entered again with the same begin: a correction; and one that begins in between.
    commit(db, {record("Plain", 2, "2001-07-01", "", "ofl"), record("Plain", 3, "2001-07-10", "", "ofl")});
    db.advance();
    auto options = with("ofl");
    CHECK(told(db, "Plain", at("2001-07-05"), options) == "2 [2001-07-01, 2001-07-10)");
    options.as_of = first.entry_time;
    CHECK(told(db, "Plain", at("2001-07-05"), options) == "1 [2001-07-01, )");
    options.as_of = Time{first.entry_time.ns - 1};
    CHECK(told(db, "Plain", at("2001-07-05"), options) == "- [-inf, )");
}

TEST_CASE("StDb: a deactivated record does not count any more, and a production of before still sees it") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    commit(db, {record("Plain", 1, "2001-07-01", "", "ofl")});
    const auto second = commit(db, {record("Plain", 2, "2001-07-01", "", "ofl")});
    HistoryOptions which;
    which.entered_from = second.entry_time;
    db.advance();
    (void)db.retire("Plain", which, kWho);
    db.advance();
    auto options = with("ofl");
    CHECK(told(db, "Plain", at("2001-07-05"), options) == "1 [2001-07-01, )");
    options.as_of = second.entry_time;
    CHECK(told(db, "Plain", at("2001-07-05"), options) == "2 [2001-07-01, )");
}

TEST_CASE("StDb: every element of a list has its own record, and none takes the place of a missing one") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    NameSpec spec = by_creation("sectors");
    spec.policy = OrderPolicy::ByBegin;
    spec.coverage = parse_coverage("complete(0-3)");
    db.define_name(spec);
    commit(db, {record("sectors", 1, "2001-07-01", "", "ofl", 0), record("sectors", 2, "2001-08-01", "", "ofl", 0),
                record("sectors", 3, "2001-07-15", "", "ofl", 1), record("sectors", 5, "2001-07-01", "", "ofl", 3)});
    db.advance();
    const auto all = with("ofl", parse_elements("0-3"));
    CHECK(told(db, "sectors", at("2001-07-20"), all) == "1 3 - 5 [2001-07-15, 2001-08-01)");
    CHECK(db.fetch<Plain>("sectors", at("2001-07-20"), all).status() == Status::Incomplete);
    CHECK(told(db, "sectors", at("2001-09-01"), with("ofl", {3, 0})) == "5 2 [2001-08-01, )");
}

// --- Rubin Butler: datasets are certified into a calibration collection for disjoint timespans; certifying over
// another is a conflict; decertifying a timespan cuts it out of whatever was there. Here certify is a put with both
// ends, a decertified timespan is a hole (or the record is retired and its rest put again), and the conflict is asked
// for by the caller: history tells what overlaps.

namespace {

/// Certified: a on [1, 3), b on [3, 5).
void certify(Database& db) {
    commit(db, {value(1, 1, 3), value(2, 3, 5)});
    db.advance();
}

/// What overlaps a timespan, retired records left out.
std::size_t overlapping(Database& db, std::int64_t begin, std::int64_t end) {
    HistoryOptions which;
    which.from = Time{begin};
    which.to = Time{end};
    which.relation = Relation::Overlaps;
    which.retired = RetiredFilter::Live;
    return db.history("Plain", which).size();
}

std::string at_points(Database& db, const FetchOptions& options = {}) {
    std::string out;
    for (const auto point : {0, 1, 2, 3, 4, 5}) {
        const auto rows = db.fetch<Plain>("Plain", Time{point}, options);
        out += rows.status() == Status::Found ? std::to_string(static_cast<int>(rows[0].value))
                                              : std::string(rows.status() == Status::Hole ? "o" : "-");
    }
    return out;
}

}  // namespace

TEST_CASE("Butler: disjoint timespans are certified, lookups find the one that contains the time, half-open") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    certify(db);
    CHECK(at_points(db) == "-1122-");
    CHECK(db.fetch<Plain>("Plain", Time{0}).validity() == Interval{Axis::Time, kMinusInfinity, 1});
    CHECK(db.fetch<Plain>("Plain", Time{4}).validity() == Interval{Axis::Time, 3, 5});
    CHECK(db.fetch<Plain>("Plain", Time{5}).validity() == Interval{Axis::Time, 5, std::nullopt});
    // Which further timespans would be a conflict.
    CHECK(overlapping(db, 0, 1) == 0);
    CHECK(overlapping(db, 5, 9) == 0);
    CHECK(overlapping(db, 0, 2) == 1);
    CHECK(overlapping(db, 2, 4) == 2);
    CHECK(overlapping(db, kMinusInfinity, kPlusInfinity) == 2);
    CHECK(overlapping(db, 2, 3) == 1);
}

TEST_CASE("Butler: decertifying a timespan in the middle, by a hole") {
    const EachEngine engine;
    if (!engine) return;
    struct Row {
        std::int64_t begin;
        std::int64_t end;
        const char* expected;
    };
    // Left of all, left into a, inside a, all of a, across both, all of both, inside b, right out of b, right of all,
    // all.
    for (const auto& row : {Row{-3, 1, "o1122-"}, Row{0, 2, "oo122-"}, Row{2, 3, "-1o22-"}, Row{1, 3, "-oo22-"},
                            Row{2, 4, "-1oo2-"}, Row{1, 5, "-oooo-"}, Row{3, 4, "-11o2-"}, Row{4, 9, "-112oo"},
                            Row{5, 9, "-1122o"}, Row{kMinusInfinity, kPlusInfinity, "oooooo"}}) {
        CAPTURE(row.expected);
        auto db = Database::open("memory:");
        (void)register_as<Plain>(db);
        certify(db);
        // A hole wins where it is: by creation, else an earlier begin would lose to the records that it cuts.
        NameSpec spec;
        spec.name = "Plain";
        spec.policy = OrderPolicy::ByCreation;
        db.define_name(spec);
        commit(db, {hole(row.begin, row.end)});
        db.advance();
        CHECK(at_points(db) == row.expected);
    }
}

TEST_CASE("Butler: decertifying by retiring the record and putting its rests leaves a gap, and the past as it was") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    certify(db);
    const auto before = db.snapshot();
    // [2, 4) goes: a keeps [1, 2), b keeps [4, 5).
    HistoryOptions which;
    which.from = Time{2};
    which.to = Time{4};
    which.retired = RetiredFilter::Live;
    CHECK_THROWS_AS((void)db.retire("Plain", which, kWho), Error);  // several, and nobody said so
    const auto retired = db.retire("Plain", which, kWho, true);
    CHECK(retired.records.size() == 2);
    commit(db, {value(1, 1, 2), value(2, 4, 5)});
    db.advance();
    CHECK(at_points(db) == "-1--2-");
    CHECK(db.fetch<Plain>("Plain", Time{2}).validity() == Interval{Axis::Time, 2, 4});
    CHECK(overlapping(db, 2, 4) == 0);
    FetchOptions options;
    options.as_of = before;
    CHECK(at_points(db, options) == "-1122-");
    // The values were not stored again.
    CHECK(ask(*backends::open_connection(backends::parse_place_url(engine.url()), backends::OpenMode::Existing),
              R"(SELECT count(*) FROM "payload")") == 2);
}

TEST_CASE("Butler: collections are searched in order, each dataset by itself") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    commit(db, {value(1, 1, 5, "calib.old"), value(2, 3, 9, "calib.new", 0), value(7, 1, 9, "calib.old", 1)});
    db.advance();
    CHECK(told(db, "Plain", Time{4}, with("calib.new,calib.old", {0, 1})).substr(0, 4) == "2 7 ");
    CHECK(told(db, "Plain", Time{2}, with("calib.new,calib.old", {0, 1})).substr(0, 4) == "1 7 ");
    CHECK(told(db, "Plain", Time{7}, with("calib.old,calib.new", {0, 1})).substr(0, 4) == "2 7 ");
}

// --- JLab CCDB: a table has constants per run range and variation; a variation has a parent up to `default`; what was
// entered last for a run wins within a variation; a request may name a time of entry.

TEST_CASE("CCDB: within a variation what was entered last for a run wins") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    auto spec = by_creation("shift");
    spec.axis = Axis::Run;
    db.define_name(spec);
    const auto range = [](double number, std::int64_t first, std::optional<std::int64_t> last,
                          const std::string& variation = "default") {
        return value(number, first, last ? std::optional(*last + 1) : std::nullopt, variation, 0, "shift");
    };
    const auto first = commit(db, {range(1, 0, std::nullopt)});
    const auto second = commit(db, {range(2, 500, 3000)});
    commit(db, {range(3, 0, 999)});
    db.advance();
    CHECK(told(db, "shift", Run{100}) == "3 [0, 1000)");
    CHECK(told(db, "shift", Run{999}) == "3 [0, 1000)");
    CHECK(told(db, "shift", Run{1000}) == "2 [1000, 3001)");
    CHECK(told(db, "shift", Run{5000}) == "1 [3001, )");
    CHECK(told(db, "shift", Run{-1}) == "- [-inf, 0)");
    FetchOptions options;
    options.as_of = second.entry_time;
    CHECK(told(db, "shift", Run{600}, options) == "2 [500, 3001)");
    options.as_of = first.entry_time;
    CHECK(told(db, "shift", Run{600}, options) == "1 [0, )");
}

TEST_CASE("CCDB: a variation asks its parents, up to the default one, run by run") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    auto spec = by_creation("shift");
    spec.axis = Axis::Run;
    db.define_name(spec);
    commit(db, {value(1, 0, std::nullopt, "default", 0, "shift"), value(2, 100, 200, "mc", 0, "shift"),
                value(3, 150, 160, "mc_cosmics", 0, "shift"), value(9, 0, std::nullopt, "test", 0, "shift")});
    // Entered last, and yet below its children.
    commit(db, {value(4, 0, std::nullopt, "default", 0, "shift")});
    db.advance();
    const std::string chain = "mc_cosmics,mc,default";
    CHECK(told(db, "shift", Run{155}, with(chain)) == "3 [150, 160)");
    CHECK(told(db, "shift", Run{120}, with(chain)) == "2 [100, 150)");
    CHECK(told(db, "shift", Run{180}, with(chain)) == "2 [160, 200)");
    CHECK(told(db, "shift", Run{50}, with(chain)) == "4 [0, 100)");
    CHECK(told(db, "shift", Run{155}) == "4 [0, )");  // the default variation
    CHECK(told(db, "shift", Run{155}, with("nowhere,default")) == "4 [0, )");
}
