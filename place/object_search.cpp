#include "place/object_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "backends/ids.h"
#include "etalon/error.h"
#include "objects/rows.h"
#include "objects/tables.h"
#include "store/joined_rows.h"

namespace etalon::place {

using backends::Fragment;
using evolution::TestTree;
using evolution::ValueTest;

namespace {

/// How deep a statement may be, in what SQLite's parser keeps of it, whose stack has room for 100; what a subquery and
/// a pair of conditions add.
constexpr std::size_t kMostDepth = 72;
constexpr std::size_t kSubqueryDepth = 10;
constexpr std::size_t kJoinDepth = 3;

/// A reference that has to refer to certain objects, which the index over its column finds.
bool is_lookup(const store::SchemaRecord& schema, const TestTree& tree) {
    if (tree.kind == TestTree::Kind::All) {
        return std::ranges::any_of(tree.parts, [&](const TestTree& part) { return is_lookup(schema, part); });
    }
    const auto& test = tree.test;
    return tree.kind == TestTree::Kind::Test && test.kind == ValueTest::Kind::Identity &&
           (test.op == ValueOp::NotEqual) == test.negated &&
           schema.definition->elements[test.element].type == ScalarType::Ref && test.indices.empty();
}

}  // namespace

std::shared_ptr<const TypedCondition> ObjectSearch::type(const StructEntry& of_struct, const Condition& condition) {
    return type_condition(condition, of_struct.schemas, place_.units(), context_.rules_of(of_struct.record.name).get(),
                          [&](const std::string& target, const Condition& rest) { return resolve(target, rest); });
}

evolution::ReferenceSet ObjectSearch::resolve(const std::string& target, const Condition& rest) {
    const auto of_struct = place_.find_struct_as_of(tx_, target, context_.snapshot);
    if (!of_struct) {
        throw Error(ErrorCode::Unknown,
                    {"a reference to a struct that is not recorded here", "condition " + format_condition(rest),
                     "struct " + target, "none", "its objects are in another database: ask over the federation"});
    }
    Wanted wanted;
    wanted.of_struct = of_struct;
    wanted.where = type(*of_struct, rest);
    auto versions = versions_of(wanted);
    if (versions.empty()) return {};
    std::vector<std::string> names{of_struct->record.name};
    for (const auto& schema : of_struct->schemas) names.push_back(schema->definition->name);
    if (!decide(*of_struct, versions)) return {find_ids(wanted), std::nullopt, std::move(names)};
    const auto depth = kSubqueryDepth + depth_of(versions);
    // Engines bound how deep a statement is.
    if (depth > kMostDepth) return {find_ids(wanted), std::nullopt, std::move(names)};
    subqueries_.push_back({std::move(wanted), std::move(versions), depth});
    return {{}, subqueries_.size() - 1, std::move(names)};
}

std::size_t ObjectSearch::depth_of(const TestTree& tree) const {
    if (tree.kind == TestTree::Kind::Test) return tree.test.subquery ? subqueries_[*tree.test.subquery].depth : 1;
    std::size_t deepest = 0;
    for (const auto& part : tree.parts) deepest = std::max(deepest, depth_of(part));
    // Parts are joined two by two, each pair in parentheses.
    return deepest + kJoinDepth * static_cast<std::size_t>(std::bit_width(tree.parts.size()));
}

std::size_t ObjectSearch::depth_of(const Versions& versions) const {
    std::size_t deepest = 0;
    for (const auto& [schema_id, version] : versions) deepest = std::max(deepest, depth_of(version.tree));
    return deepest;
}

ObjectSearch::Versions ObjectSearch::versions_of(const Wanted& wanted) {
    Versions versions;
    for (const auto& schema : wanted.of_struct->schemas) {
        const auto& [tree, fault] = wanted.where->versions.at(schema->definition_hash);
        if (tree.kind == TestTree::Kind::Never) continue;
        if (!fault.empty()) {
            if (!objects::has_objects_in(tx_, schema->struct_id, schema->schema_id)) continue;
            throw Error(ErrorCode::Usage,
                        {"values of different units cannot be compared", "struct " + wanted.of_struct->name(), "",
                         fmt::format("objects of schema {}: {}", schema->schema_id, fault), ""});
        }
        versions.emplace(schema->schema_id, store::VersionTests{schema, tree});
    }
    return versions;
}

void ObjectSearch::look_up_subqueries(TestTree& tree) {
    for (auto& part : tree.parts) look_up_subqueries(part);
    if (tree.kind != TestTree::Kind::Test || !tree.test.subquery) return;
    const auto number = *tree.test.subquery;
    auto [known, is_new] = looked_up_.try_emplace(number);
    if (is_new) {
        // In two steps: looking up may find subqueries of its own.
        const auto wanted = subqueries_[number].wanted;
        std::vector<Bytes> ids;
        for (const auto& id : find_ids(wanted)) ids.push_back(backends::to_bytes(id));
        std::ranges::sort(ids);
        looked_up_.at(number) = std::move(ids);
    }
    tree.test.identities = looked_up_.at(number);
    tree.test.subquery.reset();
    if (tree.test.identities.empty()) tree = TestTree{};
}

bool ObjectSearch::decide(const StructEntry& of_struct, Versions& versions) {
    if (can_say(of_struct, versions)) return true;
    for (auto& [id, version] : versions) look_up_subqueries(version.tree);
    return can_say(of_struct, versions);
}

bool ObjectSearch::can_say(const StructEntry& of_struct, const Versions& versions) const {
    return !of_struct.record.is_binary && depth_of(versions) <= kMostDepth &&
           std::ranges::all_of(versions, [&](const auto& one) {
               return store::can_say(tx_.engine(), *one.second.schema, one.second.tree);
           });
}

objects::Search ObjectSearch::search_of(const Wanted& wanted, const Versions* joined) const {
    objects::Search search;
    search.struct_id = wanted.of_struct->record.id;
    search.snapshot = context_.snapshot;
    search.entered_from = wanted.entered_from;
    search.entered_to = wanted.entered_to;
    if (joined == nullptr) return search;
    search.row_table = wanted.of_struct->record.table_name;
    search.rows_first =
        std::ranges::all_of(*joined, [](const auto& one) { return is_lookup(*one.second.schema, one.second.tree); });
    return search;
}

void ObjectSearch::append_condition(Fragment& out, const Versions& versions) {
    out.sql += " AND ";
    store::append_version_conditions(out, tx_.engine(), "o", versions,
                                     [&](Fragment& part, std::size_t number) { append_subquery(part, number); });
}

void ObjectSearch::append_subquery(Fragment& out, std::size_t number) {
    const auto& [wanted, versions, depth] = subqueries_[number];
    objects::append_ids(out, tx_.engine(), search_of(wanted, &versions));
    append_condition(out, versions);
}

void ObjectSearch::find(const Wanted& wanted, ObjectRows& rows) {
    auto versions = versions_of(wanted);
    if (versions.empty()) return;
    // All of them: then it can be proved that none is missing.
    const bool is_all = !wanted.limit && std::ranges::all_of(versions, [](const auto& one) {
        return one.second.tree.kind == TestTree::Kind::Always;
    });
    if (is_all || !decide(*wanted.of_struct, versions)) return read_and_decide(wanted, versions, rows);
    const auto search = search_of(wanted, &versions);
    auto select = objects::select_objects(tx_.engine(), search, store::list_columns("r", wanted.of_struct->columns));
    append_condition(select, versions);
    // Without a limit all rows come, which are put in order at less cost here.
    if (wanted.limit) objects::append_order(select, wanted.descending, *wanted.limit);
    JoinedCells joined(wanted.of_struct, objects::object_table().width());
    const auto cursor = tx_.query(select);
    while (cursor->next()) rows.add(objects::read_object(*cursor, 0), *cursor, joined);
    rows.sort(wanted.descending);
    rows.read();
}

void ObjectSearch::read_and_decide(const Wanted& wanted, const Versions& versions, ObjectRows& rows) {
    objects::prove_objects(tx_, wanted.of_struct->record.id);
    const auto select = objects::select_objects(tx_.engine(), search_of(wanted, nullptr), {});
    {
        const auto cursor = tx_.query(select);
        while (cursor->next()) {
            const auto object = objects::read_object(*cursor, 0);
            if (versions.contains(object.schema_id)) rows.add(object);
        }
    }
    rows.sort(wanted.descending);
    rows.read();
    std::int64_t kept = 0;
    rows.keep_if([&](std::size_t i) {
        if (wanted.limit && kept >= *wanted.limit) return false;
        const auto& [schema, tree] = versions.at(rows.object(i).schema_id);
        try {
            if (!evolution::passes(tree, *schema->canonical, rows.canonical(i))) return false;
        } catch (const Error& error) {
            throw error.within("object " + format_id(rows.object(i).id));
        }
        ++kept;
        return true;
    });
}

std::vector<ObjectId> ObjectSearch::find_ids(const Wanted& wanted) {
    auto versions = versions_of(wanted);
    std::vector<ObjectId> ids;
    if (versions.empty()) return ids;
    if (!decide(*wanted.of_struct, versions)) {
        ObjectRows rows(place_, tx_);
        read_and_decide(wanted, versions, rows);
        for (std::size_t i = 0; i < rows.size(); ++i) ids.push_back(rows.object(i).id);
        return ids;
    }
    Fragment select;
    objects::append_ids(select, tx_.engine(), search_of(wanted, &versions));
    append_condition(select, versions);
    const auto cursor = tx_.query(select);
    while (cursor->next()) ids.push_back(backends::read_id(*cursor, 0));
    return ids;
}

}  // namespace etalon::place
