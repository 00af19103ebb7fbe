#include "params/node_value.h"

#include "base/number_text.h"
#include "params/value_text.h"

namespace etalon::params {
namespace {

using Kind = JsonNode::Kind;

bool read(const JsonNode& node, bool& value) {
    value = node.truth;
    return node.kind == Kind::Bool;
}

bool read(const JsonNode& node, std::int64_t& value) {
    if (node.kind != Kind::Integer) return false;
    const auto number = parse_integer<std::int64_t>(node.text);
    if (number) value = *number;
    return number.has_value();
}

bool read(const JsonNode& node, double& value) {
    if (node.kind != Kind::Integer && node.kind != Kind::Float && node.kind != Kind::Text) return false;
    const auto number = parse_exact(node.text);
    if (number) value = *number;
    return number.has_value();
}

bool read(const JsonNode& node, std::string& value) {
    value = node.text;
    return node.kind == Kind::Text;
}

template <class T>
bool read(const JsonNode& node, std::vector<T>& values) {
    if (node.kind != Kind::List) return false;
    for (const auto& item : node.items) {
        T value{};
        if (!read(item, value)) return false;
        values.push_back(std::move(value));
    }
    return true;
}

template <class T>
std::optional<ParameterValue> read_one(const JsonNode& node) {
    T value{};
    if (!read(node, value)) return std::nullopt;
    return ParameterValue(std::move(value));
}

}  // namespace

std::optional<ParameterValue> read_as(ParameterType type, const JsonNode& node) {
    switch (type) {
        case ParameterType::Bool:
            return read_one<bool>(node);
        case ParameterType::Int:
            return read_one<std::int64_t>(node);
        case ParameterType::Double:
            return read_one<double>(node);
        case ParameterType::Text:
            return read_one<std::string>(node);
        case ParameterType::BoolList:
            return read_one<std::vector<bool>>(node);
        case ParameterType::IntList:
            return read_one<std::vector<std::int64_t>>(node);
        case ParameterType::DoubleList:
            return read_one<std::vector<double>>(node);
        case ParameterType::TextList:
            return read_one<std::vector<std::string>>(node);
    }
    return std::nullopt;
}

std::optional<ParameterType> natural_type(const JsonNode& node) noexcept {
    switch (node.kind) {
        case Kind::Bool:
            return ParameterType::Bool;
        case Kind::Integer:
            return ParameterType::Int;
        case Kind::Float:
            return ParameterType::Double;
        case Kind::Text:
            return ParameterType::Text;
        case Kind::Null:
        case Kind::Object:
            return std::nullopt;
        case Kind::List:
            break;
    }
    std::optional<ParameterType> common;
    for (const auto& item : node.items) {
        const auto type = item.kind == Kind::List ? std::nullopt : natural_type(item);
        if (!type || (common && *common != *type)) return std::nullopt;
        common = type;
    }
    if (!common) return std::nullopt;
    constexpr auto kToList = static_cast<int>(ParameterType::BoolList) - static_cast<int>(ParameterType::Bool);
    return static_cast<ParameterType>(static_cast<int>(*common) + kToList);
}

}  // namespace etalon::params
