// What killed writers leave beside an SQLite file, read by those who may not write it.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <pwd.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "backends/each_engine.h"
#include "backends/port.h"
#include "support/children.h"

using namespace etalon;
using namespace etalon::backends;
using etalon::test::ask;
using etalon::test::Child;
using etalon::test::error_of;
using etalon::test::script;
using etalon::test::TempDirectory;

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPage = 16384;
constexpr std::size_t kFrame = kPage + 24;
constexpr std::size_t kLogHeader = 32;

std::unique_ptr<Connection> open_file(const std::string& path, OpenMode mode = OpenMode::Existing) {
    return open_connection(parse_place_url("sqlite:" + path), mode);
}

void require(bool holds, const std::string& what) {
    if (!holds) throw std::runtime_error(what);
}

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
}

/// Adds `rows` rows in one commit.
void add_rows(Connection& db, int rows = 10) {
    const auto t = db.begin(TransactionMode::Write);
    for (int i = 0; i < rows; ++i) t->execute("INSERT INTO t (x) VALUES (?1)", {std::string(3000, 'x')});
    t->commit();
}

std::int64_t count(Connection& db) {
    return ask(db, "SELECT count(*) FROM t");
}

/// A file in a directory of its own that anybody may read.
struct LeftFile {
    TempDirectory directory;
    fs::path inner = directory.path() / "in";
    std::string path = (inner / "a.db").string();

    LeftFile() {
        fs::permissions(directory.path(), fs::perms::all);
        fs::create_directory(inner);
        const auto db = open_file(path, OpenMode::Create);
        script(*db, "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)");
    }
    ~LeftFile() { open_up(); }
    LeftFile(const LeftFile&) = delete;
    LeftFile& operator=(const LeftFile&) = delete;

    void close_down() const {
        fs::permissions(inner, fs::perms(0555));
        for (const auto& entry : fs::directory_iterator(inner)) fs::permissions(entry.path(), fs::perms(0444));
    }
    void open_up() const {
        fs::permissions(inner, fs::perms(0755));
        for (const auto& entry : fs::directory_iterator(inner)) fs::permissions(entry.path(), fs::perms(0644));
    }
    [[nodiscard]] std::string log() const { return path + "-wal"; }

    /// Three commits of ten rows in the log; the writer is killed.
    void leave_log() const {
        Child writer([&] {
            const auto db = open_file(path);
            for (int i = 0; i < 3; ++i) add_rows(*db);
            kill(getpid(), SIGKILL);
        });
        REQUIRE(writer.was_killed());
        REQUIRE(fs::file_size(log()) > kLogHeader + 3 * kFrame);
    }

    /// The rollback journal of a commit that has changed the file already; the writer is killed.
    void leave_journal() const {
        {
            const auto db = open_file(path);
            add_rows(*db, 300);
        }
        Child writer([&] {
            sqlite3* db = nullptr;
            require(sqlite3_open(path.c_str(), &db) == SQLITE_OK, "cannot open");
            require(
                sqlite3_exec(db, "PRAGMA cache_size=5; BEGIN; UPDATE t SET x = 'y' || x; DELETE FROM t WHERE id > 200",
                             nullptr, nullptr, nullptr) == SQLITE_OK,
                "cannot write");
            kill(getpid(), SIGKILL);
        });
        REQUIRE(writer.was_killed());
        REQUIRE(fs::file_size(path + "-journal") > 3 * kPage);
        REQUIRE(read_file(path).find("yx") != std::string::npos);  // a torn file
    }

    /// Runs `work` as an ordinary user, also when the tests run as root.
    [[nodiscard]] bool as_other(const std::function<void()>& work) const {
        return Child([&] {
                   if (geteuid() == 0) require(setgid(65534) == 0 && setuid(65534) == 0, "cannot become another user");
                   work();
               })
            .succeeded();
    }

    /// Runs `work` for everybody who may only read: another user, and the owner of what nobody may write.
    void for_readers(const std::function<void()>& work) const {
        CHECK(as_other(work));
        close_down();
        CHECK(as_other(work));
        CHECK(Child(work).succeeded());
        open_up();
    }
};

/// What opening says; empty when it is no error.
std::string refusal(const std::string& path) {
    try {
        (void)open_file(path);
    } catch (const Error& error) {
        require(error.code() == ErrorCode::Backend, std::string("another code: ") + error.what());
        require(!error.retryable(), "retryable");
        return std::string(error.what()) + error.info().advice;
    }
    return "";
}

}  // namespace

TEST_CASE("the commits in the log of a killed writer are read by those who may not write") {
    const LeftFile place;
    place.leave_log();
    bool copied = false;
    SUBCASE("with its index") {}
    SUBCASE("without its index") {
        fs::remove(place.path + "-shm");
        copied = true;
    }
    SUBCASE("with an index that they may not read") {
        fs::permissions(place.path + "-shm", fs::perms::none);
    }
    const auto before = read_file(place.path) + read_file(place.log());
    const auto files = std::distance(fs::directory_iterator(place.inner), {});
    const auto temporary = place.directory.file("tmp");
    fs::create_directory(temporary);
    fs::permissions(temporary, fs::perms::all);
    place.for_readers([&] {
        setenv("TMPDIR", temporary.c_str(), 1);
        const auto db = open_file(place.path);
        require(db->read_only(), "not read-only");
        require(count(*db) == 30, "other rows");
        const auto t = db->begin(TransactionMode::Read);
        require(t->query("SELECT 1 FROM t WHERE id = 30", {})->next(), "no last row");
        require(fs::is_empty(temporary), "a copy was left");
    });
    CHECK(read_file(place.path) + read_file(place.log()) == before);
    CHECK(std::distance(fs::directory_iterator(place.inner), {}) == files);
    if (!copied) return;
    // Where no copy can be made, the message says what to do.
    CHECK(place.as_other([&] {
        setenv("TMPDIR", "/no/such/directory", 1);
        const auto words = refusal(place.path);
        require(words.find("etalon -d sqlite:" + place.path + " log") != std::string::npos, words);
    }));
}

TEST_CASE("a writer killed at any moment leaves a file that those who may not write can read") {
    const LeftFile place;
    // What the writer was told is written.
    auto* reported = static_cast<std::int64_t*>(
        mmap(nullptr, sizeof(std::int64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    REQUIRE(reported != MAP_FAILED);
    std::mt19937 random(20250101);
    for (int round = 0; round < 25; ++round) {
        int ready[2];
        REQUIRE(pipe(ready) == 0);
        Child writer([&] {
            require(write(ready[1], "x", 1) == 1, "pipe");
            const bool stay = round % 3 != 0;  // or switch the journal mode all the time
            std::unique_ptr<Connection> db;
            while (true) {
                if (!db || !stay) {
                    db.reset();
                    db = open_file(place.path);
                }
                add_rows(*db);
                *reported += 10;
            }
        });
        char byte = 0;
        REQUIRE(read(ready[0], &byte, 1) == 1);
        usleep(static_cast<useconds_t>(random() % 40'000));
        writer.kill();
        REQUIRE(writer.was_killed());
        close(ready[0]);
        close(ready[1]);
        const auto check = [&] {
            const auto rows = count(*open_file(place.path));
            require(rows % 10 == 0, "a part of a commit");
            require(rows >= *reported, "a commit is lost");
        };
        CHECK(place.as_other(check));
        if (round % 5 == 0) place.for_readers(check);
        *reported = 0;
        Child mend([&] { *reported = count(*open_file(place.path)); });
        CHECK(mend.succeeded());
        CHECK(*reported % 10 == 0);
    }
    CHECK(*reported > 0);
    munmap(reported, sizeof *reported);
}

TEST_CASE("a damaged log is refused with the command that mends it and who may run it, or gives an earlier commit") {
    const LeftFile place;
    place.leave_log();
    const auto log = read_file(place.log());
    const auto frames = (log.size() - kLogHeader) / kFrame;
    REQUIRE(log.size() == kLogHeader + frames * kFrame);
    const auto frame = [&](std::size_t number) { return kLogHeader + number * kFrame; };
    const auto with_flip = [&](std::size_t at) {
        auto damaged = log;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
        return damaged;
    };
    std::string damaged;
    SUBCASE("a bit of the header") {
        damaged = with_flip(9);
    }
    SUBCASE("a salt in the header") {
        damaged = with_flip(17);
    }
    SUBCASE("a bit of a page in the middle") {
        damaged = with_flip(frame(frames / 2) + 5000);
    }
    SUBCASE("a salt of a frame in the middle") {
        damaged = with_flip(frame(frames / 2) + 9);
    }
    SUBCASE("both salts of a frame in the middle") {
        damaged = log;
        damaged.replace(frame(frames / 2) + 8, 8, 8, '\x5a');
    }
    SUBCASE("the page number of the first frame") {
        damaged = with_flip(frame(0) + 3);
    }
    SUBCASE("a bit of the last page") {
        damaged = with_flip(frame(frames - 1) + 7000);
    }
    SUBCASE("a salt of the last frame") {
        damaged = with_flip(frame(frames - 1) + 13);
    }
    SUBCASE("half of the header is there") {
        damaged = log.substr(0, 17);
    }
    SUBCASE("pages of another size") {
        damaged = log;
        damaged[10] = '\x20';  // 8192
    }
    SUBCASE("zeros") {
        damaged = std::string(log.size(), '\0');
    }
    write_file(place.log(), damaged);
    place.for_readers([&] {
        const auto words = refusal(place.path);
        require(words.find(place.log()) != std::string::npos, "not named: " + words);
        require(words.find("etalon -d sqlite:" + place.path + " log") != std::string::npos, "no command: " + words);
        struct stat file{};
        require(stat(place.path.c_str(), &file) == 0, "no file");
        const passwd* owner = getpwuid(file.st_uid);
        const std::string name = owner == nullptr ? std::to_string(file.st_uid) : owner->pw_name;
        require(words.find(name + ", who owns the file and its directory") != std::string::npos, "nobody: " + words);
    });
    // Who may write mends it by opening it.
    CHECK(count(*open_file(place.path)) % 10 == 0);
    CHECK_FALSE(fs::exists(place.log()));
    CHECK(place.as_other([&] { (void)count(*open_file(place.path)); }));
}

TEST_CASE("a log that ends inside a commit gives the commits before it") {
    const LeftFile place;
    place.leave_log();
    const auto size = fs::file_size(place.log());
    for (const auto cut : {std::uintmax_t{1}, std::uintmax_t{kPage}, std::uintmax_t{kFrame - 10}}) {
        fs::resize_file(place.log(), size - cut);
        place.for_readers([&] { require(count(*open_file(place.path)) == 20, "other rows"); });
    }
    for (const auto left : {kLogHeader + kFrame - 1, kLogHeader + 100, kLogHeader}) {
        fs::resize_file(place.log(), left);
        place.for_readers([&] { require(count(*open_file(place.path)) == 0, "other rows"); });
    }
}

TEST_CASE("no flipped bit of a log gives rows that no commit made") {
    const LeftFile place;
    place.leave_log();
    const auto log = read_file(place.log());
    std::mt19937 random(7);
    const auto check = [&] {
        try {
            require(count(*open_file(place.path)) == 30, "a bit was flipped, and commits are silently missing");
        } catch (const Error& error) {
            require(error.code() == ErrorCode::Backend, std::string("another error: ") + error.what());
        }
    };
    Child child([&] {
        if (geteuid() == 0) place.close_down();
        for (int round = 0; round < 300; ++round) {
            auto damaged = log;
            const auto frames = (log.size() - kLogHeader) / kFrame;
            // Mostly in headers, but not what marks a frame as the end of a commit.
            auto at = random() % kLogHeader;
            if (round % 3 == 1) at = kLogHeader + random() % frames * kFrame + 8 + random() % 16;
            if (round % 3 == 2) at = kLogHeader + random() % frames * kFrame + random() % kFrame;
            if (at >= kLogHeader && (at - kLogHeader) % kFrame >= 4 && (at - kLogHeader) % kFrame < 8) continue;
            damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
            chmod(place.log().c_str(), 0644);
            write_file(place.log(), damaged);
            chmod(place.log().c_str(), 0444);
            check();
        }
    });
    CHECK(child.succeeded());
}

TEST_CASE("readers of a killed writer's log follow the writers that come after it") {
    const LeftFile place;
    place.leave_log();
    int to_reader[2];
    int to_writer[2];
    REQUIRE(pipe(to_reader) == 0);
    REQUIRE(pipe(to_writer) == 0);
    SUBCASE("with its index") {}
    SUBCASE("without its index") {
        fs::remove(place.path + "-shm");
    }
    Child reader([&] {
        if (geteuid() == 0) require(setgid(65534) == 0 && setuid(65534) == 0, "cannot become another user");
        const auto db = open_file(place.path);
        char command = 0;
        while (::read(to_reader[0], &command, 1) == 1 && command != 'q') {
            require(db->read_only(), "not read-only");
            const auto rows = static_cast<char>(count(*db) / 10);
            require(::write(to_writer[1], &rows, 1) == 1, "pipe");
        }
    });
    close(to_writer[1]);
    const auto seen = [&] {
        char rows = -1;
        REQUIRE(::write(to_reader[1], "r", 1) == 1);
        return ::read(to_writer[0], &rows, 1) == 1 ? static_cast<int>(rows) : -1;
    };
    CHECK(seen() == 3);
    {
        const auto db = open_file(place.path);
        CHECK(seen() == 3);
        add_rows(*db);
        CHECK(seen() == 4);
        add_rows(*db);
        CHECK(seen() == 5);
    }
    CHECK(seen() == 5);
    for (int round = 0; round < 3; ++round) {
        Child writer([&] {
            const auto db = open_file(place.path);
            add_rows(*db);
            kill(getpid(), SIGKILL);
        });
        REQUIRE(writer.was_killed());
        CHECK(seen() == 6 + round);
    }
    REQUIRE(::write(to_reader[1], "q", 1) == 1);
    CHECK(reader.succeeded());
    CHECK(count(*open_file(place.path)) == 80);
}

TEST_CASE("a commit that a killed writer left half done is not seen by those who may not write") {
    const LeftFile place;
    place.leave_journal();
    const auto file = read_file(place.path);
    const auto journal = read_file(place.path + "-journal");
    SUBCASE("as it was left") {}
    SUBCASE("of a file that says WAL") {
        auto changed = file;
        changed[18] = changed[19] = 2;
        write_file(place.path, changed);
    }
    place.for_readers([&] {
        const auto db = open_file(place.path);
        require(db->read_only(), "not read-only");
        require(count(*db) == 300, "other rows");
        require(ask(*db, "SELECT count(*) FROM t WHERE x LIKE 'y%'") == 0, "rows of the unfinished commit");
        require(ask(*db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1, "torn");
        try {
            (void)db->begin(TransactionMode::Single)->query("SELECT * FROM nothing", {});
            require(false, "no error");
        } catch (const Error&) {  // and it comes at once
        }
    });
    CHECK(read_file(place.path + "-journal") == journal);
    CHECK(count(*open_file(place.path)) == 300);
    CHECK_FALSE(fs::exists(place.path + "-journal"));
}

TEST_CASE("a damaged rollback journal is refused with the command that mends it") {
    const LeftFile place;
    place.leave_journal();
    const auto path = place.path + "-journal";
    auto journal = read_file(path);
    SUBCASE("cut off") {
        journal.resize(512 + kPage);
    }
    SUBCASE("a damaged header") {
        journal[3] = 'x';
    }
    SUBCASE("a page that is not what it was") {
        std::fill(journal.begin() + 3000, journal.begin() + 4000, 'z');
    }
    SUBCASE("a commit of several files") {
        journal += std::string("\0\0\0\x01/other\0\0\0\6\0\0\0\0", 18);
        journal += "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";
    }
    write_file(path, journal);
    place.for_readers([&] {
        const auto words = refusal(place.path);
        require(words.find(path) != std::string::npos, "not named: " + words);
        require(words.find("etalon -d sqlite:" + place.path + " log") != std::string::npos, "no command: " + words);
    });
}

TEST_CASE("rows of a file that nothing protects are not read on when somebody has changed it") {
    const LeftFile place;
    {
        const auto db = open_file(place.path);
        add_rows(*db, 100);
    }
    const auto write = [&](const char* sql) {
        Child writer([&] {
            sqlite3* raw = nullptr;
            require(sqlite3_open(place.path.c_str(), &raw) == SQLITE_OK, "cannot open");
            require(sqlite3_exec(raw, sql, nullptr, nullptr, nullptr) == SQLITE_OK, "cannot write");
            sqlite3_close(raw);
        });
        REQUIRE(writer.succeeded());
    };
    write("PRAGMA journal_mode=WAL");
    int ready[2];
    int go[2];
    REQUIRE(pipe(ready) == 0);
    REQUIRE(pipe(go) == 0);
    Child reader([&] {
        if (geteuid() == 0) require(setgid(65534) == 0 && setuid(65534) == 0, "cannot become another user");
        const auto db = open_file(place.path);
        const auto rows = db->begin(TransactionMode::Single)->query("SELECT x FROM t", {});
        require(rows->next(), "no row");
        char byte = 0;
        require(::write(ready[1], "x", 1) == 1 && read(go[0], &byte, 1) == 1, "pipe");
        try {
            while (rows->next()) {
            }
            require(false, "read on");
        } catch (const Error& error) {
            require(error.retryable(), "not retryable");
        }
    });
    char byte = 0;
    REQUIRE(read(ready[0], &byte, 1) == 1);
    write("DELETE FROM t WHERE id > 5");
    REQUIRE(::write(go[1], "x", 1) == 1);
    CHECK(reader.succeeded());
}

TEST_CASE("a live writer with a rollback journal holds up nobody who may not write") {
    const LeftFile place;
    int ready[2];
    int go[2];
    REQUIRE(pipe(ready) == 0);
    REQUIRE(pipe(go) == 0);
    Child writer([&] {
        sqlite3* db = nullptr;
        char byte = 0;
        require(sqlite3_open(place.path.c_str(), &db) == SQLITE_OK, "cannot open");
        require(sqlite3_exec(db, "BEGIN; INSERT INTO t (x) VALUES ('a')", nullptr, nullptr, nullptr) == SQLITE_OK,
                "cannot write");
        require(write(ready[1], "x", 1) == 1 && read(go[0], &byte, 1) == 1, "pipe");
        require(sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK, "cannot commit");
        sqlite3_close(db);
    });
    char byte = 0;
    REQUIRE(read(ready[0], &byte, 1) == 1);
    REQUIRE(fs::exists(place.path + "-journal"));
    CHECK(place.as_other([&] { require(count(*open_file(place.path)) == 0, "other rows"); }));
    REQUIRE(write(go[1], "x", 1) == 1);
    CHECK(writer.succeeded());
    CHECK(place.as_other([&] { require(count(*open_file(place.path)) == 1, "other rows"); }));
}

TEST_CASE("files beside a SQLite file have its mode, whatever the umask, and as root its owner") {
    const bool root = geteuid() == 0;
    for (const mode_t mask : {0077, 0000, 0022}) {
        for (const mode_t mode : {0600, 0640, 0664}) {
            CAPTURE(mask);
            CAPTURE(mode);
            const LeftFile place;
            REQUIRE(chmod(place.path.c_str(), mode) == 0);
            if (root) REQUIRE(chown(place.path.c_str(), 65534, 4711) == 0);
            const mode_t old = umask(mask);
            const auto check = [&](const std::string& suffix) {
                CAPTURE(suffix);
                struct stat file{};
                struct stat beside{};
                REQUIRE(stat(place.path.c_str(), &file) == 0);
                REQUIRE(stat((place.path + suffix).c_str(), &beside) == 0);
                CHECK((beside.st_mode & 07777) == (file.st_mode & 07777));
                CHECK(beside.st_uid == file.st_uid);
                CHECK(beside.st_gid == file.st_gid);
            };
            {
                const auto db = open_file(place.path);
                add_rows(*db);
                check("-wal");
                check("-shm");
            }
            {
                const auto db = open_file(place.path);
                const auto held = db->begin(TransactionMode::Single)->query("SELECT id FROM t", {});
                REQUIRE(held->next());  // with an open cursor the rollback journal stays in use
                const auto t = db->begin(TransactionMode::Write);
                t->execute("INSERT INTO t (x) VALUES ('a')", {});
                check("-journal");
            }
            umask(old);
            struct stat file{};
            REQUIRE(stat(place.path.c_str(), &file) == 0);
            CHECK((file.st_mode & 07777) == mode);
        }
    }
}
