#pragma once
/// A folder of rules of evolution (structs/rules/): one file for each struct, written by people. docs/evolution.md says
/// what stands in them.

#include <string>
#include <vector>

#include "etalon/database.h"

namespace etalon::cli {

class RulesFolder {
public:
    /// Reads every `*.rules` of the folder. Throws Error(BadInput) when there is no such folder, unless it
    /// `may_be_missing`.
    RulesFolder(std::string path, bool may_be_missing);

    [[nodiscard]] const std::vector<RulesFile>& files() const noexcept { return files_; }
    /// Appends the renames that are proposed for a struct as a section to its file, which is made when there is none,
    /// and reads it again. Returns the path of the file. Throws Error(Refused) when the file has a section for these
    /// layouts already.
    std::string write_proposed(const RegisterOutcome& outcome);

private:
    std::string path_;
    std::vector<RulesFile> files_;
};

}  // namespace etalon::cli
