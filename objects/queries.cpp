#include "objects/queries.h"

#include <fmt/format.h>

#include <string>

#include "backends/proof.h"
#include "objects/tables.h"

namespace etalon::objects {

using backends::Cursor;
using backends::Sql;
using backends::Transaction;
using backends::Value;

namespace {

std::string find_text(const Cursor& cursor, int column) {
    return cursor.is_null(column) ? std::string() : std::string(cursor.text(column));
}

Bytes query_item(std::string_view name, std::string_view struct_name, std::string_view text, std::string_view order,
                 std::optional<std::int64_t> limit, bool is_retired) {
    return ItemBuilder(ItemKind::NamedQuery)
        .text(name)
        .text(struct_name)
        .text(text)
        .text(order)
        .number(limit)
        .number(std::int64_t{is_retired ? 1 : 0})
        .finish();
}

}  // namespace

std::map<std::string, QueryRow, std::less<>> read_queries(Transaction& tx, std::int64_t snapshot) {
    std::map<std::string, QueryRow, std::less<>> queries;
    if (!backends::has_objects(tx)) return queries;
    const auto& table = query_table();
    static const Sql kRead(
        fmt::format(R"(SELECT {} FROM "namedQuery" q ORDER BY q."commitSeq", q."ID")", table.select("q")));
    backends::SetSum found;
    {
        const auto cursor = tx.query(kRead, {});
        while (cursor->next()) {
            found.add(table.check(*cursor, 0));
            QueryRow row;
            row.name = cursor->text(table.at("name"));
            row.struct_id = cursor->integer(table.at("structID"));
            const auto text = table.at("text");
            if (!cursor->is_null(text)) row.text = std::string(cursor->text(text));
            row.order = find_text(*cursor, table.at("orderText"));
            row.limit = cursor->find_integer(table.at("limitRows"));
            row.comment = find_text(*cursor, table.at("comment"));
            row.commit = cursor->integer(table.at("commitSeq"));
            row.entry_time = cursor->integer(table.at("entryTime"));
            if (row.commit > snapshot) continue;
            auto name = row.name;
            queries.insert_or_assign(std::move(name), std::move(row));
        }
    }
    backends::check_set(found, backends::read_set_proof(tx, backends::SetKind::Queries, 0), backends::SetKind::Queries,
                        "namedQuery");
    return queries;
}

void insert_query(Transaction& tx, const WriteStamp& stamp, const QueryRow& query, std::string_view struct_name) {
    const auto& table = query_table();
    const auto or_null = [](const std::string& text) { return text.empty() ? Value{} : Value{text}; };
    backends::insert_into_set(
        tx, table, backends::SetKind::Queries, 0,
        {table.next_id(tx), query.name, query.struct_id, query.text ? Value{*query.text} : Value{},
         or_null(query.order), query.limit ? Value{*query.limit} : Value{}, stamp.commit, stamp.entry_time,
         or_null(query.comment)});
    stamp.add(query_item(query.name, struct_name, query.text.value_or(""), query.order, query.limit, !query.text));
}

void visit_query_items(Transaction& tx, const std::function<void(std::int64_t commit, Bytes item)>& add) {
    if (!backends::has_objects(tx)) return;
    static const Sql kRead(R"(SELECT q."commitSeq", q."name", s."name", q."text", q."orderText", q."limitRows"
FROM "namedQuery" q LEFT JOIN "structure" s ON s."ID" = q."structID")");
    const auto cursor = tx.query(kRead, {});
    while (cursor->next()) {
        add(cursor->integer(0), query_item(find_text(*cursor, 1), find_text(*cursor, 2), find_text(*cursor, 3),
                                           find_text(*cursor, 4), cursor->find_integer(5), cursor->is_null(3)));
    }
}

}  // namespace etalon::objects
