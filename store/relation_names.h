#pragma once
/// Names of row tables, views and columns: unique ignoring case, at most 63 bytes (PostgreSQL's limit).

#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "backends/port.h"

namespace etalon::store {

/// Hands out names that differ from all others ignoring case, by appending `_2`, `_3`, ...; cut to 63 bytes between
/// UTF-8 characters.
class UniqueNames {
public:
    explicit UniqueNames(const std::vector<std::string>& taken = {});
    [[nodiscard]] std::string make(std::string_view wanted);

private:
    std::set<std::string> lower_;
};

/// The names of the relations of a database, read at once when one is asked for. Lives at most as long as the
/// transaction, which makes relations only under names from here.
class RelationNames {
public:
    explicit RelationNames(backends::Transaction& tx) : tx_(tx) {}
    /// `wanted` when no relation of the database has that name (ignoring case) and it is no name of Etalon's own, else
    /// with `prefix` and, if need be, a number. Taken from then on.
    [[nodiscard]] std::string take_unused(std::string_view wanted, std::string_view prefix);
    /// Takes that name; false when it is used, or one of Etalon's own.
    [[nodiscard]] bool take(const std::string& name);
    /// A name with that behind it, cut to 63 bytes in front of it.
    [[nodiscard]] static std::string with_suffix(std::string_view name, std::string_view suffix);

private:
    void read();
    [[nodiscard]] bool is_used(const std::string& name) const;

    backends::Transaction& tx_;
    bool is_read_ = false;
    std::unordered_set<std::string> lower_;
};
/// The same for one.
[[nodiscard]] std::string unused_relation_name(backends::Transaction& tx, std::string_view wanted,
                                               std::string_view prefix);

/// Immutability triggers of a row table.
[[nodiscard]] std::string row_table_triggers(backends::Engine engine, const backends::StoreFormat& format,
                                             const std::string& table);

/// True when a table or view of that exact name exists.
[[nodiscard]] bool relation_exists(backends::Transaction& tx, const std::string& name);

}  // namespace etalon::store
