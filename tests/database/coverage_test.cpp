// Whether configurations are complete: against asking at every position.
#include "etalon/coverage.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>

#include "database/support.h"
#include "etalon/federation.h"
#include "support/temp_directory.h"

using namespace etalon;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::Plain;
using etalon::test::TempDirectory;
using etalon::test::value;

namespace {

constexpr std::int64_t kPositions = 30;

/// Two layouts of one struct that no law brings together.
StructDefinition odd(bool second) {
    return schema::from_json(
        second
            ? R"({"name":"Odd","size":8,"alignment":1,"elements":[{"name":"x","type":"char","dims":[8],"offset":0}]})"
            : R"({"name":"Odd","size":4,"alignment":4,"elements":[{"name":"x","type":"int32","offset":0}]})",
        "a test");
}

struct Node {
    std::string path;
    std::string database;
    std::string reference;
    std::string version;
    std::vector<std::int64_t> elements;
    bool base_line = false;
};

/// What a node is at a position; empty when it answers.
std::string fault_at(Database& db, const Node& node, std::int64_t at, const FetchOptions& how,
                     const DefinitionPtr& layout) {
    auto options = how;
    options.version = node.version;
    options.elements = node.elements;
    options.any_position = node.base_line;
    try {
        const auto answer = db.fetch_rows(node.reference, Time{at}, options, layout);
        if (answer->status == Status::Gap) return node.elements.size() > 1 ? "Gap no element" : "Gap ";
        if (answer->status != Status::Incomplete) return "";
        std::vector<std::int64_t> missing;
        for (const auto element : answer.missing()) {
            if (element < 2) missing.push_back(element);  // the promise
        }
        return fmt::format("Incomplete without element{} {}", missing.size() > 1 ? "s" : "", format_elements(missing));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Conversion) throw;
        return "Unreadable";
    }
}

std::string text_of(std::int64_t begin, std::int64_t end, const std::string& path, const std::string& fault) {
    return fmt::format("[{}, {}) {} {}\n", begin, end, path, fault);
}

/// All faults in [from, to), by asking everywhere, by node.
std::vector<std::string> model(Federation& federation, const std::vector<Node>& nodes, std::int64_t from,
                               std::int64_t to, const FetchOptions& how, const DefinitionPtr& layout) {
    std::vector<std::string> faults;
    for (const auto& node : nodes) {
        auto& db = federation.get(node.database);
        std::string last;
        std::int64_t begin = from;
        for (auto at = from; at <= to; ++at) {
            const auto now =
                at == to ? "" : fault_at(db, node, at, how, node.reference == "odd" ? layout : DefinitionPtr());
            if (now == last) continue;
            if (!last.empty()) faults.push_back(text_of(begin, at, node.path, last));
            last = now;
            begin = at;
        }
    }
    return faults;
}

std::vector<std::string> found(const CoverageReport& report, const std::vector<Node>& nodes) {
    std::vector<std::string> faults;
    for (const auto& node : nodes) {
        for (const auto& stretch : report.stretches) {
            if (stretch.path != node.path) continue;
            CHECK(stretch.database == node.database);
            REQUIRE(stretch.validity.end.has_value());
            const bool unreadable = stretch.status == CoverageStatus::Unreadable;
            if (unreadable) CHECK(stretch.reason.find("x") != std::string::npos);
            faults.push_back(
                text_of(stretch.validity.begin, *stretch.validity.end, node.path,
                        unreadable ? "Unreadable" : fmt::format("{} {}", name_of(stretch.status), stretch.reason)));
        }
    }
    return faults;
}

void fill(Database& db, std::mt19937& random, const std::vector<std::string>& names) {
    const auto pick = [&](std::int64_t most) {
        return static_cast<std::int64_t>(random() % static_cast<unsigned>(most));
    };
    const std::vector<std::string> versions{"default", "sim"};
    for (int i = 0; i < 5; ++i) {
        std::map<std::tuple<std::string, std::string, std::int64_t, std::int64_t>, PutRecord> records;
        for (int r = 0; r < 4; ++r) {
            const auto begin = pick(kPositions);
            const auto end = begin + 1 + pick(9);
            const auto& name = names[static_cast<std::size_t>(pick(static_cast<std::int64_t>(names.size())))];
            auto record = value(i, begin, pick(4) == 0 ? std::nullopt : std::optional(end),
                                versions[static_cast<std::size_t>(pick(3) / 2)], pick(3), name);
            if (name == "odd") {
                const auto layout = std::make_shared<const StructDefinition>(odd(pick(2) == 1));
                record.layout = layout;
                record.rows =
                    std::shared_ptr<const std::byte>(new std::byte[8](), std::default_delete<const std::byte[]>());
                record.num_rows = 1;
            }
            if (pick(8) == 0) {
                record.rows.reset();
                record.layout.reset();
                record.num_rows = 0;
            }
            records.insert_or_assign({name, record.version, record.element, begin}, record);
        }
        std::vector<PutRecord> all;
        for (auto& [key, record] : records) all.push_back(record);
        (void)commit(db, all);
        db.advance();
    }
}

Database make(const std::vector<std::string>& urls, std::mt19937& random) {
    auto db = create_with<Plain>(urls.back());
    for (const bool second : {false, true}) {
        const auto definition = odd(second);
        (void)db.register_structs({&definition, 1});
    }
    (void)db.define_name({"odd", "Odd", {}, {}, {}});
    (void)db.define_name({"promised", "Plain", {}, OrderPolicy::ByCreation, {}, parse_coverage("complete(0-1)")});
    db.advance();
    fill(db, random, {"Plain", "promised", "odd"});
    if (urls.size() == 1) return db;
    auto stack = Database::open(urls, {.create = true, .write_to = urls.front()});
    fill(stack, random, {"Plain", "promised", "odd"});
    return stack;
}

}  // namespace

TEST_CASE("faults of a configuration are those that asking at every position finds, over layers and databases") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    std::mt19937 random(20261202);
    std::size_t faults = 0;
    for (int round = 0; round < 3; ++round) {
        const auto above = engine.layer(directory.file(fmt::format("above{}.db", round)));
        const auto other = "sqlite:" + directory.file(fmt::format("other{}.db", round)) + "#other";
        const auto below = round == 0
                               ? engine.url()
                               : "sqlite:" + directory.file(fmt::format("below{}.db", round)) + "#" + engine.name();
        const std::vector<std::string> urls =
            round == 2 ? std::vector<std::string>{below} : std::vector<std::string>{above, below};
        {
            auto db = make(urls, random);
            const auto reach = [](std::string path, std::string ref, std::string version, std::string elements) {
                NodeSpec spec;
                spec.path = std::move(path);
                spec.ref_name = std::move(ref);
                spec.version = std::move(version);
                spec.elements = std::move(elements);
                return spec;
            };
            auto base = reach("Reco/base", "Plain", "sim", "2");
            base.base_line = true;
            NodeSpec crossing;
            crossing.path = "Reco/other";
            crossing.type = NodeType::Database;
            crossing.db_name = "other";
            crossing.ref_name = "There";
            crossing.version = "sim,default";
            const std::vector<NodeSpec> nodes{reach("Reco/plain", "Plain", "", ""),
                                              reach("Reco/dir/chain", "Plain", "sim,default", "0-2"),
                                              reach("Reco/dir/equal", "promised", "sim+default", "1"),
                                              reach("Reco/dir/all", "promised", "", "0-2"),
                                              reach("Reco/odd", "odd", "", "0"),
                                              reach("Reco/mixed", "odd", "sim,default", "0-1"),
                                              base,
                                              crossing};
            (void)db.add_nodes(nodes);
            auto there = make({other}, random);
            const std::vector<NodeSpec> theirs{reach("There/plain", "Plain", "", "1"),
                                               reach("There/odd", "odd", "default", "")};
            (void)there.add_nodes(theirs);
        }
        Federation federation;
        (void)federation.add(urls, {}, "here");
        (void)federation.add(other, {}, "other");
        const std::vector<Node> nodes{{"Reco/plain", "here", "Plain", "", {0}},
                                      {"Reco/dir/chain", "here", "Plain", "sim,default", {0, 1, 2}},
                                      {"Reco/dir/equal", "here", "promised", "sim+default", {1}},
                                      {"Reco/dir/all", "here", "promised", "", {0, 1, 2}},
                                      {"Reco/odd", "here", "odd", "", {0}},
                                      {"Reco/mixed", "here", "odd", "sim,default", {0, 1}},
                                      {"Reco/base", "here", "Plain", "sim", {2}, true},
                                      {"Reco/other/plain", "other", "Plain", "sim,default", {1}},
                                      {"Reco/other/odd", "other", "odd", "default", {0}}};
        for (int question = 0; question < 8; ++question) {
            CAPTURE(round);
            CAPTURE(question);
            CoverageRequest request;
            request.times = Interval{Axis::Time, question % 3 == 0 ? -3 : 4, question % 3 == 1 ? 17 : kPositions + 14};
            request.layer_unit = question % 2 == 0 ? LayerUnit::Element : LayerUnit::Answer;
            FetchOptions how;
            how.layer_unit = request.layer_unit;
            if (question >= 6) {
                // As of a time between two commits of both.
                const auto log = federation.get("other").log();
                request.as_of = log.at(log.size() / 2).entry_time;
                how.as_of = request.as_of;
            }
            DefinitionPtr layout;
            if (question >= 2) {
                layout = std::make_shared<const StructDefinition>(odd(question % 4 < 2));
                request.layouts = {layout};
            }
            const auto report = [&]() -> std::optional<CoverageReport> {
                try {
                    return check_coverage(federation, "Reco", "", request, "here");
                } catch (const Error& error) {
                    // Of before the references were there.
                    if (!request.as_of || error.code() != ErrorCode::Unknown) throw;
                    return std::nullopt;
                }
            }();
            if (!report) continue;
            const auto expected = model(federation, nodes, request.times->begin, *request.times->end, how, layout);
            CHECK(fmt::format("{}", fmt::join(found(*report, nodes), "")) ==
                  fmt::format("{}", fmt::join(expected, "")));
            CHECK(report->stretches.size() == expected.size());
            CHECK(report->nodes.size() == nodes.size());
            CHECK(std::ranges::is_sorted(report->stretches, {}, [](const auto& one) { return one.validity.begin; }));
            faults += expected.size();
        }
    }
    CHECK(faults > 300);
}

TEST_CASE("coverage needs a range that its nodes have, and says so") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    (void)db.define_name({"byRun", "Plain", Axis::Run, {}, {}});
    NodeSpec plain;
    plain.path = "Reco/Plain";
    NodeSpec by_run;
    by_run.path = "Reco/byRun";
    (void)db.add_nodes(std::vector{plain, by_run});
    (void)commit(db, {value(1, 5)});
    Federation federation;
    (void)federation.add(engine.url(), {}, "here");
    CoverageRequest request;
    CHECK(error_of([&] { (void)check_coverage(federation, "Reco", "", request); }).code() == ErrorCode::Usage);
    request.times = Interval{Axis::Time, 5, 5};
    CHECK(error_of([&] { (void)check_coverage(federation, "Reco", "", request); }).code() == ErrorCode::Usage);
    request.times = Interval{Axis::Time, 5, std::nullopt};
    const auto error = error_of([&] { (void)check_coverage(federation, "Reco", "", request); });
    CHECK(error.code() == ErrorCode::WrongAxis);
    CHECK(std::string(error.what()).find("Reco/byRun") != std::string::npos);
    request.runs = Interval{Axis::Run, 0, 10};
    const auto report = check_coverage(federation, "Reco", "", request);
    REQUIRE(report.stretches.size() == 1);
    CHECK(report.stretches[0].validity == Interval{Axis::Run, 0, 10});
    CHECK(report.stretches[0].path == "Reco/byRun");
    CHECK(error_of([&] { (void)check_coverage(federation, "Rico", "", request); }).code() == ErrorCode::Unknown);
    // An explicit end at infinity, in a chain of equal rank, to the end of the axis.
    NodeSpec equal;
    equal.path = "Other/equal";
    equal.ref_name = "Plain";
    equal.version = "sim+test";
    (void)db.add_nodes(std::vector{equal});
    (void)commit(db, {value(1, 5, kPlusInfinity, "sim")});
    Federation again;
    (void)again.add(engine.url(), {}, "here");
    CoverageRequest to_the_end;
    to_the_end.times = Interval{Axis::Time, 0, std::nullopt};
    const auto ends = check_coverage(again, "Other", "", to_the_end);
    REQUIRE_FALSE(ends.stretches.empty());
    CHECK(ends.stretches[0].validity == Interval{Axis::Time, 0, 5});
    // To the end of the axis, and from before the first record.
    request.times = Interval{Axis::Time, kMinusInfinity, std::nullopt};
    const auto all = check_coverage(federation, "Reco", "", request);
    REQUIRE(all.stretches.size() == 2);
    CHECK(all.stretches[0].validity == Interval{Axis::Time, kMinusInfinity, 5});
}
