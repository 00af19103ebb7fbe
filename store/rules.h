#pragma once
/// Rules of evolution as recorded: sections of rule files (schema/rules.h) with the schema versions that they belong to.

#include <cstdint>
#include <string>
#include <vector>

#include "backends/port.h"
#include "store/catalog.h"

namespace etalon::store {

/// A row of `schemaRule`, with what is needed to check and apply it anywhere.
struct RecordedRules {
    std::int64_t struct_id = 0;
    std::string struct_name;
    std::int64_t commit = 0;   ///< holds for reads as of this commit or later
    std::string text;          ///< schema::to_text of the section, with whole hashes
    DefinitionPtr older;
    DefinitionPtr newer;
};

/// All rules of a place.
struct RuleTable {
    std::vector<RecordedRules> rules;   ///< in the order in which they were recorded
    /// Of structs that have rules: (struct name, names of its schema versions, oldest first).
    std::vector<std::pair<std::string, std::vector<std::string>>> versions;
};

/// One statement, two when there are rules.
[[nodiscard]] RuleTable read_rules(backends::Transaction& tx);
/// Records a section that leads from one schema version of a struct to another.
void insert_rules(backends::Transaction& tx, std::int64_t struct_id, std::int64_t from_schema, std::int64_t to_schema,
                  const std::string& text, std::int64_t commit, std::int64_t entry_time);

}  // namespace etalon::store
