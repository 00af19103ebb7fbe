#include "index/retire.h"

namespace etalon::index {

using backends::Sql;
using backends::Transaction;
using backends::Value;

std::optional<LiveRecord> find_live_record(Transaction& tx, std::int64_t name_id, std::int64_t element,
                                           std::string_view version, std::int64_t begin,
                                           std::optional<std::int64_t> commit) {
    static const Sql kNewest(R"(SELECT "ID", "schemaID", "dataID", "commitSeq" FROM "dataIndex"
WHERE "nameID" = ?1 AND "elementID" = ?2 AND "version" = ?3 AND "beginTime" = ?4 AND "retiredSeq" IS NULL
ORDER BY "commitSeq" DESC LIMIT 1)");
    static const Sql kOfCommit(R"(SELECT "ID", "schemaID", "dataID", "commitSeq" FROM "dataIndex"
WHERE "nameID" = ?1 AND "elementID" = ?2 AND "version" = ?3 AND "beginTime" = ?4 AND "commitSeq" = ?5
AND "retiredSeq" IS NULL)");
    std::vector<Value> values{name_id, element, std::string(version), begin};
    if (commit) values.emplace_back(*commit);
    const auto cursor = tx.query(commit ? kOfCommit : kNewest, values);
    if (!cursor->next()) return std::nullopt;
    return LiveRecord{cursor->integer(0), cursor->integer(1), cursor->find_integer(2).value_or(0), cursor->integer(3)};
}

void retire_records(Transaction& tx, const CommitStamp& stamp, std::span<const std::int64_t> ids) {
    static const Sql kRetire(R"(UPDATE "dataIndex" SET "retiredSeq" = ?2 WHERE "ID" = ?1 AND "retiredSeq" IS NULL)");
    for (const auto id : ids) tx.execute(kRetire, {id, stamp.seq});
}

}  // namespace etalon::index
