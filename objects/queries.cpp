#include "objects/queries.h"

#include <string>

#include "backends/proof.h"
#include "base/commit_items.h"

namespace etalon::objects {

using backends::Cursor;
using backends::Sql;
using backends::Transaction;

void visit_query_items(Transaction& tx, const std::function<void(std::int64_t commit, Bytes item)>& add) {
    if (!backends::has_objects(tx)) return;
    static const Sql kRead(R"(SELECT q."commitSeq", q."name", s."name", q."text", q."orderText", q."limitRows"
FROM "namedQuery" q LEFT JOIN "structure" s ON s."ID" = q."structID")");
    const auto text = [](const Cursor& cursor, int column) {
        return cursor.is_null(column) ? std::string() : std::string(cursor.text(column));
    };
    const auto cursor = tx.query(kRead, {});
    while (cursor->next()) {
        add(cursor->integer(0), ItemBuilder(ItemKind::NamedQuery)
                                    .text(text(*cursor, 1))
                                    .text(text(*cursor, 2))
                                    .text(text(*cursor, 3))
                                    .text(text(*cursor, 4))
                                    .number(cursor->find_integer(5))
                                    .number(std::int64_t{cursor->is_null(3) ? 1 : 0})
                                    .finish());
    }
}

}  // namespace etalon::objects
