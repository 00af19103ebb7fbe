// Many processes write and read several databases of one server through PgBouncer.
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "database/support.h"
#include "etalon/verify.h"
#include "support/children.h"
#include "support/own_database.h"
#include "support/pooler.h"

using namespace etalon;
using etalon::test::Child;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::OwnDatabase;
using etalon::test::Plain;
using etalon::test::Pooler;
using etalon::test::PoolMode;
using etalon::test::value;

namespace {

constexpr std::int64_t kWriters = 8;
constexpr std::int64_t kReaders = 4;
constexpr std::size_t kPlaces = 3;
constexpr auto kTime = std::chrono::seconds(4);
using Urls = std::array<std::string, kPlaces>;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what);
}

/// What the writer writes with its nth commit: database, writer and number can be told from it.
double written(std::size_t place, std::int64_t writer, std::int64_t nth) {
    return static_cast<double>(place) * 1e9 + static_cast<double>(writer) * 1e6 + static_cast<double>(nth);
}

/// Each writer has an element of its own in every database, and a record for each time.
void write_on(const Urls& urls, std::int64_t writer, const std::string& log) {
    std::array<std::int64_t, kPlaces> done{};
    std::vector<Database> databases;
    for (const auto& url : urls) databases.push_back(Database::open(url));
    std::mt19937 random(static_cast<unsigned>(writer));
    const auto end = std::chrono::steady_clock::now() + kTime;
    while (std::chrono::steady_clock::now() < end) {
        const auto i = random() % kPlaces;
        const auto nth = done[i] + 1;
        const auto record = value(written(i, writer, nth), nth, std::nullopt, "default", writer);
        std::optional<CommitResult> result;
        for (int tries = 0; !result; ++tries) {
            try {
                result = commit(databases[i], {record});
            } catch (const Error& error) {
                if (!error.retryable() || tries == 5) throw;
            }
        }
        done[i] = nth;
        FetchOptions options;
        options.as_of = result->commit;
        options.elements = {writer};
        const auto rows = databases[i].fetch<Plain>("Plain", Time{nth}, options);
        if (rows.size() != 1 || rows[0].value != written(i, writer, nth)) fail("a writer does not read what it wrote");
    }
    std::ofstream out(log);
    for (const auto count : done) out << count << '\n';
    out.flush();
    if (!out) fail("the log of a writer cannot be written");
}

/// Whatever a reader finds was written for that database, that writer and that time.
void read_on(const Urls& urls, std::int64_t reader) {
    std::vector<Database> databases;
    for (const auto& url : urls) databases.push_back(Database::open(url, {.cache_bytes = 0}));
    std::mt19937 random(100 + static_cast<unsigned>(reader));
    std::map<std::pair<std::size_t, std::int64_t>, std::int64_t> most;
    std::int64_t found = 0;
    const auto end = std::chrono::steady_clock::now() + kTime;
    while (found == 0 || std::chrono::steady_clock::now() < end) {
        const auto i = random() % kPlaces;
        const auto writer = static_cast<std::int64_t>(random() % kWriters);
        (void)databases[i].advance();
        FetchOptions options;
        options.elements = {writer};
        auto& last = most[{i, writer}];
        const auto newest = databases[i].fetch_rows("Plain", Time{1'000'000}, options);
        if (newest->status == Status::Found) {
            const auto got = *reinterpret_cast<const double*>(newest->data.get());
            const auto nth = static_cast<std::int64_t>(got - written(i, writer, 0));
            if (nth < last || nth >= 1'000'000 || got != written(i, writer, nth)) fail("a reader got another's value");
            last = nth;
        }
        if (last == 0) continue;
        const auto nth = 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(last));
        const auto rows = databases[i].fetch<Plain>("Plain", Time{nth}, options);
        if (rows.size() != 1 || rows[0].value != written(i, writer, nth)) fail("a reader got another time's value");
        ++found;
    }
}

}  // namespace

TEST_CASE("eight writers and four readers of two schemas and another database through a pooler get right answers") {
    if (!Pooler::is_there()) return;
    const OwnDatabase other(*test::find_postgres());
    for (const auto mode : {PoolMode::Transaction, PoolMode::Session}) {
        CAPTURE(static_cast<int>(mode));
        const test::TempDirectory directory;
        // Session pooling keeps a session for as long as a connection lasts.
        const Pooler pooler(mode, mode == PoolMode::Session ? 30 : 3);
        const Urls urls{pooler.url(*test::find_fresh_postgres_place()), pooler.url(*test::find_fresh_postgres_place()),
                        pooler.url(other.url(test::fresh_schema_name()))};
        for (const auto& url : urls) (void)create_with<Plain>(url);
        {
            std::vector<Child> children;
            for (std::int64_t i = 0; i < kWriters; ++i) {
                children.emplace_back([&, i] { write_on(urls, i, directory.file("log" + std::to_string(i))); });
            }
            for (std::int64_t i = 0; i < kReaders; ++i) children.emplace_back([&, i] { read_on(urls, i); });
            for (auto& child : children) CHECK(child.succeeded());
        }
        std::array<std::map<std::int64_t, std::int64_t>, kPlaces> counts;
        for (std::int64_t writer = 0; writer < kWriters; ++writer) {
            std::ifstream in(directory.file("log" + std::to_string(writer)));
            for (auto& of_place : counts) in >> of_place[writer];
            CHECK(in.good());
        }
        for (std::size_t i = 0; i < kPlaces; ++i) {
            auto db = Database::open(urls[i]);
            for (std::int64_t writer = 0; writer < kWriters; ++writer) {
                HistoryOptions of_writer;
                of_writer.elements = {writer};
                CHECK(db.history("Plain", of_writer).size() == static_cast<std::size_t>(counts[i][writer]));
            }
            CHECK(db.verify({}).findings.empty());
        }
    }
}
