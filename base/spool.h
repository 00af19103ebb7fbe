#pragma once
/// Temporary files without a name, for rows that would be too many in memory.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"

namespace etalon {

/// A file in the directory for temporary files (TMPDIR, else /tmp) that nobody else sees and that is gone with the last
/// that uses it. Errors are Error(Backend) that name the directory and what the system says. For one thread.
class SpoolFile {
public:
    SpoolFile();
    ~SpoolFile();
    SpoolFile(const SpoolFile&) = delete;
    SpoolFile& operator=(const SpoolFile&) = delete;

    /// Adds bytes at the end.
    void append(std::span<const std::byte> bytes);
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// All bytes, mapped; the file may go. Not to be written to when `size` is 0 bytes.
    [[nodiscard]] AlignedBuffer map() const;
    /// `size` zero bytes of a file of their own, mapped, to be written to. The room is taken at once, so that a full
    /// disk is an error here and nowhere else.
    [[nodiscard]] static AlignedBuffer make_buffer(std::size_t size);

private:
    [[noreturn]] void fail(const char* what, int code) const;

    std::string directory_;
    int file_ = -1;
    std::uint64_t size_ = 0;
};

}  // namespace etalon
