#include "place/object_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "backends/proof.h"
#include "etalon/error.h"
#include "objects/search.h"
#include "objects/tables.h"
#include "schema/references.h"
#include "store/joined_rows.h"
#include "store/payload.h"

namespace etalon::place {

using backends::Cursor;

namespace {

constexpr const char* kVerify = "see 'etalon verify --deep'; restore what was changed from a copy";

[[noreturn]] void throw_damaged(const objects::ObjectRow& object, const std::string& struct_name, std::string what,
                                std::string expected, std::string found) {
    throw Error(ErrorCode::Corrupt,
                {std::move(what), fmt::format("object {} of struct {}", format_id(object.id), struct_name),
                 std::move(expected), std::move(found), kVerify});
}

}  // namespace

const std::vector<Cursor::PlacedCell>& JoinedCells::of(const store::SchemaRecord& schema) {
    const auto [known, is_new] = versions_.try_emplace(schema.schema_id);
    auto& cells = known->second;
    if (!is_new) return cells;
    const auto& index = of_struct_->column_index.at(schema.schema_id);
    for (std::size_t i = 0; i < index.size(); ++i) {
        const auto& element = schema.canonical->elements[i];
        cells.push_back({first_ + index[i], {element.type, element.dims}, element.offset});
    }
    return cells;
}

ObjectRows::One& ObjectRows::begin(const objects::ObjectRow& object) {
    auto& one = objects_.emplace_back();
    one.row = object;
    one.of_struct = place_.get_struct(tx_, object.struct_id);
    one.schema = one.of_struct->find(object.schema_id);
    if (!one.schema) {
        one.of_struct = place_.reload_struct(tx_, object.struct_id);
        one.schema = one.of_struct->find(object.schema_id);
    }
    if (!one.schema) {
        throw_damaged(object, one.of_struct->name(), "rows of an unknown schema version", "a recorded schema version",
                      std::to_string(object.schema_id));
    }
    auto& group = groups_[one.schema.get()];
    one.at = group.num_rows++;
    group.rows.resize(group.num_rows * one.schema->canonical->size);
    return one;
}

std::byte* ObjectRows::row_of(const One& one) {
    return groups_.at(one.schema.get()).rows.data() + one.at * one.schema->canonical->size;
}

const std::byte* ObjectRows::canonical(std::size_t i) const {
    const auto& one = objects_[i];
    return groups_.at(one.schema.get()).rows.data() + one.at * one.schema->canonical->size;
}

void ObjectRows::add(const objects::ObjectRow& object) {
    (void)begin(object);
}

void ObjectRows::add(const objects::ObjectRow& object, const Cursor& cursor, JoinedCells& joined) {
    auto& one = begin(object);
    // A version that was recorded after the statement was made has columns that it does not join.
    if (object.encoding != Storage::Columns || !joined.of_struct().find(object.schema_id)) return;
    cursor.read_cells(joined.of(*one.schema), row_of(one));
    one.is_read = true;
}

void ObjectRows::find(std::span<const ObjectId> ids, std::int64_t snapshot, const StructPtr& of_struct) {
    const bool is_joined = of_struct && !of_struct->record.is_binary && !of_struct->columns.empty();
    if (!is_joined || ids.empty() || !backends::has_objects(tx_)) {
        for (const auto& [id, row] : objects::find_objects(tx_, ids, snapshot)) add(row);
        return;
    }
    JoinedCells joined(of_struct, objects::object_table().width());
    const auto cursor = tx_.query(objects::select_listed(tx_.engine(), ids, snapshot, of_struct->record.table_name,
                                                         store::list_columns("r", of_struct->columns)));
    while (cursor->next()) {
        const auto object = objects::read_object(*cursor, 0);
        if (object.struct_id == of_struct->record.id) {
            add(object, *cursor, joined);
        } else {
            add(object);
        }
    }
}

void ObjectRows::read_columns() {
    std::map<std::int64_t, std::map<std::int64_t, One*>> structs;  // by struct, then dataID
    for (auto& one : objects_) {
        if (!one.is_read && one.row.encoding == Storage::Columns)
            structs[one.row.struct_id].emplace(one.row.data_id, &one);
    }
    for (auto& [struct_id, wanted] : structs) {
        const auto of_struct = place_.get_struct(tx_, struct_id);
        std::vector<std::int64_t> data_ids;
        for (const auto& [data_id, one] : wanted) data_ids.push_back(data_id);
        JoinedCells cells(of_struct, 2);
        const auto cursor = store::read_rows_of(tx_, of_struct->record.table_name, of_struct->columns, data_ids);
        while (cursor->next()) {
            auto& one = *wanted.at(cursor->integer(0));
            if (one.is_read || cursor->integer(1) != 0) {
                throw_damaged(one.row, of_struct->name(), "an object has several rows", "one row", "more");
            }
            cursor->read_cells(cells.of(*one.schema), row_of(one));
            one.is_read = true;
        }
    }
}

void ObjectRows::read_bytes() {
    std::map<std::int64_t, One*> wanted;
    std::vector<std::int64_t> data_ids;
    for (auto& one : objects_) {
        if (one.is_read || one.row.encoding == Storage::Columns) continue;
        if (wanted.emplace(one.row.data_id, &one).second) data_ids.push_back(one.row.data_id);
    }
    if (wanted.empty()) return;
    const auto cursor = store::read_chunks_of(tx_, std::move(data_ids));
    One* current = nullptr;
    std::optional<store::ChunkAssembler> chunks;
    const auto finish = [&] {
        if (current == nullptr) return;
        const auto block = chunks->finish(current->row.data_id);
        std::memcpy(row_of(*current), block.data.data(), current->schema->canonical->size);
        current->is_read = true;
    };
    while (cursor->next()) {
        auto* one = wanted.at(cursor->integer(0));
        if (one != current) {
            finish();
            current = one;
            chunks.emplace(*one->schema, 1);
        }
        chunks->add(cursor->integer(1), cursor->bytes(2));
    }
    finish();
}

void ObjectRows::read() {
    // An object that was asked for twice is read once.
    std::map<std::int64_t, std::size_t> first;
    std::vector<std::pair<std::size_t, std::size_t>> again;
    read_columns();
    read_bytes();
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        const auto [known, is_new] = first.emplace(objects_[i].row.data_id, i);
        if (!is_new) again.emplace_back(i, known->second);
    }
    for (const auto& [to, from] : again) {
        if (objects_[to].is_read) continue;
        std::memcpy(row_of(objects_[to]), row_of(objects_[from]), objects_[to].schema->canonical->size);
        objects_[to].is_read = objects_[from].is_read;
    }
    for (auto& one : objects_) {
        const auto& name = one.schema->definition->name;
        if (!one.is_read) throw_damaged(one.row, name, "the row of an object is not there", "one row", "none");
        if (!tx_.verified()) continue;
        one.content_hash = schema::hash_row({row_of(one), one.schema->canonical->size});
        const auto id = schema::make_object_id(name, one.schema->definition_hash, one.content_hash);
        if (id == one.row.id) continue;
        throw_damaged(one.row, name, "the row of an object is not the one that was written", "a row with this id",
                      "one with the id " + format_id(id));
    }
}

void ObjectRows::keep_if(const std::function<bool(std::size_t i)>& keeps) {
    std::vector<One> kept;
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        if (keeps(i)) kept.push_back(objects_[i]);
    }
    objects_ = std::move(kept);
}

DefinitionPtr find_object_layout(const StructEntry& of_struct, const ReadContext& context) {
    const auto wanted = context.schema != 0 ? context.schema : of_struct.record.last_schema;
    if (const auto schema = of_struct.find(wanted)) return schema->definition;
    throw Error(ErrorCode::Unknown, {"no such schema version", fmt::format("struct {}", of_struct.name()),
                                     fmt::format("a number from 1 to {}", of_struct.schemas.size()),
                                     std::to_string(wanted), fmt::format("see 'etalon schema {}'", of_struct.name())});
}

std::vector<StoredObject> ObjectRows::convert(const ReadContext& context, const FindLayout& find_layout) const {
    // Rows of one schema version share a block of the asked layout.
    struct Converted {
        ReadPlanPtr plan;
        std::string struct_name;
        std::shared_ptr<const std::byte> rows;
        std::vector<std::uint64_t> losses;
    };
    std::map<const store::SchemaRecord*, Converted> converted;
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        const auto& one = objects_[i];
        const auto [known, is_new] = converted.try_emplace(one.schema.get());
        if (!is_new) continue;
        auto& to = known->second;
        auto layout = context.definition;
        if (layout && !one.of_struct->is_called(layout->name)) {
            throw Error(ErrorCode::BadInput, {"an object of another struct", "object " + format_id(one.row.id),
                                              "one of struct " + layout->name, "one of struct " + one.of_struct->name(),
                                              "read it in a layout of its struct, or leave the layout out"});
        }
        if (context.as_stored) layout = one.schema->definition;
        if (!layout) layout = find_layout(*one.of_struct);
        try {
            to.plan = place_.get_read_plan(one.schema, layout, context);
        } catch (const Error& error) {
            throw error.within("object " + format_id(one.row.id));
        }
        to.struct_name = context.name_of_struct(one.of_struct->record.name);
        const auto& group = groups_.at(one.schema.get());
        AlignedBuffer rows(layout->size * group.num_rows);
        to.losses.resize(group.num_rows);
        for (std::size_t j = i; j < objects_.size(); ++j) {
            const auto& other = objects_[j];
            if (other.schema != one.schema) continue;
            try {
                to.losses[other.at] =
                    to.plan->convert->run(canonical(j), rows.data() + other.at * layout->size, 1).losses;
            } catch (const Error& error) {
                if (error.code() != ErrorCode::Conversion) throw;
                throw error.within("object " + format_id(other.row.id));
            }
        }
        to.rows = share(std::move(rows));
    }
    std::vector<StoredObject> objects;
    objects.reserve(objects_.size());
    const bool is_private = place_.is_private();
    for (const auto& one : objects_) {
        const auto& from = converted.at(one.schema.get());
        const auto& layout = from.plan->asked;
        StoredObject object;
        object.id = one.row.id;
        object.struct_name = from.struct_name;
        object.schema = one.row.schema_id;
        // Numbers and times of commits in memory mean nothing to others.
        object.commit = is_private ? 0 : one.row.commit;
        object.position = one.row.position;
        object.entry_time = Time{is_private ? kMinusInfinity : one.row.entry_time};
        object.database = place_.name();
        object.layer = place_.connection().place();
        object.layout = layout;
        object.row = {from.rows, from.rows.get() + one.at * layout->size};
        object.absent = from.plan->convert->absent();
        object.truncated = from.plan->convert->truncated();
        object.losses = from.losses[one.at];
        objects.push_back(std::move(object));
    }
    return objects;
}

}  // namespace etalon::place
