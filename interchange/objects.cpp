#include "interchange/objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <sstream>

#include "base/bytes.h"
#include "base/nearest.h"
#include "etalon/error.h"
#include "interchange/json_object.h"
#include "interchange/json_tree.h"
#include "schema/columns.h"
#include "schema/references.h"
#include "schema/value_text.h"
#include "text/text.h"

namespace etalon::interchange {
namespace {

constexpr std::size_t kMostNested = 1'000'000;

/// A path without the indices of arrays: `hit[2].by` is `hit.by`.
std::string without_indices(std::string_view path) {
    std::string out;
    bool inside = false;
    for (const char c : path) {
        if (c == '[') inside = true;
        if (!inside) out += c;
        if (c == ']') inside = false;
    }
    return out;
}

std::string joined(std::string_view prefix, std::string_view path) {
    return prefix.empty() ? without_indices(path) : fmt::format("{}.{}", prefix, without_indices(path));
}

/// Writes objects with what was followed.
class ObjectWriter {
public:
    explicit ObjectWriter(const FollowedObjects& followed) : followed_(followed) {}

    [[nodiscard]] std::string value(const StoredObject& object, const std::string& prefix) {
        std::string out;
        text::append_json_row(out, *object.layout, object.row.get(),
                              [&](std::string& to, const Element& element, std::uint64_t, const ObjectId& id) {
                                  return append_followed(to, joined(prefix, element.path), id);
                              });
        return out;
    }

private:
    bool append_followed(std::string& to, const std::string& path, const ObjectId& id) {
        if (!followed_.follows(path)) return false;
        const auto found = followed_.objects.find(id);
        if (found == followed_.objects.end()) return false;
        if (++nested_ > kMostNested) {
            throw Error(ErrorCode::Refused,
                        {"too many objects within one", format_id(id), fmt::format("at most {}", kMostNested), "more",
                         "follow fewer references, or export a closure"});
        }
        JsonObject nested(", ");
        nested.add_text("id", format_id(id)).add("value", value(found->second, path));
        to += nested.text();
        return true;
    }

    const FollowedObjects& followed_;
    std::size_t nested_ = 0;
};

/// Where in the graph an object was met.
struct Met {
    const StoredObject* object;
    std::string prefix;
};

/// A value of an example as a person writes it in a condition.
std::string value_text(const JsonTree& value) {
    return value.kind == JsonTree::Kind::String ? text::in_quotes(value.text) : value.text;
}

Condition comparison(Condition::Kind kind, std::string path) {
    Condition condition;
    condition.kind = kind;
    condition.path = std::move(path);
    return condition;
}

/// The conditions of an example, one for each value in it.
class ExampleReader {
public:
    ExampleReader(const std::string& name, const FindDefinition& find, std::vector<Condition>& conditions)
        : name_(name), find_(find), conditions_(conditions) {}

    /// `prefix` is the way to the object across references, `inner` the one within its struct.
    void read_object(const JsonTree& value, const StructDefinition& layout, const std::string& prefix,
                     const std::string& inner) {
        for (const auto& [key, member] : value.members)
            read(member, layout, prefix, inner.empty() ? key : inner + "." + key);
    }

private:
    void read(const JsonTree& value, const StructDefinition& layout, const std::string& prefix,
              const std::string& inner) {
        const auto path = prefix.empty() ? inner : prefix + "." + inner;
        // Items of an array stand in lists, or under keys with an index.
        const auto base = inner.ends_with(']') ? inner.substr(0, inner.find_last_not_of("[]0123456789") + 1) : inner;
        auto element = std::ranges::find(layout.elements, inner, &Element::path);
        if (element == layout.elements.end()) element = std::ranges::find(layout.elements, base, &Element::path);
        const bool is_element = element != layout.elements.end();
        if (!is_element) check_known(layout, inner, path);
        if (value.kind == JsonTree::Kind::List) {
            for (std::size_t i = 0; i < value.items.size(); ++i)
                read(value.items[i], layout, prefix, fmt::format("{}[{}]", inner, i));
        } else if (value.kind == JsonTree::Kind::Null) {
            conditions_.push_back(comparison(Condition::Kind::IsNull, path));
        } else if (value.kind == JsonTree::Kind::Object && is_element && element->type == ScalarType::Ref) {
            Condition there;
            there.kind = Condition::Kind::Not;
            there.parts = {comparison(Condition::Kind::IsNull, path)};
            conditions_.push_back(std::move(there));
            read_object(value, *find_(element->target), path, "");
        } else if (value.kind == JsonTree::Kind::Object && !is_element) {
            read_object(value, layout, prefix, inner);
        } else {
            auto condition = comparison(Condition::Kind::Compare, path);
            condition.values = {value_of(value, is_element ? &*element : nullptr, path)};
            conditions_.push_back(std::move(condition));
        }
    }

    /// Throws Error(Unknown) for what is neither an element nor a struct within the layout.
    void check_known(const StructDefinition& layout, const std::string& inner, const std::string& path) const {
        std::vector<std::string> known;
        for (const auto& element : layout.elements) {
            const auto whole = without_indices(element.path);
            const auto wanted = without_indices(inner);
            if (whole.starts_with(wanted + ".") || element.path.starts_with(inner + ".")) return;
            known.push_back(element.path);
        }
        throw Error(ErrorCode::Unknown, {"an example with an unknown member", fmt::format("{}, {}", name_, path),
                                         "a member of " + layout.name, "'" + inner + "'", did_you_mean(inner, known)});
    }

    [[nodiscard]] ValueText value_of(const JsonTree& value, const Element* element, const std::string& path) const {
        if (value.kind == JsonTree::Kind::Object) {
            const auto* hex = value.find("hex");
            const auto* sha256 = value.find("sha256");
            const auto* size = value.find("size");
            if (hex != nullptr && value.members.size() == 1 && hex->kind == JsonTree::Kind::String &&
                element->is_text())
                return {text::in_quotes(as_text(from_hex(hex->text)))};
            if (sha256 != nullptr && size != nullptr && value.members.size() == 2 && element->type == ScalarType::File)
                return {fmt::format("sha256:{}:{}", sha256->text, size->text)};
            throw Error(ErrorCode::BadInput,
                        {"an object in the place of a value", fmt::format("{}, {}", name_, path),
                         element->is_text() ? "a text" : std::string(name_of(element->type)), "an object", ""});
        }
        // A number may stand in quotes, as where rows are read.
        if (value.kind == JsonTree::Kind::String && element != nullptr && !element->is_text()) return {value.text};
        return {value_text(value)};
    }

    const std::string& name_;
    const FindDefinition& find_;
    std::vector<Condition>& conditions_;
};

std::string value_cell_text(const Element& element, const std::byte* row, std::uint64_t index) {
    std::string out;
    text::append_value(out, element, row, index);
    return out;
}

}  // namespace

bool FollowedObjects::follows(std::string_view path) const {
    return all || std::ranges::find(paths, path) != paths.end();
}

FollowedObjects follow(std::span<const StoredObject> objects, const std::vector<std::string>& paths,
                       const FindObjects& find) {
    FollowedObjects followed;
    std::set<std::string> wanted;
    for (const auto& path : paths) {
        if (path == "all") followed.all = true;
        // What leads there is followed, too.
        const auto whole = without_indices(path);
        for (std::size_t at = whole.find('.'); at != std::string::npos; at = whole.find('.', at + 1))
            wanted.insert(whole.substr(0, at));
        wanted.insert(whole);
    }
    followed.paths.assign(wanted.begin(), wanted.end());
    if (paths.empty()) return followed;

    std::set<std::string> met_paths;
    std::set<std::string> references;
    std::set<std::pair<ObjectId, std::string>> seen;
    std::vector<Met> level;
    for (const auto& object : objects) level.push_back({&object, ""});
    while (!level.empty()) {
        std::vector<std::pair<ObjectId, std::string>> targets;
        for (const auto& met : level) {
            for (const auto& element : met.object->layout->elements) {
                if (element.type == ScalarType::Ref) references.insert(joined(met.prefix, element.path));
            }
            schema::visit_references(*met.object->layout, met.object->row.get(), 1, [&](const auto& reference) {
                auto path = joined(met.prefix, met.object->layout->elements[reference.element].path);
                if (!followed.follows(path)) return;
                met_paths.insert(path);
                // With all of them the way does not matter, and there may be very many.
                if (followed.all) path.clear();
                if (seen.emplace(reference.id, path).second) targets.emplace_back(reference.id, std::move(path));
            });
        }
        std::vector<ObjectId> ids;
        std::set<ObjectId> missing;
        for (const auto& [id, path] : targets) {
            if (!followed.objects.contains(id) && missing.insert(id).second) ids.push_back(id);
        }
        if (!ids.empty()) {
            auto found = find(ids);
            for (std::size_t i = 0; i < ids.size(); ++i) {
                if (!found[i]) {
                    throw Error(ErrorCode::Corrupt,
                                {"a reference leads to no object", "object " + format_id(ids[i]), "an object", "none",
                                 "'etalon verify' lists such references; or open the layer "
                                 "or database that has it"});
                }
                followed.objects.emplace(ids[i], *std::move(found[i]));
            }
        }
        level.clear();
        for (auto& [id, path] : targets) level.push_back({&followed.objects.at(id), std::move(path)});
    }
    if (followed.all) return followed;
    // Only members count; a struct inside on the way to one is none.
    for (const auto& path : paths) {
        const auto whole = without_indices(path);
        const bool is_known = references.contains(whole);
        if (is_known || objects.empty()) continue;
        const auto cut = whole.rfind('.');
        // Behind a reference that was null everywhere nothing is known.
        if (cut != std::string::npos && references.contains(whole.substr(0, cut)) &&
            !met_paths.contains(whole.substr(0, cut)))
            continue;
        const std::vector<std::string> known(references.begin(), references.end());
        throw Error(ErrorCode::Unknown, {"no reference to follow", "--follow " + path,
                                         known.empty() ? "a member that is a reference; there is none"
                                                       : "a member that is a reference, or all",
                                         path, did_you_mean(whole, known)});
    }
    return followed;
}

std::string to_json(const StoredObject& object, const FollowedObjects& followed) {
    JsonObject out(", ");
    out.add_text("id", format_id(object.id)).add_text("struct", object.struct_name);
    out.add("schema", std::to_string(object.schema)).add("commit", std::to_string(object.commit));
    out.add_text("entryTime", format_time(object.entry_time));
    out.add("absent", list_cell(std::span<const std::string>(object.absent)).json);
    if (!object.truncated.empty()) out.add("truncated", list_cell(std::span<const std::string>(object.truncated)).json);
    if (object.losses != 0) out.add("losses", std::to_string(object.losses));
    return out.add("value", ObjectWriter(followed).value(object, "")).text();
}

void write_csv(std::ostream& out, std::span<const StoredObject> objects) {
    if (objects.empty()) return;
    out << "id,commit,entryTime," << text::csv_header(*objects.front().layout) << "\n";
    for (const auto& object : objects) {
        auto line = fmt::format("{},{},{},", format_id(object.id), object.commit, format_time(object.entry_time));
        text::append_csv_row(line, *object.layout, object.row.get());
        out << line << "\n";
    }
}

Table object_table(std::span<const StoredObject> objects) {
    Table table{{"id", "commit", "entryTime"}, {}};
    if (objects.empty()) return table;
    const auto& layout = *objects.front().layout;
    for (const auto& column : text::csv_columns(layout)) table.columns.push_back(column);
    for (const auto& object : objects) {
        std::vector<Cell> row{cell(format_id(object.id)), cell(object.commit), cell(object.entry_time)};
        for (const auto& element : layout.elements) {
            const auto count = schema::num_values(element);
            for (std::uint64_t i = 0; i < count; ++i) {
                auto one = cell(value_cell_text(element, object.row.get(), i));
                one.is_number = is_integer(element.type) || is_float(element.type);
                row.push_back(std::move(one));
            }
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

Table query_table(std::span<const NamedQuery> queries) {
    Table table{{"name", "struct", "where", "order", "limit", "parameters", "commit", "entryTime", "comment"}, {}};
    for (const auto& query : queries) {
        table.rows.push_back({cell(query.name), cell(query.struct_name), cell_or_null(query.where),
                              cell_or_null(format_object_order(query.order)),
                              query.limit == 0 ? null_cell() : cell(query.limit),
                              list_cell(std::span<const std::string>(query.parameters)), cell(query.commit),
                              cell(query.entry_time), cell_or_null(query.comment)});
    }
    return table;
}

Table referrer_table(std::span<const Referrer> referrers) {
    Table table{{"kind", "struct", "member", "id", "name", "element", "version", "begin", "end", "row", "uid", "commit",
                 "retired", "database"},
                {}};
    for (const auto& one : referrers) {
        const bool is_object = one.object.has_value();
        const auto of_record = [&](Cell value) { return is_object ? null_cell() : std::move(value); };
        table.rows.push_back({cell(is_object ? "object" : "record"), cell(one.struct_name), cell(one.member),
                              is_object ? cell(format_id(*one.object)) : null_cell(), of_record(cell(one.name)),
                              of_record(cell(one.element)), of_record(cell(one.version)),
                              of_record(cell(one.interval.axis, one.interval.begin)),
                              is_object || !one.interval.end ? null_cell() : cell(one.interval.axis, *one.interval.end),
                              of_record(cell(one.row)), of_record(cell(one.uid)), cell(one.commit),
                              one.retired ? cell(*one.retired) : null_cell(), cell(one.database)});
    }
    return table;
}

Table put_table(std::span<const PutObject> objects) {
    Table table{{"id", "struct", "new"}, {}};
    for (const auto& object : objects) {
        table.rows.push_back({cell(format_id(object.id)), cell(object.struct_name), cell(object.is_new)});
    }
    return table;
}

void write_put_json(std::ostream& out, std::int64_t commit, std::span<const PutObject> objects) {
    out << "{\"commit\":" << commit << ",\"objects\":[";
    for (const auto& object : objects) {
        JsonObject one(", ");
        one.add_text("id", format_id(object.id)).add_text("struct", object.struct_name);
        out << (&object == &objects.front() ? "\n " : ",\n ")
            << one.add("new", object.is_new ? "true" : "false").text();
    }
    out << "]}\n";
}

ValueText value_as_written(const std::string& text) {
    const auto means_itself = [](char c) {
        const auto code = static_cast<unsigned char>(c);
        return code > 0x20 && code != 0x7f && c != '"' && c != '\\' && c != '\'';
    };
    const bool is_plain = !text.empty() && means_itself(text.front()) && means_itself(text.back()) &&
                          std::ranges::all_of(text, [&](char c) { return c == ' ' || means_itself(c); });
    return {is_plain ? text : text::in_quotes(text)};
}

Condition condition_of_example(std::string_view json, const std::string& name, const std::string& struct_name,
                               const FindDefinition& find) {
    std::vector<JsonTree> values;
    std::istringstream in{std::string(json)};
    read_json_values(in, name, [&](JsonTree value) { values.push_back(std::move(value)); });
    if (values.size() != 1 || values.front().kind != JsonTree::Kind::Object) {
        throw Error(ErrorCode::BadInput,
                    {"no example", name, fmt::format("one object, such as {{\"member of {}\": value}}", struct_name),
                     values.size() == 1 ? "another value" : fmt::format("{} values", values.size()), ""});
    }
    std::vector<Condition> conditions;
    ExampleReader(name, find, conditions).read_object(values.front(), *find(struct_name), "", "");
    return all_of(std::move(conditions));
}

}  // namespace etalon::interchange
