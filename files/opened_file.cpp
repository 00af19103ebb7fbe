#include "files/opened_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"

namespace etalon {
namespace files {

std::string told_place(const FileUse& use, const std::string& path) {
    std::string text;
    const auto add = [&](std::string_view before, const std::string& part) {
        if (!part.empty()) text += (text.empty() ? "" : ", ") + std::string(before) + part;
    };
    add(parse_id(use.object) ? "object " : "", use.object);
    add("member ", use.member);
    add("", path);
    return text;
}

OpenedContent examine(Descriptor descriptor, std::string path, FileUse use, const Progress& progress) {
    const auto before = state_of(descriptor, path);
    std::uint64_t done = 0;
    const auto file = read_through(descriptor, path, [&](std::span<const std::byte> piece) {
        done += piece.size();
        if (progress) progress(std::min(done, before.size), before.size);
    });
    return {std::move(descriptor), std::move(path), file, before, std::move(use)};
}

bool OpenedContent::is_unchanged() {
    const auto now = state_of(descriptor, path);
    if (now == state) return true;
    const auto content = read_through(descriptor, path, [](std::span<const std::byte>) {});
    if (content != file) {
        throw Error(ErrorCode::Corrupt,
                    {"the file was changed while it was open", told_place(use, path), format_file(file),
                     format_file(content), "what is kept is never to be written to; take it from another copy"});
    }
    state = now;
    return false;
}

namespace {

/// A file that is there only when all of it is: written beside its name, which it gets at the end.
class WholeFile {
public:
    explicit WholeFile(const std::string& path) : path_(path) {
        struct stat there{};
        if (::lstat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
            throw Error(ErrorCode::Refused, {"only a regular file is replaced", path, "a regular file, or nothing",
                                             S_ISDIR(there.st_mode)   ? "a folder"
                                             : S_ISLNK(there.st_mode) ? "a link"
                                                                      : "something else",
                                             "give the name of a new file"});
        }
        part_ = path + ".part-" + to_hex(make_uid());
        file_ = Descriptor(::open(part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
        if (!file_.is_open()) throw system_error("the file cannot be made", part_, errno);
    }
    ~WholeFile() {
        if (!is_done_ && file_.is_open()) (void)::unlink(part_.c_str());
    }
    WholeFile(const WholeFile&) = delete;
    WholeFile& operator=(const WholeFile&) = delete;

    void append(std::span<const std::byte> bytes) { write_all(file_, part_, bytes); }
    void finish() {
        sync(file_, part_);
        if (std::rename(part_.c_str(), path_.c_str()) != 0) {
            throw system_error("the file cannot get its name", path_, errno);
        }
        is_done_ = true;
    }

private:
    std::string path_;
    std::string part_;
    Descriptor file_;
    bool is_done_ = false;
};

}  // namespace
}  // namespace files

OpenedFile::OpenedFile(std::unique_ptr<files::OpenedContent> content) noexcept : content_(std::move(content)) {}
OpenedFile::OpenedFile(OpenedFile&&) noexcept = default;
OpenedFile& OpenedFile::operator=(OpenedFile&&) noexcept = default;
OpenedFile::~OpenedFile() = default;

const File& OpenedFile::file() const noexcept {
    return content_->file;
}
const std::string& OpenedFile::path() const noexcept {
    return content_->path;
}

std::size_t OpenedFile::read(std::uint64_t offset, std::span<std::byte> into) const {
    if (offset >= content_->file.size) return 0;
    std::size_t got = 0;
    do {
        got = files::read_at(content_->descriptor, content_->path, offset, into);
    } while (!content_->is_unchanged());
    return got;
}

std::vector<std::byte> OpenedFile::read_all() const {
    std::vector<std::byte> content(content_->file.size);
    content.resize(read(0, content));
    return content;
}

void OpenedFile::copy(const std::function<void(std::span<const std::byte>)>& sink) const {
    const auto copied = files::read_through(content_->descriptor, content_->path, sink);
    if (copied == content_->file) return;
    throw Error(ErrorCode::Corrupt, {"the file was changed while it was copied",
                                     files::told_place(content_->use, content_->path), format_file(content_->file),
                                     format_file(copied), "what was written is not the content: do not use it"});
}

void OpenedFile::copy_to(const std::string& path) const {
    files::WholeFile target(path);
    copy([&](std::span<const std::byte> piece) { target.append(piece); });
    target.finish();
}

}  // namespace etalon
