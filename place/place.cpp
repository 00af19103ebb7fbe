// Opening a place, and as of when it is read.

#include "place/place.h"

#include <fmt/format.h>

#include <utility>

#include "etalon/error.h"
#include "index/commits.h"

namespace etalon::place {

using backends::TransactionMode;

Place::Place(std::unique_ptr<backends::Connection> opened, std::string database_name, bool examine)
    : connection(std::move(opened)), name(std::move(database_name)) {
    try {
        take_snapshot();
    } catch (const Error& error) {
        // Database::verify says what it is.
        if (!examine || error.code() != ErrorCode::Corrupt) throw;
    }
}

std::int64_t Place::take_snapshot() {
    set_snapshot(find_last_commit());
    return snapshot;
}

std::int64_t Place::find_last_commit() {
    const auto last = index::last_commit(*connection->begin(backends::TransactionMode::Single));
    if (last >= snapshot) return last;
    throw Error(ErrorCode::Backend,
                {"the database has fewer commits than when it was read last", connection->place(),
                 fmt::format("at least {}", snapshot), std::to_string(last),
                 "it was replaced, restored from an older copy, or another server answers: open it again"});
}

void Place::set_snapshot(std::int64_t commit) {
    snapshot = commit;
    // Names may have new policies, structs new versions; plans stay right for the definitions that they hold.
    forget();
}

index::Resolved Place::resolve(const std::optional<AsOf>& as_of) {
    if (!as_of) return {snapshot, true};
    if (const auto* number = std::get_if<std::int64_t>(&*as_of)) {
        // A number up to the snapshot is known to exist.
        if (*number >= 0 && *number <= snapshot) return {*number, true};
        return index::resolve_number(*connection->begin(TransactionMode::Read), *number);
    }
    if (const auto* hashed = std::get_if<HashedCommit>(&*as_of)) {
        const auto tx = connection->begin(TransactionMode::Read);
        const auto resolved = index::resolve_number(*tx, hashed->commit);
        index::check_commit_hash(*tx, hashed->commit, hashed->hash, connection->place());
        return resolved;
    }
    const auto date = std::get<Time>(*as_of);
    const auto known = dates_.find(date.ns);
    if (known != dates_.end()) return known->second;
    return dates_[date.ns] = index::resolve_date(*connection->begin(TransactionMode::Single), date);
}

}  // namespace etalon::place
