#pragma once
/// Objects of one place: which are there, putting more, and who refers to them.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "etalon/object.h"
#include "objects/references.h"
#include "objects/rows.h"
#include "place/object_rows.h"
#include "place/place.h"
#include "place/write_context.h"
#include "store/payload.h"

namespace etalon::place {

/// store::store_payloads(), with the references of new payloads that no column has (`objectRef`).
void store_payloads(Place& place, backends::Transaction& tx, std::span<store::PendingPayload> payloads,
                    std::int64_t entry_time);
/// The references of canonical rows that go to `objectRef`; `keys` are the elementKeys of the version.
void list_references(const store::SchemaRecord& schema, Storage encoding, std::int64_t data_id,
                     const std::vector<std::int64_t>& keys, std::uint64_t first_row, const schema::RowBlock& rows,
                     std::vector<objects::StoredReference>& references);

/// Throws Error(Format) when the format of the place has no objects.
void check_has_objects(Place& place);

/// What errors call an object of a call, by its place in it from 0: `in.json, object 3, struct Image`.
[[nodiscard]] std::string name_of_put(const ObjectPut& put, std::size_t number);

/// One object to put, with its id.
struct CheckedObject {
    const ObjectPut* put = nullptr;
    Sha256 definition_hash{};
    store::PendingPayload payload;  ///< schema, encoding and table are those of the place that it was checked for
    ObjectId id{};
};
/// Finds the schema versions of objects in a place, checks their values, and computes their ids. Throws Error(Unknown)
/// for a layout that is not recorded, Error(BadInput) for values that limits do not allow and for null uids.
[[nodiscard]] std::vector<CheckedObject> check_objects(Place& place, std::span<const ObjectPut> puts);

/// Database::put_objects of objects that were checked for this place, and whose references resolve. Those that are in
/// `elsewhere` (other layers have them) are not written.
[[nodiscard]] ObjectPutResult write_objects(Place& place, std::vector<CheckedObject> objects,
                                            const std::set<ObjectId>& elsewhere, const ObjectPutOptions& options,
                                            const WriteContext& context);

/// An object that is there.
struct FoundObject {
    ObjectId id{};
    StructPtr of_struct;
};
/// Those of the ids that are there, as of the last commit.
[[nodiscard]] std::vector<FoundObject> find_objects(Place& place, std::span<const ObjectId> ids);

/// What holds a reference to an object as of context.snapshot, objects first. Linear in the records of the references
/// of structs that do.
[[nodiscard]] std::vector<Referrer> find_referrers(Place& place, const ObjectId& id, const ReadContext& context);

}  // namespace etalon::place
