#include "base/whole_input.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "etalon/error.h"

namespace etalon {

std::ifstream open_input(const std::string& path, const std::string& what, const std::string& expected) {
    std::ifstream file(path, std::ios::binary);
    const auto failure = errno;
    std::error_code ignored;
    const bool is_directory = std::filesystem::is_directory(path, ignored);
    if (file && !is_directory) return file;
    throw Error(ErrorCode::BadInput, {what, path, expected, is_directory ? "a directory" : std::strerror(failure), ""});
}

std::string read_whole(std::istream& in, const std::string& name, std::uint64_t most) {
    constexpr std::size_t kPiece = std::size_t{1} << 20;
    std::string content;
    while (in) {
        const auto used = content.size();
        content.resize(used + kPiece);
        in.read(content.data() + used, kPiece);
        content.resize(used + static_cast<std::size_t>(in.gcount()));
        if (content.size() <= most) continue;
        throw Error(ErrorCode::BadInput, {"the file is too large", name,
                                          most < kPiece ? "at most " + std::to_string(most) + " bytes"
                                                        : "at most " + std::to_string(most / kPiece) + " MB",
                                          "more", "split it, or look whether it is the right file"});
    }
    if (in.bad()) throw Error(ErrorCode::BadInput, {"the file cannot be read", name, "", std::strerror(errno), ""});
    return content;
}

std::string read_whole_file(const std::string& path, const std::string& expected, std::uint64_t most) {
    auto file = open_input(path, "the file cannot be read", expected);
    return read_whole(file, path, most);
}

}  // namespace etalon
