// What is particular to SQLite files: write-ahead log, read-only places, many processes.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "backends/each_engine.h"
#include "backends/port.h"

using namespace etalon;
using namespace etalon::backends;
using etalon::test::ask;
using etalon::test::error_of;
using etalon::test::open_file;
using etalon::test::script;
using etalon::test::TempDirectory;

namespace fs = std::filesystem;

namespace {

void write_row(Connection& db, std::int64_t id) {
    const auto t = db.begin(TransactionMode::Write);
    t->execute("INSERT INTO t VALUES (?1)", {id});
    t->commit();
}

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Runs `work` in a process of its own; the exit status, 100 for an exception (which is printed).
pid_t start(const std::function<int()>& work) {
    const pid_t child = fork();
    if (child != 0) return child;
    int status = 100;
    try {
        status = work();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "process %d: %s\n", static_cast<int>(getpid()), error.what());
    } catch (...) {
        status = 101;  // a REQUIRE
    }
    _exit(status);
}

int finish(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/// As an ordinary user, also when the tests run as root.
pid_t start_as_nobody(const std::function<int()>& work) {
    return start([&] {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return 99;
        return work();
    });
}

/// A file in WAL mode, with commits in its -wal, as a killed process leaves it.
void leave_log(const std::string& path) {
    const int status = finish(start([&] {
        const auto db = open_file(path, OpenMode::Create);
        script(*db, "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY)");
        write_row(*db, 1);
        _exit(0);  // without closing
        return 0;
    }));
    REQUIRE(status == 0);
    REQUIRE(fs::file_size(path + "-wal") > 0);
}

}  // namespace

TEST_CASE("a SQLite file has 16 KB pages and is one complete file after the last connection has closed") {
    const TempDirectory directory;
    const auto path = directory.file("a.db");
    {
        const auto db = open_file(path, OpenMode::Create);
        script(*db, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
        CHECK(ask(*db, "PRAGMA page_size") == 16384);
        CHECK(ask(*db, "PRAGMA synchronous") == 2);
        CHECK(fs::exists(path + "-wal"));
        const auto reader = open_file(path);
        write_row(*db, 1);
        CHECK(ask(*reader, "SELECT count(*) FROM t") == 1);
    }
    CHECK_FALSE(fs::exists(path + "-wal"));
    CHECK_FALSE(fs::exists(path + "-shm"));
    const auto content = read_file(path);
    CHECK(content[18] == 1);  // a rollback journal: opens on read-only media, with any SQLite
    CHECK(content.size() % 16384 == 0);
}

TEST_CASE(
    "SQL cannot change the schema table of a SQLite file, views may use JSON, and the map is as large as can be") {
    const TempDirectory directory;
    const auto db = open_file(directory.file("a.db"), OpenMode::Create);
    script(*db, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    script(*db, "CREATE VIEW v AS SELECT json_extract('[7]', '$[0]') AS x, '[7]' -> 0 AS y");
    CHECK(ask(*db, "SELECT x FROM v WHERE y = '7'") == 7);
    CHECK(ask(*db, "PRAGMA mmap_size") > 2'000'000'000);
    CHECK(error_of([&] {
              script(*db, "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = 'x' WHERE name = 't'");
          }).code() == ErrorCode::Backend);
    CHECK(ask(*db, "SELECT count(*) FROM t") == 0);
}

TEST_CASE("whoever closes last leaves one file, also when it only read") {
    const TempDirectory directory;
    const auto path = directory.file("a.db");
    auto writer = open_file(path, OpenMode::Create);
    script(*writer, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    auto reader = open_file(path);
    CHECK(ask(*reader, "SELECT count(*) FROM t") == 0);
    write_row(*writer, 1);
    writer.reset();
    CHECK(ask(*reader, "SELECT count(*) FROM t") == 1);
    reader.reset();
    CHECK_FALSE(fs::exists(path + "-wal"));
    CHECK(read_file(path)[18] == 1);
}

TEST_CASE("reading changes nothing in the directory") {
    const TempDirectory directory;
    const auto path = directory.file("a.db");
    {
        const auto db = open_file(path, OpenMode::Create);
        script(*db, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    }
    const auto before = read_file(path);
    const auto time = fs::last_write_time(path);
    {
        const auto db = open_file(path);
        CHECK(ask(*db, "SELECT count(*) FROM t") == 0);
        CHECK(std::distance(fs::directory_iterator(directory.path()), {}) == 1);
    }
    CHECK(read_file(path) == before);
    CHECK(fs::last_write_time(path) == time);
}

TEST_CASE("a file that is not a SQLite database is refused and left as it is") {
    const TempDirectory directory;
    for (const std::string& content :
         {std::string("hello"), std::string("SQLite format 2\0garbage", 23), std::string(5000, 'x')}) {
        const auto path = directory.file("file");
        std::ofstream(path, std::ios::binary) << content;
        for (const auto mode : {OpenMode::Existing, OpenMode::Create}) {
            const Error error = error_of([&] { (void)open_file(path, mode); });
            CHECK(error.code() == ErrorCode::Format);
            CHECK(error.info().where == "sqlite:" + path);
        }
        CHECK(read_file(path) == content);
    }
    CHECK(error_of([&] { (void)open_file(directory.path().string()); }).code() == ErrorCode::Backend);
    CHECK(error_of([&] { (void)open_file(directory.file("no/such/x.db"), OpenMode::Create); }).code() ==
          ErrorCode::Backend);
    CHECK_FALSE(fs::exists(directory.file("no")));
}

TEST_CASE("a damaged file is an error, not a wrong answer") {
    const TempDirectory directory;
    const auto path = directory.file("a.db");
    {
        const auto db = open_file(path, OpenMode::Create);
        script(*db, "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)");
        const auto t = db->begin(TransactionMode::Write);
        for (int i = 0; i < 5000; ++i) t->execute("INSERT INTO t VALUES (?1, ?2)", {i, "some text to fill the pages"});
        t->commit();
    }
    auto content = read_file(path);
    REQUIRE(content.size() > 4 * 16384);
    std::fill(content.begin() + 16384, content.begin() + 4 * 16384, '\x5a');
    std::ofstream(path, std::ios::binary) << content;
    const auto db = open_file(path);
    const Error error = error_of([&] {
        const auto rows = db->begin(TransactionMode::Single)->query("SELECT x FROM t", {});
        while (rows->next()) {
        }
    });
    CHECK(error.code() == ErrorCode::Corrupt);
}

TEST_CASE("odd paths are only paths") {
    const TempDirectory directory;
    const auto old = fs::current_path();
    fs::current_path(directory.path());
    for (const std::string name : {":memory:", "file:x.db?mode=memory", "a b%20.db", "\xc3\xa4.db", "what?.db"}) {
        CAPTURE(name);
        {
            const auto db = open_connection({Engine::Sqlite, name, ""}, OpenMode::Create);
            script(*db, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
        }
        CHECK(fs::exists(directory.path() / name));
        fs::permissions(name, fs::perms::owner_read);
        CHECK(open_connection({Engine::Sqlite, name, ""}, OpenMode::Existing)->has_relation("t"));
    }
    fs::current_path(old);
}

TEST_CASE("a read-only file is read, and a write to it is refused") {
    const TempDirectory directory;
    const auto path = directory.file("a.db");
    {
        const auto db = open_file(path, OpenMode::Create);
        script(*db, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
        write_row(*db, 1);
    }
    fs::permissions(path, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
    const auto before = read_file(path);
    {
        const auto db = open_file(path);
        CHECK(db->read_only());
        CHECK(ask(*db, "SELECT count(*) FROM t") == 1);
        {
            const auto t = db->begin(TransactionMode::Read);
            const auto rows = t->query("SELECT id FROM t", {});
            CHECK(rows->next());
        }
        const Error error = error_of([&] { (void)db->begin(TransactionMode::Write); });
        CHECK(error.code() == ErrorCode::ReadOnly);
        CHECK_FALSE(error.retryable());
        CHECK(error.info().where == "sqlite:" + path);
    }
    CHECK(read_file(path) == before);
    CHECK(std::distance(fs::directory_iterator(directory.path()), {}) == 1);
}

TEST_CASE("a file in a directory that cannot be written is read, also one left in WAL mode") {
    const TempDirectory directory;
    fs::permissions(directory.path(), fs::perms::all);
    const auto inner = directory.path() / "in";
    fs::create_directory(inner);
    const auto path = (inner / "a.db").string();
    {
        const auto db = open_file(path, OpenMode::Create);
        script(*db, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
        write_row(*db, 1);
    }
    bool wal_mode = false;
    SUBCASE("as it was closed") {}
    SUBCASE("in WAL mode without a log") {
        sqlite3* raw = nullptr;
        REQUIRE(sqlite3_open(path.c_str(), &raw) == SQLITE_OK);
        REQUIRE(sqlite3_exec(raw, "PRAGMA journal_mode=WAL", nullptr, nullptr, nullptr) == SQLITE_OK);
        sqlite3_close(raw);
        REQUIRE(read_file(path)[18] == 2);
        wal_mode = true;
    }
    fs::permissions(inner,
                    fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
    const auto read = [&] {
        const auto db = open_file(path);
        if (!db->read_only()) return 2;
        if (ask(*db, "SELECT count(*) FROM t") != 1) return 3;
        return std::distance(fs::directory_iterator(inner), {}) == 1 ? 0 : 4;
    };
    CHECK(finish(start_as_nobody(read)) == 0);
    CHECK(finish(start(read)) == 0);
    const auto db = open_file(path);
    CHECK(ask(*db, "SELECT count(*) FROM t") == 1);
    if (!wal_mode) return;
    // Somebody who may write comes by: an open immutable connection must notice.
    sqlite3* raw = nullptr;
    fs::permissions(inner, fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
    REQUIRE(sqlite3_open(path.c_str(), &raw) == SQLITE_OK);
    REQUIRE(sqlite3_exec(raw, "INSERT INTO t VALUES (2)", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(raw);
    CHECK(ask(*db, "SELECT count(*) FROM t") == 2);
}

TEST_CASE("a leftover log beside a read-only file is read; a writable file takes it in") {
    const TempDirectory directory;
    const auto path = directory.file("a.db");
    leave_log(path);
    fs::permissions(path, fs::perms::owner_read | fs::perms::others_read);
    const auto log = read_file(path + "-wal");
    CHECK(ask(*open_file(path), "SELECT count(*) FROM t") == 1);
    fs::remove(path + "-shm");
    CHECK(ask(*open_file(path), "SELECT count(*) FROM t") == 1);
    CHECK(read_file(path + "-wal") == log);
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write | fs::perms::others_read);
    CHECK(ask(*open_file(path), "SELECT count(*) FROM t") == 1);
    CHECK_FALSE(fs::exists(path + "-wal"));
    fs::permissions(path, fs::perms::owner_read);
    CHECK(ask(*open_file(path), "SELECT count(*) FROM t") == 1);
}

TEST_CASE("a reader without write permission reads beside a live writer") {
    const TempDirectory directory;
    fs::permissions(directory.path(), fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
    const auto path = directory.file("a.db");
    int to_child[2];
    int to_parent[2];
    REQUIRE(pipe(to_child) == 0);
    REQUIRE(pipe(to_parent) == 0);
    // The child answers each byte with the number of rows that it sees.
    // It starts before this process opens the file: SQLite's connections do not survive a fork.
    const pid_t reader = start_as_nobody([&] {
        std::unique_ptr<Connection> mine;
        char command = 0;
        while (::read(to_child[0], &command, 1) == 1 && command != 'q') {
            if (!mine) mine = open_file(path);
            if (!mine->read_only()) return 2;
            const auto rows = static_cast<char>(ask(*mine, "SELECT count(*) FROM t"));
            if (::write(to_parent[1], &rows, 1) != 1) return 3;
        }
        return 0;
    });
    close(to_parent[1]);  // a reader that dies ends the read below
    auto db = open_file(path, OpenMode::Create);
    script(*db, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    const auto seen = [&] {
        char rows = -1;
        REQUIRE(::write(to_child[1], "r", 1) == 1);
        if (::read(to_parent[0], &rows, 1) != 1) return -1;
        return static_cast<int>(rows);
    };
    CHECK(seen() == 0);
    write_row(*db, 1);
    CHECK(seen() == 1);
    {
        const auto t = db->begin(TransactionMode::Write);
        t->execute("INSERT INTO t VALUES (2)", {});
        CHECK(seen() == 1);
        t->commit();
    }
    CHECK(seen() == 2);
    db.reset();  // the writer leaves
    const int after = seen();
    CHECK(after == 2);
    db = open_file(path);
    write_row(*db, 3);
    CHECK(seen() == 3);
    REQUIRE(::write(to_child[1], "q", 1) == 1);
    CHECK(finish(reader) == 0);
}

TEST_CASE("eight writers and four readers on one file see no error and lose nothing") {
    const TempDirectory directory;
    const auto path = directory.file("a.db");
    {
        const auto db = open_file(path, OpenMode::Create);
        script(*db, "CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE n (x INTEGER); INSERT INTO n VALUES (0)");
    }
    constexpr int kWriters = 8;
    constexpr int kReaders = 4;
    bool reopen = false;
    SUBCASE("each with one connection") {}
    SUBCASE("each opening and closing all the time") {
        reopen = true;
    }
    const int commits = reopen ? 25 : 60;
    std::vector<pid_t> children;
    for (int w = 0; w < kWriters; ++w) {
        children.push_back(start([&, w] {
            std::unique_ptr<Connection> db;
            for (int i = 0; i < commits; ++i) {
                if (!db || reopen) {
                    db.reset();
                    db = open_file(path);
                }
                const auto t = db->begin(TransactionMode::Write);
                t->execute("UPDATE n SET x = x + 1", {});
                const auto rows = t->query("SELECT x FROM n", {});
                if (!rows->next()) return 1;
                t->execute("INSERT INTO t VALUES (?1)", {w * 1000000 + i});
                t->commit();
            }
            return 0;
        }));
    }
    for (int r = 0; r < kReaders; ++r) {
        children.push_back(start([&] {
            std::unique_ptr<Connection> db;
            std::int64_t last = 0;
            while (last < kWriters * commits) {
                if (!db || reopen) {
                    db.reset();
                    db = open_file(path);
                }
                const auto t = db->begin(TransactionMode::Read);
                const auto count = [&](const char* sql) {
                    const auto rows = t->query(Sql(sql), {});
                    return rows->next() ? rows->integer(0) : -1;
                };
                const auto x = count("SELECT x FROM n");
                if (x < last || count("SELECT count(*) FROM t") != x) return 5;
                last = x;
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
            return 0;
        }));
    }
    for (const pid_t child : children) CHECK(finish(child) == 0);
    CHECK(ask(*open_file(path), "SELECT x FROM n") == kWriters * commits);
    CHECK(ask(*open_file(path), "SELECT count(*) FROM t") == kWriters * commits);
    CHECK(std::distance(fs::directory_iterator(directory.path()), {}) == 1);
    CHECK(read_file(path)[18] == 1);
}

TEST_CASE("a writer killed at any moment leaves all of a commit or nothing") {
    const TempDirectory directory;
    const auto path = directory.file("a.db");
    {
        const auto db = open_file(path, OpenMode::Create);
        script(*db, "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)");
    }
    for (int round = 0; round < 15; ++round) {
        const pid_t child = start([&] {
            while (true) {
                const auto db = open_file(path);
                const auto t = db->begin(TransactionMode::Write);
                for (int k = 0; k < 10; ++k) t->execute("INSERT INTO t (x) VALUES (?1)", {std::string(3000, 'x')});
                t->commit();
            }
            return 0;
        });
        std::this_thread::sleep_for(std::chrono::microseconds(20000 + 1700 * round));
        kill(child, SIGKILL);
        CHECK(finish(child) == 1000 + SIGKILL);
        const auto db = open_file(path);
        CHECK(ask(*db, "SELECT count(*) % 10 FROM t") == 0);
    }
    CHECK(ask(*open_file(path), "SELECT count(*) FROM t") > 0);
}

TEST_CASE("a write waits for another writer") {
    const TempDirectory directory;
    const auto path = directory.file("a.db");
    {
        const auto db = open_file(path, OpenMode::Create);
        script(*db, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    }
    int go[2];
    REQUIRE(pipe(go) == 0);
    const pid_t child = start([&] {
        char byte = 0;
        if (::read(go[0], &byte, 1) != 1) return 2;
        const auto db = open_file(path);
        const auto t = db->begin(TransactionMode::Write);
        const auto rows = t->query("SELECT count(*) FROM t", {});
        return rows->next() && rows->integer(0) == 1 ? 0 : 3;
    });
    const auto db = open_file(path);
    const auto t = db->begin(TransactionMode::Write);
    t->execute("INSERT INTO t VALUES (1)", {});
    REQUIRE(::write(go[1], "x", 1) == 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // let it meet the lock
    t->commit();
    CHECK(finish(child) == 0);
}

TEST_CASE("values of SQLite cells are what the design says, seen by sqlite3") {
    const TempDirectory directory;
    const auto path = directory.file("a.db");
    {
        const auto db = open_file(path, OpenMode::Create);
        script(*db, "CREATE TABLE t (a, b, c, d, e, f, g, h)");
        const std::vector<std::string> columns{"a", "b", "c", "d", "e", "f", "g", "h"};
        const auto t = db->begin(TransactionMode::Write);
        const auto bulk = t->bulk_insert("t", columns);
        const std::uint64_t two[] = {2};
        const std::uint64_t words[] = {2, 4};
        const auto put = [&](ScalarType type, std::span<const std::uint64_t> dims, const auto& value) {
            bulk->put_cell({type, dims}, reinterpret_cast<const std::byte*>(&value));
        };
        const float nan_and_inf[] = {std::numeric_limits<float>::quiet_NaN(), 1.0F};
        const float inf[] = {-std::numeric_limits<float>::infinity(), 0.1F};
        put(ScalarType::UInt64, {}, ~std::uint64_t{0});
        put(ScalarType::Float32, {}, nan_and_inf[0]);
        put(ScalarType::Float64, {}, -0.0);
        put(ScalarType::Float32, two, inf);
        put(ScalarType::Float32, two, nan_and_inf);
        put(ScalarType::Char, std::span(words).subspan(1), "x\"y");
        put(ScalarType::Char, words, "x\"y\0a\0\0");
        put(ScalarType::Int16, two, *reinterpret_cast<const std::uint32_t*>("\x01\x00\xff\xff"));
        bulk->end_row();
        (void)bulk->finish();
        t->commit();
    }
    const std::string out = directory.file("out");
    const std::string command =
        "sqlite3 -readonly " + path +
        " \"SELECT typeof(a), a, typeof(b), hex(b), c, d, typeof(e), hex(e), typeof(f), f, g, h, "
        "json_extract(h, '\\$[1]') FROM t\" > " +
        out;
    REQUIRE(std::system(command.c_str()) == 0);
    CHECK(read_file(out) ==
          "text|18446744073709551615|blob|0000C07F|0.0|[\"-Infinity\",0.1]|blob|0000C07F0000803F|text|x\"y|"
          "[\"x\\\"y\",\"a\"]|[1,-1]|-1\n");
}
