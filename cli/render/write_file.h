#pragma once
/// Files that commands write.

#include <string>

namespace etalon::cli {

/// Writes a file whole or not at all: a run that is stopped leaves no half file. Missing folders above it are made.
/// Throws Error(Backend) that names the file or folder.
void write_file(const std::string& path, const std::string& text);

}  // namespace etalon::cli
