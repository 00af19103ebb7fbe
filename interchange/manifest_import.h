#pragma once
/// The tables of a manifest, read, checked and committed: one atomic commit per database.

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "etalon/federation.h"
#include "etalon/progress.h"
#include "interchange/row_files.h"

namespace etalon::interchange {

struct ImportOptions {
    std::string manifest;
    std::string only;
    std::string reason;
    bool dry_run = false;
};

/// What goes into one database.
struct Batch {
    Database* database = nullptr;
    std::vector<NameSpec> names;  ///< references to make
    std::vector<PutRecord> records;
    std::vector<std::size_t> lines_of_records;   ///< lines of the manifest that the records come from
    std::vector<PutEffect> effects;              ///< what the records would change
    std::map<std::string, NameInfo> known;       ///< references by name, those to make included
    std::map<std::string, std::size_t> made_at;  ///< line of the manifest that a new reference comes from
    /// Line of the manifest by what must be unique in a commit.
    std::map<std::tuple<std::string, std::string, std::int64_t, std::int64_t>, std::size_t> lines;
    std::unique_ptr<Layouts> layouts;
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

/// Reads and checks every file; throws ManifestError with all problems.
[[nodiscard]] std::map<std::string, Batch> prepare(Federation& federation, const std::vector<std::string>& given,
                                                   const ImportOptions& options, const Progress& progress);
/// Commits one batch. When it is `alone` and refused, the error names the lines.
CommitResult commit(Batch& batch, const ImportOptions& options, bool alone, const Progress& progress);

}  // namespace etalon::interchange
