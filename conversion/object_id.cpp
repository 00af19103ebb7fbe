// The id that a row has.

#include "conversion/canonical.h"
#include "etalon/error.h"
#include "etalon/object.h"
#include "schema/definition.h"
#include "schema/references.h"

namespace etalon {

ObjectId compute_object_id(const StructDefinition& layout, const std::byte* row) {
    if (const auto uid = schema::find_null_uid(layout, row); !uid.empty()) {
        throw Error(ErrorCode::BadInput,
                    {"an object without its identity has no id", "struct " + layout.name + ", member " + uid,
                     "16 bytes that are not all zero", "null", "fill in the uid before the id is asked for"});
    }
    const auto canonical = conversion::to_canonical(layout, {row, layout.size}, 1);
    return schema::make_object_id(layout.name, schema::definition_hash(layout), schema::hash_row(canonical.bytes()));
}

}  // namespace etalon
