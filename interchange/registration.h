#pragma once
/// What registering structs did or would do, as JSON and records.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/registration.h"
#include "interchange/records.h"

namespace etalon::interchange {

/// The structs compared with one database, or with one folder of recorded histories.
struct Comparison {
    std::string database;  ///< name; empty: a folder
    std::string history;   ///< path; empty: a database
    RegisterReport report;
};

/// Something in a header that is recorded all the same.
struct HeaderWarning {
    std::string location;  ///< `file:line`
    std::string struct_name;
    std::string element;  ///< the first of those that are declared there
    std::string unit;
    std::string message;
};

/// `new struct`, `new schema`, `made current` or `known`.
[[nodiscard]] std::string_view name_of(RegisterOutcome::Action action) noexcept;
/// One JSON object for a comparison, without line end, with the warnings of the headers.
[[nodiscard]] std::string to_json(const Comparison& comparison, std::span<const HeaderWarning> warnings);
/// A row for each change: database, struct, action, schema, previous, change, verdict, ...
[[nodiscard]] Table outcome_table(std::span<const Comparison> comparisons);

}  // namespace etalon::interchange
