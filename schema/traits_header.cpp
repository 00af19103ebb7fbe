// The generated C++ header: definitions as text, and static_asserts that fail when a compiler lays a struct out
// otherwise.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "etalon/error.h"
#include "schema/definition.h"
#include "schema/names.h"

namespace etalon::schema {
namespace {

/// Compilers promise 65536 characters per literal; JSON of large structs is longer.
constexpr std::size_t kMaxLiteral = 60000;

/// A raw literal, in pieces, that holds exactly `text`.
std::string raw_literal(std::string_view text) {
    std::string delimiter = "etalon";
    for (int n = 0; text.find(")" + delimiter + "\"") != std::string_view::npos; ++n)
        delimiter = fmt::format("etalon{}", n);
    std::string out;
    do {
        const std::string_view piece = text.substr(0, kMaxLiteral);
        out += fmt::format("{}R\"{}({}){}\"", out.empty() ? "" : "\n        ", delimiter, piece, delimiter);
        text.remove_prefix(piece.size());
    } while (!text.empty());
    return out;
}

char kind_of(ScalarType type) {
    if (type == ScalarType::Bool) return 'b';
    if (type == ScalarType::Char) return 'c';
    if (is_identity(type)) return type == ScalarType::Ref ? 'r' : type == ScalarType::Uid ? 'd' : 'o';
    if (is_float(type)) return 'f';
    return is_signed_integer(type) ? 'i' : 'u';
}

/// Of an array of structs the first and the last item stand for all: the others lie between them.
class ItemFilter {
public:
    explicit ItemFilter(const StructDefinition& definition) {
        for (const auto& element : definition.elements) {
            for_each_index(element.path, [&](const std::string& key, std::uint64_t index) {
                auto& last = last_[key];
                last = std::max(last, index);
            });
        }
    }
    [[nodiscard]] bool takes(const Element& element) const {
        bool taken = true;
        for_each_index(element.path, [&](const std::string& key, std::uint64_t index) {
            taken = taken && (index == 0 || index == last_.at(key));
        });
        return taken;
    }

private:
    template <class Use>
    static void for_each_index(const std::string& path, Use use) {
        if (path.find('[') == std::string::npos) return;
        const auto parts = split_path(path);
        if (!parts) return;
        std::string key;
        for (const auto& part : *parts) {
            key += '.';
            key += part.name;
            for (std::size_t d = 0; d < part.indices.size(); ++d) use(fmt::format("{}[{}]", key, d), part.indices[d]);
        }
    }

    std::map<std::string, std::uint64_t> last_;
};

constexpr std::string_view kChecks = R"(#ifndef ETALON_GENERATED_CHECKS
#define ETALON_GENERATED_CHECKS
namespace etalon::generated {

template <class T, bool = std::is_enum_v<T>>
struct Number {
    using type = T;
};
template <class T>
struct Number<T, true> {
    using type = std::underlying_type_t<T>;
};

template <class T, std::size_t... kDims>
struct ArrayOf {
    using type = T;
};
template <class T, std::size_t kFirst, std::size_t... kRest>
struct ArrayOf<T, kFirst, kRest...> {
    using type = typename ArrayOf<T, kRest...>::type[kFirst];
};

// std::array lies as the array of its items.
template <class T>
struct Plain {
    using type = T;
};
template <class T, std::size_t kSize>
struct Plain<T[kSize]> {
    using type = typename Plain<T>::type[kSize];
};
template <class T, std::size_t kSize>
struct Plain<std::array<T, kSize>> {
    static_assert(sizeof(std::array<T, kSize>) == kSize * sizeof(T));
    using type = typename Plain<T>::type[kSize];
};

// Kind: b bool, c char of a text, f float, i and u integers with and without sign, r, d and o what etalon/ref.h has.
template <class Declared, char kKind, std::size_t kValueSize, std::size_t... kDims>
constexpr bool is_element() {
    using Member = typename Plain<std::remove_cv_t<Declared>>::type;
    using Value = typename Number<std::remove_cv_t<std::remove_all_extents_t<Member>>>::type;
    constexpr bool integer = std::is_integral_v<Value> && !std::is_same_v<Value, bool>;
    constexpr bool kind = kKind == 'b'   ? std::is_same_v<Value, bool>
                          : kKind == 'c' ? std::is_same_v<Value, char>
                          : kKind == 'f' ? std::is_floating_point_v<Value>
                          : kKind == 'i' ? integer && std::is_signed_v<Value>
                          : kKind == 'r' || kKind == 'd' || kKind == 'o' ? std::is_class_v<Value>
                                         : integer && std::is_unsigned_v<Value>;
    return kind && sizeof(Value) == kValueSize &&
           std::is_same_v<Member, typename ArrayOf<std::remove_all_extents_t<Member>, kDims...>::type>;
}

}  // namespace etalon::generated
#endif
)";

/// Where an element begins, as an expression. Items of arrays are counted here: `offsetof` takes no index of a
/// std::array.
std::string offset_expression(const std::string& type, const std::string& path) {
    const auto parts = path.find('[') == std::string::npos ? std::nullopt : split_path(path);
    if (!parts) return fmt::format("offsetof({}, {})", type, path);
    std::string out;
    std::string holder = type;
    std::string member = fmt::format("std::declval<{}&>()", type);
    std::string names;
    for (std::size_t i = 0; i < parts->size(); ++i) {
        const auto& part = (*parts)[i];
        names += (names.empty() ? "" : ".") + std::string(part.name);
        member += "." + std::string(part.name);
        const bool is_last = i + 1 == parts->size();
        if (part.indices.empty() && !is_last) continue;
        out += fmt::format("{}offsetof({}, {})", out.empty() ? "" : " + ", holder, names);
        for (const auto index : part.indices) {
            member += "[0]";
            if (index != 0) out += fmt::format(" + {} * sizeof({})", index, member);
        }
        holder = fmt::format("std::remove_reference_t<decltype({})>", member);
        names.clear();
    }
    return out;
}

void append_asserts(std::string& out, const StructDefinition& definition, const std::string& type) {
    const auto expect = [&](const std::string& condition, const std::string& complaint) {
        out +=
            fmt::format("static_assert({},\n              \"{}: register the header again\");\n", condition, complaint);
    };
    const std::string& name = definition.name;
    expect(fmt::format("sizeof({}) == {}", type, definition.size), fmt::format("{} has not the registered size", name));
    expect(fmt::format("alignof({}) == {}", type, definition.alignment),
           fmt::format("{} has not the registered alignment", name));
    expect(fmt::format("std::is_trivially_copyable_v<{}>", type), fmt::format("{} cannot be copied as bytes", name));
    const ItemFilter filter(definition);
    for (const auto& element : definition.elements) {
        if (!filter.takes(element)) continue;
        const std::string member = fmt::format("std::declval<{}&>().{}", type, element.path);
        std::string dims;
        for (const auto dim : element.dims) dims += fmt::format(", {}", dim);
        expect(fmt::format("{} == {}", offset_expression(type, element.path), element.offset),
               fmt::format("{}::{} has not the registered offset", name, element.path));
        expect(fmt::format("sizeof({}) == {}", member, element.bytes()),
               fmt::format("{}::{} has not the registered size", name, element.path));
        expect(fmt::format("(etalon::generated::is_element<decltype({}), '{}', {}{}>())", member, kind_of(element.type),
                           size_of(element.type), dims),
               fmt::format("{}::{} has not the registered type", name, element.path));
        if (!is_identity(element.type)) continue;
        const auto identity = element.type == ScalarType::Ref   ? fmt::format("etalon::Ref<::{}>", element.target)
                              : element.type == ScalarType::Uid ? "etalon::Uid"
                                                                : "etalon::File";
        expect(fmt::format("std::is_same_v<std::remove_all_extents_t<typename etalon::generated::Plain<"
                           "std::remove_cvref_t<decltype({})>>::type>, {}>",
                           member, identity),
               element.target.empty() ? fmt::format("{}::{} has not the registered type", name, element.path)
                                      : fmt::format("{}::{} does not refer to {}", name, element.path, element.target));
    }
}

}  // namespace

std::string to_traits_header(const std::vector<StructDefinition>& definitions, const std::vector<std::string>& includes,
                             const std::vector<std::string>& tagged) {
    std::string out =
        "// Generated by Etalon from the headers below. Do not edit: register the headers again.\n#pragma once\n\n"
        "#include <array>\n#include <cstddef>\n#include <string_view>\n#include <type_traits>\n#include <utility>\n\n"
        "#include \"etalon/traits.h\"\n";
    for (const auto& include : includes) out += fmt::format("#include \"{}\"\n", include);
    out += "\n";
    out += kChecks;
    // Texts beyond 65536 characters and offsets of nested members are extensions that GCC and Clang both have.
    out +=
        "\n#ifdef __GNUC__\n#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n"
        "#pragma GCC diagnostic ignored \"-Winvalid-offsetof\"\n#endif\n";
    for (const auto& definition : definitions) {
        if (const auto findings = validate(definition); !findings.empty()) {
            throw Error(ErrorCode::BadInput,
                        {"no traits header can be written", "struct " + definition.name, "", findings.front(), ""});
        }
        // A typedef of the same name with attributes hides the struct; both have the members, one is recorded.
        const bool is_hidden = std::ranges::find(tagged, definition.name) != tagged.end();
        const std::string type = (is_hidden ? "struct ::" : "::") + definition.name;
        out += fmt::format(
            "\ntemplate <>\nstruct etalon::StructTraits<{2}> {{\n"
            "    static constexpr std::string_view kName = \"{0}\";\n"
            "    static constexpr std::string_view kDefinition =\n        {1};\n}};\n",
            definition.name, raw_literal(to_json(definition)), type);
        append_asserts(out, definition, type);
    }
    out += "\n#ifdef __GNUC__\n#pragma GCC diagnostic pop\n#endif\n";
    return out;
}

}  // namespace etalon::schema
