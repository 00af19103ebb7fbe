#include "base/bytes.h"

#include <sys/mman.h>
#include <unistd.h>

#include <utility>

#include "etalon/error.h"

namespace etalon {
namespace {

/// Owns what share() has given away.
struct Shared {
    std::shared_ptr<const AlignedBuffer> buffer;
    void operator()(const std::byte*) const noexcept {}
};

}  // namespace

void AlignedBuffer::unmap(std::byte* data, std::size_t size) noexcept {
    (void)munmap(data, size);
}

void AlignedBuffer::let_go(std::size_t first, std::size_t last) const noexcept {
    if (!is_mapped()) return;
    static const auto kPage = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    // Whole pages; the mapping is shared, so that what was written is in the file.
    first = (first + kPage - 1) / kPage * kPage;
    last = last == size_ ? last : last / kPage * kPage;
    if (first < last) (void)madvise(data_.get() + first, last - first, MADV_DONTNEED);
}

std::shared_ptr<const std::byte> share(AlignedBuffer buffer) {
    auto owner = std::make_shared<const AlignedBuffer>(std::move(buffer));
    const std::byte* data = owner->data();
    return {data, Shared{std::move(owner)}};
}

void let_go(const std::shared_ptr<const std::byte>& shared, std::size_t first, std::size_t last) noexcept {
    if (const auto* owner = std::get_deleter<Shared>(shared)) owner->buffer->let_go(first, last);
}

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string to_hex(std::span<const std::byte> bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text(bytes.size() * 2, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto value = std::to_integer<unsigned>(bytes[i]);
        text[2 * i] = kDigits[value >> 4U];
        text[2 * i + 1] = kDigits[value & 15U];
    }
    return text;
}

Bytes from_hex(std::string_view text) {
    if (text.size() % 2 != 0) {
        throw Error(ErrorCode::BadInput, {"not a hexadecimal text",
                                          {},
                                          "an even number of hexadecimal digits",
                                          std::to_string(text.size()) + " characters",
                                          {}});
    }
    Bytes bytes(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) {
            const std::size_t at = high < 0 ? i : i + 1;
            const auto code = static_cast<unsigned char>(text[at]);
            const bool printable = code >= 0x20 && code <= 0x7e;
            throw Error(ErrorCode::BadInput,
                        {"not a hexadecimal text",
                         "character " + std::to_string(at + 1),
                         "hexadecimal digits",
                         printable ? "'" + std::string(1, text[at]) + "'" : "byte " + std::to_string(code),
                         {}});
        }
        bytes[i / 2] = static_cast<std::byte>(high * 16 + low);
    }
    return bytes;
}

}  // namespace etalon
