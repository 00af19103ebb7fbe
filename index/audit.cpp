#include "index/audit.h"

#include <fmt/format.h>

namespace etalon::index {

using backends::Sql;
using backends::Transaction;

std::vector<RecordLinks> read_record_links(Transaction& tx, std::int64_t after, std::int64_t most) {
    const Sql sql(fmt::format(
        R"(SELECT d."ID", d."schemaID", d."numRows", d."dataID", n."structID", p."structID", p."schemaID", p."numRows", n."name"
FROM "dataIndex" d LEFT JOIN "namedRef" n ON n."ID" = d."nameID" LEFT JOIN "payload" p ON p."dataID" = d."dataID"
WHERE d."ID" > ?1 ORDER BY d."ID" LIMIT {})",
        most));
    std::vector<RecordLinks> records;
    const auto cursor = tx.query(sql, {after});
    while (cursor->next()) {
        auto& record = records.emplace_back();
        record.id = cursor->integer(0);
        record.name_struct = cursor->find_integer(4);
        if (!record.name_struct) continue;
        record.name = cursor->text(8);
        record.data_id = cursor->find_integer(3);
        // What is wrong with the cells themselves, checksums tell.
        if (!record.data_id || cursor->is_null(5)) continue;
        record.schema_id = cursor->integer(1);
        record.num_rows = cursor->integer(2);
        record.payload = {cursor->integer(5), cursor->integer(6), cursor->integer(7)};
    }
    return records;
}

std::int64_t count_nameless_rows(Transaction& tx, std::string_view table) {
    const Sql sql(fmt::format(
        R"(SELECT count(*) FROM "{}" t WHERE NOT EXISTS (SELECT 1 FROM "namedRef" n WHERE n."ID" = t."nameID"))",
        table));
    const auto cursor = tx.query(sql, {});
    return cursor->next() ? cursor->integer(0) : 0;
}

}  // namespace etalon::index
