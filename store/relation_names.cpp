#include "store/relation_names.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "backends/ddl.h"
#include "backends/proof.h"

namespace etalon::store {

using backends::Engine;
using backends::Sql;

namespace {

constexpr std::size_t kMaxName = 63;

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
    return out;
}

/// At most `size` bytes, not ending inside a UTF-8 character.
std::string cut(std::string_view text, std::size_t size) {
    if (text.size() <= size) return std::string(text);
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
    return std::string(text.substr(0, size));
}

bool is_reserved(std::string_view name) {
    static constexpr std::array<std::string_view, 30> kOwn{"structure",
                                                           "schema",
                                                           "schemaversion",
                                                           "schemamask",
                                                           "namedref",
                                                           "namedrefpolicy",
                                                           "commitcounter",
                                                           "commitlog",
                                                           "payload",
                                                           "dataindex",
                                                           "bytes",
                                                           "nodes",
                                                           "noderelation",
                                                           "catalognodes",
                                                           "snapshot",
                                                           "lengthclass",
                                                           "storeformat",
                                                           "snapshotentry",
                                                           "catalognoderelation",
                                                           "parameterset",
                                                           "timeline",
                                                           "timelinepast",
                                                           "schemarule",
                                                           "setproof",
                                                           "dataindex_view",
                                                           "catalognodes_view",
                                                           "version",
                                                           "object",
                                                           "objectref",
                                                           "namedquery"};
    const auto name_lower = lower(name);
    return std::find(kOwn.begin(), kOwn.end(), name_lower) != kOwn.end() || name_lower.starts_with("sqlite_") ||
           name_lower.starts_with("pg_");
}

}  // namespace

UniqueNames::UniqueNames(const std::vector<std::string>& taken) {
    for (const auto& name : taken) lower_.insert(lower(name));
}

std::string UniqueNames::make(std::string_view wanted) {
    auto name = cut(wanted, kMaxName);
    for (int number = 2; !lower_.insert(lower(name)).second; ++number) {
        name = RelationNames::with_suffix(wanted, "_" + std::to_string(number));
    }
    return name;
}

void RelationNames::read() {
    // No index finds a name without its case: one scan is as good as one look.
    static const Sql kSqlite(R"(SELECT lower("name") FROM "sqlite_master")");
    static const Sql kPostgres(R"(SELECT lower(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema())");
    if (is_read_) return;
    const auto cursor = tx_.query(tx_.engine() == Engine::Sqlite ? kSqlite : kPostgres, {});
    while (cursor->next()) lower_.emplace(cursor->text(0));
    is_read_ = true;
}

bool RelationNames::is_used(const std::string& name) const {
    return is_reserved(name) || lower_.contains(lower(name));
}

std::string RelationNames::take_unused(std::string_view wanted, std::string_view prefix) {
    read();
    auto name = cut(wanted, kMaxName);
    if (is_used(name)) name = cut(std::string(prefix) + std::string(wanted), kMaxName);
    const auto base = name;
    for (int number = 2; is_used(name); ++number) name = with_suffix(base, "_" + std::to_string(number));
    lower_.insert(lower(name));
    return name;
}

bool RelationNames::take(const std::string& name) {
    read();
    if (is_used(name)) return false;
    lower_.insert(lower(name));
    return true;
}

std::string RelationNames::with_suffix(std::string_view name, std::string_view suffix) {
    return cut(name, kMaxName - suffix.size()) + std::string(suffix);
}

std::string unused_relation_name(backends::Transaction& tx, std::string_view wanted, std::string_view prefix) {
    return RelationNames(tx).take_unused(wanted, prefix);
}

bool relation_exists(backends::Transaction& tx, const std::string& name) {
    static const Sql kSqlite(R"(SELECT 1 FROM sqlite_master WHERE "name" = ?1 AND "type" IN ('table', 'view'))");
    static const Sql kPostgres(R"(SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relname = ?1)");
    return tx.query(tx.engine() == Engine::Sqlite ? kSqlite : kPostgres, {name})->next();
}

std::string row_table_triggers(Engine engine, const backends::StoreFormat& format, const std::string& table) {
    auto triggers = backends::immutability_triggers(engine, {table, {{"dataID", "rowNumber"}}, {}});
    return backends::has_objects(format) ? triggers : backends::triggers_before_2_1(std::move(triggers));
}

}  // namespace etalon::store
