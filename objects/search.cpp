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
    const auto table = search.row_table.empty() ? std::string() : backends::quote_identifier(search.row_table);
    if (table.empty()) {
        out.sql += R"( FROM "object" o WHERE )";
    } else if (search.rows_first && engine == Engine::Sqlite) {
        out.sql += fmt::format(R"( FROM {} r CROSS JOIN "object" o WHERE {} AND )", table, kJoined);
    } else {
        out.sql += fmt::format(R"( FROM "object" o JOIN {} r ON {} WHERE )", table, kJoined);
    }
    out.sql += fmt::format(R"(o."structID" = {} AND o."commitSeq" <= {})", bound(out, search.struct_id),
                           bound(out, search.snapshot));
    if (search.entered_from) out.sql += fmt::format(R"( AND o."entryTime" >= {})", bound(out, *search.entered_from));
    if (search.entered_to) out.sql += fmt::format(R"( AND o."entryTime" < {})", bound(out, *search.entered_to));
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

void append_order(Fragment& out, bool descending, std::optional<std::int64_t> limit) {
    const std::string_view way = descending ? " DESC" : "";
    out.sql += fmt::format(R"( ORDER BY o."commitSeq"{0}, o."position"{0})", way);
    if (limit) out.sql += fmt::format(" LIMIT {}", bound(out, *limit));
}

Fragment select_listed(Engine engine, std::span<const ObjectId> ids, std::int64_t snapshot,
                       const std::string& row_table, std::string_view columns) {
    Fragment out;
    out.sql = fmt::format(R"(SELECT {}, {} FROM {} w{}"object" o ON o."id" = w."id" LEFT JOIN {} r ON {}
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
