// Putting, finding and opening.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "etalon/files.h"
#include "files/layout.h"
#include "files/opened_file.h"

namespace etalon {

/// A file that is looked for.
struct FileStore::Wanted {
    File file;
    bool any_size = false;

    [[nodiscard]] bool is(const File& other) const noexcept {
        return std::memcmp(file.sha256, other.sha256, sizeof(file.sha256)) == 0 &&
               (any_size || file.size == other.size);
    }
    [[nodiscard]] std::string text() const {
        return any_size ? "sha256:" + to_hex(std::as_bytes(std::span(file.sha256))) : format_file(file);
    }
};

namespace files {
namespace {

constexpr std::string_view kDamagedAdvice =
    "move it out of the way, put the file again from another copy, and find out what damaged it";

std::string path_in(const std::string& root, const PlaceInRoot& place) {
    return root + (root.ends_with('/') ? "" : "/") + place.subfolder + "/" + place.name;
}

/// Content that one of the folders has, or what is in its place.
struct Candidate {
    std::string path;
    Found found;
};

/// Looks below one folder. Absent when that does not exist either.
Candidate look_up(const std::string& root, const PlaceInRoot& place) {
    Candidate candidate{path_in(root, place), {}};
    const auto folder = open_root(root);
    if (!folder.is_open()) return candidate;
    auto subfolder = open_subfolder(folder, place.subfolder, root + "/" + place.subfolder);
    if (!subfolder.opened.is_open()) {
        candidate.found = std::move(subfolder);
        if (!candidate.found.is_absent()) candidate.path = root + "/" + place.subfolder;
        return candidate;
    }
    candidate.found = open_content(subfolder.opened, place.name, candidate.path);
    return candidate;
}

/// A file under a name of its own, until it is renamed.
class Part {
public:
    Part(const Descriptor& subfolder, const std::string& folder_path) : subfolder_(subfolder) {
        name_ = std::string(kPartPrefix) + to_hex(make_uid());
        path_ = folder_path + "/" + name_;
        // The mode is for those who open it later: they may read it, as the umask says, and nobody may write it.
        file_ = Descriptor(
            ::openat(subfolder.get(), name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444));
        if (!file_.is_open()) {
            throw system_error("the folder for files cannot be written to", folder_path, errno);
        }
    }
    ~Part() {
        if (!is_renamed_ && file_.is_open()) (void)::unlinkat(subfolder_.get(), name_.c_str(), 0);
    }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

    void append(std::span<const std::byte> bytes) {
        try {
            write_all(file_, path_, bytes);
        } catch (const Error& error) {
            throw error.about("the content cannot be stored");
        }
    }
    /// Brings it to the disk and gives it its name; false when something has that name.
    [[nodiscard]] bool give_name(const std::string& name) {
        sync(file_, path_);
        if (::renameat2(subfolder_.get(), name_.c_str(), subfolder_.get(), name.c_str(), RENAME_NOREPLACE) == 0) {
            is_renamed_ = true;
            return true;
        }
        int code = errno;
        if (code == EINVAL || code == ENOSYS) {
            // A file system that cannot rename without replacing: a second name, and the first is removed.
            if (::linkat(subfolder_.get(), name_.c_str(), subfolder_.get(), name.c_str(), 0) == 0) return true;
            code = errno;
        }
        if (code == EEXIST) return false;
        throw system_error("the file cannot get its name", path_, code);
    }

private:
    const Descriptor& subfolder_;
    std::string name_;
    std::string path_;
    Descriptor file_;
    bool is_renamed_ = false;
};

/// The first folder, to be written to.
Descriptor open_root_to_write(const std::string& root) {
    auto folder = open_root(root);
    if (folder.is_open()) return folder;
    throw Error(ErrorCode::Unknown, {"the folder for files does not exist", root, "a folder", "nothing",
                                     "make it, or mount what it is on: it is never made by itself"});
}

Descriptor open_subfolder_to_write(const Descriptor& root, const std::string& name, const std::string& path) {
    if (::mkdirat(root.get(), name.c_str(), 0777) == 0) {
        sync(root, path);
    } else if (errno != EEXIST) {
        throw system_error("the folder for files cannot be written to", path, errno);
    }
    auto found = open_subfolder(root, name, path);
    if (found.opened.is_open()) return std::move(found.opened);
    throw Error(ErrorCode::Refused,
                {"nothing is written there", path, "a folder", found.problem.empty() ? "nothing" : found.problem,
                 "move it away: content lies in folders of its own below the folder for files"});
}

/// Whether content of that name is there; throws Error(Corrupt) when it is not what it has to be.
bool is_kept(const Descriptor& subfolder, const std::string& name, const std::string& path, const File& file) {
    auto found = open_content(subfolder, name, path);
    if (found.is_absent()) return false;
    const auto corrupt = [&](std::string what) {
        return Error(ErrorCode::Corrupt, {"other content lies in the place of the file", path, format_file(file),
                                          std::move(what), std::string(kDamagedAdvice)});
    };
    if (!found.opened.is_open()) throw corrupt(found.problem);
    const auto state = state_of(found.opened, path);
    if (state.size != file.size) throw corrupt(std::to_string(state.size) + " bytes");
    const auto content = read_through(found.opened, path, [](std::span<const std::byte>) {});
    if (content != file) throw corrupt(format_file(content));
    return true;
}

/// Whether one of the folders that are not written to has it.
bool is_elsewhere(std::span<const std::string> roots, const File& file) {
    const auto place = place_of(file.sha256);
    return std::any_of(roots.begin(), roots.end(), [&](const std::string& root) {
        const auto candidate = look_up(root, place);
        if (!candidate.found.opened.is_open()) return false;
        if (state_of(candidate.found.opened, candidate.path).size != file.size) return false;
        return read_through(candidate.found.opened, candidate.path, [](std::span<const std::byte>) {}) == file;
    });
}

/// Stores content that `produce` hands on, which is known to be `file` unless it changes.
void keep(std::span<const std::string> roots, const File& file, const std::string& source,
          const std::function<File(const Sink&)>& produce) {
    const auto& root = roots.front();
    const auto place = place_of(file.sha256);
    const auto folder = open_root_to_write(root);
    const auto path = path_in(root, place);
    const auto folder_path = path.substr(0, path.size() - place.name.size() - 1);
    if (const auto there = open_subfolder(folder, place.subfolder, folder_path); there.opened.is_open()) {
        if (is_kept(there.opened, place.name, path, file)) {
            sync(there.opened, folder_path);  // whoever put it may not have come to that
            return;
        }
    }
    if (is_elsewhere(roots.subspan(1), file)) return;
    const auto subfolder = open_subfolder_to_write(folder, place.subfolder, folder_path);
    Part part(subfolder, folder_path);
    const auto written = produce([&](std::span<const std::byte> piece) { part.append(piece); });
    if (written != file) {
        throw Error(ErrorCode::BadInput, {"the file changed while it was read", source, format_file(file),
                                          format_file(written), "put it again when nothing writes to it"});
    }
    if (!part.give_name(place.name)) {
        // Another put was first.
        (void)is_kept(subfolder, place.name, path, file);
    }
    sync(subfolder, folder_path);
}

Descriptor open_source(const std::string& path) {
    Descriptor source(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!source.is_open()) {
        throw Error(ErrorCode::BadInput, {"the file cannot be read", path, "a regular file", std::strerror(errno), {}});
    }
    if (!state_of(source, path).is_regular) {
        throw Error(ErrorCode::BadInput, {"what is put is a regular file", path, "a regular file",
                                          "a folder, pipe or device", "write what comes from a pipe to a file first"});
    }
    return source;
}

}  // namespace
}  // namespace files

FileStore::FileStore(std::vector<std::string> roots) : roots_(std::move(roots)) {}

std::vector<std::string> FileStore::parse_roots(std::string_view text) {
    std::vector<std::string> roots;
    for (std::size_t from = 0; from <= text.size();) {
        const auto end = std::min(text.find(':', from), text.size());
        std::string root(text.substr(from, end - from));
        const bool is_twice = std::find(roots.begin(), roots.end(), root) != roots.end();
        if (root.empty() || is_twice || root.find('\0') != std::string::npos) {
            throw Error(ErrorCode::Usage,
                        {is_twice ? "a folder for files is given twice" : "a folder for files has no name",
                         std::string(text),
                         "folders, ':' between several",
                         is_twice ? root : "an empty one",
                         {}});
        }
        roots.push_back(std::move(root));
        from = end + 1;
    }
    return roots;
}

void FileStore::require_roots() const {
    if (!roots_.empty()) return;
    throw Error(ErrorCode::Usage, {"no folder for files is given",
                                   {},
                                   "--files DIR, ETALON_FILES or files = \"DIR\" in the federation file; in C++ "
                                   "OpenOptions::files",
                                   {},
                                   {}});
}

File FileStore::put(const std::string& path, const Progress& progress) const {
    require_roots();
    const auto source = files::open_source(path);
    const auto size = files::state_of(source, path).size;
    // Read twice: the first time says where it belongs, and whether it is there already.
    const auto total = 2 * size;
    std::uint64_t done = 0;
    const auto count = [&](std::span<const std::byte> piece) {
        done += piece.size();
        if (progress) progress(std::min(done, total), total);
    };
    const auto file = files::read_through(source, path, count);
    files::keep(roots_, file, path, [&](const files::Sink& sink) {
        return files::read_through(source, path, [&](std::span<const std::byte> piece) {
            sink(piece);
            count(piece);
        });
    });
    return file;
}

File FileStore::put(std::span<const std::byte> content) const {
    require_roots();
    const auto file = files::file_of(content);
    files::keep(roots_, file, "memory", [&](const files::Sink& sink) {
        sink(content);
        return file;
    });
    return file;
}

File FileStore::examine(const std::string& path, const Progress& progress) {
    const auto source = files::open_source(path);
    const auto total = files::state_of(source, path).size;
    std::uint64_t done = 0;
    return files::read_through(source, path, [&](std::span<const std::byte> piece) {
        done += piece.size();
        if (progress) progress(std::min(done, total), total);
    });
}

std::optional<std::string> FileStore::find(const File& file) const {
    if (file.is_null()) return std::nullopt;
    require_roots();
    const auto place = files::place_of(file.sha256);
    for (const auto& root : roots_) {
        const auto candidate = files::look_up(root, place);
        if (!candidate.found.opened.is_open()) continue;
        if (files::state_of(candidate.found.opened, candidate.path).size == file.size) return candidate.path;
    }
    return std::nullopt;
}

OpenedFile FileStore::open_wanted(const Wanted& wanted, const FileUse& use, const Progress& progress) const {
    require_roots();
    const auto place = files::place_of(wanted.file.sha256);
    std::optional<Error> first;
    const auto note = [&](const std::string& path, std::string found) {
        if (first) return;
        first.emplace(ErrorCode::Corrupt,
                      ErrorInfo{"other content lies in the place of the file", files::told_place(use, path),
                                wanted.text(), std::move(found), std::string(files::kDamagedAdvice)});
    };
    std::string searched;
    for (const auto& root : roots_) {
        auto candidate = files::look_up(root, place);
        auto& found = candidate.found;
        struct stat there{};
        searched +=
            (searched.empty() ? "" : ", ") + root + (::stat(root.c_str(), &there) == 0 ? "" : " (does not exist)");
        if (found.is_absent()) continue;
        if (!found.opened.is_open()) {
            note(candidate.path, found.problem);
            continue;
        }
        const auto size = files::state_of(found.opened, candidate.path).size;
        if (!wanted.any_size && size != wanted.file.size) {
            note(candidate.path, std::to_string(size) + " bytes");
            continue;
        }
        auto opened = files::examine(std::move(found.opened), candidate.path, use, progress);
        if (wanted.is(opened.file)) return OpenedFile(std::make_unique<files::OpenedContent>(std::move(opened)));
        note(candidate.path, format_file(opened.file));
    }
    if (first) throw *std::move(first);
    throw Error(ErrorCode::Unknown,
                {"the file is missing", files::told_place(use, {}), wanted.text() + " in " + searched, "nothing",
                 "bring it back with etalon file put, or name the folder that has it with --files"});
}

OpenedFile FileStore::open(const File& file, const FileUse& use, const Progress& progress) const {
    if (file.is_null()) {
        throw Error(ErrorCode::BadInput,
                    {"there is no file", files::told_place(use, {}), "a file", "null", "ask is_null() first"});
    }
    return open_wanted({file, false}, use, progress);
}

OpenedFile FileStore::open_hash(std::string_view sha256, const Progress& progress) const {
    const auto file = parse_file("sha256:" + std::string(sha256) + ":0");
    if (!file) {
        throw Error(ErrorCode::BadInput, {"this is no SHA-256", {}, "64 hexadecimal digits", std::string(sha256), {}});
    }
    return open_wanted({*file, true}, {}, progress);
}

std::vector<std::byte> FileStore::read(const File& file, const FileUse& use) const {
    return open(file, use).read_all();
}

}  // namespace etalon
