#pragma once
/// Everything of a place that answers to a name in SQL, read from the engine's own tables alone.

#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"

namespace etalon::backends {

/// A relation and what else stands in its place, as far as it matters to who names it.
struct RelationInfo {
    std::string name;
    /// `table`, or what it is in place of an ordinary one: `view`, `virtual table`, ...
    std::string kind;
    /// What makes an ordinary table do more than keep rows (`a rule`, `row-level security`, ...); mostly empty.
    std::string extra;
    /// `name TYPE` of every column of a table, in order.
    std::vector<std::string> columns;
};

/// A trigger with what it runs: its statement (SQLite), or the name of a function of the place and of the table's owner
/// (PostgreSQL; empty: one of somebody else).
struct TriggerText {
    std::string table;
    std::string name;
    std::string text;
};

struct RelationList {
    std::vector<RelationInfo> relations;
    std::vector<TriggerText> triggers;
};

/// PostgreSQL: columns only of those in `with_columns`.
[[nodiscard]] RelationList read_relations(Transaction& tx, const std::vector<std::string>& with_columns);
/// The tables that CREATE TABLE statements make: names and columns.
[[nodiscard]] std::vector<RelationInfo> find_tables(std::string_view ddl);
/// The triggers of CREATE TRIGGER statements for SQLite, with the texts that it keeps of them.
[[nodiscard]] std::vector<TriggerText> find_trigger_texts(std::string_view ddl);

}  // namespace etalon::backends
