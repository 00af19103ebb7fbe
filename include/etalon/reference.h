#pragma once
/// Named references: what they promise, how they are stored and which record wins.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/interval.h"

namespace etalon {

/// How values of a named reference are stored. Persisted: values never change.
enum class Storage : std::uint8_t { Columns = 1, Bytes = 2 };
/// Which of several eligible records of one version wins. Persisted: values never change.
enum class OrderPolicy : std::uint8_t { ByBegin = 1, ByCreation = 2 };
[[nodiscard]] std::string_view name_of(Storage storage) noexcept;     // `columns`, `bytes`
[[nodiscard]] std::string_view name_of(OrderPolicy policy) noexcept;  // `by_begin`, `by_creation`

/// Which elements a named reference promises (docs/validity.md). An answer to which one of them is missing is
/// Incomplete.
struct Coverage {
    bool complete = false;               ///< false: sparse, nothing is promised
    std::vector<std::int64_t> elements;  ///< of a complete one, ascending
    friend bool operator==(const Coverage&, const Coverage&) = default;
};
/// `sparse`, or `complete(0-23,30)`; throws Error(BadInput).
[[nodiscard]] Coverage parse_coverage(std::string_view text);
/// Inverse of parse_coverage.
[[nodiscard]] std::string format_coverage(const Coverage& coverage);

/// One named reference as recorded, with the policy in force.
struct NameInfo {
    std::string name;
    std::string struct_name;
    Axis axis = Axis::Time;
    OrderPolicy policy = OrderPolicy::ByBegin;
    Storage storage = Storage::Columns;
    std::string view_name;  ///< of the readable view; empty when stored as bytes
    std::int64_t records = 0;
    Coverage coverage = {};
};

/// A named reference to create or change. Absent parts keep their value (or get the default when new).
struct NameSpec {
    std::string name;
    std::string struct_name;
    std::optional<Axis> axis;  ///< fixed once records exist
    std::optional<OrderPolicy> policy;
    std::optional<Storage> storage;
    std::optional<Coverage> coverage = std::nullopt;
};

}  // namespace etalon
