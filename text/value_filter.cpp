// The text form of value filters.

#include <array>

#include "base/number_text.h"
#include "etalon/error.h"
#include "etalon/history.h"
#include "schema/value_text.h"

namespace etalon {
namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const auto begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

}  // namespace

ValueFilter parse_value_filter(std::string_view text) {
    using Word = std::pair<std::string_view, ValueOp>;
    // Longer ones first: `<=` is not `<`.
    static constexpr std::array<Word, 7> kWords{{{"==", ValueOp::Equal},
                                                 {"!=", ValueOp::NotEqual},
                                                 {"<=", ValueOp::LessOrEqual},
                                                 {">=", ValueOp::GreaterOrEqual},
                                                 {"=", ValueOp::Equal},
                                                 {"<", ValueOp::Less},
                                                 {">", ValueOp::Greater}}};
    const auto refuse = [&](std::string what) {
        return Error(ErrorCode::Usage,
                     {std::move(what), "condition " + schema::shown(text), "PATH, one of = != < <= > >=, and a value",
                      "", "for example: 'gain[2] > 3.5' or 'label = \"left\"'"});
    };
    const auto at = text.find_first_of("=!<>");
    if (at == std::string_view::npos) throw refuse("a condition without a comparison");
    ValueFilter filter;
    filter.path = trimmed(text.substr(0, at));
    if (filter.path.empty()) throw refuse("a condition without an element");
    for (const auto& [word, op] : kWords) {
        if (!text.substr(at).starts_with(word)) continue;
        const auto value = trimmed(text.substr(at + word.size()));
        if (value.empty()) throw refuse("a condition without a value");
        filter.op = op;
        filter.value = ValueText{std::string(value)};
        return filter;
    }
    throw refuse("an unknown comparison");
}

std::string format_value_filter(const ValueFilter& filter) {
    std::string out = filter.path + " " + std::string(name_of(filter.op)) + " ";
    if (const auto* text = std::get_if<ValueText>(&filter.value)) {
        out += text->text;
    } else if (const auto* plain = std::get_if<std::string>(&filter.value)) {
        out += '"' + *plain + '"';
    } else if (const auto* number = std::get_if<double>(&filter.value)) {
        append_float(out, *number);
    } else if (const auto* integer = std::get_if<std::int64_t>(&filter.value)) {
        append_integer(out, *integer);
    } else if (const auto* natural = std::get_if<std::uint64_t>(&filter.value)) {
        append_integer(out, *natural);
    } else {
        out += std::get<bool>(filter.value) ? "true" : "false";
    }
    return out;
}

}  // namespace etalon
