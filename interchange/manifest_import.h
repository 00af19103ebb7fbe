#pragma once
/// The tables of a manifest (layers/csv/manifest.h), read, checked and committed: one atomic commit per database.

#include <cstddef>
#include <cstdint>
#include <istream>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "etalon/federation.h"
#include "etalon/progress.h"
#include "interchange/row_files.h"
#include "layers/csv/manifest.h"

namespace etalon::interchange {

/// What is imported, and where to.
struct ImportRequest {
    std::string manifest;                    ///< path of a CSV file; paths in it are relative to its directory
    std::vector<std::string> databases;      ///< by their names in the federation: where lines may go
    std::string only;                        ///< lines of this database only; empty: all
    std::string reason;                      ///< for the log; empty: `import` and the name of the manifest
    bool with_effects = false;               ///< also find out which intervals would change, which costs a read of each
    std::string comment = {};                ///< lines of the manifest and of CSV that begin with this are left out
    bool lenient = false;                    ///< let in numbers of enumerations that no enumerator has
    std::istream* standard_input = nullptr;  ///< what the path `-` of a line reads; null: a file of that name
};

/// What is wrong with a manifest: how much, and each thing with its line.
class ManifestError : public Error {
public:
    ManifestError(ErrorCode code, ErrorInfo info, std::vector<Error> problems)
        : Error(code, std::move(info)), problems_(std::move(problems)) {}

    /// At least one, each an error with `manifest:line`, what was expected and what was found.
    [[nodiscard]] const std::vector<Error>& problems() const noexcept { return problems_; }

private:
    std::vector<Error> problems_;
};

/// A manifest whose lines and files of values were read and checked; nothing is written before commit().
class ManifestImport {
public:
    /// Reads and checks everything; `federation` must outlive this. A line without a database in its table path is for
    /// the only database when there is one. References that are not recorded are to be made. Throws ManifestError with
    /// all problems of all lines (BadInput when one is an error of input, else the code of the first); Error(BadInput)
    /// for a manifest that cannot be read or has no lines; Error(Backend) and Error(Corrupt) at once. When there are
    /// several databases, what their commits would check is checked too, so that none is written when another one must
    /// refuse. `progress` counts lines.
    ManifestImport(Federation& federation, ImportRequest request, const Progress& progress = {});

    /// What is put into one database.
    struct Part {
        std::string name;  ///< of the database in the federation
        Database* database = nullptr;
        std::vector<NameSpec> names;  ///< references to make
        std::vector<PutRecord> records;
        std::vector<PutEffect> effects;  ///< what the records would change, when asked for
    };
    /// In order of name.
    [[nodiscard]] const std::vector<Part>& parts() const noexcept { return parts_; }
    /// Values of enumerations that no enumerator has, which were let in.
    [[nodiscard]] std::uint64_t num_nameless() const noexcept { return num_nameless_; }
    /// Commits the part with that index, and lets go of its values. Throws as Database::commit; when it is the only
    /// part, ManifestError that names the lines.
    CommitResult commit(std::size_t part, const Progress& progress = {});

private:
    /// Where the contents of a part come from in the manifest.
    struct Origin {
        std::vector<std::size_t> lines_of_records;
        std::map<std::string, NameInfo> known;       ///< references by name, those to make included
        std::map<std::string, std::size_t> made_at;  ///< line that a new reference comes from
        /// Line by what must be unique in a commit.
        std::map<std::tuple<std::string, std::string, std::int64_t, std::int64_t>, std::size_t> lines;
        std::unique_ptr<Layouts> layouts;
    };
    class Problems;

    [[nodiscard]] std::vector<layers::ManifestEntry> read_entries();
    [[nodiscard]] std::string database_of(const layers::ManifestEntry& entry) const;
    std::size_t part_of(const layers::ManifestEntry& entry);
    const NameInfo& find_or_make_name(std::size_t part, const layers::ManifestEntry& entry);
    void add_entry(std::size_t part, const layers::ManifestEntry& entry);
    void check_part(std::size_t part, Problems& problems);

    Federation& federation_;
    ImportRequest request_;
    std::vector<Part> parts_;
    std::vector<Origin> origins_;  ///< of each part
    std::uint64_t num_nameless_ = 0;
};

}  // namespace etalon::interchange
