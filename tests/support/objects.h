#pragma once
/// A small microscope: structs that refer to one another, and short ways to fill them in.

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "etalon/database.h"
#include "etalon/object.h"
#include "etalon/verify.h"
#include "schema/build.h"

namespace etalon::test {

inline Element reference_to(std::string path, std::string target, std::vector<std::uint64_t> dims = {}) {
    auto result = element(std::move(path), ScalarType::Ref, std::move(dims));
    result.target = std::move(target);
    return result;
}

inline DefinitionPtr group_layout() {
    static const auto kLayout = std::make_shared<const StructDefinition>(
        natural({element("name", ScalarType::Char, {32}), element("description", ScalarType::Char, {64})}, "Group"));
    return kLayout;
}
inline DefinitionPtr user_layout() {
    static const auto kLayout = std::make_shared<const StructDefinition>(
        natural({element("name", ScalarType::Char, {64}), element("username", ScalarType::Char, {32}),
                 reference_to("group", "Group")},
                "User"));
    return kLayout;
}
/// With an identity, an array of references and numbers.
inline DefinitionPtr image_layout() {
    static const auto kLayout = std::make_shared<const StructDefinition>(natural(
        {element("uid", ScalarType::Uid), reference_to("by", "User"), reference_to("tags", "Group", {2}),
         element("pixels", ScalarType::File), element("x", ScalarType::Float64), element("y", ScalarType::Float64)},
        "Image"));
    return kLayout;
}

/// A row that is filled in member by member.
class ObjectBuilder {
public:
    explicit ObjectBuilder(DefinitionPtr layout)
        : layout_(std::move(layout)), bytes_(std::make_shared<std::vector<std::byte>>(layout_->size)) {}

    ObjectBuilder& text(std::string_view path, std::string_view value) {
        const auto& member = find(path);
        std::memcpy(at(member), value.data(), std::min<std::size_t>(value.size(), member.bytes()));
        return *this;
    }
    ObjectBuilder& id(std::string_view path, const ObjectId& value, std::size_t item = 0) {
        std::memcpy(at(find(path)) + item * sizeof value, value.bytes, sizeof value);
        return *this;
    }
    template <class T>
    ObjectBuilder& value(std::string_view path, const T& value) {
        std::memcpy(at(find(path)), &value, sizeof value);
        return *this;
    }
    [[nodiscard]] ObjectPut build() const {
        return {layout_, std::shared_ptr<const std::byte>(bytes_, bytes_->data())};
    }

private:
    [[nodiscard]] const Element& find(std::string_view path) const {
        return *std::ranges::find_if(layout_->elements, [&](const Element& one) { return one.path == path; });
    }
    [[nodiscard]] std::byte* at(const Element& member) const { return bytes_->data() + member.offset; }

    DefinitionPtr layout_;
    std::shared_ptr<std::vector<std::byte>> bytes_;
};

inline ObjectId id_of(const ObjectPut& put) {
    return compute_object_id(*put.layout, put.row.get());
}
inline ObjectPut group(std::string_view name, std::string_view description = "") {
    return ObjectBuilder(group_layout()).text("name", name).text("description", description).build();
}
inline ObjectPut user(std::string_view name, const ObjectId& of_group) {
    return ObjectBuilder(user_layout()).text("name", name).text("username", name).id("group", of_group).build();
}
inline ObjectId numbered_id(unsigned char number) {
    ObjectId id{};
    id.bytes[0] = number;
    id.bytes[15] = 1;
    return id;
}
/// {name -> AMI}: the user first, as somebody would write it.
inline std::vector<ObjectPut> user_of_ami(std::string_view name) {
    const auto ami = group("AMI");
    return {user(name, id_of(ami)), ami};
}

inline std::string text_of(const StoredObject& object, std::string_view path) {
    for (const auto& member : object.layout->elements) {
        if (member.path != path) continue;
        const auto* begin = reinterpret_cast<const char*>(object.row.get() + member.offset);
        return {begin, strnlen(begin, member.bytes())};
    }
    return "?";
}
template <class T>
T value_of(const StoredObject& object, std::string_view path, std::size_t item = 0) {
    T value{};
    for (const auto& member : object.layout->elements) {
        if (member.path == path)
            std::memcpy(&value, object.row.get() + member.offset + item * sizeof value, sizeof value);
    }
    return value;
}

inline void register_layouts(Database& db, const std::vector<DefinitionPtr>& layouts) {
    std::vector<StructDefinition> definitions;
    for (const auto& layout : layouts) definitions.push_back(*layout);
    (void)db.register_structs(definitions);
    db.advance();
}
/// A database that knows Group, User and Image.
inline Database create_microscope(const std::string& url) {
    auto db = Database::open(url, {.create = true});
    register_layouts(db, {group_layout(), user_layout(), image_layout()});
    return db;
}

}  // namespace etalon::test
