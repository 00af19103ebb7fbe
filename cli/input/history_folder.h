#pragma once
/// A folder of recorded histories (structs/history/): one append-only file for each struct. evolution/history_file.h
/// says what stands in them.

#include <span>
#include <string>
#include <vector>

#include "etalon/database.h"
#include "etalon/definition.h"
#include "evolution/registering.h"

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
    /// nothing. `renamed_from`: the name that the struct had until now, when a rule renames it.
    [[nodiscard]] AppendedHistory append(std::span<const DefinitionPtr> recorded, const StructDefinition& current,
                                         bool make_current, const std::string& renamed_from = {}) const;

private:
    [[nodiscard]] std::string file_of(const std::string& struct_name) const;
    /// The file of the struct that has, or had, that name; the one that it would get when there is none.
    [[nodiscard]] std::string find_file(const std::string& struct_name) const;
    /// What is recorded of the struct that a definition is, or becomes by the rules, a layout of; `renamed_from` is
    /// then its name until now.
    [[nodiscard]] evolution::RecordedStruct find_continued(const StructDefinition& definition,
                                                           const evolution::GivenRules& given,
                                                           std::string& renamed_from) const;
    /// Asks of new structs whether they are others of the folder.
    void ask_about_renames(std::span<const StructDefinition> definitions, const evolution::GivenRules& given,
                           RegisterReport& report) const;

    std::string path_;
};

}  // namespace etalon::cli
