#include "layers/stack_pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

#include "base/counted_apart.h"
#include "etalon/error.h"
#include "layers/fields.h"

namespace etalon::layers {
namespace {

/// A thread to which the system gives no signals: they are for the program's own threads.
template <class Work>
std::thread start_without_signals(Work work) {
    sigset_t all{};
    sigset_t before{};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        std::thread thread(std::move(work));
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        return thread;
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
}

}  // namespace

StackPool::StackPool(const std::vector<std::string>& urls, const OpenOptions& options) : cache_(options.cache_bytes) {
    auto stack = LayerStack::open(urls, options);
    stack->rest();  // perhaps it is not read for long
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
    std::thread keeper;
    {
        const MutexLock lock(mutex_);
        ends_ = true;
        keeper_wakes_.notify_all();
        keeper = std::move(keeper_);
    }
    if (keeper.joinable()) keeper.join();
}

std::vector<std::int64_t> StackPool::commits() const {
    const MutexLock lock(mutex_);
    std::vector<std::int64_t> commits;
    for (const auto& head : snapshot_.heads) commits.push_back(head.seq);
    return commits;
}

std::int64_t StackPool::home_commit() const noexcept {
    const MutexLock lock(mutex_);
    return snapshot_.heads[traits_->home].seq;
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
    // Writers have only the first stack: they go before readers, and readers that waited for one go before the next.
    const bool main_is_free = main().is_free && (waiting_writers_ == 0 || readers_turn_);
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
    return slots_.size() < std::max<std::size_t>(1, traits_->options.max_connections) && traits_->can_open_again &&
           Clock::now() >= no_more_until_;
}

StackPool::Slot& StackPool::take_to_write() {
    const MutexLock lock(mutex_);
    auto& first = main();
    ++waiting_writers_;
    while (!first.is_free || (readers_turn_ && waiting_readers_ > 0)) writer_.wait(mutex_);
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
        bool is_stale = false;
        {
            const MutexLock lock(mutex_);
            while ((slot = find_free()) == nullptr) {
                if (!keeper_has_slot_ && may_open()) want_more();
                ++waiting_readers_;
                reader_.wait(mutex_);
                --waiting_readers_;
            }
            const bool is_current = slot->stack->snapshot().epoch == snapshot_.epoch;
            if (!is_current) snapshot = snapshot_;
            is_stale = slot->writes != writes_;
            slot->writes = writes_;
            slot->is_free = false;
            ++busy_;
            readers_turn_ = false;
            // Woken for the first stack, and took another.
            if (waiting_writers_ > 0 && main().is_free) writer_.notify_one();
            if (is_current && !is_stale) return *slot;
        }
        if (is_stale) slot->stack->forget();
        if (snapshot.heads.empty() || bring_to(*slot, snapshot)) return *slot;
    }
}

bool StackPool::bring_to(Slot& slot, const StackSnapshot& snapshot) {
    std::unique_ptr<Slot> closed;  // destroyed without the lock: a connection takes its time to close
    try {
        slot.stack->follow(snapshot);
        return true;
    } catch (const std::exception& error) {
        const MutexLock lock(mutex_);
        const auto at = std::ranges::find_if(slots_, [&](const auto& one) { return one.get() == &slot; });
        closed = std::move(*at);
        slots_.erase(at);
        --busy_;
        statements_of_closed_ += closed->stack->statement_count();
        count_failure(error.what());
        return false;
    }
}

void StackPool::count_failure(const std::string& problem) {
    constexpr std::chrono::seconds kPause{1};
    no_more_until_ = Clock::now() + kPause;
    ++counters_.failed;
    counters_.last_problem = problem;
}

void StackPool::give_back(Slot& slot, Use use) noexcept {
    const auto statements = slot.stack->statement_count();
    const bool holds_read = slot.stack->holds_read();
    const MutexLock lock(mutex_);
    slot.is_free = true;
    slot.holds_read = holds_read;
    slot.statements = statements;
    slot.processor = sched_getcpu();
    --busy_;
    const bool is_first = &slot == &main();
    if (!is_first || holds_read) slot.free_since = Clock::now();
    // Without it, nothing would end what is held: then it is ended at once.
    if (holds_read && !keeper_runs_ && !wake_keeper()) {
        slot.stack->rest();
        slot.holds_read = false;
    }
    // Who waited while a writer was at work comes before the next one.
    if (use == Use::Write) readers_turn_ = waiting_readers_ > 0;
    if (is_first && waiting_writers_ > 0 && !readers_turn_) {
        writer_.notify_one();
    } else if (waiting_readers_ > 0) {
        reader_.notify_one();
    }
}

void StackPool::count_write() noexcept {
    const MutexLock lock(mutex_);
    main().writes = ++writes_;
}

void StackPool::want_more() {
    if (wants_more_ || ends_) return;
    wants_more_ = true;
    wants_more_ = wake_keeper();
}

bool StackPool::wake_keeper() {
    if (keeper_runs_) {
        keeper_wakes_.notify_one();
        return true;
    }
    try {
        // One that ran before has nothing left to do but to return.
        if (keeper_.joinable()) keeper_.join();
        keeper_ = start_without_signals([this] { keep_stacks(); });
        keeper_runs_ = true;
    } catch (const std::system_error& error) {
        count_failure(error.what());
    }
    return keeper_runs_;
}

void StackPool::keep_stacks() {
    std::vector<std::unique_ptr<Slot>> closed;
    for (;;) {
        closed.clear();  // without the lock: a connection takes its time to close
        open_wanted();
        rest_unused();
        const MutexLock lock(mutex_);
        auto next = next_rest();
        const bool is_needed = next != Clock::time_point::max();
        closed = take_idle(next);
        if (ends_ || (slots_.size() == 1 && closed.empty() && !wants_more_ && !is_needed)) {
            keeper_runs_ = false;
            return;
        }
        if (closed.empty() && !wants_more_) keeper_wakes_.wait_until(mutex_, next);
    }
}

void StackPool::rest_unused() {
    while (Slot* slot = take_holding()) {
        slot->stack->rest();
        free_rested(*slot);
    }
}

StackPool::Slot* StackPool::take_holding() {
    const MutexLock lock(mutex_);
    if (ends_) return nullptr;
    const auto since = Clock::now() - kHold;
    const auto found = std::ranges::find_if(
        slots_, [&](const auto& slot) { return slot->holds_read && slot->is_free && slot->free_since <= since; });
    if (found == slots_.end()) return nullptr;
    auto& slot = **found;
    slot.is_free = false;
    slot.holds_read = false;
    keeper_has_slot_ = true;
    return &slot;
}

StackPool::Clock::time_point StackPool::next_rest() const {
    auto next = Clock::time_point::max();
    for (const auto& slot : slots_) {
        if (slot->holds_read) next = std::min(next, (slot->is_free ? slot->free_since : Clock::now()) + kHold);
    }
    return next;
}

void StackPool::free_rested(Slot& slot) noexcept {
    const MutexLock lock(mutex_);
    slot.is_free = true;
    keeper_has_slot_ = false;
    if (&slot == &main() && waiting_writers_ > 0 && !readers_turn_) {
        writer_.notify_one();
    } else if (waiting_readers_ > 0) {
        reader_.notify_one();
    }
}

void StackPool::open_wanted() {
    StackSnapshot snapshot;
    {
        const MutexLock lock(mutex_);
        if (!wants_more_ || ends_) return;
        snapshot = snapshot_;
    }
    auto slot = std::make_unique<Slot>();
    std::string problem;
    try {
        slot->stack = LayerStack::open_again(traits_, snapshot);
        slot->stack->rest();
    } catch (const std::exception& error) {
        // A server that has no more connections to give, say: the first one says what it means for an answer.
        problem = error.what();
    }
    const MutexLock lock(mutex_);
    wants_more_ = false;
    if (!slot->stack) {
        count_failure(problem);
        return;
    }
    slot->is_free = true;
    slot->free_since = Clock::now();
    slot->statements = slot->stack->statement_count();
    slots_.push_back(std::move(slot));
    ++counters_.opened;
    if (waiting_readers_ > 0) reader_.notify_one();
    wants_more_ = waiting_readers_ > 1 && may_open();
}

std::vector<std::unique_ptr<StackPool::Slot>> StackPool::take_idle(Clock::time_point& next) {
    // Not at once, or the thread would do nothing else; and not beyond what the clock counts.
    constexpr std::chrono::milliseconds kLeast{1};
    constexpr std::chrono::hours kMost{24};
    const auto idle = std::clamp<Clock::duration>(traits_->options.connection_idle, kLeast, kMost);
    const auto now = Clock::now();
    std::vector<std::unique_ptr<Slot>> closed;
    for (std::size_t i = slots_.size(); i-- > 1;) {
        auto& slot = *slots_[i];
        const auto until = (slot.is_free ? slot.free_since : now) + idle;
        if (until > now) {
            next = std::min(next, until);
            continue;
        }
        statements_of_closed_ += slot.statements;
        closed.push_back(std::move(slots_[i]));
        slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return closed;
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
    if (!options.fields.empty()) {
        return read([&](LayerStack& stack) {
            auto answer =
                read_fields(stack, wanted, at, options, asked, stack.commits_of(wanted, choice_of(defaults, options)));
            cache_.count_load();
            return answer;
        });
    }
    // What is asked by a condition is not kept: its values, as people write them, say little of whether two are the
    // same.
    if (!cache_.keeps_any() || options.where.kind != Condition::Kind::Always) {
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
    for (auto& owner : owners_) owner = count_apart(pool.get(), pool);
}

const std::shared_ptr<StackPool>& PoolOwners::mine() const noexcept {
    return owners_[processor_place(owners_.size())];
}

}  // namespace etalon::layers
