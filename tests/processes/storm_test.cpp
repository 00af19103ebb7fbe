// Many processes write and read one database at the same time.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "base/digest.h"
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
using etalon::test::Written;

namespace {

constexpr std::int64_t kWriters = 8;
constexpr std::int64_t kReaders = 4;
constexpr std::int64_t kShared = 1000;  ///< an element that everybody writes to
constexpr std::int64_t kPoints = 40;    ///< begins are in [0, kPoints)

const std::vector<std::string> kNames{"Plain", "PlainA", "PlainB", "PlainBytes"};
const std::vector<std::string> kVersions{"default", "default", "sim"};

std::int64_t setting(const char* name, std::int64_t otherwise) {
    const char* wanted = std::getenv(name);
    return wanted != nullptr ? std::strtoll(wanted, nullptr, 10) : otherwise;
}
/// Each writer makes that many commits, or as many as it can in that time on a machine with other things to do.
const std::int64_t kCommits = setting("ETALON_STORM_COMMITS", 260);
const std::int64_t kSeconds = setting("ETALON_STORM_SECONDS", 30);

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what);
}

/// One commit as its writer saw it.
struct Seen {
    std::int64_t entry_time = 0;  ///< 0: not told
    Written written;
    bool operator==(const Seen&) const = default;
};

class Writer {
public:
    Writer(const std::string& url, std::int64_t number, const std::string& log)
        : db_(Database::open(url)), number_(number), random_(20261121 + static_cast<unsigned>(number)), log_(log) {}

    void run() {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(kSeconds);
        for (std::int64_t i = 0; i < kCommits && std::chrono::steady_clock::now() < end; ++i) {
            unique_ = static_cast<double>(number_ * 10'000'000 + i * 10);
            const auto kind = pick(100);
            if (kind < 62) {
                put_one();
            } else if (kind < 77) {
                put_several();
            } else if (kind < 87) {
                retire_own();
            } else if (kind < 91) {
                retire_shared();
            } else if (kind < 95) {
                change_policy();
            } else if (kind < 98) {
                put_under_new_name(i);
            } else {
                meet_at_new_name(i);
            }
        }
        log_ << "retries " << retries_ << '\n';
        log_.flush();
        if (!log_) fail("the log of a writer cannot be written");
    }

private:
    std::int64_t pick(std::int64_t end) { return static_cast<std::int64_t>(random_() % static_cast<unsigned>(end)); }
    template <class List>
    const auto& one_of(const List& list) {
        return list[static_cast<std::size_t>(pick(static_cast<std::int64_t>(list.size())))];
    }

    /// What a user does about an error that may be repeated.
    template <class Work>
    auto patiently(const Work& work) {
        for (int tries = 0;; ++tries) {
            try {
                return work();
            } catch (const Error& error) {
                if (!error.retryable() || tries == 5) throw;
                ++retries_;
            }
        }
    }

    void note(std::int64_t commit, std::int64_t entry_time, const Written& written) {
        if (commit <= last_) fail("commit numbers of one writer do not grow");
        last_ = commit;
        log_ << commit << ' ' << entry_time << ' ' << written.records << ' ' << written.retired << ' '
             << written.policies << '\n';
    }

    PutRecord any_record(const std::string& name, std::int64_t element) {
        const auto begin = pick(kPoints);
        std::optional<std::int64_t> end;
        if (pick(2) == 0) end = begin + 1 + pick(10);
        return value(unique_++, begin, end, one_of(kVersions), element, name);
    }

    CommitResult commit(const std::vector<PutRecord>& records, const std::vector<NameSpec>& names = {}) {
        const Written written{static_cast<std::int64_t>(records.size()), 0, static_cast<std::int64_t>(names.size())};
        const auto done = patiently([&] { return db_.commit(records, {"writer", "", "", promise(written)}, names); });
        if (done.records != records.size()) fail("a commit wrote another number of records");
        note(done.commit, done.entry_time.ns, written);
        return done;
    }

    void put_one() {
        const auto record = any_record(one_of(kNames), pick(3) == 0 ? kShared : number_);
        const auto expected = unique_ - 1;
        const auto done = commit({record});
        if (pick(4) != 0) return;
        // In both policies the newest record wins at its own begin.
        FetchOptions options;
        options.as_of = done.commit;
        options.version = record.version;
        options.elements = {record.element};
        const auto rows = db_.fetch<Plain>(record.name, Time{record.begin}, options);
        if (rows.size() != 1 || rows[0].value != expected) fail("a writer does not read what it wrote");
    }

    void put_several() {
        std::vector<PutRecord> records;
        for (const auto& name : kNames) records.push_back(any_record(name, pick(3) == 0 ? kShared : number_));
        for (const auto* name : {"Gain", "GainBytes"}) {
            std::vector<Gain1> rows;
            for (std::int32_t row = 0; row < 5; ++row) rows.push_back(gain1(row, static_cast<float>(unique_)));
            records.push_back(put<Gain1>(name, pick(kPoints), rows));
            records.back().element = number_;
        }
        (void)commit(records);
    }

    void retire_own() {
        const auto& name = one_of(kNames);
        HistoryOptions live;
        live.elements = {number_};
        live.retired = RetiredFilter::Live;
        live.as_of = Time{kPlusInfinity};
        live.order = HistoryOrder::Begin;
        const auto records = patiently([&] { return db_.history(name, live); });
        HistoryOptions chosen;
        for (std::size_t i = 0; i < records.size() && i < 3; ++i) chosen.uids.push_back(records[i].uid);
        if (chosen.uids.empty()) return;
        const Written written{0, static_cast<std::int64_t>(chosen.uids.size()), 0};
        const auto done =
            patiently([&] { return db_.retire(name, chosen, {"writer", "", "", promise(written)}, true, false); });
        note(done.commit, 0, written);
    }

    void retire_shared() {
        HistoryOptions which;
        which.elements = {kShared};
        const auto from = pick(kPoints);
        which.from = Position{Axis::Time, from};
        which.to = Position{Axis::Time, from + 3};
        which.relation = Relation::Starts;
        const auto& name = one_of(kNames);
        const auto done =
            patiently([&] { return db_.retire(name, which, {"writer", "", "", "whatever is there"}, true, false); });
        if (done.commit == 0) return;
        note(done.commit, 0, {0, static_cast<std::int64_t>(done.records.size()), 0});
    }

    void change_policy() {
        NameSpec spec{pick(2) == 0 ? "PlainA" : "PlainB", "", {}, {}, {}};
        if (pick(3) == 0) {
            spec.storage = pick(2) == 0 ? Storage::Bytes : Storage::Columns;
        } else {
            spec.policy = pick(2) == 0 ? OrderPolicy::ByBegin : OrderPolicy::ByCreation;
        }
        const Written written{0, 0, 1};
        const auto done = patiently([&] { return db_.define_name(spec, {"writer", "", "", promise(written)}); });
        if (done != 0) note(done, 0, written);
    }

    void put_under_new_name(std::int64_t i) {
        const auto name = "Own_" + std::to_string(number_) + "_" + std::to_string(i);
        (void)commit({any_record(name, number_), any_record("Plain", number_)}, {{name, "Plain", {}, {}, {}}});
    }

    void meet_at_new_name(std::int64_t i) {
        const NameSpec spec{"Meet_" + std::to_string(i / 20), "Plain", {}, {}, {}};
        const Written written{0, 0, 1};
        const auto done = patiently([&] { return db_.define_name(spec, {"writer", "", "", promise(written)}); });
        if (done != 0) note(done, 0, written);
    }

    Database db_;
    std::int64_t number_;
    std::mt19937 random_;
    std::ofstream log_;
    double unique_ = 0;
    std::int64_t last_ = 0;
    std::int64_t retries_ = 0;
};

/// Everything that a snapshot answers to some questions, as a digest.
std::string read_digest(Database& db, const std::optional<AsOf>& as_of, std::int64_t expected_snapshot) {
    std::string text;
    FetchOptions options;
    options.as_of = as_of;
    const auto add = [&](const std::string& name, std::int64_t at) {
        const auto answer = db.fetch_rows(name, Time{at}, options);
        if (expected_snapshot >= 0 && answer->snapshot != expected_snapshot) fail("an answer of another snapshot");
        text += name_of(answer->status);
        for (const auto& element : answer->elements) {
            text += ' ' + std::to_string(element.validity.begin) + ',' +
                    (element.validity.end ? std::to_string(*element.validity.end) : "-") + ' ' +
                    (element.provenance ? element.provenance->uid : "gap");
        }
        if (answer->num_rows != 0)
            text.append(reinterpret_cast<const char*>(answer->data.get()), answer->num_rows * answer->layout->size);
        text += '\n';
    };
    const std::vector<std::string> chains{"default", "sim,default", "sim+default"};
    std::vector<std::int64_t> writers;
    for (std::int64_t i = 0; i < kWriters; ++i) writers.push_back(i);
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        options.version = chains[i % chains.size()];
        options.elements = {kShared};
        for (const auto at : {std::int64_t{3}, kPoints / 2 + static_cast<std::int64_t>(i), kPoints * 2})
            add(kNames[i], at);
        options.elements = writers;
        add(kNames[i], kPoints / 2);
    }
    options.version = {};
    options.elements = writers;
    add("Gain", kPoints / 2);
    add("GainBytes", kPoints);
    HistoryOptions which;
    which.as_of = as_of;
    which.elements = {kShared};
    which.order = HistoryOrder::Entered;
    which.limit = 30;
    which.descending = true;
    for (const auto& record : db.history("PlainA", which))
        text += record.uid + (record.retired ? " retired " + std::to_string(*record.retired) : "") + '\n';
    const auto digest = sha256({reinterpret_cast<const std::byte*>(text.data()), text.size()});
    return to_hex(digest);
}

/// Reads until `is_over`, and everything that was read once again and again; leaves what it read in a file.
void read_on(const std::string& url, std::int64_t number, const std::string& over, const std::string& log) {
    std::mt19937 random(42 + static_cast<unsigned>(number));
    auto db = Database::open(url, {.cache_bytes = number % 2 == 0 ? std::uint64_t{1} << 20 : 0});
    std::map<std::int64_t, std::string> known;
    std::int64_t rounds = 0;
    std::int64_t last = 0;
    const auto check = [&](const std::string& answer, std::int64_t snapshot) {
        const auto [at, is_new] = known.emplace(snapshot, answer);
        if (!is_new && at->second != answer) fail("snapshot " + std::to_string(snapshot) + " changed");
    };
    while (rounds < 10 || !std::filesystem::exists(over)) {
        const auto snapshot = db.advance();
        if (snapshot < last) fail("a snapshot before the last one");
        last = snapshot;
        check(read_digest(db, std::nullopt, snapshot), snapshot);
        // One of those that were read before, now named by its number.
        auto again = known.begin();
        std::advance(again, static_cast<std::ptrdiff_t>(random() % known.size()));
        check(read_digest(db, again->first, again->first), again->first);
        if (rounds % 5 == 0) {  // by date
            const auto newest = db.log(1).at(0);
            FetchOptions options;
            options.as_of = newest.entry_time;
            const auto answer = db.fetch_rows("Plain", Time{0}, options);
            if (answer->settled ? answer->snapshot != newest.commit : answer->snapshot < newest.commit)
                fail("a date means another commit");
            check(read_digest(db, newest.commit, newest.commit), newest.commit);
            if (answer->settled) check(read_digest(db, newest.entry_time, newest.commit), newest.commit);
        }
        if (rounds % 20 == 19) {  // as another process would
            auto other = Database::open(url);
            check(read_digest(other, again->first, again->first), again->first);
        }
        if (known.size() > 300) known.erase(known.begin());
        usleep(5000);  // four readers that never pause would take all processors from the writers
        ++rounds;
    }
    std::ofstream out(log);
    for (const auto& [snapshot, answer] : known) out << snapshot << ' ' << answer << '\n';
    out << "rounds " << rounds << '\n';
    out.flush();
    if (!out) fail("the log of a reader cannot be written");
}

}  // namespace

TEST_CASE("eight processes write and four read, and nothing is lost, doubled or changed afterwards") {
    const EachEngine engine;
    if (!engine) return;
    const etalon::test::TempDirectory directory;
    std::int64_t before = 0;
    {
        auto db = create_with<Plain, Gain1>(engine.url());
        db.define_name({"PlainA", "Plain", {}, {}, {}});
        db.define_name({"PlainB", "Plain", {}, OrderPolicy::ByCreation, {}});
        db.define_name({"PlainBytes", "Plain", {}, {}, Storage::Bytes});
        before = db.define_name({"GainBytes", "Gain", {}, {}, Storage::Bytes});
    }
    const auto limit = static_cast<unsigned>(kSeconds) + Child::kLimitSeconds;
    const auto started = std::chrono::steady_clock::now();
    std::vector<Child> writers;
    std::vector<Child> readers;
    for (std::int64_t i = 0; i < kWriters; ++i) {
        writers.emplace_back([&, i] { Writer(engine.url(), i, directory.file("writer" + std::to_string(i))).run(); },
                             limit);
    }
    for (std::int64_t i = 0; i < kReaders; ++i) {
        readers.emplace_back(
            [&, i] { read_on(engine.url(), i, directory.file("over"), directory.file("reader" + std::to_string(i))); },
            limit);
    }
    for (auto& writer : writers) CHECK(writer.succeeded());
    const auto wrote = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    std::ofstream(directory.file("over")) << "over\n";
    for (auto& reader : readers) CHECK(reader.succeeded());

    // What the writers were told is what is there, and nothing else.
    std::map<std::int64_t, Seen> told;
    std::int64_t retries = 0;
    for (std::int64_t i = 0; i < kWriters; ++i) {
        std::ifstream log(directory.file("writer" + std::to_string(i)));
        std::string first;
        while (log >> first && first != "retries") {
            Seen seen;
            REQUIRE((log >> seen.entry_time >> seen.written.records >> seen.written.retired >> seen.written.policies));
            CHECK(told.emplace(std::stoll(first), seen).second);
        }
        std::int64_t of_one = 0;
        REQUIRE((log >> of_one));
        retries += of_one;
    }
    {
        const auto connection = engine.open(backends::OpenMode::Existing);
        const auto tx = connection->begin(backends::TransactionMode::Read);
        const auto recorded = etalon::test::read_commits(*tx);
        CHECK(recorded.size() == told.size() + static_cast<std::size_t>(before));
        for (const auto& [number, commit] : recorded) {
            if (number <= before) continue;
            const auto seen = told.find(number);
            REQUIRE(seen != told.end());
            CHECK(seen->second.written == commit.written);
            if (seen->second.entry_time != 0) CHECK(seen->second.entry_time == commit.entry_time);
        }
    }
    check_whole(engine.url());
    check_timelines(engine.url());

    // Snapshots that were read during the storm are still what they were.
    std::int64_t rounds = 0;
    std::map<std::int64_t, std::string> seen;
    for (std::int64_t i = 0; i < kReaders; ++i) {
        std::ifstream log(directory.file("reader" + std::to_string(i)));
        std::string first;
        while (log >> first && first != "rounds") {
            std::string answer;
            REQUIRE((log >> answer));
            const auto [known, is_new] = seen.emplace(std::stoll(first), answer);
            CHECK(known->second == answer);  // readers agree with each other
        }
        std::int64_t of_one = 0;
        REQUIRE((log >> of_one));
        rounds += of_one;
    }
    auto db = Database::open(engine.url());
    const auto step = std::max<std::size_t>(1, seen.size() / 150);
    std::size_t index = 0;
    std::set<std::string> different;
    for (const auto& [snapshot, answer] : seen) {
        different.insert(answer);
        if (index++ % step == 0) CHECK(read_digest(db, snapshot, snapshot) == answer);
    }
    MESSAGE(told.size(), " commits in ", wrote, " s, ", retries, " repeated; ", rounds, " readings of ", seen.size(),
            " snapshots");
    CHECK(told.size() > static_cast<std::size_t>(kWriters) * 20);
    CHECK(different.size() > 20);
}
