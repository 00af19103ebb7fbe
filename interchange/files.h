#pragma once
/// Files that are kept outside the databases, as records.

#include <span>
#include <string>

#include "etalon/files.h"
#include "interchange/records.h"

namespace etalon::interchange {

/// A file that was put or taken out, and the path that people gave or get.
struct FileAtPath {
    File file;
    std::string path;
};

/// path, sha256 (64 hexadecimal digits), size.
[[nodiscard]] Table file_table(std::span<const FileAtPath> files);
/// fault, path, what, expected, found, advice, object, member, removable, removed.
[[nodiscard]] Table file_check_table(std::span<const FileFinding> findings);

}  // namespace etalon::interchange
