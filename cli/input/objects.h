#pragma once
/// What the commands of objects share: where definitions and files come from, how objects are read and printed.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/invocation.h"
#include "interchange/object_files.h"

namespace etalon::cli {

/// Definitions of the structs of all databases, those of `start` first, and its folders for files, in which nothing is
/// kept by a dry run.
[[nodiscard]] interchange::ObjectSource object_source(Invocation& invocation, Database& start, bool dry_run = false);

/// Options of commands that print objects.
struct ObjectOptions {
    std::vector<std::string> follow;  ///< members, or `all`
    std::int64_t schema = 0;
    std::string as_of;
    bool strict = false;
    bool lenient = false;

    [[nodiscard]] ObjectReadOptions read() const;
};
void add_object_options(CLI::App& command, Invocation& invocation, ObjectOptions& options);
/// Prints objects, with what was followed: as JSON; as tables and CSV those of each struct and layout for themselves.
void print_objects(Invocation& invocation, const std::vector<StoredObject>& objects, const ObjectOptions& options);

struct ExportDocument {
    std::string text;
    std::uint64_t num_objects = 0;
};
/// Objects in the layouts that they are stored in; `closure`: with everything that they refer to.
[[nodiscard]] ExportDocument export_closure(Federation& federation, const std::vector<ObjectId>& ids, bool closure);
/// Registers definitions that no database has, in the only one (`may_register`), else throws Error(Unknown) that lists
/// them.
void record_definitions(Invocation& invocation, const std::vector<DefinitionPtr>& definitions, bool may_register,
                        const CommitInfo& info);

}  // namespace etalon::cli
