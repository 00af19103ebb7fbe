#pragma once
/// The stored format: creating, checking and upgrading a database (docs/storage_format.md).

#include <optional>
#include <string>

#include "backends/port.h"
#include "etalon/open.h"

namespace etalon::place {

class Place;

inline constexpr std::int64_t kFormatMajor = 2;
inline constexpr std::int64_t kFormatMinor = 1;
/// The oldest minor of format 1 that is read as it is.
inline constexpr std::int64_t kOldestMinor = 1;

/// Creates what is missing; idempotent. `name` is stored in a new database. An older format is changed only with
/// `options.upgrade` (place/upgrade.h). Throws Error(Format) for a newer major format, and without `upgrade` for one
/// that is too old to be read.
void create_format(backends::Connection& connection, const std::string& name, const OpenOptions& options);

struct StoredFormat {
    std::int64_t major = 0;
    std::int64_t minor = 0;
    std::string database_name;

    bool has_rules = false;  ///< it has the table for rules of evolution; format 1.1 has not
};
/// Checks that this is an Etalon database of a format that can be read, and tells the connection which it is.
/// `examine`: the checksum of the record is left to Database::verify.
StoredFormat check_format(backends::Connection& connection, bool examine = false);
/// The stored format as a transaction sees it.
[[nodiscard]] StoredFormat read_format(backends::Transaction& tx, const std::string& place, bool examine = false);
/// CREATE statements of everything in a format 2.
[[nodiscard]] std::string create_all_tables(backends::Engine engine, const backends::StoreFormat& format = {});
/// Adds the row of the format that the transaction meets.
void write_format(backends::Transaction& tx, const std::string& name, const Bytes& place_uid, std::int64_t entry_time);
/// Throws Error(Refused) when something of a place has the name of a table that it gets when it is brought up to date.
void check_vacant_for_upgrade(backends::Transaction& tx, const std::string& place);

/// Calls the database of a place otherwise from now on: the name that it keeps inside and, on PostgreSQL, the schema,
/// after which the connection finds nothing any more. False when it has that name already. Throws Error(BadInput) for a
/// name that none may have, Error(Format) for an older format.
[[nodiscard]] bool rename_database(backends::Connection& connection, const std::string& name);
/// The name that the database of a place has inside; nothing where there is none or it cannot be opened: whoever opens
/// it is told why.
[[nodiscard]] std::optional<std::string> find_name_inside(const backends::PlaceUrl& place);

/// The uid of a place, 32 hexadecimal digits, which a copy keeps; empty without a row in storeFormat.
[[nodiscard]] std::string read_uid(Place& place);

/// The name that a place gets when none is given: the file's stem, or libpq's database name.
[[nodiscard]] std::string default_name(const backends::PlaceUrl& place);

}  // namespace etalon::place
