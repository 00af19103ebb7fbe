// The text forms of etalon/ref.h.

#include "etalon/ref.h"

#include <span>

#include "base/bytes.h"
#include "base/number_text.h"

namespace etalon {
namespace {

bool read_hex(std::string_view text, std::span<unsigned char> out) noexcept {
    if (text.size() != 2 * out.size()) return false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = hex_digit(text[2 * i]);
        const int low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = static_cast<unsigned char>(high * 16 + low);
    }
    return true;
}

constexpr std::string_view kFilePrefix = "sha256:";
constexpr std::size_t kFileDigits = 64;

}  // namespace

std::string format_id(const ObjectId& id) {
    return to_hex(std::as_bytes(std::span(id.bytes)));
}

std::optional<ObjectId> parse_id(std::string_view text) noexcept {
    ObjectId id{};
    if (!read_hex(text, id.bytes)) return std::nullopt;
    return id;
}

std::string format_file(const File& file) {
    if (file.is_null()) return {};
    return std::string(kFilePrefix) + to_hex(std::as_bytes(std::span(file.sha256))) + ":" + std::to_string(file.size);
}

std::optional<File> parse_file(std::string_view text) noexcept {
    File file{};
    if (text.empty()) return file;
    if (!text.starts_with(kFilePrefix)) return std::nullopt;
    text.remove_prefix(kFilePrefix.size());
    if (text.size() < kFileDigits + 2 || text[kFileDigits] != ':') return std::nullopt;
    const auto size = parse_integer<std::uint64_t>(text.substr(kFileDigits + 1));
    if (!read_hex(text.substr(0, kFileDigits), file.sha256) || !size || text[kFileDigits + 1] == '+')
        return std::nullopt;
    file.size = *size;
    return file;
}

}  // namespace etalon
