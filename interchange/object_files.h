#pragma once
/// Files of objects: JSON with objects in the place of references, CSV with ids.

#include <cstddef>
#include <functional>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/object.h"
#include "text/text.h"

namespace etalon::interchange {

/// What a reader of objects asks for.
struct ObjectSource {
    /// The definition that objects of a struct are read with; throws Error(Unknown).
    std::function<DefinitionPtr(const std::string& struct_name)> definition;
    /// What the file at a path is, `{"file": "path"}` in an object of that struct; it is to be kept once all is read.
    /// Throws when it cannot be read, or when there is no place for it. Empty: there is none for any.
    std::function<File(const std::string& path, const std::string& struct_name)> examine_file;
    text::CsvOptions csv = {};
};

/// Objects ready to be put: what is referred to stands before what refers to it, equal objects once.
struct LoadedObjects {
    std::vector<ObjectPut> objects;
    std::vector<ObjectId> ids;        ///< of `objects`
    std::vector<std::size_t> asked;   ///< those of the file itself, in its order, as places in `objects`
    std::vector<std::size_t> nested;  ///< the others, in order of their first occurrence
};

/// Reads objects of a struct: one JSON object, a list, one a line, or CSV. In JSON an object in the place of a
/// reference is one to be put before; a uid that is null gets random bytes. References, files and uids may be left out,
/// and members that declare a default. Throws Error(BadInput) that names file, object (from 0) and member. `name` is
/// for errors.
[[nodiscard]] LoadedObjects load_objects(std::istream& in, const std::string& name, const std::string& struct_name,
                                         const ObjectSource& source);
/// The same from a file; `-` reads `standard_input`.
[[nodiscard]] LoadedObjects load_objects(const std::string& path, std::istream& standard_input,
                                         const std::string& struct_name, const ObjectSource& source);

/// Writes objects as lines for read_export(): first a line for every definition, then one for each object, in the order
/// given: what is referred to before what refers to it.
[[nodiscard]] std::string export_objects(const std::vector<StoredObject>& objects,
                                         const std::vector<DefinitionPtr>& definitions);

/// What a file of export_objects() holds.
struct ExportedObjects {
    std::vector<DefinitionPtr> definitions;
    std::vector<ObjectPut> objects;
    std::vector<ObjectId> ids;
};
/// Throws Error(BadInput) for what is no export, and for an object whose content does not have its id.
[[nodiscard]] ExportedObjects read_export(std::istream& in, const std::string& name);

}  // namespace etalon::interchange
