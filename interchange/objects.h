#pragma once
/// Objects as JSON, CSV and records (docs/command_line.md says what stands where).

#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "etalon/object.h"
#include "interchange/records.h"

namespace etalon::interchange {

/// Objects that references were followed to.
struct FollowedObjects {
    std::map<ObjectId, StoredObject> objects;
    bool all = false;
    /// Otherwise: the members whose references are followed, from the objects asked for on, without the indices of
    /// arrays: `session`, `session.user`. Each path has those that lead to it.
    std::vector<std::string> paths;

    /// True when the reference at that path is followed.
    [[nodiscard]] bool follows(std::string_view path) const;
};

/// Reads objects by their ids; nothing in the place of those that are not there.
using FindObjects = std::function<std::vector<std::optional<StoredObject>>(std::span<const ObjectId> ids)>;

/// Reads what references lead to, level by level: one call of `find` for each. `paths`: `all`, or members. Throws
/// Error(Unknown) for a path that no object has as a reference, Error(Corrupt) for a reference that leads nowhere.
[[nodiscard]] FollowedObjects follow(std::span<const StoredObject> objects, const std::vector<std::string>& paths,
                                     const FindObjects& find);

/// `{"id","struct","schema","commit","entryTime","absent","value":{...}}`; what was followed stands in the place of the
/// reference as `{"id","value"}`. Throws Error(Refused) when that comes to more than 1,000,000 objects in one.
[[nodiscard]] std::string to_json(const StoredObject& object, const FollowedObjects& followed = {});

/// The same as CSV, values as rows have them. All of one layout.
void write_csv(std::ostream& out, std::span<const StoredObject> objects);
/// One row an object for people: id, commit, entryTime, and the columns of its layout. All of one layout.
[[nodiscard]] Table object_table(std::span<const StoredObject> objects);
/// Named queries: name, struct, where, order, limit, parameters, commit, entryTime, comment.
[[nodiscard]] Table query_table(std::span<const NamedQuery> queries);
/// What refers to an object.
[[nodiscard]] Table referrer_table(std::span<const Referrer> referrers);
/// What came of a put: id, struct, new.
[[nodiscard]] Table put_table(std::span<const PutObject> objects);
/// `{"commit","objects":[{"id","struct","new"}]}`.
void write_put_json(std::ostream& out, std::int64_t commit, std::span<const PutObject> objects);

/// A value that is what the text says, read as what it is compared with: text that would mean something else in a
/// condition is put into quotes.
[[nodiscard]] ValueText value_as_written(const std::string& text);

/// The newest definition of a struct; throws Error(Unknown).
using FindDefinition = std::function<DefinitionPtr(const std::string& struct_name)>;

/// A condition from an example: what is left out does not matter, `null` asks for a null reference, an object in the
/// place of one asks through it (which is then not null), lists ask item by item. Throws Error(BadInput) with `name`.
[[nodiscard]] Condition condition_of_example(std::string_view json, const std::string& name,
                                             const std::string& struct_name, const FindDefinition& find);

}  // namespace etalon::interchange
