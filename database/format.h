#pragma once
/// The stored format: creating, checking and upgrading a database (docs/storage_format.md).

#include <string>

#include "backends/port.h"

namespace etalon::database {

inline constexpr std::int64_t kFormatMajor = 1;
inline constexpr std::int64_t kFormatMinor = 1;

/// Creates what is missing; idempotent. `name` is stored in a new database. Throws Error(Format) for a newer major format,
/// and for an older one unless `upgrade`.
void create_format(backends::Connection& connection, const std::string& name, bool upgrade);

/// Checks that this is an Etalon database of a format that can be read; returns the name that is stored in it.
[[nodiscard]] std::string check_format(backends::Connection& connection);

/// The name that a place gets when none is given: the file's stem, or libpq's database name.
[[nodiscard]] std::string default_name(const backends::Place& place);

}  // namespace etalon::database
