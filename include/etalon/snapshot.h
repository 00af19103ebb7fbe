#pragma once
/// Named snapshots.

#include <cstdint>
#include <string>
#include <vector>

#include "etalon/time.h"

namespace etalon {

/// A named snapshot as it is recorded.
struct SnapshotInfo {
    struct Entry {
        std::string pattern;  ///< of names of references
        std::string place;    ///< a layer's URL, or its uid when it is not among the layers
        std::int64_t commit = 0;
        std::string hash =
            {};  ///< of that commit: reading a place whose commit has another one is refused; empty: it had none
    };
    std::string name;
    bool frozen = false;
    std::string author;
    Time created;
    std::string comment;
    std::vector<Entry> entries;
    std::vector<std::string> digests;  ///< of CSV layers, when frozen with some
};

}  // namespace etalon
