#pragma once
/// SQL views of named references, for people with `psql`, `sqlite3` or a plotting program. What a view shows is not
/// proved (docs/storage_format.md); programs that must get the right answer fetch it.
///
/// All functions may be called from several threads. Views belong to one place: a database of several layers is refused
/// (Error(Usage)) unless it is said otherwise.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/commit.h"
#include "etalon/request.h"
#include "etalon/time.h"

namespace etalon {

class Database;

/// `<reference>_view` and `<reference>_records` of some references.
struct StandardViews {
    std::vector<std::string> names;  ///< references that are stored as columns; empty: all of them
    bool present = true;             ///< false: they are dropped
};
/// Makes those that are missing, or drops those that are there, in the layer that is written to. PostgreSQL makes them
/// with every reference. An SQLite file does so for its first 32 references only, because SQLite reads all views each
/// time a file is opened: the others are made here. Returns the commit number, 0 when nothing changes. Throws
/// Error(Unknown) with the nearest name, Error(Refused) for a reference that is stored as bytes.
std::int64_t set_standard_views(Database& database, const StandardViews& which, const CommitInfo& info = {});

/// A plain SQL view of what a reference answers: at one position, or over all.
struct ViewSpec {
    std::string name;            ///< of the view: at most 63 bytes; no relation has it
    std::string reference;       ///< stored as columns
    std::optional<Position> at;  ///< none: all positions, a row for each effective interval and row
    std::string version;         ///< version chain; empty: `default`
    std::optional<AsOf> as_of;   ///< fixed when the view is made; none: the view follows later commits
};
/// Makes it: beginTime, endTime (effective), elementID, version, commitSeq, rowNumber and the elements of the current
/// schema version, as in `<reference>_view`. No commit. Throws Error(Unknown) for the reference, Error(WrongAxis),
/// Error(Refused) when a relation has the name or the reference is stored as bytes, Error(BadInput) for the name.
void create_view(Database& database, const ViewSpec& spec);

/// A view that was made by create_view(), or the standard views of a reference.
struct ViewInfo {
    std::string name;
    std::string reference;
    bool standard = false;
    std::string shows;  ///< what was asked for: `all times, as of commit 17, version sim,default`
};
/// In order of name. References without views are not in it.
[[nodiscard]] std::vector<ViewInfo> list_views(Database& database);
/// Drops one that create_view() made. Throws Error(Unknown) with the nearest name, Error(Refused) for any other view.
void drop_view(Database& database, std::string_view name);

}  // namespace etalon
