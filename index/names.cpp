#include "index/names.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>
#include "base/nearest.h"

#include "backends/proof.h"
#include "etalon/error.h"
#include "index/draft.h"
#include "index/tables.h"

namespace etalon::index {

using backends::Sql;
using backends::Transaction;

namespace {

/// ` LEFT JOIN` of the policy p of a reference n as of a snapshot.
std::string join_policy(std::string_view snapshot) {
    return fmt::format(
        R"( LEFT JOIN "namedRefPolicy" p ON p."ID" = (SELECT q."ID" FROM "namedRefPolicy" q WHERE q."nameID" = n."ID"
AND q."commitSeq" <= {} ORDER BY q."commitSeq" DESC LIMIT 1))",
        snapshot);
}

/// Format 1: the references as of ?1, with a condition or an order behind it.
Sql names_sql(std::string_view more) {
    return Sql(
        fmt::format(R"(SELECT n."name", {} FROM "namedRef" n{} {})", joined_name_columns(), join_policy("?1"), more));
}

NameRecord read_name(const backends::Cursor& cursor) {
    auto record = *read_joined_name(cursor, 1);
    record.name = cursor.text(0);
    return record;
}

}  // namespace

NameReader::NameReader(std::int64_t snapshot) : snapshot_(snapshot) {}

std::string NameReader::columns(std::string_view name, std::string_view policy, std::string_view proof) {
    return fmt::format(R"({}, {}, {}."rowCount", {}."rowSum")", name_table().select(name),
                       policy_table().select(policy), proof, proof);
}

std::string NameReader::joins(std::string_view name, std::string_view policy, std::string_view proof) {
    return fmt::format(R"( LEFT JOIN "namedRefPolicy" {0} ON {0}."nameID" = {1}."ID"{2})", policy, name,
                       backends::join_proof(proof, backends::SetKind::Policies, fmt::format(R"({}."ID")", name)));
}

std::string NameReader::join_name(std::string_view name, std::string_view condition, std::string_view expression) {
    return fmt::format(R"( LEFT JOIN "namedRef" {0} ON {1} AND {0}."name" = {2})", name, condition, expression);
}

int NameReader::width() {
    return name_table().width() + policy_table().width() + 2;
}

void NameReader::add(const backends::Cursor& cursor, int first) {
    const auto& names = name_table();
    const auto& policies = policy_table();
    if (cursor.is_null(first)) return;
    const auto id = cursor.integer(first);
    auto& one = by_id_[id];
    if (one.record.id == 0) {
        one.checksum = names.check(cursor, first);
        auto& record = one.record;
        record.id = id;
        record.name = cursor.text(first + 1);
        record.struct_id = cursor.integer(first + 2);
        record.axis = static_cast<Axis>(cursor.integer(first + 3));
        if (!cursor.is_null(first + 4)) record.view_name = cursor.text(first + 4);
        one.proof = backends::read_joined_proof(cursor, first + names.width() + policies.width());
    }
    const int at = first + names.width();
    if (cursor.is_null(at) || !one.seen.insert(cursor.integer(at)).second) return;
    one.found.add(policies.check(cursor, at));
    const auto commit = cursor.integer(at + policies.at("commitSeq"));
    if (commit > snapshot_ || commit < one.newest) return;
    one.newest = commit;
    auto& record = one.record;
    record.has_policy = true;
    record.policy = static_cast<OrderPolicy>(cursor.integer(at + policies.at("orderPolicy")));
    record.storage = static_cast<Storage>(cursor.integer(at + policies.at("storage")));
    const int coverage = at + policies.at("coverage");
    record.coverage = cursor.is_null(coverage) ? Coverage{} : parse_coverage(cursor.text(coverage));
}

std::vector<NameRecord> NameReader::finish() {
    std::vector<NameRecord> names;
    for (auto& [id, one] : by_id_) {
        backends::check_set(one.found, one.proof, backends::SetKind::Policies, one.record.name);
        names.push_back(std::move(one.record));
    }
    by_id_.clear();
    return names;
}

namespace {

std::vector<NameRecord> all_proved_names(Transaction& tx, std::int64_t snapshot) {
    using backends::SetKind;
    static const Sql kAll(fmt::format(R"(SELECT {}, a."rowCount", a."rowSum" FROM "namedRef" n{}{})",
                                      NameReader::columns("n", "p", "s"), NameReader::joins("n", "p", "s"),
                                      backends::join_proof("a", SetKind::Names, "0")));
    NameReader reader(snapshot);
    backends::SetSum proof;
    bool any = false;
    {
        const auto cursor = tx.query(kAll, {});
        while (cursor->next()) {
            any = true;
            proof = backends::read_joined_proof(*cursor, NameReader::width());
            reader.add(*cursor, 0);
        }
    }
    if (!any) proof = backends::read_set_proof(tx, SetKind::Names, 0);
    backends::check_set(reader.sum_of_names(), proof, SetKind::Names, "");
    auto names = reader.finish();
    std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return names;
}

}  // namespace

std::optional<NameRecord> NameFinder::find(std::string_view name) {
    if (all_) {
        const auto known = all_->find(name);
        return known == all_->end() ? std::nullopt : std::optional(known->second);
    }
    if (backends::is_proved(tx_)) {
        static const Sql kProved(fmt::format(R"(SELECT {} FROM "namedRef" n{} WHERE n."name" = ?1)",
                                             NameReader::columns("n", "p", "s"), NameReader::joins("n", "p", "s")));
        NameReader reader(snapshot_);
        {
            const auto cursor = tx_.query(kProved, {std::string(name)});
            while (cursor->next()) reader.add(*cursor, 0);
        }
        auto found = reader.finish();
        if (!found.empty()) return std::move(found.front());
        // Not there: true when none is missing, and it is none of them.
        all_.emplace();
        for (auto& one : all_proved_names(tx_, snapshot_)) {
            if (one.name == name) backends::throw_not_found_by_index("namedRef", one.name);
            auto spelling = one.name;
            all_->emplace_hint(all_->end(), std::move(spelling), std::move(one));
        }
        return std::nullopt;
    }
    static const Sql kFind = names_sql(R"(WHERE n."name" = ?2)");
    const auto cursor = tx_.query(kFind, {snapshot_, std::string(name)});
    if (!cursor->next()) return std::nullopt;
    return read_name(*cursor);
}

void NameFinder::note(const NameRecord& record) {
    if (all_) all_->insert_or_assign(record.name, record);
}

std::optional<NameRecord> find_name(Transaction& tx, std::string_view name, std::int64_t snapshot) {
    return NameFinder(tx, snapshot).find(name);
}

std::vector<NameRecord> all_names(Transaction& tx, std::int64_t snapshot) {
    if (backends::is_proved(tx)) return all_proved_names(tx, snapshot);
    static const Sql kAll = names_sql(R"(ORDER BY n."name")");
    std::vector<NameRecord> names;
    const auto cursor = tx.query(kAll, {snapshot});
    while (cursor->next()) names.push_back(read_name(*cursor));
    return names;
}

std::vector<NameRecord> read_unproved_names(Transaction& tx) {
    std::vector<NameRecord> names;
    const auto cursor = tx.query(Sql(R"(SELECT "ID", "name", "structID", "axis" FROM "namedRef")"), {});
    while (cursor->next()) {
        NameRecord name;
        name.id = cursor->integer(0);
        name.name = cursor->text(1);
        name.struct_id = cursor->integer(2);
        name.axis = static_cast<Axis>(cursor->integer(3));
        names.push_back(std::move(name));
    }
    return names;
}

std::set<std::string> read_all_spellings(Transaction& tx) {
    std::set<std::string> names;
    const auto cursor = tx.query(Sql(R"(SELECT "name" FROM "namedRef")"), {});
    while (cursor->next()) names.emplace(cursor->text(0));
    return names;
}

std::string joined_name_columns() {
    return R"(n."ID", n."structID", n."axis", n."viewName", p."orderPolicy", p."storage", p."coverage")";
}

std::string join_names(std::string_view condition, std::string_view expression, std::string_view snapshot) {
    return fmt::format(R"( LEFT JOIN "namedRef" n ON {} AND n."name" = {}{})", condition, expression,
                       join_policy(snapshot));
}

std::optional<NameRecord> read_joined_name(const backends::Cursor& cursor, int first) {
    if (cursor.is_null(first)) return std::nullopt;
    NameRecord record;
    record.id = cursor.integer(first);
    record.struct_id = cursor.integer(first + 1);
    record.axis = static_cast<Axis>(cursor.integer(first + 2));
    if (!cursor.is_null(first + 3)) record.view_name = cursor.text(first + 3);
    record.has_policy = !cursor.is_null(first + 4);
    if (record.has_policy) {
        record.policy = static_cast<OrderPolicy>(cursor.integer(first + 4));
        record.storage = static_cast<Storage>(cursor.integer(first + 5));
    }
    if (!cursor.is_null(first + 6)) record.coverage = parse_coverage(cursor.text(first + 6));
    return record;
}

void visit_policy_items(Transaction& tx, const std::function<void(std::int64_t commit, Bytes item)>& add) {
    const auto cursor = tx.query(Sql(R"(SELECT p."commitSeq", n."name", p."orderPolicy", p."storage", p."coverage"
FROM "namedRefPolicy" p JOIN "namedRef" n ON n."ID" = p."nameID")"),
                                 {});
    while (cursor->next()) {
        NameRecord record;
        record.name = cursor->text(1);
        record.policy = static_cast<OrderPolicy>(cursor->integer(2));
        record.storage = static_cast<Storage>(cursor->integer(3));
        if (!cursor->is_null(4)) record.coverage = parse_coverage(cursor->text(4));
        add(cursor->integer(0), policy_item(record));
    }
}

std::vector<std::string> similar_names(Transaction& tx, std::string_view name) {
    static const Sql kNames(R"(SELECT "name" FROM "namedRef" ORDER BY "name")");
    std::vector<std::string> known;
    const auto cursor = tx.query(kNames, {});
    while (cursor->next()) known.emplace_back(cursor->text(0));
    return nearest(name, known, 3);
}

namespace {

/// Changes cells of a row of namedRef, and the proof of the set.
void update_name(Transaction& tx, std::int64_t id,
                 std::initializer_list<std::pair<std::string_view, backends::Value>> changes) {
    backends::update_in_set(tx, name_table(), backends::SetKind::Names, 0, id, changes);
}

}  // namespace

std::int64_t insert_name(Transaction& tx, const NameRecord& record, std::int64_t entry_time) {
    const auto id = name_table().next_id(tx);
    backends::insert_into_set(tx, name_table(), backends::SetKind::Names, 0,
                              {id, record.name, record.struct_id, static_cast<std::int64_t>(record.axis),
                               backends::Value{}, entry_time, backends::Value{}});
    return id;
}

Bytes policy_item(const NameRecord& record) {
    return ItemBuilder(ItemKind::Policy)
        .text(record.name)
        .number(static_cast<std::int64_t>(record.policy))
        .number(static_cast<std::int64_t>(record.storage))
        .text(format_coverage(record.coverage))
        .finish();
}

void insert_policy(Transaction& tx, const NameRecord& record, const CommitStamp& stamp) {
    backends::insert_into_set(
        tx, policy_table(), backends::SetKind::Policies, record.id,
        {policy_table().next_id(tx), record.id, static_cast<std::int64_t>(record.policy),
         static_cast<std::int64_t>(record.storage),
         record.coverage.complete ? backends::Value(format_coverage(record.coverage)) : backends::Value(), stamp.seq,
         stamp.entry_time, backends::Value()});
    stamp.draft->items.push_back(policy_item(record));
}

void change_name(Transaction& tx, const NameRecord& record) {
    update_name(tx, record.id, {{"structID", record.struct_id}, {"axis", static_cast<std::int64_t>(record.axis)}});
}

void set_view_name(Transaction& tx, std::int64_t name_id, std::string_view view_name) {
    update_name(tx, name_id,
                {{"viewName", view_name.empty() ? backends::Value{} : backends::Value{std::string(view_name)}}});
}

bool has_records(Transaction& tx, std::int64_t name_id) {
    if (backends::is_proved(tx)) return backends::read_set_proof(tx, backends::SetKind::Records, name_id).count != 0;
    static const Sql kAny(R"(SELECT 1 FROM "dataIndex" WHERE "nameID" = ?1 LIMIT 1)");
    return tx.query(kAny, {name_id})->next();
}

}  // namespace etalon::index
