#pragma once
/// Opens inputs, and reads those that are needed as a whole, up to a limit: what others hand in must not fill the
/// memory.

#include <cstdint>
#include <fstream>
#include <istream>
#include <string>

namespace etalon {

/// A file to be read from its begin, as bytes. Throws Error(BadInput), with `what` is wrong and what the file should
/// be, also for a directory, or when it cannot be opened.
[[nodiscard]] std::ifstream open_input(const std::string& path, const std::string& what, const std::string& expected);
/// Everything that is left of a stream. Throws Error(BadInput) that names `name` when it is more than `most` bytes, or
/// cannot be read.
[[nodiscard]] std::string read_whole(std::istream& in, const std::string& name, std::uint64_t most);
/// The same of a file, which open_input() opens.
[[nodiscard]] std::string read_whole_file(const std::string& path, const std::string& expected, std::uint64_t most);

}  // namespace etalon
