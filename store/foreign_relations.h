#pragma once
/// What answers to the names of Etalon's tables, looked at before anything is read through them: a view, a trigger or a
/// rule of somebody else would be run, or read, as if it were Etalon's own (docs/storage_format.md).

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "backends/port.h"
#include "backends/relation_list.h"

namespace etalon::store {

/// The tables and triggers of Etalon's own, by the statements that make them.
struct OwnRelations {
    backends::Engine engine;
    std::vector<backends::RelationInfo> tables;
    std::vector<backends::TriggerText> triggers;
    /// `ddl`: the statements that make a place of the newest format. PostgreSQL: without triggers, which are known by
    /// their functions.
    OwnRelations(backends::Engine of, const std::string& ddl);
};

/// What stands in a place, as it was when it was read. Belongs to one thread at a time.
class PlacedRelations {
public:
    /// Reads the engine's own tables. `own` must outlive it; `place` is for errors.
    PlacedRelations(backends::Transaction& tx, const OwnRelations& own, std::string place);
    PlacedRelations(const PlacedRelations&) = delete;
    PlacedRelations& operator=(const PlacedRelations&) = delete;

    /// True when a relation has that name (SQLite: ignoring case, as it finds them).
    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }

    /// Before a place that is no database yet becomes one: throws Error(Refused) when it holds what is not to be mixed
    /// with Etalon's tables. In PostgreSQL that is a relation under one of their names, in an SQLite file, which
    /// programs have for themselves, any relation.
    void check_vacant() const;
    /// Before a place of that format is brought to the newest one: throws Error(Refused) when a relation has the name
    /// of a table that it gets.
    void check_vacant_for(const backends::StoreFormat& format) const;
    /// Throws Error(Format) unless storeFormat is a table that keeps rows and does nothing else.
    void check_format_table() const;
    /// The same of all tables of a database of that format, and of the triggers on them. `newest`: the format of `own`;
    /// of it, also columns and triggers are compared with their statements. storeFormat has to be checked before.
    void check(backends::Transaction& tx, const backends::StoreFormat& format,
               const backends::StoreFormat& newest) const;

private:
    [[nodiscard]] const backends::RelationInfo* find(std::string_view name) const;
    /// Whether places of a format have that table.
    [[nodiscard]] static bool is_of_format(std::string_view table, const backends::StoreFormat& format);
    void check_table(std::string_view name) const;
    void check_columns(const backends::RelationInfo& own) const;
    void check_triggers(std::string_view table, const std::vector<backends::TriggerText>& known, bool exactly) const;
    [[noreturn]] void refuse(std::string what, std::string_view relation, std::string expected,
                             std::string found) const;

    /// A name as the engine compares it.
    [[nodiscard]] std::string key_of(std::string_view name) const;

    const OwnRelations& own_;
    std::string place_;
    backends::RelationList list_;
    // Both point into list_.
    std::unordered_map<std::string, const backends::RelationInfo*> by_name_;
    std::unordered_multimap<std::string, const backends::TriggerText*> by_table_;
};

}  // namespace etalon::store
