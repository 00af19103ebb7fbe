#include "base/spool.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "etalon/error.h"

namespace etalon {

SpoolFile::SpoolFile() {
    const char* given = std::getenv("TMPDIR");
    directory_ = given != nullptr && *given != '\0' ? given : "/tmp";
    file_ = ::open(directory_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file_ >= 0) return;
    // Not every file system has files without a name.
    auto name = (std::filesystem::path(directory_) / "etalon-XXXXXX").string();
    file_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (file_ < 0) fail("a temporary file cannot be made", errno);
    (void)::unlink(name.c_str());
}

SpoolFile::~SpoolFile() {
    if (file_ >= 0) (void)::close(file_);
}

void SpoolFile::fail(const char* what, int code) const {
    throw Error(ErrorCode::Backend, {what, directory_, "room for the rows", std::strerror(code),
                                     "TMPDIR names the directory for temporary files"});
}

void SpoolFile::append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(file_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("a temporary file cannot be written", errno);
        size_ += static_cast<std::uint64_t>(written);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

AlignedBuffer SpoolFile::map() const {
    AlignedBuffer buffer;
    if (size_ == 0) return buffer;
    void* const data = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
    if (data == MAP_FAILED) fail("a temporary file cannot be mapped", errno);
    buffer.data_ = std::unique_ptr<std::byte, AlignedBuffer::Free>(static_cast<std::byte*>(data), {size_, true});
    buffer.size_ = size_;
    return buffer;
}

AlignedBuffer SpoolFile::make_buffer(std::size_t size) {
    SpoolFile file;
    if (size == 0) return {};
    int code = EINTR;
    while (code == EINTR) code = ::posix_fallocate(file.file_, 0, static_cast<off_t>(size));
    if (code != 0) file.fail("a temporary file cannot be written", code);
    file.size_ = size;
    return file.map();
}

}  // namespace etalon
