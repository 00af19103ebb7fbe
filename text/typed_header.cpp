#include "text/typed_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/number_text.h"
#include "base/printable.h"
#include "etalon/error.h"
#include "schema/c_types.h"
#include "schema/columns.h"
#include "schema/definition.h"
#include "schema/names.h"
#include "schema/natural_layout.h"
#include "schema/value_text.h"

namespace etalon::text {
namespace {

constexpr std::uint64_t kMostColumns = 1'000'000;
constexpr std::uint64_t kMostText = std::uint64_t{1} << 30;  // bytes of one text
constexpr std::string_view kBlanks = " \t";

std::string_view trimmed(std::string_view text) noexcept {
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Without the blanks before and within brackets: `gain [ 3 ] float` -> `gain[3] float`.
std::string without_blanks_at_brackets(std::string_view text) {
    std::string out;
    bool inside = false;
    for (const char c : text) {
        const bool blank = kBlanks.find(c) != std::string_view::npos;
        if (c == '[' || c == ']') {
            out.resize(trimmed(out).size());  // out never begins with a blank
            inside = c == '[';
        }
        if (!(blank && (inside || out.empty()))) out += c;
    }
    return out;
}

/// The first colon that is not one of `::`.
std::size_t find_colon(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != ':') continue;
        if (i + 1 == text.size() || text[i + 1] != ':') return i;
        ++i;
    }
    return std::string_view::npos;
}

/// One field of a header.
struct Field {
    std::string text;                     ///< as written
    std::string path;                     ///< without the brackets at its end
    std::vector<std::uint64_t> brackets;  ///< behind the name: sizes or indices
    std::string type_name;                ///< without its sizes; empty: none given
    std::vector<std::uint64_t> sizes;     ///< behind the type
    ScalarType type = ScalarType::Int32;

    [[nodiscard]] bool is_char() const noexcept { return type_name == "char"; }
};

class HeaderReader {
public:
    HeaderReader(const std::vector<std::string>& fields, std::string_view where) : where_(where) {
        is_table_ = std::ranges::any_of(fields, has_type);
        for (const auto& text : fields) fields_.push_back(split(text));
    }

    TypedHeader read() {
        TypedHeader header;
        header.typed = std::ranges::any_of(fields_, [](const Field& field) { return !field.type_name.empty(); });
        if (!header.typed) {
            for (const auto& field : fields_) header.columns.push_back(field.text);
            return header;
        }
        for (auto& field : fields_) resolve_type(field);

        std::vector<std::vector<const Field*>> groups;
        std::unordered_map<std::string_view, std::size_t> places;
        for (const auto& field : fields_) {
            const auto [place, fresh] = places.emplace(field.path, groups.size());
            if (fresh) groups.emplace_back();
            groups[place->second].push_back(&field);
        }
        std::unordered_map<const Field*, bool> is_item;
        for (const auto& group : groups) {
            const bool items = are_items(group);
            header.elements.push_back(items ? element_of_items(group) : element_of(*group.front()));
            for (const auto* field : group) is_item[field] = items;
        }
        for (const auto& field : fields_) add_columns(field, is_item[&field], header.columns);
        return header;
    }

private:
    /// Whether a field has a type that is known or nearly so, or one in place of its name. Of a header without any,
    /// nothing is printed: the file may be anything.
    static bool has_type(std::string_view field) {
        const auto plain = without_blanks_at_brackets(trimmed(field));
        const auto colon = find_colon(plain);
        const auto cut = std::min(colon != std::string_view::npos ? colon : plain.find_first_of(kBlanks), plain.size());
        const auto name = trimmed(std::string_view(plain).substr(0, cut));
        auto type = trimmed(std::string_view(plain).substr(std::min(cut + 1, plain.size())));
        type = trimmed(type.substr(0, type.find('[')));
        return schema::find_c_type(type).has_value() || schema::find_c_type(name).has_value() ||
               !schema::suggest_c_type(type).empty();
    }

    [[nodiscard]] Error error(const Field& field, std::string what, std::string expected, std::string found,
                              std::string advice = {}) const {
        if (!is_table_)
            return Error(ErrorCode::BadInput, {std::move(what), std::string(where_), std::move(expected), {}, {}});
        return Error(ErrorCode::BadInput, {std::move(what), fmt::format("{}, column {}", where_, excerpt(field.text)),
                                           std::move(expected), std::move(found), std::move(advice)});
    }

    Field split(const std::string& text) const {
        Field field;
        field.text = trimmed(text);
        const auto plain = without_blanks_at_brackets(field.text);
        std::string_view name = plain;
        std::string_view type;
        const auto colon = find_colon(name);
        const auto cut = colon != std::string_view::npos ? colon : name.find_first_of(kBlanks);
        if (cut != std::string_view::npos) {
            type = trimmed(name.substr(cut + 1));
            name = trimmed(name.substr(0, cut));
            if (name.empty()) throw error(field, "a column has no name", "name:type", "only a type");
            if (type.empty()) throw error(field, "a column has no type", "name:type", "nothing behind the colon");
            field.sizes = take_brackets(field, type);
            if (std::ranges::find(field.sizes, std::uint64_t{0}) != field.sizes.end()) {
                throw error(field, "a size is zero", "a size from 1 on", "0");
            }
            field.type_name = trimmed(type);
        }
        // Plain names are judged against a definition, not here.
        if (field.type_name.empty()) return field;
        field.brackets = take_brackets(field, name);
        field.path = name;
        return field;
    }

    /// Takes `[2][3]` from the end.
    std::vector<std::uint64_t> take_brackets(const Field& field, std::string_view& text) const {
        std::vector<std::uint64_t> numbers;
        while (text.ends_with(']')) {
            const auto open = text.rfind('[');
            if (open == std::string_view::npos) break;
            const auto digits = text.substr(open + 1, text.size() - open - 2);
            const bool one_spelling = !digits.starts_with('+') && (digits.size() == 1 || !digits.starts_with('0'));
            const auto number = parse_integer<std::uint64_t>(digits);
            if (!number || !one_spelling) {
                throw error(field, "a size or index is no number", "digits in brackets, without leading zeros",
                            "[" + schema::utf8_escaped(digits) + "]");
            }
            numbers.push_back(*number);
            text = text.substr(0, open);
        }
        std::ranges::reverse(numbers);
        return numbers;
    }

    void resolve_type(Field& field) const {
        if (field.type_name.empty()) {
            throw error(field, "a column has no type, but others have", "name:type in every column, or in none",
                        schema::utf8_escaped(field.text));
        }
        const auto type = schema::find_c_type(field.type_name);
        if (!type) {
            const bool reversed = schema::find_c_type(field.path).has_value();
            throw error(
                field, "unknown type", "a type of C, or one of bool, int8 ... uint64, float32, float64, char[n]",
                schema::utf8_escaped(field.type_name),
                reversed ? fmt::format("write the name first: {}:{}", schema::utf8_escaped(field.type_name), field.path)
                         : schema::suggest_c_type(field.type_name));
        }
        if (!schema::split_path(field.path)) {
            throw error(field, "the name of a column is no path of C names", "a name such as gain, pos.x or hit[2].x",
                        schema::utf8_escaped(field.path));
        }
        field.type = *type;
    }

    /// Whether what is in brackets behind the name are indices.
    static bool are_items(const std::vector<const Field*>& group) {
        const auto& brackets = group.front()->brackets;
        return group.size() > 1 || std::ranges::find(brackets, std::uint64_t{0}) != brackets.end();
    }

    /// The element of one field that stands for the whole array.
    Element element_of(const Field& field) const { return make_element(field, field.brackets); }

    Element element_of_items(const std::vector<const Field*>& group) const {
        const Field& first = *group.front();
        const auto rank = first.brackets.size();
        std::vector<std::uint64_t> dims(rank, 0);
        for (const auto* field : group) {
            if (field->brackets.size() != rank) {
                throw error(*field, "the items of an array have different ranks", first.text, field->text);
            }
            if (rank == 0 && field != &first)
                throw error(*field, "a column occurs twice", "each column once", field->path);
            if (field->type != first.type || field->sizes != first.sizes || field->is_char() != first.is_char()) {
                throw error(*field, "the items of an array have different types", first.text, field->text);
            }
            for (std::size_t i = 0; i < rank; ++i) dims[i] = std::max(dims[i], field->brackets[i]);
        }
        if (first.is_char() && first.sizes.empty()) {
            throw error(first, "a text cannot be given as single characters",
                        fmt::format("one column {}:char[{}]", first.path, group.size()), first.text,
                        "for numbers of 8 bits write the type int8");
        }
        // Largest indices so far; one more could overflow.
        std::uint64_t count = 1;
        for (auto& dim : dims) {
            count = dim >= group.size() ? group.size() + 1 : count * (dim + 1);
            if (count > group.size()) break;
            ++dim;
        }
        if (count != group.size()) {
            throw error(first, "items of an array are missing or occur twice", "every index from 0 on, once",
                        fmt::format("{} item{} of {}", group.size(), group.size() == 1 ? "" : "s", first.path));
        }
        return make_element(first, std::move(dims));
    }

    Element make_element(const Field& field, std::vector<std::uint64_t> dims) const {
        Element element;
        element.path = field.path;
        element.c_type = field.type_name;
        element.type = field.type;
        element.dims = std::move(dims);
        element.dims.insert(element.dims.end(), field.sizes.begin(), field.sizes.end());
        if (field.is_char() && !element.dims.empty()) {
            element.type = ScalarType::Char;
            if (element.dims.back() > kMostText) {
                throw error(field, "the text is too long", fmt::format("at most {} bytes", kMostText),
                            std::to_string(element.dims.back()));
            }
        }
        return element;
    }

    /// The columns that a field stands for.
    void add_columns(const Field& field, bool is_item, std::vector<std::string>& columns) const {
        std::string prefix = field.path;
        if (is_item) {
            for (const auto index : field.brackets) prefix += fmt::format("[{}]", index);
        }
        const auto element = make_element(field, is_item ? std::vector<std::uint64_t>{} : field.brackets);
        std::uint64_t room = kMostColumns - columns.size();
        for (std::size_t i = 0; i < schema::num_indices(element); ++i) room /= element.dims[i];
        if (room == 0) {
            throw error(field, "the header stands for too many columns", fmt::format("at most {}", kMostColumns),
                        "more", "store values of this size with `put`");
        }
        const auto count = schema::num_values(element);
        for (std::uint64_t i = 0; i < count; ++i) {
            columns.push_back(prefix);
            schema::append_indices(columns.back(), element, i);
        }
    }

    std::string_view where_;
    std::vector<Field> fields_;
    bool is_table_ = false;
};

}  // namespace

TypedHeader read_typed_header(const std::vector<std::string>& fields, std::string_view where) {
    return HeaderReader(fields, where).read();
}

StructDefinition define_struct(const TypedHeader& header, std::string struct_name, std::string_view where) {
    StructDefinition definition;
    definition.name = std::move(struct_name);
    definition.elements = header.elements;
    definition.source = where;
    schema::set_natural_layout(definition, where);
    const auto findings = schema::validate(definition);
    if (!findings.empty()) {
        throw Error(ErrorCode::BadInput, {"the header does not define a struct",
                                          std::string(where),
                                          {},
                                          fmt::format("{}", fmt::join(findings, "; ")),
                                          {}});
    }
    return definition;
}

bool types_fit(const TypedHeader& header, const StructDefinition& definition) {
    return std::ranges::all_of(header.elements, [&](const Element& element) {
        const auto known = std::ranges::find(definition.elements, element.path, &Element::path);
        return known != definition.elements.end() && known->type == element.type && known->dims == element.dims;
    });
}

std::string type_text(const Element& element) {
    std::string text(name_of(element.type));
    for (const auto dim : element.dims) text += fmt::format("[{}]", dim);
    return text;
}

}  // namespace etalon::text
