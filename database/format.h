#pragma once
/// The stored format: creating, checking and upgrading a database (docs/storage_format.md).

#include <string>

#include "backends/port.h"

namespace etalon::database {

inline constexpr std::int64_t kFormatMajor = 1;
inline constexpr std::int64_t kFormatMinor = 2;
/// The oldest format that is read as it is.
inline constexpr std::int64_t kOldestMinor = 1;

/// Creates what is missing; idempotent. `name` is stored in a new database. An older format is changed only with `upgrade`.
/// Throws Error(Format) for a newer major format, and without `upgrade` for one that is too old to be read.
void create_format(backends::Connection& connection, const std::string& name, bool upgrade);

struct StoredFormat {
    std::int64_t minor = 0;
    std::string database_name;

    bool has_rules = false;   ///< it has the table for rules of evolution; format 1.1 has not
};
/// Checks that this is an Etalon database of a format that can be read.
[[nodiscard]] StoredFormat check_format(backends::Connection& connection);

/// The name that a place gets when none is given: the file's stem, or libpq's database name.
[[nodiscard]] std::string default_name(const backends::Place& place);

}  // namespace etalon::database
