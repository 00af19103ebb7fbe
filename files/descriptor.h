#pragma once
/// Open files and folders of the system, and what they hold.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "etalon/error.h"
#include "etalon/ref.h"

namespace etalon::files {

/// An open file or folder; closed with its owner.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor();

    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }
    /// Gives it up to somebody who closes it.
    int release() noexcept { return std::exchange(number_, -1); }

private:
    int number_ = -1;
};

/// What the system knows of a file. Two of one file differ when it was written to in between.
struct FileState {
    bool is_regular = false;
    bool is_link = false;
    std::uint64_t device = 0;
    std::uint64_t number = 0;
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;  ///< since 1970, UTC
    std::int64_t changed_ns = 0;
    friend bool operator==(const FileState&, const FileState&) = default;
};

/// Throws Error(Backend) that names `path`.
[[nodiscard]] FileState state_of(const Descriptor& file, const std::string& path);

/// What the system said, as an error: ReadOnly for what may not be written, else Backend.
[[nodiscard]] Error system_error(std::string what, std::string where, int code, std::string advice = {});

/// Reads up to `into.size()` bytes from `offset` on, fewer at the end only.
[[nodiscard]] std::size_t read_at(const Descriptor& file, const std::string& path, std::uint64_t offset,
                                  std::span<std::byte> into);
using Sink = std::function<void(std::span<const std::byte>)>;
/// Hands all of a file to `sink`, piece by piece, and says what it was.
[[nodiscard]] File read_through(const Descriptor& file, const std::string& path, const Sink& sink);
/// What bytes in memory are.
[[nodiscard]] File file_of(std::span<const std::byte> content);

/// Writes all of it. Throws system_error() with `what` and `path`.
void write_all(const Descriptor& file, const std::string& path, std::span<const std::byte> bytes);
/// Brings a file or folder to the disk. What the file system cannot do (EINVAL) is not asked for.
void sync(const Descriptor& file, const std::string& path);

/// The names in a folder, without `.` and `..`, sorted.
[[nodiscard]] std::vector<std::string> names_in(const Descriptor& folder, const std::string& path);

}  // namespace etalon::files
