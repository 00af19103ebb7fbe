#pragma once
/// Questions for objects over a database and the others of its federation.

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "database/references.h"
#include "etalon/object.h"

namespace etalon::layers {
class StackPool;
}

namespace etalon::database {

/// Database::query_objects. `peers` may be null.
[[nodiscard]] std::vector<StoredObject> query_objects(layers::StackPool& pool, Peers* peers, const ObjectQuery& query);
/// The same in order of commit whatever the order is, and all of them when that is by a path: what order_objects()
/// takes.
[[nodiscard]] std::vector<StoredObject> collect_objects(layers::StackPool& pool, Peers* peers,
                                                        const ObjectQuery& query);

/// Reads objects by their ids; nothing in the place of those that are not there.
using FindObjects = std::function<std::vector<std::optional<StoredObject>>(std::span<const ObjectId> ids)>;
/// Puts objects, which come in order of commit from the first to the last, in the order by a path: null and absent
/// last, a NaN above every number, ties by commit in the same direction. Their members are those of their layouts.
/// Throws Error(Unknown) for a path that none has, Error(BadInput) for one of many values.
void order_objects(std::vector<StoredObject>& objects, const ObjectOrder& order, const FindObjects& find);

/// Throws as query_objects does for a condition whose parameters have no values yet.
void check_query(layers::StackPool& pool, Peers* peers, const std::string& struct_name, const Condition& where,
                 const ObjectOrder& order);

}  // namespace etalon::database
