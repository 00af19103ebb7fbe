// Threads that share one Database.
#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "database/support.h"

using namespace etalon;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::Plain;
using etalon::test::put;
using etalon::test::value;

namespace {

constexpr std::int64_t kElements = 6;
constexpr int kThreads = 8;

/// An answer as a thread saw it: as of a snapshot everything had this value.
struct Seen {
    std::int64_t snapshot = 0;
    double value = 0;
};

/// What went wrong in a thread; doctest's own checks are for one.
class Faults {
public:
    void add(const std::string& what) {
        const std::lock_guard lock(mutex_);
        if (what_.size() < 2000) what_ += what + '\n';
    }
    [[nodiscard]] std::string what() const { return what_; }

private:
    std::mutex mutex_;
    std::string what_;
};

/// All elements, at several times and of two names, with one value in one commit.
std::vector<PutRecord> everything(double number) {
    std::vector<PutRecord> records;
    for (const auto* name : {"Plain", "Other"}) {
        for (std::int64_t element = 0; element < kElements; ++element) {
            for (std::int64_t begin = 0; begin < 3; ++begin)
                records.push_back(value(number, begin * 10, begin * 10 + 10, "default", element, name));
        }
    }
    return records;
}

}  // namespace

TEST_CASE("threads share a database, and every answer belongs to one snapshot") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    db.define_name({"Other", "Plain", {}, {}, Storage::Bytes});
    std::map<std::int64_t, double> value_of;  // by commit
    const auto first = etalon::test::commit(db, everything(0));
    value_of[first.commit] = 0;
    db.advance();
    std::vector<std::vector<Seen>> seen(kThreads);
    Faults faults;
    std::atomic<bool> over{false};
    const auto guarded = [&](const auto& work) {
        try {
            work();
        } catch (const std::exception& error) {
            faults.add(error.what());
        }
    };
    const auto read = [&](int number) {
        std::mt19937 random(7 + static_cast<unsigned>(number));
        const std::vector<std::vector<std::int64_t>> lists{{0}, {1, 0}, {0, 1, 2, 3, 4, 5}, {5, 2}};
        while (!over) {
            FetchOptions options;
            options.elements = lists[random() % lists.size()];
            const auto at = Time{static_cast<std::int64_t>(random() % 30)};
            const auto kind = random() % 100;
            const std::string name = random() % 2 == 0 ? "Plain" : "Other";
            if (kind < 3) {
                (void)db.advance();
            } else if (kind < 6) {
                db.invalidate(name);
            } else if (kind < 8) {
                (void)db.cache_counters();
                (void)db.find_name(name);
            } else if (kind < 12) {
                options.as_of = first.commit;
            }
            const auto rows = db.fetch<Plain>(name, at, options);
            if (rows.size() != options.elements.size()) faults.add("rows are missing");
            for (const auto& row : rows) {
                if (row.value != rows[0].value) faults.add("rows of two snapshots in one answer");
            }
            seen[static_cast<std::size_t>(number)].push_back({rows.answer()->snapshot, rows[0].value});
        }
    };
    std::vector<std::thread> threads;
    for (int number = 1; number < kThreads; ++number)
        threads.emplace_back([&, number] { guarded([&] { read(number); }); });
    guarded([&] {
        for (int i = 1; i <= 60; ++i) {
            if (i % 7 == 0)
                db.define_name({"Plain", "", {}, i % 2 == 0 ? OrderPolicy::ByBegin : OrderPolicy::ByCreation, {}});
            const auto done = etalon::test::commit(db, everything(i));
            value_of[done.commit] = i;
            if (i % 3 == 0) db.advance();
        }
    });
    over = true;
    for (auto& thread : threads) thread.join();
    CHECK(faults.what() == "");

    std::size_t answers = 0;
    std::map<std::int64_t, int> snapshots;
    for (const auto& of_thread : seen) {
        answers += of_thread.size();
        for (const auto& one : of_thread) {
            ++snapshots[one.snapshot];
            REQUIRE(one.snapshot >= first.commit);
            REQUIRE(one.value == std::prev(value_of.upper_bound(one.snapshot))->second);
        }
    }
    const auto counters = db.cache_counters();
    MESSAGE(answers, " answers as of ", snapshots.size(), " snapshots; ", counters.hits, " hits, ", counters.loads,
            " loads");
    CHECK(snapshots.size() > 10);
    CHECK(counters.hits > 100);
    CHECK(counters.loads > 100);
}
