#include "layers/stack_pool.h"

#include <sched.h>

#include <algorithm>
#include <exception>

#include "etalon/error.h"

namespace etalon::layers {

StackPool::StackPool(const std::vector<std::string>& urls, const OpenOptions& options) : cache_(options.cache_bytes) {
    auto stack = LayerStack::open(urls, options);
    traits_ = stack->shared_traits();
    const MutexLock lock(mutex_);
    snapshot_ = stack->snapshot();
    epoch_ = snapshot_.epoch;
    auto first = std::make_unique<Slot>();
    first->stack = std::move(stack);
    first->is_free = true;
    first->statements = first->stack->statement_count();
    slots_.push_back(std::move(first));
    counters_ = {1, 1, 0, {}};
}

StackPool::~StackPool() {
    std::thread closer;
    {
        const MutexLock lock(mutex_);
        ends_ = true;
        closer_wakes_.notify_all();
        closer = std::move(closer_);
    }
    if (closer.joinable()) closer.join();
}

StackSnapshot StackPool::snapshot() const {
    const MutexLock lock(mutex_);
    return snapshot_;
}

std::int64_t StackPool::advance() {
    const Lease lease(*this, Use::Write);
    auto& stack = lease.stack();
    const auto commit = stack.read_again([&] { return stack.take_snapshot(); });
    const MutexLock lock(mutex_);
    snapshot_ = stack.snapshot();
    epoch_ = snapshot_.epoch;
    return commit;
}

StackPool::Slot* StackPool::find_free() {
    // Writers have only the first stack, and mostly wait for less than a read takes.
    const bool main_is_free = main().is_free && waiting_writers_ == 0;
    alone_ = busy_ == 0 ? alone_ + 1 : 0;
    if (slots_.size() == 1) return main_is_free ? &main() : nullptr;
    // Threads that go on meeting each keep to the stack that is in the caches of their processor; one that reads alone
    // goes back to the first, so that the others become idle.
    constexpr std::size_t kMeets = 1000;
    if (alone_ < kMeets) {
        const auto processor = sched_getcpu();
        if (main_is_free && main().processor == processor) return &main();
        for (std::size_t i = 1; i < slots_.size(); ++i) {
            if (slots_[i]->is_free && slots_[i]->processor == processor) return slots_[i].get();
        }
    }
    if (main_is_free) return &main();
    Slot* found = nullptr;
    for (std::size_t i = 1; i < slots_.size(); ++i) {
        auto& slot = *slots_[i];
        if (slot.is_free && (found == nullptr || slot.free_since > found->free_since)) found = &slot;
    }
    return found;
}

bool StackPool::may_open() const {
    return slots_.size() < std::max<std::size_t>(1, traits_->options.max_connections) && traits_->can_open_again() &&
           Clock::now() >= no_more_until_;
}

StackPool::Slot& StackPool::take_to_write() {
    const MutexLock lock(mutex_);
    auto& first = main();
    ++waiting_writers_;
    while (!first.is_free) writer_.wait(mutex_);
    --waiting_writers_;
    first.is_free = false;
    ++busy_;
    return first;
}

StackPool::Slot& StackPool::take(Use use) {
    if (use == Use::Write) return take_to_write();
    for (;;) {
        Slot* slot = nullptr;
        StackSnapshot snapshot;
        {
            const MutexLock lock(mutex_);
            for (;;) {
                slot = find_free();
                if (slot == nullptr && may_open()) {
                    slots_.push_back(std::make_unique<Slot>());
                    slot = slots_.back().get();
                }
                if (slot != nullptr) break;
                ++waiting_readers_;
                reader_.wait(mutex_);
                --waiting_readers_;
            }
            slot->is_free = false;
            ++busy_;
            if (slot->stack && slot->stack->snapshot().epoch == snapshot_.epoch) return *slot;
            snapshot = snapshot_;
        }
        if (auto* prepared = prepare(*slot, snapshot)) return *prepared;
    }
}

StackPool::Slot* StackPool::prepare(Slot& slot, const StackSnapshot& snapshot) {
    try {
        const bool is_new = slot.stack == nullptr;
        if (is_new) {
            slot.stack = LayerStack::open_again(traits_, snapshot);
        } else {
            slot.stack->read_again([&] { slot.stack->follow(snapshot); });
        }
        const MutexLock lock(mutex_);
        start_closer();
        if (is_new) ++counters_.opened;
        return &slot;
    } catch (const std::exception& error) {
        // A server that has no more connections to give, say: the first one says what it means for an answer.
        const MutexLock lock(mutex_);
        constexpr std::chrono::seconds kPause{1};
        no_more_until_ = Clock::now() + kPause;
        ++counters_.failed;
        counters_.last_problem = error.what();
        remove(slot);
        return nullptr;
    }
}

void StackPool::remove(Slot& slot) {
    const auto at = std::ranges::find_if(slots_, [&](const auto& one) { return one.get() == &slot; });
    statements_of_closed_ += slot.stack ? slot.stack->statement_count() : 0;
    slots_.erase(at);
    --busy_;
}

void StackPool::give_back(Slot& slot) noexcept {
    const auto statements = slot.stack->statement_count();
    const MutexLock lock(mutex_);
    slot.is_free = true;
    slot.statements = statements;
    slot.processor = sched_getcpu();
    --busy_;
    const bool is_first = &slot == &main();
    if (!is_first) slot.free_since = Clock::now();
    if (is_first && waiting_writers_ > 0) {
        writer_.notify_one();
    } else if (waiting_readers_ > 0) {
        reader_.notify_one();
    }
}

void StackPool::start_closer() {
    if (closer_runs_ || ends_) return;
    // One that ran before has nothing left to do but to return.
    if (closer_.joinable()) closer_.join();
    closer_runs_ = true;
    closer_ = std::thread([this] { close_idle(); });
}

void StackPool::close_idle() {
    const auto idle = traits_->options.connection_idle;
    std::vector<std::unique_ptr<Slot>> closed;
    for (;;) {
        closed.clear();  // without the lock: a connection takes its time
        const MutexLock lock(mutex_);
        auto next = Clock::time_point::max();
        for (std::size_t i = slots_.size(); i-- > 1;) {
            auto& slot = *slots_[i];
            const auto until = slot.is_free ? slot.free_since + idle : Clock::now() + idle;
            if (!slot.is_free || until > Clock::now()) {
                next = std::min(next, until);
                continue;
            }
            statements_of_closed_ += slot.statements;
            closed.push_back(std::move(slots_[i]));
            slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(i));
        }
        if (ends_ || (slots_.size() == 1 && closed.empty())) {
            closer_runs_ = false;
            return;
        }
        if (closed.empty()) closer_wakes_.wait_until(mutex_, next);
    }
}

ConnectionCounters StackPool::connections() const {
    const MutexLock lock(mutex_);
    auto counters = counters_;
    counters.open = slots_.size();
    return counters;
}

std::uint64_t StackPool::statement_count() const {
    const MutexLock lock(mutex_);
    auto count = statements_of_closed_;
    for (const auto& slot : slots_) count += slot->statements;
    return count;
}

Answer StackPool::fetch(std::string_view wanted, Position at, const FetchOptions& options, const DefinitionPtr& asked) {
    if (options.elements.empty()) {
        throw Error(ErrorCode::Usage,
                    {"no element asked for", std::string(wanted), "at least one element", "none", ""});
    }
    const auto& defaults = traits_->options;
    if (!cache_.keeps_any()) {
        return read([&](LayerStack& stack) {
            const auto commits = stack.commits_of(wanted, choice_of(defaults, options));
            auto answer = stack.read(wanted, at, options, stack.own(asked), commits);
            cache_.count_load();
            return answer;
        });
    }
    AnswerKeyView key{wanted,
                      options.elements,
                      options.version.empty() ? defaults.version : options.version,
                      {},
                      options.layer_unit,
                      options.schema,
                      options.strict,
                      options.lenient,
                      options.any_position,
                      options.provenance.value_or(true),
                      at.axis,
                      asked.get()};
    const bool at_snapshot =
        !options.as_of && options.as_of_patterns.empty() && !defaults.as_of && defaults.as_of_patterns.empty();
    const auto epoch = static_cast<std::int64_t>(epoch_.load());
    if (at_snapshot) {
        // The snapshots taken are known by their epoch: a hit needs no stack.
        key.snapshot = {&epoch, 1};
        if (auto known = cache_.find(key, at.value)) return *std::move(known);
    }
    return read([&](LayerStack& stack) {
        const auto commits = stack.commits_of(wanted, choice_of(defaults, options));
        std::vector<std::int64_t> snapshot;
        if (at_snapshot) {
            snapshot = {static_cast<std::int64_t>(stack.snapshot().epoch)};
        } else {
            snapshot = commits.commits;
            snapshot.push_back(commits.settled ? 1 : 0);
        }
        auto of_stack = key;
        of_stack.snapshot = snapshot;
        const auto generation = cache_.generation();
        if (auto known = cache_.find(of_stack, at.value)) return *std::move(known);
        auto answer = stack.read(wanted, at, options, stack.own(asked), commits);
        cache_.insert(AnswerKey(of_stack.own(asked)), answer, generation);
        return answer;
    });
}

PoolOwners::PoolOwners(const std::shared_ptr<StackPool>& pool) {
    // A count of its own for each, in a cache line of its own.
    struct alignas(64) KeepAlive {
        std::shared_ptr<StackPool> pool;
        void operator()(StackPool* /*owned by the other count*/) noexcept { pool.reset(); }
    };
    for (auto& owner : owners_) owner = std::shared_ptr<StackPool>(pool.get(), KeepAlive{pool});
}

const std::shared_ptr<StackPool>& PoolOwners::mine() const noexcept {
    return owners_[static_cast<unsigned>(std::max(sched_getcpu(), 0)) % owners_.size()];
}

}  // namespace etalon::layers
