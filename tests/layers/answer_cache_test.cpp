#include "layers/answer_cache.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "index/many_cases.h"

using namespace etalon;
using namespace etalon::test;
using layers::AnswerCache;
using layers::AnswerKey;
using layers::AnswerKeyParts;

namespace {

constexpr std::uint64_t kLarge = std::uint64_t{1} << 40U;

/// Keeps this thread where it is: a processor that meets the answer of another makes a copy, which counts.
class OnOneProcessor {
public:
    OnOneProcessor() {
        REQUIRE(sched_getaffinity(0, sizeof before_, &before_) == 0);
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
        REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
    }
    ~OnOneProcessor() { sched_setaffinity(0, sizeof before_, &before_); }
    OnOneProcessor(const OnOneProcessor&) = delete;
    OnOneProcessor& operator=(const OnOneProcessor&) = delete;

private:
    cpu_set_t before_{};
};

AnswerKey key_of(std::string name, std::int64_t snapshot = 1) {
    AnswerKeyParts parts;
    parts.name = std::move(name);
    parts.elements = {0};
    parts.version = "default";
    parts.snapshot = {snapshot};
    return AnswerKey(std::move(parts));
}

/// An answer that is told from others by `id`, with rows of that many bytes.
Answer answer_of(std::int64_t begin, std::optional<std::int64_t> end, std::int64_t id = 0, std::size_t rows = 0) {
    static const auto kByte = [] {
        auto definition = std::make_shared<StructDefinition>();
        definition->size = 1;
        return DefinitionPtr(definition);
    }();
    auto data = std::make_shared<AnswerData>();
    data->status = rows == 0 ? Status::Gap : Status::Found;
    data->validity = {Axis::Time, begin, end};
    data->snapshot = id;
    data->layout = kByte;
    data->num_rows = rows;
    return Answer(std::move(data));
}

/// The id of the answer that is found, or -1.
std::int64_t id_at(const AnswerCache& cache, const AnswerKey& key, std::int64_t at) {
    const auto found = cache.find(key, at);
    return found ? (*found)->snapshot : -1;
}

void insert(AnswerCache& cache, const AnswerKey& key, const Answer& answer) {
    cache.insert(key, answer, cache.generation());
}

}  // namespace

TEST_CASE("an answer is found again in its interval and nowhere else") {
    AnswerCache cache(kLarge);
    const auto key = key_of("a");
    CHECK(id_at(cache, key, 10) == -1);
    const auto answer = answer_of(10, 20, 1);
    insert(cache, key, answer);
    CHECK(id_at(cache, key, 9) == -1);
    CHECK(id_at(cache, key, 10) == 1);
    CHECK(id_at(cache, key, 19) == 1);
    CHECK(id_at(cache, key, 20) == -1);
    CHECK(&**cache.find(key, 15) == &*answer);  // shared, not copied
    CHECK(id_at(cache, key_of("b"), 15) == -1);
    CHECK(id_at(cache, key_of("a"), 15) == 1);
}

TEST_CASE("no end, an end at infinity and a begin at minus infinity are told apart at the ends of the axis") {
    AnswerCache cache(kLarge);
    const auto open = key_of("open");
    insert(cache, open, answer_of(5, std::nullopt, 1));
    CHECK(id_at(cache, open, kPlusInfinity) == 1);
    CHECK(id_at(cache, open, kPlusInfinity - 1) == 1);
    CHECK(id_at(cache, open, 4) == -1);
    const auto closed = key_of("closed");
    insert(cache, closed, answer_of(5, kPlusInfinity, 2));
    CHECK(id_at(cache, closed, kPlusInfinity) == -1);
    CHECK(id_at(cache, closed, kPlusInfinity - 1) == 2);
    insert(cache, closed, answer_of(kPlusInfinity, std::nullopt, 3));
    CHECK(id_at(cache, closed, kPlusInfinity) == 3);
    CHECK(id_at(cache, closed, 5) == 2);
    insert(cache, closed, answer_of(kMinusInfinity, 5, 4));
    CHECK(id_at(cache, closed, kMinusInfinity) == 4);
    CHECK(id_at(cache, closed, 4) == 4);
    CHECK(cache.counters().entries == 4);
    const auto first = key_of("first");
    insert(cache, first, answer_of(kMinusInfinity, kMinusInfinity + 1, 5));
    CHECK(id_at(cache, first, kMinusInfinity) == 5);
    CHECK(id_at(cache, first, kMinusInfinity + 1) == -1);
    const auto all = key_of("all");
    insert(cache, all, answer_of(kMinusInfinity, std::nullopt, 6));
    CHECK(id_at(cache, all, kMinusInfinity) == 6);
    CHECK(id_at(cache, all, kPlusInfinity) == 6);
}

TEST_CASE("everything that selects an answer is part of the key") {
    const auto layout = std::make_shared<const StructDefinition>();
    const auto other_layout = std::make_shared<const StructDefinition>();
    AnswerKeyParts base;
    base.name = "name";
    base.elements = {0, 1};
    base.version = "sim,default";
    base.snapshot = {7, 9};
    base.layout = layout;
    std::vector<AnswerKeyParts> all(13, base);
    all[1].name = "nam";
    all[2].elements = {1, 0};
    all[3].elements = {0};
    all[4].version = "sim+default";
    all[5].snapshot = {7, 10};
    all[6].layer_unit = LayerUnit::Answer;
    all[7].schema = 1;
    all[8].strict = true;
    all[9].lenient = true;
    all[10].any_position = true;
    all[11].layout = other_layout;
    all[12].layout = nullptr;
    AnswerCache cache(kLarge);
    std::vector<AnswerKey> keys;
    for (const auto& parts : all) keys.emplace_back(parts);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        CAPTURE(i);
        CHECK(id_at(cache, keys[i], 5) == -1);
        insert(cache, keys[i], answer_of(0, 10, static_cast<std::int64_t>(i)));
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
        CAPTURE(i);
        CHECK(id_at(cache, AnswerKey(all[i]), 5) == static_cast<std::int64_t>(i));
    }
    auto on_runs = base;
    on_runs.axis = Axis::Run;
    CHECK(id_at(cache, AnswerKey(on_runs), 5) == -1);
    CHECK(cache.counters().entries == keys.size());
}

TEST_CASE("what was asked for at any position is found at all of them") {
    AnswerCache cache(kLarge);
    AnswerKeyParts parts;
    parts.name = "base";
    parts.any_position = true;
    const AnswerKey key(parts);
    insert(cache, key, answer_of(10, 20, 1));
    CHECK(id_at(cache, key, kMinusInfinity) == 1);
    CHECK(id_at(cache, key, 15) == 1);
    CHECK(id_at(cache, key, kPlusInfinity) == 1);
    insert(cache, key, answer_of(50, 60, 2));
    CHECK(id_at(cache, key, 15) == 2);
    CHECK(cache.counters().entries == 1);
}

TEST_CASE("an answer on another axis, with an empty interval or without data is not kept") {
    AnswerCache cache(kLarge);
    AnswerKeyParts parts;
    parts.name = "run";
    parts.axis = Axis::Run;
    const AnswerKey key(parts);
    insert(cache, key, answer_of(0, 10));
    insert(cache, key_of("a"), answer_of(10, 10));
    insert(cache, key_of("a"), answer_of(10, kMinusInfinity));
    insert(cache, key_of("a"), Answer());
    CHECK(cache.counters() == CacheCounters{0, 4, 0, 0, 0});
}

TEST_CASE("a layout that is asked for lives as long as its answers") {
    AnswerCache cache(kLarge);
    auto layout = std::make_shared<const StructDefinition>();
    const std::weak_ptr<const StructDefinition> watch = layout;
    {
        AnswerKeyParts parts;
        parts.name = "a";
        parts.layout = std::move(layout);
        insert(cache, AnswerKey(std::move(parts)), answer_of(0, 10));
    }
    CHECK_FALSE(watch.expired());
    cache.invalidate("a");
    CHECK(watch.expired());
}

TEST_CASE("time may run backwards without another load") {
    AnswerCache cache(kLarge);
    const auto key = key_of("a");
    for (std::int64_t i = 0; i < 100; ++i) insert(cache, key, answer_of(i * 10, i * 10 + 10, i));
    for (std::int64_t i = 99; i >= 0; --i) REQUIRE(id_at(cache, key, i * 10 + 5) == i);
    CHECK(cache.counters().loads == 100);
    CHECK(cache.counters().hits == 100);
    CHECK(cache.counters().entries == 100);
}

TEST_CASE("an answer replaces all that it overlaps, and no neighbour") {
    AnswerCache cache(kLarge);
    const auto key = key_of("a");
    for (std::int64_t i = 0; i < 5; ++i) insert(cache, key, answer_of(i * 10, i * 10 + 10, i));
    insert(cache, key, answer_of(19, 31, 9));
    CHECK(id_at(cache, key, 9) == 0);
    CHECK(id_at(cache, key, 10) == -1);
    CHECK(id_at(cache, key, 18) == -1);
    CHECK(id_at(cache, key, 19) == 9);
    CHECK(id_at(cache, key, 30) == 9);
    CHECK(id_at(cache, key, 31) == -1);
    CHECK(id_at(cache, key, 40) == 4);
    CHECK(cache.counters().entries == 3);
    CHECK(cache.counters().evictions == 0);
    insert(cache, key, answer_of(kMinusInfinity, std::nullopt, 10));
    CHECK(cache.counters().entries == 1);
}

TEST_CASE("invalidating a name forgets that name, clearing forgets all, counters go on") {
    AnswerCache cache(kLarge);
    insert(cache, key_of("a", 1), answer_of(0, 10, 1));
    insert(cache, key_of("a", 2), answer_of(0, 10, 2));
    insert(cache, key_of("ab"), answer_of(0, 10, 3));
    CHECK(id_at(cache, key_of("a", 1), 5) == 1);
    const auto one = AnswerCache::bytes_of(answer_of(0, 10)) + AnswerCache::bytes_of(key_of("ab"));
    cache.invalidate("a");
    CHECK(cache.counters() == CacheCounters{1, 3, one, 1, 0});
    CHECK(id_at(cache, key_of("a", 1), 5) == -1);
    CHECK(id_at(cache, key_of("a", 2), 5) == -1);
    CHECK(id_at(cache, key_of("ab"), 5) == 3);
    cache.invalidate("nothing");
    cache.clear();
    CHECK(cache.counters() == CacheCounters{2, 3, 0, 0, 0});
    CHECK(id_at(cache, key_of("ab"), 5) == -1);
    insert(cache, key_of("a"), answer_of(0, 10, 4));
    CHECK(id_at(cache, key_of("a"), 5) == 4);
}

TEST_CASE("a load that began before its name was invalidated is not put back") {
    AnswerCache cache(kLarge);
    const auto before = cache.generation();
    cache.invalidate("a");
    cache.insert(key_of("a"), answer_of(0, 10, 1), before);
    cache.insert(key_of("b"), answer_of(0, 10, 2), before);
    CHECK(id_at(cache, key_of("a"), 5) == -1);
    CHECK(id_at(cache, key_of("b"), 5) == 2);
    // Nor does it take away what was loaded since.
    insert(cache, key_of("a"), answer_of(0, 10, 3));
    cache.insert(key_of("a"), answer_of(0, 10, 1), before);
    CHECK(id_at(cache, key_of("a"), 5) == 3);
    const auto between = cache.generation();
    cache.clear();
    cache.insert(key_of("a"), answer_of(0, 10, 1), between);
    cache.insert(key_of("b"), answer_of(0, 10, 2), before);
    CHECK(cache.counters().entries == 0);
    CHECK(cache.counters().loads == 6);
    insert(cache, key_of("a"), answer_of(0, 10, 4));
    CHECK(id_at(cache, key_of("a"), 5) == 4);
}

TEST_CASE("invalidating many names keeps none of their loads, and forgets only to be careful") {
    AnswerCache cache(kLarge);
    const auto before = cache.generation();
    for (int i = 0; i < 3000; ++i) cache.invalidate("n" + std::to_string(i));
    for (int i = 0; i < 3000; ++i) cache.insert(key_of("n" + std::to_string(i)), answer_of(0, 10), before);
    CHECK(cache.counters().entries == 0);
    insert(cache, key_of("n0"), answer_of(0, 10));
    CHECK(cache.counters().entries == 1);
}

TEST_CASE("the bound counts rows and bookkeeping, and what is larger alone is not kept") {
    const auto key = key_of("a");
    const auto rows = [](std::size_t bytes) { return answer_of(0, 10, 1, bytes); };
    CHECK(AnswerCache::bytes_of(rows(1000)) == AnswerCache::bytes_of(rows(0)) + 1000);
    auto named = std::make_shared<AnswerData>(*answer_of(0, 10));
    named->elements.resize(2);
    named->elements[1].provenance.emplace().content_hash = std::string(64, 'a');
    named->absent = {std::string(100, 'b')};
    CHECK(AnswerCache::bytes_of(Answer(named)) >=
          AnswerCache::bytes_of(rows(0)) + 2 * sizeof(ElementAnswer) + 64 + sizeof(std::string) + 100);

    const auto bound = AnswerCache::bytes_of(rows(1000)) + AnswerCache::bytes_of(key);
    AnswerCache cache(bound);
    insert(cache, key, rows(1000));
    CHECK(cache.counters() == CacheCounters{0, 1, bound, 1, 0});
    insert(cache, key, answer_of(20, 30, 2, 1001));
    CHECK(cache.counters() == CacheCounters{0, 2, bound, 1, 0});
    CHECK(id_at(cache, key, 5) == 1);
    CHECK(id_at(cache, key, 25) == -1);
    insert(cache, key, answer_of(20, 30, 3, 999));
    CHECK(id_at(cache, key, 5) == -1);
    CHECK(id_at(cache, key, 25) == 3);
    CHECK(cache.counters().evictions == 1);
    CHECK(cache.counters().bytes == bound - 1);
    // A large one also ends what it proves to be old.
    insert(cache, key, answer_of(25, 40, 4, 5000));
    CHECK(cache.counters().entries == 0);
    CHECK(cache.counters().bytes == 0);
}

TEST_CASE("a cache of no bytes keeps nothing") {
    AnswerCache cache(0);
    insert(cache, key_of("a"), answer_of(0, 10));
    CHECK(id_at(cache, key_of("a"), 5) == -1);
    cache.invalidate("a");
    cache.clear();
    CHECK(cache.counters() == CacheCounters{0, 1, 0, 0, 0});
}

TEST_CASE("what is used stays when the bound is reached") {
    const auto key = key_of("a");
    const auto one = AnswerCache::bytes_of(answer_of(0, 10));
    constexpr std::int64_t kHot = 777'777;
    for (const bool all_are_used : {false, true}) {
        CAPTURE(all_are_used);
        AnswerCache cache(AnswerCache::bytes_of(key) + 10 * one);
        insert(cache, key, answer_of(-10, 0, kHot));
        int reloads = 0;
        for (std::int64_t i = 0; i < 1000; ++i) {
            if (id_at(cache, key, -5) != kHot) {
                ++reloads;
                insert(cache, key, answer_of(-10, 0, kHot));
            }
            insert(cache, key, answer_of(i * 10, i * 10 + 10, i));
            if (all_are_used) REQUIRE(id_at(cache, key, i * 10) == i);
        }
        // First in, first out would lose it every ninth time.
        CHECK(reloads <= (all_are_used ? 20 : 0));
        CHECK(cache.counters().entries == 10);
        CHECK(cache.counters().evictions == 991U + static_cast<unsigned>(reloads));
    }
}

TEST_CASE("a cache answers as a list of intervals would, for any bound and any order of calls") {
    const OnOneProcessor here;
    struct Kept {
        std::size_t key;
        std::int64_t begin;
        std::optional<std::int64_t> end;
        std::int64_t id;
    };
    CHECK(check_many("cache against a list", 3000, [] {
        const std::vector<std::string> names = {"a", "a", "b"};
        const std::vector<AnswerKey> keys = {key_of("a", 1), key_of("a", 2), key_of("b", 1)};
        const auto small = *rc::gen::arbitrary<bool>();
        const auto bound = small ? *rc::gen::inRange<std::uint64_t>(0, 8000) : kLarge;
        AnswerCache cache(bound);
        std::vector<Kept> model;                        // what a cache without bound keeps
        std::vector<std::uint64_t> stale_before(2, 0);  // generation of the last invalidation, of a and b
        std::vector<std::uint64_t> generations = {cache.generation()};
        std::uint64_t hits = 0;
        std::uint64_t loads = 0;
        const auto position = [] {
            switch (*rc::gen::inRange(0, 12)) {
                case 0:
                    return kMinusInfinity;
                case 1:
                    return kPlusInfinity;
                case 2:
                    return kPlusInfinity - 1;
                case 3:
                    return kMinusInfinity + 1;
                default:
                    return *rc::gen::inRange<std::int64_t>(0, 30);
            }
        };
        const auto steps = *rc::gen::inRange(1, 60);
        for (int step = 0; step < steps; ++step) {
            const auto k = *rc::gen::inRange<std::size_t>(0, keys.size());
            const auto& name = names[k];
            const auto overlaps = [&](const Kept& kept, std::int64_t begin, std::optional<std::int64_t> end) {
                return kept.key == k && (!end || kept.begin < *end) && (!kept.end || begin < *kept.end);
            };
            switch (*rc::gen::inRange(0, 10)) {
                case 0: {
                    cache.invalidate(name);
                    stale_before[name == "a" ? 0 : 1] = cache.generation();
                    std::erase_if(model, [&](const Kept& kept) { return names[kept.key] == name; });
                    break;
                }
                case 1: {
                    if (*rc::gen::inRange(0, 4) != 0) break;
                    cache.clear();
                    stale_before.assign(2, cache.generation());
                    model.clear();
                    break;
                }
                case 2:
                    generations.push_back(cache.generation());
                    break;
                case 3:
                case 4:
                case 5:
                case 6: {
                    const auto begin = position();
                    const auto end =
                        *rc::gen::inRange(0, 4) == 0 ? std::optional<std::int64_t>() : std::optional(position());
                    const auto rows = static_cast<std::size_t>(*rc::gen::inRange(0, 1500));
                    const auto generation =
                        *rc::gen::arbitrary<bool>() ? cache.generation() : *rc::gen::elementOf(generations);
                    cache.insert(keys[k], answer_of(begin, end, step, rows), generation);
                    ++loads;
                    RC_ASSERT(cache.counters().bytes <= bound);
                    if (end && *end <= begin) break;
                    if (generation < stale_before[name == "a" ? 0 : 1]) break;
                    std::erase_if(model, [&](const Kept& kept) { return overlaps(kept, begin, end); });
                    model.push_back({k, begin, end, step});
                    break;
                }
                default: {
                    const auto at = position();
                    const auto found = cache.find(keys[k], at);
                    if (found) ++hits;
                    const auto kept = std::ranges::find_if(model, [&](const Kept& one) {
                        return one.key == k && Interval{Axis::Time, one.begin, one.end}.contains(at);
                    });
                    if (found) RC_ASSERT(kept != model.end() && (*found)->snapshot == kept->id);
                    if (!small) RC_ASSERT(found.has_value() == (kept != model.end()));
                    break;
                }
            }
        }
        // What is kept is what is counted.
        std::uint64_t entries = 0;
        std::uint64_t bytes = 0;
        std::vector<bool> has_any(keys.size(), false);
        for (const auto& kept : model) {
            const auto found = cache.find(keys[kept.key], kept.begin);
            if (!found) continue;
            ++hits;
            ++entries;
            bytes += AnswerCache::bytes_of(*found);
            has_any[kept.key] = true;
        }
        for (std::size_t k = 0; k < keys.size(); ++k) {
            if (has_any[k]) bytes += AnswerCache::bytes_of(keys[k]);
        }
        const auto counters = cache.counters();
        RC_ASSERT(counters.entries == entries);
        RC_ASSERT(counters.bytes == bytes);
        RC_ASSERT(counters.hits == hits);
        RC_ASSERT(counters.loads == loads);
        if (!small) RC_ASSERT(counters.evictions == 0U);
        cache.clear();
        RC_ASSERT(cache.counters().bytes == 0U);
    }));
}

TEST_CASE("threads that load, evict and invalidate never see an answer from before an invalidation") {
    constexpr int kThreads = 6;
    constexpr int kRounds = 4000;
    const auto one = AnswerCache::bytes_of(answer_of(0, 10)) + AnswerCache::bytes_of(key_of("n0"));
    AnswerCache cache(12 * one);
    std::array<std::atomic<std::int64_t>, 3> truth{};      // what a load reads
    std::array<std::atomic<std::int64_t>, 3> published{};  // what a find must at least give
    std::atomic<int> wrong{0};
    std::atomic<std::uint64_t> loads{0};
    std::atomic<std::uint64_t> hits{0};
    std::atomic<int> over{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            std::mt19937 random(static_cast<unsigned>(t) + 1);
            for (int round = 0; round < kRounds; ++round) {
                const auto n = random() % 3;
                const auto name = "n" + std::to_string(n);
                if (random() % 50 == 0) {
                    const auto value = truth[n].fetch_add(1) + 1;
                    if (random() % 8 == 0) {
                        cache.clear();
                    } else {
                        cache.invalidate(name);
                    }
                    auto seen = published[n].load();
                    while (seen < value && !published[n].compare_exchange_weak(seen, value)) {
                    }
                    continue;
                }
                const auto key = key_of(name);
                const auto begin = static_cast<std::int64_t>(random() % 20) * 10;
                const auto least = published[n].load();
                if (const auto found = cache.find(key, begin + 5)) {
                    ++hits;
                    if ((*found)->snapshot < least || !(*found)->validity.contains(begin + 5)) ++wrong;
                    continue;
                }
                const auto generation = cache.generation();
                const auto value = truth[n].load();
                cache.insert(key, answer_of(begin, begin + 10, value), generation);
                ++loads;
                if (cache.counters().bytes > 12 * one) ++over;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
    CHECK(over == 0);
    const auto counters = cache.counters();
    CHECK(counters.hits == hits);
    CHECK(counters.loads == loads);
    CHECK(counters.evictions > 0);
    CHECK(hits > 0);
}

TEST_CASE("speed of hits, for people, and below the price of a statement") {
    AnswerCache cache(kLarge);
    const auto key = key_of("tpcElectronics");
    constexpr std::int64_t kIntervals = 1000;
    for (std::int64_t i = 0; i < kIntervals; ++i) insert(cache, key, answer_of(i * 10, i * 10 + 10, i));
    const auto run = [&](int num_threads, int hits) {
        std::atomic<std::int64_t> sum{0};
        const auto begin = std::chrono::steady_clock::now();
        std::vector<std::thread> threads;
        for (int t = 0; t < num_threads; ++t) {
            threads.emplace_back([&, t] {
                std::int64_t local = 0;
                for (int i = 0; i < hits; ++i)
                    local += (*cache.find(key, (i * 7919 + t) % (kIntervals * 10)))->snapshot;
                sum += local;
            });
        }
        for (auto& thread : threads) thread.join();
        CHECK(sum > 0);
        const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
        return spent.count() / (static_cast<double>(hits) * num_threads);
    };
    const auto single = run(1, 200'000);
    const auto eight = run(8, 50'000);
    MESSAGE("a hit among " << kIntervals << " intervals: " << single << " ns in one thread; with 8 threads one per "
                           << eight << " ns");
    const auto begin = std::chrono::steady_clock::now();
    std::size_t sum = 0;
    for (int i = 0; i < 100'000; ++i) sum += key_of("tpcElectronics", i).hash() & 1U;
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
    MESSAGE("a key: " << spent.count() / 100'000 << " ns");
    CHECK(sum > 0);
    CHECK(single < 20'000);
    CHECK(eight < 20'000);
}
