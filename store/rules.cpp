#include "store/rules.h"

#include "base/bytes.h"
#include "store/schema_cache.h"

namespace etalon::store {

using backends::Sql;
using backends::Transaction;
using backends::Value;

namespace {

/// `comment` of rules that were taken over (docs/storage_format.md).
constexpr std::string_view kCopied = "taken over from another layer";

}  // namespace

RuleTable read_rules(Transaction& tx, SchemaCache& known) {
    static const Sql kRules(R"(SELECT s."name", r."commitSeq", r."rules", f."definition", t."definition", r."structID",
r."fromSchemaID", r."schemaID", r."comment" FROM "schemaRule" r JOIN "structure" s ON s."ID" = r."structID"
JOIN "schemaVersion" f ON f."structID" = r."structID" AND f."schemaID" = r."fromSchemaID"
JOIN "schemaVersion" t ON t."structID" = r."structID" AND t."schemaID" = r."schemaID" ORDER BY r."ID")");
    RuleTable table;
    {
        const auto cursor = tx.query(kRules, {});
        while (cursor->next()) {
            const std::string struct_name(cursor->text(0));
            const auto older = known.get_definition(cursor->integer(5), cursor->integer(6), cursor->text(3));
            const auto newer = known.get_definition(cursor->integer(5), cursor->integer(7), cursor->text(4));
            const bool is_copy = !cursor->is_null(8) && cursor->text(8) == kCopied;
            // A row is one section without the line that names the struct.
            for (const auto& section : schema::read_rules(
                     "struct " + struct_name + "\n" + std::string(cursor->text(2)), "recorded rules")) {
                table.rules.push_back({struct_name, cursor->integer(1), schema::check_rules(section, older, newer), is_copy});
            }
        }
    }
    if (table.rules.empty()) return table;
    static const Sql kVersions(R"(SELECT s."name", v."definitionHash" FROM "schemaVersion" v
JOIN "structure" s ON s."ID" = v."structID" WHERE v."structID" IN (SELECT "structID" FROM "schemaRule")
ORDER BY v."structID", v."schemaID")");
    const auto cursor = tx.query(kVersions, {});
    while (cursor->next()) {
        const std::string name(cursor->text(0));
        if (table.versions.empty() || table.versions.back().first != name) table.versions.push_back({name, {}});
        table.versions.back().second.push_back(to_hex(cursor->bytes(1)));
    }
    return table;
}

std::vector<schema::CheckedRulesPtr> RuleTable::of(std::string_view struct_name) const {
    std::vector<schema::CheckedRulesPtr> sections;
    for (const auto& one : rules) {
        if (one.struct_name == struct_name) sections.push_back(one.rules);
    }
    return sections;
}

void insert_rules(Transaction& tx, std::int64_t struct_id, std::int64_t from_schema, std::int64_t to_schema,
                  const std::string& text, bool is_copy, std::int64_t commit, std::int64_t entry_time) {
    static const Sql kInsert(R"(INSERT INTO "schemaRule" ("structID", "fromSchemaID", "schemaID", "rules", "commitSeq",
"entryTime", "comment") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7))");
    tx.execute(kInsert, {struct_id, from_schema, to_schema, text, commit, entry_time,
                         is_copy ? Value{std::string(kCopied)} : Value{}});
}

}  // namespace etalon::store
