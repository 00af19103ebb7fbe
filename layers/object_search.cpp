#include "layers/object_search.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "backends/proof.h"
#include "base/nearest.h"
#include "etalon/error.h"
#include "layers/catalog.h"
#include "layers/conditions.h"
#include "layers/name_entries.h"
#include "layers/stack.h"
#include "place/object_search.h"
#include "place/objects.h"

namespace etalon::layers {

using backends::TransactionMode;
using place::ReadContext;

namespace {

/// A struct in the layers of a stack, within one transaction each.
class StructSearch {
public:
    StructSearch(LayerStack& stack, std::string_view struct_name, const std::optional<AsOf>& as_of) : stack_(stack) {
        commits_ = commits_as_of(stack, "", as_of);
        context_.rules = stack.rules_at(commits_);
        for (std::size_t i = 0; i < stack.layers().size(); ++i) {
            auto& place = *stack.layers()[i].place;
            transactions_.push_back(place.connection().begin(TransactionMode::Read));
            structs_.push_back(place.find_struct_as_of(*transactions_.back(), struct_name, commits_.commits[i]));
        }
    }

    [[nodiscard]] bool is_known() const {
        return std::ranges::any_of(structs_, [](const auto& one) { return one != nullptr; });
    }

    /// The versions of all layers.
    [[nodiscard]] std::vector<store::SchemaPtr> versions() const { return versions_of(structs_); }

    /// Typed once for all layers, without references to follow.
    [[nodiscard]] std::shared_ptr<const place::TypedCondition> type(const Condition& condition) const {
        return type_condition(stack_, structs_, condition, context_);
    }

    /// Calls `use(place, transaction, struct, context)` for each layer that knows it and has objects, top first.
    template <class Use>
    void for_each(const Use& use) {
        for (std::size_t layer = 0; layer < structs_.size(); ++layer) {
            if (!structs_[layer]) continue;
            auto& place = *stack_.layers()[layer].place;
            // Of several layers an older one has none; the only one says so.
            if (!stack_.several()) place::check_has_objects(place);
            if (!backends::has_objects(place.connection().format())) continue;
            auto context = context_;
            context.snapshot = commits_.commits[layer];
            use(place, *transactions_[layer], structs_[layer], context);
        }
    }
    /// Other layers may be asked for layouts.
    void end_transactions() { transactions_.clear(); }
    [[nodiscard]] const LayerCommits& commits() const noexcept { return commits_; }

private:
    LayerStack& stack_;
    LayerCommits commits_;
    Transactions transactions_;
    std::vector<place::StructPtr> structs_;
    ReadContext context_;
};

}  // namespace

std::vector<DefinitionPtr> find_definitions(LayerStack& stack, std::string_view struct_name) {
    std::vector<DefinitionPtr> definitions;
    for (const auto& version : StructSearch(stack, struct_name, std::nullopt).versions()) {
        definitions.push_back(version->definition);
    }
    return definitions;
}

void throw_unknown_struct(LayerStack& stack, std::string_view struct_name) {
    std::vector<std::string> names;
    for (const auto& one : list_structs(stack)) names.push_back(one.name);
    const auto near = did_you_mean(struct_name, names);
    throw Error(ErrorCode::Unknown, {"unknown struct", "database " + stack.name(), "a registered struct",
                                     std::string(struct_name), near.empty() ? "see 'etalon structs'" : near});
}

std::vector<StoredObject> search_objects(LayerStack& stack, const ObjectQuery& query, AcrossReferences across) {
    StructSearch search(stack, query.struct_name, query.read.as_of);
    if (!search.is_known()) {
        search.end_transactions();
        throw_unknown_struct(stack, query.struct_name);
    }
    if (query.entered_to && query.entered_to->ns <= (query.entered_from ? query.entered_from->ns : kMinusInfinity)) {
        throw Error(ErrorCode::Usage, {"the range of entry times is empty", "objects of " + query.struct_name,
                                       "entered from before entered to", "up to " + format_time(*query.entered_to),
                                       "ranges are half-open"});
    }
    const bool by_commit = query.order.path.empty();
    ReadContext reading{0, stack.rules_at(search.commits()), stack.own(query.read.layout), query.read.schema, {}};
    reading.options.strict = query.read.strict;
    reading.options.lenient = query.read.lenient;
    const auto typed = across == AcrossReferences::Inside ? nullptr : search.type(query.where);
    struct Part {
        place::Place* place;
        std::unique_ptr<place::ObjectRows> rows;
        std::int64_t snapshot;
    };
    std::vector<Part> parts;
    search.for_each([&](place::Place& place, backends::Transaction& tx, const place::StructPtr& of_struct,
                        const ReadContext& context) {
        place::ObjectSearch in_place(place, tx, context);
        place::ObjectSearch::Wanted wanted;
        wanted.of_struct = of_struct;
        wanted.where = typed ? typed : in_place.type(*of_struct, query.where);
        if (query.entered_from) wanted.entered_from = query.entered_from->ns;
        if (query.entered_to) wanted.entered_to = query.entered_to->ns;
        wanted.descending = by_commit && query.order.descending;
        // Of several layers one may have what another has, too.
        constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        if (by_commit && query.limit != 0 && !stack.several())
            wanted.limit = static_cast<std::int64_t>(std::min(query.limit, kMost));
        parts.push_back({&place, std::make_unique<place::ObjectRows>(place, tx), context.snapshot});
        in_place.find(wanted, *parts.back().rows);
    });
    search.end_transactions();
    DefinitionPtr newest;
    const auto find_layout = [&](const place::StructEntry& of_struct) {
        if (!stack.several()) return place::find_object_layout(of_struct, reading);
        // The lowest layer that knows a struct counts its versions.
        if (!newest) newest = get_definition(stack, of_struct.name(), reading.schema);
        return newest;
    };
    std::vector<StoredObject> objects;
    std::set<ObjectId> known;
    for (auto& part : parts) {
        reading.snapshot = part.snapshot;
        for (auto& object : part.rows->convert(reading, find_layout)) {
            if (!stack.several() || known.insert(object.id).second) objects.push_back(std::move(object));
        }
    }
    if (stack.several()) {
        sort_objects(objects, by_commit && query.order.descending);
        if (by_commit && query.limit != 0 && objects.size() > query.limit) objects.resize(query.limit);
    }
    return objects;
}

std::vector<ObjectId> search_ids(LayerStack& stack, const std::string& struct_name, const Condition& condition,
                                 const std::optional<AsOf>& as_of) {
    StructSearch search(stack, struct_name, as_of);
    if (!search.is_known()) return {};
    const auto typed = search.type(condition);
    std::set<ObjectId> ids;
    search.for_each([&](place::Place& place, backends::Transaction& tx, const place::StructPtr& of_struct,
                        const ReadContext& context) {
        place::ObjectSearch in_place(place, tx, context);
        place::ObjectSearch::Wanted wanted;
        wanted.of_struct = of_struct;
        wanted.where = typed;
        for (const auto& id : in_place.find_ids(wanted)) ids.insert(id);
    });
    return {ids.begin(), ids.end()};
}

void sort_objects(std::vector<StoredObject>& objects, bool descending) {
    std::ranges::stable_sort(objects, [&](const StoredObject& a, const StoredObject& b) {
        return descending ? b.entry_time < a.entry_time : a.entry_time < b.entry_time;
    });
}

}  // namespace etalon::layers
