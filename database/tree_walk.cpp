#include "database/tree_walk.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

#include "etalon/error.h"

namespace etalon::database {
namespace {

/// Follows one tree after the other; knows the way to where it is.
class TreeWalk {
public:
    TreeWalk(Federation& federation, const FetchTree& fetch) : federation_(federation), fetch_(fetch) {}

    void follow(const TreeAsked& asked, std::size_t depth) {
        // The name in the federation: two databases may call themselves the same.
        const std::string name(asked.database);
        const std::string root(asked.root);
        const std::string key(asked.key);
        const std::string place(asked.place);
        auto& database = federation_.get(name);
        const Crossing crossing{name, root, key};
        if (!on_way_.insert(crossing).second) {
            throw Error(ErrorCode::Corrupt, {"cycle of configurations", place, "a tree",
                                             fmt::format("{} of database {} again below itself", root, name), ""});
        }
        const auto tree = fetch_(database, asked);
        if (!tree.known || tree.known->nodes.empty()) {
            throw Error(
                ErrorCode::Unknown,
                {"no such configuration",
                 place.empty() ? fmt::format("database {}", name)
                               : fmt::format("node {} crosses to database {}", place.substr(0, place.size() - 1), name),
                 "a recorded configuration", fmt::format("'{}' with key '{}'", root, key), "see 'etalon tree show'"});
        }
        const auto& nodes = tree.known->nodes;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const auto& at = nodes[i];
            const bool is_crossing_root = i == 0 && !place.empty();
            // The root of a crossed tree takes the place of the DB node.
            const auto below = at.path.size() > root.size() ? at.path.substr(root.size() + 1) : std::string();
            const auto path = place.empty()   ? at.path
                              : below.empty() ? place.substr(0, place.size() - 1)
                                              : place + below;
            if (!is_crossing_root) {
                ConfigurationNode node;
                node.node.path = path;
                node.node.key = key;
                node.node.type = at.node.type;
                node.node.ref_name = at.node.ref_name;
                node.node.db_name = at.node.db_name;
                node.node.version = at.node.version;
                node.node.elements = at.node.elements;
                node.node.base_line = at.node.base_line;
                node.node.comment = at.node.comment;
                node.database = name;
                node.depth = depth + at.depth;
                tree.add(std::move(node), i);
            }
            if (at.node.type == NodeType::Database) cross(at.node, path, key, depth + at.depth, asked.version);
        }
        on_way_.erase(crossing);
    }

private:
    using Crossing = std::tuple<std::string, std::string, std::string>;

    void cross(const config_tree::NodeRecord& node, const std::string& path, const std::string& key, std::size_t depth,
               std::string_view version) {
        if (!federation_.has(node.db_name)) {
            std::string known;
            for (const auto& name : federation_.names()) known += (known.empty() ? "" : ", ") + name;
            throw Error(ErrorCode::Unknown,
                        {"a configuration crosses to an unknown database", fmt::format("node {}", path),
                         fmt::format("one of {}", known), fmt::format("'{}'", node.db_name),
                         "add it with -d URL or in the federation file"});
        }
        const auto slash = node.ref_name.find('/');
        const auto root = node.ref_name.substr(0, slash);
        const auto other_key = slash == std::string::npos ? key : node.ref_name.substr(slash + 1);
        const auto place = path + "/";
        // The version chain of a DB node is the default below it.
        follow({node.db_name, root, other_key, node.version.empty() ? version : std::string_view(node.version), place},
               depth);
    }

    Federation& federation_;
    const FetchTree& fetch_;
    std::set<Crossing> on_way_;
};

}  // namespace

std::string find_start(Federation& federation, std::string_view root, std::string_view key,
                       const std::optional<AsOf>& as_of, std::string_view start) {
    const auto names = federation.names();
    if (as_of && std::holds_alternative<std::int64_t>(*as_of) && names.size() > 1) {
        throw Error(ErrorCode::Usage, {"a commit number belongs to one database", fmt::format("configuration {}", root),
                                       "a time", std::to_string(std::get<std::int64_t>(*as_of)), "ask as of a time"});
    }
    if (!start.empty()) return std::string(start);
    if (names.size() == 1) return names.front();
    std::string found;
    for (const auto& name : names) {
        if (federation.get(name).tree(root, key, as_of).empty()) continue;
        if (!found.empty()) {
            throw Error(ErrorCode::Usage, {"several databases have this configuration", std::string(root),
                                           "one of them named", fmt::format("{} and {}", found, name), ""});
        }
        found = name;
    }
    if (found.empty()) {
        throw Error(ErrorCode::Unknown, {"no such configuration", "all databases", "a recorded configuration",
                                         fmt::format("'{}' with key '{}'", root, key), "see 'etalon tree show'"});
    }
    return found;
}

void walk_configuration(Federation& federation, std::string_view start, std::string_view root, std::string_view key,
                        std::string_view version, const FetchTree& fetch) {
    TreeWalk(federation, fetch).follow({start, root, key, version, ""}, 0);
}

}  // namespace etalon::database
