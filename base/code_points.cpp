#include "base/code_points.h"

#include <utf8proc.h>

#include <algorithm>

namespace etalon {

std::optional<CodePoint> first_code_point(std::string_view text) noexcept {
    if (text.empty()) return std::nullopt;
    constexpr std::size_t kLongest = 4;
    utf8proc_int32_t value = -1;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(std::min(text.size(), kLongest)), &value);
    if (size <= 0 || value < 0) return std::nullopt;
    return CodePoint{static_cast<std::uint32_t>(value), static_cast<std::size_t>(size)};
}

}  // namespace etalon
