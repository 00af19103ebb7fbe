// Several processes at once, and processes that die.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "database/support.h"

using namespace etalon;
using backends::Sql;
using backends::TransactionMode;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::Gain1;
using etalon::test::gain1;
using etalon::test::Plain;
using etalon::test::put;
using etalon::test::value;

namespace {

/// A child process that runs `work` and exits with 0, or with 1 and a message when it throws.
pid_t start(const std::function<void()>& work) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child != 0) return child;
    try {
        work();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "child: %s\n", error.what());
        _exit(1);
    }
    _exit(0);
}

bool succeeded(pid_t child) {
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Commit numbers, entry times and records of a database hang together: nothing lost, double, or half there.
void check_whole(const std::string& url, std::int64_t records_in_each) {
    const auto connection = backends::open_connection(backends::parse_place(url), backends::OpenMode::Existing);
    const auto tx = connection->begin(TransactionMode::Read);
    const auto number = [&](const std::string& sql) {
        const auto cursor = tx->query(Sql(sql), {});
        REQUIRE(cursor->next());
        return cursor->integer(0);
    };
    std::int64_t last = 0;
    std::int64_t last_time = 0;
    {
        const auto cursor =
            tx->query(Sql(R"(SELECT c."commitSeq", c."entryTime", c."reason", (SELECT count(*) FROM "dataIndex" d
WHERE d."commitSeq" = c."commitSeq") FROM "commitLog" c ORDER BY c."commitSeq")"),
                      {});
        while (cursor->next()) {
            CHECK(cursor->integer(0) == last + 1);
            last = cursor->integer(0);
            CHECK(cursor->integer(1) > last_time);
            last_time = cursor->integer(1);
            if (cursor->text(2) == "data") CHECK(cursor->integer(3) == records_in_each);
        }
    }
    CHECK(number(R"(SELECT "lastSeq" FROM "commitCounter")") == last);
    CHECK(number(R"(SELECT "lastEntryTime" FROM "commitCounter")") == last_time);
    CHECK(number(R"(SELECT count(*) FROM "dataIndex" d WHERE NOT EXISTS (SELECT 1 FROM "commitLog" c
WHERE c."commitSeq" = d."commitSeq" AND c."entryTime" = d."entryTime"))") == 0);
    CHECK(number(R"(SELECT count(*) FROM "dataIndex" d WHERE d."numRows" > 0 AND NOT EXISTS (SELECT 1 FROM "payload" p
WHERE p."dataID" = d."dataID" AND p."numRows" = d."numRows"))") == 0);
    CHECK(
        number(
            R"(SELECT count(*) FROM "payload" p WHERE p."encoding" = 1 AND p."numRows" <> (SELECT count(*) FROM "Gain" g
WHERE g."dataID" = p."dataID") + (SELECT count(*) FROM "Plain" g WHERE g."dataID" = p."dataID"))") == 0);
    CHECK(number(R"(SELECT count(*) FROM "payload" p WHERE p."encoding" = 2 AND NOT EXISTS (SELECT 1 FROM "bytes" b
WHERE b."dataID" = p."dataID"))") == 0);
    CHECK(number(R"(SELECT count(*) FROM "payload" p WHERE NOT EXISTS (SELECT 1 FROM "dataIndex" d
WHERE p."dataID" = d."dataID"))") == 0);
    CHECK(number(R"(SELECT count(*) FROM "Gain" g WHERE NOT EXISTS (SELECT 1 FROM "payload" p
WHERE p."dataID" = g."dataID"))") == 0);
    CHECK(number(R"(SELECT count(*) FROM "bytes" g WHERE NOT EXISTS (SELECT 1 FROM "payload" p
WHERE p."dataID" = g."dataID"))") == 0);
    // Every record begins a stretch of its own in by_begin, or a later one with the same begin does.
    CHECK(number(R"(SELECT count(*) FROM "dataIndex" d WHERE d."retiredSeq" IS NULL AND NOT EXISTS (SELECT 1 FROM "timeline" t
JOIN "dataIndex" w ON w."ID" = t."recordID" WHERE t."nameID" = d."nameID" AND t."elementID" = d."elementID"
AND t."version" = d."version" AND t."beginTime" = d."beginTime" AND w."commitSeq" >= d."commitSeq"))") == 0);
    CHECK(number(R"(SELECT count(*) FROM "timelinePast" WHERE "fromSeq" >= "toSeq")") == 0);
}

const CommitInfo kData{"tester", "", "", "data"};

}  // namespace

TEST_CASE("four processes commit twenty-five times each, and nothing is lost") {
    const EachEngine engine;
    if (!engine) return;
    create_with<Plain, Gain1>(engine.url());
    constexpr std::int64_t kProcesses = 4;
    constexpr std::int64_t kCommits = 25;
    std::vector<pid_t> children;
    for (std::int64_t process = 0; process < kProcesses; ++process) {
        children.push_back(start([&] {
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
        }));
    }
    for (const auto child : children) CHECK(succeeded(child));
    check_whole(engine.url(), 2);
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
    std::vector<pid_t> children;
    for (int process = 0; process < 4; ++process) {
        children.push_back(start([&, process] {
            auto db = Database::open(engine.url(), {.create = true});
            etalon::test::register_as<Plain>(db);
            (void)commit(db, {value(process, process)});
        }));
    }
    for (const auto child : children) CHECK(succeeded(child));
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
    const auto writer = start([&] {
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
    CHECK(succeeded(writer));
    db.advance();
    for (const auto& [number, answer] : seen) CHECK(read(number) == answer);
}

TEST_CASE("schemas are registered while others commit to the same struct") {
    const EachEngine engine;
    if (!engine) return;
    create_with<Plain, Gain1>(engine.url());
    std::vector<pid_t> children;
    for (int process = 0; process < 2; ++process) {
        children.push_back(start([&, process] {
            auto db = Database::open(engine.url());
            for (int i = 0; i < 40; ++i) {
                (void)db.commit(std::vector<PutRecord>{put<Gain1>("Gain", i * 2 + process, {gain1(i * 2 + process)})},
                                kData);
            }
        }));
    }
    children.push_back(start([&] {
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
    }));
    children.push_back(start([&] {  // readers go on meanwhile
        auto db = Database::open(engine.url());
        for (int i = 0; i < 60; ++i) {
            db.advance();
            const auto rows = db.fetch<Gain1>("Gain", Time{1000});
            if (rows && rows[0].label[0] != 't') throw std::runtime_error("wrong rows");
        }
    }));
    for (const auto child : children) CHECK(succeeded(child));
    check_whole(engine.url(), 1);
    auto db = Database::open(engine.url());
    CHECK(db.structs()[0].schemas == 13);
    for (int i = 0; i < 80; ++i) CHECK(db.fetch<Gain1>("Gain", Time{i})[0].channel == i);
}

TEST_CASE("a process killed during a commit leaves all of it or nothing") {
    const EachEngine engine;
    if (!engine) return;
    {
        auto db = create_with<Plain, Gain1>(engine.url());
        db.define_name({"GainBytes", "Gain", {}, {}, Storage::Bytes});
    }
    constexpr std::int64_t kRecords = 60;
    std::mt19937 random(20261121);
    std::int64_t committed = 0;
    for (int round = 0; round < 20; ++round) {
        int ready[2];
        REQUIRE(pipe(ready) == 0);
        const auto child = start([&] {
            auto db = Database::open(engine.url());
            for (std::int32_t i = 0;; ++i) {
                std::vector<PutRecord> records;
                for (std::int64_t element = 0; element < kRecords; ++element) {
                    std::vector<Gain1> rows;
                    for (std::int32_t row = 0; row < 20; ++row)
                        rows.push_back(gain1(round * 1'000'000 + i * 1000 + row, static_cast<float>(element)));
                    records.push_back(put<Gain1>(element % 2 == 0 ? "Gain" : "GainBytes", i, rows));
                    records.back().element = element;
                    records.back().end = i + element + 1;
                }
                (void)db.commit(records, kData);
                if (i == 0 && write(ready[1], "x", 1) != 1) throw std::runtime_error("pipe");
            }
        });
        char byte = 0;
        REQUIRE(read(ready[0], &byte, 1) == 1);
        usleep(static_cast<useconds_t>(random() % 40'000));
        REQUIRE(kill(child, SIGKILL) == 0);
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        REQUIRE(WIFSIGNALED(status));
        close(ready[0]);
        close(ready[1]);
        check_whole(engine.url(), kRecords);
        auto db = Database::open(engine.url());
        committed = db.snapshot();
        // The next writer is not held up by what was left.
        const auto next = db.commit(std::vector<PutRecord>{value(round, round)}, CommitInfo{"", "", "", "one"});
        CHECK(next.commit >= committed + 1);
    }
    MESSAGE("commits that got through: ", committed);
    CHECK(committed >= 3 + 2 * 20 - 1);  // one of each round and the one after it at least
    auto db = Database::open(engine.url());
    for (const auto* name : {"Gain", "GainBytes"}) {
        FetchOptions options;
        for (std::int64_t element = name == std::string("Gain") ? 0 : 1; element < kRecords; element += 2)
            options.elements.push_back(element);
        options.elements.erase(options.elements.begin());
        CHECK(db.fetch<Gain1>(name, Time{0}, options).size() == options.elements.size() * 20);
    }
}
