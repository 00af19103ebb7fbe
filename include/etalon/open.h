#pragma once
/// How a Database is opened, and what is open then.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "etalon/progress.h"
#include "etalon/request.h"

namespace etalon {

/// How a Database is opened. `version`, `as_of` and `as_of_patterns` are for reads that say nothing themselves.
struct OpenOptions {
    bool create = false;   ///< `init`: create file or schema and tables when missing (idempotent); of a stack, those of
                           ///< the layer that is written to
    bool upgrade = false;  ///< with create: bring an older stored format to this one
    Progress upgrade_progress = {};  ///< of that; may throw to stop: the place stays what it was
    /// Called with everything that an upgrade finds damaged: it is kept, and an error whenever it is read.
    std::function<void(const std::string&)> upgrade_finding = {};
    /// With create, of one file or server: the database is called so, a new one from the beginning; one that is there
    /// is renamed, for everybody. Empty: a new one is called as its URL says (`#Name`), as the layers below it, or as
    /// its file. Error(Usage) for several layers.
    std::string name = {};
    std::string write_to = {};  ///< URL of the layer that is written to; needed when several could be
    std::string version = {};   ///< version chain; empty: `default`
    std::optional<AsOf> as_of = std::nullopt;
    std::vector<AsOfPattern> as_of_patterns = {};
    /// False: rows and stretches are taken without comparing their checksums, in all layers (a URL may end with
    /// `?verified=off` for one). A cold read of a small struct gains a few percent; damage to what is stored may then
    /// be answered without a word.
    bool verified = true;
    /// Opened for verify() alone: what is damaged in the catalog does not keep the place from being opened, and is
    /// found by that.
    bool examine = false;
    std::uint64_t cache_bytes =
        64 << 20;  ///< bound of the in-process cache of answers (rows and bookkeeping), 64 MiB: enough
                   ///< for about 100,000 small tables; 0 keeps none, every fetch asks the store
    /// Most connections to each place. The first is opened with the database; more only when threads read at once, and
    /// they are closed when nobody has used them for `connection_idle`. `memory:` and `csv:` have one. Below 2: reads
    /// of several threads are served one after the other.
    std::uint32_t max_connections = 4;
    std::chrono::milliseconds connection_idle{5000};
    /// How long a call waits for what is in its way, at most: a write or a change of tables for locks of others, a read
    /// for a server that went away or a standby that is behind. 0: not at all (but for what passes in a moment).
    std::chrono::milliseconds wait{60'000};
    /// Called while a call waits, at most about once a second, with what it waits for; by the thread that waits.
    std::function<void(const std::string&)> waiting = {};
    /// The place, a standby or a copy of a file, has to have this commit: it is waited for, as `wait` says, and then
    /// Error(Backend), retryable. With a hash (else empty) a place that has another commit of that number is
    /// Error(Refused) at once. Commit numbers belong to one place: Error(Usage) for several layers.
    std::optional<HashedCommit> at_least = std::nullopt;
    /// Folders with the files that its rows name, the first of them written to (etalon/files.h). Empty: none.
    std::vector<std::string> files = {};
};

/// The connections of a Database to each of its places (OpenOptions::max_connections).
struct ConnectionCounters {
    std::uint64_t open = 0;         ///< now
    std::uint64_t opened = 0;       ///< since the database was opened
    std::uint64_t failed = 0;       ///< attempts to open one more that failed: reads went on with those that were there
    std::string last_problem = {};  ///< of the last one that failed
    friend bool operator==(const ConnectionCounters&, const ConnectionCounters&) = default;
};

/// What the in-process cache of answers did and holds (OpenOptions::cache_bytes).
struct CacheCounters {
    std::uint64_t hits = 0;       ///< answers found without a statement
    std::uint64_t loads = 0;      ///< answers loaded after a miss
    std::uint64_t bytes = 0;      ///< rows and bookkeeping held now
    std::uint64_t entries = 0;    ///< answers held now
    std::uint64_t evictions = 0;  ///< answers given up to stay within the bound
    friend bool operator==(const CacheCounters&, const CacheCounters&) = default;
};

/// One layer of a Database.
struct LayerInfo {
    std::string place;  ///< URL without password
    bool written_to = false;
    std::int64_t snapshot = 0;  ///< commit number that reads see; 0 for memory and csv, which have none
    std::string digest;         ///< of the files of a CSV layer
};

}  // namespace etalon
