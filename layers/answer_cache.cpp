#include "layers/answer_cache.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <shared_mutex>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/counted_apart.h"
#include "base/mutex.h"

namespace etalon::layers {
namespace {

/// Names whose last invalidation is remembered; beyond, all loads under way count as stale.
constexpr std::size_t kMostInvalidated = 1024;
/// Pointers, colour and rounding of one block from the heap, roughly.
constexpr std::uint64_t kNodeBytes = 48;

class Hasher {
public:
    void add(std::uint64_t value) noexcept {
        // The finalizer of splitmix64 (Steele, Lea, Flood 2014) over the running state.
        state_ += value + 0x9e3779b97f4a7c15U;
        state_ = (state_ ^ (state_ >> 30U)) * 0xbf58476d1ce4e5b9U;
        state_ = (state_ ^ (state_ >> 27U)) * 0x94d049bb133111ebU;
        state_ ^= state_ >> 31U;
    }
    void add(std::string_view text) noexcept { add(std::hash<std::string_view>()(text)); }
    void add(std::span<const std::int64_t> numbers) noexcept {
        add(numbers.size());
        for (const auto number : numbers) add(static_cast<std::uint64_t>(number));
    }
    [[nodiscard]] std::size_t result() const noexcept { return state_; }

private:
    std::uint64_t state_ = 0;
};

/// Bytes of a text outside the string itself.
std::uint64_t text_bytes(const std::string& text) noexcept {
    static const std::size_t kInside = std::string().capacity();
    return text.capacity() > kInside ? text.capacity() + 1 : 0;
}

std::uint64_t text_bytes(const std::vector<std::string>& texts) noexcept {
    std::uint64_t bytes = texts.capacity() * sizeof(std::string);
    for (const auto& text : texts) bytes += text_bytes(text);
    return bytes;
}

/// Many locks, of which a reader takes one, shared, and a writer all: readers of different threads seldom touch the
/// same cache line, so that hits do not slow each other down.
class ETALON_CAPABILITY("mutex") StripedLock {
public:
    static constexpr std::size_t kStripes = 16;

    [[nodiscard]] static std::size_t mine() noexcept { return processor_place(kStripes); }
    void lock() ETALON_ACQUIRE() {
        for (auto& stripe : stripes_) stripe.mutex.lock();
    }
    void unlock() noexcept ETALON_RELEASE() {
        for (auto& stripe : stripes_) stripe.mutex.unlock();
    }
    void lock_shared(std::size_t stripe) ETALON_ACQUIRE_SHARED() { stripes_[stripe].mutex.lock_shared(); }
    void unlock_shared(std::size_t stripe) noexcept ETALON_RELEASE_SHARED() { stripes_[stripe].mutex.unlock_shared(); }
    void count_hit(std::size_t stripe) noexcept { stripes_[stripe].hits.fetch_add(1, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t hits() const noexcept {
        std::uint64_t sum = 0;
        for (const auto& stripe : stripes_) sum += stripe.hits.load(std::memory_order_relaxed);
        return sum;
    }

private:
    /// A stripe and its count of hits.
    struct alignas(64) Stripe {
        std::shared_mutex mutex;
        std::atomic<std::uint64_t> hits{0};
    };
    std::array<Stripe, kStripes> stripes_;
};

/// Holds all stripes.
class ETALON_SCOPED_CAPABILITY WriteLock {
public:
    explicit WriteLock(StripedLock& lock) ETALON_ACQUIRE(lock) : lock_(lock) { lock_.lock(); }
    ~WriteLock() ETALON_RELEASE() { lock_.unlock(); }
    WriteLock(const WriteLock&) = delete;
    WriteLock& operator=(const WriteLock&) = delete;

private:
    StripedLock& lock_;
};

/// Holds one stripe, shared with others that read.
class ETALON_SCOPED_CAPABILITY ReadLock {
public:
    ReadLock(StripedLock& lock, std::size_t stripe) ETALON_ACQUIRE_SHARED(lock) : lock_(lock), stripe_(stripe) {
        lock_.lock_shared(stripe_);
    }
    ~ReadLock() ETALON_RELEASE_GENERIC() { lock_.unlock_shared(stripe_); }
    ReadLock(const ReadLock&) = delete;
    ReadLock& operator=(const ReadLock&) = delete;

private:
    StripedLock& lock_;
    std::size_t stripe_;
};

/// A view with its hash, computed once.
struct Lookup {
    const AnswerKeyView& view;
    std::size_t hash;
};
struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(const AnswerKey& key) const noexcept { return key.hash(); }
    std::size_t operator()(const Lookup& lookup) const noexcept { return lookup.hash; }
};
struct KeyEqual {
    using is_transparent = void;
    bool operator()(const AnswerKey& a, const AnswerKey& b) const noexcept { return a == b; }
    bool operator()(const Lookup& a, const AnswerKey& b) const noexcept {
        return a.hash == b.hash() && a.view == AnswerKeyView::of(b.parts());
    }
    bool operator()(const AnswerKey& a, const Lookup& b) const noexcept { return (*this)(b, a); }
};

struct Entry;
/// All entries, in the order in which the hand of the clock visits them.
using Ring = std::list<Entry*>;

/// The same answer, counted for each stripe by itself: threads that hit it at once would count in one cache line.
class AnswerCopies {
public:
    AnswerCopies() = default;
    ~AnswerCopies() {
        const auto* all = copies_.load();
        if (all == nullptr) return;
        for (const auto& one : *all) delete one.load();
        delete all;
    }
    AnswerCopies(const AnswerCopies&) = delete;
    AnswerCopies& operator=(const AnswerCopies&) = delete;

    /// That of a stripe, or null. Any thread.
    [[nodiscard]] const Answer* find(std::size_t stripe) const noexcept {
        const auto* all = copies_.load(std::memory_order_acquire);
        return all == nullptr ? nullptr : (*all)[stripe].load(std::memory_order_acquire);
    }
    /// Makes it; `made` says how many bytes that took, at most kMostBytes. Any thread.
    [[nodiscard]] const Answer& make(const Answer& original, std::size_t stripe, std::uint64_t& made) {
        made = 0;
        auto* all = copies_.load(std::memory_order_acquire);
        if (all == nullptr) all = publish(copies_, std::make_unique<All>(), sizeof(All), made);
        return *publish((*all)[stripe], std::make_unique<const Answer>(count_apart(&*original, original)), kCopyBytes,
                        made);
    }

private:
    using All = std::array<std::atomic<const Answer*>, StripedLock::kStripes>;
    template <class T>
    static T* publish(std::atomic<T*>& slot, std::unique_ptr<T> value, std::uint64_t bytes, std::uint64_t& made) {
        T* known = nullptr;
        if (!slot.compare_exchange_strong(known, value.get(), std::memory_order_acq_rel)) return known;
        made += bytes;
        return value.release();
    }
    static constexpr std::uint64_t kCopyBytes = sizeof(Answer) + kApartBytes + kNodeBytes;

public:
    static constexpr std::uint64_t kMostBytes = sizeof(All) + kCopyBytes;

private:
    std::atomic<All*> copies_{nullptr};
};

/// One kept answer, good from `begin` (its key in the series) to `last`, both inclusive.
struct Entry {
    std::int64_t last = 0;
    std::uint64_t bytes = 0;
    Answer answer;
    const AnswerKey* key = nullptr;  // where it is kept: key of the series,
    std::int64_t begin = 0;          // and key in it
    Ring::iterator place;
    std::atomic<bool> used{false};  // since the hand was here; set by readers
    std::size_t stripe = 0;         // of who put it here: those of other stripes get copies
    AnswerCopies copies;
    std::atomic<std::uint64_t> copy_bytes{0};
};

using Series = std::map<std::int64_t, Entry>;
using AllSeries = std::unordered_map<AnswerKey, Series, KeyHash, KeyEqual>;

/// What was taken out, to be destroyed when the lock is released: rows can be large.
struct Graveyard {
    std::vector<Series::node_type> entries;
    std::vector<AllSeries::node_type> series;
};

/// The stretch for which an answer is good, both ends inclusive; nothing when it cannot be kept for the key.
std::optional<std::pair<std::int64_t, std::int64_t>> bounds_of(const AnswerKeyParts& key, const Interval& validity) {
    if (key.any_position) return std::pair(kMinusInfinity, kPlusInfinity);
    if (validity.axis != key.axis || (validity.end && *validity.end <= validity.begin)) return std::nullopt;
    return std::pair(validity.begin, validity.end ? *validity.end - 1 : kPlusInfinity);
}

}  // namespace

AnswerKeyView AnswerKeyView::of(const AnswerKeyParts& parts) noexcept {
    return {parts.name,   parts.elements, parts.version,      parts.snapshot,   parts.layer_unit, parts.schema,
            parts.strict, parts.lenient,  parts.any_position, parts.provenance, parts.axis,       parts.layout.get()};
}

AnswerKeyParts AnswerKeyView::own(DefinitionPtr shared) const {
    return {std::string(name),
            {elements.begin(), elements.end()},
            std::string(version),
            {snapshot.begin(), snapshot.end()},
            layer_unit,
            schema,
            strict,
            lenient,
            any_position,
            provenance,
            axis,
            std::move(shared)};
}

std::size_t AnswerKeyView::hash() const noexcept {
    Hasher hash;
    hash.add(name);
    hash.add(elements);
    hash.add(version);
    hash.add(snapshot);
    hash.add(static_cast<std::uint64_t>(schema));
    hash.add((static_cast<std::uint64_t>(layer_unit) << 8U) | (static_cast<std::uint64_t>(axis) << 16U) |
             (strict ? 1U : 0U) | (lenient ? 2U : 0U) | (any_position ? 4U : 0U) | (provenance ? 8U : 0U));
    hash.add(reinterpret_cast<std::uintptr_t>(layout));
    return hash.result();
}

bool operator==(const AnswerKeyView& a, const AnswerKeyView& b) noexcept {
    return a.name == b.name && std::ranges::equal(a.elements, b.elements) && a.version == b.version &&
           std::ranges::equal(a.snapshot, b.snapshot) && a.layer_unit == b.layer_unit && a.schema == b.schema &&
           a.strict == b.strict && a.lenient == b.lenient && a.any_position == b.any_position &&
           a.provenance == b.provenance && a.axis == b.axis && a.layout == b.layout;
}

AnswerKey::AnswerKey(AnswerKeyParts parts) : parts_(std::move(parts)), hash_(AnswerKeyView::of(parts_).hash()) {}

struct AnswerCache::State {
    explicit State(std::uint64_t bound) : max_bytes(bound) {}

    const std::uint64_t max_bytes;
    StripedLock lock;
    std::atomic<std::uint64_t> loads{0};
    std::atomic<std::uint64_t> generation{1};  // changed under the lock
    std::atomic<std::uint64_t> copy_bytes{0};  // of all entries; grows under a shared lock

    AllSeries all ETALON_GUARDED_BY(lock);
    Ring ring ETALON_GUARDED_BY(lock);
    Ring::iterator hand ETALON_GUARDED_BY(lock) = ring.end();
    std::uint64_t bytes ETALON_GUARDED_BY(lock) = 0;
    std::uint64_t evictions ETALON_GUARDED_BY(lock) = 0;
    /// When a name, or everything, was last invalidated.
    std::map<std::string, std::uint64_t, std::less<>> invalidated ETALON_GUARDED_BY(lock);
    std::uint64_t all_invalidated ETALON_GUARDED_BY(lock) = 0;

    /// Takes room for a copy; false when there is none: nothing is given up for it.
    [[nodiscard]] bool reserve_copy() ETALON_REQUIRES_SHARED(lock) {
        auto held = copy_bytes.load();
        while (bytes + held + AnswerCopies::kMostBytes <= max_bytes) {
            if (copy_bytes.compare_exchange_weak(held, held + AnswerCopies::kMostBytes)) return true;
        }
        return false;
    }

    [[nodiscard]] bool is_stale(std::string_view name, std::uint64_t since) const ETALON_REQUIRES(lock) {
        if (since < all_invalidated) return true;
        const auto found = invalidated.find(name);
        return found != invalidated.end() && since < found->second;
    }

    void take_from_ring(const Entry& entry) ETALON_REQUIRES(lock) {
        if (hand == entry.place) ++hand;
        ring.erase(entry.place);
        bytes -= entry.bytes;
        copy_bytes -= entry.copy_bytes;
    }

    void remove(AllSeries::iterator series, Series::iterator at, Graveyard& graveyard) ETALON_REQUIRES(lock) {
        take_from_ring(at->second);
        graveyard.entries.push_back(series->second.extract(at));
        if (!series->second.empty()) return;
        bytes -= bytes_of(series->first);
        graveyard.series.push_back(all.extract(series));
    }

    void remove(AllSeries::iterator series, Graveyard& graveyard) ETALON_REQUIRES(lock) {
        for (const auto& [begin, entry] : series->second) take_from_ring(entry);
        bytes -= bytes_of(series->first);
        graveyard.series.push_back(all.extract(series));
    }

    void remove_overlapping(const AnswerKey& key, std::int64_t begin, std::int64_t last, Graveyard& graveyard)
        ETALON_REQUIRES(lock) {
        for (;;) {
            // Entries do not overlap each other, so that the last one that begins in time is the only candidate.
            const auto series = all.find(key);
            if (series == all.end()) return;
            auto at = series->second.upper_bound(last);
            if (at == series->second.begin() || (--at)->second.last < begin) return;
            remove(series, at, graveyard);
        }
    }

    /// Gives up the first entry from the hand on that was not used since the hand was there.
    void evict_one(Graveyard& graveyard) ETALON_REQUIRES(lock) {
        // Readers may set marks as fast as they are cleared: two rounds are enough.
        for (auto left = 2 * ring.size();; --left) {
            if (hand == ring.end()) hand = ring.begin();
            Entry& entry = **hand;
            if (left > 0 && entry.used.exchange(false, std::memory_order_relaxed)) {
                ++hand;
                continue;
            }
            const auto series = all.find(*entry.key);
            remove(series, series->second.find(entry.begin), graveyard);
            ++evictions;
            return;
        }
    }

    /// What the next answer of a key has to pay for the key. (A failed add may have left a key without answers.)
    [[nodiscard]] std::uint64_t key_cost(const AnswerKey& key) const ETALON_REQUIRES(lock) {
        const auto series = all.find(key);
        return series == all.end() || series->second.empty() ? bytes_of(key) : 0;
    }

    void add(const AnswerKey& key, const Answer& answer, std::uint64_t cost, std::int64_t begin, std::int64_t last)
        ETALON_REQUIRES(lock) {
        Ring place(1, nullptr);  // what may fail comes first
        const auto total = cost + key_cost(key);
        const auto series = all.try_emplace(key).first;
        auto& entry = series->second[begin];
        entry.last = last;
        entry.bytes = cost;
        entry.answer = answer;
        entry.key = &series->first;
        entry.begin = begin;
        entry.stripe = StripedLock::mine();
        entry.place = place.begin();
        place.front() = &entry;
        // Just behind the hand: visited after all others.
        ring.splice(hand, place);
        bytes += total;
    }
};

AnswerCache::AnswerCache(std::uint64_t max_bytes) : state_(std::make_unique<State>(max_bytes)) {}
AnswerCache::~AnswerCache() = default;

std::optional<Answer> AnswerCache::find(const AnswerKeyView& key, std::int64_t at) const {
    if (state_->max_bytes == 0) return std::nullopt;
    const Lookup lookup{key, key.hash()};
    const auto mine = StripedLock::mine();
    auto& state = *state_;
    const ReadLock lock(state.lock, mine);
    const auto series = state.all.find(lookup);
    if (series == state.all.end()) return std::nullopt;
    auto place = series->second.upper_bound(at);
    if (place == series->second.begin()) return std::nullopt;
    --place;
    auto& entry = place->second;
    if (entry.last < at) return std::nullopt;
    // Written only when it changes: the cache line stays shared.
    if (!entry.used.load(std::memory_order_relaxed)) entry.used.store(true, std::memory_order_relaxed);
    state.lock.count_hit(mine);
    if (mine == entry.stripe) return entry.answer;
    if (const auto* copy = entry.copies.find(mine)) return *copy;
    if (!state.reserve_copy()) return entry.answer;
    // What was not used of the room goes back, also when there is no memory for a copy.
    struct Made {
        State& state;
        Entry& entry;
        std::uint64_t bytes = 0;
        ~Made() {
            state.copy_bytes -= AnswerCopies::kMostBytes - bytes;
            entry.copy_bytes += bytes;
        }
    } made{state, entry};
    return entry.copies.make(entry.answer, mine, made.bytes);
}

bool AnswerCache::keeps_any() const noexcept {
    return state_->max_bytes != 0;
}

void AnswerCache::count_load() noexcept {
    state_->loads.fetch_add(1, std::memory_order_relaxed);
}

void AnswerCache::insert(const AnswerKey& key, const Answer& answer, std::uint64_t generation) {
    auto& state = *state_;
    state.loads.fetch_add(1, std::memory_order_relaxed);
    if (!answer.has_value() || state.max_bytes == 0) return;
    const auto bounds = bounds_of(key.parts(), answer->validity);
    if (!bounds) return;
    const auto cost = bytes_of(answer);
    Graveyard graveyard;
    const WriteLock lock(state.lock);
    if (state.is_stale(key.parts().name, generation)) return;
    state.remove_overlapping(key, bounds->first, bounds->second, graveyard);
    if (cost + bytes_of(key) > state.max_bytes) return;
    // Eviction may take the key's other answers, and then the key has to be paid for again.
    while (state.bytes + state.copy_bytes + cost + state.key_cost(key) > state.max_bytes && !state.ring.empty())
        state.evict_one(graveyard);
    state.add(key, answer, cost, bounds->first, bounds->second);
}

void AnswerCache::invalidate(std::string_view name) {
    auto& state = *state_;
    Graveyard graveyard;
    const WriteLock lock(state.lock);
    const auto now = state.generation.load(std::memory_order_relaxed) + 1;
    state.generation.store(now, std::memory_order_release);
    if (state.invalidated.size() >= kMostInvalidated) {
        state.invalidated.clear();
        state.all_invalidated = now;
    }
    state.invalidated.insert_or_assign(std::string(name), now);
    for (auto series = state.all.begin(); series != state.all.end();) {
        const auto next = std::next(series);
        if (series->first.parts().name == name) state.remove(series, graveyard);
        series = next;
    }
}

void AnswerCache::clear() {
    auto& state = *state_;
    AllSeries dead;
    const WriteLock lock(state.lock);
    const auto now = state.generation.load(std::memory_order_relaxed) + 1;
    state.generation.store(now, std::memory_order_release);
    state.invalidated.clear();
    state.all_invalidated = now;
    state.ring.clear();
    state.hand = state.ring.end();
    state.bytes = 0;
    state.copy_bytes = 0;
    dead.swap(state.all);
}

std::uint64_t AnswerCache::generation() const noexcept {
    return state_->generation.load(std::memory_order_acquire);
}

CacheCounters AnswerCache::counters() const {
    auto& state = *state_;
    const ReadLock lock(state.lock, StripedLock::mine());
    return {state.lock.hits(), state.loads.load(std::memory_order_relaxed), state.bytes + state.copy_bytes,
            state.ring.size(), state.evictions};
}

std::uint64_t AnswerCache::bytes_of(const Answer& answer) noexcept {
    const auto& data = *answer;
    std::uint64_t bytes = sizeof(Entry) + sizeof(Ring::value_type) + sizeof(AnswerData) + 3 * kNodeBytes;
    if (data.layout) bytes += data.num_rows * data.layout->size;
    bytes +=
        text_bytes(data.name) + text_bytes(data.struct_name) + text_bytes(data.absent) + text_bytes(data.truncated);
    bytes += data.elements.capacity() * sizeof(ElementAnswer);
    for (const auto& element : data.elements) {
        bytes += text_bytes(element.absent) + text_bytes(element.truncated);
        if (!element.provenance) continue;
        const auto& from = *element.provenance;
        bytes += text_bytes(from.database) + text_bytes(from.layer) + text_bytes(from.version) + text_bytes(from.uid) +
                 text_bytes(from.content_hash);
    }
    return bytes;
}

std::uint64_t AnswerCache::bytes_of(const AnswerKey& key) noexcept {
    const auto& parts = key.parts();
    // Sizes, not capacities: the copy that is kept has no room to spare.
    return sizeof(AnswerKey) + sizeof(Series) + kNodeBytes + parts.name.size() + parts.version.size() +
           (parts.elements.size() + parts.snapshot.size()) * sizeof(std::int64_t);
}

}  // namespace etalon::layers
