#include "etalon/graph.h"

#include <fmt/format.h>

#include <cstring>
#include <functional>
#include <map>
#include <utility>

#include "base/bytes.h"
#include "etalon/database.h"
#include "etalon/error.h"
#include "etalon/federation.h"
#include "schema/definition.h"

namespace etalon {

namespace detail {

DefinitionPtr parse_compiled_definition(std::string_view name, std::string_view definition) {
    return std::make_shared<const StructDefinition>(
        schema::from_json(definition, fmt::format("the compiled definition of {}", name)));
}

void throw_bad_object_index(std::size_t index, std::size_t size) {
    throw Error(ErrorCode::Usage,
                {"object index out of range", "", size == 0 ? "no objects" : fmt::format("0 to {}", size - 1),
                 std::to_string(index), ""});
}

/// What a graph holds. An object that is read in two layouts is there twice.
class GraphData {
public:
    using Find =
        std::function<std::vector<std::optional<StoredObject>>(std::span<const ObjectId>, const ObjectReadOptions&)>;
    using Put = std::function<ObjectPutResult(std::span<const ObjectPut>, const CommitInfo&, const ObjectPutOptions&)>;
    using Key = std::pair<const StructDefinition*, ObjectId>;

    struct Held {
        std::shared_ptr<const std::byte> row;
        std::vector<std::string> absent;
    };

    GraphData(Find find_objects, Put put_objects, ObjectReadOptions read_options)
        : find(std::move(find_objects)), put(std::move(put_objects)), options(std::move(read_options)) {}

    /// Reads those that are not there yet; what no database has stays away.
    void load(const DefinitionPtr& layout, std::span<const ObjectId> ids) {
        std::vector<ObjectId> missing;
        std::map<ObjectId, bool> seen;
        for (const auto& id : ids) {
            if (id.is_null() || held.contains({layout.get(), id}) || !seen.try_emplace(id, true).second) continue;
            missing.push_back(id);
        }
        if (missing.empty()) return;
        auto how = options;
        how.layout = layout;
        how.schema = 0;
        auto found = find(missing, how);
        for (std::size_t i = 0; i < missing.size(); ++i) {
            if (!found[i]) continue;
            held.emplace(Key{layout.get(), missing[i]}, Held{std::move(found[i]->row), std::move(found[i]->absent)});
        }
        layouts.insert_or_assign(layout.get(), layout);
    }

    const Held& get(const DefinitionPtr& layout, const ObjectId& id) {
        if (const auto known = held.find({layout.get(), id}); known != held.end()) return known->second;
        if (id.is_null()) {
            throw Error(ErrorCode::Usage, {"a null reference leads to no object", "struct " + layout->name, "", "",
                                           "ask with is_null(), or with Graph::find"});
        }
        load(layout, {&id, 1});
        if (const auto known = held.find({layout.get(), id}); known != held.end()) return known->second;
        throw Error(ErrorCode::Unknown, {"no such object", fmt::format("{} {}", layout->name, format_id(id)), "", "",
                                         "was it put after the snapshot that is read as of?"});
    }

    Find find;
    Put put;
    ObjectReadOptions options;
    std::map<Key, Held> held;
    std::map<const StructDefinition*, DefinitionPtr> layouts;  ///< keeps what the keys point to
    std::vector<ObjectPut> added;                              ///< and not put yet
};

}  // namespace detail

Graph::Graph(Database& database, ObjectReadOptions options)
    : data_(std::make_unique<detail::GraphData>(
          [&database](std::span<const ObjectId> ids, const ObjectReadOptions& how) {
              return database.find_objects(ids, how);
          },
          [&database](std::span<const ObjectPut> objects, const CommitInfo& info, const ObjectPutOptions& how) {
              return database.put_objects(objects, info, how);
          },
          std::move(options))) {}

Graph::Graph(Federation& federation, ObjectReadOptions options)
    : data_(std::make_unique<detail::GraphData>(
          [&federation](std::span<const ObjectId> ids, const ObjectReadOptions& how) {
              return federation.find_objects(ids, how);
          },
          [&federation](std::span<const ObjectPut> objects, const CommitInfo& info, const ObjectPutOptions& how) {
              return federation.put_objects(objects, info, how);
          },
          std::move(options))) {}

Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(Graph&&) noexcept = default;
Graph::~Graph() = default;

ObjectId Graph::add_row(const DefinitionPtr& layout, const std::byte* row) {
    // Rows of a T are read through pointers to one: aligned as any.
    const auto block = std::make_shared<AlignedBuffer>(layout->size);
    std::memcpy(block->data(), row, layout->size);
    fill_uids(*layout, block->data());
    const auto id = compute_object_id(*layout, block->data());
    const detail::GraphData::Key key{layout.get(), id};
    if (data_->held.contains(key)) return id;
    const std::shared_ptr<const std::byte> shared(block, block->data());
    data_->layouts.insert_or_assign(layout.get(), layout);
    data_->held.emplace(key, detail::GraphData::Held{shared, {}});
    data_->added.push_back({layout, shared});
    return id;
}

ObjectPutResult Graph::put(const CommitInfo& info, const ObjectPutOptions& options) {
    if (data_->added.empty()) return {};
    auto result = data_->put(data_->added, info, options);
    if (!options.dry_run) data_->added.clear();
    return result;
}

const std::byte* Graph::get_row(const DefinitionPtr& layout, const ObjectId& id) {
    return data_->get(layout, id).row.get();
}

const std::vector<std::string>& Graph::get_absent(const DefinitionPtr& layout, const ObjectId& id) {
    return data_->get(layout, id).absent;
}

void Graph::prefetch_rows(const DefinitionPtr& layout, std::span<const ObjectId> ids) {
    data_->load(layout, ids);
}

std::size_t Graph::size() const noexcept {
    return data_->held.size();
}

}  // namespace etalon
