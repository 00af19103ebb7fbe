// Opening a place, and as of when it is read.

#include "place/place.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/pauses.h"
#include "etalon/error.h"
#include "index/commits.h"

namespace etalon::place {

using backends::TransactionMode;

Place::Place(std::unique_ptr<backends::Connection> connection, PlaceTraits traits)
    : traits_(std::move(traits)), connection_(std::move(connection)) {
    connection_->set_check([this] { check_connection(); });
    try {
        take_snapshot();
    } catch (const Error& error) {
        // Database::verify says what it is.
        if (!traits_.examine || error.code() != ErrorCode::Corrupt) throw;
    }
}

std::int64_t Place::take_snapshot() {
    set_snapshot(find_last_commit());
    return head_.seq;
}

index::CommitHead Place::find_last_commit() {
    auto last = index::head_commit(*connection_->begin(backends::TransactionMode::Single));
    if (last.seq >= head_.seq) {
        // Numbers go on in a copy that was restored and written to since; the chain does not.
        const bool is_same =
            head_.hash.empty() ||
            (last.seq == head_.seq
                 ? last.hash == head_.hash
                 : index::find_commit_hash(*connection_->begin(TransactionMode::Read), head_.seq) == head_.hash);
        if (is_same) return last;
        throw Error(ErrorCode::Backend,
                    {"the database has another history than when it was read last",
                     fmt::format("{}, commit {}", connection_->place(), head_.seq), "hash " + head_.hash, "another one",
                     "it was replaced or restored from an older copy, or another server answers: open it again"});
    }
    throw Error(ErrorCode::Backend,
                {"the database has fewer commits than when it was read last", connection_->place(),
                 fmt::format("at least {}", head_.seq), std::to_string(last.seq),
                 "it was replaced, restored from an older copy, or another server answers: open it again"});
}

void Place::check_connection() {
    if (checks_connection_) return;  // lost once more: the question is put to the newest server
    checks_connection_ = true;
    const auto done = [this](void*) { checks_connection_ = false; };
    const std::unique_ptr<void, decltype(done)> flag(this, done);
    const auto wanted = std::max(head_.seq, last_asked_);
    Pauses pauses(connection_->waiting().limit);
    while (true) {
        const auto last = index::head_commit(*connection_->begin(TransactionMode::Single));
        if (last.seq >= wanted) {
            if (head_.hash.empty() || last == head_) return;
            index::check_commit_hash(*connection_->begin(TransactionMode::Read), head_.seq, head_.hash,
                                     connection_->place());
            return;
        }
        if (connection_->waiting().tell && pauses.may_tell()) {
            connection_->waiting().tell(
                fmt::format("waiting for commit {} at {}, which has {}", wanted, connection_->place(), last.seq));
        }
        if (pauses.wait()) continue;
        throw Error(ErrorCode::Backend,
                    {"another server answers, which is behind", connection_->place(),
                     fmt::format("commit {}, which was read before", wanted), fmt::format("commit {}", last.seq),
                     "a standby that lags, or a failover that lost commits: wait longer (--wait), or open it again"})
            .set_obstacle(Obstacle::Behind);
    }
}

void Place::set_snapshot(const index::CommitHead& head) {
    head_ = head;
    // Names may have new policies, structs new versions; plans stay right for the definitions that they hold.
    forget();
}

index::Resolved Place::resolve(const std::optional<AsOf>& as_of) {
    if (!as_of) return {snapshot(), true};
    if (const auto* number = std::get_if<std::int64_t>(&*as_of)) {
        // A number up to the snapshot is known to exist.
        if (*number >= 0 && *number <= snapshot()) return {*number, true};
        const auto resolved = index::resolve_number(*connection_->begin(TransactionMode::Read), *number);
        last_asked_ = std::max(last_asked_, resolved.commit);
        return resolved;
    }
    if (const auto* hashed = std::get_if<HashedCommit>(&*as_of)) {
        const auto tx = connection_->begin(TransactionMode::Read);
        const auto resolved = index::resolve_number(*tx, hashed->commit);
        index::check_commit_hash(*tx, hashed->commit, hashed->hash, connection_->place());
        last_asked_ = std::max(last_asked_, resolved.commit);
        return resolved;
    }
    const auto date = std::get<Time>(*as_of);
    const auto known = dates_.find(date.ns);
    if (known != dates_.end()) return known->second;
    const auto resolved = index::resolve_date(*connection_->begin(TransactionMode::Single), date);
    last_asked_ = std::max(last_asked_, resolved.commit);
    return dates_[date.ns] = resolved;
}

TreePtr Place::find_tree(std::string_view root, std::string_view key) const {
    const auto known = trees_.find({std::string(root), std::string(key)});
    return known == trees_.end() ? nullptr : known->second;
}

void Place::keep_tree(std::string_view root, std::string_view key, TreePtr tree) {
    trees_[{std::string(root), std::string(key)}] = std::move(tree);
}

}  // namespace etalon::place
