#pragma once
/// Rows of `object`: which objects are there, under which ids. Every statement reads them whole and proves them.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "backends/proof.h"
#include "base/commit_items.h"
#include "base/commit_touches.h"
#include "base/digest.h"
#include "etalon/ref.h"
#include "etalon/reference.h"

namespace etalon::objects {

/// A row of `object`. Its row of values is the payload dataID.
struct ObjectRow {
    std::int64_t data_id = 0;
    ObjectId id{};
    std::int64_t struct_id = 0;
    std::int64_t schema_id = 0;
    Storage encoding = Storage::Columns;
    std::int64_t commit = 0;
    std::int64_t position = 0;    ///< among the objects of that commit, from 0
    std::int64_t entry_time = 0;  ///< of that commit, nanoseconds
};

/// Reads the cells of object_table().select(alias) that begin at `first`, and checks them.
[[nodiscard]] ObjectRow read_object(const backends::Cursor& cursor, int first);

/// Those of the ids that are there as of a commit, in one statement. Nothing in formats without objects.
[[nodiscard]] std::map<ObjectId, ObjectRow> find_objects(backends::Transaction& tx, std::span<const ObjectId> ids,
                                                         std::int64_t snapshot);
/// The object whose row is a payload, if there is one.
[[nodiscard]] std::map<std::int64_t, ObjectRow> find_objects_of(backends::Transaction& tx,
                                                                std::span<const std::int64_t> data_ids,
                                                                std::int64_t snapshot);
/// The content hashes of payloads, unchecked, by dataID.
[[nodiscard]] std::map<std::int64_t, Bytes> read_content_hashes(backends::Transaction& tx,
                                                                std::span<const std::int64_t> data_ids);

/// A new object; commit, position and time are given by the commit.
struct NewObject {
    ObjectRow row;
    std::string_view struct_name;  ///< in `structure`
    Sha256 definition_hash{};
    Sha256 content_hash{};
};
/// Inserts objects that are not there in their order, with the proofs of their sets and the items of the commit. The
/// commit lock is held.
void insert_objects(backends::Transaction& tx, const WriteStamp& stamp, std::span<NewObject> objects);

/// The item of a commit that put an object.
[[nodiscard]] Bytes object_item(std::int64_t position, std::string_view struct_name,
                                std::span<const std::byte> definition_hash, std::span<const std::byte> content_hash);
/// Calls `add(commit, item)` for the objects that the commits of a range put.
void visit_object_items(backends::Transaction& tx, CommitRange range,
                        const std::function<void(std::int64_t commit, Bytes item)>& add);
/// Which structs these commits put objects of. Not proved.
void add_touched(backends::Transaction& tx, CommitRange range, CommitTouches& touches);

/// Reads the rows of all objects of a struct and proves that none is missing. Throws Error(Corrupt).
void prove_objects(backends::Transaction& tx, std::int64_t struct_id);
/// Objects of a struct as of a commit; all, when that is the highest number. Not proved.
[[nodiscard]] std::uint64_t count_objects(backends::Transaction& tx, std::int64_t struct_id, std::int64_t snapshot);
/// Where the rows of the objects of a struct are, by dataID; of all commits. Not proved.
struct ObjectPlace {
    std::int64_t data_id = 0;
    std::int64_t schema_id = 0;
    std::int64_t encoding = 0;  ///< Storage as a number
};
[[nodiscard]] std::vector<ObjectPlace> list_object_places(backends::Transaction& tx, std::int64_t struct_id);
/// How many there are of each schema version.
[[nodiscard]] std::map<std::int64_t, std::uint64_t> count_objects_by_schema(backends::Transaction& tx,
                                                                            std::int64_t struct_id);

}  // namespace etalon::objects
