#pragma once
/// `etalon verify`: whether everything in a place is what Etalon wrote there.

#include <cstdint>
#include <string>
#include <vector>

#include "etalon/commit.h"

namespace etalon {

/// What is checked, and whether it is mended.
struct VerifyOptions {
    /// Also every payload against its content hash: reads all values.
    bool deep = false;
    /// Makes anew what is derived: timelines from records that are whole, `objectRef` from rows that are (when they
    /// were read: deep), proof rows of sets when the chain of commits holds, views. In a commit of its own; nothing
    /// else is ever changed.
    bool repair = false;
    /// Named references whose records, payloads and timelines are checked; empty: all. The rest is always checked.
    std::vector<std::string> names = {};
    CommitInfo info = {};  ///< of the commit of a repair
};

/// One thing that is not as it should be.
struct VerifyFinding {
    std::string layer;  ///< the place, a URL without password
    std::string table;
    std::string key;  ///< which row, set, or object
    std::string what;
    std::string expected;
    std::string found;
    std::string advice;
    bool repairable = false;
    bool repaired = false;
    friend bool operator==(const VerifyFinding&, const VerifyFinding&) = default;
};

struct VerifyReport {
    std::vector<VerifyFinding> findings;
    /// References to objects that this place has not, but another layer, or another database of the federation: the
    /// place is whole only together with that. Not damage.
    std::vector<VerifyFinding> elsewhere = {};
    std::vector<std::string> notes = {};  ///< what was not checked, or lies in the folders for files besides
    std::uint64_t commits = 0;            ///< of the chain
    std::uint64_t rows = 0;               ///< with checksums of their own
    std::uint64_t timelines = 0;          ///< computed again and compared
    std::uint64_t objects = 0;            ///< compared with their payloads and ids
    std::uint64_t payloads = 0;           ///< read and compared with their content hash (deep)
    std::int64_t commit = 0;              ///< of the repair; 0: none was made
};

}  // namespace etalon
