#include "params/canonical.h"

#include <fmt/format.h>

#include "base/number_text.h"
#include "etalon/error.h"
#include "params/json_tree.h"
#include "params/node_value.h"
#include "params/value_text.h"

namespace etalon::params {
namespace {

/// Written into every stored set; a reader refuses a larger number.
constexpr std::int64_t kFormat = 1;

/// As to_json, but doubles as texts, which keep every bit.
std::string stored_value(const ParameterValue& value) {
    if (const auto* number = std::get_if<double>(&value)) return quote(exact_text(*number));
    if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
        std::string text = "[";
        for (const double one : *numbers) text += (text.size() == 1 ? "" : ",") + quote(exact_text(one));
        return text + "]";
    }
    return to_json(value);
}

[[noreturn]] void corrupt(std::string_view origin, std::string found) {
    throw Error(ErrorCode::Corrupt, {"stored bytes are no parameter set", std::string(origin),
                                     "the form of docs/storage_format.md", std::move(found), ""});
}

ParameterSet read_set(std::string_view text, std::string_view origin) {
    const auto root = read_json_tree(text, origin);
    const auto* format = root.find("format");
    const auto number = format == nullptr || format->kind != JsonNode::Kind::Integer
                            ? std::nullopt
                            : parse_integer<std::int64_t>(format->text);
    if (!number || *number < 1) corrupt(origin, "no format number");
    if (*number > kFormat) {
        throw Error(ErrorCode::Format, {"the parameter set has a newer format than this program can read",
                                        std::string(origin), fmt::format("format {} or older", kFormat),
                                        fmt::format("format {}", *number), "use a newer etalon"});
    }
    const auto* values = root.find("parameters");
    if (values == nullptr || values->kind != JsonNode::Kind::Object) corrupt(origin, "no parameters");
    ParameterSet set;
    for (const auto& [name, node] : values->members) {
        const auto type = node.members.size() == 1 ? find_parameter_type(node.members.front().name) : std::nullopt;
        auto value = type ? read_as(*type, node.members.front().node) : std::nullopt;
        if (!value) corrupt(origin, fmt::format("parameter '{}' without a type or with a bad value", name));
        set.set(name, std::move(*value));
    }
    return set;
}

}  // namespace

std::string to_canonical(const ParameterSet& set) {
    std::string text = fmt::format(R"({{"format":{},"parameters":{{)", kFormat);
    bool first = true;
    for (const auto& [name, value] : set) {
        text += fmt::format("{}\n{}:{{{}:{}}}", first ? "" : ",", quote(name), quote(name_of(type_of(value))),
                            stored_value(value));
        first = false;
    }
    return text + "\n}}\n";
}

ParameterSet from_canonical(std::string_view text, std::string_view origin) {
    ParameterSet set;
    try {
        set = read_set(text, origin);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::BadInput) throw;
        corrupt(origin, error.what());
    }
    // Anything else would be a second form of the same set, and spoil the comparison by hash.
    if (to_canonical(set) != text) corrupt(origin, "another text form of a parameter set");
    return set;
}

}  // namespace etalon::params
