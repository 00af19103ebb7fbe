#pragma once
/// Table definitions written once for both engines.

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/port.h"

namespace etalon::backends {

/// Replaces the tokens of a definition: `{id}` (a primary key that counts by itself), `{int}`, `{text}`, `{blob}`,
/// `{uuid}` (16 bytes), `{real}`, `{clustered}` (SQLite: WITHOUT ROWID) by what the engine calls them.
[[nodiscard]] std::string render_ddl(Engine engine, std::string_view text);

/// What the immutability triggers of one table let through.
struct Immutability {
    std::string table;
    /// Unique keys: an INSERT that would replace a row with an equal key is refused (SQLite's INSERT OR REPLACE).
    std::vector<std::vector<std::string>> keys;
    /// Every column except retiredSeq and rowChecksum, when these may change together, retiredSeq from NULL to the
    /// current commit number; else empty.
    std::vector<std::string> frozen_when_retiring;
};

/// Triggers that refuse UPDATE, DELETE, TRUNCATE and (SQLite) replacing INSERT on a table. Idempotent. PostgreSQL needs
/// immutability_functions() once before.
[[nodiscard]] std::string immutability_triggers(Engine engine, const Immutability& rule);
/// The same triggers as they were made before format 2.1, whose programs know no others.
[[nodiscard]] std::string triggers_before_2_1(std::string ddl);
/// Table and name of every trigger that such definitions make.
[[nodiscard]] std::set<std::pair<std::string, std::string>> find_triggers(const std::string& ddl);
/// The condition that a row of an append-only table (alias with commitSeq and retiredSeq) is seen as of a snapshot,
/// which is a parameter such as `?4`: committed at or before it, and not retired at or before it (docs/validity.md).
[[nodiscard]] std::string visible_at(std::string_view alias, std::string_view snapshot);

/// Renames the schema that is a place (PostgreSQL; SQLite has none): the connection finds nothing any more when the
/// transaction is committed. Throws Error when the server refuses it.
void rename_schema(Transaction& tx, std::string_view name);

/// The trigger functions (PostgreSQL; empty for SQLite).
[[nodiscard]] std::string immutability_functions(Engine engine);

}  // namespace etalon::backends
