#include "interchange/object_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <sstream>

#include "base/bytes.h"
#include "base/whole_input.h"
#include "conversion/canonical.h"
#include "etalon/error.h"
#include "interchange/json_object.h"
#include "interchange/json_tree.h"
#include "interchange/records.h"
#include "interchange/row_files.h"
#include "schema/definition.h"
#include "schema/names.h"
#include "schema/references.h"
#include "schema/value_text.h"
#include "text/text.h"

namespace etalon::interchange {
namespace {

std::shared_ptr<std::byte> copy_row(const std::byte* row, std::uint64_t size) {
    const std::shared_ptr<std::byte> copy(new std::byte[size], std::default_delete<std::byte[]>());
    std::memcpy(copy.get(), row, size);
    return copy;
}

/// The one row of a JSON object; `where` is for errors.
schema::RowBlock read_row(const JsonTree& tree, const DefinitionPtr& layout, const std::string& where) {
    std::string text = "[";
    tree.append_to(text);
    text += ']';
    std::istringstream in(text);
    try {
        return text::make_json_reader(in, where)->read(layout);
    } catch (const Error& error) {
        // It is read as the first line of a file of its own.
        auto place = error.info().where;
        for (const std::string_view noise : {":1, row 0", ":1"}) {
            const auto at = place.find(where + std::string(noise));
            if (at == std::string::npos) continue;
            place.erase(at + where.size(), noise.size());
            break;
        }
        throw error.at(place);
    }
}

/// Collects objects, each once.
class Collector {
public:
    explicit Collector(LoadedObjects& loaded) : loaded_(loaded) {}

    /// The place of the object in `objects`; one without references to others, or behind those.
    std::size_t add(const DefinitionPtr& layout, std::shared_ptr<const std::byte> row, std::string where) {
        const auto [hash, is_first] = hashes_.try_emplace(layout);
        if (is_first) hash->second = schema::definition_hash(*layout);
        const auto canonical = conversion::to_canonical(*layout, {row.get(), layout->size}, 1);
        const auto id = schema::make_object_id(layout->name, hash->second, schema::hash_row(canonical.bytes()));
        const auto [known, is_new] = places_.try_emplace(id, loaded_.objects.size());
        if (is_new) {
            loaded_.objects.push_back({layout, std::move(row), std::move(where)});
            loaded_.ids.push_back(id);
        }
        return known->second;
    }

private:
    LoadedObjects& loaded_;
    std::map<ObjectId, std::size_t> places_;
    std::map<DefinitionPtr, Sha256> hashes_;
};

class ObjectReader {
public:
    ObjectReader(const std::string& name, const ObjectSource& source, LoadedObjects& loaded)
        : name_(name), source_(source), loaded_(loaded), collector_(loaded) {}

    void read_json(std::istream& in, const std::string& struct_name) {
        std::size_t number = 0;
        read_json_values(in, name_, [&](JsonTree tree) {
            const auto where = fmt::format("{}, object {}", name_, number++);
            loaded_.asked.push_back(put(std::move(tree), struct_name, where));
        });
    }

    void read_csv(std::istream& in, const std::string& struct_name) {
        const auto layout = source_.definition(struct_name);
        const auto rows = load_rows(in, name_, {layout}, {false, source_.csv});
        for (std::uint64_t r = 0; r < rows.num_rows; ++r) {
            auto row = copy_row(rows.rows.get() + r * layout->size, layout->size);
            fill_uids(*layout, row.get());
            loaded_.asked.push_back(collector_.add(layout, std::move(row), fmt::format("{}, row {}", name_, r)));
        }
    }

    void find_nested() {
        const std::set<std::size_t> asked(loaded_.asked.begin(), loaded_.asked.end());
        for (std::size_t i = 0; i < loaded_.objects.size(); ++i) {
            if (!asked.contains(i)) loaded_.nested.push_back(i);
        }
    }

private:
    /// Puts what stands in the places of references, then the object itself.
    std::size_t put(JsonTree tree, const std::string& struct_name, const std::string& where) {
        if (tree.kind != JsonTree::Kind::Object) {
            throw Error(ErrorCode::BadInput,
                        {"no object", where, fmt::format("a {} as {{\"member\": value, ...}}", struct_name),
                         tree.kind == JsonTree::Kind::List ? "a list" : schema::shown(tree.text), ""});
        }
        const auto layout = source_.definition(struct_name);
        resolve_members(tree, "", *layout, where);
        add_left_out(tree, *layout);
        const auto block = read_row(tree, layout, where);
        auto row = copy_row(block.row(0), layout->size);
        fill_uids(*layout, row.get());
        return collector_.add(layout, std::move(row), where);
    }

    void resolve_members(JsonTree& tree, const std::string& prefix, const StructDefinition& layout,
                         const std::string& where) {
        for (auto& [key, value] : tree.members) {
            resolve(value, prefix.empty() ? key : prefix + "." + key, layout, where);
        }
    }

    void resolve(JsonTree& value, const std::string& path, const StructDefinition& layout, const std::string& where) {
        const auto element = std::ranges::find(layout.elements, path, &Element::path);
        if (element == layout.elements.end()) {
            if (value.kind == JsonTree::Kind::Object) resolve_members(value, path, layout, where);
            for (std::size_t i = 0; i < value.items.size(); ++i)
                resolve(value.items[i], fmt::format("{}[{}]", path, i), layout, where);
            return;
        }
        if (element->type == ScalarType::Ref) resolve_references(value, path, element->target, where);
        if (element->type == ScalarType::File) keep_files(value, path, layout.name, where);
    }

    void resolve_references(JsonTree& value, const std::string& path, const std::string& target,
                            const std::string& where) {
        for (std::size_t i = 0; i < value.items.size(); ++i)
            resolve_references(value.items[i], fmt::format("{}[{}]", path, i), target, where);
        if (value.kind != JsonTree::Kind::Object) return;
        if (const auto* id = printed_id(value, target)) {
            value = JsonTree::string(id->text);
            return;
        }
        const auto place = put(std::move(value), target, where + ", " + path);
        value = JsonTree::string(format_id(loaded_.ids[place]));
    }

    /// The id of a reference as it is printed where it was followed, `{"id": ..., "value": ...}`; null for an object.
    [[nodiscard]] const JsonTree* printed_id(const JsonTree& value, const std::string& target) const {
        const auto* id = value.find("id");
        const bool is_printed =
            id != nullptr && id->kind == JsonTree::Kind::String &&
            (value.members.size() == 1 || (value.members.size() == 2 && value.find("value") != nullptr));
        if (!is_printed) return nullptr;
        const auto layout = source_.definition(target);
        return std::ranges::find(layout->elements, "id", &Element::path) == layout->elements.end() ? id : nullptr;
    }

    void keep_files(JsonTree& value, const std::string& path, const std::string& struct_name,
                    const std::string& where) {
        for (std::size_t i = 0; i < value.items.size(); ++i)
            keep_files(value.items[i], fmt::format("{}[{}]", path, i), struct_name, where);
        const auto* file = value.kind == JsonTree::Kind::Object ? value.find("file") : nullptr;
        if (file == nullptr) return;
        if (value.members.size() != 1 || file->kind != JsonTree::Kind::String) {
            throw Error(ErrorCode::BadInput, {"no file", where + ", " + path, "{\"file\": \"path\"}", "", ""});
        }
        if (!source_.examine_file) {
            throw Error(ErrorCode::BadInput,
                        {"there is no place for files", where + ", " + path, "a directory that files are kept in",
                         schema::shown(file->text), "name one with --files DIR"});
        }
        try {
            value = JsonTree::string(format_file(source_.examine_file(file->text, struct_name)));
        } catch (const Error& error) {
            throw error.within(where + ", " + path);
        }
    }

    /// What may be left out: references and files are null then, uids are filled, others have their declared default.
    static void add_left_out(JsonTree& tree, const StructDefinition& layout) {
        for (const auto& element : layout.elements) {
            if (!is_identity(element.type) && !element.default_value) continue;
            if (tree.find(element.path) != nullptr) continue;
            const auto parts = schema::split_path(element.path);
            if (!parts) continue;
            auto* holder = &tree;
            for (std::size_t i = 0; holder != nullptr && i + 1 < parts->size(); ++i) {
                holder = holder->find((*parts)[i].name);
                for (const auto index : (*parts)[i].indices) {
                    holder = holder != nullptr && index < holder->items.size() ? &holder->items[index] : nullptr;
                }
            }
            if (holder == nullptr || holder->kind != JsonTree::Kind::Object) continue;
            const std::string name(parts->back().name);
            if (holder->find(name) == nullptr) holder->members.push_back({name, value_when_left_out(element)});
        }
    }

    static JsonTree value_when_left_out(const Element& element) {
        StructDefinition one;
        one.elements = {element};
        one.elements.front().offset = 0;
        one.size = element.bytes();
        Bytes row(one.size);
        if (element.default_value) (void)schema::write_default(element, *element.default_value, row.data());
        std::string json;
        text::append_json_row(json, one, row.data());
        // `{"path": VALUE}`
        const auto colon = json.find(": ");
        return {JsonTree::Kind::Literal, json.substr(colon + 2, json.size() - colon - 3), {}, {}};
    }

    const std::string& name_;
    const ObjectSource& source_;
    LoadedObjects& loaded_;
    Collector collector_;
};

/// The value of an object as JSON, its references as digits.
std::string value_json(const StoredObject& object) {
    std::string out;
    text::append_json_row(out, *object.layout, object.row.get());
    return out;
}

/// True when reading the JSON value gives the row back, bit for bit.
bool says_all(const StoredObject& object, const std::string& json) {
    std::istringstream in("[" + json + "]");
    const auto back = text::make_json_reader(in, "export")->read(object.layout);
    const auto canonical = [&](const std::byte* row) {
        return conversion::to_canonical(*object.layout, {row, object.layout->size}, 1);
    };
    const auto stored = canonical(object.row.get());
    const auto read = canonical(back.row(0));
    return std::ranges::equal(stored.bytes(), read.bytes());
}

const std::string& text_of(const JsonTree& line, std::string_view key, const std::string& where) {
    const auto* value = line.find(key);
    if (value == nullptr || value->kind != JsonTree::Kind::String) {
        throw Error(ErrorCode::BadInput,
                    {"no line of an export", where, fmt::format("a text \"{}\"", key),
                     value == nullptr ? "none" : "another value", "'etalon object export' writes such lines"});
    }
    return value->text;
}

}  // namespace

LoadedObjects load_objects(std::istream& in, const std::string& name, const std::string& struct_name,
                           const ObjectSource& source) {
    LoadedObjects loaded;
    ObjectReader reader(name, source, loaded);
    (void)source.definition(struct_name);
    while (in.peek() == ' ' || in.peek() == '\t' || in.peek() == '\n' || in.peek() == '\r') (void)in.get();
    const auto first = in.peek();
    if (first == '{' || first == '[') {
        reader.read_json(in, struct_name);
    } else {
        reader.read_csv(in, struct_name);
    }
    reader.find_nested();
    return loaded;
}

LoadedObjects load_objects(const std::string& path, std::istream& standard_input, const std::string& struct_name,
                           const ObjectSource& source) {
    if (path == "-") return load_objects(standard_input, "standard input", struct_name, source);
    auto in = open_input(path, "the file cannot be read", "objects as JSON or CSV");
    return load_objects(in, path, struct_name, source);
}

std::string export_objects(const std::vector<StoredObject>& objects, const std::vector<DefinitionPtr>& definitions) {
    std::string out;
    for (const auto& definition : definitions) {
        JsonObject line(", ");
        line.add_text("definitionHash", to_hex(schema::definition_hash(*definition)));
        out += line.add("definition", schema::to_json(*definition)).text() + "\n";
    }
    for (const auto& object : objects) {
        JsonObject line(", ");
        line.add_text("id", format_id(object.id)).add_text("struct", object.layout->name);
        line.add_text("definitionHash", to_hex(schema::definition_hash(*object.layout)));
        const auto value = value_json(object);
        line.add("value", value);
        if (!says_all(object, value)) {
            const auto canonical = conversion::to_canonical(*object.layout, {object.row.get(), object.layout->size}, 1);
            line.add_text("canonical", to_hex(canonical.bytes()));
        }
        out += line.text() + "\n";
    }
    return out;
}

ExportedObjects read_export(std::istream& in, const std::string& name) {
    ExportedObjects exported;
    std::map<std::string, DefinitionPtr> definitions;
    std::size_t number = 0;
    read_json_values(in, name, [&](const JsonTree& line) {
        const auto where = fmt::format("{}, line {}", name, ++number);
        const auto& hash = text_of(line, "definitionHash", where);
        if (const auto* definition = line.find("definition")) {
            std::string text;
            definition->append_to(text);
            auto made = std::make_shared<const StructDefinition>(schema::from_json(text, where));
            if (to_hex(schema::definition_hash(*made)) != hash) {
                throw Error(ErrorCode::BadInput, {"the definition does not have its hash", where, hash,
                                                  to_hex(schema::definition_hash(*made)), "the file was changed"});
            }
            if (definitions.emplace(hash, made).second) exported.definitions.push_back(made);
            return;
        }
        const auto known = definitions.find(hash);
        if (known == definitions.end()) {
            throw Error(ErrorCode::BadInput, {"an object whose definition the file does not have", where,
                                              "its definition on a line before it", hash, ""});
        }
        const auto& layout = known->second;
        std::shared_ptr<std::byte> row;
        if (line.find("canonical") != nullptr) {
            const auto bytes = from_hex(text_of(line, "canonical", where));
            const auto packed = schema::packed(*layout);
            if (bytes.size() != packed.size) {
                throw Error(ErrorCode::BadInput, {"canonical bytes of another size", where, std::to_string(packed.size),
                                                  std::to_string(bytes.size()), ""});
            }
            row.reset(new std::byte[layout->size](), std::default_delete<std::byte[]>());
            for (std::size_t i = 0; i < layout->elements.size(); ++i) {
                const auto& element = layout->elements[i];
                std::memcpy(row.get() + element.offset, bytes.data() + packed.elements[i].offset, element.bytes());
            }
        } else {
            const auto* value = line.find("value");
            if (value == nullptr) text_of(line, "value", where);
            row = copy_row(read_row(*value, layout, where).row(0), layout->size);
        }
        const auto id = compute_object_id(*layout, row.get());
        if (format_id(id) != text_of(line, "id", where)) {
            throw Error(ErrorCode::BadInput, {"the object does not have its id", where, text_of(line, "id", where),
                                              format_id(id), "the file was changed"});
        }
        exported.objects.push_back({layout, std::move(row), where});
        exported.ids.push_back(id);
    });
    return exported;
}

}  // namespace etalon::interchange
