// Changes of tables beside readers and writers that go on, and waits that end with who was in the way.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "processes/whole.h"
#include "support/children.h"
#include "waits/support.h"

namespace etalon::test {

/// Plain with one element more.
struct Plain2 {
    double value;
    std::int32_t status;
};

}  // namespace etalon::test

template <>
struct etalon::StructTraits<etalon::test::Plain2> {
    static constexpr std::string_view kName = "Plain";
    static constexpr std::string_view kDefinition =
        R"({"name":"Plain","size":16,"alignment":8,"elements":[{"name":"value","type":"float64","offset":0},{"name":"status","type":"int32","offset":8}]})";
};

using namespace etalon;
using namespace etalon::test;
using backends::TransactionMode;

namespace {

/// How long a reader or a writer may be held up by a change of tables: one attempt takes 0.2 s. Who waited
/// for the reader or the dump itself would take longer than this: those hold on for 2.5 s and more.
constexpr Milliseconds kMost{2000};

constexpr const char* kLongRead = R"(SELECT count(*) FROM "Plain_view")";

/// A place with a value of each struct; Gain stays as it is.
void fill(const std::string& url) {
    auto db = create_with<Plain, Gain1>(url);
    db.define_name({"Other", "Plain", {}, {}, {}});
    (void)commit(db, {value(1.0, 0), put<Gain1>("Gain", 0, {gain1(1)}), value(1.0, 0, {}, "default", 0, "Other")});
}

std::optional<std::string> find_filled_place() {
    auto url = find_fresh_postgres_place();
    if (url) fill(*url);
    return url;
}

/// Registers Plain2 in a thread of its own.
class Registration {
public:
    Registration(const std::string& url, Milliseconds wait, std::function<void(const std::string&)> waiting = {})
        : thread_([this, url, wait, waiting = std::move(waiting)] {
              try {
                  auto db = Database::open(called(url, "registers"), {.wait = wait, .waiting = waiting});
                  commit_ = register_as<Plain2>(db).commit;
              } catch (const Error& error) {
                  error_ = error;
              }
              is_over_ = true;
          }) {}
    ~Registration() { end(); }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

    void end() {
        if (thread_.joinable()) thread_.join();
    }
    [[nodiscard]] bool is_over() const { return is_over_; }
    [[nodiscard]] std::int64_t commit() {
        end();
        if (error_) FAIL(error_->what());
        return commit_;
    }
    [[nodiscard]] const Error& error() {
        end();
        REQUIRE(error_.has_value());
        return *error_;
    }

private:
    std::int64_t commit_ = 0;
    std::optional<Error> error_;
    std::atomic<bool> is_over_{false};
    std::thread thread_;
};

std::int64_t schemas_of(Database& db, const std::string& name) {
    for (const auto& one : db.structs()) {
        if (one.name == name) return one.schemas;
    }
    return 0;
}

}  // namespace

TEST_CASE("readers and writers go on while a registration waits for a long reader, and it ends soon after that one") {
    const auto url = find_filled_place();
    if (!url) return;
    OpenTransaction reader(called(*url, "long_reader"), kLongRead, TransactionMode::Read);
    std::atomic<int> told{0};
    Registration registration(*url, Milliseconds(20'000), [&](const std::string& what) {
        CHECK(what.find("long_reader") != std::string::npos);
        ++told;
    });
    Repeated same(reads_of(*url, "Plain"));
    Repeated other(reads_of(*url, "Gain"));
    Repeated same_writer(commits_to(*url, "Plain"));
    Repeated view([url] {
        std::shared_ptr<backends::Connection> connection =
            backends::open_connection(backends::parse_place_url(*url), backends::OpenMode::Existing);
        return [connection] { CHECK(ask(*connection, R"(SELECT count(*) FROM "Plain_view")") > 0); };
    });
    std::this_thread::sleep_for(Milliseconds(2500));
    CHECK_FALSE(registration.is_over());
    reader.end();
    const auto start = SteadyClock::now();
    CHECK(registration.commit() > 0);
    CHECK(since(start) < Milliseconds(15000));
    CHECK(told > 0);
    same.check(kMost);
    other.check(kMost);
    same_writer.check(kMost);
    view.check(kMost);
    MESSAGE("longest read " << same.longest() << " ms, of another struct " << other.longest() << " ms, of the view "
                            << view.longest() << " ms, commit " << same_writer.longest() << " ms; " << same.done()
                            << " reads, " << same_writer.done() << " commits");
    auto db = Database::open(*url);
    CHECK(schemas_of(db, "Plain") == 2);
    CHECK(db.fetch<Plain2>("Plain", Time{5})[0].value == 1.0);
    check_whole(*url);
}

TEST_CASE("a registration that waits too long leaves nothing, and says who was in the way") {
    const auto url = find_filled_place();
    if (!url) return;
    auto db = Database::open(*url);
    const auto before = db.log();
    OpenTransaction reader(called(*url, "psql_of_bob"), kLongRead, TransactionMode::Read);
    const auto start = SteadyClock::now();
    Registration registration(*url, Milliseconds(700));
    const auto& error = registration.error();
    CHECK(since(start) < Milliseconds(15000));
    CAPTURE(std::string(error.what()));
    CHECK(error.code() == ErrorCode::Backend);
    CHECK(error.retryable());
    CHECK(error.obstacle() == Obstacle::Locked);
    for (const auto* part :
         {"psql_of_bob (process ", "of user ", "idle in transaction", "ACCESS SHARE on \"Plain_view\"", "--wait"}) {
        CHECK(std::string(error.what()).find(part) != std::string::npos);
    }
    CHECK(std::string(error.what()).find("SELECT") == std::string::npos);
    db.advance();
    CHECK(db.log().size() == before.size());
    CHECK(schemas_of(db, "Plain") == 1);
    reader.end();
    CHECK(register_as<Plain2>(db).commit == before.front().commit + 1);
    check_whole(*url);
}

TEST_CASE("a registration that changes no table needs no lock of readers") {
    const auto url = find_fresh_postgres_place();
    if (!url) return;
    {
        auto db = create_with<Plain>(*url);
        db.define_name({"Plain", "Plain", {}, {}, Storage::Bytes});
        (void)commit(db, {value(1.0, 0)});
    }
    // A table of its own and readers of everything that is there.
    OpenTransaction reader(*url, R"(SELECT (SELECT count(*) FROM "Plain") + (SELECT count(*) FROM "dataIndex") +
(SELECT count(*) FROM "structure") + (SELECT count(*) FROM "schemaVersion"))",
                           TransactionMode::Read);
    auto db = Database::open(*url, {.wait = Milliseconds(300)});
    CHECK(register_as<Gain1>(db).commit > 0);
    // Another default: another version, in the same columns, and no view.
    auto definition = etalon::test::definition_of<Plain>();
    definition.elements[0].default_value = "2.5";
    CHECK(db.register_structs({&definition, 1}).commit > 0);
    db.define_name({"Another", "Plain", {}, {}, {}});
    db.define_name({"Plain", {}, {}, OrderPolicy::ByCreation, {}});
    check_whole(*url);
}

TEST_CASE("readers and writers go on beside a registration behind pg_dump, and the dump is whole") {
    const auto url = find_filled_place();
    if (!url) return;
    {
        auto db = Database::open(*url);
        std::vector<Gain1> rows;
        for (int i = 0; i < 20'000; ++i) rows.push_back(gain1(i, 0.25F * static_cast<float>(i)));
        (void)commit(db, {put<Gain1>("Gain", 50, rows)});
    }
    // Nobody reads what the dump writes, so that it stops in the middle with its locks.
    const TempDirectory directory;
    const auto fifo = directory.file("dump");
    REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
    const auto hash = url->find('#');
    const auto command =
        "exec pg_dump --schema='" + url->substr(hash + 1) + "' '" + url->substr(0, hash) + "' > '" + fifo + "'";
    const pid_t dump = fork();
    REQUIRE(dump >= 0);
    if (dump == 0) {
        execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
        _exit(127);
    }
    const int out = open(fifo.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(out >= 0);
    const auto connection = backends::open_connection(backends::parse_place_url(*url), backends::OpenMode::Existing);
    REQUIRE(eventually([&] {
        return ask(*connection,
                   "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE a.application_name "
                   "= "
                   "'pg_dump' AND l.relation IN (SELECT c.oid FROM pg_class c WHERE c.relname = 'Plain')") > 0;
    }));
    {
        Registration refused(*url, Milliseconds(900));
        Repeated reads(reads_of(*url, "Plain"));
        Repeated commits(commits_to(*url, "Other"));
        const std::string words = refused.error().what();
        CAPTURE(words);
        CHECK(words.find("pg_dump (process ") != std::string::npos);
        reads.check(kMost);
        commits.check(kMost);
        MESSAGE("beside pg_dump: longest read " << reads.longest() << " ms, commit " << commits.longest() << " ms");
    }
    Registration registration(*url, Milliseconds(20'000));
    std::string text;
    std::vector<char> bytes(1 << 16);
    for (ssize_t got = 0; (got = read(out, bytes.data(), bytes.size())) > 0;)
        text.append(bytes.data(), static_cast<std::size_t>(got));
    close(out);
    int status = 0;
    REQUIRE(waitpid(dump, &status, 0) == dump);
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(text.find("PostgreSQL database dump complete") != std::string::npos);
    CHECK(registration.commit() > 0);
    check_whole(*url);
}

TEST_CASE("a registration that is killed while it waits leaves nothing, and nobody waits for it") {
    const auto url = find_filled_place();
    if (!url) return;
    std::size_t commits = 0;
    {
        auto db = Database::open(*url);
        commits = db.log().size();
    }
    {
        Child child([&] {
            auto db = Database::open(called(*url, "killed"));
            OpenTransaction reader(*url, kLongRead, TransactionMode::Read);
            (void)register_as<Plain2>(db);
        });
        std::this_thread::sleep_for(Milliseconds(700));
        child.kill();
        CHECK(child.was_killed());
    }
    const auto start = SteadyClock::now();
    auto db = Database::open(*url);
    (void)commit(db, {value(2.0, 10)});
    CHECK(since(start) < Milliseconds(1500));
    CHECK(db.log().size() == commits + 1);
    CHECK(schemas_of(db, "Plain") == 1);
    check_whole(*url);
}

TEST_CASE("init, a change of storage and a repair of views wait in the same way") {
    const auto url = find_filled_place();
    if (!url) return;
    const auto says_who = [](const Error& error, const char* part) {
        CAPTURE(std::string(error.what()));
        CHECK(error.retryable());
        CHECK(std::string(error.what()).find("in_the_way (process ") != std::string::npos);
        CHECK(std::string(error.what()).find(part) != std::string::npos);
    };
    {
        OpenTransaction reader(called(*url, "in_the_way"), kLongRead, TransactionMode::Read);
        // Readers are in nobody's way here.
        CHECK_NOTHROW((void)Database::open(*url, {.create = true, .wait = Milliseconds(300)}));
        auto db = Database::open(*url, {.wait = Milliseconds(400)});
        Repeated reads(reads_of(*url, "Plain"));
        says_who(error_of([&] { db.define_name({"Plain", {}, {}, {}, Storage::Bytes}); }),
                 "ACCESS SHARE on \"Plain_view\"");
        reads.check(kMost);
    }
    {
        // A writer in the middle of its commit.
        OpenTransaction writer(called(*url, "in_the_way"), R"(LOCK TABLE "payload" IN ROW EXCLUSIVE MODE;
SELECT pg_advisory_xact_lock_shared(hashtextextended('etalon ' || current_schema(), 0));)",
                               TransactionMode::Write);
        says_who(error_of([&] { (void)Database::open(*url, {.create = true, .wait = Milliseconds(300)}); }),
                 "the lock of writers");
        auto db = Database::open(*url, {.wait = Milliseconds(20'000)});
        CHECK_NOTHROW((void)commit(db, {value(3.0, 20)}));
    }
    auto db = Database::open(*url, {.wait = Milliseconds(400)});
    db.define_name({"Plain", {}, {}, {}, Storage::Bytes});
    db.define_name({"Plain", {}, {}, {}, Storage::Columns});
    check_whole(*url);
}

TEST_CASE("a writer behind another one waits for a bounded time, and says who has the commit counter") {
    const auto url = find_filled_place();
    if (!url) return;
    auto db = Database::open(*url, {.wait = Milliseconds(400)});
    const auto refused = [&](const std::string& sql, const std::string& part) {
        CAPTURE(sql);
        OpenTransaction writer(called(*url, "slow_writer"), sql, TransactionMode::Write);
        Repeated reads(reads_of(*url, "Plain"));
        const auto start = SteadyClock::now();
        const auto error = error_of([&] { (void)commit(db, {value(2.0, 10)}); });
        CAPTURE(std::string(error.what()));
        CHECK(since(start) < Milliseconds(2500));
        CHECK(error.retryable());
        CHECK(std::string(error.what()).find("slow_writer (process ") != std::string::npos);
        CHECK(std::string(error.what()).find(part) != std::string::npos);
        reads.check(kMost);
    };
    refused(R"(UPDATE "commitCounter" SET "lastSeq" = "lastSeq")", "\"commitCounter\"");
    refused("SELECT pg_advisory_xact_lock(hashtextextended('etalon ' || current_schema(), 0))", "the lock of writers");
    refused(R"(LOCK TABLE "dataIndex" IN SHARE MODE)", "SHARE on \"dataIndex\"");
    CHECK(commit(db, {value(2.0, 10)}).records == 1);
    check_whole(*url);
}

TEST_CASE("in SQLite writers and registrations wait for a bounded time, and readers go on") {
    const TempDirectory directory;
    const auto url = "sqlite:" + directory.file("calib.db");
    fill(url);
    int pipe_to_child[2];
    REQUIRE(pipe(pipe_to_child) == 0);
    // Another process, whose lock /proc/locks shows.
    const auto hold = [&](const char* sql) {
        Child child([&] {
            sqlite3* db = nullptr;
            sqlite3_open(directory.file("calib.db").c_str(), &db);
            const bool locked = sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
            if (write(pipe_to_child[1], locked ? "1" : "0", 1) == 1) pause();
        });
        char locked = 0;
        REQUIRE(read(pipe_to_child[0], &locked, 1) == 1);
        REQUIRE(locked == '1');
        return child;
    };
    {
        // Without a write-ahead log a reader keeps writers off.
        const auto reader = hold(R"(BEGIN; SELECT count(*) FROM "Plain")");
        auto db = Database::open(url, {.wait = Milliseconds(300)});
        const auto error = error_of([&] { (void)commit(db, {value(2.0, 10)}); });
        CAPTURE(std::string(error.what()));
        CHECK(error.retryable());
        CHECK(std::string(error.what()).find(") reads") != std::string::npos);
    }
    auto kept = Database::open(url);  // keeps the write-ahead log
    (void)commit(kept, {value(1.5, 3)});
    {
        auto writer = hold("BEGIN IMMEDIATE");
        auto db = Database::open(url, {.cache_bytes = 0, .wait = Milliseconds(400)});
        Repeated reads(reads_of(url, "Plain"));
        for (const bool registers : {false, true}) {
            const auto start = SteadyClock::now();
            const auto error = error_of([&] {
                if (registers) {
                    (void)register_as<Plain2>(db);
                } else {
                    (void)commit(db, {value(2.0, 10)});
                }
            });
            CAPTURE(std::string(error.what()));
            CHECK(since(start) >= Milliseconds(390));
            CHECK(since(start) < Milliseconds(2500));
            CHECK(error.retryable());
            CHECK(error.obstacle() == Obstacle::Locked);
            CHECK(std::string(error.what()).find("(process ") != std::string::npos);
            CHECK(std::string(error.what()).find(") writes") != std::string::npos);
        }
        reads.check(kMost);
        writer.kill();
        CHECK(writer.was_killed());
        CHECK(commit(db, {value(2.0, 10)}).records == 1);
        // A long reader is in nobody's way.
        OpenTransaction reader(url, R"(SELECT count(*) FROM "Plain")", TransactionMode::Read);
        CHECK(register_as<Plain2>(db).commit > 0);
    }
    close(pipe_to_child[0]);
    close(pipe_to_child[1]);
    check_whole(url);
}
