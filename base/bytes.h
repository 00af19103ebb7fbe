#pragma once
/// Raw memory: an aligned, growable, uninitialised buffer, and the little-endian rule. Etalon builds only on
/// little-endian machines, so that canonical (little-endian) values and values in memory are the same bytes.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

static_assert(std::endian::native == std::endian::little, "Etalon stores and computes in little-endian order");

using Bytes = std::vector<std::byte>;

/// An owned block of bytes at a 64-byte boundary. Not initialised unless asked for. Movable, not copyable. In memory,
/// or (base/spool.h) a mapped file, of which only what was touched lately is in memory.
class AlignedBuffer {
public:
    static constexpr std::size_t kAlignment = 64;

    AlignedBuffer() = default;
    explicit AlignedBuffer(std::size_t size)
        : data_(size == 0 ? nullptr : static_cast<std::byte*>(::operator new(size, std::align_val_t{kAlignment}))),
          size_(size) {}
    /// A buffer of `size` zero bytes.
    static AlignedBuffer zeroed(std::size_t size) {
        AlignedBuffer buffer(size);
        if (size != 0) std::memset(buffer.data(), 0, size);
        return buffer;
    }
    [[nodiscard]] std::byte* data() noexcept { return data_.get(); }
    [[nodiscard]] const std::byte* data() const noexcept { return data_.get(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_.get(), size_}; }
    /// True when the bytes are those of a mapped file.
    [[nodiscard]] bool is_mapped() const noexcept { return data_.get_deleter().is_mapped; }
    /// Says that [first, last) is not needed soon. Of a mapped file it leaves memory, and is read again when it is
    /// touched; nothing else changes.
    void let_go(std::size_t first, std::size_t last) const noexcept;

private:
    friend class SpoolFile;
    struct Free {
        std::size_t size;
        bool is_mapped;
        Free() noexcept : Free(0, false) {}
        Free(std::size_t of_file, bool mapped) noexcept : size(of_file), is_mapped(mapped) {}
        void operator()(std::byte* p) const noexcept {
            is_mapped ? unmap(p, size) : ::operator delete(p, std::align_val_t{kAlignment});
        }
    };
    static void unmap(std::byte* data, std::size_t size) noexcept;

    std::unique_ptr<std::byte, Free> data_;
    std::size_t size_ = 0;
};

/// The bytes as others share them. Whoever reads them from front to end may let_go() of what lies behind.
[[nodiscard]] std::shared_ptr<const std::byte> share(AlignedBuffer buffer);
/// AlignedBuffer::let_go() of bytes that share() gave; nothing happens to others.
void let_go(const std::shared_ptr<const std::byte>& shared, std::size_t first, std::size_t last) noexcept;

/// The bytes of a string, and the reverse. No copy; the view lives as long as what it was made from.
[[nodiscard]] inline std::span<const std::byte> as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The value of a hexadecimal digit in either case; -1 for any other character.
[[nodiscard]] int hex_digit(char c) noexcept;
/// Lower-case hexadecimal, two digits a byte.
[[nodiscard]] std::string to_hex(std::span<const std::byte> bytes);
/// Inverse of to_hex (upper case accepted); throws Error(BadInput) on anything else.
[[nodiscard]] Bytes from_hex(std::string_view text);

}  // namespace etalon
