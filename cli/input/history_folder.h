#pragma once
/// A folder of recorded histories (structs/history/): one append-only file for each struct. evolution/history_file.h
/// says what stands in them.

#include <span>
#include <string>
#include <vector>

#include "etalon/database.h"
#include "etalon/definition.h"

namespace etalon::cli {

/// What was appended to one file.
struct AppendedHistory {
    std::string file;
    std::uint64_t layouts = 0;
    std::int64_t current = 0;  ///< the current layout then
};

class HistoryFolder {
public:
    explicit HistoryFolder(std::string path) : path_(std::move(path)) {}

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// What registering these definitions comes to, compared with the files; rules hold between all layouts of the
    /// files. A struct without a file is new. Throws Error(BadInput) when a file is not sound; when the folder is not
    /// there, unless it `may_be_missing`.
    [[nodiscard]] RegisterReport compare(std::span<const StructDefinition> definitions, bool make_current,
                                         bool may_be_missing, std::span<const RulesFile> rules = {}) const;
    /// Appends those of `recorded` (all layouts of one struct, oldest first) that the file does not have. When anything
    /// is appended, or `make_current`, the layout `current` is the last word of the file. Nothing to append writes
    /// nothing.
    [[nodiscard]] AppendedHistory append(std::span<const DefinitionPtr> recorded, const StructDefinition& current,
                                         bool make_current) const;

private:
    [[nodiscard]] std::string file_of(const std::string& struct_name) const;

    std::string path_;
};

}  // namespace etalon::cli
