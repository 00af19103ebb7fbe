#include "evolution/history_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/bytes.h"
#include "base/json_reason.h"
#include "etalon/error.h"
#include "schema/definition.h"

namespace etalon::evolution {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kFormat = 1;

std::string hash_text(const StructDefinition& definition) {
    return to_hex(schema::definition_hash(definition));
}

/// Reads one file; complaints name the file and the entry.
class Reader {
public:
    explicit Reader(std::string_view origin) : origin_(origin) {}

    HistoryFile read(std::string_view text) {
        const Json root = parse(text);
        if (!root.is_object()) fail("", "an object", root.type_name());
        const auto& format = member(root, "", "format");
        if (!format.is_number_integer() || format.get<std::int64_t>() < 1) fail("format", "1", format.dump());
        if (format.get<std::int64_t>() > kFormat) {
            throw Error(ErrorCode::Format, {"the history was written by a newer Etalon", origin_,
                                            fmt::format("format {} or older", kFormat), format.dump(), "use that one"});
        }
        only(root, "", {"format", "struct", "layouts"});
        HistoryFile history;
        history.struct_name = text_of(member(root, "", "struct"), "struct");
        const auto& layouts = member(root, "", "layouts");
        if (!layouts.is_array() || layouts.empty())
            fail("layouts", "a list of at least one layout", layouts.type_name());
        for (std::size_t i = 0; i < layouts.size(); ++i) add(history, layouts[i], fmt::format("layouts[{}]", i));
        return history;
    }

private:
    [[noreturn]] void fail(const std::string& place, const std::string& expected, const std::string& found,
                           const std::string& what = "the recorded history cannot be read",
                           const std::string& advice = {}) const {
        throw Error(ErrorCode::BadInput,
                    {what, origin_ + (place.empty() ? "" : ", " + place), expected, found, advice});
    }

    Json parse(std::string_view text) const {
        const auto watch = [&](int depth, Json::parse_event_t, Json&) {
            if (depth > 16) fail("", "a recorded history", "too many levels");
            return true;
        };
        try {
            return Json::parse(text.begin(), text.end(), watch);
        } catch (const Json::exception& error) {
            throw Error(ErrorCode::BadInput,
                        {"the recorded history is not JSON", origin_, "", json_reason(error.what()),
                         "take the file back from version control; a merge conflict is solved by "
                         "keeping the older layouts and registering again"});
        }
    }

    const Json& member(const Json& object, const std::string& place, const char* key) const {
        if (!object.contains(key)) fail(place, std::string("key ") + key, "none");
        return object[key];
    }

    void only(const Json& object, const std::string& place, const std::vector<std::string>& keys) const {
        for (const auto& [key, value] : object.items()) {
            if (std::ranges::find(keys, key) == keys.end()) fail(place, "no other keys", "unknown key " + key);
        }
    }

    std::string text_of(const Json& value, const std::string& place) const {
        if (!value.is_string()) fail(place, "a string", value.type_name());
        return value.get<std::string>();
    }

    void add(HistoryFile& history, const Json& entry, const std::string& place) const {
        if (!entry.is_object()) fail(place, "an object", entry.type_name());
        only(entry, place, {"schema", "definitionHash", "renamedFrom", "definition"});
        const auto& number = member(entry, place, "schema");
        if (!number.is_number_integer()) fail(place + ".schema", "a whole number", number.dump());
        const auto schema = number.get<std::int64_t>();
        const auto written = text_of(member(entry, place, "definitionHash"), place + ".definitionHash");
        auto& recorded = history.recorded;
        const auto last = static_cast<std::int64_t>(recorded.layouts.size());
        constexpr const char* kChanged = "the recorded history was changed: a layout does not match its hash";
        constexpr const char* kAdvice = "what is recorded never changes: take the file back from version control";
        if (!entry.contains("definition")) {
            if (schema < 1 || schema > last) {
                fail(place + ".schema", fmt::format("a layout that is recorded before, 1 to {}", last),
                     std::to_string(schema));
            }
            const auto hash = hash_text(*recorded.layouts[static_cast<std::size_t>(schema - 1)].definition);
            if (hash != written) fail(place, hash, written, kChanged, kAdvice);
            recorded.current = schema;
            return;
        }
        if (schema != last + 1) fail(place + ".schema", std::to_string(last + 1), std::to_string(schema));
        auto definition = schema::from_json(entry["definition"].dump(), origin_ + ", " + place + ".definition");
        const bool renamed = entry.contains("renamedFrom");
        if (renamed) {
            const auto from = text_of(entry["renamedFrom"], place + ".renamedFrom");
            if (from != history.name() || recorded.layouts.empty())
                fail(place + ".renamedFrom", history.name(), from, "the recorded history cannot be read");
        }
        if (renamed == (definition.name == history.name())) {
            fail(place + ".definition", renamed ? "another name than " + history.name() : "struct " + history.name(),
                 "struct " + definition.name);
        }
        const auto hash = hash_text(definition);
        if (hash != written) fail(place, written, hash, kChanged, kAdvice);
        if (const auto known = history.find(definition); known != 0) {
            fail(place, "each layout once", fmt::format("layout {} again", known));
        }
        recorded.layouts.push_back({schema, std::make_shared<const StructDefinition>(std::move(definition))});
        recorded.current = schema;
    }

    std::string origin_;
};

/// The canonical JSON of a definition with each element on a line of its own.
std::string with_lines(std::string_view json) {
    std::string out;
    int depth = 0;
    bool in_text = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_text) {
            out += c;
            if (c == '\\') out += json[++i];
            if (c == '"') in_text = false;
            continue;
        }
        if (c == '"') in_text = true;
        if (c == '}' || c == ']') --depth;
        // The definition is an object, its elements are objects in a list.
        if (c == '{' && depth == 2) out += "\n  ";
        if (c == '{' || c == '[') ++depth;
        out += c;
    }
    return out;
}

std::string entry_text(std::int64_t schema, const StructDefinition& definition, bool whole,
                       std::string_view name_before = {}) {
    auto text = fmt::format(R"({{"schema":{},"definitionHash":"{}")", schema, hash_text(definition));
    if (!name_before.empty() && name_before != definition.name)
        text += ",\"renamedFrom\":" + Json(std::string(name_before)).dump();
    if (whole) text += ",\"definition\":" + with_lines(schema::to_json(definition));
    return text + "}";
}

constexpr std::string_view kSpace = " \t\r\n";

/// The text without its last character, which must be `closing`, and without the white space around it.
std::string_view without_last(std::string_view text, char closing, std::string_view origin) {
    const auto end = text.find_last_not_of(kSpace);
    if (end == std::string_view::npos || text[end] != closing) {
        throw Error(ErrorCode::BadInput, {"a layout cannot be appended to the recorded history", std::string(origin),
                                          "'layouts' as the last key", "another one", ""});
    }
    text = text.substr(0, end);
    return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

}  // namespace

std::int64_t HistoryFile::find(const StructDefinition& definition) const {
    const auto hash = schema::definition_hash(definition);
    for (const auto& layout : recorded.layouts) {
        if (schema::definition_hash(*layout.definition) == hash) return layout.schema;
    }
    return 0;
}

HistoryFile read_history(std::string_view text, std::string_view origin) {
    return Reader(origin).read(text);
}

std::string append_history(std::string_view text, std::string_view origin, std::string_view struct_name,
                           std::span<const DefinitionPtr> layouts, const StructDefinition* current) {
    HistoryFile before;
    std::string out;
    if (!layouts.empty() && layouts.back()->name != struct_name) {
        throw Error(ErrorCode::BadInput, {"a layout of another struct", std::string(origin),
                                          fmt::format("struct {}", struct_name), "struct " + layouts.back()->name, ""});
    }
    if (text.empty()) {
        before.struct_name = layouts.empty() ? std::string(struct_name) : layouts.front()->name;
        out = fmt::format("{{\"format\":{},\"struct\":{},\"layouts\":[", kFormat, Json(before.struct_name).dump());
    } else {
        before = read_history(text, origin);
        out = without_last(without_last(text, '}', origin), ']', origin);
    }
    auto next = static_cast<std::int64_t>(before.recorded.layouts.size());
    bool first = next == 0;
    const auto append = [&](const std::string& entry) {
        out += (first ? "\n" : ",\n") + entry;
        first = false;
    };
    std::string name = before.name();
    if (before.recorded.layouts.empty() && !layouts.empty()) name = layouts.front()->name;
    for (const auto& layout : layouts) {
        append(entry_text(++next, *layout, true, name));
        name = layout->name;
    }
    out += "\n]}\n";
    // What was written is what will be read: a layout twice, or of another struct, is found here.
    auto after = read_history(out, origin);
    if (current == nullptr) return out;
    const auto schema = after.find(*current);
    if (schema == 0) {
        throw Error(ErrorCode::Internal,
                    {"the current layout is not in the recorded history", std::string(origin), "", "", ""});
    }
    if (schema == after.recorded.current) return out;
    out.resize(out.size() - std::string_view("\n]}\n").size());
    append(entry_text(schema, *current, false));
    return out + "\n]}\n";
}

std::string history_file_name(std::string_view struct_name) {
    std::string name(struct_name);
    for (auto at = name.find("::"); at != std::string::npos; at = name.find("::", at)) name.replace(at, 2, ".");
    return name + ".json";
}

}  // namespace etalon::evolution
