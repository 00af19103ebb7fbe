// SQLite files that are removed, replaced, cut short or locked while somebody works with them.
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>

#include "database/support.h"
#include "processes/whole.h"
#include "support/children.h"

using namespace etalon;
using etalon::test::Child;
using etalon::test::create_with;
using etalon::test::error_of;
using etalon::test::Gain1;
using etalon::test::gain1;
using etalon::test::Plain;
using etalon::test::put;
using etalon::test::value;

namespace {

namespace fs = std::filesystem;

constexpr int kRecords = 300;

/// A database of some 100 pages whose records all differ.
void fill(const std::string& url, double offset = 0) {
    auto db = create_with<Plain, Gain1>(url);
    std::vector<PutRecord> records;
    for (int i = 0; i < kRecords; ++i) {
        records.push_back(value(i + offset, i));
        std::vector<Gain1> rows;
        for (int row = 0; row < 100; ++row) rows.push_back(gain1(i * 1000 + row, static_cast<float>(offset)));
        records.push_back(put<Gain1>("Gain", i, rows));
    }
    (void)db.commit(records, {"tester", "", "", "data"});
}

void require(bool holds, const std::string& what) {
    if (!holds) throw std::runtime_error(what);
}

/// Reads everything; each answer is right, or there is an error. Returns the number of errors. Throws for a gap.
int count_errors(Database& db) {
    int errors = 0;
    for (int i = 0; i < kRecords; ++i) {
        try {
            const auto plain = db.fetch<Plain>("Plain", Time{i});
            require(plain.status() == Status::Found && plain[0].value == i, "a wrong answer");
            const auto gain = db.fetch<Gain1>("Gain", Time{i});
            require(gain.status() == Status::Found && gain.size() == 100, "a wrong answer");
            require(gain[99].channel == i * 1000 + 99, "a wrong row");
        } catch (const Error& error) {
            ++errors;
            const std::string words = error.what();
            require(error.code() == ErrorCode::Backend || error.code() == ErrorCode::Corrupt ||
                        error.code() == ErrorCode::Format,
                    "an error of another code: " + words);
            require(words.find(db.place()) != std::string::npos, "an error without a place: " + words);
        }
    }
    return errors;
}

struct LostFile {
    etalon::test::TempDirectory directory;
    std::string path = directory.file("test.db");
    std::string url = "sqlite:" + path;
};

}  // namespace

TEST_CASE("a file that is removed under a reader is an error, and a commit to it is none") {
    const LostFile file;
    fill(file.url);
    auto db = Database::open(file.url, {.cache_bytes = 0});
    CHECK(count_errors(db) == 0);
    fs::remove(file.path);
    CHECK(count_errors(db) == kRecords);
    CHECK(error_of([&] { (void)db.advance(); }).code() == ErrorCode::Backend);
    CHECK(error_of([&] { (void)db.history("Plain"); }).code() == ErrorCode::Backend);
    const auto error = error_of([&] { (void)etalon::test::commit(db, {value(1, 1)}); });
    CHECK(error.code() == ErrorCode::Backend);
    CHECK(std::string(error.what()).find("removed or replaced") != std::string::npos);
    CHECK(std::string(error.what()).find(file.url) != std::string::npos);
    CHECK_FALSE(fs::exists(file.path));  // it is not made anew
}

TEST_CASE("a file that is replaced under a reader is an error, and nothing is written to either") {
    const LostFile file;
    const auto other = file.directory.file("other.db");
    fill(file.url);
    fill("sqlite:" + other, 0.5);
    auto db = Database::open(file.url, {.cache_bytes = 0});
    CHECK(count_errors(db) == 0);
    fs::rename(other, file.path);
    CHECK(count_errors(db) == kRecords);
    CHECK(error_of([&] { (void)etalon::test::commit(db, {value(1, 1)}); }).code() == ErrorCode::Backend);
    auto again = Database::open(file.url);
    CHECK(again.fetch<Plain>("Plain", Time{7})[0].value == 7.5);
    etalon::test::check_whole(file.url, 2 * kRecords);
}

TEST_CASE("a file that is overwritten with another database is noticed when a snapshot is taken") {
    const LostFile file;
    const auto other = file.directory.file("other.db");
    fill(file.url);
    fill("sqlite:" + other, 0.5);
    auto db = Database::open(file.url, {.cache_bytes = 0});
    CHECK(count_errors(db) == 0);
    {
        std::ifstream in(other, std::ios::binary);
        std::ofstream out(file.path, std::ios::binary | std::ios::trunc);
        out << in.rdbuf();
    }
    const auto error = error_of([&] { (void)db.advance(); });
    INFO(std::string(error.what()));
    CHECK(error.code() == ErrorCode::Backend);
    CHECK(std::string(error.what()).find("another database") != std::string::npos);
}

TEST_CASE("a file that is put back to an older copy is noticed when a snapshot is taken") {
    const LostFile file;
    const auto copy = file.directory.file("copy.db");
    fill(file.url);
    fs::copy_file(file.path, copy);
    {
        auto db = Database::open(file.url);
        (void)etalon::test::commit(db, {value(1, 1)});
    }
    auto db = Database::open(file.url);
    {
        std::ifstream in(copy, std::ios::binary);
        std::ofstream out(file.path, std::ios::binary | std::ios::trunc);
        out << in.rdbuf();
    }
    const auto error = error_of([&] { (void)db.advance(); });
    CHECK(std::string(error.what()).find("fewer commits") != std::string::npos);
}

TEST_CASE("a file that is cut short under a reader is an error where something is missing, never a gap") {
    for (const auto divisor : {0, 100, 4, 2}) {
        INFO(divisor);
        const LostFile file;
        fill(file.url);
        // In a process of its own: what is mapped and cut off would end it.
        Child child([&] {
            auto db = Database::open(file.url, {.cache_bytes = 0});
            require(count_errors(db) == 0, "an error before");
            fs::resize_file(file.path, divisor == 0 ? 0 : fs::file_size(file.path) / static_cast<unsigned>(divisor));
            require(count_errors(db) > 0, "half a file was read as if it were whole");
            try {
                auto fresh = Database::open(file.url, {.cache_bytes = 0});
                require(count_errors(fresh) > 0, "half a file was opened as if it were whole");
            } catch (const Error&) {  // is as good
            }
        });
        CHECK(child.succeeded());
    }
}

namespace {

/// Says to another process that it may go on.
class Signal {
public:
    Signal() { REQUIRE(pipe(ends_) == 0); }
    ~Signal() {
        close(ends_[0]);
        close(ends_[1]);
    }
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;
    void send() const { require(write(ends_[1], "x", 1) == 1, "cannot write to a pipe"); }
    void wait() const {
        char byte = 0;
        require(read(ends_[0], &byte, 1) == 1, "cannot read from a pipe");
    }

private:
    int ends_[2] = {};
};

/// A program that knows nothing of Etalon and locks the file until it is killed, or for some time.
Child lock_file(const std::string& path, const Signal& locked, useconds_t microseconds) {
    return Child([&] {
        sqlite3* db = nullptr;
        require(sqlite3_open(path.c_str(), &db) == SQLITE_OK, "cannot open");
        require(sqlite3_exec(db, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) == SQLITE_OK, "cannot lock");
        locked.send();
        usleep(microseconds);
        sqlite3_close(db);
    });
}

constexpr std::chrono::milliseconds kWait{1500};

/// Runs `work`, which must fail because the file is locked, after kWait.
void expect_locked(const std::function<void()>& work) {
    const auto started = std::chrono::steady_clock::now();
    try {
        work();
    } catch (const Error& error) {
        const std::string words = error.what();
        const auto waited = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
        require(error.code() == ErrorCode::Backend && error.retryable(), "not retryable: " + words);
        require(words.find("another process holds the file") != std::string::npos, "other words: " + words);
        require(words.find("(process ") != std::string::npos, "not said who has it: " + words);
        require(waited > 1.4 && waited < 30, "waited for " + std::to_string(waited) + " s");
        return;
    }
    throw std::runtime_error("no error");
}

}  // namespace

TEST_CASE("a file that another program locks is waited for, then it is an error that may be repeated") {
    const LostFile file;
    fill(file.url);
    const Signal ready, go, locked;
    std::vector<Child> waiting;
    waiting.emplace_back([&] {
        auto db = Database::open(file.url, {.cache_bytes = 0, .wait = kWait});
        ready.send();
        go.wait();
        expect_locked([&] { (void)db.fetch<Plain>("Plain", Time{1}); });
    });
    waiting.emplace_back([&] {
        auto db = Database::open(file.url, {.wait = kWait});
        ready.send();
        go.wait();
        expect_locked([&] { (void)etalon::test::commit(db, {value(-1, -1)}); });
    });
    ready.wait();
    ready.wait();
    const auto other = lock_file(file.path, locked, 100'000'000);
    locked.wait();
    waiting.emplace_back([&] { expect_locked([&] { (void)Database::open(file.url, {.wait = kWait}); }); });
    go.send();
    go.send();
    for (auto& child : waiting) CHECK(child.succeeded());
    other.kill();
    auto db = Database::open(file.url);
    CHECK(etalon::test::commit(db, {value(1, 1)}).commit == db.snapshot() + 1);
}

TEST_CASE("a file that another program locks for a moment is only waited for") {
    const LostFile file;
    fill(file.url);
    const Signal locked;
    auto other = lock_file(file.path, locked, 700'000);
    locked.wait();
    const auto started = std::chrono::steady_clock::now();
    auto db = Database::open(file.url);
    CHECK(std::chrono::steady_clock::now() - started > std::chrono::milliseconds(300));
    CHECK(db.fetch<Plain>("Plain", Time{1})[0].value == 1);
    CHECK(etalon::test::commit(db, {value(1, 1)}).commit == db.snapshot() + 1);
    CHECK(other.succeeded());
}
