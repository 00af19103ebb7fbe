// History as its own kind of answer: records by their own interval, entry, author, version and element, against a
// model.
#include <rapidcheck.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <tuple>

#include "backends/each_engine.h"
#include "database/support.h"
#include "index/commits.h"
#include "index/history.h"
#include "index/many_cases.h"
#include "index/names.h"
#include "index/retire.h"

using namespace etalon;
using etalon::test::check_many;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::Plain;
using etalon::test::put;
using etalon::test::raw_script;
using etalon::test::value;

namespace {

std::int64_t pick(std::int64_t begin, std::int64_t end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(begin, end));
}
bool chance(std::int64_t one_in) {
    return pick(0, one_in) == 0;
}

/// Few numbers, so that edges meet; all far ends of the axis.
const std::vector<std::int64_t> kPoints{kMinusInfinity,    kMinusInfinity + 1, -1, 0, 1, 2, 3,
                                        kPlusInfinity - 1, kPlusInfinity};

/// A position or, as the last of all, what lies behind them: a record's missing end, a range that is open there.
struct Place {
    bool behind_all = false;
    std::int64_t at = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
};
Place place(const std::optional<std::int64_t>& at) {
    return at ? Place{false, *at} : Place{true, 0};
}

/// The issue, word for word.
bool model_relates(Relation relation, Place begin, Place end, Place s, Place e) {
    switch (relation) {
        case Relation::Before:
            return end <= s;
        case Relation::After:
            return begin >= e;
        case Relation::Misses:
            return end <= s || begin >= e;
        case Relation::Throughout:
            return begin <= s && end >= e;
        case Relation::Within:
            return begin >= s && end <= e;
        case Relation::Overlaps:
            return begin < e && end > s;
        case Relation::Starts:
            return s <= begin && begin < e;
        case Relation::Ends:
            return s < end && end <= e;
    }
    return false;
}

constexpr int kRelations = 8;
std::vector<Relation> all_relations() {
    std::vector<Relation> all;
    for (int i = 1; i <= kRelations; ++i) all.push_back(static_cast<Relation>(i));
    return all;
}

using Identity = std::tuple<std::int64_t, std::optional<std::int64_t>>;

}  // namespace

TEST_CASE("the relation of intervals is the definition, for every edge of the axis") {
    std::uint64_t cases = 0;
    for (const auto relation : all_relations()) {
        for (const auto begin : kPoints) {
            for (std::size_t last = 0; last <= kPoints.size(); ++last) {
                const auto end = last == kPoints.size() ? std::nullopt : std::optional(kPoints[last]);
                if (end && *end <= begin) continue;
                for (std::size_t i = 0; i <= kPoints.size(); ++i) {
                    const auto from = i == kPoints.size() ? std::nullopt : std::optional(kPoints[i]);
                    for (std::size_t k = 0; k <= kPoints.size(); ++k) {
                        const auto to = k == kPoints.size() ? std::nullopt : std::optional(kPoints[k]);
                        const auto s = place(from.value_or(kMinusInfinity));
                        REQUIRE(index::relates(relation, {Axis::Time, begin, end}, from, to) ==
                                model_relates(relation, place(begin), place(end), s, place(to)));
                        ++cases;
                    }
                }
            }
        }
    }
    CHECK(cases > 30'000);
}

TEST_CASE("history finds the records of every relation to every range, on both axes") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    db.define_name(
        {.name = "byRun", .struct_name = "Plain", .axis = Axis::Run, .policy = {}, .storage = {}, .coverage = {}});
    std::vector<std::pair<std::int64_t, std::optional<std::int64_t>>> records;
    std::vector<PutRecord> puts;
    std::int64_t element = 0;
    for (const auto begin : kPoints) {
        for (std::size_t last = 0; last <= kPoints.size(); ++last) {
            const auto end = last == kPoints.size() ? std::nullopt : std::optional(kPoints[last]);
            if (begin == kPlusInfinity || (end && *end <= begin)) continue;  // no record is so
            records.emplace_back(begin, end);
            for (const auto* name : {"Plain", "byRun"}) puts.push_back(value(1, begin, end, "default", element, name));
            ++element;
        }
    }
    commit(db, puts);
    db.advance();
    int asked = 0;
    for (const auto axis : {Axis::Time, Axis::Run}) {
        const auto* name = axis == Axis::Time ? "Plain" : "byRun";
        for (const auto relation : all_relations()) {
            for (std::size_t i = 0; i <= kPoints.size(); ++i) {
                for (std::size_t k = 0; k <= kPoints.size(); ++k) {
                    HistoryOptions options;
                    options.relation = relation;
                    if (i < kPoints.size()) options.from = Position(axis, kPoints[i]);
                    if (k < kPoints.size()) options.to = Position(axis, kPoints[k]);
                    const auto from = i < kPoints.size() ? kPoints[i] : kMinusInfinity;
                    const bool empty = options.to && options.to->value <= from;
                    const bool lacks = (relation == Relation::Before && !options.from) ||
                                       ((relation == Relation::After || relation == Relation::Ends) && !options.to) ||
                                       (!options.from && !options.to);
                    CAPTURE(name_of(relation));
                    CAPTURE(from);
                    CAPTURE(k);
                    if (empty || lacks) {
                        CHECK(error_of([&] { (void)db.history(name, options); }).code() == ErrorCode::Usage);
                        continue;
                    }
                    std::vector<std::int64_t> expected;
                    const auto e = options.to ? place(options.to->value) : place(std::nullopt);
                    for (std::size_t r = 0; r < records.size(); ++r) {
                        const auto& [begin, end] = records[r];
                        if (model_relates(relation, place(begin), place(end), place(from), e)) {
                            expected.push_back(static_cast<std::int64_t>(r));
                        }
                    }
                    std::vector<std::int64_t> found;
                    for (const auto& record : db.history(name, options)) found.push_back(record.element);
                    REQUIRE(found == expected);
                    if (relation == Relation::Overlaps) {
                        options.relation.reset();  // what a range alone means
                        REQUIRE(db.history(name, options).size() == expected.size());
                    }
                    ++asked;
                }
            }
        }
    }
    CHECK(asked > 600);
}

TEST_CASE("a relation that lacks its edge, and a range on the other axis, are errors that say so") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const auto error = [&](HistoryOptions options) { return error_of([&] { (void)db.history("Plain", options); }); };
    HistoryOptions options;
    options.relation = Relation::Before;
    options.to = Time{5};
    CHECK(error(options).info().what == "before needs the beginning (from) of the range");
    options.relation = Relation::After;
    options.to.reset();
    options.from = Time{5};
    CHECK(error(options).info().what == "after needs the end (to) of the range");
    options.to = Time{5};
    CHECK(error(options).info().what == "the range is empty");
    options.to = Time{4};
    CHECK(error(options).info().what == "the range runs backwards");
    options.to = Run{9};
    CHECK(error(options).code() == ErrorCode::WrongAxis);
    options = {};
    options.relation = Relation::Overlaps;
    CHECK(error(options).code() == ErrorCode::Usage);
    options = {};
    options.entered_from = Time{3};
    options.entered_to = Time{3};
    CHECK(error(options).info().what == "the range of entry times is empty");
    options = {};
    options.versions = {"a,b"};
    CHECK(error(options).code() == ErrorCode::BadInput);
    options = {};
    options.author = "\xff";
    CHECK(error(options).code() == ErrorCode::Usage);
    CHECK(error_of([] { (void)parse_relation("overlap"); }).info().advice == "did you mean 'overlaps'?");
    CHECK(error_of([] { (void)parse_history_order("comit"); }).info().advice == "did you mean 'commit'?");
    for (const auto relation : all_relations()) CHECK(parse_relation(name_of(relation)) == relation);
}

TEST_CASE("history against a model: filters, retired records, snapshots, order and limit") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const std::vector<std::string> versions{"default", "sim", "B", "a", "k\xc3\xa4se", "k:;--$1"};
    const std::vector<std::string> authors{"ann", "Ann", "o'neill \"x\"", "\xc3\xb6"};
    // One history for all questions; made with fixed numbers, so that both engines see the same.
    std::uint32_t state = 12345;
    const auto next = [&](std::uint32_t most) { return (state = state * 1664525U + 1013904223U, (state >> 8) % most); };
    for (int number = 0; number < 12; ++number) {
        std::vector<PutRecord> puts;
        std::set<std::tuple<std::string, std::int64_t, std::int64_t>> taken;
        for (std::uint32_t i = 0; i < 6; ++i) {
            const auto& version = versions[next(6)];
            const auto element = static_cast<std::int64_t>(next(4)) - 1;
            const auto begin = kPoints[next(8)];
            if (!taken.emplace(version, element, begin).second) continue;
            std::optional<std::int64_t> end = kPoints[next(9)];
            if (*end <= begin) end.reset();
            puts.push_back(next(5) == 0 ? test::hole(begin, end, "Plain", element)
                                        : value(number, begin, end, version, element));
            puts.back().version = version;
            puts.back().created = Time{static_cast<std::int64_t>(next(3))};
        }
        db.commit(puts, CommitInfo{authors[next(4)], "", "", "reason " + std::to_string(number)});
        if (number % 3 == 2) {
            const auto connection =
                backends::open_connection(backends::parse_place_url(engine.url()), backends::OpenMode::Existing);
            const auto tx = connection->begin(backends::TransactionMode::Write);
            const auto stamp = index::begin_commit(*tx, Time{0});
            const auto name = index::find_name(*tx, "Plain", kPlusInfinity);
            REQUIRE(name.has_value());
            std::vector<index::LiveRecord> records;
            {
                const auto cursor = tx->query(backends::Sql(R"(SELECT "ID", "elementID", "version" FROM "dataIndex"
WHERE "retiredSeq" IS NULL AND "ID" % 5 = ?1)"),
                                              {static_cast<std::int64_t>(number % 5)});
                while (cursor->next()) {
                    auto& record = records.emplace_back();
                    record.id = cursor->integer(0);
                    record.element = cursor->integer(1);
                    record.version = cursor->text(2);
                }
            }
            index::retire_records(*tx, stamp, *name, records);
            index::write_commit_log(*tx, stamp, {"x", "x", "x", "x"});
            tx->commit();
        }
    }
    const auto last = db.advance();
    const auto all = db.history("Plain");
    REQUIRE(all.size() > 50);
    // What the plain list does not give: the place within the commit is the order of the default list's ties.
    CHECK(check_many("history with filters", 400, [&] {
        HistoryOptions options;
        const auto snapshot = chance(2) ? last : pick(0, last + 1);
        options.as_of = snapshot;
        while (options.versions.size() < 3 && chance(2))
            options.versions.push_back(versions[static_cast<std::size_t>(pick(0, 6))]);
        while (options.elements.size() < 3 && chance(3)) options.elements.push_back(pick(-1, 4));
        if (chance(3)) options.author = chance(4) ? "nobody" : authors[static_cast<std::size_t>(pick(0, 4))];
        options.retired = static_cast<RetiredFilter>(pick(1, 4));
        const auto& from = all[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(all.size())))].entered;
        if (chance(3)) options.entered_from = from;
        if (chance(3)) options.entered_to = Time{from.ns + pick(0, 2) + (options.entered_from ? 1 : 0)};
        if (chance(3)) {
            options.relation = static_cast<Relation>(pick(1, kRelations + 1));
            options.from = Time{kPoints[static_cast<std::size_t>(pick(0, 8))]};
            options.to = Time{options.from->value + 1};
        }
        options.order = static_cast<HistoryOrder>(pick(1, 6));
        options.descending = chance(2);
        options.limit = chance(2) ? 0 : static_cast<std::uint64_t>(pick(1, 10));

        std::vector<HistoryRecord> expected;
        for (auto record : all) {
            if (record.retired && *record.retired > snapshot) record.retired.reset();
            const auto one_of = [](const auto& list, const auto& one) {
                return list.empty() || std::find(list.begin(), list.end(), one) != list.end();
            };
            const bool kept =
                record.commit <= snapshot && one_of(options.versions, record.version) &&
                one_of(options.elements, record.element) && (!options.author || record.author == *options.author) &&
                (options.retired == RetiredFilter::All ||
                 (options.retired == RetiredFilter::Retired) == record.retired.has_value()) &&
                (!options.entered_from || record.entered >= *options.entered_from) &&
                (!options.entered_to || record.entered < *options.entered_to) &&
                (!options.relation ||
                 model_relates(*options.relation, place(record.interval.begin), place(record.interval.end),
                               place(options.from->value), place(options.to->value)));
            if (kept) expected.push_back(record);
        }
        const auto key = [&](const HistoryRecord& r) {
            const auto first = options.order == HistoryOrder::Begin     ? r.interval.begin
                               : options.order == HistoryOrder::Created ? r.created.ns
                               : options.order == HistoryOrder::Element ? 0
                                                                        : r.commit;
            return std::tuple(first, r.element, r.version, r.interval.begin, r.commit);
        };
        const bool in_commit = options.order == HistoryOrder::Commit || options.order == HistoryOrder::Entered;
        const auto found = db.history("Plain", options);
        RC_ASSERT(found.size() ==
                  (options.limit == 0 ? expected.size() : std::min<std::size_t>(options.limit, expected.size())));
        std::sort(expected.begin(), expected.end(), [&](const auto& a, const auto& b) {
            if (in_commit) return options.descending ? a.commit > b.commit : a.commit < b.commit;
            return options.descending ? key(a) > key(b) : key(a) < key(b);
        });
        std::set<std::string> uids;
        for (std::size_t i = 0; i < found.size(); ++i) {
            RC_ASSERT(uids.insert(found[i].uid).second);
            const auto same = in_commit ? std::find_if(expected.begin(), expected.end(),
                                                       [&](const auto& r) { return r.uid == found[i].uid; })
                                        : expected.begin() + static_cast<std::ptrdiff_t>(i);
            RC_ASSERT(same != expected.end());
            RC_ASSERT(found[i].uid == same->uid);
            RC_ASSERT(found[i].commit == expected[i].commit);
            RC_ASSERT(found[i].retired == same->retired);
            RC_ASSERT(found[i].interval == same->interval);
            RC_ASSERT(found[i].author == same->author);
            RC_ASSERT(found[i].reason == same->reason);
            RC_ASSERT(found[i].rows == same->rows);
        }
        if (in_commit && options.limit == 0) {  // the other direction is the same list from behind
            options.descending = !options.descending;
            auto reversed = db.history("Plain", options);
            std::reverse(reversed.begin(), reversed.end());
            for (std::size_t i = 0; i < found.size(); ++i) RC_ASSERT(reversed[i].uid == found[i].uid);
        }
    }));
}

TEST_CASE("history of an order by commit keeps the order in which records were put") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    commit(db, {value(1, 30), value(2, 10), value(3, 20)});
    commit(db, {value(4, 5)});
    db.advance();
    HistoryOptions options;
    options.order = HistoryOrder::Commit;
    const auto begins = [&] {
        std::vector<std::int64_t> list;
        for (const auto& record : db.history("Plain", options)) list.push_back(record.interval.begin);
        return list;
    };
    CHECK(begins() == std::vector<std::int64_t>{30, 10, 20, 5});
    options.descending = true;
    CHECK(begins() == std::vector<std::int64_t>{5, 20, 10, 30});
    options.limit = 2;
    CHECK(begins() == std::vector<std::int64_t>{5, 20});
    options.order = HistoryOrder::Begin;
    options.limit = std::numeric_limits<std::uint64_t>::max();
    CHECK(begins() == std::vector<std::int64_t>{30, 20, 10, 5});
    CHECK(db.history("Plain").front().author == "tester");
    CHECK(db.history("Plain").front().reason == "a test");
}

TEST_CASE("history finds records by uid") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    commit(db, {value(1, 10), value(2, 20), value(3, 30)});
    db.advance();
    const auto all = db.history("Plain");
    HistoryOptions options;
    options.uids = {all[2].uid, all[0].uid, std::string(32, '0')};
    const auto found = db.history("Plain", options);
    REQUIRE(found.size() == 2);
    CHECK(found[0].uid == all[0].uid);
    CHECK(found[1].uid == all[2].uid);
    options.uids = {"X" + all[0].uid.substr(1)};
    CHECK(error_of([&] { (void)db.history("Plain", options); }).code() == ErrorCode::BadInput);
}

TEST_CASE("retiring takes the records that history lists for the same options, and no others") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    db.commit(std::vector<PutRecord>{value(1, 10, 20), value(2, 20, 30), value(3, 30)}, CommitInfo{"ann", "", "", ""});
    db.commit(std::vector<PutRecord>{value(4, 40, 50), value(5, 50), value(6, 50, std::nullopt, "sim", 1)},
              CommitInfo{"bob", "", "", ""});
    db.advance();
    std::vector<HistoryOptions> questions(8);
    questions[0].relation = Relation::Within;
    questions[0].from = Time{15};
    questions[0].to = Time{30};
    questions[1].to = Time{15};
    questions[2].author = "bob";
    questions[3].where = parse_condition("value >= 3 and value < 5");
    questions[4].versions = {"sim"};
    questions[5].elements = {1};
    questions[6].order = HistoryOrder::Begin;
    questions[6].limit = 1;
    questions[7].entered_to = db.history("Plain").back().entered;
    for (auto& question : questions) {
        question.retired = RetiredFilter::Live;
        const auto listed = db.history("Plain", question);
        const auto planned = db.retire("Plain", question, CommitInfo{"tester", "", "", "why"}, true, true).records;
        REQUIRE(listed.size() == planned.size());
        for (std::size_t i = 0; i < listed.size(); ++i) CHECK(listed[i].uid == planned[i].uid);
        CHECK_FALSE(listed.empty());
        CHECK(listed.size() < 6);
    }
    const auto before = db.history("Plain", questions[3]);
    const auto report = db.retire("Plain", questions[3], CommitInfo{"tester", "", "", "why"}, true);
    CHECK(report.records.size() == 2);
    db.advance();
    HistoryOptions retired;
    retired.retired = RetiredFilter::Retired;
    const auto gone = db.history("Plain", retired);
    REQUIRE(gone.size() == 2);
    CHECK(gone[0].uid == before[0].uid);
    CHECK(gone[1].uid == before[1].uid);
    CHECK(gone[0].retired == report.commit);
    CHECK(db.retire("Plain", retired, CommitInfo{"tester", "", "", "again"}, true, true).records.empty());
}
