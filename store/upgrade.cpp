#include "store/upgrade.h"

#include <fmt/format.h>

#include "store/catalog.h"

namespace etalon::store {

using backends::Sql;
using backends::Transaction;

std::map<std::int64_t, std::string> find_row_tables_named(Transaction& tx, std::string_view prefix,
                                                          const std::set<std::string>& names) {
    std::string list;
    for (const auto& name : names) list += fmt::format("{}'{}'", list.empty() ? "" : ", ", name);
    std::map<std::int64_t, std::string> tables;
    const auto cursor =
        tx.query(Sql(fmt::format(R"(SELECT "ID", "tableName" FROM "{}structure" WHERE lower("tableName") IN ({}))",
                                 prefix, list)),
                 {});
    while (cursor->next()) tables.emplace(cursor->integer(0), std::string(cursor->text(1)));
    return tables;
}

void set_row_table(Transaction& tx, std::string_view prefix, std::int64_t struct_id, const std::string& table) {
    tx.execute(Sql(fmt::format(R"(UPDATE "{}structure" SET "tableName" = ?2 WHERE "ID" = ?1)", prefix)),
               {struct_id, table});
}

std::string old_columns_sql(backends::Engine engine, std::string_view prefix) {
    auto text = joined_columns_sql(engine);
    // The expression names the version `v` and the table of elements.
    for (auto at = text.find("v.\""); at != std::string::npos; at = text.find("v.\"", at + 3)) text.replace(at, 1, "x");
    const std::string table = "\"schema\"";
    for (auto at = text.find(table); at != std::string::npos;
         at = text.find(table, at + table.size() + prefix.size())) {
        text.replace(at, table.size(), fmt::format("\"{}schema\"", prefix));
    }
    return text;
}

}  // namespace etalon::store
