#include "params/value_text.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "base/number_text.h"

namespace etalon::params {
namespace {

constexpr std::string_view kNanPrefix = "nan:";
constexpr std::size_t kBitDigits = 16;

std::string json_of(bool value) {
    return value ? "true" : "false";
}
std::string json_of(std::int64_t value) {
    return std::to_string(value);
}
std::string json_of(double value) {
    if (std::isnan(value)) return R"("NaN")";
    if (std::isinf(value)) return value < 0 ? R"("-Infinity")" : R"("Infinity")";
    std::string text;
    append_float(text, value);
    // 1.0 shall not read back as the int 1.
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}
std::string json_of(const std::string& value) {
    return quote(value);
}
template <class T>
std::string json_of(const std::vector<T>& values) {
    std::string text = "[";
    for (auto&& one : values) text += (text.size() == 1 ? "" : ",") + json_of(static_cast<const T&>(one));
    return text + "]";
}

}  // namespace

std::string exact_text(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    if (std::isnan(value) && bits != std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN())) {
        return fmt::format("{}{:016x}", kNanPrefix, bits);
    }
    std::string text;
    append_float(text, value);
    return text;
}

std::optional<double> parse_exact(std::string_view text) {
    if (text.starts_with(kNanPrefix)) {
        const auto digits = text.substr(kNanPrefix.size());
        std::uint64_t bits = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
        if (digits.size() != kBitDigits || read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) {
            return std::nullopt;
        }
        const auto value = std::bit_cast<double>(bits);
        if (!std::isnan(value)) return std::nullopt;
        return value;
    }
    double value = 0;
    if (parse_float(text, value) != FloatParse::Ok) return std::nullopt;
    return value;
}

std::string to_json(const ParameterValue& value) {
    return std::visit([](const auto& one) { return json_of(one); }, value);
}

std::string to_text(const ParameterValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<double>(&value)) return exact_text(*number);
    return to_json(value);
}

std::string quote(std::string_view text) {
    return nlohmann::json(text).dump();
}

}  // namespace etalon::params
