#include "place/objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <tuple>
#include <utility>

#include "backends/proof.h"
#include "base/bytes.h"
#include "conversion/canonical.h"
#include "etalon/error.h"
#include "index/usage.h"
#include "place/own_structs.h"
#include "schema/definition.h"
#include "schema/limits.h"
#include "schema/references.h"
#include "store/audit.h"
#include "store/element_keys.h"
#include "store/joined_rows.h"

namespace etalon::place {

using backends::Transaction;
using backends::TransactionMode;

namespace {

constexpr std::int64_t kAll = kPlusInfinity;

/// Whether `objectRef` has a reference of such an element.
bool is_listed(const Element& element, Storage encoding) {
    return element.type == ScalarType::Ref && (encoding == Storage::Bytes || !element.dims.empty());
}

bool has_listed(const StructDefinition& definition, Storage encoding) {
    return std::ranges::any_of(definition.elements, [&](const Element& one) { return is_listed(one, encoding); });
}

}  // namespace

std::string name_of_put(const ObjectPut& put, std::size_t number) {
    auto name = put.where.empty() ? fmt::format("object {} of the call", number + 1) : put.where;
    return put.layout ? fmt::format("{}, struct {}", name, put.layout->name) : name;
}

void list_references(const store::SchemaRecord& schema, Storage encoding, std::int64_t data_id,
                     const std::vector<std::int64_t>& keys, std::uint64_t first_row, const schema::RowBlock& rows,
                     std::vector<objects::StoredReference>& references) {
    schema::visit_references(
        *schema.canonical, rows.data.data(), rows.num_rows, [&](const schema::RowReference& reference) {
            if (!is_listed(schema.canonical->elements[reference.element], encoding)) return;
            references.push_back({{data_id, static_cast<std::int64_t>(first_row + reference.row),
                                   keys.at(reference.element), static_cast<std::int64_t>(reference.item)},
                                  reference.id});
        });
}

void store_payloads(Place& place, Transaction& tx, std::span<store::PendingPayload> payloads, std::int64_t entry_time) {
    store::store_payloads(tx, payloads, entry_time);
    std::vector<objects::StoredReference> references;
    std::map<const store::SchemaRecord*, std::vector<std::int64_t>> keys;
    for (const auto& payload : payloads) {
        if (!payload.is_new || !has_listed(*payload.schema->definition, payload.encoding)) continue;
        auto& of_schema = keys[payload.schema.get()];
        if (of_schema.empty()) {
            const auto of_struct = place.get_struct(tx, payload.schema->struct_id);
            const auto all = store::read_element_keys(tx, payload.schema->struct_id, of_struct->schemas);
            for (std::size_t i = 0; i < all.size(); ++i) {
                if (of_struct->schemas[i]->schema_id == payload.schema->schema_id) of_schema = all[i];
            }
        }
        store::visit_rows(payload, [&](std::uint64_t first, const schema::RowBlock& piece) {
            list_references(*payload.schema, payload.encoding, payload.data_id, of_schema, first, piece, references);
        });
    }
    objects::insert_references(tx, references);
}

void check_has_objects(Place& place) {
    const auto& format = place.connection().format();
    if (backends::has_objects(format)) return;
    throw Error(ErrorCode::Format, {"a database of this format has no objects", place.connection().place(),
                                    "format 2.1 or newer", fmt::format("format {}.{}", format.major, format.minor),
                                    "bring it up to date with 'etalon -d URL init --upgrade'"});
}

namespace {

/// A struct that objects are put of.
struct OfLayout {
    StructPtr of_struct;
    store::SchemaPtr schema;
    Storage encoding = Storage::Columns;
    bool has_limits = false;
    std::vector<std::size_t> members;  ///< numbers of the puts
};

OfLayout find_layout(Place& place, Transaction& tx, const ObjectPut& put, std::size_t number) {
    const auto& layout = *put.layout;
    if (is_own_struct(layout.name)) {
        throw Error(ErrorCode::Refused, {"this is one of Etalon's own structs, which has no objects",
                                         name_of_put(put, number), "a struct of yours", layout.name, ""});
    }
    OfLayout found;
    found.of_struct = place.require_struct(tx, layout.name);
    const auto hash = schema::definition_hash(layout);
    for (const auto& schema : found.of_struct->schemas) {
        if (schema->definition_hash == hash) found.schema = schema;
    }
    if (!found.schema) {
        throw Error(ErrorCode::Unknown, {"an object in a layout that is not recorded", name_of_put(put, number),
                                         fmt::format("one of the {} schema versions of {}",
                                                     found.of_struct->schemas.size(), found.of_struct->name()),
                                         fmt::format("another definition of {}", layout.name),
                                         "register its header with 'etalon register'"});
    }
    const bool is_bytes = found.of_struct->record.is_binary || found.schema->columns.empty();
    found.encoding = is_bytes ? Storage::Bytes : Storage::Columns;
    found.has_limits = std::ranges::any_of(layout.elements, [](const Element& one) { return !one.limits.empty(); });
    return found;
}

void check_limits(const ObjectPut& put, std::size_t number) {
    std::string found;
    schema::check_limits(*put.layout, put.row.get(), 1, [&](const schema::LimitViolation& violation) {
        found += (found.empty() ? "" : "; ") + schema::describe(violation);
        return true;
    });
    if (found.empty()) return;
    throw Error(ErrorCode::BadInput, {"a value that its limits do not allow", name_of_put(put, number),
                                      "what the struct says behind limits:", found, "correct the value"});
}

}  // namespace

std::vector<CheckedObject> check_objects(Place& place, std::span<const ObjectPut> puts) {
    std::vector<CheckedObject> checked(puts.size());
    std::map<const StructDefinition*, OfLayout> layouts;
    {
        const auto tx = place.connection().begin(TransactionMode::Read);
        for (std::size_t i = 0; i < puts.size(); ++i) {
            const auto& layout = puts[i].layout;
            if (!layout || !puts[i].row) {
                throw Error(ErrorCode::Usage,
                            {"an object without a layout or a row", name_of_put(puts[i], i), "both", "none", ""});
            }
            auto [known, is_new] = layouts.try_emplace(layout.get());
            if (is_new) known->second = find_layout(place, *tx, puts[i], i);
            known->second.members.push_back(i);
        }
    }
    std::vector<store::PendingPayload> payloads;
    for (const auto& [layout, of_layout] : layouts) {
        // All rows of a layout at once.
        const auto count = of_layout.members.size();
        Bytes rows(layout->size * count);
        for (std::size_t i = 0; i < count; ++i) {
            const auto number = of_layout.members[i];
            const auto* row = puts[number].row.get();
            if (of_layout.has_limits) check_limits(puts[number], number);
            if (const auto uid = schema::find_null_uid(*layout, row); !uid.empty()) {
                throw Error(
                    ErrorCode::BadInput,
                    {"an object without its identity has no id", name_of_put(puts[number], number) + ", member " + uid,
                     "16 bytes that are not all zero", "null", "fill in the uid before the object is put"});
            }
            std::memcpy(rows.data() + i * layout->size, row, layout->size);
        }
        const auto canonical = conversion::to_canonical(*layout, rows, count);
        payloads.clear();
        payloads.reserve(count);
        const auto size = of_layout.schema->canonical->size;
        for (std::size_t i = 0; i < count; ++i) {
            auto& payload = payloads.emplace_back();
            payload.schema = of_layout.schema;
            payload.encoding = of_layout.encoding;
            if (payload.encoding == Storage::Columns) payload.table_name = of_layout.of_struct->record.table_name;
            payload.canonical = {of_layout.schema->canonical, AlignedBuffer(size), 1};
            std::memcpy(payload.canonical.data.data(), canonical.row(i), size);
        }
        store::encode_ahead(payloads);
        for (std::size_t i = 0; i < count; ++i) {
            auto& object = checked[of_layout.members[i]];
            object.put = &puts[of_layout.members[i]];
            object.payload = std::move(payloads[i]);
            object.definition_hash = of_layout.schema->definition_hash;
            object.id = schema::make_object_id(layout->name, object.definition_hash, object.payload.hash);
        }
    }
    return checked;
}

namespace {

[[noreturn]] void throw_mixed_up(const CheckedObject& object) {
    throw Error(ErrorCode::Corrupt,
                {"two contents have the same id",
                 fmt::format("object {}, struct {}", format_id(object.id), object.put->layout->name),
                 "one content for an id", "another one", "nothing was written; somebody made them on purpose"});
}

/// Throws Error(Corrupt) unless those that are there already are whole, and the same.
void check_same(Place& place, Transaction& tx, const std::map<ObjectId, objects::ObjectRow>& there,
                const std::map<ObjectId, const CheckedObject*>& wanted) {
    ObjectRows rows(place, tx);
    for (const auto& [id, row] : there) rows.add(row);
    rows.read();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& object = *wanted.at(rows.object(i).id);
        const auto hash = schema::hash_row({rows.canonical(i), rows.schema(i)->canonical->size});
        if (hash != object.payload.hash || rows.schema(i)->definition_hash != object.definition_hash)
            throw_mixed_up(object);
    }
}

}  // namespace

ObjectPutResult write_objects(Place& place, std::vector<CheckedObject> objects, const std::set<ObjectId>& elsewhere,
                              const ObjectPutOptions& options, const WriteContext& context) {
    ObjectPutResult result;
    std::map<ObjectId, const CheckedObject*> wanted;
    std::vector<ObjectId> ids;
    for (const auto& object : objects) {
        result.objects.push_back({object.id, object.put->layout->name, false});
        const auto [known, is_new] = wanted.emplace(object.id, &object);
        if (is_new) {
            ids.push_back(object.id);
        } else if (known->second->payload.hash != object.payload.hash ||
                   known->second->definition_hash != object.definition_hash) {
            throw_mixed_up(object);
        }
    }
    std::map<ObjectId, objects::ObjectRow> there;
    {
        const auto tx = place.connection().begin(TransactionMode::Read);
        there = objects::find_objects(*tx, ids, kAll);
        check_same(place, *tx, there, wanted);
    }
    const auto is_missing = [&](const ObjectId& id) { return !there.contains(id) && !elsewhere.contains(id); };
    // What is there before is not new; nor is an object that is given once more.
    const auto mark_new = [&](const std::set<ObjectId>& put) {
        std::set<ObjectId> told;
        for (auto& object : result.objects) object.is_new = put.contains(object.id) && told.insert(object.id).second;
    };
    const auto newest = [&] {
        std::int64_t commit = 0;
        for (const auto& [id, row] : there) commit = std::max(commit, row.commit);
        return commit != 0 ? commit : place.find_last_commit().seq;
    };
    std::vector<ObjectId> missing;
    std::ranges::copy_if(ids, std::back_inserter(missing), is_missing);
    if (missing.empty()) {
        result.commit = newest();
        return result;
    }
    if (options.dry_run) {
        mark_new({missing.begin(), missing.end()});
        return result;
    }

    std::vector<store::PendingPayload> payloads;
    std::vector<objects::NewObject> fresh;
    std::vector<StructPtr> structs;  // whose names the items have
    std::map<ObjectId, std::size_t> payload_of;
    for (auto& object : objects) {
        if (!is_missing(object.id) || !payload_of.emplace(object.id, payloads.size()).second) continue;
        payloads.push_back(std::move(object.payload));
    }
    Commit commit(place, context);
    auto& tx = commit.tx();
    store_payloads(place, tx, payloads, context.clock().ns);
    const auto& stamp = commit.take_number();
    // Whoever put some of them meanwhile has committed: nobody else does until the end of this.
    const auto meanwhile = objects::find_objects(tx, missing, kAll);
    check_same(place, tx, meanwhile, wanted);
    there.insert(meanwhile.begin(), meanwhile.end());
    std::erase_if(missing, [&](const ObjectId& id) { return meanwhile.contains(id); });
    if (missing.empty()) {
        result.commit = newest();
        return result;  // and nothing is committed
    }
    for (const auto& id : missing) {
        const auto& payload = payloads[payload_of.at(id)];
        structs.push_back(place.get_struct(tx, payload.schema->struct_id));
        auto& object = fresh.emplace_back();
        object.row.data_id = payload.data_id;
        object.row.id = id;
        object.row.struct_id = payload.schema->struct_id;
        object.row.schema_id = payload.schema->schema_id;
        object.row.encoding = payload.encoding;
        object.struct_name = structs.back()->record.name;
        object.definition_hash = payload.schema->definition_hash;
        object.content_hash = payload.hash;
    }
    objects::insert_objects(tx, stamp.for_rooms(), fresh);
    result.commit = commit.finish();
    mark_new({missing.begin(), missing.end()});
    return result;
}

std::vector<FoundObject> find_objects(Place& place, std::span<const ObjectId> ids) {
    std::vector<FoundObject> found;
    const auto tx = place.connection().begin(TransactionMode::Read);
    for (const auto& [id, row] : objects::find_objects(*tx, ids, kAll))
        found.push_back({id, place.get_struct(*tx, row.struct_id)});
    return found;
}

namespace {

/// Payloads of one struct that may hold a reference.
struct Holders {
    StructPtr of_struct;
    std::set<std::int64_t> data_ids;
};

/// What may hold a reference to an object, by struct.
std::map<std::int64_t, Holders> find_holders(Place& place, Transaction& tx, const ObjectId& id) {
    std::map<std::int64_t, Holders> holders;
    std::vector<std::int64_t> listed;
    for (const auto& at : objects::find_references(tx, id)) listed.push_back(at.data_id);
    for (const auto& [data_id, struct_id] : store::find_structs_of_payloads(tx, listed))
        holders[struct_id].data_ids.insert(data_id);
    for (const auto& record : store::all_structs(tx)) {
        const auto of_struct = place.get_struct(tx, record.id);
        std::set<std::string> columns;
        for (const auto& schema : of_struct->schemas) {
            for (std::size_t i = 0; i < schema->columns.size(); ++i) {
                const auto& element = schema->definition->elements[i];
                if (element.type == ScalarType::Ref && element.dims.empty()) columns.insert(schema->columns[i]);
            }
        }
        if (!columns.empty()) {
            const std::vector<std::string> list(columns.begin(), columns.end());
            const auto cursor = store::find_rows_with(tx, record.table_name, list, id);
            while (cursor->next()) holders[record.id].data_ids.insert(cursor->integer(0));
        }
        if (const auto found = holders.find(record.id); found != holders.end()) found->second.of_struct = of_struct;
    }
    return holders;
}

}  // namespace

std::vector<Referrer> find_referrers(Place& place, const ObjectId& id, const ReadContext& context) {
    std::vector<Referrer> referrers;
    const auto tx = place.connection().begin(TransactionMode::Read);
    if (!backends::has_objects(*tx)) return referrers;
    std::vector<Referrer> of_records;
    for (const auto& [struct_id, held] : find_holders(place, *tx, id)) {
        if (!held.of_struct) continue;  // rows of a struct that is not there: 'etalon verify' tells
        const auto struct_name = context.name_of_struct(held.of_struct->record.name);
        const std::vector<std::int64_t> data_ids(held.data_ids.begin(), held.data_ids.end());
        const auto add_all = [&](const store::SchemaRecord& schema, const schema::RowBlock& rows,
                                 std::uint64_t first_row, const Referrer& holder, std::vector<Referrer>& to) {
            schema::visit_references(*schema.canonical, rows.data.data(), rows.num_rows, [&](const auto& reference) {
                if (reference.id != id) return;
                auto& found = to.emplace_back(holder);
                found.member = schema::member_name(schema.canonical->elements[reference.element], reference.item);
                found.row = first_row + reference.row;
            });
        };
        Referrer holder;
        holder.database = place.name();
        holder.struct_name = struct_name;
        ObjectRows rows(place, *tx);
        for (const auto& [data_id, row] : objects::find_objects_of(*tx, data_ids, context.snapshot)) rows.add(row);
        rows.read();
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto& schema = *rows.schema(i);
            schema::RowBlock row{schema.canonical, AlignedBuffer(schema.canonical->size), 1};
            std::memcpy(row.data.data(), rows.canonical(i), schema.canonical->size);
            holder.object = rows.object(i).id;
            holder.commit = place.is_private() ? 0 : rows.object(i).commit;
            add_all(schema, row, 0, holder, referrers);
        }
        for (const auto& record : index::find_records_of(*tx, struct_id, data_ids, context.snapshot)) {
            const auto schema = held.of_struct->find(record.schema_id);
            if (!schema) continue;
            Referrer of_record;
            of_record.database = place.name();
            of_record.struct_name = struct_name;
            of_record.name = record.name;
            of_record.uid = to_hex(record.uid);
            of_record.element = record.element;
            of_record.version = record.version;
            of_record.interval = record.interval;
            of_record.commit = place.is_private() ? 0 : record.commit;
            of_record.retired = record.retired;
            const auto form = store::find_payload_form(*tx, record.data_id);
            if (!form) continue;
            store::read_in_pieces(*tx, *schema, held.of_struct->record.table_name, form->encoding, record.data_id,
                                  record.num_rows, store::read_expected_rows(*tx, record.data_id),
                                  [&](std::uint64_t first, const schema::RowBlock& piece) {
                                      add_all(*schema, piece, first, of_record, of_records);
                                  });
        }
    }
    std::ranges::sort(referrers, {},
                      [](const Referrer& one) { return std::tuple(one.commit, *one.object, one.member); });
    std::ranges::sort(of_records, {}, [](const Referrer& one) {
        return std::tuple(one.commit, one.name, one.version, one.element, one.uid, one.row, one.member);
    });
    referrers.insert(referrers.end(), of_records.begin(), of_records.end());
    return referrers;
}

}  // namespace etalon::place
