#pragma once
/// From names of columns to places in a row. Private to schema/.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "etalon/definition.h"
#include "etalon/error.h"
#include "schema/value_text.h"

namespace etalon::schema {

/// The key of a JSON row that says which element (sector, channel) it belongs to.
inline constexpr std::string_view kElementIdKey = "elementID";

/// Finds elements by path and cells by column name, without expanding arrays. Points into the definition.
class ColumnIndex {
public:
    explicit ColumnIndex(const StructDefinition& definition);

    [[nodiscard]] const Element* find_element(std::string_view path) const;
    /// The place of a column such as `name[i][j]`; nothing when the definition has no such column.
    [[nodiscard]] std::optional<Cell> find(std::string_view column) const;
    /// Number of columns of the definition.
    [[nodiscard]] std::uint64_t num_columns() const noexcept { return num_columns_; }

private:
    std::unordered_map<std::string_view, const Element*> elements_;
    std::uint64_t num_columns_ = 0;
};

/// The cell of value `index` (row-major) of an element.
[[nodiscard]] Cell cell_of(const Element& element, std::uint64_t index) noexcept;

/// Appends `[i][j]` of value `index` (row-major) of an element; nothing for a scalar.
void append_indices(std::string& out, const Element& element, std::uint64_t index);

/// Calls `use` with every column name in order until it returns false.
void for_each_column(const StructDefinition& definition, const std::function<bool(const std::string&)>& use);

/// Names that were not there or not known: the first few, and how many in all.
struct NameList {
    static constexpr std::size_t kMost = 10;

    std::vector<std::string> first;
    std::uint64_t total = 0;

    void add(std::string_view name);
    /// `a, b and 3 more`
    [[nodiscard]] std::string text() const;
};

/// The error for names that do not fit a definition; `noun` is `column` or `element`, `known` are names that an unknown
/// one may have been meant for. Without `knows_any`, no name is known, and the unknown ones are not printed: the file
/// may be anything.
[[nodiscard]] Error misfit(std::string where, std::string_view noun, const StructDefinition& definition,
                           const NameList& missing, const NameList& unknown, const std::vector<std::string>& known,
                           bool knows_any);

}  // namespace etalon::schema
