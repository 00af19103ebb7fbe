#include "objects/search.h"

#include <fmt/format.h>

#include "backends/ids.h"
#include "objects/tables.h"

namespace etalon::objects {

using backends::Engine;
using backends::Fragment;
using backends::Sql;
using backends::Transaction;
using backends::Value;

namespace {

/// An object has one row: others are not there for any question.
constexpr const char* kJoined = R"(r."dataID" = o."dataID" AND r."rowNumber" = 0)";

std::string bound(Fragment& out, Value value) {
    out.bindings.push_back(std::move(value));
    return fmt::format("?{}", out.bindings.size());
}

void append_from(Fragment& out, Engine engine, const Search& search) {
    auto which = fmt::format(R"(o."structID" = {} AND o."commitSeq" <= {})", bound(out, search.struct_id),
                             bound(out, search.snapshot));
    if (search.entered_from) which += fmt::format(R"( AND o."entryTime" >= {})", bound(out, *search.entered_from));
    if (search.entered_to) which += fmt::format(R"( AND o."entryTime" < {})", bound(out, *search.entered_to));
    const auto table = search.row_table.empty() ? std::string() : backends::quote_identifier(search.row_table);
    if (table.empty()) {
        out.sql += fmt::format(R"( FROM "object" o WHERE {})", which);
    } else if (!search.rows_first) {
        out.sql += fmt::format(R"( FROM "object" o JOIN {} r ON {} WHERE {})", table, kJoined, which);
    } else if (engine == Engine::Sqlite) {
        out.sql += fmt::format(R"( FROM {} r CROSS JOIN "object" o WHERE {} AND {})", table, kJoined, which);
    } else {
        // PostgreSQL takes the objects of a struct for few when it has no statistics, and would begin with all of them:
        // what has an OFFSET it looks up for each row.
        out.sql += fmt::format(
            R"( FROM {} r CROSS JOIN LATERAL (SELECT * FROM "object" o WHERE {} AND {} OFFSET 0) o WHERE TRUE)", table,
            kJoined, which);
    }
}

}  // namespace

void append_ids(Fragment& out, Engine engine, const Search& search) {
    out.sql += R"(SELECT o."id")";
    append_from(out, engine, search);
}

Fragment select_objects(Engine engine, const Search& search, std::string_view columns) {
    Fragment out;
    out.sql = fmt::format("SELECT {}{}{}", object_table().select("o"), columns.empty() ? "" : ", ", columns);
    append_from(out, engine, search);
    return out;
}

void append_order(Fragment& out, bool descending, std::int64_t limit) {
    const std::string_view way = descending ? " DESC" : "";
    out.sql += fmt::format(R"( ORDER BY o."commitSeq"{0}, o."position"{0})", way);
    out.sql += fmt::format(" LIMIT {}", bound(out, limit));
}

Fragment select_listed(Engine engine, std::span<const ObjectId> ids, std::int64_t snapshot,
                       const std::string& row_table, std::string_view columns) {
    Fragment out;
    out.sql = fmt::format(R"(SELECT {}, r."dataID", {} FROM {} w{}"object" o ON o."id" = w."id" LEFT JOIN {} r ON {}
WHERE o."commitSeq" <= ?2)",
                          object_table().select("o"), columns, backends::listed_ids(engine, 1),
                          backends::join_word(engine), backends::quote_identifier(row_table), kJoined);
    out.bindings = {backends::bind_ids(engine, ids), snapshot};
    return out;
}

bool has_objects_in(Transaction& tx, std::int64_t struct_id, std::int64_t schema_id) {
    static const Sql kAny(R"(SELECT 1 FROM "object" WHERE "structID" = ?1 AND "schemaID" = ?2 LIMIT 1)");
    return tx.query(kAny, {struct_id, schema_id})->next();
}

}  // namespace etalon::objects
