#include "files/descriptor.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/digest.h"

namespace etalon::files {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

std::int64_t nanoseconds(const timespec& time) noexcept {
    constexpr std::int64_t kSecond = 1'000'000'000;
    return static_cast<std::int64_t>(time.tv_sec) * kSecond + time.tv_nsec;
}

File with_hash(const Sha256& digest, std::uint64_t size) noexcept {
    File file{};
    std::memcpy(file.sha256, digest.data(), digest.size());
    file.size = size;
    return file;
}

}  // namespace

Descriptor::~Descriptor() {
    if (number_ >= 0) (void)::close(number_);
}

Error system_error(std::string what, std::string where, int code, std::string advice) {
    const bool not_allowed = code == EACCES || code == EPERM || code == EROFS;
    return {not_allowed ? ErrorCode::ReadOnly : ErrorCode::Backend,
            {std::move(what), std::move(where), {}, std::strerror(code), std::move(advice)}};
}

FileState state_of(const Descriptor& file, const std::string& path) {
    struct stat state{};
    if (::fstat(file.get(), &state) != 0) throw system_error("the file cannot be looked at", path, errno);
    return {S_ISREG(state.st_mode),
            S_ISLNK(state.st_mode),
            static_cast<std::uint64_t>(state.st_dev),
            static_cast<std::uint64_t>(state.st_ino),
            static_cast<std::uint64_t>(state.st_size),
            nanoseconds(state.st_mtim),
            nanoseconds(state.st_ctim)};
}

std::size_t read_at(const Descriptor& file, const std::string& path, std::uint64_t offset, std::span<std::byte> into) {
    std::size_t done = 0;
    while (done < into.size()) {
        const auto got = ::pread(file.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            throw Error(ErrorCode::Backend, {"the file cannot be read", path, {}, std::strerror(errno), {}});
        }
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

File read_through(const Descriptor& file, const std::string& path, const Sink& sink) {
    Sha256Builder digest;
    std::vector<std::byte> piece(kPiece);
    std::uint64_t size = 0;
    for (;;) {
        const auto got = std::span(piece).first(read_at(file, path, size, piece));
        if (got.empty()) break;
        digest.add(got);
        size += got.size();
        sink(got);
    }
    return with_hash(digest.finish(), size);
}

File file_of(std::span<const std::byte> content) {
    return with_hash(sha256(content), content.size());
}

void write_all(const Descriptor& file, const std::string& path, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(file.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw system_error("the file cannot be written", path, errno);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void sync(const Descriptor& file, const std::string& path) {
    if (::fsync(file.get()) != 0 && errno != EINVAL && errno != EROFS) {
        throw system_error("the file cannot be brought to the disk", path, errno);
    }
}

std::vector<std::string> names_in(const Descriptor& folder, const std::string& path) {
    const auto fail = [&](int code) {
        return Error(ErrorCode::Backend, {"the folder cannot be read", path, {}, std::strerror(code), {}});
    };
    // A description of its own, so that the place in the listing is nobody else's.
    Descriptor own(::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!own.is_open()) throw fail(errno);
    struct Close {
        void operator()(DIR* open) const noexcept { (void)::closedir(open); }
    };
    const std::unique_ptr<DIR, Close> listing(::fdopendir(own.get()));
    if (!listing) throw fail(errno);
    (void)own.release();
    std::vector<std::string> names;
    for (;;) {
        errno = 0;
        const auto* entry = ::readdir(listing.get());
        if (entry == nullptr && errno != 0) throw fail(errno);
        if (entry == nullptr) break;
        const std::string name = entry->d_name;
        if (name != "." && name != "..") names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace etalon::files
