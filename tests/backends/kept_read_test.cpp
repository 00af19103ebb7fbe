// The reading transaction that is kept between reads of an SQLite file: answers are as new as without it, and a
// writer's log can start over.
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "backends/each_engine.h"
#include "backends/port.h"
#include "support/children.h"

using namespace etalon;
using namespace etalon::backends;
using etalon::test::Child;
using etalon::test::error_of;
using etalon::test::open_file;
using etalon::test::script;
using etalon::test::TempDirectory;

namespace fs = std::filesystem;

namespace {

void add(Connection& db, std::int64_t id) {
    const auto t = db.begin(TransactionMode::Write);
    t->execute("INSERT INTO t VALUES (?1, NULL)", {id});
    t->commit();
}

std::int64_t count(Connection& db, TransactionMode mode = TransactionMode::Single) {
    const auto t = db.begin(mode);
    const auto cursor = t->query("SELECT count(*) FROM t", {});
    REQUIRE(cursor->next());
    return cursor->integer(0);
}

struct File {
    TempDirectory directory;
    std::string path = directory.file("test.db");
    File() { script(*open_file(path, OpenMode::Create), "CREATE TABLE t(id INTEGER PRIMARY KEY, filler BLOB)"); }
};

}  // namespace

TEST_CASE("reads that follow each other keep a transaction, one that comes alone does not") {
    const File file;
    const auto writer = open_file(file.path);
    add(*writer, 1);  // the file has a log from now on
    const auto reader = open_file(file.path);
    CHECK_FALSE(reader->holds_read());
    std::this_thread::sleep_for(std::chrono::milliseconds(70));
    CHECK(count(*reader) == 1);
    CHECK_FALSE(reader->holds_read());
    // Close together, also on a machine that is busy: one of many pairs.
    for (int i = 0; i < 1000 && !reader->holds_read(); ++i) CHECK(count(*reader) == 1);
    CHECK(reader->holds_read());
    reader->rest();
    CHECK_FALSE(reader->holds_read());
    CHECK(count(*reader) == 1);
}

TEST_CASE("a file without a log is never held beyond a call") {
    const File file;
    {
        add(*open_file(file.path), 1);
    }
    const auto reader = open_file(file.path);
    for (int i = 0; i < 100; ++i) {
        CHECK(count(*reader) == 1);
        CHECK(count(*reader, TransactionMode::Read) == 1);
        CHECK_FALSE(reader->holds_read());
    }
    add(*open_file(file.path), 2);
    CHECK(count(*reader) == 2);
}

TEST_CASE("a kept transaction never hides a commit, whoever made it") {
    const File file;
    const auto first = open_file(file.path);
    const auto second = open_file(file.path);
    const auto reader = open_file(file.path);
    std::mt19937 random(20261130);
    std::int64_t rows = 0;
    int held = 0;
    for (int step = 0; step < 3000; ++step) {
        switch (random() % 8) {
            case 0:
                add(*first, ++rows);
                break;
            case 1:
                add(*second, ++rows);
                break;
            case 2:
                add(*reader, ++rows);
                break;
            case 3: {
                const auto undone = reader->begin(TransactionMode::Write);
                undone->execute("INSERT INTO t VALUES (?1, NULL)", {rows + 1});
                break;
            }
            case 4:
                CHECK(reader->has_relation("t"));
                break;
            case 5:
                CHECK(count(*reader, TransactionMode::Read) == rows);
                break;
            case 6: {
                const auto t = reader->begin(TransactionMode::Single);
                CHECK(error_of([&] { (void)t->query("SELECT no_such_column FROM t", {}); }).code() ==
                      ErrorCode::Backend);
                break;
            }
            default:
                CHECK(count(*reader) == rows);
        }
        held += reader->holds_read() ? 1 : 0;
    }
    CHECK(held > 100);  // else nothing was tried
}

TEST_CASE("a table that another connection makes is seen at once beside a kept transaction") {
    const File file;
    const auto writer = open_file(file.path);
    const auto reader = open_file(file.path);
    add(*writer, 1);
    for (int i = 0; i < 20; ++i) {
        const auto name = "u" + std::to_string(i);
        for (int j = 0; j < 3; ++j) CHECK_FALSE(reader->has_relation(name));
        script(*writer, "CREATE TABLE " + name + "(a)");
        CHECK(reader->has_relation(name));
        CHECK(count(*reader) == 1);
    }
}

TEST_CASE("a cursor goes on in its state while the transaction that it began in is ended") {
    const File file;
    const auto writer = open_file(file.path);
    for (int id = 1; id <= 5; ++id) add(*writer, id);
    const auto reader = open_file(file.path);
    for (int i = 0; i < 1000 && !reader->holds_read(); ++i) CHECK(count(*reader) == 5);
    REQUIRE(reader->holds_read());
    const auto cursor = reader->begin(TransactionMode::Single)->query("SELECT id FROM t ORDER BY id", {});
    REQUIRE(cursor->next());
    add(*writer, 6);
    reader->rest();
    std::int64_t last = cursor->integer(0);
    while (cursor->next()) last = cursor->integer(0);
    CHECK(last == 5);
    CHECK(count(*reader) == 6);
}

TEST_CASE("nothing is kept while a writer's log is long and waits for its readers") {
    const File file;
    const auto writer = open_file(file.path);
    const auto reader = open_file(file.path);
    const auto add_bytes = [&](std::int64_t id) {
        const auto t = writer->begin(TransactionMode::Write);
        t->execute("INSERT INTO t VALUES (?1, zeroblob(20000000))", {id});  // more than 1000 pages
        t->commit();
    };
    const auto holds = [&](std::int64_t rows) {
        for (int i = 0; i < 1000 && !reader->holds_read(); ++i) CHECK(count(*reader) == rows);
        return reader->holds_read();
    };
    add(*writer, 1);
    CHECK(holds(1));
    reader->rest();
    {
        const auto other = open_file(file.path);
        const auto cursor = other->begin(TransactionMode::Single)->query("SELECT id FROM t", {});
        REQUIRE(cursor->next());
        add_bytes(2);  // what the cursor reads cannot be moved into the file
        CHECK_FALSE(holds(2));
    }
    add_bytes(3);  // all of it was moved
    CHECK(holds(3));
}

TEST_CASE("beside readers that pause now and then a writer's log starts over") {
    const File file;
    constexpr int kCommits = 120;
    constexpr std::int64_t kBytes = 1 << 20;
    {
        std::vector<Child> readers;
        const auto done = file.directory.file("done");
        for (int i = 0; i < 2; ++i) {
            readers.emplace_back([&] {
                const auto reader = open_file(file.path);
                std::int64_t last = 0;
                std::int64_t held = 0;
                while (!fs::exists(done)) {
                    for (int n = 0; n < 50; ++n) {
                        const auto now = count(*reader);
                        if (now < last) throw std::runtime_error("an older state");
                        last = now;
                        held += reader->holds_read() ? 1 : 0;
                    }
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                }
                if (last > 0 && held == 0) throw std::runtime_error("nothing was held");
            });
        }
        std::uintmax_t largest = 0;
        {
            const auto writer = open_file(file.path);
            for (int i = 1; i <= kCommits; ++i) {
                const auto t = writer->begin(TransactionMode::Write);
                t->execute("INSERT INTO t VALUES (?1, zeroblob(?2))", {i, kBytes});
                t->commit();
                std::error_code none;
                const auto size = fs::file_size(file.path + "-wal", none);
                if (!none) largest = std::max(largest, size);
            }
        }
        std::ofstream(done).put('1');
        for (auto& reader : readers) CHECK(reader.succeeded());
        // 16 MB are written to it before SQLite starts it over.
        MESSAGE("the log grew to " << (largest >> 20) << " MB beside " << kCommits << " MB that were committed");
        CHECK(largest < 60U << 20);
    }
}
