#include "schema/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.h"

namespace etalon::schema {

bool has_identities(const StructDefinition& definition) noexcept {
    return std::ranges::any_of(definition.elements, [](const Element& one) { return is_identity(one.type); });
}

bool has_references(const StructDefinition& definition) noexcept {
    return std::ranges::any_of(definition.elements, [](const Element& one) { return one.type == ScalarType::Ref; });
}

void visit_references(const StructDefinition& layout, const std::byte* rows, std::uint64_t num_rows,
                      const std::function<void(const RowReference& reference)>& visit) {
    std::vector<std::size_t> references;
    for (std::size_t i = 0; i < layout.elements.size(); ++i) {
        if (layout.elements[i].type == ScalarType::Ref) references.push_back(i);
    }
    if (references.empty()) return;
    RowReference found;
    for (std::uint64_t row = 0; row < num_rows; ++row, rows += layout.size) {
        found.row = row;
        for (const auto i : references) {
            const auto& element = layout.elements[i];
            found.element = i;
            const auto count = element.count();
            for (std::uint64_t item = 0; item < count; ++item) {
                std::memcpy(found.id.bytes, rows + element.offset + item * sizeof(ObjectId), sizeof(ObjectId));
                if (found.id.is_null()) continue;
                found.item = item;
                visit(found);
            }
        }
    }
}

std::string member_name(const Element& element, std::uint64_t item) {
    if (element.dims.empty()) return element.path;
    std::string index;
    for (auto dim = element.dims.rbegin(); dim != element.dims.rend(); ++dim) {
        index = fmt::format("[{}]{}", item % *dim, index);
        item /= *dim;
    }
    return element.path + index;
}

std::string find_null_uid(const StructDefinition& layout, const std::byte* row) {
    for (const auto& element : layout.elements) {
        if (element.type != ScalarType::Uid) continue;
        const auto count = element.count();
        for (std::uint64_t item = 0; item < count; ++item) {
            Uid uid{};
            std::memcpy(uid.bytes, row + element.offset + item * sizeof uid, sizeof uid);
            if (uid.is_null()) return member_name(element, item);
        }
    }
    return {};
}

ObjectId make_object_id(std::string_view struct_name, const Sha256& definition_hash, const Sha256& content_hash) {
    std::string text;
    text.reserve(256);
    text += "etalon.object.1\n";
    text += struct_name;
    text += '\n';
    text += to_hex(definition_hash);
    text += '\n';
    text += to_hex(content_hash);
    text += '\n';
    const auto digest = sha256(as_bytes(text));
    ObjectId id{};
    std::memcpy(id.bytes, digest.data(), sizeof id.bytes);
    return id;
}

Sha256 hash_row(std::span<const std::byte> canonical) {
    Sha256Builder hash;
    hash.add(std::uint64_t{1});
    hash.add(canonical);
    return hash.finish();
}

}  // namespace etalon::schema
