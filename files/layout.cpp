#include "files/layout.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

#include "base/bytes.h"

namespace etalon::files {
namespace {

bool is_hex(std::string_view text, std::size_t digits) noexcept {
    return text.size() == digits && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

bool is_link_at(const Descriptor& folder, const std::string& name) noexcept {
    struct stat state{};
    return ::fstatat(folder.get(), name.c_str(), &state, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(state.st_mode);
}

}  // namespace

PlaceInRoot place_of(const unsigned char (&sha256)[32]) {
    const auto digits = to_hex(std::as_bytes(std::span(sha256)));
    return {digits.substr(0, kSubfolderDigits), digits.substr(kSubfolderDigits)};
}

bool is_subfolder_name(std::string_view name) noexcept {
    return is_hex(name, kSubfolderDigits);
}

bool is_content_name(std::string_view name) noexcept {
    return is_hex(name, kNameDigits);
}

Descriptor open_root(const std::string& root) {
    Descriptor folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.is_open() || errno == ENOENT) return folder;
    const int code = errno;
    throw Error(code == ENOTDIR ? ErrorCode::Usage : ErrorCode::Backend,
                {"the folder for files cannot be opened", root, "a folder", std::strerror(code), {}});
}

Found open_subfolder(const Descriptor& root, const std::string& name, const std::string& path) {
    Found found;
    found.opened = Descriptor(::openat(root.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (found.opened.is_open() || errno == ENOENT) return found;
    const int code = errno;
    if (code != ENOTDIR && code != ELOOP) {
        throw Error(ErrorCode::Backend, {"the folder cannot be opened", path, {}, std::strerror(code), {}});
    }
    found.problem = is_link_at(root, name) ? "a link, which may lead elsewhere" : "no folder";
    return found;
}

Found open_content(const Descriptor& subfolder, const std::string& name, const std::string& path) {
    Found found;
    // Not blocking: a pipe would wait for whoever writes to it.
    Descriptor file(::openat(subfolder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (!file.is_open()) {
        const int code = errno;
        if (code == ENOENT) return found;
        if (code != ELOOP && code != ENXIO) {
            throw Error(ErrorCode::Backend, {"the file cannot be opened", path, {}, std::strerror(code), {}});
        }
        found.problem = code == ELOOP ? "a link, which may lead elsewhere" : "no regular file";
        return found;
    }
    if (!state_of(file, path).is_regular) {
        found.problem = "no regular file";
        return found;
    }
    found.opened = std::move(file);
    return found;
}

}  // namespace etalon::files
