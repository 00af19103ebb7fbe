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

const std::vector<Cursor::PlacedCell>* JoinedCells::find(const store::SchemaRecord& schema) {
    const auto [known, is_new] = versions_.try_emplace(schema.schema_id);
    auto& cells = known->second;
    if (!is_new) return cells.empty() ? nullptr : &cells;
    const auto index = of_struct_->column_index.find(schema.schema_id);
    if (index == of_struct_->column_index.end()) return nullptr;
    for (std::size_t i = 0; i < index->second.size(); ++i) {
        const auto& element = schema.canonical->elements[i];
        cells.push_back({first_ + index->second[i], {element.type, element.dims}, element.offset});
    }
    return &cells;
}

ObjectRows::Group& ObjectRows::group_of(const objects::ObjectRow& object) {
    if (last_ != nullptr && last_->schema->struct_id == object.struct_id &&
        last_->schema->schema_id == object.schema_id) {
        return *last_;
    }
    const std::pair key(object.struct_id, object.schema_id);
    if (const auto known = groups_.find(key); known != groups_.end()) return *(last_ = &known->second);
    auto of_struct = place_.get_struct(tx_, object.struct_id);
    auto schema = of_struct->find(object.schema_id);
    if (!schema) {
        of_struct = place_.reload_struct(tx_, object.struct_id);
        schema = of_struct->find(object.schema_id);
    }
    if (!schema) {
        throw_damaged(object, of_struct->name(), "rows of an unknown schema version", "a recorded schema version",
                      std::to_string(object.schema_id));
    }
    last_ = &groups_.emplace(key, Group{std::move(of_struct), std::move(schema), {}, 0}).first->second;
    return *last_;
}

ObjectRows::One& ObjectRows::begin(const objects::ObjectRow& object) {
    auto& group = group_of(object);
    auto& one = objects_.emplace_back();
    one.row = object;
    one.group = &group;
    one.at = group.num_rows++;
    group.rows.resize(group.num_rows * group.schema->canonical->size);
    return one;
}

void ObjectRows::add(const objects::ObjectRow& object) {
    (void)begin(object);
}

void ObjectRows::add(const objects::ObjectRow& object, const Cursor& cursor, JoinedCells& joined) {
    auto& one = begin(object);
    if (object.encoding != Storage::Columns) return;
    const auto* cells = joined.find(*one.group->schema);
    if (cells == nullptr) return;
    cursor.read_cells(*cells, one.data());
    one.is_read = true;
}

void ObjectRows::find(std::span<const ObjectId> ids, std::int64_t snapshot, const StructPtr& of_struct) {
    const bool is_joined = of_struct && !of_struct->record.is_binary && !of_struct->columns.empty();
    if (!is_joined || ids.empty() || !backends::has_objects(tx_)) {
        for (const auto& [id, row] : objects::find_objects(tx_, ids, snapshot)) add(row);
        return;
    }
    const int row_at = objects::object_table().width();
    JoinedCells joined(of_struct, row_at + 1);
    const auto cursor = tx_.query(objects::select_listed(tx_.engine(), ids, snapshot, of_struct->record.table_name,
                                                         store::list_columns("r", of_struct->columns)));
    while (cursor->next()) {
        const auto object = objects::read_object(*cursor, 0);
        if (object.struct_id == of_struct->record.id && !cursor->is_null(row_at)) {
            add(object, *cursor, joined);
        } else {
            add(object);  // read() looks for its row, and says so when it is not there
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
            const auto* placed = cells.find(*one.group->schema);
            if (placed == nullptr) continue;  // is told as missing
            cursor->read_cells(*placed, one.data());
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
        std::memcpy(current->data(), block.data.data(), current->group->schema->canonical->size);
        current->is_read = true;
    };
    while (cursor->next()) {
        auto* one = wanted.at(cursor->integer(0));
        if (one != current) {
            finish();
            current = one;
            chunks.emplace(*one->group->schema, 1);
        }
        chunks->add(cursor->integer(1), cursor->bytes(2));
    }
    finish();
}

void ObjectRows::copy_repeated() {
    const auto is_unread = [](const One& one) { return !one.is_read; };
    if (std::ranges::none_of(objects_, is_unread)) return;
    std::map<std::int64_t, const One*> read;
    for (const auto& one : objects_) {
        if (one.is_read) read.emplace(one.row.data_id, &one);
    }
    for (auto& one : objects_) {
        const auto known = one.is_read ? read.end() : read.find(one.row.data_id);
        if (known == read.end()) continue;
        std::memcpy(one.data(), known->second->data(), one.group->schema->canonical->size);
        one.is_read = true;
    }
}

void ObjectRows::read() {
    read_columns();
    read_bytes();
    copy_repeated();
    for (auto& one : objects_) {
        const auto& name = one.struct_name();
        if (!one.is_read) throw_damaged(one.row, name, "the row of an object is not there", "one row", "none");
        if (!tx_.verified()) continue;
        const auto& schema = *one.group->schema;
        one.content_hash = schema::hash_row({one.data(), schema.canonical->size});
        const auto id = schema::make_object_id(name, schema.definition_hash, one.content_hash);
        if (id == one.row.id) continue;
        throw_damaged(one.row, name, "the row of an object is not the one that was written", "a row with this id",
                      "one with the id " + format_id(id));
    }
}

void ObjectRows::sort(bool descending) {
    const auto place = [](const One& one) { return std::pair(one.row.commit, one.row.position); };
    if (descending) {
        std::ranges::stable_sort(objects_, std::ranges::greater{}, place);
    } else {
        std::ranges::stable_sort(objects_, std::ranges::less{}, place);
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

ObjectRows::Converted ObjectRows::convert_group(const Group& group, const ReadContext& context,
                                                const FindLayout& find_layout) const {
    std::vector<const One*> members;
    for (const auto& one : objects_) {
        if (one.group == &group) members.push_back(&one);
    }
    const auto name_of = [](const One& one) { return "object " + format_id(one.row.id); };
    auto layout = context.definition;
    if (layout && !group.of_struct->is_called(layout->name)) {
        throw Error(ErrorCode::BadInput, {"an object of another struct", name_of(*members.front()),
                                          "one of struct " + layout->name, "one of struct " + group.of_struct->name(),
                                          "read it in a layout of its struct, or leave the layout out"});
    }
    if (context.as_stored) layout = group.schema->definition;
    if (!layout) layout = find_layout(*group.of_struct);
    Converted to;
    try {
        to.plan = place_.get_read_plan(group.schema, layout, context);
    } catch (const Error& error) {
        throw error.within(name_of(*members.front()));
    }
    to.struct_name = context.name_of_struct(group.of_struct->record.name);
    to.losses.resize(group.num_rows);
    AlignedBuffer rows(layout->size * group.num_rows);
    const auto convert = [&](std::uint64_t row, std::uint64_t count) {
        const auto* from = group.rows.data() + row * group.schema->canonical->size;
        return to.plan->convert->run(from, rows.data() + row * layout->size, count).losses;
    };
    const auto convert_each = [&] {
        for (const auto* one : members) {
            try {
                to.losses[one->at] = convert(one->at, 1);
            } catch (const Error& error) {
                if (error.code() != ErrorCode::Conversion) throw;
                throw error.within(name_of(*one));
            }
        }
    };
    bool is_done = false;
    // Mostly all are wanted, and none loses anything.
    if (members.size() == group.num_rows) {
        try {
            is_done = convert(0, group.num_rows) == 0;
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Conversion) throw;
        }
    }
    if (!is_done) convert_each();  // tells which
    to.rows = share(std::move(rows));
    return to;
}

std::vector<StoredObject> ObjectRows::convert(const ReadContext& context, const FindLayout& find_layout) const {
    std::map<const Group*, Converted> converted;
    for (const auto& one : objects_) {
        if (!converted.contains(one.group))
            converted.emplace(one.group, convert_group(*one.group, context, find_layout));
    }
    std::vector<StoredObject> objects;
    objects.reserve(objects_.size());
    const bool is_private = place_.is_private();
    for (const auto& one : objects_) {
        const auto& from = converted.at(one.group);
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
