#include "place/proofs.h"

#include <algorithm>
#include <utility>

#include "base/commit_items.h"
#include "base/commit_touches.h"
#include "config_tree/nodes.h"
#include "config_tree/tables.h"
#include "index/commits.h"
#include "index/names.h"
#include "index/records.h"
#include "index/snapshots.h"
#include "index/tables.h"
#include "objects/queries.h"
#include "objects/rows.h"
#include "objects/tables.h"
#include "store/catalog.h"
#include "store/rules.h"
#include "store/tables.h"

namespace etalon::place {

using backends::ProvedTable;
using backends::SetKind;
using backends::SetSum;
using backends::Transaction;

std::vector<SetSource> set_sources(const backends::StoreFormat& format) {
    std::vector<SetSource> sources{{&index::name_table(), SetKind::Names, ""},
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
    if (backends::has_objects(format)) {
        sources.push_back({&objects::object_table(), SetKind::Objects, "structID"});
        sources.push_back({&objects::query_table(), SetKind::Queries, ""});
    }
    return sources;
}

std::vector<const ProvedTable*> proved_tables(const backends::StoreFormat& format) {
    std::vector<const ProvedTable*> tables;
    for (const auto& source : set_sources(format)) tables.push_back(source.table);
    tables.push_back(&index::commit_table());
    tables.push_back(&backends::payload_table());
    return tables;
}

std::map<backends::SetKey, SetSum> compute_sets(
    Transaction& tx, const std::function<void(const ProvedTable& table, std::int64_t id)>& on_bad) {
    constexpr std::int64_t kPage = 20'000;
    std::map<backends::SetKey, SetSum> sets;
    for (const auto& source : set_sources(tx.format())) {
        const auto& table = *source.table;
        const int owner = source.owner.empty() ? -1 : table.at(source.owner);
        std::int64_t last = -1;
        for (std::int64_t read = kPage; read == kPage;) {
            read = 0;
            const auto cursor = backends::read_page(tx, table, last, kPage);
            while (cursor->next()) {
                ++read;
                last = cursor->integer(table.width());
                const auto checksum = table.compute(*cursor, 0);
                if (cursor->find_integer(table.width() - 1) != checksum) on_bad(table, last);
                const auto of = owner < 0 ? std::optional<std::int64_t>(0) : cursor->find_integer(owner);
                sets[{source.kind, of.value_or(0)}].add(checksum);
            }
        }
    }
    return sets;
}

namespace {

using Items = std::map<std::int64_t, std::vector<Bytes>>;

/// Everything but records: little of each commit.
void add_small_items(Transaction& tx, const std::string& log, Items& items) {
    const auto add = [&](std::int64_t commit, Bytes item) { items[commit].push_back(std::move(item)); };
    index::visit_policy_items(tx, add);
    store::visit_version_items(tx, add);
    store::visit_rules_items(tx, add);
    index::visit_snapshot_items(tx, log, add);
    index::visit_retirement_items(tx, add);
    config_tree::visit_tree_items(tx, std::nullopt, add);
    objects::visit_query_items(tx, add);
}

/// The items of objects, some commits at a time.
class ObjectItems {
public:
    explicit ObjectItems(Transaction& tx) : tx_(tx) {}
    /// Moves those of a commit behind `items`, once.
    void take(std::int64_t commit, std::vector<Bytes>& items) {
        if (!backends::has_objects(tx_)) return;
        constexpr std::int64_t kAtOnce = 256;
        if (commit < range_.first || commit > range_.last) {
            items_.clear();
            range_ = {commit, commit + kAtOnce - 1};
            objects::visit_object_items(tx_, range_,
                                        [&](std::int64_t of, Bytes item) { items_[of].push_back(std::move(item)); });
        }
        const auto found = items_.find(commit);
        if (found == items_.end()) return;
        for (auto& item : found->second) items.push_back(std::move(item));
        items_.erase(found);
    }

private:
    Transaction& tx_;
    CommitRange range_{0, -1};
    Items items_;
};

}  // namespace

std::map<std::int64_t, CommitContents> compute_contents(Transaction& tx, const std::string& log) {
    std::map<std::int64_t, CommitContents> contents;
    Items small;
    add_small_items(tx, log, small);
    ObjectItems objects(tx);
    std::int64_t current = 0;
    std::vector<Bytes> items;
    std::int64_t records = 0;
    const auto finish = [&](std::int64_t commit) {
        if (const auto more = small.find(commit); more != small.end()) {
            for (auto& item : more->second) items.push_back(std::move(item));
            small.erase(more);
        }
        objects.take(commit, items);
        contents[commit] = {merkle_root(items), records};
        items.clear();
        records = 0;
    };
    index::visit_record_items(tx, log, [&](std::int64_t commit, Bytes item) {
        if (commit != current && (records != 0 || !items.empty())) finish(current);
        current = commit;
        ++records;
        items.push_back(std::move(item));
    });
    if (records != 0) finish(current);
    std::vector<std::int64_t> others;
    for (const auto commit : index::read_commit_numbers(tx, log)) {
        if (!contents.contains(commit)) others.push_back(commit);
    }
    std::sort(others.begin(), others.end());
    for (const auto commit : others) finish(commit);
    return contents;
}

}  // namespace etalon::place
