#include "cli/render/write_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "etalon/error.h"

namespace etalon::cli {

void write_file(const std::string& path, const std::string& text) {
    const auto fail = [&](const std::string& part) {
        const std::string reason = std::strerror(errno);
        std::error_code ignored;
        std::filesystem::remove(part, ignored);
        throw Error(ErrorCode::Backend, {"the file cannot be written", path, "", reason, ""});
    };
    if (const auto parent = std::filesystem::path(path).parent_path(); !parent.empty()) {
        std::error_code failed;
        std::filesystem::create_directories(parent, failed);
        if (failed) {
            throw Error(ErrorCode::Backend, {"the folder cannot be made", parent.string(), "", failed.message(), ""});
        }
    }
    const std::string part = path + ".part";
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) fail(part);
    if (std::rename(part.c_str(), path.c_str()) != 0) fail(part);
}

}  // namespace etalon::cli
