#include "backends/relations.h"

#include <fmt/format.h>

namespace etalon::backends {

std::optional<std::string> find_relation_kind(Transaction& tx, const std::string& name) {
    static const Sql kSqlite(R"(SELECT "type" FROM sqlite_master WHERE "name" = ?1 AND "type" IN ('table', 'view'))");
    static const Sql kPostgres(R"(SELECT CASE c.relkind WHEN 'r' THEN 'table' ELSE 'view' END FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relname = ?1)");
    const auto cursor = tx.query(tx.engine() == Engine::Sqlite ? kSqlite : kPostgres, {name});
    if (!cursor->next()) return std::nullopt;
    return std::string(cursor->text(0));
}

std::set<std::string> read_column_names(Transaction& tx, const std::string& table) {
    static const Sql kSqlite(R"(SELECT "name" FROM pragma_table_info(?1))");
    static const Sql kPostgres(R"(SELECT column_name::text FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = ?1)");
    std::set<std::string> names;
    const auto cursor = tx.query(tx.engine() == Engine::Sqlite ? kSqlite : kPostgres, {table});
    while (cursor->next()) names.emplace(cursor->text(0));
    return names;
}

std::vector<TriggerInfo> read_triggers(Transaction& tx) {
    static const Sql kSqlite(R"(SELECT "tbl_name", "name", 1 FROM sqlite_master WHERE "type" = 'trigger')");
    static const Sql kPostgres(R"(SELECT c.relname::text, t.tgname::text, CASE WHEN t.tgenabled = 'D' THEN 0 ELSE 1 END
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND n.nspname = current_schema())");
    std::vector<TriggerInfo> triggers;
    const auto cursor = tx.query(tx.engine() == Engine::Sqlite ? kSqlite : kPostgres, {});
    while (cursor->next()) {
        triggers.push_back({std::string(cursor->text(0)), std::string(cursor->text(1)), cursor->integer(2) != 0});
    }
    return triggers;
}

void drop_triggers(Transaction& tx, const std::string& table) {
    static const Sql kSqlite(R"(SELECT "name" FROM sqlite_master WHERE "type" = 'trigger' AND "tbl_name" = ?1)");
    static const Sql kPostgres(
        R"(SELECT t.tgname::text FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relname = ?1 AND NOT t.tgisinternal)");
    const bool sqlite = tx.engine() == Engine::Sqlite;
    std::vector<std::string> triggers;
    {
        const auto cursor = tx.query(sqlite ? kSqlite : kPostgres, {table});
        while (cursor->next()) triggers.emplace_back(cursor->text(0));
    }
    for (const auto& trigger : triggers) {
        tx.execute_script(fmt::format("DROP TRIGGER {}{};", quote_identifier(trigger),
                                      sqlite ? "" : " ON " + quote_identifier(table)));
    }
}

bool has_old_trigger_functions(Transaction& tx) {
    if (tx.engine() == Engine::Sqlite) return false;
    static const Sql kOld(R"(SELECT 1 FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = current_schema() AND p.proname LIKE 'etalon%' AND p.prorettype = 'trigger'::regtype AND p.proconfig IS NULL
AND pg_has_role(p.proowner, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE') LIMIT 1)");
    return tx.query(kOld, {})->next();
}

std::vector<Grant> read_grants(Transaction& tx) {
    if (tx.engine() == Engine::Sqlite) return {};
    std::vector<Grant> grants;
    const auto cursor =
        tx.query(Sql(R"(SELECT c.relname::text, coalesce(r.rolname::text, 'PUBLIC'), a.privilege_type::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'v') AND a.grantee <> c.relowner)"),
                 {});
    while (cursor->next()) {
        grants.push_back({std::string(cursor->text(0)), std::string(cursor->text(1)), std::string(cursor->text(2))});
    }
    return grants;
}

void give_grant(Transaction& tx, const Grant& grant) {
    tx.execute_script(fmt::format("GRANT {} ON {} TO {};", grant.privilege, quote_identifier(grant.relation),
                                  grant.grantee == "PUBLIC" ? grant.grantee : quote_identifier(grant.grantee)));
}

void rename_table(Transaction& tx, const std::string& table, const std::string& new_name) {
    tx.execute_script(fmt::format("ALTER TABLE {} RENAME TO {};", quote_identifier(table), quote_identifier(new_name)));
}

void drop_table(Transaction& tx, const std::string& table) {
    tx.execute_script(fmt::format("DROP TABLE {};", quote_identifier(table)));
}

void drop_index_if_exists(Transaction& tx, const std::string& index) {
    tx.execute_script("DROP INDEX IF EXISTS " + quote_identifier(index));
}

void continue_ids(Transaction& tx, std::string_view table, std::string_view id, std::int64_t last) {
    if (tx.engine() == Engine::Sqlite) return;
    const Sql sql(fmt::format(
        R"(SELECT setval(pg_get_serial_sequence(format('%I.%I', current_schema(), '{}'), '{}'), ?1))", table, id));
    (void)tx.query(sql, {last})->next();
}

}  // namespace etalon::backends
