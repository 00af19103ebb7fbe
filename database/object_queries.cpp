#include "database/object_queries.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <utility>

#include "base/identity.h"
#include "base/nearest.h"
#include "base/number_text.h"
#include "base/numbers.h"
#include "etalon/error.h"
#include "evolution/matching.h"
#include "evolution/value_condition.h"
#include "layers/catalog.h"
#include "layers/object_search.h"
#include "layers/objects.h"
#include "layers/stack_pool.h"
#include "schema/names.h"
#include "schema/value_text.h"

namespace etalon::database {

using layers::AcrossReferences;
using layers::LayerStack;
using layers::StackPool;

namespace {

using Definitions = std::vector<DefinitionPtr>;

/// The structs that a question meets on its way.
class KnownStructs {
public:
    KnownStructs(StackPool& pool, Peers* peers) : pool_(pool), peers_(peers) {}

    /// Throws Error(Unknown) when no database knows it.
    const Definitions& of(const std::string& struct_name) {
        auto [known, is_new] = structs_.try_emplace(struct_name);
        auto& definitions = known->second;
        if (!is_new) return definitions;
        definitions = pool_.read([&](LayerStack& stack) { return layers::find_definitions(stack, struct_name); });
        if (definitions.empty() && peers_ != nullptr) definitions = peers_->find_definitions(struct_name);
        if (!definitions.empty()) return definitions;
        structs_.erase(known);
        pool_.read([&](LayerStack& stack) { layers::throw_unknown_struct(stack, struct_name); });
        throw Error(ErrorCode::Internal, {"an unknown struct was found", struct_name, "", "", ""});
    }

private:
    StackPool& pool_;
    Peers* peers_;
    std::map<std::string, Definitions> structs_;
};

/// Calls `use(path across a reference, leaf with its not)` for each comparison across a reference.
template <class Use>
void for_each_crossing(KnownStructs& structs, const std::string& struct_name, const Condition& condition,
                       const Use& use) {
    if (condition.kind == Condition::Kind::And || condition.kind == Condition::Kind::Or) {
        for (const auto& part : condition.parts) for_each_crossing(structs, struct_name, part, use);
        return;
    }
    if (condition.kind == Condition::Kind::Always) return;
    const auto& test = condition.kind == Condition::Kind::Not ? condition.parts[0] : condition;
    if (const auto across = evolution::find_reference_path(test.path, structs.of(struct_name))) use(*across, condition);
}

/// The same comparison of the rest of the path.
Condition rest_of(const Condition& leaf, const evolution::ReferencePath& across) {
    auto rest = leaf;
    (rest.kind == Condition::Kind::Not ? rest.parts[0] : rest).path = across.rest;
    return rest;
}

bool has_dot(const Condition& condition) {
    return condition.path.find('.') != std::string::npos || std::ranges::any_of(condition.parts, has_dot);
}

/// The structs that paths go to, over as many steps as they have.
void add_targets(KnownStructs& structs, const std::string& struct_name, const Condition& condition,
                 std::set<std::string>& targets) {
    for_each_crossing(structs, struct_name, condition, [&](const auto& across, const Condition& leaf) {
        targets.insert(across.target);
        add_targets(structs, across.target, rest_of(leaf, across), targets);
    });
}

/// A condition whose paths across references are lists of ids, found over all places.
class Resolver {
public:
    Resolver(StackPool& pool, Peers* peers, KnownStructs& structs, const std::optional<AsOf>& as_of)
        : pool_(pool), peers_(peers), structs_(structs), as_of_(as_of) {}

    /// `condition` comes out of push_not_down().
    [[nodiscard]] Condition resolve(const std::string& struct_name, const Condition& condition) {
        using Kind = Condition::Kind;
        if (condition.kind == Kind::And || condition.kind == Kind::Or) {
            Condition out{.kind = condition.kind};
            for (const auto& part : condition.parts) out.parts.push_back(resolve(struct_name, part));
            return out;
        }
        if (condition.kind == Kind::Always) return condition;
        const bool is_not = condition.kind == Kind::Not;
        const auto& test = is_not ? condition.parts[0] : condition;
        const auto across = evolution::find_reference_path(test.path, structs_.of(struct_name));
        if (!across) return condition;
        Condition refers{.kind = Kind::In, .parts = {}, .path = across->reference};
        for (const auto& id : find_ids(across->target, rest_of(condition, *across))) refers.values.emplace_back(id);
        const bool is_null = test.kind == Kind::IsNull && !is_not;
        if (!is_null && !refers.values.empty()) return refers;
        Condition either{.kind = Kind::Or};  // of nothing: never
        if (!refers.values.empty()) either.parts.push_back(std::move(refers));
        if (is_null) either.parts.push_back({.kind = Kind::IsNull, .parts = {}, .path = across->reference});
        return either;
    }

private:
    [[nodiscard]] std::set<ObjectId> find_ids(const std::string& struct_name, const Condition& condition) {
        const auto flat = resolve(struct_name, condition);
        const auto here =
            pool_.read([&](LayerStack& stack) { return layers::search_ids(stack, struct_name, flat, as_of_); });
        std::set<ObjectId> ids(here.begin(), here.end());
        // No stack is held meanwhile: the others may ask back.
        if (peers_ != nullptr) ids.merge(peers_->search_ids(struct_name, flat, as_of_));
        return ids;
    }

    StackPool& pool_;
    Peers* peers_;
    KnownStructs& structs_;
    const std::optional<AsOf>& as_of_;
};

}  // namespace

Condition without_references(StackPool& pool, Peers* peers, std::string_view reference, const Condition& where) {
    if (!has_dot(where)) return where;
    const auto name = pool.read([&](LayerStack& stack) { return layers::find_name(stack, reference); });
    if (!name) return where;  // refused later
    const auto& struct_name = name->struct_name;
    KnownStructs structs(pool, peers);
    const auto asked = evolution::push_not_down(where);
    std::set<std::string> targets;
    add_targets(structs, struct_name, asked, targets);
    // A record refers to what was there before it, whatever it is read as of.
    const std::optional<AsOf> as_of;
    return targets.empty() ? where : Resolver(pool, peers, structs, as_of).resolve(struct_name, asked);
}

std::vector<StoredObject> collect_objects(StackPool& pool, Peers* peers, const ObjectQuery& query) {
    if (!query.order.path.empty()) check_query(pool, peers, query.struct_name, {}, query.order);
    auto asked = query;
    asked.where = evolution::push_not_down(query.where);
    if (pool.traits().layers.size() == 1 && peers == nullptr) {
        return pool.read(
            [&](LayerStack& stack) { return layers::search_objects(stack, asked, AcrossReferences::Inside); });
    }
    KnownStructs structs(pool, peers);
    std::set<std::string> targets;
    add_targets(structs, query.struct_name, asked.where, targets);
    auto across = AcrossReferences::None;
    if (!targets.empty()) {
        const bool leaves = peers != nullptr && std::ranges::any_of(targets, [&](const std::string& target) {
                                return !peers->find_definitions(target).empty();
                            });
        if (pool.traits().layers.size() == 1 && !leaves) {
            across = AcrossReferences::Inside;
        } else {
            asked.where = Resolver(pool, peers, structs, query.read.as_of).resolve(query.struct_name, asked.where);
        }
    }
    return pool.read([&](LayerStack& stack) { return layers::search_objects(stack, asked, across); });
}

std::vector<StoredObject> query_objects(StackPool& pool, Peers* peers, const ObjectQuery& query) {
    if (query.order.path.empty()) return collect_objects(pool, peers, query);
    // Members are those of the newest layout, which need not be the asked one.
    auto whole = query;
    whole.read.layout = nullptr;
    whole.read.schema = 0;
    whole.read.strict = false;
    whole.read.lenient = true;
    auto objects = collect_objects(pool, peers, whole);
    ObjectReadOptions read;
    read.as_of = query.read.as_of;
    read.lenient = true;
    order_objects(objects, query.order, [&](std::span<const ObjectId> ids) {
        auto found = pool.read([&](LayerStack& stack) { return layers::find_objects(stack, ids, read); });
        if (peers != nullptr) peers->find_objects(ids, read, found);
        return found;
    });
    if (query.limit != 0 && objects.size() > query.limit) objects.resize(query.limit);
    std::vector<ObjectId> ids;
    for (const auto& object : objects) ids.push_back(object.id);
    auto found = pool.read([&](LayerStack& stack) { return layers::find_objects(stack, ids, query.read); });
    objects.clear();
    for (auto& object : found) objects.push_back(std::move(object).value());
    return objects;
}

namespace {

/// What objects are compared by. Null and absent are the last in either direction.
struct OrderKey {
    enum class Kind { Value, None } kind = Kind::None;
    bool is_nan = false;
    long double number = 0;  ///< has every value of every type
    std::string text;        ///< of text, or the bytes of an id

    /// As it ascends.
    [[nodiscard]] bool is_below(const OrderKey& other) const {
        if (is_nan != other.is_nan) return other.is_nan;
        if (!is_nan && number != other.number) return number < other.number;
        return text < other.text;
    }
};

bool is_absent(const StoredObject& object, std::string_view path, std::uint64_t index) {
    return std::ranges::any_of(object.absent, [&](const std::string& one) {
        if (!one.starts_with(path)) return false;
        const auto behind = std::string_view(one).substr(path.size());
        if (behind.empty()) return true;
        if (!behind.starts_with('[') || !behind.ends_with(":]")) return false;
        const auto from = parse_integer<std::uint64_t>(behind.substr(1, behind.size() - 3));
        return from && index >= *from;
    });
}

/// One value of a layout.
struct ValuePlace {
    const Element* element = nullptr;
    std::uint64_t index = 0;  ///< row-major
    std::uint64_t first = 0;  ///< of the outermost dimension, as absent elements are told
};

/// Nothing when the layout has no such element. Throws Error(BadInput) when it has, but not that value.
std::optional<ValuePlace> find_value(const StructDefinition& layout, std::string_view path) {
    const auto [base, indices] = schema::split_value_path(path);
    const auto* element = evolution::find_element(layout, base);
    if (element == nullptr) return std::nullopt;
    const auto rank = schema::num_indices(*element);
    ValuePlace place{element, 0, indices.empty() ? 0 : indices[0]};
    bool fits = indices.size() == rank;
    for (std::size_t i = 0; fits && i < rank; ++i) {
        fits = indices[i] < element->dims[i];
        place.index = place.index * element->dims[i] + indices[i];
    }
    if (fits) return place;
    throw Error(ErrorCode::BadInput,
                {"an order is by one value", "order by " + std::string(path),
                 rank == 0 ? element->path : "an index in each dimension of " + element->path, std::string(path), ""});
}

OrderKey key_of(const StoredObject& object, const ValuePlace& place) {
    const auto& element = *place.element;
    OrderKey key;
    if (is_absent(object, element.path, place.first)) return key;
    const auto* at = object.row.get() + element.offset + place.index * schema::value_size(element);
    if (is_identity(element.type)) {
        if (is_null_identity(element.type, at)) return key;
        key.text.assign(reinterpret_cast<const char*>(at), size_of(element.type));
    } else if (element.is_text()) {
        key.text = schema::text_at(at, element.dims.back());
    } else {
        with_number_type(element.type, [&]<class T>(T) { key.number = static_cast<long double>(load_number<T>(at)); });
        key.is_nan = std::isnan(key.number);
    }
    key.kind = OrderKey::Kind::Value;
    return key;
}

/// The keys of some objects, in their order.
std::vector<OrderKey> keys_of(std::span<const StoredObject* const> objects, std::string_view path,
                              const FindObjects& find) {
    std::vector<OrderKey> keys(objects.size());
    std::vector<ObjectId> wanted;
    std::map<ObjectId, std::vector<std::size_t>> referring;
    std::string rest;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        const auto& object = *objects[i];
        if (const auto place = find_value(*object.layout, path)) {
            keys[i] = key_of(object, *place);
            continue;
        }
        const std::vector<DefinitionPtr> layouts{object.layout};
        const auto across = evolution::find_reference_path(path, layouts);
        if (!across) {
            std::vector<std::string> known;
            for (const auto& element : object.layout->elements) known.push_back(element.path);
            throw Error(ErrorCode::Unknown,
                        {"no element to order by", "order by " + std::string(path),
                         "an element of " + object.layout->name, schema::shown(path), did_you_mean(path, known)});
        }
        rest = across->rest;
        const auto place = find_value(*object.layout, across->reference);
        const auto key = key_of(object, *place);
        if (key.kind == OrderKey::Kind::None) continue;
        ObjectId id{};
        std::memcpy(id.bytes, key.text.data(), sizeof id.bytes);
        auto& list = referring[id];
        if (list.empty()) wanted.push_back(id);
        list.push_back(i);
    }
    if (wanted.empty()) return keys;
    const auto found = find(wanted);
    std::vector<const StoredObject*> targets;
    for (const auto& one : found) {
        if (one) targets.push_back(&*one);
    }
    const auto theirs = keys_of(targets, rest, find);
    for (std::size_t t = 0; t < targets.size(); ++t) {
        for (const auto i : referring.at(targets[t]->id)) keys[i] = theirs[t];
    }
    return keys;
}

}  // namespace

void order_objects(std::vector<StoredObject>& objects, const ObjectOrder& order, const FindObjects& find) {
    std::vector<const StoredObject*> list;
    for (const auto& object : objects) list.push_back(&object);
    const auto keys = keys_of(list, order.path, find);
    std::vector<std::size_t> places(objects.size());
    for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
    if (order.descending) std::ranges::reverse(places);
    std::ranges::stable_sort(places, [&](std::size_t a, std::size_t b) {
        if (keys[a].kind != keys[b].kind) return keys[a].kind == OrderKey::Kind::Value;
        if (keys[a].kind == OrderKey::Kind::None) return false;
        return order.descending ? keys[b].is_below(keys[a]) : keys[a].is_below(keys[b]);
    });
    std::vector<StoredObject> sorted;
    sorted.reserve(objects.size());
    for (const auto i : places) sorted.push_back(std::move(objects[i]));
    objects = std::move(sorted);
}

namespace {

/// The condition without what a parameter says: that a member is there is asked in its place.
Condition without_parameters(const Condition& condition) {
    auto out = condition;
    for (auto& part : out.parts) part = without_parameters(part);
    const auto erased = std::erase_if(
        out.values, [](const ValueFilter::Value& value) { return std::holds_alternative<Parameter>(value); });
    if (erased != 0 && out.values.empty()) {
        out.kind = Condition::Kind::IsNull;
        out.op = ValueOp::Equal;
    }
    return out;
}

}  // namespace

void check_query(StackPool& pool, Peers* peers, const std::string& struct_name, const Condition& where,
                 const ObjectOrder& order) {
    KnownStructs structs(pool, peers);
    const std::function<void(const std::string&, const Condition&)> check = [&](const std::string& name,
                                                                                const Condition& condition) {
        const auto& definitions = structs.of(name);
        (void)evolution::make_value_tests(condition, definitions, *pool.traits().units, nullptr,
                                          [&](const std::string& target, const Condition& rest) {
                                              check(target, rest);
                                              return evolution::ReferenceSet{};
                                          });
    };
    check(struct_name, without_parameters(where));
    if (order.path.empty()) return;
    check(struct_name, Condition{.kind = Condition::Kind::IsNull, .parts = {}, .path = order.path});
}

}  // namespace etalon::database
