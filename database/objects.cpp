// Objects of a database, and of a federation.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/name_text.h"
#include "database/federation_state.h"
#include "database/object_queries.h"
#include "database/references.h"
#include "etalon/database.h"
#include "etalon/error.h"
#include "etalon/federation.h"
#include "layers/named_queries.h"
#include "layers/object_search.h"
#include "layers/objects.h"
#include "layers/stack_pool.h"
#include "place/objects.h"
#include "place/write_context.h"
#include "schema/references.h"

namespace etalon {

using layers::LayerStack;
using layers::NamesOfObjects;

namespace {

/// What was asked for, when all of it is there.
std::vector<StoredObject> require_all(std::span<const ObjectId> ids, std::vector<std::optional<StoredObject>> found,
                                      const std::string& where) {
    constexpr std::size_t kShown = 5;
    std::string missing;
    std::size_t count = 0;
    std::vector<StoredObject> objects;
    objects.reserve(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i]) {
            objects.push_back(*std::move(found[i]));
        } else if (count++ < kShown) {
            missing += (missing.empty() ? "" : ", ") + (ids[i].is_null() ? "null" : format_id(ids[i]));
        }
    }
    if (count == 0) return objects;
    if (count > kShown) missing += fmt::format(" and {} more", count - kShown);
    throw Error(ErrorCode::Unknown, {count == 1 ? "no such object" : "no such objects", where,
                                     "ids of objects that are there as of the snapshot", missing,
                                     "they may have been put later (--as-of), or into another database"});
}

}  // namespace

ObjectPutResult Database::put_objects(std::span<const ObjectPut> objects, const CommitInfo& info,
                                      const ObjectPutOptions& options) {
    database::check_references(impl(), peers_.get(), objects);
    return put_checked(objects, info, options);
}

ObjectPutResult Database::put_checked(std::span<const ObjectPut> objects, const CommitInfo& info,
                                      const ObjectPutOptions& options) {
    if (objects.empty()) {
        throw Error(ErrorCode::Usage, {"nothing to put", "database " + name(), "at least one object", "none", ""});
    }
    place::WriteContext context(info);
    context.progress = options.progress;
    return impl().write([&](LayerStack& stack) { return layers::put_objects(stack, objects, options, context); });
}

std::vector<std::optional<StoredObject>> Database::find_objects(std::span<const ObjectId> ids,
                                                                const ObjectReadOptions& options) {
    return impl().read([&](LayerStack& stack) { return layers::find_objects(stack, ids, options); });
}

std::vector<StoredObject> Database::get_objects(std::span<const ObjectId> ids, const ObjectReadOptions& options) {
    return require_all(ids, find_objects(ids, options), "database " + name());
}

std::vector<StoredObject> Database::query_objects(const ObjectQuery& query) {
    return database::query_objects(impl(), peers_.get(), query);
}

std::int64_t Database::define_query(const NamedQuery& query, const CommitInfo& info) {
    check_name_text(query.name, "named query");
    check_free_text(query.where, "condition");
    check_free_text(query.order.path, "order");
    check_free_text(query.comment, "comment");
    const auto where = query.where.empty() ? Condition{} : parse_condition(query.where);
    (void)parse_object_order(format_object_order(query.order));
    database::check_query(impl(), peers_.get(), query.struct_name, where, query.order);
    const place::WriteContext context(info);
    return impl().write([&](LayerStack& stack) { return layers::define_query(stack, query, context); });
}

std::vector<NamedQuery> Database::queries(const std::optional<AsOf>& as_of) {
    return impl().read([&](LayerStack& stack) { return layers::list_queries(stack, as_of); });
}

NamedQuery Database::get_query(std::string_view name, const std::optional<AsOf>& as_of) {
    const auto all = queries(as_of);
    const auto found = std::ranges::find(all, name, &NamedQuery::name);
    if (found == all.end()) layers::throw_unknown_query(name, this->name(), all);
    return *found;
}

std::int64_t Database::retire_query(std::string_view name, const CommitInfo& info) {
    const place::WriteContext context(info);
    return impl().write([&](LayerStack& stack) { return layers::retire_query(stack, name, context); });
}

std::vector<StoredObject> Database::run_query(std::string_view name,
                                              const std::map<std::string, ValueFilter::Value>& parameters,
                                              const ObjectReadOptions& read) {
    const auto named = get_query(name, read.as_of);
    ObjectQuery query;
    query.struct_name = named.struct_name;
    try {
        query.where = with_parameters(named.where.empty() ? Condition{} : parse_condition(named.where), parameters);
    } catch (const Error& error) {
        throw error.within("named query " + named.name);
    }
    query.order = named.order;
    query.limit = named.limit;
    query.read = read;
    return query_objects(query);
}

std::vector<Referrer> Database::referrers(const ObjectId& id, const std::optional<AsOf>& as_of) {
    return impl().read([&](LayerStack& stack) { return layers::find_referrers(stack, id, as_of); });
}

namespace {

/// Which databases know a struct, and by which names.
struct KnownStruct {
    std::vector<std::string> databases;
    std::vector<std::string> names;
};

/// A put over several databases.
class FederatedPut {
public:
    FederatedPut(database::FederationState& state, const std::shared_ptr<database::FederationState>& self,
                 std::span<const ObjectPut> puts, std::string_view start)
        : state_(state), self_(self), puts_(puts), start_(start), ids_(database::compute_ids(puts)) {
        find_databases();
        check();
        find_stages();
    }

    struct Part {
        std::string database;
        std::vector<std::size_t> members;  ///< of the call
    };
    /// In the order in which they are to be put.
    [[nodiscard]] std::vector<Part> parts() const {
        std::map<std::pair<std::size_t, std::string>, Part> parts;
        for (std::size_t i = 0; i < puts_.size(); ++i) {
            auto& part = parts[{stages_[i], databases_[i]}];
            part.database = databases_[i];
            part.members.push_back(i);
        }
        std::vector<Part> list;
        for (auto& [key, part] : parts) list.push_back(std::move(part));
        return list;
    }

    [[nodiscard]] const std::string& database_of(std::size_t object) const { return databases_.at(object); }

private:
    const KnownStruct& known(const std::string& struct_name) {
        auto [at, is_new] = structs_.try_emplace(struct_name);
        if (!is_new) return at->second;
        for (const auto& name : state_.names()) {
            const auto names = state_.read(
                name, self_, [&](LayerStack& stack) { return layers::find_struct_names(stack, struct_name); });
            if (names.empty()) continue;
            at->second.databases.push_back(name);
            at->second.names.insert(at->second.names.end(), names.begin(), names.end());
        }
        return at->second;
    }

    void find_databases() {
        for (std::size_t i = 0; i < puts_.size(); ++i) {
            const auto& name = puts_[i].layout->name;
            const auto& of_struct = known(name);
            const auto& all = of_struct.databases;
            const bool starts = std::ranges::find(all, start_) != all.end();
            if (all.empty()) {
                throw Error(ErrorCode::Unknown,
                            {"no database has this struct", place::name_of_put(puts_[i], i), "a registered struct",
                             name, "register its header with 'etalon register'"});
            }
            if (all.size() > 1 && !starts) {
                throw Error(ErrorCode::Usage,
                            {"several databases have this struct", place::name_of_put(puts_[i], i), "one of them named",
                             fmt::format("{}", fmt::join(all, " and ")), "say which: --in NAME"});
            }
            databases_.push_back(starts ? std::string(start_) : all.front());
        }
    }

    void check() {
        database::WantedReferences wanted;
        NamesOfObjects names;
        for (std::size_t i = 0; i < puts_.size(); ++i) {
            const auto& layout = *puts_[i].layout;
            by_id_.emplace(ids_[i], i);
            auto of_struct = known(layout.name).names;
            of_struct.push_back(layout.name);
            names.emplace(ids_[i], std::move(of_struct));
            wanted.add(layout, puts_[i].row.get(), 1, [&](std::uint64_t) { return place::name_of_put(puts_[i], i); });
        }
        const auto left = wanted.ids(names);
        if (!left.empty()) database::FederationPeers(self_).find(left, names);
        wanted.check(names);
    }

    /// An object comes behind those of other databases that it refers to, over as many steps as it takes.
    void find_stages() {
        stages_.assign(puts_.size(), 0);
        std::vector<std::vector<std::size_t>> targets(puts_.size());
        for (std::size_t i = 0; i < puts_.size(); ++i) {
            schema::visit_references(*puts_[i].layout, puts_[i].row.get(), 1, [&](const auto& reference) {
                const auto at = by_id_.find(reference.id);
                if (at != by_id_.end()) targets[i].push_back(at->second);
            });
        }
        // Depth first without recursion: a chain of objects may be long. There are no cycles.
        std::vector<char> done(puts_.size(), 0);
        std::vector<std::size_t> way;
        for (std::size_t start = 0; start < puts_.size(); ++start) {
            way.push_back(start);
            while (!way.empty()) {
                const auto i = way.back();
                if (done[i] != 0) {
                    way.pop_back();
                    continue;
                }
                bool is_ready = true;
                std::size_t stage = 0;
                for (const auto target : targets[i]) {
                    if (done[target] == 0) {
                        way.push_back(target);
                        is_ready = false;
                    } else {
                        stage = std::max(stage, stages_[target] + (databases_[target] != databases_[i] ? 1U : 0U));
                    }
                }
                if (!is_ready) continue;
                stages_[i] = stage;
                done[i] = 1;
                way.pop_back();
            }
        }
        // The same object given twice goes once with the first.
        for (std::size_t i = 0; i < puts_.size(); ++i) stages_[i] = stages_[by_id_.at(ids_[i])];
    }

    database::FederationState& state_;
    const std::shared_ptr<database::FederationState>& self_;
    std::span<const ObjectPut> puts_;
    std::string_view start_;
    std::vector<ObjectId> ids_;
    std::map<std::string, KnownStruct> structs_;
    std::vector<std::string> databases_;  ///< by object
    std::map<ObjectId, std::size_t> by_id_;
    std::vector<std::size_t> stages_;
};

}  // namespace

ObjectPutResult Federation::put_objects(std::span<const ObjectPut> objects, const CommitInfo& info,
                                        const ObjectPutOptions& options, std::string_view start) {
    if (!start.empty()) (void)get(start);
    if (objects.empty())
        throw Error(ErrorCode::Usage, {"nothing to put", "the federation", "at least one object", "none", ""});
    const auto all = names();
    if (all.size() == 1) return get(all.front()).put_objects(objects, info, options);
    const FederatedPut put(*state_, state_, objects, start);
    const auto parts = put.parts();
    // What a database would refuse shall leave nothing in the others.
    auto trial = options;
    trial.dry_run = true;
    trial.progress = {};
    std::vector<std::vector<ObjectPut>> given;
    for (const auto& part : parts) {
        auto& list = given.emplace_back();
        for (const auto i : part.members) list.push_back(objects[i]);
        if (parts.size() > 1 && !options.dry_run) (void)get(part.database).put_checked(list, info, trial);
    }
    ObjectPutResult result;
    result.objects.resize(objects.size());
    const auto& of_first = put.database_of(0);
    for (std::size_t p = 0; p < parts.size(); ++p) {
        const auto& members = parts[p].members;
        auto one = get(parts[p].database).put_checked(given[p], info, options);
        for (std::size_t i = 0; i < members.size(); ++i) result.objects[members[i]] = std::move(one.objects[i]);
        // All of what the database of the first object gets is there as of the last of its commits.
        if (parts[p].database == of_first) result.commit = std::max(result.commit, one.commit);
    }
    return result;
}

std::vector<std::optional<StoredObject>> Federation::find_objects(std::span<const ObjectId> ids,
                                                                  const ObjectReadOptions& options) {
    const auto all = names();
    if (all.size() > 1) database::check_as_of_several(options.as_of, "objects");
    std::vector<std::optional<StoredObject>> found(ids.size());
    for (const auto& name : all) {
        std::vector<ObjectId> left;
        std::vector<std::size_t> at;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if (found[i] || ids[i].is_null()) continue;
            left.push_back(ids[i]);
            at.push_back(i);
        }
        if (left.empty()) break;
        auto here = get(name).find_objects(left, options);
        for (std::size_t i = 0; i < here.size(); ++i) {
            if (!here[i]) continue;
            here[i]->database = name;
            found[at[i]] = std::move(here[i]);
        }
    }
    return found;
}

std::vector<StoredObject> Federation::get_objects(std::span<const ObjectId> ids, const ObjectReadOptions& options) {
    return require_all(ids, find_objects(ids, options), fmt::format("databases {}", fmt::join(names(), ", ")));
}

std::vector<StoredObject> Federation::query_objects(const ObjectQuery& query) {
    const auto all = names();
    std::vector<std::string> knowing;
    for (const auto& name : all) {
        const auto known = state_->read(
            name, state_, [&](LayerStack& stack) { return layers::find_struct_names(stack, query.struct_name); });
        if (!known.empty()) knowing.push_back(name);
    }
    // Which structs there are, a database tells in its error.
    if (knowing.empty() && !all.empty()) knowing.push_back(all.front());
    if (knowing.size() == 1) {
        auto objects = get(knowing.front()).query_objects(query);
        for (auto& object : objects) object.database = knowing.front();
        return objects;
    }
    database::check_as_of_several(query.read.as_of, "objects of " + query.struct_name);
    database::check_one_meaning(*state_, state_, query.struct_name);
    std::vector<StoredObject> objects;
    std::set<ObjectId> known;
    // Of an object that several have, one comes: the limit is that of all.
    auto without_limit = query;
    without_limit.limit = 0;
    const bool by_commit = query.order.path.empty();
    if (!by_commit) {
        without_limit.read.layout = nullptr;
        without_limit.read.schema = 0;
    }
    for (const auto& name : knowing) {
        for (auto& object : get(name).query_objects(without_limit)) {
            if (!known.insert(object.id).second) continue;
            object.database = name;
            objects.push_back(std::move(object));
        }
    }
    layers::sort_objects(objects, by_commit && query.order.descending);
    if (!by_commit) {
        ObjectReadOptions read;
        read.as_of = query.read.as_of;
        read.lenient = true;
        database::order_objects(objects, query.order,
                                [&](std::span<const ObjectId> ids) { return find_objects(ids, read); });
    }
    if (query.limit != 0 && objects.size() > query.limit) objects.resize(query.limit);
    if (by_commit || (!query.read.layout && query.read.schema == 0)) return objects;
    std::vector<ObjectId> ids;
    for (const auto& object : objects) ids.push_back(object.id);
    return get_objects(ids, query.read);
}

std::vector<Referrer> Federation::referrers(const ObjectId& id, const std::optional<AsOf>& as_of) {
    std::vector<Referrer> all;
    for (const auto& name : names()) {
        for (auto& one : get(name).referrers(id, as_of)) {
            one.database = name;
            all.push_back(std::move(one));
        }
    }
    return all;
}

}  // namespace etalon
