#pragma once
/// JSON as it was written: numbers keep their digits, members their order.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace etalon::interchange {

/// A JSON value.
struct JsonTree {
    struct Member;
    enum class Kind : std::uint8_t { Null, Literal, String, List, Object } kind = Kind::Null;
    std::string text;  ///< of a number or truth value as written; of a string what it says
    std::vector<JsonTree> items;
    std::vector<Member> members;  ///< each key once

    [[nodiscard]] static JsonTree string(std::string text);
    /// The member of an object, or null.
    [[nodiscard]] JsonTree* find(std::string_view key) noexcept;
    [[nodiscard]] const JsonTree* find(std::string_view key) const noexcept;
    /// As JSON text.
    void append_to(std::string& out) const;
};

/// A key of an object with its value.
struct JsonTree::Member {
    std::string first;
    JsonTree second;
};

/// Reads values one behind the other (with blanks between), or the items of the one list at the beginning, and hands
/// each on as soon as it is read. Throws Error(BadInput) with `name` for what is no JSON, a key twice, or more than 256
/// levels.
void read_json_values(std::istream& in, const std::string& name, const std::function<void(JsonTree value)>& take);

}  // namespace etalon::interchange
