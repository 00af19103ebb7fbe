#include "place/proofs.h"

#include <fmt/format.h>

#include "base/commit_items.h"
#include "config_tree/nodes.h"
#include "config_tree/tables.h"
#include "index/names.h"
#include "index/records.h"
#include "index/snapshots.h"
#include "index/tables.h"
#include "store/catalog.h"
#include "store/rules.h"
#include "store/tables.h"

namespace etalon::place {

using backends::ProvedTable;
using backends::SetKind;
using backends::SetSum;
using backends::Sql;
using backends::Transaction;

const std::vector<SetSource>& set_sources() {
    static const std::vector<SetSource> kSources{{&index::name_table(), SetKind::Names, ""},
                                                 {&index::policy_table(), SetKind::Policies, "nameID"},
                                                 {&store::structure_table(), SetKind::Structs, ""},
                                                 {&store::version_table(), SetKind::Versions, "structID"},
                                                 {&store::element_table(), SetKind::Elements, "structID"},
                                                 {&store::rule_table(), SetKind::Rules, "structID"},
                                                 {&config_tree::node_table(), SetKind::Nodes, ""},
                                                 {&config_tree::edge_table(), SetKind::Edges, "ParentID"},
                                                 {&index::snapshot_table(), SetKind::Snapshots, ""},
                                                 {&index::snapshot_entry_table(), SetKind::Snapshots, ""},
                                                 {&index::record_table(), SetKind::Records, "nameID"}};
    return kSources;
}

const std::vector<const ProvedTable*>& proved_tables() {
    static const auto kTables = [] {
        std::vector<const ProvedTable*> tables;
        for (const auto& source : set_sources()) tables.push_back(source.table);
        tables.push_back(&index::commit_table());
        tables.push_back(&backends::payload_table());
        return tables;
    }();
    return kTables;
}

std::map<SetKey, SetSum> compute_sets(Transaction& tx,
                                      const std::function<void(const ProvedTable& table, std::int64_t id)>& on_bad) {
    constexpr std::int64_t kPage = 20'000;
    std::map<SetKey, SetSum> sets;
    for (const auto& source : set_sources()) {
        const auto& table = *source.table;
        const int owner = source.owner.empty() ? -1 : table.at(source.owner);
        const Sql sql(fmt::format(R"(SELECT {} FROM "{}" x WHERE x."ID" > ?1 ORDER BY x."ID" LIMIT {})",
                                  table.select("x"), table.name(), kPage));
        std::int64_t last = -1;
        for (std::int64_t read = kPage; read == kPage;) {
            read = 0;
            const auto cursor = tx.query(sql, {last});
            while (cursor->next()) {
                ++read;
                last = cursor->integer(0);
                const auto checksum = table.compute(*cursor, 0);
                if (cursor->find_integer(table.width() - 1) != checksum) on_bad(table, last);
                const auto of = owner < 0 ? std::optional<std::int64_t>(0) : cursor->find_integer(owner);
                sets[{source.kind, of.value_or(0)}].add(checksum);
            }
        }
    }
    return sets;
}

void write_sets(Transaction& tx, const std::map<SetKey, SetSum>& sets) {
    tx.execute(Sql(R"(DELETE FROM "setProof")"), {});
    static const std::vector<std::string> kColumns{"setKind", "ownerID", "rowCount", "rowSum"};
    auto writer = tx.bulk_insert("setProof", kColumns);
    for (const auto& [key, sum] : sets) {
        writer->put(static_cast<std::int64_t>(key.first));
        writer->put(key.second);
        writer->put(sum.count);
        writer->put(static_cast<std::int64_t>(sum.sum));
        writer->end_row();
    }
    writer->finish();
}

namespace {

using Items = std::map<std::int64_t, std::vector<Bytes>>;

std::string text_of(const backends::Cursor& cursor, int column) {
    return cursor.is_null(column) ? std::string() : std::string(cursor.text(column));
}

/// Everything but records: little of each commit.
void add_small_items(Transaction& tx, const std::string& log, Items& items) {
    {
        const auto cursor = tx.query(Sql(R"(SELECT p."commitSeq", n."name", p."orderPolicy", p."storage", p."coverage"
FROM "namedRefPolicy" p JOIN "namedRef" n ON n."ID" = p."nameID")"),
                                     {});
        while (cursor->next()) {
            index::NameRecord record;
            record.name = cursor->text(1);
            record.policy = static_cast<OrderPolicy>(cursor->integer(2));
            record.storage = static_cast<Storage>(cursor->integer(3));
            if (!cursor->is_null(4)) record.coverage = parse_coverage(cursor->text(4));
            items[cursor->integer(0)].push_back(index::policy_item(record));
        }
    }
    {
        const auto cursor =
            tx.query(Sql(R"(SELECT v."commitSeq", s."name", v."definitionHash", v."schemaID" FROM "schemaVersion" v
JOIN "structure" s ON s."ID" = v."structID" WHERE v."commitSeq" IS NOT NULL)"),
                     {});
        while (cursor->next()) {
            Sha256 hash{};
            const auto bytes = cursor->bytes(2);
            std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
            items[cursor->integer(0)].push_back(store::version_item(cursor->text(1), hash, cursor->integer(3)));
        }
    }
    {
        const auto cursor = tx.query(Sql(R"(SELECT r."commitSeq", s."name", r."rules", r."comment" FROM "schemaRule" r
JOIN "structure" s ON s."ID" = r."structID")"),
                                     {});
        while (cursor->next()) {
            items[cursor->integer(0)].push_back(
                store::rules_item(cursor->text(1), cursor->text(2), !cursor->is_null(3)));
        }
    }
    {
        const auto cursor =
            tx.query(Sql(R"(SELECT "commitSeq", "state", "name", "author", "comment" FROM "snapshot")"), {});
        while (cursor->next()) {
            auto& of_commit = items[cursor->integer(0)];
            if (cursor->text(1) == "frozen") {
                of_commit.push_back(index::frozen_item(cursor->text(2)));
            } else {
                of_commit.push_back(index::snapshot_item(cursor->text(2), text_of(*cursor, 3), text_of(*cursor, 4)));
            }
        }
    }
    {
        const auto cursor =
            tx.query(Sql(fmt::format(R"(SELECT c."commitSeq", s."name", e."namePattern", e."place", e."commitSeq",
e."commitHash" FROM "snapshotEntry" e JOIN "snapshot" s ON s."ID" = e."snapshotID" JOIN "{}" c ON c."entryTime" = e."entryTime")",
                                     log)),
                     {});
        while (cursor->next()) {
            items[cursor->integer(0)].push_back(index::snapshot_entry_item(
                cursor->text(1), {text_of(*cursor, 2), text_of(*cursor, 3), cursor->integer(4), text_of(*cursor, 5)}));
        }
    }
    {
        const auto cursor =
            tx.query(Sql(R"(SELECT "retiredSeq", "uid" FROM "dataIndex" WHERE "retiredSeq" IS NOT NULL)"), {});
        while (cursor->next()) items[cursor->integer(0)].push_back(index::retirement_item(cursor->bytes(1)));
    }
    config_tree::visit_tree_items(tx, std::nullopt,
                                  [&](std::int64_t commit, Bytes item) { items[commit].push_back(std::move(item)); });
}

}  // namespace

std::map<std::int64_t, CommitContents> compute_contents(Transaction& tx, const std::string& log) {
    constexpr std::int64_t kPage = 20'000;
    std::map<std::int64_t, CommitContents> contents;
    Items small;
    add_small_items(tx, log, small);
    std::int64_t current = 0;
    std::vector<Bytes> items;
    std::int64_t records = 0;
    const auto finish = [&](std::int64_t commit) {
        if (const auto more = small.find(commit); more != small.end()) {
            for (auto& item : more->second) items.push_back(std::move(item));
            small.erase(more);
        }
        contents[commit] = {merkle_root(items), records};
        items.clear();
        records = 0;
    };
    const Sql sql(
        fmt::format(R"(SELECT d."ID", d."commitSeq", n."name", d."version", d."elementID", d."beginTime", d."endTime",
coalesce(d."creationTime", c."entryTime"), d."count", d."numRows", v."definitionHash", p."contentHash", d."uid"
FROM "dataIndex" d LEFT JOIN "namedRef" n ON n."ID" = d."nameID" LEFT JOIN "{}" c ON c."commitSeq" = d."commitSeq"
LEFT JOIN "schemaVersion" v ON v."structID" = n."structID" AND v."schemaID" = d."schemaID"
LEFT JOIN "payload" p ON p."dataID" = d."dataID" WHERE d."ID" > ?1 ORDER BY d."ID" LIMIT {})",
                    log, kPage));
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
            const auto commit = cursor->integer(1);
            if (commit != current && (records != 0 || !items.empty())) finish(current);
            current = commit;
            ++records;
            const bool hole = cursor->is_null(11);
            items.push_back(index::record_item(
                {text_of(*cursor, 2), cursor->text(3), cursor->integer(4), cursor->integer(5), cursor->find_integer(6),
                 cursor->find_integer(7).value_or(0), cursor->integer(8), cursor->integer(9),
                 hole ? std::span<const std::byte>() : bytes(*cursor, 10), bytes(*cursor, 11), cursor->bytes(12)}));
        }
    }
    if (records != 0) finish(current);
    std::vector<std::int64_t> others;
    {
        const auto cursor = tx.query(Sql(fmt::format(R"(SELECT "commitSeq" FROM "{}")", log)), {});
        while (cursor->next()) {
            if (!contents.contains(cursor->integer(0))) others.push_back(cursor->integer(0));
        }
    }
    for (const auto commit : others) finish(commit);
    return contents;
}

}  // namespace etalon::place
