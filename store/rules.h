#pragma once
/// Rules of evolution as recorded: sections of rule files (evolution/rules.h) with the schema versions that they belong
/// to.

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/port.h"
#include "base/commit_items.h"
#include "evolution/rules.h"
#include "store/catalog.h"

namespace etalon::store {

/// A row of `schemaRule`, read and checked.
struct RecordedRules {
    std::string struct_name;
    std::int64_t commit = 0;  ///< holds for reads as of this commit or later
    evolution::CheckedRulesPtr rules;
    /// Taken over from another layer together with a schema version: where that layer is, its own rules hold.
    bool is_copy = false;
};

/// All rules of a place.
struct RuleTable {
    std::vector<RecordedRules> rules;  ///< in the order in which they were recorded
    /// Of structs that have rules: (struct name, names of its schema versions, oldest first).
    std::vector<std::pair<std::string, std::vector<std::string>>> versions;

    /// The sections of one struct, by any of its names, in that order.
    [[nodiscard]] std::vector<evolution::CheckedRulesPtr> of(std::string_view struct_name) const;
    /// The name in `structure` of the struct that has, or had, this one by a rename; `struct_name` itself when there is
    /// none.
    [[nodiscard]] std::string_view recorded_name(std::string_view struct_name) const;
};

/// Adds to `names` all that the structs with these names have, or had.
void add_names(const std::vector<RecordedRules>& rules, std::set<std::string, std::less<>>& names);

/// Format 1: one statement, two when there are rules. Definitions that `known` has are not parsed again.
[[nodiscard]] RuleTable read_rules(backends::Transaction& tx, SchemaCache& known);
/// The struct of a name that another one in `structure` stands for, since rules renamed it.
[[nodiscard]] std::optional<StructRecord> find_renamed_struct(backends::Transaction& tx, std::string_view name,
                                                              SchemaCache& known);
/// Records a section that leads from one schema version of a struct to another.
void insert_rules(backends::Transaction& tx, std::int64_t struct_id, std::string_view struct_name,
                  std::int64_t from_schema, std::int64_t to_schema, const std::string& text, bool is_copy,
                  const WriteStamp& stamp);
/// The item of a commit that recorded such a section.
[[nodiscard]] Bytes rules_item(std::string_view struct_name, std::string_view text, bool is_copy);
/// Calls `add(commit, item)` for the sections that all commits recorded.
void visit_rules_items(backends::Transaction& tx, const std::function<void(std::int64_t commit, Bytes item)>& add);

}  // namespace etalon::store
