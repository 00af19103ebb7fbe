#include "params/input.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "base/nearest.h"
#include "base/number_text.h"
#include "etalon/error.h"
#include "params/json_tree.h"
#include "params/node_value.h"
#include "params/value_text.h"

namespace etalon::params {
namespace {

using Kind = JsonNode::Kind;

constexpr std::size_t kMostErrors = 10'000;
constexpr std::string_view kTypes = "bool, int, double, text, bool[], int[], double[] or text[]";

/// Which type a word means; throws Error(BadInput) with the nearest one.
ParameterType get_type(std::string_view word, const std::string& where) {
    if (const auto type = find_parameter_type(word)) return *type;
    std::vector<std::string> known;
    for (int i = 0; i <= static_cast<int>(ParameterType::TextList); ++i) {
        known.emplace_back(name_of(static_cast<ParameterType>(i)));
    }
    throw Error(ErrorCode::BadInput, {"unknown type of a parameter", where, std::string(kTypes),
                                      fmt::format("'{}'", word), did_you_mean(word, known)});
}

/// `NaN`, `Infinity` and `-Infinity` of JSON are read as doubles where a double is asked for.
ParameterValue get_as(ParameterType type, const JsonNode& node, const std::string& where) {
    if (auto value = read_as(type, node)) return *std::move(value);
    std::string advice;
    if (type == ParameterType::Int && node.kind == Kind::Integer) advice = "an int has 64 bits; a double takes it";
    if (type == ParameterType::Int && node.kind == Kind::Float) advice = "an int has no fraction and no exponent";
    throw Error(ErrorCode::BadInput,
                {"a value of another type", where, std::string(name_of(type)), node.describe(), std::move(advice)});
}

[[noreturn]] void throw_no_type(const JsonNode& node, const std::string& where) {
    std::string advice;
    std::string found = node.describe();
    if (node.kind == Kind::List && node.items.empty()) {
        advice = R"(say of what type: {"int[]": []} in JSON, name:int[]=[] on the command line)";
    } else if (node.kind == Kind::List) {
        found = "a list of several types";
        for (const auto& item : node.items) {
            if (item.kind == Kind::List || item.kind == Kind::Object) found = "a list that holds " + item.describe();
        }
        const bool numbers = std::all_of(node.items.begin(), node.items.end(), [](const auto& item) {
            return item.kind == Kind::Integer || item.kind == Kind::Float;
        });
        if (numbers) {
            found = "integers and doubles in one list";
            advice = R"(write 1.0 for a double, or say the type: {"double[]": [1, 2.5]})";
        }
    } else if (node.kind == Kind::Object) {
        found = "an object that is no {\"TYPE\": value}";
        advice = "sets are flat: write a.b for the parameter b of a group a";
    }
    throw Error(ErrorCode::BadInput, {"a value that is no parameter", where,
                                      "true, false, a number, a text, a list of one of these, or {\"TYPE\": value}",
                                      std::move(found), std::move(advice)});
}

ParameterValue get_value(const JsonNode& node, const std::string& where) {
    if (node.kind == Kind::Object && node.members.size() == 1) {
        const auto& [word, inner] = node.members.front();
        return get_as(get_type(word, where), inner, where);
    }
    const auto type = natural_type(node);
    if (!type) throw_no_type(node, where);
    return get_as(*type, node, where);
}

/// One error of several: what each of them says.
[[noreturn]] void throw_all(const std::vector<Error>& errors, std::string_view origin) {
    if (errors.size() == 1) throw errors.front();
    constexpr std::size_t kMost = 20;
    std::string found;
    for (std::size_t i = 0; i < std::min(errors.size(), kMost); ++i) {
        found += fmt::format("{}{}", i == 0 ? "" : " | ", errors[i].what());
    }
    if (errors.size() > kMost) found += fmt::format(" | and {} more", errors.size() - kMost);
    throw Error(ErrorCode::BadInput, {fmt::format("{} parameters cannot be read", errors.size()), std::string(origin),
                                      "", std::move(found), ""});
}

/// The types beside the values, when the object is what `params get --format json` prints.
const JsonNode* find_types(const JsonNode& root) {
    const auto* values = root.find("parameters");
    const auto* types = root.find("types");
    const bool both =
        values != nullptr && values->kind == Kind::Object && types != nullptr && types->kind == Kind::Object;
    return both ? types : nullptr;
}

}  // namespace

ParameterSet read_json(std::string_view text, std::string_view origin) {
    const auto root = read_json_tree(text, origin);
    if (root.kind != Kind::Object) {
        throw Error(ErrorCode::BadInput, {"the file holds no parameters", std::string(origin),
                                          R"(an object {"name": value, ...})", root.describe(), ""});
    }
    const auto* types = find_types(root);
    const auto& values = types != nullptr ? *root.find("parameters") : root;
    std::unordered_map<std::string_view, const JsonNode*> type_of;
    if (types != nullptr) {
        for (const auto& [name, node] : types->members) type_of.emplace(name, &node);
    }
    ParameterSet set;
    std::vector<Error> errors;
    for (const auto& [name, node] : values.members) {
        const auto where = fmt::format("{}:{}, parameter '{}'", origin, node.line, name);
        try {
            const auto known = type_of.find(name);
            const auto* type = known == type_of.end() ? nullptr : known->second;
            if (types != nullptr && (type == nullptr || type->kind != Kind::Text)) {
                throw Error(ErrorCode::BadInput,
                            {"a value without its type", where, "its type in 'types'", "none", ""});
            }
            auto value = type != nullptr ? get_as(get_type(type->text, where), node, where) : get_value(node, where);
            try {
                set.set(name, std::move(value));
            } catch (const Error& error) {
                throw error.at(where);
            }
        } catch (const Error& error) {
            errors.push_back(error);
            if (errors.size() == kMostErrors) break;
        }
    }
    if (!errors.empty()) throw_all(errors, origin);
    return set;
}

std::pair<std::string, ParameterValue> read_assignment(std::string_view argument) {
    const auto equals = argument.find('=');
    if (equals == std::string_view::npos || equals == 0) {
        throw Error(ErrorCode::BadInput, {"this is no parameter", std::string(argument),
                                          "NAME=VALUE or NAME:TYPE=VALUE", equals == 0 ? "no name" : "no '='", ""});
    }
    auto name = argument.substr(0, equals);
    const auto text = argument.substr(equals + 1);
    const auto where = std::string(argument);
    std::optional<ParameterType> type;
    if (const auto colon = name.rfind(':'); colon != std::string_view::npos) {
        type = get_type(name.substr(colon + 1), where);
        name = name.substr(0, colon);
    }
    const auto parse = [&]() -> std::optional<JsonNode> {
        try {
            return read_json_tree(text, where);
        } catch (const Error&) {
            return std::nullopt;  // the callers say what it is then
        }
    };
    const auto checked = [&](ParameterValue value) {
        ParameterSet one;
        one.set_origin(where);
        one.set(std::string(name), value);
        return std::pair(std::string(name), std::move(value));
    };
    if (type == ParameterType::Text) return checked(std::string(text));
    if (type == ParameterType::Double || type == ParameterType::Int) {
        // As numbers are written everywhere else on the command line, not only as JSON has them.
        JsonNode node;
        node.kind = parse_integer<std::int64_t>(text) ? Kind::Integer : Kind::Text;
        node.text = std::string(text);
        if (type == ParameterType::Int && node.kind == Kind::Text) {
            throw Error(ErrorCode::BadInput, {"a value of another type", where, "int: a decimal integer of 64 bits",
                                              fmt::format("'{}'", text), ""});
        }
        return checked(get_as(*type, node, where));
    }
    const auto node = parse();
    if (type) {
        if (!node) {
            const bool list = *type != ParameterType::Bool;
            throw Error(ErrorCode::BadInput, {"a value of another type", where,
                                              fmt::format("{}: {}", name_of(*type),
                                                          list ? "a JSON list, such as [] or [1,2]" : "true or false"),
                                              fmt::format("'{}'", text), ""});
        }
        return checked(get_as(*type, *node, where));
    }
    if (node) return checked(get_value(*node, where));
    double number = 0;
    if (parse_float(text, number) != FloatParse::Malformed || parse_integer<std::int64_t>(text)) {
        throw Error(ErrorCode::BadInput,
                    {"a value that may be a number or a text", where, "a type", fmt::format("'{}'", text),
                     fmt::format("write {0}:int={1}, {0}:double={1} or {0}:text={1}", name, text)});
    }
    if (!text.empty() && (text.front() == '[' || text.front() == '{' || text.front() == '"')) {
        throw Error(ErrorCode::BadInput,
                    {"a value that begins as JSON and is none", where, "JSON, or a text", fmt::format("'{}'", text),
                     fmt::format("write {0}:text={1} for a text", name, text)});
    }
    return checked(std::string(text));
}

}  // namespace etalon::params
