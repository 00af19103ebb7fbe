// Several processes at once, and processes that die.
#include <doctest/doctest.h>
#include <map>
#include <vector>

#include "database/support.h"
#include "processes/whole.h"
#include "support/children.h"

using namespace etalon;
using etalon::test::check_timelines;
using etalon::test::check_whole;
using etalon::test::Child;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::Gain1;
using etalon::test::gain1;
using etalon::test::Plain;
using etalon::test::put;
using etalon::test::value;

namespace {

const CommitInfo kData{"tester", "", "", "data"};

}  // namespace

TEST_CASE("four processes commit twenty-five times each, and nothing is lost") {
    const EachEngine engine;
    if (!engine) return;
    create_with<Plain, Gain1>(engine.url());
    constexpr std::int64_t kProcesses = 4;
    constexpr std::int64_t kCommits = 25;
    std::vector<Child> children;
    for (std::int64_t process = 0; process < kProcesses; ++process) {
        children.emplace_back([&] {
            auto db = Database::open(engine.url());
            std::int64_t last = 0;
            Time last_time{0};
            for (std::int64_t i = 0; i < kCommits; ++i) {
                // Some payloads are new to all, so that writers meet on the same hash.
                const std::vector<PutRecord> records{
                    value(static_cast<double>(i), i, std::nullopt, "default", process),
                    value(static_cast<double>(process * 1000 + i), i, i + 1, "own", process)};
                const auto done = db.commit(records, kData);
                if (done.commit <= last || done.entry_time <= last_time)
                    throw std::runtime_error("commits out of order");
                last = done.commit;
                last_time = done.entry_time;
                if (db.advance() < done.commit) throw std::runtime_error("own commit not visible");
                FetchOptions options;
                options.elements = {process};
                if (db.fetch<Plain>("Plain", Time{i}, options)[0].value != static_cast<double>(i))
                    throw std::runtime_error("own value not there");
            }
        });
    }
    for (auto& child : children) CHECK(child.succeeded());
    check_whole(engine.url(), 2);
    check_timelines(engine.url());
    auto db = Database::open(engine.url());
    CHECK(db.log().size() == static_cast<std::size_t>(kProcesses * kCommits + 2));
    FetchOptions all;
    all.elements = {0, 1, 2, 3};
    all.version = "own,default";
    for (std::int64_t i = 0; i < kCommits; ++i) {
        const auto rows = db.fetch<Plain>("Plain", Time{i}, all);
        REQUIRE(rows.size() == 4);
        for (std::int64_t process = 0; process < kProcesses; ++process) {
            CHECK(rows[static_cast<std::size_t>(process)].value == static_cast<double>(process * 1000 + i));
        }
    }
    const auto connection = engine.open(backends::OpenMode::Existing);
    // 25 shared values, and 100 of their own of which process 0's equal the shared ones.
    CHECK(etalon::test::ask(*connection, R"(SELECT count(*) FROM "payload")") == kCommits * kProcesses);
}

TEST_CASE("several processes may create one database at once") {
    const EachEngine engine;
    if (!engine) return;
    std::vector<Child> children;
    for (int process = 0; process < 4; ++process) {
        children.emplace_back([&, process] {
            auto db = Database::open(engine.url(), {.create = true});
            etalon::test::register_as<Plain>(db);
            (void)commit(db, {value(process, process)});
        });
    }
    for (auto& child : children) CHECK(child.succeeded());
    auto db = Database::open(engine.url());
    CHECK(db.snapshot() == 5);
    CHECK(db.structs()[0].schemas == 1);
    CHECK(db.fetch<Plain>("Plain", Time{3})[0].value == 3);
    const auto connection = engine.open(backends::OpenMode::Existing);
    CHECK(etalon::test::ask(*connection, R"(SELECT count(*) FROM "storeFormat")") == 1);
}

TEST_CASE("as of a commit reads the same while others commit") {
    const EachEngine engine;
    if (!engine) return;
    create_with<Plain, Gain1>(engine.url());
    Child writer([&] {
        auto db = Database::open(engine.url());
        for (int i = 0; i < 60; ++i) {
            (void)db.commit(std::vector<PutRecord>{value(i, i % 7, std::nullopt, i % 3 == 0 ? "sim" : "default")},
                            kData);
        }
    });
    auto db = Database::open(engine.url());
    std::map<std::int64_t, std::vector<std::string>> seen;
    const auto read = [&](std::int64_t number) {
        std::vector<std::string> uids;
        FetchOptions options;
        options.as_of = number;
        options.version = "sim,default";
        for (std::int64_t at = 0; at < 8; ++at) {
            const auto answer = db.fetch_rows("Plain", Time{at}, options);
            uids.push_back(answer->elements[0].provenance ? answer->elements[0].provenance->uid : "gap");
        }
        return uids;
    };
    for (int i = 0; i < 30; ++i) {
        const auto number = db.advance();
        const auto answer = read(number);
        if (const auto known = seen.find(number); known != seen.end()) CHECK(known->second == answer);
        seen[number] = answer;
    }
    CHECK(writer.succeeded());
    db.advance();
    for (const auto& [number, answer] : seen) CHECK(read(number) == answer);
}

TEST_CASE("schemas are registered while others commit to the same struct") {
    const EachEngine engine;
    if (!engine) return;
    create_with<Plain, Gain1>(engine.url());
    std::vector<Child> children;
    for (int process = 0; process < 2; ++process) {
        children.emplace_back([&, process] {
            auto db = Database::open(engine.url());
            for (int i = 0; i < 40; ++i) {
                (void)db.commit(std::vector<PutRecord>{put<Gain1>("Gain", i * 2 + process, {gain1(i * 2 + process)})},
                                kData);
            }
        });
    }
    children.emplace_back([&] {
        auto db = Database::open(engine.url());
        for (int i = 0; i < 12; ++i) {
            auto definition = etalon::test::definition_of<Gain1>();
            auto extra = definition.elements[0];
            extra.path = "extra" + std::to_string(i);
            extra.offset = definition.size;
            definition.elements.push_back(extra);
            definition.size += 4;
            if (db.register_structs({&definition, 1}).commit == 0) throw std::runtime_error("nothing registered");
        }
    });
    children.emplace_back([&] {  // readers go on meanwhile
        auto db = Database::open(engine.url());
        for (int i = 0; i < 60; ++i) {
            db.advance();
            const auto rows = db.fetch<Gain1>("Gain", Time{1000});
            if (rows && rows[0].label[0] != 't') throw std::runtime_error("wrong rows");
        }
    });
    for (auto& child : children) CHECK(child.succeeded());
    check_whole(engine.url(), 1);
    check_timelines(engine.url());
    auto db = Database::open(engine.url());
    CHECK(db.structs()[0].schemas == 13);
    for (int i = 0; i < 80; ++i) CHECK(db.fetch<Gain1>("Gain", Time{i})[0].channel == i);
}
