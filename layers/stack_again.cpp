// What a stack does when a server goes away, stands behind or has somebody else at work: who tries again, how long.

#include <fmt/format.h>

#include <algorithm>

#include "backends/table_locks.h"
#include "base/pauses.h"
#include "etalon/error.h"
#include "index/commits.h"
#include "layers/stack.h"

namespace etalon::layers {

using backends::PlaceKind;

namespace {

bool has_server(const LayerStack& stack) {
    return std::ranges::any_of(stack.layers(), [](const Layer& layer) { return layer.kind == PlaceKind::Server; });
}

}  // namespace

LayerStack::Again::Again(LayerStack& stack) : stack_(stack), start_(Pauses::Clock::now()), commits_(commits_made()) {}

std::uint64_t LayerStack::Again::commits_made() const noexcept {
    std::uint64_t count = 0;
    for (const auto& layer : stack_.layers_) count += layer.place->commits_made();
    return count;
}

bool LayerStack::Again::wait(const Error& error) {
    if (!pauses_) pauses_.emplace(stack_.options().wait);
    // At once at first: mostly another server answers, or the same one again.
    if (tries_++ == 0) return true;
    if (stack_.options().waiting && pauses_->may_tell()) stack_.options().waiting("waiting: " + error.info().what);
    return pauses_->wait();
}

bool LayerStack::Again::may_read(const Error& error) {
    if (!error.retryable() || !has_server(stack_)) return false;
    if (error.obstacle() == Obstacle::Disconnected || error.obstacle() == Obstacle::Changing) return wait(error);
    // A plan that went out of date, say.
    constexpr int kTries = 2;
    return error.obstacle() == Obstacle::Other && tries_++ < kTries;
}

bool LayerStack::Again::may_write(const Error& error) {
    if (!error.retryable() || !has_server(stack_) || commits_made() != commits_) return false;
    return (error.obstacle() == Obstacle::Disconnected || error.obstacle() == Obstacle::Changing) && wait(error);
}

Error LayerStack::Again::told(const Error& error) const {
    if (error.obstacle() != Obstacle::Locked || !error.info().found.empty()) return error;
    const auto& traits = *stack_.traits_;
    auto& connection = stack_.layers_[traits.target.value_or(traits.home)].place->connection();
    if (connection.engine() != backends::Engine::Postgres) return error;
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(Pauses::Clock::now() - start_);
    try {
        return backends::locked_error(connection, "a write waited for locks of others", {}, waited);
    } catch (const Error&) {
        return error;  // who has them cannot be asked any more
    }
}

void LayerStack::check_at_least() {
    const auto& wanted = *options().at_least;
    const auto is_counted = [](const Layer& layer) { return !layer.is_private(); };
    if (std::ranges::count_if(layers_, is_counted) != 1) {
        throw Error(ErrorCode::Usage, {"a commit number belongs to one place", "database " + name(),
                                       "one SQLite file or PostgreSQL schema", fmt::format("{} layers", layers_.size()),
                                       "leave out --at-least"});
    }
    const auto& layer = *std::ranges::find_if(layers_, is_counted);
    const auto last = layer.place->snapshot();
    if (last < wanted.commit) {
        throw Error(ErrorCode::Backend,
                    {"the place is behind", layer.shown, fmt::format("commit {} or a later one", wanted.commit),
                     fmt::format("commit {}, its last", last),
                     "a standby or a copy that lags: wait longer (--wait), or ask the place that the commit is from"})
            .set_retryable(true)
            .set_obstacle(Obstacle::Behind);
    }
    if (wanted.hash.empty()) return;
    const auto tx = layer.place->connection().begin(backends::TransactionMode::Read);
    index::check_commit_hash(*tx, wanted.commit, wanted.hash, layer.shown);
}

std::unique_ptr<LayerStack> LayerStack::open(const std::vector<std::string>& urls, const OpenOptions& options) {
    Pauses pauses(options.wait);
    while (true) {
        std::optional<Error> failure;
        try {
            auto stack = open_layers(urls, options);
            if (options.at_least) stack->check_at_least();
            return stack;
        } catch (const Error& error) {
            // A server that cannot be reached is waited for only by who knows that it was there.
            const bool passes = error.obstacle() == Obstacle::Behind || error.obstacle() == Obstacle::Changing ||
                                (options.at_least && error.obstacle() == Obstacle::Disconnected);
            if (!passes || !error.retryable()) throw;
            failure = error;
        }
        if (options.waiting && pauses.may_tell()) {
            options.waiting(fmt::format("waiting: {}{}", failure->info().what,
                                        failure->info().found.empty() ? "" : " (" + failure->info().found + ")"));
        }
        if (!pauses.wait()) throw *failure;
    }
}

}  // namespace etalon::layers
