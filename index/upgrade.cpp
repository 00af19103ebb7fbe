#include "index/upgrade.h"

#include <fmt/format.h>

namespace etalon::index {

using backends::Sql;
using backends::Transaction;

bool is_counter_right(Transaction& tx) {
    const auto counter = tx.query(
        Sql(R"(SELECT k."lastSeq", (SELECT max(c."commitSeq") FROM "commitLog" c) FROM "commitCounter" k)"), {});
    return counter->next() && counter->integer(0) == counter->find_integer(1).value_or(0);
}

std::optional<UnfitRecord> find_unfit_record(Transaction& tx) {
    const auto cursor =
        tx.query(Sql(R"(SELECT d."ID", n."name" FROM "dataIndex" d LEFT JOIN "namedRef" n ON n."ID" = d."nameID"
LEFT JOIN "payload" p ON p."dataID" = d."dataID" WHERE d."dataID" IS NOT NULL AND (p."dataID" IS NULL OR n."ID" IS NULL
OR p."structID" <> n."structID" OR p."schemaID" <> d."schemaID" OR p."numRows" <> d."numRows") ORDER BY d."ID" LIMIT 1)"),
                 {});
    if (!cursor->next()) return std::nullopt;
    UnfitRecord record{cursor->integer(0), std::nullopt};
    if (!cursor->is_null(1)) record.name = cursor->text(1);
    return record;
}

std::map<std::int64_t, std::string> read_view_names(Transaction& tx) {
    std::map<std::int64_t, std::string> views;
    const auto cursor = tx.query(Sql(R"(SELECT "viewName", "ID" FROM "namedRef" WHERE "viewName" IS NOT NULL)"), {});
    while (cursor->next()) views.emplace(cursor->integer(1), std::string(cursor->text(0)));
    return views;
}

std::vector<OldCommit> read_old_commits(Transaction& tx, const std::string& log, std::int64_t after,
                                        std::int64_t most) {
    const Sql sql(
        fmt::format(R"(SELECT "commitSeq", "entryTime", "author", "host", "program", "reason", "comment" FROM "{}"
WHERE "commitSeq" > ?1 ORDER BY "commitSeq" LIMIT {})",
                    log, most));
    std::vector<OldCommit> commits;
    const auto cursor = tx.query(sql, {after});
    while (cursor->next()) {
        const auto text = [&](int column) {
            return std::string(cursor->is_null(column) ? std::string_view() : cursor->text(column));
        };
        commits.push_back({{cursor->integer(0), cursor->integer(1), text(2), text(3), text(4), text(5), text(6), 0, {}},
                           !cursor->is_null(6)});
    }
    return commits;
}

std::string old_creation_time() {
    return R"(nullif(x."creationTime", x."entryTime"))";
}

}  // namespace etalon::index
