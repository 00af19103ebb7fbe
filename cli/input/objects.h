#pragma once
/// What the commands of objects share: where definitions and files come from, how objects are read and printed.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/invocation.h"
#include "interchange/object_files.h"

namespace etalon::cli {

/// Definitions of the structs of all databases, those of `start` first. There is no place for files.
[[nodiscard]] interchange::ObjectSource object_source(Invocation& invocation, Database& start);

/// Files of objects that are read: they are kept once all of them were read, so that what is refused leaves nothing
/// behind.
class PendingFiles {
public:
    /// The source examines files for this, which lives longer; each belongs to the folders of its struct's database.
    void take_from(interchange::ObjectSource& source, Invocation& invocation, Database& start);
    /// Keeps them all.
    void keep() const;
    [[nodiscard]] bool empty() const noexcept { return pending_.empty(); }

private:
    struct Pending {
        std::string path;
        File file;
        FileStore store;
    };
    std::vector<Pending> pending_;
};

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
/// The definitions that no database has.
[[nodiscard]] std::vector<StructDefinition> find_missing(Invocation& invocation,
                                                         const std::vector<DefinitionPtr>& definitions);
/// Their names, for people.
[[nodiscard]] std::string list_names(const std::vector<StructDefinition>& definitions);
/// Registers definitions that no database has, in the only one (`may_register`), else throws Error(Unknown) that lists
/// them.
void record_definitions(Invocation& invocation, const std::vector<DefinitionPtr>& definitions, bool may_register,
                        const CommitInfo& info);

}  // namespace etalon::cli
