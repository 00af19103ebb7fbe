#include <algorithm>
#include <array>
#include <bit>

#include "base/nearest.h"
#include "base/number_text.h"
#include "etalon/error.h"
#include "etalon/parameters.h"

namespace etalon {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<ParameterValue>> kTypeNames = {
    "bool", "int", "double", "text", "bool[]", "int[]", "double[]", "text[]"};

constexpr std::size_t kLongestName = 255;

bool same_bits(double a, double b) noexcept {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

void check_text(const std::string& text, const std::string& where) {
    if (is_utf8(text)) return;
    throw Error(ErrorCode::BadInput, {"a text is not UTF-8", where, "UTF-8", "other bytes", ""});
}

void check_name(const std::string& name, const std::string& origin) {
    const auto refuse = [&](std::string found) {
        throw Error(ErrorCode::BadInput, {"bad name of a parameter", origin,
                                          "1 to 255 bytes of UTF-8 without control characters", std::move(found), ""});
    };
    if (name.empty()) refuse("an empty name");
    if (name.size() > kLongestName) refuse(std::to_string(name.size()) + " bytes");
    if (!is_utf8(name)) refuse("bytes that are not UTF-8");
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (std::any_of(name.begin(), name.end(), is_control)) refuse("a control character");
}

std::string place_of(std::string_view name, const std::string& origin) {
    return (origin.empty() ? "" : origin + ", ") + "parameter '" + std::string(name) + "'";
}

}  // namespace

std::string_view name_of(ParameterType type) noexcept {
    return kTypeNames[static_cast<std::size_t>(type)];
}

std::optional<ParameterType> find_parameter_type(std::string_view name) noexcept {
    const auto found = std::find(kTypeNames.begin(), kTypeNames.end(), name);
    if (found == kTypeNames.end()) return std::nullopt;
    return static_cast<ParameterType>(found - kTypeNames.begin());
}

bool same_value(const ParameterValue& a, const ParameterValue& b) noexcept {
    if (a.index() != b.index()) return false;
    if (const auto* number = std::get_if<double>(&a)) return same_bits(*number, std::get<double>(b));
    if (const auto* list = std::get_if<std::vector<double>>(&a)) {
        const auto& other = std::get<std::vector<double>>(b);
        return std::equal(list->begin(), list->end(), other.begin(), other.end(), same_bits);
    }
    return a == b;
}

ParameterSet::ParameterSet(std::initializer_list<std::pair<std::string, ParameterValue>> values) {
    for (const auto& [name, value] : values) {
        if (contains(name)) {
            throw Error(ErrorCode::BadInput,
                        {"a parameter stands twice", place_of(name, origin_), "once", "twice", ""});
        }
        set(name, value);
    }
}

void ParameterSet::set(std::string name, ParameterValue value) {
    check_name(name, origin_);
    const auto where = place_of(name, origin_);
    if (const auto* text = std::get_if<std::string>(&value)) check_text(*text, where);
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
        for (const auto& text : *texts) check_text(text, where);
    }
    values_.insert_or_assign(std::move(name), std::move(value));
}

bool ParameterSet::erase(std::string_view name) {
    const auto found = values_.find(name);
    if (found == values_.end()) return false;
    values_.erase(found);
    return true;
}

const ParameterValue* ParameterSet::find(std::string_view name) const noexcept {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
}

const ParameterValue& ParameterSet::get_value(std::string_view name) const {
    if (const auto* value = find(name)) return *value;
    std::vector<std::string> known;
    for (const auto& [one, value] : values_) known.push_back(one);
    throw Error(ErrorCode::Unknown, {"no parameter of that name", place_of(name, origin_), "",
                                     values_.empty() ? "a set without parameters" : "", did_you_mean(name, known)});
}

void ParameterSet::throw_wrong_type(std::string_view name, ParameterType wanted, ParameterType stored) const {
    throw Error(ErrorCode::Conversion, {"a parameter has another type", place_of(name, origin_),
                                        std::string(name_of(wanted)), std::string(name_of(stored)), ""});
}

bool operator==(const ParameterSet& a, const ParameterSet& b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.first == y.first && same_value(x.second, y.second);
    });
}

const ParameterSet& ParameterAnswer::get() const {
    if (status == Status::Found) return values;
    const auto text = [&](std::int64_t at) { return format_position({validity.axis, at}); };
    throw Error(ErrorCode::Unknown, {status == Status::Hole ? "a hole says deliberately that there is no parameter set"
                                                            : "no parameter set is valid there",
                                     software + "/" + set, "a set",
                                     std::string(name_of(status)) + " in [" + text(validity.begin) + ", " +
                                         (validity.end ? text(*validity.end) : std::string("open")) + ")",
                                     ""});
}

}  // namespace etalon
