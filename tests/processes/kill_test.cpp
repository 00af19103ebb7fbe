// Writers that are killed with SIGKILL at any moment.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <random>

#include "database/support.h"
#include "processes/whole.h"
#include "support/children.h"

using namespace etalon;
using etalon::test::check_timelines;
using etalon::test::check_whole;
using etalon::test::Child;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::Gain1;
using etalon::test::gain1;
using etalon::test::Plain;
using etalon::test::promise;
using etalon::test::put;
using etalon::test::value;

namespace {

constexpr std::int64_t kElements = 30;

/// Killed writers of each engine. ETALON_KILL_ROUNDS makes it more.
int rounds() {
    const char* wanted = std::getenv("ETALON_KILL_ROUNDS");
    return wanted != nullptr ? std::atoi(wanted) : 50;
}

CommitInfo promising(const etalon::test::Written& written) {
    return {"killed", "", "", promise(written)};
}

/// Records with payloads in both forms; what each commit writes differs, so that payloads are new.
std::vector<PutRecord> many_records(std::int32_t round, std::int32_t i) {
    std::vector<PutRecord> records;
    for (std::int64_t element = 0; element < kElements; ++element) {
        std::vector<Gain1> rows;
        for (std::int32_t row = 0; row < 20; ++row)
            rows.push_back(gain1(round * 1'000'000 + i * 1000 + row, static_cast<float>(element)));
        records.push_back(put<Gain1>(element % 2 == 0 ? "Gain" : "GainBytes", i, rows));
        records.back().element = element;
        records.back().end = i + element + 1;
    }
    return records;
}

/// Commits of all kinds, for ever. Every reason promises what the commit writes.
void write_for_ever(const std::string& url, std::int32_t round, const std::function<void()>& ready) {
    auto db = Database::open(url);
    const auto own = "Round" + std::to_string(round) + "_";
    for (std::int32_t i = 0;; ++i) {
        const auto records = many_records(round, i);
        (void)db.commit(records, promising({static_cast<std::int64_t>(records.size()), 0, 0}));
        if (i == 0) ready();
        // Names made by the commit that fills them.
        const auto first = own + std::to_string(2 * i);
        const auto second = own + std::to_string(2 * i + 1);
        (void)db.commit(std::vector<PutRecord>{value(i, 0, std::nullopt, "default", 0, first),
                                               value(i + 0.5, 1, std::nullopt, "sim", 1, second)},
                        promising({2, 0, 2}),
                        std::vector<NameSpec>{{first, "Plain", {}, {}, {}}, {second, "Plain", {}, {}, Storage::Bytes}});
        // Of these nothing else is retired.
        std::vector<PutRecord> several;
        for (std::int64_t begin = 0; begin < 12; ++begin)
            several.push_back(value(static_cast<double>(round * 1000 + i), begin, begin + 3, "own", round));
        (void)db.commit(several, promising({12, 0, 0}));
        HistoryOptions all;
        all.elements = {round};
        all.versions = {"own"};
        (void)db.retire("Plain", all, promising({0, 12, 0}), true, false);
        (void)db.define_name(
            {"Policy", "Plain", {}, (round + i) % 2 == 0 ? OrderPolicy::ByBegin : OrderPolicy::ByCreation, {}},
            promising({0, 0, 1}));
        (void)db.commit(std::vector<PutRecord>{value(i, i % 7, i % 7 + 3, "default", 0, "Policy")},
                        promising({1, 0, 0}));
    }
}

}  // namespace

TEST_CASE("a writer killed at any moment leaves all of a commit or nothing") {
    const EachEngine engine;
    if (!engine) return;
    {
        auto db = create_with<Plain, Gain1>(engine.url());
        db.define_name({"GainBytes", "Gain", {}, {}, Storage::Bytes});
        db.define_name({"Policy", "Plain", {}, OrderPolicy::ByCreation, {}});
        (void)db.commit(std::vector<PutRecord>{value(1, 1, std::nullopt, "default", 0, "Policy")},
                        promising({1, 0, 0}));
    }
    // Long enough for several commits, however busy the machine is.
    unsigned window = 60'000;  // microseconds
    {
        auto db = Database::open(engine.url());
        const auto started = std::chrono::steady_clock::now();
        for (int i = 0; i < 5; ++i)
            (void)db.commit(std::vector<PutRecord>{value(i, i, i + 1, "own", 99)}, promising({1, 0, 0}));
        const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - started;
        window = std::max(window, static_cast<unsigned>(3 * took.count()));
    }
    std::mt19937 random(20261121);
    std::int64_t last = 0;
    std::int64_t interrupted = 0;
    double longest = 0;
    const int count = rounds();
    for (int round = 0; round < count; ++round) {
        int ready[2];
        REQUIRE(pipe(ready) == 0);
        // Every third is killed from its first statement on, the others after their first commit.
        const bool at_once = round % 3 == 0;
        Child child([&] {
            const auto say = [&] {
                if (write(ready[1], "x", 1) != 1) throw std::runtime_error("pipe");
            };
            if (at_once) say();
            write_for_ever(engine.url(), round, at_once ? std::function<void()>([] {}) : say);
        });
        char byte = 0;
        REQUIRE(read(ready[0], &byte, 1) == 1);
        usleep(static_cast<useconds_t>(random() % window));
        child.kill();
        REQUIRE(child.was_killed());
        close(ready[0]);
        close(ready[1]);

        // The next writer is not held up by what was left.
        const auto started = std::chrono::steady_clock::now();
        {
            auto db = Database::open(engine.url());
            const auto before = db.snapshot();
            CHECK(before >= last);
            const auto next = db.commit(std::vector<PutRecord>{value(round, round)}, promising({1, 0, 0}));
            CHECK(next.commit > before);
            if (before > last + 1) ++interrupted;
            last = next.commit;
            db.advance();
            CHECK(db.fetch<Plain>("Plain", Time{round})[0].value == round);
        }
        longest = std::max(longest, std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
        check_whole(engine.url());
        if (round % 10 == 9 || round + 1 == count) check_timelines(engine.url());
    }
    MESSAGE(count, " writers killed, ", last, " commits; the next one opened and committed within ", longest, " s");
    CHECK(interrupted >= count / 5);  // how many got commits done first is the machine's business; some must have
    CHECK(longest < 60);              // not for ever: a lock that outlives its holder
    auto db = Database::open(engine.url());
    for (const auto* name : {"Gain", "GainBytes"}) {
        FetchOptions options;
        for (std::int64_t element = name == std::string("Gain") ? 2 : 1; element < kElements; element += 2)
            options.elements.push_back(element);
        options.elements.erase(options.elements.begin());
        CHECK(db.fetch<Gain1>(name, Time{0}, options).size() == options.elements.size() * 20);
    }
}
