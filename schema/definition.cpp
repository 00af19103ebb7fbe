#include "schema/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "schema/default_list.h"
#include "schema/limits.h"
#include "schema/names.h"
#include "schema/value_text.h"

namespace etalon::schema {
namespace {

/// Limits that no C struct reaches; they keep hostile definitions from exhausting memory, stack or 64 bits.
constexpr std::uint64_t kMaxStructBytes = std::uint64_t{1} << 40;
constexpr std::uint64_t kMaxAlignment = std::uint64_t{1} << 28;
constexpr std::size_t kMaxRank = 64;
constexpr std::size_t kMaxPathParts = 256;

/// Bytes of an element, or nothing when that is more than any struct may have.
std::optional<std::uint64_t> checked_bytes(const Element& element) {
    std::uint64_t bytes = size_of(element.type);
    for (const auto dim : element.dims) {
        if (dim == 0) continue;
        if (bytes > kMaxStructBytes / dim) return std::nullopt;
        bytes *= dim;
    }
    return bytes;
}

bool default_fits(const Element& element) {
    Element one = element;
    one.dims.clear();
    // One value is enough to judge, and a text never needs more room than its text form.
    if (element.is_text()) one.dims = {std::min<std::uint64_t>(element.dims.back(), element.default_value->size() + 1)};
    Bytes room(one.bytes());
    const auto items = default_items(element, *element.default_value);
    if (!items) return write_fill(one, *element.default_value, room.data());
    return items->size() == num_values(element) &&
           std::ranges::all_of(*items, [&](auto item) { return write_fill(one, item, room.data()); });
}

bool enumerator_fits(ScalarType type, std::int64_t value) {
    switch (type) {
        case ScalarType::Bool:
            return value == 0 || value == 1;
        case ScalarType::Int64:
        case ScalarType::UInt64:
            return true;
        default:
            break;
    }
    const int bits = static_cast<int>(size_of(type)) * 8 - (is_signed_integer(type) ? 1 : 0);
    const std::int64_t high = (std::int64_t{1} << bits) - 1;
    return value <= high && value >= (is_signed_integer(type) ? -high - 1 : 0);
}

/// Checks that paths could be those of one C struct: nothing is both a value and a struct, or has two ranks.
class PathRegister {
public:
    void add(const Element& element, std::vector<std::string>& findings) {
        if (!paths_.insert(element.path).second) {
            findings.push_back(fmt::format("element {}: the path occurs twice", element.path));
            return;
        }
        const auto parts = split_path(element.path);
        if (!parts || parts->size() > kMaxPathParts) {
            findings.push_back(fmt::format("element '{}': not a path of C names", utf8_text(element.path)));
            return;
        }
        if (parts->size() == 1) {
            check(element.path, element.path, kValue, findings);
            return;
        }
        std::string key;
        for (const auto& part : *parts) {
            if (!key.empty()) key += '.';
            key += part.name;
            const bool last = &part == &parts->back();
            check(key, element.path, last ? kValue : part.indices.size(), findings);
        }
    }

private:
    static constexpr std::size_t kValue = std::numeric_limits<std::size_t>::max();

    void check(const std::string& key, const std::string& path, std::size_t kind, std::vector<std::string>& findings) {
        const auto [known, added] = kinds_.try_emplace(key, kind);
        if (added || known->second == kind) return;
        findings.push_back(fmt::format("element {}: {} is used both as {} and as {}", path, key,
                                       describe(known->second), describe(kind)));
    }
    static std::string describe(std::size_t kind) {
        if (kind == kValue) return "a value";
        return kind == 0 ? "a struct" : fmt::format("an array of structs of {} dimension(s)", kind);
    }

    std::unordered_set<std::string_view> paths_;
    std::unordered_map<std::string, std::size_t> kinds_;
};

void validate_element(const Element& element, std::uint64_t struct_size, std::vector<std::string>& findings) {
    const auto find = [&](const std::string& reason) {
        findings.push_back(fmt::format("element {}: {}", utf8_text(element.path), reason));
    };
    if (size_of(element.type) == 0) return find("unknown type");
    if (element.is_text() && element.dims.empty()) find("char needs a dimension; a lone char is int8 or uint8");
    if (element.dims.size() > kMaxRank) find(fmt::format("more than {} dimensions", kMaxRank));
    if (std::ranges::find(element.dims, std::uint64_t{0}) != element.dims.end()) find("a dimension is zero");
    const auto bytes = checked_bytes(element);
    if (!bytes || element.offset > struct_size || *bytes > struct_size - element.offset) {
        find(fmt::format("does not lie within the struct of {} bytes (offset {})", struct_size, element.offset));
    }
    if (!element.enumerators.empty()) {
        if (!is_integer(element.type) && element.type != ScalarType::Bool)
            find("enumerators of a type that is no integer");
        std::unordered_set<std::string_view> names;
        for (const auto& [name, value] : element.enumerators) {
            if (!is_identifier(name)) find(fmt::format("enumerator '{}' is not a name", utf8_text(name)));
            if (!names.insert(name).second) find(fmt::format("enumerator {} occurs twice", name));
            if (!enumerator_fits(element.type, value)) {
                find(fmt::format("enumerator {} = {} does not fit {}", name, value, name_of(element.type)));
            }
        }
    }
    if ((element.type == ScalarType::Ref) != !element.target.empty()) {
        find(element.target.empty() ? "a reference without the struct that it refers to"
                                    : fmt::format("{} refers to nothing", name_of(element.type)));
    }
    if (!element.target.empty() && !is_struct_name(element.target)) {
        find(fmt::format("refers to '{}', which is not a struct name", utf8_text(element.target)));
    }
    if (is_identity(element.type)) {
        if (!element.unit.empty()) find(fmt::format("a {} has no unit", name_of(element.type)));
        if (element.default_value) find(fmt::format("a {} has no default but null", name_of(element.type)));
    }
    if (!element.renamed_from.empty() && !split_path(element.renamed_from)) {
        find(fmt::format("renamed from '{}', which is not a path of C names", utf8_text(element.renamed_from)));
    }
    const bool shaped = !element.is_text() || (!element.dims.empty() && element.dims.back() != 0);
    if (element.default_value && shaped && !default_fits(element)) {
        find(fmt::format("default '{}' does not fit {}", utf8_text(*element.default_value), name_of(element.type)));
    }
}

void add_layout(Sha256Builder& hash, const StructDefinition& definition) {
    hash.add_text(definition.name);
    hash.add(definition.size);
    hash.add(definition.alignment);
    hash.add(definition.elements.size());
    for (const auto& element : definition.elements) {
        hash.add_text(element.path);
        hash.add_text(name_of(element.type));
        hash.add(element.dims.size());
        for (const auto dim : element.dims) hash.add(dim);
        hash.add(element.offset);
    }
    // Only where there are any: definitions without have the hashes that they always had.
    for (std::size_t i = 0; i < definition.elements.size(); ++i) {
        const auto& element = definition.elements[i];
        if (element.target.empty()) continue;
        hash.add_text("target");
        hash.add(i);
        hash.add_text(element.target);
    }
}

}  // namespace

Sha256 layout_hash(const StructDefinition& definition) {
    Sha256Builder hash;
    add_layout(hash, definition);
    return hash.finish();
}

Sha256 definition_hash(const StructDefinition& definition) {
    Sha256Builder hash;
    add_layout(hash, definition);
    for (const auto& element : definition.elements) {
        // Texts as JSON keeps them, so that a definition and its stored form have one hash.
        hash.add_text(utf8_text(element.unit));
        hash.add(element.default_value ? 1 : 0);
        if (element.default_value) hash.add_text(utf8_escaped(*element.default_value));
        hash.add_text(element.renamed_from);
        hash.add(element.enumerators.size());
        for (const auto& [name, value] : element.enumerators) {
            hash.add_text(name);
            hash.add(static_cast<std::uint64_t>(value));
        }
    }
    // Only where there are any: definitions without have the hashes that they always had.
    for (std::size_t i = 0; i < definition.elements.size(); ++i) {
        const auto& element = definition.elements[i];
        if (element.key == 0 && element.limits.empty()) continue;
        hash.add_text("key and limits");
        hash.add(i);
        hash.add(element.key);
        hash.add(element.limits.size());
        for (const auto& limit : element.limits) hash.add_text(utf8_text(limit));
    }
    return hash.finish();
}

std::vector<std::string> validate(const StructDefinition& definition) {
    std::vector<std::string> findings;
    if (!is_struct_name(definition.name)) {
        findings.push_back(fmt::format("'{}' is not a struct name", utf8_text(definition.name)));
    }
    if (definition.size == 0) findings.emplace_back("the size is zero");
    if (definition.size > kMaxStructBytes) findings.push_back(fmt::format("the size {} is too large", definition.size));
    if (!std::has_single_bit(definition.alignment) || definition.alignment > kMaxAlignment) {
        findings.push_back(fmt::format("the alignment {} is not a power of two", definition.alignment));
    } else if (definition.size % definition.alignment != 0) {
        findings.push_back(
            fmt::format("the size {} is not a multiple of the alignment {}", definition.size, definition.alignment));
    }
    if (definition.elements.empty()) findings.emplace_back("the struct has no elements");

    PathRegister paths;
    for (const auto& element : definition.elements) {
        paths.add(element, findings);
        validate_element(element, definition.size, findings);
    }
    if (findings.empty()) findings = validate_limits(definition);
    if (!findings.empty()) return findings;

    // Only sound sizes and offsets reach this point, so sums cannot overflow.
    std::vector<const Element*> by_offset;
    for (const auto& element : definition.elements) by_offset.push_back(&element);
    std::ranges::sort(by_offset, [](const Element* a, const Element* b) {
        return a->offset != b->offset ? a->offset < b->offset : a < b;
    });
    for (std::size_t i = 1; i < by_offset.size(); ++i) {
        const Element& before = *by_offset[i - 1];
        const Element& element = *by_offset[i];
        if (before.offset + before.bytes() > element.offset) {
            findings.push_back(fmt::format("elements {} and {} overlap", before.path, element.path));
        }
        if (by_offset[i] < by_offset[i - 1]) {
            findings.push_back(
                fmt::format("element {} stands before {} but lies behind it", element.path, before.path));
        }
    }
    return findings;
}

StructDefinition packed(const StructDefinition& definition) {
    StructDefinition result = definition;
    result.alignment = 1;
    result.size = 0;
    for (auto& element : result.elements) {
        element.offset = result.size;
        result.size += element.bytes();
    }
    return result;
}

std::uint64_t packed_size(const StructDefinition& definition) noexcept {
    std::uint64_t size = 0;
    for (const auto& element : definition.elements) size += element.bytes();
    return size;
}

}  // namespace etalon::schema
