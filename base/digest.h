#pragma once
/// Digests: SHA-256 (FIPS 180-4, by OpenSSL) identifies content, XXH3-64 (by xxHash) checks stored chunks.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

using Sha256 = std::array<std::byte, 32>;

/// An incremental SHA-256. `add` any number of times, `finish` once.
class Sha256Builder {
public:
    Sha256Builder();
    ~Sha256Builder();
    Sha256Builder(const Sha256Builder&) = delete;
    Sha256Builder& operator=(const Sha256Builder&) = delete;

    void add(std::span<const std::byte> bytes);
    /// The number as eight little-endian bytes.
    void add(std::uint64_t number);
    /// The text behind its length, so that neighbours cannot run together.
    void add_text(std::string_view text);
    [[nodiscard]] Sha256 finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

[[nodiscard]] Sha256 sha256(std::span<const std::byte> bytes);
[[nodiscard]] std::uint64_t xxh3(std::span<const std::byte> bytes) noexcept;

/// The checksum of one stored row: XXH3-64 over its cells in the order in which docs/storage_format.md lists them. Each
/// cell is a byte for its kind (0 NULL, 1 integer, 2 text, 3 blob), then eight little-endian bytes of an integer, or
/// the length as such and the bytes of a text or blob; in front stands the name of the table as a text. Pure; not
/// thread-safe.
class RowDigest {
public:
    explicit RowDigest(std::string_view table) { add_text(table); }
    void add_null() { add_tag(std::byte{0}); }
    void add(std::int64_t number) {
        add_tag(std::byte{1});
        append(&number, sizeof number);
    }
    void add(std::optional<std::int64_t> number) { number ? add(*number) : add_null(); }
    void add_text(std::string_view text) { add_sized(std::byte{2}, text.data(), text.size()); }
    void add_blob(std::span<const std::byte> bytes) { add_sized(std::byte{3}, bytes.data(), bytes.size()); }
    /// The checksum as it is stored: the 64 bits as a signed number.
    [[nodiscard]] std::int64_t finish() const noexcept;

private:
    void add_tag(std::byte tag) { append(&tag, 1); }
    void add_sized(std::byte tag, const void* data, std::size_t size) {
        add_tag(tag);
        const std::uint64_t length = size;
        append(&length, sizeof length);
        append(data, size);
    }
    void append(const void* data, std::size_t size) {
        if (size == 0) return;
        if (large_.empty() && used_ + size <= small_.size()) {
            std::memcpy(small_.data() + used_, data, size);
            used_ += size;
            return;
        }
        if (large_.empty()) large_.assign(small_.begin(), small_.begin() + static_cast<std::ptrdiff_t>(used_));
        const auto* bytes = static_cast<const std::byte*>(data);
        large_.insert(large_.end(), bytes, bytes + size);
    }

    std::array<std::byte, 320> small_;
    std::size_t used_ = 0;
    std::vector<std::byte> large_;
};

/// XXH3-64 of bytes that come piece by piece. Not thread-safe.
class Xxh3Builder {
public:
    Xxh3Builder();
    ~Xxh3Builder();
    Xxh3Builder(const Xxh3Builder&) = delete;
    Xxh3Builder& operator=(const Xxh3Builder&) = delete;
    void add(std::span<const std::byte> bytes) noexcept;
    [[nodiscard]] std::uint64_t finish() const noexcept;
    void reset() noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The Merkle tree hash of RFC 6962, section 2.1, with SHA-256, over `items` in order of their bytes; that of nothing
/// is the SHA-256 of no bytes. Sorts the items.
[[nodiscard]] Sha256 merkle_root(std::vector<std::vector<std::byte>>& items);

/// 16 random bytes from the system, the first six a big-endian millisecond clock so that neighbours sort together
/// (as UUID version 7, RFC 9562 5.7, with its version and variant bits). Globally unique.
[[nodiscard]] std::array<std::byte, 16> make_uid();

}  // namespace etalon
