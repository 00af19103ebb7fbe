#pragma once
/// Options of the commands that compare two sides.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/invocation.h"
#include "etalon/diff.h"

namespace etalon::cli {

/// As they stand on the command line. What is given once holds for both sides.
struct DifferenceOptions {
    std::vector<std::string> as_of;
    std::vector<std::string> versions;
    std::string other;  ///< place of the second side
    std::optional<std::string> from;
    std::optional<std::string> to;
    std::vector<std::string> tolerances;
    std::vector<std::string> relatives;
    std::vector<std::string> keys;
    bool by_position = false;
    std::int64_t limit = -1;  ///< -1: the default of the format
    LayerUnit layer_unit = LayerUnit::Element;
    bool strict = false;
    bool lenient = false;
    bool enum_names = false;

    /// Tolerances and keys; the range is the command's. Throws Error(Usage).
    [[nodiscard]] DiffOptions read() const;
    /// Throws Error(Usage) for a range that has an end and no begin, or that stands beside a position.
    void check_range(bool has_position) const;
    /// The same two sides are compared; `several` says whether the command knows two of something else. One --as-of is
    /// compared with now.
    void check_sides(bool several) const;
    /// What a side is read as of; nothing: what reads see.
    [[nodiscard]] std::optional<AsOf> as_of_side(std::size_t side) const;
    [[nodiscard]] std::string version_of_side(std::size_t side) const;
    /// For people: tolerances, keys.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> conditions() const;
};
/// What `texts` say of a side: nothing, one for both, or one for each.
[[nodiscard]] std::optional<std::string> text_of_side(const std::vector<std::string>& texts, std::size_t side);

/// An option that is given once for both sides or once for each.
CLI::Option* add_sides(CLI::App& command, const std::string& option, std::vector<std::string>& texts,
                       const std::string& description, const std::string& type);
/// --as-of, --version, --other, --from and --to.
void add_difference_sides(CLI::App& command, DifferenceOptions& options);
/// --tolerance, --relative, --key, --limit, --format, --enum-names, --strict, --lenient, --layer-unit.
void add_difference_output(CLI::App& command, DifferenceOptions& options, Invocation& invocation);

}  // namespace etalon::cli
