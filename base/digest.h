#pragma once
/// Digests: SHA-256 (FIPS 180-4, by OpenSSL) identifies content, XXH3-64 (by xxHash) checks stored chunks.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

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

/// 16 random bytes from the system, the first six a big-endian millisecond clock so that neighbours sort together
/// (as UUID version 7, RFC 9562 5.7, with its version and variant bits). Globally unique.
[[nodiscard]] std::array<std::byte, 16> make_uid();

}  // namespace etalon
