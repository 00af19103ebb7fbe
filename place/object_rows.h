#pragma once
/// Objects as they are read: rows of `object` with their rows of values, proved and converted.

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backends/port.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "etalon/object.h"
#include "objects/rows.h"
#include "place/place.h"

namespace etalon::place {

/// Where the cells of the schema versions of a struct stand in rows of a statement that reads all of its columns.
class JoinedCells {
public:
    /// The columns of the struct begin at `first`.
    JoinedCells(StructPtr of_struct, int first) : of_struct_(std::move(of_struct)), first_(first) {}

    /// None of a version that was recorded after the statement was made, which does not read its columns.
    [[nodiscard]] const std::vector<backends::Cursor::PlacedCell>* find(const store::SchemaRecord& schema);

private:
    StructPtr of_struct_;
    int first_;
    std::map<std::int64_t, std::vector<backends::Cursor::PlacedCell>> versions_;  ///< by schemaID
};

/// Puts objects together that a statement found. Rows of values that the statement did not bring along are read with
/// one statement for each struct, and one for all that are stored as bytes. Every row is proved by the id, which is
/// computed again. Place and transaction live longer.
class ObjectRows {
public:
    ObjectRows(Place& place, backends::Transaction& tx) : place_(place), tx_(tx) {}
    ObjectRows(const ObjectRows&) = delete;
    ObjectRows& operator=(const ObjectRows&) = delete;

    /// The next object; its row is read later.
    void add(const objects::ObjectRow& object);
    /// The next object, with its row: the cells of the joined columns, when it is stored as columns. The cursor stands
    /// on it.
    void add(const objects::ObjectRow& object, const backends::Cursor& cursor, JoinedCells& joined);
    /// Those of the ids that are there as of a commit, in any order. The rows of objects of `of_struct` (none: null),
    /// come with them in one statement.
    void find(std::span<const ObjectId> ids, std::int64_t snapshot, const StructPtr& of_struct);
    [[nodiscard]] std::size_t size() const noexcept { return objects_.size(); }

    /// Puts them in order by commit and position.
    void sort(bool descending);
    /// Drops those that are not to be kept. Behind read().
    void keep_if(const std::function<bool(std::size_t i)>& keeps);

    /// Reads what is missing and proves all. Throws Error(Corrupt) naming the first that is damaged.
    void read();

    // After read():
    [[nodiscard]] const objects::ObjectRow& object(std::size_t i) const { return objects_[i].row; }
    [[nodiscard]] const StructPtr& of_struct(std::size_t i) const { return objects_[i].group->of_struct; }
    [[nodiscard]] const store::SchemaPtr& schema(std::size_t i) const { return objects_[i].group->schema; }
    /// In schema(i)->canonical.
    [[nodiscard]] const std::byte* canonical(std::size_t i) const { return objects_[i].data(); }
    [[nodiscard]] const Sha256& content_hash(std::size_t i) const { return objects_[i].content_hash; }

    /// The layout in which objects of a struct are asked for, when no layout was given.
    using FindLayout = std::function<DefinitionPtr(const StructEntry& of_struct)>;
    /// All of them in the asked layout: context.definition, which must be one of their struct, else what `find_layout`
    /// says. Throws Error(Conversion) naming the object, Error(BadInput) for an object of another struct.
    [[nodiscard]] std::vector<StoredObject> convert(const ReadContext& context, const FindLayout& find_layout) const;

private:
    /// Those of one schema version.
    struct Group {
        StructPtr of_struct;
        store::SchemaPtr schema;
        std::vector<std::byte> rows;  ///< canonical
        std::uint64_t num_rows = 0;
    };
    struct One {
        objects::ObjectRow row;
        Group* group = nullptr;
        std::uint64_t at = 0;  ///< in the group
        bool is_read = false;
        Sha256 content_hash{};

        [[nodiscard]] std::byte* data() const { return group->rows.data() + at * group->schema->canonical->size; }
        [[nodiscard]] const std::string& struct_name() const { return group->schema->definition->name; }
    };
    /// The rows of a group in an asked layout.
    struct Converted {
        ReadPlanPtr plan;
        std::string struct_name;
        std::shared_ptr<const std::byte> rows;
        std::vector<std::uint64_t> losses;  ///< by row
    };
    Group& group_of(const objects::ObjectRow& object);
    One& begin(const objects::ObjectRow& object);
    [[nodiscard]] Converted convert_group(const Group& group, const ReadContext& context,
                                          const FindLayout& find_layout) const;
    void read_columns();
    void read_bytes();
    /// An object that was asked for twice is read once.
    void copy_repeated();

    Place& place_;
    backends::Transaction& tx_;
    std::vector<One> objects_;
    std::map<std::pair<std::int64_t, std::int64_t>, Group> groups_;  ///< by structID and schemaID
    Group* last_ = nullptr;                                          ///< of the object that was added last
};

/// The layout that is meant without one: schema version context.schema of the struct, else its current one.
[[nodiscard]] DefinitionPtr find_object_layout(const StructEntry& of_struct, const ReadContext& context);

}  // namespace etalon::place
