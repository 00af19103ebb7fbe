#pragma once
/// What proves a whole place of format 2, computed from its rows: the sums of its sets, and what each commit wrote.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/port.h"
#include "backends/proof.h"
#include "base/digest.h"

namespace etalon::place {

/// A set of rows with a proof row.
struct SetSource {
    const backends::ProvedTable* table;
    backends::SetKind kind;
    std::string_view owner;  ///< the column that names the owner; empty: owner 0
};
[[nodiscard]] std::vector<SetSource> set_sources(const backends::StoreFormat& format = {});
/// All tables of a format whose rows have checksums.
[[nodiscard]] std::vector<const backends::ProvedTable*> proved_tables(const backends::StoreFormat& format = {});

/// The sums of all sets from the rows as they stand; `on_bad(table, id)` is told of rows without their checksum, whose
/// computed one counts.
[[nodiscard]] std::map<backends::SetKey, backends::SetSum> compute_sets(
    backends::Transaction& tx, const std::function<void(const backends::ProvedTable& table, std::int64_t id)>& on_bad);

/// What one commit wrote.
struct CommitContents {
    Sha256 root{};
    std::int64_t records = 0;
};
/// Of all commits of `log` (commitLog, or a table with its columns commitSeq and entryTime), from the rows of names,
/// structs, records, trees and snapshots. Linear in all of them; holds the items of one commit at a time, and the small
/// ones of all.
[[nodiscard]] std::map<std::int64_t, CommitContents> compute_contents(backends::Transaction& tx,
                                                                      const std::string& log);

}  // namespace etalon::place
