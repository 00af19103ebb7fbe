#pragma once
/// The inside of an OpenedFile.

#include <string>

#include "etalon/files.h"
#include "files/descriptor.h"

namespace etalon::files {

/// A file that was verified when it was opened.
struct OpenedContent {
    Descriptor descriptor;
    std::string path;
    File file;
    FileState state;  ///< when it was verified
    FileUse use;

    /// Whether nothing happened to it since. What changed is verified anew, which throws Error(Corrupt) when its
    /// content did: a link to it more or less is no harm.
    [[nodiscard]] bool is_unchanged();
};

/// Reads all of what was opened, and says what it is in `file`.
[[nodiscard]] OpenedContent examine(Descriptor descriptor, std::string path, FileUse use, const Progress& progress);
/// Who misses a file, and where it lies, as errors say it; either may be empty.
[[nodiscard]] std::string told_place(const FileUse& use, const std::string& path);

}  // namespace etalon::files
