#include "layers/named_queries.h"

#include <utility>

#include "backends/proof.h"
#include "base/nearest.h"
#include "etalon/error.h"
#include "layers/stack.h"
#include "objects/queries.h"
#include "place/objects.h"

namespace etalon::layers {

using backends::TransactionMode;

std::vector<NamedQuery> list_queries(LayerStack& stack, const std::optional<AsOf>& as_of) {
    const auto commits = commits_as_of(stack, "", as_of);
    place::ReadContext names;
    names.rules = stack.rules_at(commits);
    std::map<std::string, std::optional<NamedQuery>> queries;
    for (std::size_t i = 0; i < stack.layers().size(); ++i) {
        auto& place = *stack.layers()[i].place;
        const auto tx = place.connection().begin(TransactionMode::Read);
        for (const auto& [name, row] : objects::read_queries(*tx, commits.commits[i])) {
            auto [known, is_new] = queries.try_emplace(name);
            if (!is_new || !row.text) continue;
            auto& query = known->second.emplace();
            query.name = name;
            query.struct_name = names.name_of_struct(place.get_struct(*tx, row.struct_id)->record.name);
            query.where = *row.text;
            query.order = parse_object_order(row.order);
            query.limit = static_cast<std::uint64_t>(row.limit.value_or(0));
            query.comment = row.comment;
            if (!query.where.empty()) query.parameters = parameters_of(parse_condition(query.where));
            query.commit = place.is_private() ? 0 : row.commit;
            query.entry_time = Time{place.is_private() ? kMinusInfinity : row.entry_time};
            query.layer = place.connection().place();
        }
    }
    std::vector<NamedQuery> list;
    for (auto& [name, query] : queries) {
        if (query) list.push_back(*std::move(query));
    }
    return list;
}

std::int64_t define_query(LayerStack& stack, const NamedQuery& query, const place::WriteContext& context) {
    auto& place = stack.target();
    place::check_has_objects(place);
    std::vector<NameSpec> structs;
    structs.emplace_back().struct_name = query.struct_name;
    if (stack.several() && !stack.knows_all(place, {}, structs)) stack.ensure_known(place, {}, structs);
    objects::QueryRow row;
    row.name = query.name;
    row.text = query.where;
    row.order = format_object_order(query.order);
    if (query.limit != 0) row.limit = static_cast<std::int64_t>(query.limit);
    row.comment = query.comment;
    place::Commit commit(place, context);
    auto& tx = commit.tx();
    const auto of_struct = place.require_struct(tx, query.struct_name);
    row.struct_id = of_struct->record.id;
    const auto& stamp = commit.take_number();
    const auto there = objects::read_queries(tx, kPlusInfinity);
    if (const auto known = there.find(query.name); known != there.end()) {
        const auto& before = known->second;
        const bool same = before.text == row.text && before.struct_id == row.struct_id && before.order == row.order &&
                          before.limit == row.limit && before.comment == row.comment;
        if (same) return 0;  // and nothing is committed
    }
    objects::insert_query(tx, stamp.for_rooms(), row, of_struct->record.name);
    return commit.finish();
}

std::int64_t retire_query(LayerStack& stack, std::string_view name, const place::WriteContext& context) {
    auto& place = stack.target();
    place::check_has_objects(place);
    place::Commit commit(place, context);
    auto& tx = commit.tx();
    const auto& stamp = commit.take_number();
    const auto there = objects::read_queries(tx, kPlusInfinity);
    const auto known = there.find(name);
    if (known == there.end() || !known->second.text) {
        std::vector<NamedQuery> names;
        for (const auto& [one, row] : there) {
            if (row.text) names.emplace_back().name = one;
        }
        throw_unknown_query(name, stack.name(), names);
    }
    objects::QueryRow row;
    row.name = name;
    row.struct_id = known->second.struct_id;
    objects::insert_query(tx, stamp.for_rooms(), row, place.get_struct(tx, row.struct_id)->record.name);
    return commit.finish();
}

void throw_unknown_query(std::string_view name, const std::string& database, const std::vector<NamedQuery>& known) {
    std::vector<std::string> names;
    for (const auto& one : known) names.push_back(one.name);
    const auto near = did_you_mean(name, names);
    throw Error(ErrorCode::Unknown, {"unknown named query", "database " + database, "a query that was defined",
                                     "'" + std::string(name) + "'", near.empty() ? "see 'etalon query list'" : near});
}

}  // namespace etalon::layers
