#include "store/rules.h"

#include <fmt/format.h>

#include <map>

#include "backends/proof.h"
#include "base/bytes.h"
#include "store/schema_cache.h"
#include "store/tables.h"

namespace etalon::store {

using backends::Sql;
using backends::Transaction;
using backends::Value;

namespace {

/// `comment` of rules that were taken over (docs/storage_format.md).
constexpr std::string_view kCopied = "taken over from another layer";

}  // namespace

namespace {

/// Adds a row of schemaRule to the table. It is one section without the line that names the struct.
void add_rules(RuleTable& table, const std::string& struct_name, std::int64_t commit, std::string_view text,
               bool is_copy, const DefinitionPtr& older, const DefinitionPtr& newer) {
    for (const auto& section :
         evolution::read_rules("struct " + struct_name + "\n" + std::string(text), "recorded rules")) {
        table.rules.push_back({struct_name, commit, evolution::check_rules(section, older, newer), is_copy});
    }
}

void add_version(RuleTable& table, const std::string& struct_name, std::span<const std::byte> hash) {
    if (table.versions.empty() || table.versions.back().first != struct_name)
        table.versions.push_back({struct_name, {}});
    table.versions.back().second.push_back(to_hex(hash));
}

/// Format 2: every row is checked, and the rules and versions of every struct are all there.
RuleTable read_proved_rules(Transaction& tx, SchemaCache& known) {
    using backends::SetKind;
    const auto& rules = rule_table();
    const auto& versions = version_table();
    static const Sql kRules(fmt::format(R"(SELECT {}, {}, {}, {} FROM "schemaRule" r
LEFT JOIN "structure" s ON s."ID" = r."structID"
LEFT JOIN "schemaVersion" f ON f."structID" = r."structID" AND f."schemaID" = r."fromSchemaID"
LEFT JOIN "schemaVersion" t ON t."structID" = r."structID" AND t."schemaID" = r."schemaID" ORDER BY r."ID")",
                                        rules.select("r"), structure_table().select("s"), versions.select("f"),
                                        versions.select("t")));
    static const Sql kVersions(fmt::format(
        R"(SELECT {}, p."rowCount", p."rowSum" FROM "schemaVersion" v{} WHERE v."structID" = ?1 ORDER BY v."schemaID")",
        versions.select("v"), backends::join_proof("p", SetKind::Versions, R"(v."structID")")));
    RuleTable table;
    std::map<std::int64_t, backends::SetSum> found;
    std::map<std::int64_t, std::string> structs;
    {
        const auto cursor = tx.query(kRules, {});
        const int of_struct = rules.width();
        const int older = of_struct + structure_table().width();
        const int newer = older + versions.width();
        while (cursor->next()) {
            const auto checksum = rules.check(*cursor, 0);
            const auto record = read_proved_struct(*cursor, of_struct);
            found[record.id].add(checksum);
            structs[record.id] = record.name;
            const auto comment = rules.at("comment");
            add_rules(table, record.name, cursor->integer(rules.at("commitSeq")), cursor->text(rules.at("rules")),
                      !cursor->is_null(comment) && cursor->text(comment) == kCopied,
                      read_proved_version(*cursor, older, known)->definition,
                      read_proved_version(*cursor, newer, known)->definition);
        }
    }
    backends::check_all_sets(tx, SetKind::Rules, std::move(found), "structID");
    for (const auto& [id, name] : structs) {
        backends::SetSum sum;
        backends::SetSum proof;
        const auto cursor = tx.query(kVersions, {id});
        while (cursor->next()) {
            sum.add(versions.check(*cursor, 0));
            proof = backends::read_joined_proof(*cursor, versions.width());
            add_version(table, name, cursor->bytes(versions.at("definitionHash")));
        }
        backends::check_set(sum, proof, SetKind::Versions, "struct " + name);
    }
    return table;
}

}  // namespace

RuleTable read_rules(Transaction& tx, SchemaCache& known) {
    if (backends::is_proved(tx)) return read_proved_rules(tx, known);
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
            add_rules(table, struct_name, cursor->integer(1), cursor->text(2),
                      !cursor->is_null(8) && cursor->text(8) == kCopied, older, newer);
        }
    }
    if (table.rules.empty()) return table;
    static const Sql kVersions(R"(SELECT s."name", v."definitionHash" FROM "schemaVersion" v
JOIN "structure" s ON s."ID" = v."structID" WHERE v."structID" IN (SELECT "structID" FROM "schemaRule")
ORDER BY v."structID", v."schemaID")");
    const auto cursor = tx.query(kVersions, {});
    while (cursor->next()) {
        add_version(table, std::string(cursor->text(0)), cursor->bytes(1));
    }
    return table;
}

std::vector<evolution::CheckedRulesPtr> RuleTable::of(std::string_view struct_name) const {
    std::vector<evolution::CheckedRulesPtr> sections;
    const auto name = recorded_name(struct_name);
    for (const auto& one : rules) {
        if (one.struct_name == name) sections.push_back(one.rules);
    }
    return sections;
}

std::string_view RuleTable::recorded_name(std::string_view struct_name) const {
    for (const auto& one : rules) {
        const auto& renamed = one.rules->renamed_struct;
        if (renamed && (renamed->first == struct_name || renamed->second == struct_name)) return one.struct_name;
    }
    return struct_name;
}

void add_names(const std::vector<RecordedRules>& rules, std::set<std::string, std::less<>>& names) {
    for (auto before = names.size() + 1; before != names.size();) {
        before = names.size();
        for (const auto& one : rules) {
            const auto& renamed = one.rules->renamed_struct;
            if (!renamed) continue;
            if (!names.contains(one.struct_name) && !names.contains(renamed->first) && !names.contains(renamed->second))
                continue;
            names.insert({one.struct_name, renamed->first, renamed->second});
        }
    }
}

std::optional<StructRecord> find_renamed_struct(Transaction& tx, std::string_view name, SchemaCache& known) {
    // A hint: whoever says that there is one proves it.
    static const Sql kHint(R"(SELECT 1 FROM "schemaRule" WHERE "rules" LIKE '%rename struct %' LIMIT 1)");
    if (!tx.query(kHint, {})->next()) return std::nullopt;
    const auto table = read_rules(tx, known);
    const auto recorded = table.recorded_name(name);
    return recorded == name ? std::nullopt : find_struct(tx, recorded);
}

Bytes rules_item(std::string_view struct_name, std::string_view text, bool is_copy) {
    return ItemBuilder(ItemKind::Rules).text(struct_name).text(text).number(is_copy ? 1 : 0).finish();
}

void insert_rules(Transaction& tx, std::int64_t struct_id, std::string_view struct_name, std::int64_t from_schema,
                  std::int64_t to_schema, const std::string& text, bool is_copy, const WriteStamp& stamp) {
    backends::insert_into_set(tx, rule_table(), backends::SetKind::Rules, struct_id,
                              {rule_table().next_id(tx), struct_id, from_schema, to_schema, text, stamp.commit,
                               stamp.entry_time, is_copy ? Value{std::string(kCopied)} : Value{}});
    stamp.add(rules_item(struct_name, text, is_copy));
}

void visit_rules_items(Transaction& tx, const std::function<void(std::int64_t commit, Bytes item)>& add) {
    const auto cursor = tx.query(Sql(R"(SELECT r."commitSeq", s."name", r."rules", r."comment" FROM "schemaRule" r
JOIN "structure" s ON s."ID" = r."structID")"),
                                 {});
    while (cursor->next()) {
        add(cursor->integer(0), rules_item(cursor->text(1), cursor->text(2), !cursor->is_null(3)));
    }
}

}  // namespace etalon::store
