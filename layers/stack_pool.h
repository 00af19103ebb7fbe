#pragma once
/// The inside of a Database: as many stacks of the same layers as threads read at once, the cache of answers before
/// them.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "etalon/answer.h"
#include "etalon/definition.h"
#include "etalon/interval.h"
#include "etalon/open.h"
#include "etalon/request.h"
#include "layers/answer_cache.h"
#include "layers/compiled_definitions.h"
#include "layers/stack.h"

namespace etalon::layers {

/// Stacks of the same layers as of the same snapshot. One is opened with the database, and it alone writes; others are
/// opened when a thread would have to wait for it to read, at most OpenOptions::max_connections in all, and closed when
/// nobody has used them for OpenOptions::connection_idle. Where a place is nobody else's (memory, CSV files) there is
/// one. All calls may come from any thread.
class StackPool {
public:
    /// Throws as LayerStack::open().
    StackPool(const std::vector<std::string>& urls, const OpenOptions& options);
    ~StackPool();
    StackPool(const StackPool&) = delete;
    StackPool& operator=(const StackPool&) = delete;

    [[nodiscard]] const StackTraits& traits() const noexcept { return *traits_; }
    [[nodiscard]] AnswerCache& cache() noexcept { return cache_; }
    [[nodiscard]] CompiledDefinitions& compiled() noexcept { return compiled_; }
    /// Grows each time a snapshot is taken.
    [[nodiscard]] const std::atomic<std::uint64_t>& epoch() const noexcept { return epoch_; }
    /// The commits that reads which begin now see, by layer.
    [[nodiscard]] std::vector<std::int64_t> commits() const ETALON_EXCLUDES(mutex_);
    /// That of the home layer.
    [[nodiscard]] std::int64_t home_commit() const noexcept ETALON_EXCLUDES(mutex_);
    /// Takes a new one; returns the commit number of the home layer. Throws as LayerStack::take_snapshot().
    std::int64_t advance() ETALON_EXCLUDES(mutex_);

    /// Runs a read, again when the connection to a server was lost, on a stack that nobody else uses meanwhile.
    template <class Read>
    auto read(Read&& work) {
        const Lease lease(*this, Use::Read);
        auto& stack = lease.stack();
        return stack.read_again([&] { return work(stack); });
    }
    /// Runs a write; what any stack keeps of names, structs and snapshots may be out of date after it, also when it
    /// failed. It is run again when it is certain that nothing was committed.
    template <class Write>
    auto write(Write&& work) {
        const Lease lease(*this, Use::Write);
        struct Forget {
            StackPool& pool;
            LayerStack& stack;
            ~Forget() {
                stack.forget();
                pool.count_write();
            }
        };
        const Forget forget{*this, lease.stack()};
        auto& stack = lease.stack();
        return stack.write_again([&] { return work(stack); });
    }

    /// Reads, or finds in the cache what was read before, without any lock that threads share.
    [[nodiscard]] Answer fetch(std::string_view name, Position at, const FetchOptions& options,
                               const DefinitionPtr& asked);

    [[nodiscard]] ConnectionCounters connections() const ETALON_EXCLUDES(mutex_);
    /// SQL statements sent by reads and writes that have ended.
    [[nodiscard]] std::uint64_t statement_count() const ETALON_EXCLUDES(mutex_);

private:
    using Clock = std::chrono::steady_clock;
    /// How long an unused stack may hold a read.
    static constexpr std::chrono::milliseconds kHold{200};
    enum class Use : std::uint8_t { Read, Write };
    struct alignas(64) Slot {
        std::unique_ptr<LayerStack> stack;
        int processor = -1;  ///< whose caches have it: the one that used it last
        bool is_free = false;
        bool holds_read = false;  ///< since free_since; the keeper lets it rest
        Clock::time_point free_since;
        std::uint64_t statements = 0;
        std::uint64_t writes = 0;  ///< those that it knows of
    };

    /// Holds a stack of the pool for its lifetime.
    class Lease {
    public:
        Lease(StackPool& pool, Use use) : pool_(pool), use_(use), slot_(pool.take(use)) {}
        ~Lease() { pool_.give_back(slot_, use_); }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        [[nodiscard]] LayerStack& stack() const noexcept { return *slot_.stack; }

    private:
        StackPool& pool_;
        Use use_;
        Slot& slot_;
    };

    [[nodiscard]] Slot& take(Use use) ETALON_EXCLUDES(mutex_);
    [[nodiscard]] Slot& take_to_write() ETALON_EXCLUDES(mutex_);
    void give_back(Slot& slot, Use use) noexcept ETALON_EXCLUDES(mutex_);
    /// A write through the first stack has ended: the others forget before they are read again.
    void count_write() noexcept ETALON_EXCLUDES(mutex_);
    /// A free stack for a read, or null.
    [[nodiscard]] Slot* find_free() ETALON_REQUIRES(mutex_);
    [[nodiscard]] bool may_open() const ETALON_REQUIRES(mutex_);
    /// Has one more stack opened, by a thread of its own: whoever waits takes what is free first.
    void want_more() ETALON_REQUIRES(mutex_);
    /// Brings a stack that is held to the snapshot; false when that fails: it is closed, reads go on with the others.
    [[nodiscard]] bool bring_to(Slot& slot, const StackSnapshot& snapshot) ETALON_EXCLUDES(mutex_);
    [[nodiscard]] Slot& main() ETALON_REQUIRES(mutex_) { return *slots_.front(); }
    /// Counts what could not be opened, and why; nobody tries again for a moment.
    void count_failure(const std::string& problem) ETALON_REQUIRES(mutex_);
    /// Starts the keeper, or wakes it when it runs. False when no thread can be had.
    bool wake_keeper() ETALON_REQUIRES(mutex_);
    /// Opens stacks that are wanted, lets those rest that hold a read and are not used, and closes those that were not
    /// used for a while; ends when there is nothing of that.
    void keep_stacks() ETALON_EXCLUDES(mutex_);
    /// Stacks that hold a read and were not used for kHold rest.
    void rest_unused() ETALON_EXCLUDES(mutex_);
    /// One of those, taken out of use; null when there is none.
    [[nodiscard]] Slot* take_holding() ETALON_EXCLUDES(mutex_);
    /// When to look for them again; the end of time when no stack holds a read.
    [[nodiscard]] Clock::time_point next_rest() const ETALON_REQUIRES(mutex_);
    void free_rested(Slot& slot) noexcept ETALON_EXCLUDES(mutex_);
    void open_wanted() ETALON_EXCLUDES(mutex_);
    /// Takes those out of the pool that were idle long enough; `next` is when to look again.
    [[nodiscard]] std::vector<std::unique_ptr<Slot>> take_idle(Clock::time_point& next) ETALON_REQUIRES(mutex_);

    std::shared_ptr<const StackTraits> traits_;
    AnswerCache cache_;  ///< of single names; not of configurations
    CompiledDefinitions compiled_;
    alignas(64) std::atomic<std::uint64_t> epoch_{1};  // read by every hit: alone in its cache line

    alignas(64) mutable Mutex mutex_;
    CondVar reader_;  ///< a stack has become free
    CondVar writer_;  ///< the first has
    CondVar keeper_wakes_;
    std::vector<std::unique_ptr<Slot>> slots_ ETALON_GUARDED_BY(mutex_);  ///< the first writes
    std::size_t waiting_writers_ ETALON_GUARDED_BY(mutex_) = 0;
    std::size_t waiting_readers_ ETALON_GUARDED_BY(mutex_) = 0;
    std::size_t busy_ ETALON_GUARDED_BY(mutex_) = 0;
    std::size_t alone_ ETALON_GUARDED_BY(mutex_) = 0;  ///< reads that began since two last met
    bool readers_turn_ ETALON_GUARDED_BY(mutex_) =
        false;                                            ///< for the first stack: a writer had it while readers waited
    std::uint64_t writes_ ETALON_GUARDED_BY(mutex_) = 0;  ///< those that ended
    StackSnapshot snapshot_ ETALON_GUARDED_BY(mutex_);
    ConnectionCounters counters_ ETALON_GUARDED_BY(mutex_);
    Clock::time_point no_more_until_ ETALON_GUARDED_BY(mutex_);
    std::uint64_t statements_of_closed_ ETALON_GUARDED_BY(mutex_) = 0;
    bool ends_ ETALON_GUARDED_BY(mutex_) = false;
    bool wants_more_ ETALON_GUARDED_BY(mutex_) = false;
    bool keeper_runs_ ETALON_GUARDED_BY(mutex_) = false;
    bool keeper_has_slot_ ETALON_GUARDED_BY(mutex_) = false;  ///< for the moment that resting takes
    std::thread keeper_ ETALON_GUARDED_BY(mutex_);
};

/// Owners of one pool. Each processor has one of its own, so that threads that own the pool for a moment seldom count
/// in the same cache line.
class PoolOwners {
public:
    explicit PoolOwners(const std::shared_ptr<StackPool>& pool);
    [[nodiscard]] StackPool& operator*() const noexcept { return *owners_.front(); }
    [[nodiscard]] StackPool* operator->() const noexcept { return owners_.front().get(); }
    [[nodiscard]] const std::shared_ptr<StackPool>& mine() const noexcept;

private:
    std::array<std::shared_ptr<StackPool>, 16> owners_;
};

}  // namespace etalon::layers
