// Values that were valid: winners among the records with a row for which a condition holds, and their exact intervals.
#include <rapidcheck.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "backends/each_engine.h"
#include "database/support.h"
#include "index/many_cases.h"
#include "schema/build.h"

using namespace etalon;
using etalon::test::check_some;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::element;
using etalon::test::error_of;
using etalon::test::Gain1;
using etalon::test::gain1;
using etalon::test::natural;
using etalon::test::put;
using etalon::test::TempDirectory;

namespace {

struct Row {
    std::int32_t k;
    std::int32_t tag;
};

StructDefinition sample() {
    return natural({element("k", ScalarType::Int32), element("tag", ScalarType::Int32)});
}

std::int64_t pick(std::int64_t end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(0, end));
}

struct ModelRecord {
    std::size_t layer = 0;  // 0 the top
    std::int64_t element = 0;
    std::string version;
    std::int64_t begin = 0;
    std::optional<std::int64_t> end;
    std::int64_t commit = 0;
    std::optional<std::int64_t> retired;
    std::vector<Row> rows;  // none: a hole
};

struct Where {
    std::string text;
    bool (*holds)(const Row&);
};
const std::vector<Where> kWheres{
    {"k = 1", [](const Row& row) { return row.k == 1; }},
    {"not k = 1", [](const Row& row) { return row.k != 1; }},
    {"k in (0, 2) and tag >= 2", [](const Row& row) { return (row.k == 0 || row.k == 2) && row.tag >= 2; }},
    {"k = 7", [](const Row& row) { return row.k == 7; }},
    {"k = 1 or tag = 3", [](const Row& row) { return row.k == 1 || row.tag == 3; }},
    {"k < 100", [](const Row&) { return true; }}};

struct Question {
    std::int64_t element = 0;
    std::vector<std::vector<std::string>> chain;
    std::int64_t snapshot = kPlusInfinity;
    const Where* where = nullptr;
};

using Winner = std::optional<std::size_t>;

/// Every record looked at, at one position.
Winner winner_at(const std::vector<ModelRecord>& records, std::size_t layers, OrderPolicy policy, const Question& asked,
                 std::int64_t at) {
    for (std::size_t layer = 0; layer < layers; ++layer) {
        for (const auto& rank : asked.chain) {
            Winner best;
            for (std::size_t i = 0; i < records.size(); ++i) {
                const auto& one = records[i];
                const bool counts = one.layer == layer && one.element == asked.element &&
                                    std::find(rank.begin(), rank.end(), one.version) != rank.end() &&
                                    one.commit <= asked.snapshot && (!one.retired || *one.retired > asked.snapshot) &&
                                    one.begin <= at && (!one.end || at < *one.end) &&
                                    std::any_of(one.rows.begin(), one.rows.end(), asked.where->holds);
                if (!counts) continue;
                const auto beats = [&](const ModelRecord& a, const ModelRecord& b) {
                    return policy == OrderPolicy::ByBegin ? std::tie(a.begin, a.commit) > std::tie(b.begin, b.commit)
                                                          : a.commit > b.commit;
                };
                if (!best || beats(one, records[*best])) best = i;
            }
            if (best) return best;
        }
    }
    return std::nullopt;
}

/// The winner, and as far as it goes.
std::pair<Winner, Interval> answer_at(const std::vector<ModelRecord>& records, std::size_t layers, OrderPolicy policy,
                                      const Question& asked, std::int64_t at) {
    std::vector<std::int64_t> edges{kMinusInfinity};
    for (const auto& one : records) {
        edges.push_back(one.begin);
        if (one.end) edges.push_back(*one.end);
    }
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    std::vector<Winner> winners;
    for (const auto edge : edges) winners.push_back(winner_at(records, layers, policy, asked, edge));
    auto here = static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), at) - edges.begin()) - 1;
    auto last = here;
    while (here > 0 && winners[here - 1] == winners[last]) --here;
    while (last + 1 < edges.size() && winners[last + 1] == winners[last]) ++last;
    Interval interval{Axis::Time, edges[here], std::nullopt};
    if (last + 1 < edges.size()) interval.end = edges[last + 1];
    return {winners[last], interval};
}

std::string text_of(const std::vector<std::vector<std::string>>& chain) {
    std::string out;
    for (const auto& rank : chain) {
        if (!out.empty()) out += ',';
        for (std::size_t i = 0; i < rank.size(); ++i) out += (i == 0 ? "" : "+") + rank[i];
    }
    return out;
}

std::int32_t tag_of(const Answer& answer) {
    Row row{};
    std::memcpy(&row, answer->data.get(), sizeof row);
    return row.tag;
}

}  // namespace

TEST_CASE("winners by a condition and their intervals are those of every record looked at") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    const auto definition = sample();
    int number = 0;
    CHECK(check_some("conditions in time", 12, [&] {
        // Two layers of which the lower also stands alone; each case with names of its own.
        const auto name = "Sample" + std::to_string(number++);
        const auto policy = pick(2) == 0 ? OrderPolicy::ByBegin : OrderPolicy::ByCreation;
        const auto lower = engine.url();
        const auto upper = engine.layer(directory.file("upper.db"));
        std::vector<Database> places;
        for (const auto& url : {upper, lower}) {
            places.push_back(Database::open(url, {.create = true}));
            places.back().register_structs({&definition, 1});
            places.back().define_name({.name = name,
                                       .struct_name = "Sample",
                                       .axis = {},
                                       .policy = policy,
                                       .storage = pick(3) == 0 ? Storage::Bytes : Storage::Columns,
                                       .coverage = {}});
            places.back().advance();
        }
        const std::vector<std::string> versions{"default", "sim", "own"};
        std::vector<ModelRecord> records;
        std::int32_t tag = 0;
        for (auto i = 12 + pick(12); i > 0; --i) {
            ModelRecord one;
            one.layer = pick(3) == 0 ? 0 : 1;
            one.element = pick(2);
            one.version = versions[static_cast<std::size_t>(pick(3))];
            one.begin = pick(12);
            if (pick(3) != 0) one.end = one.begin + 1 + pick(8);
            for (auto n = pick(4); n > 0; --n) one.rows.push_back({static_cast<std::int32_t>(pick(3)), tag % 5});
            ++tag;
            auto record = one.rows.empty() ? etalon::test::hole(one.begin, one.end, name, one.element) : PutRecord{};
            if (!one.rows.empty()) {
                const auto data = std::make_shared<std::vector<Row>>(one.rows);
                record.name = name;
                record.begin = one.begin;
                record.end = one.end;
                record.element = one.element;
                record.layout = std::make_shared<const StructDefinition>(definition);
                record.num_rows = one.rows.size();
                record.rows = std::shared_ptr<const std::byte>(data, reinterpret_cast<const std::byte*>(data->data()));
            }
            record.version = one.version;
            auto& place = places[one.layer];
            one.commit = commit(place, {record}).commit;
            records.push_back(one);
            if (pick(6) != 0) continue;
            // One of those that are there is retired.
            place.advance();
            const auto index = static_cast<std::size_t>(pick(static_cast<std::int64_t>(records.size())));
            auto& gone = records[index];
            if (gone.layer != one.layer || gone.retired) continue;
            HistoryOptions which;
            for (const auto& shown : place.history(name)) {
                if (shown.commit == gone.commit) which.uids = {shown.uid};
            }
            gone.retired = place.retire(name, which, {"", "", "", "wrong"}).commit;
        }
        auto alone = Database::open(lower);
        auto both = Database::open({upper, lower});
        for (int i = 0; i < 60; ++i) {
            Question asked;
            asked.element = pick(2);
            asked.where = &kWheres[static_cast<std::size_t>(pick(static_cast<std::int64_t>(kWheres.size())))];
            asked.chain = std::vector<std::vector<std::vector<std::string>>>{
                {{"default"}},
                {{"sim"}, {"default"}},
                {{"sim", "default"}},
                {{"own"}, {"sim", "default"}}}[static_cast<std::size_t>(pick(4))];
            const auto at = pick(24) - 2;
            FetchOptions options;
            options.version = text_of(asked.chain);
            options.elements = {asked.element};
            options.where = parse_condition(asked.where->text);
            const bool layered = pick(2) == 0;
            auto of_lower = records;
            if (!layered) {
                std::erase_if(of_lower, [](const ModelRecord& one) { return one.layer == 0; });
                for (auto& one : of_lower) one.layer = 0;
                if (pick(2) == 0) options.as_of = asked.snapshot = pick(alone.snapshot() + 1);
            }
            const auto& of_model = layered ? records : of_lower;
            const auto [winner, interval] = answer_at(of_model, layered ? 2 : 1, policy, asked, at);
            RC_LOG() << asked.where->text << " at " << at << " of " << options.version << '\n';
            auto& db = layered ? both : alone;
            const auto answer = db.fetch_rows(name, Time{at}, options);
            RC_ASSERT(answer->validity == interval);
            RC_ASSERT((answer->status == Status::Found) == winner.has_value());
            RC_CLASSIFY(winner.has_value());
            if (winner) {
                // All rows of the winner come.
                RC_ASSERT(answer->num_rows == of_model[*winner].rows.size());
                RC_ASSERT(tag_of(answer) == of_model[*winner].rows.front().tag);
            }
            const auto next = db.fetch_next(name, Time{at}, options);
            RC_ASSERT(next.has_value() == interval.end.has_value());
            if (next) {
                RC_ASSERT((*next)->validity ==
                          answer_at(of_model, layered ? 2 : 1, policy, asked, *interval.end).second);
            }
        }
    }));
}

TEST_CASE("the pixel size at one magnification goes on until the next one at that magnification") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    const auto size = [](std::int32_t magnification, float pixel) { return gain1(magnification, pixel); };
    commit(db, {put<Gain1>("Gain", 1, {size(50000, 0.2994F), size(5000, 3.0F)}),
                put<Gain1>("Gain", 2, {size(100000, 0.15F)}), put<Gain1>("Gain", 3, {size(25000, 0.6F)}),
                etalon::test::hole(4, std::nullopt, "Gain"), put<Gain1>("Gain", 5, {size(50000, 0.3001F)})});
    db.advance();
    FetchOptions options;
    options.where = parse_condition("channel = 50000");
    const auto answer = db.fetch_rows("Gain", Time{3}, options);
    REQUIRE(answer->status == Status::Found);
    CHECK(answer->validity == Interval{Axis::Time, 1, 5});
    CHECK(answer->num_rows == 2);
    Gain1 row{};
    std::memcpy(&row, answer->data.get(), sizeof row);
    CHECK(row.gain[0] == 0.2994F);
    CHECK(db.fetch<Gain1>("Gain", Time{6}, options)[0].gain[0] == 0.3001F);
    CHECK(db.fetch_rows("Gain", Time{0}, options)->status == Status::Gap);
    CHECK(db.fetch_rows("Gain", Time{0}, options)->validity == Interval{Axis::Time, kMinusInfinity, 1});
    // A read without the condition is another question, also when answers are kept.
    CHECK(db.fetch_rows("Gain", Time{3})->validity == Interval{Axis::Time, 3, 4});
    CHECK(db.fetch_rows("Gain", Time{3}, options)->validity == Interval{Axis::Time, 1, 5});
    std::vector<Interval> seen;
    db.scan(
        "Gain", Time{0}, Time{9},
        [&](const Answer& one) {
            seen.push_back(one->validity);
            return true;
        },
        options);
    CHECK(seen == std::vector<Interval>{{Axis::Time, kMinusInfinity, 1}, {Axis::Time, 1, 5}, {Axis::Time, 5, {}}});
    options.where = parse_condition("channel = 25000 or channel = 100000");
    CHECK(db.fetch_rows("Gain", Time{9}, options)->validity == Interval{Axis::Time, 3, std::nullopt});
    options.any_position = true;
    options.where = parse_condition("channel = 50000");
    CHECK(db.fetch_rows("Gain", Time{0}, options)->status == Status::Found);
    options.where = parse_condition("chanel = 1");
    CHECK(error_of([&] { (void)db.fetch_rows("Gain", Time{3}, options); }).code() == ErrorCode::Unknown);
}
