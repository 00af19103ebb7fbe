#pragma once
/// Nodes of configuration trees.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

enum class NodeType : std::uint8_t { Config = 1, Directory = 2, Table = 3, Database = 4 };
[[nodiscard]] std::string_view name_of(NodeType type) noexcept;  // `Config`, `directory`, `table`, `DB`

/// One node of a configuration tree, as it is added or listed.
struct NodeSpec {
    std::string path;  ///< `Root/dir/leaf`: the first part is the configuration's own name
    std::string key;   ///< KeyName of the configuration (`default` when empty)
    NodeType type = NodeType::Table;
    std::string ref_name;    ///< table: the named reference (default: the leaf's name); DB: the configuration in the
                             ///< other database (`name` or `name/key`; default: the leaf's name, same key)
    std::string db_name;     ///< DB: name of the other database (default: the leaf's name)
    std::string version;     ///< version chain; empty: that of the request
    std::string elements;    ///< element list `0-23,30`; empty: element 0
    bool base_line = false;  ///< read whatever the time
    std::string comment;
};

/// What becomes of a node that is added where another one stands. (One of the same content is left in any case.)
enum class OnExisting : std::uint8_t {
    Replace,  ///< the old one is retired
    Refuse,   ///< Error(BadInput) that names the paths; nothing is written
};

/// What was, or would be, removed from a configuration.
struct RemovedNodes {
    std::int64_t commit = 0;         ///< 0: a dry run
    std::vector<std::string> paths;  ///< the node and what is below it
};

}  // namespace etalon
