#pragma once
/// Objects: rows that are stored once, have an id made from their content, and refer to one another (docs/objects.md).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/condition.h"
#include "etalon/definition.h"
#include "etalon/interval.h"
#include "etalon/progress.h"
#include "etalon/ref.h"
#include "etalon/request.h"

namespace etalon {

/// One object to put.
struct ObjectPut {
    DefinitionPtr layout;                  ///< must be a recorded schema version; its ids are made with this definition
    std::shared_ptr<const std::byte> row;  ///< layout->size bytes; uids are filled in already
    std::string where = {};                ///< what errors call it: `in.json, object 3`; empty: by its number
};

/// The id that a row under a definition has (docs/storage_format.md). Padding, and the bytes of text behind its end, do
/// not count. Throws Error(BadInput) when a uid is null: an object has one before it has an id.
[[nodiscard]] ObjectId compute_object_id(const StructDefinition& layout, const std::byte* row);

/// Fills the uids of a row that are null with random bytes (getrandom).
void fill_uids(const StructDefinition& layout, std::byte* row);

/// How objects are put.
struct ObjectPutOptions {
    bool dry_run = false;  ///< checks everything and writes nothing
    Progress progress = {};
};

/// One of the objects that were put.
struct PutObject {
    ObjectId id;
    std::string struct_name;
    bool is_new = false;  ///< false: it was there before
};

/// What came of a put.
struct ObjectPutResult {
    /// The commit as of which all of them are there: the one that was made, or, when all were there before, the newest
    /// of those that put them. 0: a dry run of new objects. Of a federation: in the database of the first object.
    std::int64_t commit = 0;
    std::vector<PutObject> objects;  ///< as given; equal ones once for each time that they were given
};

/// How objects are read.
struct ObjectReadOptions {
    std::optional<AsOf> as_of = std::nullopt;  ///< empty: the snapshot of the Database
    DefinitionPtr layout = nullptr;            ///< of the rows; else schema version `schema`, 0: the newest
    std::int64_t schema = 0;
    bool as_stored = false;  ///< each in the layout that it is stored in, whatever `layout` and `schema` say
    bool strict = false;     ///< absent elements are an error
    bool lenient = false;    ///< lossy conversions are done and counted
};

/// An object as it was read. Immutable; rows that were read together may share memory.
struct StoredObject {
    ObjectId id;
    std::string struct_name;
    std::int64_t schema = 0;    ///< version that it is stored in
    std::int64_t commit = 0;    ///< that put it
    std::int64_t position = 0;  ///< among the objects of that commit, from 0
    Time entry_time;            ///< of that commit
    std::string database = {};
    std::string layer = {};  ///< the place that has it, a URL without password
    DefinitionPtr layout;    ///< of the row
    std::shared_ptr<const std::byte> row;
    std::vector<std::string> absent = {};     ///< elements of the layout that were not stored: `name`, `name[3:]`
    std::vector<std::string> truncated = {};  ///< arrays that lost items
    std::uint64_t losses = 0;
};

/// By what found objects are ordered. All come by the commit that put them and their position in it, or by a value
/// (`path`, across references too; null and absent last in either direction, a NaN above every number) and then by
/// those.
struct ObjectOrder {
    std::string path = {};  ///< empty: by commit
    bool descending = true;
};

/// Which objects of a struct are asked for.
struct ObjectQuery {
    std::string struct_name;
    Condition where = {};  ///< typed against the newest schema version
    ObjectOrder order = {};
    std::uint64_t limit = 0;                          ///< 0: all
    std::optional<Time> entered_from = std::nullopt;  ///< committed at or after
    std::optional<Time> entered_to = std::nullopt;    ///< committed before
    ObjectReadOptions read = {};
};

/// A question that is kept in a database, as of a commit.
struct NamedQuery {
    std::string name;
    std::string struct_name;
    std::string where = {};  ///< a condition as people write it, with parameters `:name`; empty: all objects
    ObjectOrder order = {};
    std::uint64_t limit = 0;  ///< 0: all
    std::string comment = {};
    // As it is kept:
    std::vector<std::string> parameters = {};
    std::int64_t commit = 0;  ///< that defined it
    Time entry_time = {};     ///< of that commit
    std::string layer = {};   ///< the place that has it, a URL without password
};

/// `PATH` or `PATH:desc`; empty: by commit, newest first; `:asc`: by commit, oldest first.
[[nodiscard]] std::string format_object_order(const ObjectOrder& order);
/// Inverse of format_object_order (`:desc` and `PATH:asc` are taken too). Throws Error(Usage).
[[nodiscard]] ObjectOrder parse_object_order(std::string_view text);

/// What holds a reference to an object: another object, or an interval record.
struct Referrer {
    std::string database = {};
    std::string struct_name;
    std::string member;  ///< `session`, `tags[2]`, `hit[1].by`
    std::optional<ObjectId> object = std::nullopt;
    // Of an interval record:
    std::string name = {};  ///< named reference
    std::string uid = {};   ///< 32 hexadecimal digits
    std::int64_t element = 0;
    std::string version = {};
    Interval interval = {};
    std::uint64_t row = 0;
    std::int64_t commit = 0;  ///< that put the object or record
    std::optional<std::int64_t> retired = std::nullopt;
};

}  // namespace etalon
