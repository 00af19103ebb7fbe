#pragma once
/// JSON as a small tree whose parts know their lines, for errors. Private to params/.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace etalon::params {

struct JsonMember;

struct JsonNode {
    enum class Kind : std::uint8_t { Null, Bool, Integer, Float, Text, List, Object };
    Kind kind = Kind::Null;
    std::size_t line = 1;             ///< where it ends; of a member, where its name stands
    std::string text;                 ///< of a text: UTF-8; of a number: as it is written
    bool truth = false;               ///< of a Bool
    std::vector<JsonNode> items;      ///< of a List
    std::vector<JsonMember> members;  ///< of an Object, in the order of the input

    /// The member of that name, or null.
    [[nodiscard]] const JsonNode* find(std::string_view name) const noexcept;
    /// `a list`, `an object`, `null`, `the integer 7`, ... for errors.
    [[nodiscard]] std::string describe() const;
};

/// A type of its own: a std::pair of a node cannot stand in the node itself (Clang refuses it).
struct JsonMember {
    std::string name;
    JsonNode node;
};

/// Reads one JSON text (RFC 8259). Throws Error(BadInput) at `origin:line` for what is no JSON, nests deeper than 16,
/// or names a member twice.
[[nodiscard]] JsonNode read_json_tree(std::string_view text, std::string_view origin);

}  // namespace etalon::params
