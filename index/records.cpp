#include "index/records.h"

#include <fmt/format.h>

#include <set>

#include "backends/proof.h"
#include "base/commit_items.h"
#include "base/digest.h"
#include "index/draft.h"
#include "index/tables.h"

namespace etalon::index {

using backends::Sql;
using backends::Transaction;
using backends::Value;

Bytes record_item(const RecordItem& record) {
    return ItemBuilder(ItemKind::Record)
        .text(record.name)
        .text(record.version)
        .number(record.element)
        .number(record.begin)
        .number(record.end)
        .number(record.created)
        .number(record.count)
        .number(record.num_rows)
        .blob(record.definition_hash)
        .blob(record.content_hash)
        .blob(record.uid)
        .finish();
}

Bytes retirement_item(std::span<const std::byte> uid) {
    return ItemBuilder(ItemKind::Retirement).blob(uid).finish();
}

void write_records(Transaction& tx, const CommitStamp& stamp, std::span<const NewRecord> records,
                   const std::map<std::int64_t, OrderPolicy>& policies) {
    const auto& table = record_table();
    auto& draft = *stamp.draft;
    for (const auto& [name_id, policy] : policies) draft.policies[name_id] = policy;
    // Numbered here, because the timelines need the IDs. The commit lock is held.
    auto id = table.next_id(tx);
    auto writer = tx.bulk_insert("dataIndex", table.stored_columns());
    for (const auto& record : records) {
        const auto uid = record.uid == decltype(record.uid){} ? make_uid() : record.uid;
        const auto count = draft.num_records++;
        const auto created = record.created.value_or(stamp.entry_time);
        RowDigest digest(table.name());
        const auto put = [&](std::int64_t value) {
            digest.add(value);
            writer->put(value);
        };
        const auto put_null = [&] {
            digest.add_null();
            writer->put_null();
        };
        put(id);
        put(count);
        put(record.name_id);
        put(record.schema_id);
        digest.add_text(record.version);
        writer->put(record.version);
        put(record.element);
        put(record.begin);
        record.end ? put(*record.end) : put_null();
        // That of the commit stands there.
        created == stamp.entry_time ? put_null() : put(created);
        put(stamp.seq);
        put_null();
        put(record.num_rows);
        record.data_id != 0 ? put(record.data_id) : put_null();
        digest.add_blob(uid);
        writer->put(Bytes(uid.begin(), uid.end()));
        put_null();
        const auto checksum = digest.finish();
        writer->put(checksum);
        writer->end_row();
        draft.record_sets[record.name_id].add(checksum);
        draft.added[{record.name_id, record.element, record.version}].push_back(
            {{0, record.begin, record.end, created, stamp.seq, id},
             count,
             record.schema_id,
             record.data_id != 0 ? record.encoding : 0,
             record.num_rows,
             record.data_id,
             record.data_id != 0 ? record.rows_checksum : std::nullopt});
        draft.items.push_back(
            record_item({record.name, record.version, record.element, record.begin, record.end, created, count,
                         record.num_rows, record.definition_hash, record.content_hash, uid}));
        ++id;
    }
    writer->finish();
}

void prove_records(Transaction& tx, std::int64_t name_id) {
    if (!backends::is_proved(tx)) return;
    // Listings also show the commits.
    static const Sql kAll(fmt::format(
        R"(SELECT {}, {} FROM "dataIndex" d LEFT JOIN "commitLog" c ON c."commitSeq" = d."commitSeq" WHERE d."nameID" = ?1)",
        record_table().select("d"), commit_table().select("c")));
    const int commit_at = record_table().width();
    backends::SetSum found;
    std::set<std::int64_t> commits;
    {
        const auto cursor = tx.query(kAll, {name_id});
        while (cursor->next()) {
            found.add(record_table().check(*cursor, 0));
            if (commits.insert(cursor->integer(record_table().at("commitSeq"))).second) {
                (void)commit_table().check(*cursor, commit_at);
            }
        }
    }
    backends::check_set(found, backends::read_set_proof(tx, backends::SetKind::Records, name_id),
                        backends::SetKind::Records, fmt::format("nameID {}", name_id));
}

std::string_view records_relation(const Transaction& tx) noexcept {
    // What the view dataIndex_view gives, which somebody may have replaced.
    return backends::is_proved(tx)
               ? R"((SELECT r."ID", r."count", r."nameID", r."schemaID", r."version", r."elementID", r."beginTime",
r."endTime", coalesce(r."creationTime", l."entryTime") AS "creationTime", r."commitSeq", r."retiredSeq", r."numRows", r."dataID", r."uid",
l."entryTime", r."comment" FROM "dataIndex" r LEFT JOIN "commitLog" l ON l."commitSeq" = r."commitSeq") d)"
               : R"("dataIndex" d)";
}

void visit_record_items(Transaction& tx, const std::string& log,
                        const std::function<void(std::int64_t commit, Bytes item)>& add) {
    constexpr std::int64_t kPage = 20'000;
    const Sql sql(
        fmt::format(R"(SELECT d."ID", d."commitSeq", n."name", d."version", d."elementID", d."beginTime", d."endTime",
coalesce(d."creationTime", c."entryTime"), d."count", d."numRows", v."definitionHash", p."contentHash", d."uid"
FROM "dataIndex" d LEFT JOIN "namedRef" n ON n."ID" = d."nameID" LEFT JOIN "{}" c ON c."commitSeq" = d."commitSeq"
LEFT JOIN "schemaVersion" v ON v."structID" = n."structID" AND v."schemaID" = d."schemaID"
LEFT JOIN "payload" p ON p."dataID" = d."dataID" WHERE d."ID" > ?1 ORDER BY d."ID" LIMIT {})",
                    log, kPage));
    const auto text = [](const backends::Cursor& cursor, int column) {
        return cursor.is_null(column) ? std::string() : std::string(cursor.text(column));
    };
    const auto bytes = [](const backends::Cursor& cursor, int column) {
        return cursor.is_null(column) ? std::span<const std::byte>() : cursor.bytes(column);
    };
    std::int64_t last = -1;
    for (std::int64_t read = kPage; read == kPage;) {
        read = 0;
        const auto cursor = tx.query(sql, {last});
        while (cursor->next()) {
            ++read;
            last = cursor->integer(0);
            const bool hole = cursor->is_null(11);
            const auto name = text(*cursor, 2);
            add(cursor->integer(1),
                record_item({name, cursor->text(3), cursor->integer(4), cursor->integer(5), cursor->find_integer(6),
                             cursor->find_integer(7).value_or(0), cursor->integer(8), cursor->integer(9),
                             hole ? std::span<const std::byte>() : bytes(*cursor, 10), bytes(*cursor, 11),
                             cursor->bytes(12)}));
        }
    }
}

void visit_retirement_items(Transaction& tx, const std::function<void(std::int64_t commit, Bytes item)>& add) {
    const auto cursor =
        tx.query(Sql(R"(SELECT "retiredSeq", "uid" FROM "dataIndex" WHERE "retiredSeq" IS NOT NULL)"), {});
    while (cursor->next()) add(cursor->integer(0), retirement_item(cursor->bytes(1)));
}

std::uint64_t count_records(Transaction& tx) {
    static const Sql kCount(R"(SELECT count(*) FROM "dataIndex")");
    const auto cursor = tx.query(kCount, {});
    return cursor->next() ? static_cast<std::uint64_t>(cursor->integer(0)) : 0;
}

std::int64_t count_records(Transaction& tx, std::int64_t name_id, std::int64_t snapshot) {
    static const Sql kCount(R"(SELECT count(*) FROM "dataIndex" WHERE "nameID" = ?1 AND "commitSeq" <= ?2)");
    const auto cursor = tx.query(kCount, {name_id, snapshot});
    return cursor->next() ? cursor->integer(0) : 0;
}

bool has_version(Transaction& tx, std::int64_t name_id, std::string_view version) {
    static const Sql kAny(R"(SELECT 1 FROM "dataIndex" WHERE "nameID" = ?1 AND "version" = ?2 LIMIT 1)");
    return tx.query(kAny, {name_id, std::string(version)})->next();
}

}  // namespace etalon::index
