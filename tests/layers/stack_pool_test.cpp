// Many threads on one Database: the same answers as one thread gets, over as few connections as are needed.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <sstream>
#include <thread>
#include <utility>

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

constexpr std::int64_t kElements = 4;
constexpr std::int64_t kIntervals = 40;

/// Element e has e * 1000 + i from 10 * i on.
std::vector<PutRecord> constants(double shift = 0) {
    std::vector<PutRecord> records;
    for (std::int64_t e = 0; e < kElements; ++e) {
        for (std::int64_t i = 0; i < kIntervals; ++i) {
            records.push_back(value(static_cast<double>(e * 1000 + i) + shift, 10 * i, std::nullopt, "default", e));
        }
    }
    return records;
}

NodeSpec table_node(const std::string& path) {
    NodeSpec spec;
    spec.path = path;
    spec.ref_name = "Plain";
    spec.elements = "0-3";
    return spec;
}

/// A database with constants() and a configuration of two nodes.
void fill(const std::string& url) {
    auto db = create_with<Plain>(url);
    (void)commit(db, constants());
    const std::vector<NodeSpec> nodes{table_node("Top/a"), table_node("Top/b")};
    (void)db.add_nodes(nodes, {"tester", "", "", "a tree"});
}

/// Runs `work(number)` in that many threads at once; what a thread throws fails the test.
template <class Work>
void in_threads(int count, const Work& work) {
    std::vector<std::string> problems(static_cast<std::size_t>(count));
    std::vector<std::thread> threads;
    for (int t = 0; t < count; ++t) {
        threads.emplace_back([&, t] {
            try {
                work(t);
            } catch (const std::exception& error) {
                problems[static_cast<std::size_t>(t)] = error.what();
            }
        });
    }
    for (auto& thread : threads) thread.join();
    for (const auto& problem : problems) CHECK(problem == "");
}

/// Waits until it holds, for at most half a minute.
template <class Condition>
bool comes_true(const Condition& condition) {
    for (int i = 0; i < 3000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

/// Whether a process has a reader's lock on the index of the write-ahead log (bytes 123 to 127: SQLite's "WAL-Index
/// Locks"). From the system: opening the file here would drop the locks of this process.
bool has_reader_in_log(const std::string& path) {
    struct stat info{};
    if (stat((path + "-shm").c_str(), &info) != 0) return false;
    const std::string inode = ':' + std::to_string(info.st_ino);
    std::ifstream locks("/proc/locks");
    std::string line;
    while (std::getline(locks, line)) {
        std::istringstream words(line);
        std::string number, kind, advisory, access, process, file;
        std::int64_t begin = 0;
        words >> number >> kind >> advisory >> access >> process >> file >> begin;
        if (file.ends_with(inode) && access == "READ" && begin >= 123 && begin <= 127) return true;
    }
    return false;
}

/// What is wrong with the answers to one random read of each kind; `shift` is what was added to constants().
std::string find_fault(Database& db, Federation* federation, std::mt19937& random, double shift = 0) {
    const auto element = static_cast<std::int64_t>(random() % kElements);
    const auto at = static_cast<std::int64_t>(random() % (10 * kIntervals));
    FetchOptions options;
    options.elements = {element};
    const auto expected = static_cast<double>(element * 1000 + at / 10) + shift;
    const auto rows = db.fetch<Plain>("Plain", Time{at}, options);
    if (rows.size() != 1 || rows[0].value != expected) return "fetch<T>";
    const auto begin = at / 10 * 10;
    if (rows.validity().begin != begin) return "where a record begins";
    if (rows.provenance().record.begin != begin) return "provenance";
    const auto answer = db.fetch_rows("Plain", Time{at}, options);
    if (reinterpret_cast<const Plain*>(answer.row(0))->value != expected) return "fetch_rows";
    std::int64_t seen = 0;
    db.scan(
        "Plain", Time{at}, Time{at + 50},
        [&](const Answer& one) {
            if (reinterpret_cast<const Plain*>(one.row(0))->value != expected + static_cast<double>(seen)) return false;
            ++seen;
            return true;
        },
        options);
    if (seen != std::min<std::int64_t>((at + 49) / 10, kIntervals - 1) - at / 10 + 1) return "a scan";
    if (federation == nullptr) return "";
    ConfigurationRequest request;
    request.time = Time{at};
    const auto tree = federation->fetch_configuration("Top", "", request);
    for (const auto* path : {"Top/a", "Top/b"}) {
        const auto& of_node = *tree.find(path)->answer;
        for (std::int64_t e = 0; e < kElements; ++e) {
            const auto* row = reinterpret_cast<const Plain*>(of_node.row(static_cast<std::size_t>(e)));
            if (row->value != static_cast<double>(e * 1000 + at / 10) + shift) return "a configuration";
        }
    }
    return "";
}

}  // namespace

TEST_CASE("threads read side by side what one thread reads, as of the same snapshot while others commit") {
    EachEngine engine;
    if (!engine) return;
    fill(engine.url());
    for (const std::uint64_t cache_bytes : {0, 1 << 20}) {
        Federation federation;
        OpenOptions options;
        options.cache_bytes = cache_bytes;
        auto& db = federation.add(engine.url(), options);
        const auto snapshot = db.snapshot();
        std::atomic<bool> ends = false;
        std::atomic<int> commits = 0;
        // Through the same Database, and through another one: neither is seen.
        std::thread writer([&] {
            auto other = Database::open(engine.url());
            for (int i = 1; !ends; ++i) {
                auto later = constants(0.25 * i);
                later.resize(20);
                (void)commit(i % 2 == 0 ? db : other, later);
                ++commits;
            }
        });
        CHECK(comes_true([&] { return commits > 0; }));
        in_threads(6, [&](int t) {
            std::mt19937 random(static_cast<unsigned>(t));
            for (int i = 0; i < 60; ++i) {
                if (const auto fault = find_fault(db, &federation, random); !fault.empty())
                    throw std::runtime_error(fault);
            }
        });
        ends = true;
        writer.join();
        CHECK(db.snapshot() == snapshot);
        CHECK(db.connection_counters().opened >= 2);
        db.advance();
        CHECK(db.snapshot() > snapshot);
        // Back to what it was, for the other kind of Database.
        (void)commit(db, constants());
        db.advance();
    }
}

TEST_CASE("one of two threads gets a second connection while the first is busy; one thread alone never") {
    EachEngine engine;
    if (!engine) return;
    fill(engine.url());
    OpenOptions options;
    options.cache_bytes = 0;
    options.connection_idle = std::chrono::milliseconds(50);
    auto db = Database::open(engine.url(), options);
    std::mt19937 random(1);
    for (int i = 0; i < 50; ++i) CHECK(find_fault(db, nullptr, random) == "");
    CHECK(db.connection_counters() == ConnectionCounters{1, 1, 0, {}});

    // A commit that tells its progress has the first one.
    bool was_busy = false;
    const auto records = constants(0.5);
    (void)db.commit(records, CommitInfo{"tester", "", "", "a test"}, {}, [&](std::uint64_t, std::uint64_t) {
        if (was_busy) return;
        was_busy = true;
        std::thread reader([&] {
            std::mt19937 of_reader(2);
            CHECK(find_fault(db, nullptr, of_reader) == "");
        });
        reader.join();
        CHECK(db.connection_counters().open == 2);
    });
    CHECK(was_busy);
    CHECK(comes_true([&] { return db.connection_counters().open == 1; }));
    CHECK(db.connection_counters().opened == 2);
    // And again, after it was closed.
    const auto before = db.statement_count();
    was_busy = false;
    (void)db.commit(records, CommitInfo{"tester", "", "", "a test"}, {}, [&](std::uint64_t, std::uint64_t) {
        if (was_busy) return;
        was_busy = true;
        std::thread([&] { CHECK(db.fetch<Plain>("Plain", Time{5}).size() == 1); }).join();
    });
    CHECK(db.connection_counters().opened == 3);
    CHECK(db.statement_count() > before);
}

TEST_CASE("threads see what a write changed for reads as of the same snapshot, whatever stack they read over") {
    EachEngine engine;
    if (!engine) return;
    fill(engine.url());
    OpenOptions options;
    options.cache_bytes = 0;
    auto db = Database::open(engine.url(), options);
    const CommitInfo who{"tester", "", "", "a test"};
    // Runs `read` over the second stack: the first is busy with a commit.
    double shift = 0;
    const auto read_beside = [&](const std::function<void()>& read) {
        bool was_busy = false;
        const auto records = constants(shift += 1);
        (void)db.commit({records.data(), 1}, who, {}, [&](std::uint64_t, std::uint64_t) {
            if (std::exchange(was_busy, true)) return;
            in_threads(1, [&](int) { read(); });
        });
        CHECK(was_busy);
        CHECK(db.connection_counters().open == 2);
    };
    const auto value_as_of = [&](const AsOf& as_of) {
        FetchOptions choice;
        choice.as_of = as_of;
        return db.fetch<Plain>("Plain", Time{5}, choice)[0].value;
    };
    const auto first = db.snapshot();
    (void)db.set_snapshot("prod", {{"*", first}}, who);
    NameSpec unused;
    unused.name = "Unused";
    unused.struct_name = "Plain";
    (void)db.define_name(unused, who);
    db.advance();
    read_beside([&] {
        CHECK(value_as_of(SnapshotName{"prod"}) == 0);
        CHECK(value_as_of(Time{kPlusInfinity}) == 0);
        CHECK(db.find_name("Unused")->axis == Axis::Time);
        CHECK(db.fetch_rows("Unused", Time{5})->status == Status::Gap);
        CHECK(db.structs().size() == 1);
    });
    // The commit above, and one of each kind of write.
    (void)db.set_snapshot("prod", {{"*", Time{kPlusInfinity}}}, who);
    unused.axis = Axis::Run;
    (void)db.define_name(unused, who);
    auto wider = etalon::test::definition_of<Plain>();
    wider.elements.push_back(wider.elements.front());
    wider.elements.back().path = "error";
    wider.elements.back().offset = 8;
    wider.size = 16;
    (void)db.register_structs({&wider, 1});
    const auto expected_now = value_as_of(Time{kPlusInfinity});
    CHECK(expected_now == 1);
    read_beside([&] {
        CHECK(value_as_of(SnapshotName{"prod"}) == expected_now);
        CHECK(value_as_of(Time{kPlusInfinity}) == expected_now);
        CHECK(db.find_name("Unused")->axis == Axis::Run);
        CHECK(db.fetch_rows("Unused", Run{5})->status == Status::Gap);
        const auto structs = db.structs();
        REQUIRE(structs.size() == 1);
        CHECK(structs.front().schemas == 2);
        FetchOptions newest;
        newest.schema = 2;
        CHECK(db.fetch_rows("Plain", Time{5}, newest)->layout->size == 16);
    });
}

TEST_CASE("threads that read get their turn while others write all the time over the only connection") {
    auto db = create_with<Plain>("memory:");
    (void)commit(db, constants());
    db.advance();
    std::atomic<bool> ends = false;
    in_threads(4, [&](int t) {
        if (t == 0) {
            for (int i = 0; i < 50; ++i) {
                FetchOptions options;
                options.elements = {i % kElements};
                if (db.fetch_rows("Plain", Time{10 * (i % kIntervals)}, options)->num_rows != 1) break;
            }
            ends = true;
        } else {
            for (int i = 0; !ends; ++i) (void)commit(db, {value(i, 5000 + t)});
        }
    });
    CHECK(db.connection_counters().opened == 1);
}

TEST_CASE("threads that meet advance() see what it saw, all of them") {
    EachEngine engine;
    if (!engine) return;
    fill(engine.url());
    for (const std::uint64_t cache_bytes : {0, 1 << 20}) {
        OpenOptions options;
        options.cache_bytes = cache_bytes;
        auto db = Database::open(engine.url(), options);
        (void)commit(db, {value(0, 5000)});
        db.advance();
        std::atomic<int> done = 0;
        in_threads(5, [&](int t) {
            if (t == 0) {
                for (int i = 1; i <= 25; ++i) {
                    (void)commit(db, {value(i, 5000)});
                    db.advance();
                }
                done = 1;
                return;
            }
            double last = 0;
            while (done == 0) {
                const auto seen_before = db.snapshot();
                const auto answer = db.fetch_rows("Plain", Time{6000});
                if (answer->snapshot < seen_before) throw std::runtime_error("an older snapshot than was taken");
                const auto now = reinterpret_cast<const Plain*>(answer.row(0))->value;
                if (now < last) throw std::runtime_error("an older answer than was given");
                last = now;
            }
        });
        CHECK(db.fetch<Plain>("Plain", Time{6000})[0].value == 25);
    }
}

TEST_CASE("no more connections than max_connections says, and threads wait for them") {
    EachEngine engine;
    if (!engine) return;
    fill(engine.url());
    for (const std::uint32_t most : {0U, 1U, 2U, 3U}) {
        OpenOptions options;
        options.cache_bytes = 0;
        options.max_connections = most;
        auto db = Database::open(engine.url(), options);
        std::atomic<std::uint64_t> seen = 0;
        in_threads(8, [&](int t) {
            std::mt19937 random(static_cast<unsigned>(t));
            for (int i = 0; i < 20; ++i) {
                if (const auto fault = find_fault(db, nullptr, random); !fault.empty()) throw std::runtime_error(fault);
                const auto open = db.connection_counters().open;
                auto known = seen.load();
                while (known < open && !seen.compare_exchange_weak(known, open)) {
                }
            }
        });
        CHECK(seen >= 1);
        CHECK(seen <= std::max(1U, most));
        CHECK(db.connection_counters().failed == 0);
    }
}

TEST_CASE("threads on a place that is nobody else's read over its one connection") {
    const TempDirectory directory;
    const auto file = "sqlite:" + directory.file("below.db");
    fill(file);
    Federation federation;
    OpenOptions options;
    options.cache_bytes = 0;
    auto& stack = federation.add(std::vector<std::string>{"memory:", file}, options);
    auto memory = create_with<Plain>("memory:");
    (void)commit(memory, constants());
    memory.advance();
    in_threads(6, [&](int t) {
        std::mt19937 random(static_cast<unsigned>(t));
        for (int i = 0; i < 40; ++i) {
            for (const auto& fault : {find_fault(stack, &federation, random), find_fault(memory, nullptr, random)}) {
                if (!fault.empty()) throw std::runtime_error(fault);
            }
        }
    });
    CHECK(stack.connection_counters().opened == 1);
    CHECK(memory.connection_counters().opened == 1);
}

TEST_CASE("threads over two layers read both over connections of their own") {
    EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    const auto above = engine.layer(directory.file("above.db"));
    fill(engine.url());
    {
        auto db = create_with<Plain>(above);
        (void)commit(db, {value(-1, 1000)});
    }
    OpenOptions options;
    options.cache_bytes = 0;
    options.write_to = above;
    auto db = Database::open(std::vector<std::string>{above, engine.url()}, options);
    const auto read = [&](int t) {
        std::mt19937 random(static_cast<unsigned>(t));
        for (int i = 0; i < 30; ++i) {
            const auto at = static_cast<std::int64_t>(random() % 400);
            const auto rows = db.fetch<Plain>("Plain", Time{at});
            if (rows[0].value != static_cast<double>(at / 10)) throw std::runtime_error("the layer below");
            if (db.fetch<Plain>("Plain", Time{1000 + at})[0].value != -1) throw std::runtime_error("the layer above");
        }
    };
    // Until two of them have met.
    CHECK(comes_true([&] {
        in_threads(6, read);
        return db.connection_counters().opened >= 2;
    }));
}

TEST_CASE("a server that gives no second connection: threads read on over the first") {
    const auto place = etalon::test::find_fresh_postgres_place();
    if (!place) return;
    fill(*place);
    const auto schema = backends::parse_place_url(*place);
    const std::string role = "etalon_one_" + schema.database_name;
    etalon::test::raw_script(*place, "CREATE ROLE \"" + role + "\" LOGIN CONNECTION LIMIT 1; GRANT USAGE ON SCHEMA \"" +
                                         schema.database_name + "\" TO \"" + role +
                                         "\"; GRANT SELECT ON ALL TABLES IN SCHEMA \"" + schema.database_name +
                                         "\" TO \"" + role + "\"");
    {
        OpenOptions options;
        options.cache_bytes = 0;
        auto url = schema.target;
        url += (url.find('?') == std::string::npos ? "?" : "&") + ("user=" + role) + "#" + schema.database_name;
        auto db = Database::open(url, options);
        in_threads(4, [&](int t) {
            std::mt19937 random(static_cast<unsigned>(t));
            for (int i = 0; i < 20; ++i) {
                if (const auto fault = find_fault(db, nullptr, random); !fault.empty()) throw std::runtime_error(fault);
            }
        });
        const auto counters = db.connection_counters();
        CHECK(counters.open == 1);
        CHECK(counters.opened == 1);
        CHECK(counters.failed > 0);
        INFO(counters.last_problem);
        CHECK(counters.last_problem.find("too many connections") != std::string::npos);
    }
    etalon::test::raw_script(*place, "DROP OWNED BY \"" + role + "\"; DROP ROLE \"" + role + "\"");
}

TEST_CASE("another database in the place of the file is never read by threads that open it again") {
    const TempDirectory directory;
    const auto path = directory.file("here.db");
    fill("sqlite:" + path);
    {
        auto other = create_with<Plain>("sqlite:" + directory.file("other.db"));
        (void)commit(other, constants(0.5));
        (void)commit(other, constants(0.5));
        (void)commit(other, constants(0.5));
    }
    OpenOptions options;
    options.cache_bytes = 0;
    auto db = Database::open("sqlite:" + path, options);
    REQUIRE(rename(directory.file("other.db").c_str(), path.c_str()) == 0);
    std::atomic<int> wrong = 0;
    in_threads(6, [&](int t) {
        std::mt19937 random(static_cast<unsigned>(t));
        for (int i = 0; i < 20; ++i) {
            try {
                if (!find_fault(db, nullptr, random).empty()) ++wrong;
            } catch (const Error& error) {
                if (error.code() != ErrorCode::Backend) ++wrong;
            }
        }
    });
    CHECK(wrong == 0);
    CHECK(db.connection_counters().opened == 1);
}

TEST_CASE("what is kept of a log between reads is given up when nobody reads, and commits are not held up") {
    const TempDirectory directory;
    const auto path = directory.file("test.db");
    fill("sqlite:" + path);
    auto writer = Database::open("sqlite:" + path);
    (void)commit(writer, {value(1, 5000)});  // the file has a log for as long as it is open
    OpenOptions options;
    options.cache_bytes = 0;
    auto reader = Database::open("sqlite:" + path, options);
    const auto read = [&] { CHECK(reader.fetch<Plain>("Plain", Time{7}, {.elements = {1}})[0].value == 1000); };
    bool held = false;
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 10000 && !(held = has_reader_in_log(path)); ++i) {
            for (int n = 0; n < 20; ++n) read();
        }
        CHECK(held);
        CHECK(comes_true([&] { return !has_reader_in_log(path); }));
        const auto added = commit(writer, {value(2 + round, 6000 + round)});
        CHECK(reader.advance() == added.commit);
        CHECK(reader.fetch<Plain>("Plain", Time{6000 + round})[0].value == 2 + round);
    }
    CHECK(reader.connection_counters().opened == 1);
    // Also by whoever closes right after a read.
    for (int n = 0; n < 20; ++n) read();
    {
        const auto closed = std::move(reader);
    }
    CHECK_FALSE(has_reader_in_log(path));
}
