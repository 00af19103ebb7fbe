#include "layers/csv/layer_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "text/text.h"

namespace etalon::layers {
namespace {

const Element* find_element(const StructDefinition& definition, std::string_view path) {
    const auto found = std::ranges::find(definition.elements, path, &Element::path);
    return found == definition.elements.end() ? nullptr : &*found;
}

bool same_type(const Element& a, const Element& b) {
    return a.type == b.type && a.dims == b.dims;
}

/// `uint32[3] (enum Color)`: what the header should say, and what C calls it when that is another word.
std::string described(const Element& element) {
    auto text = text::type_text(element);
    if (element.c_type.starts_with("enum ")) text += fmt::format(" ({})", element.c_type);
    return text;
}

void refuse_manifest(const text::RowReader& reader, const std::string& where) {
    const auto has = [&](std::string_view name) {
        return std::ranges::find(reader.columns(), name) != reader.columns().end();
    };
    if (has("table") && has("beginTime") && has("path")) {
        throw Error(ErrorCode::BadInput, {"the file is a manifest", where, "a file of values",
                                          "columns table, beginTime and path", "CSV layers do not nest"});
    }
}

/// Judges the header of one file against the schema versions of its struct.
class HeaderJudge {
public:
    HeaderJudge(const text::TypedCsvReader& reader, const LayerStruct& of_struct, std::string where)
        : reader_(reader), header_(reader.header()), struct_(of_struct), where_(std::move(where)) {}

    /// The version that the file is read in, or null after adding what is wrong with its types. (Of wrong names the
    /// reader speaks.)
    [[nodiscard]] DefinitionPtr choose(std::vector<Error>& problems) const {
        DefinitionPtr names_fit;
        for (const auto& schema : in_order()) {
            if (!reader_.fits(*schema)) continue;
            if (!header_.typed || text::types_fit(header_, *schema)) return schema;
            if (!names_fit) names_fit = schema;
        }
        const auto before = problems.size();
        for (const auto& element : header_.elements) check(element, problems);
        if (problems.size() == before && names_fit) compare(*names_fit, problems);
        const bool all_known = std::ranges::all_of(header_.elements, [this](const Element& element) {
            return std::ranges::any_of(struct_.schemas, [&](const auto& s) { return find_element(*s, element.path); });
        });
        if (problems.size() != before && all_known) return nullptr;
        return in_order().front();
    }

private:
    [[nodiscard]] std::vector<DefinitionPtr> in_order() const {
        std::vector<DefinitionPtr> order = {struct_.schemas.at(struct_.current)};
        for (auto i = struct_.schemas.size(); i-- > 0;) {
            if (i != struct_.current) order.push_back(struct_.schemas[i]);
        }
        return order;
    }

    void add(const Element& element, std::string what, std::string expected, std::string advice,
             std::vector<Error>& problems) const {
        problems.emplace_back(ErrorCode::BadInput,
                              ErrorInfo{std::move(what), fmt::format("{}, column {}", where_, element.path),
                                        std::move(expected), text::type_text(element), std::move(advice)});
    }

    /// A type that no version has.
    void check(const Element& element, std::vector<Error>& problems) const {
        std::vector<std::pair<std::string, std::string>> types;  // and the versions that have them
        for (std::size_t i = 0; i < struct_.schemas.size(); ++i) {
            const auto* const known = find_element(*struct_.schemas[i], element.path);
            if (known == nullptr) continue;
            if (same_type(*known, element)) return;
            const auto type = described(*known);
            const auto same = std::ranges::find(types, type, &std::pair<std::string, std::string>::first);
            if (same == types.end()) {
                types.emplace_back(type, std::to_string(i + 1));
            } else {
                same->second += fmt::format(", {}", i + 1);
            }
        }
        if (types.empty()) return;
        std::string expected;
        for (const auto& [type, schemas] : types) {
            expected += expected.empty() ? "" : " or ";
            expected += types.size() == 1 ? type : fmt::format("{} (schema {})", type, schemas);
        }
        add(element, fmt::format("the type of a column is not that of struct {}", struct_.name), std::move(expected),
            "a layer changes values, not types", problems);
    }

    /// Types that occur, but not together.
    void compare(const StructDefinition& schema, std::vector<Error>& problems) const {
        for (const auto& element : header_.elements) {
            const auto* const known = find_element(schema, element.path);
            if (known == nullptr || same_type(*known, element)) continue;
            add(element, fmt::format("the types of the columns are of different schema versions of {}", struct_.name),
                described(*known), "take all of them from one version", problems);
        }
    }

    const text::TypedCsvReader& reader_;
    const text::TypedHeader& header_;
    const LayerStruct& struct_;
    std::string where_;
};

}  // namespace

std::optional<LayerRows> read_layer_file(std::istream& in, const std::string& name, const LayerStruct& of_struct,
                                         std::vector<Error>& problems) {
    try {
        const auto reader = text::make_typed_csv_reader(in, name);
        refuse_manifest(*reader, name + ":1");
        const auto layout = HeaderJudge(*reader, of_struct, name + ":1").choose(problems);
        if (!layout) return std::nullopt;
        const auto block = std::make_shared<schema::RowBlock>(reader->read(layout));
        if (block->num_rows == 0) return LayerRows{};
        return LayerRows{layout, std::shared_ptr<const std::byte>(block, block->data.data()), block->num_rows};
    } catch (const Error& error) {
        problems.push_back(error);
        return std::nullopt;
    }
}

DefinitionPtr read_layer_definition(std::istream& in, const std::string& name, const std::string& struct_name) {
    const auto reader = text::make_typed_csv_reader(in, name);
    refuse_manifest(*reader, name + ":1");
    if (!reader->header().typed) return nullptr;
    return std::make_shared<const StructDefinition>(text::define_struct(reader->header(), struct_name, name + ":1"));
}

}  // namespace etalon::layers
