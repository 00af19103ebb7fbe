#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json_reason.h"
#include "base/number_text.h"
#include "etalon/error.h"
#include "schema/definition.h"
#include "schema/names.h"

namespace etalon::schema {
namespace {

using Json = nlohmann::json;

// ---- writing

void append_text(std::string& out, const std::string& utf8) {
    out += Json(utf8).dump();
}

void append_key(std::string& out, std::string_view key) {
    if (out.back() != '{') out += ',';
    out += '"';
    out += key;
    out += "\":";
}

void append_member(std::string& out, std::string_view key, const std::string& utf8) {
    append_key(out, key);
    append_text(out, utf8);
}

void append_member(std::string& out, std::string_view key, std::uint64_t number) {
    append_key(out, key);
    append_integer(out, number);
}

void append_element(std::string& out, const Element& element) {
    out += '{';
    append_member(out, "name", utf8_text(element.path));
    append_member(out, "type", std::string(name_of(element.type)));
    if (!element.target.empty()) append_member(out, "target", utf8_text(element.target));
    append_key(out, "dims");
    out += '[';
    for (const auto dim : element.dims) {
        if (out.back() != '[') out += ',';
        append_integer(out, dim);
    }
    out += ']';
    append_member(out, "offset", element.offset);
    append_member(out, "unit", utf8_text(element.unit));
    if (!element.comment.empty()) append_member(out, "comment", utf8_text(element.comment));
    if (element.default_value) append_member(out, "default", utf8_escaped(*element.default_value));
    if (!element.renamed_from.empty()) append_member(out, "renamedFrom", utf8_text(element.renamed_from));
    if (!element.c_type.empty()) append_member(out, "ctype", utf8_text(element.c_type));
    if (!element.enumerators.empty()) {
        append_key(out, "enumerators");
        out += '[';
        for (const auto& [name, value] : element.enumerators) {
            if (out.back() != '[') out += ',';
            out += '[';
            append_text(out, utf8_text(name));
            out += ',';
            append_integer(out, value);
            out += ']';
        }
        out += ']';
    }
    if (element.key != 0) append_member(out, "key", std::uint64_t{element.key});
    if (!element.limits.empty()) {
        append_key(out, "limits");
        out += '[';
        for (const auto& limit : element.limits) {
            if (out.back() != '[') out += ',';
            append_text(out, utf8_text(limit));
        }
        out += ']';
    }
    out += '}';
}

// ---- reading

/// Reads one definition; every complaint names the place in it.
class Reader {
public:
    explicit Reader(std::string_view origin) : origin_(origin) {}

    StructDefinition read(std::string_view text) {
        const Json root = parse(text);
        StructDefinition definition;
        check_keys(root, "definition", {"name", "size", "alignment", "elements"}, {"comment"});
        definition.name = text_of(root["name"], "name");
        definition.size = number_of(root["size"], "size");
        definition.alignment = number_of(root["alignment"], "alignment");
        if (root.contains("comment")) definition.comment = text_of(root["comment"], "comment");
        const Json& elements = root["elements"];
        if (!elements.is_array()) fail("elements", "a list", elements.type_name());
        definition.elements.reserve(elements.size());
        for (std::size_t i = 0; i < elements.size(); ++i) {
            definition.elements.push_back(element_of(elements[i], fmt::format("elements[{}]", i)));
        }
        if (const auto findings = validate(definition); !findings.empty()) {
            std::string all = findings.front();
            for (std::size_t i = 1; i < findings.size() && i < 8; ++i) all += "; " + findings[i];
            throw Error(ErrorCode::BadInput, {"the struct definition is not sound", origin_, "", all, ""});
        }
        return definition;
    }

private:
    [[noreturn]] void fail(const std::string& place, const std::string& expected, const std::string& found) const {
        throw Error(ErrorCode::BadInput,
                    {"the struct definition cannot be read", origin_ + ": " + place, expected, found, ""});
    }

    Json parse(std::string_view text) const {
        // The parser keeps the last of equal keys and nests without limit; a definition has neither.
        std::vector<std::set<std::string>> keys;
        const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
            if (depth > 8) fail("nesting", "a struct definition", "too many levels");
            if (event == Json::parse_event_t::object_start) keys.emplace_back();
            if (event == Json::parse_event_t::object_end) keys.pop_back();
            if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get_ref<const std::string&>()).second) {
                fail("key " + parsed.get<std::string>(), "each key once", "it occurs twice");
            }
            return true;
        };
        try {
            return Json::parse(text.begin(), text.end(), watch);
        } catch (const Json::exception& error) {
            throw Error(ErrorCode::BadInput,
                        {"the struct definition is not JSON", origin_, "", json_reason(error.what()), ""});
        }
    }

    void check_keys(const Json& object, const std::string& place, const std::set<std::string>& required,
                    const std::set<std::string>& optional) const {
        if (!object.is_object()) fail(place, "an object", object.type_name());
        for (const auto& key : required) {
            if (!object.contains(key)) fail(place, "key " + key, "none");
        }
        for (const auto& [key, value] : object.items()) {
            if (!required.contains(key) && !optional.contains(key)) fail(place, "no other keys", "unknown key " + key);
        }
    }

    std::string text_of(const Json& value, const std::string& place) const {
        if (!value.is_string()) fail(place, "a string", value.type_name());
        return value.get<std::string>();
    }

    std::uint64_t number_of(const Json& value, const std::string& place) const {
        if (!value.is_number_unsigned()) fail(place, "a whole number from 0 on", value.dump());
        return value.get<std::uint64_t>();
    }

    std::int64_t signed_of(const Json& value, const std::string& place) const {
        const bool fits = value.is_number_integer() &&
                          (!value.is_number_unsigned() ||
                           value.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()});
        if (!fits) fail(place, "a whole number of 64 bits", value.dump());
        return value.get<std::int64_t>();
    }

    Element element_of(const Json& object, const std::string& place) const {
        check_keys(
            object, place, {"name", "type", "offset"},
            {"dims", "unit", "comment", "default", "renamedFrom", "ctype", "enumerators", "key", "limits", "target"});
        Element element;
        element.path = text_of(object["name"], place + ".name");
        const std::string type_name = text_of(object["type"], place + ".type");
        const auto type = find_scalar_type(type_name);
        if (!type) fail(place + ".type", "a type", type_name);
        element.type = *type;
        element.offset = number_of(object["offset"], place + ".offset");
        const auto optional_text = [&](const char* key, std::string& into) {
            if (object.contains(key)) into = text_of(object[key], place + "." + key);
        };
        optional_text("target", element.target);
        optional_text("unit", element.unit);
        optional_text("comment", element.comment);
        optional_text("renamedFrom", element.renamed_from);
        optional_text("ctype", element.c_type);
        if (object.contains("default")) element.default_value = text_of(object["default"], place + ".default");
        if (object.contains("dims")) {
            const Json& dims = object["dims"];
            if (!dims.is_array()) fail(place + ".dims", "a list", dims.type_name());
            for (const auto& dim : dims) element.dims.push_back(number_of(dim, place + ".dims"));
        }
        if (object.contains("enumerators")) {
            const Json& list = object["enumerators"];
            if (!list.is_array()) fail(place + ".enumerators", "a list", list.type_name());
            for (const auto& pair : list) {
                if (!pair.is_array() || pair.size() != 2)
                    fail(place + ".enumerators", "pairs of name and value", pair.dump());
                element.enumerators.emplace_back(text_of(pair[0], place + ".enumerators"),
                                                 signed_of(pair[1], place + ".enumerators"));
            }
        }
        if (object.contains("key")) {
            const auto key = number_of(object["key"], place + ".key");
            if (key == 0 || key > kMostKeys)
                fail(place + ".key", fmt::format("1 to {}", kMostKeys), std::to_string(key));
            element.key = static_cast<std::uint32_t>(key);
        }
        if (object.contains("limits")) {
            const Json& list = object["limits"];
            if (!list.is_array()) fail(place + ".limits", "a list", list.type_name());
            for (const auto& limit : list) element.limits.push_back(text_of(limit, place + ".limits"));
        }
        return element;
    }

    static constexpr std::uint64_t kMostKeys = 1000;

    std::string origin_;
};

}  // namespace

std::string to_json(const StructDefinition& definition) {
    std::string out = "{";
    append_member(out, "name", utf8_text(definition.name));
    append_member(out, "size", definition.size);
    append_member(out, "alignment", definition.alignment);
    if (!definition.comment.empty()) append_member(out, "comment", utf8_text(definition.comment));
    append_key(out, "elements");
    out += '[';
    for (const auto& element : definition.elements) {
        if (out.back() != '[') out += ',';
        append_element(out, element);
    }
    out += "]}";
    return out;
}

StructDefinition from_json(std::string_view text, std::string_view origin) {
    return Reader(origin).read(text);
}

}  // namespace etalon::schema
