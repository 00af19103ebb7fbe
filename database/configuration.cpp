// Configurations across databases.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "etalon/error.h"
#include "etalon/federation.h"
#include "layers/stack_pool.h"
#include "layers/trees.h"

namespace etalon {

const ConfigurationNode* Configuration::find(std::string_view path) const noexcept {
    for (const auto& node : nodes) {
        if (node.node.path == path) return &node;
    }
    return nullptr;
}

namespace {

/// Follows one tree after the other; knows the way to where it is.
class Assembler {
public:
    explicit Assembler(Federation& federation) : federation_(federation) {}

    /// Appends the tree of a root; `place` is the path of the node that it hangs on, with a `/` behind, or empty.
    void append(const std::string& name, const std::string& root, const std::string& key, const std::string& place,
                std::size_t depth, const ConfigurationRequest& request) {
        // The name in the federation: two databases may call themselves the same.
        auto& database = federation_.get(name);
        const Crossing crossing{name, root, key};
        if (!on_way_.insert(crossing).second) {
            throw Error(ErrorCode::Corrupt, {"cycle of configurations", place, "a tree",
                                             fmt::format("{} of database {} again below itself", root, name), ""});
        }
        auto tree = database.impl().read(
            [&](layers::LayerStack& stack) { return layers::fetch_tree(stack, root, key, request, place); });
        if (!tree.known) {
            throw Error(
                ErrorCode::Unknown,
                {"no such configuration",
                 place.empty() ? fmt::format("database {}", name)
                               : fmt::format("node {} crosses to database {}", place.substr(0, place.size() - 1), name),
                 "a recorded configuration", fmt::format("'{}' with key '{}'", root, key), "see 'etalon tree show'"});
        }
        result_.nodes.reserve(result_.nodes.size() + tree.nodes().size());
        for (std::size_t i = 0; i < tree.nodes().size(); ++i) {
            const auto& at = tree.nodes()[i];
            const bool is_crossing_root = i == 0 && !place.empty();
            // The root of a crossed tree takes the place of the DB node.
            const auto below = at.path.size() > root.size() ? at.path.substr(root.size() + 1) : std::string();
            const auto path = place.empty()   ? at.path
                              : below.empty() ? place.substr(0, place.size() - 1)
                                              : place + below;
            if (!is_crossing_root) {
                auto& node = result_.nodes.emplace_back();
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
                node.answer = std::move(tree.answers[i]);
                bound(node);
            }
            if (at.node.type == NodeType::Database) cross(at.node, path, key, depth + at.depth, request);
        }
        on_way_.erase(crossing);
    }

    /// What was put together; once.
    [[nodiscard]] Configuration take() { return std::move(result_); }

private:
    using Crossing = std::tuple<std::string, std::string, std::string>;

    void cross(const config_tree::NodeRecord& node, const std::string& path, const std::string& key, std::size_t depth,
               const ConfigurationRequest& request) {
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
        // The version chain of a DB node is the default below it.
        auto below = request;
        if (!node.version.empty()) below.version = node.version;
        append(node.db_name, root, other_key, path + "/", depth, below);
    }

    /// Narrows the common interval. baseLine nodes hold whatever the time.
    void bound(const ConfigurationNode& node) {
        if (!node.answer || node.node.base_line) return;
        const auto& validity = (*node.answer)->validity;
        auto& common = validity.axis == Axis::Time ? result_.validity : result_.run_validity;
        common = common ? intersect(*common, validity) : validity;
    }

    Federation& federation_;
    std::set<Crossing> on_way_;
    Configuration result_;
};

}  // namespace

Configuration Federation::fetch_configuration(std::string_view root, std::string_view key,
                                              const ConfigurationRequest& request, std::string_view start) {
    const std::string used_key(key.empty() ? "default" : key);
    if (request.as_of && std::holds_alternative<std::int64_t>(*request.as_of) && entries_.size() > 1) {
        throw Error(ErrorCode::Usage,
                    {"a commit number belongs to one database", fmt::format("configuration {}", root), "a time",
                     std::to_string(std::get<std::int64_t>(*request.as_of)), "ask as of a time"});
    }
    std::string found(start);
    if (found.empty() && entries_.size() == 1) {
        found = entries_.begin()->first;
    } else if (found.empty()) {
        for (const auto& name : names()) {
            if (get(name).tree(root, used_key, request.as_of).empty()) continue;
            if (!found.empty()) {
                throw Error(ErrorCode::Usage, {"several databases have this configuration", std::string(root),
                                               "one of them named", fmt::format("{} and {}", found, name), ""});
            }
            found = name;
        }
        if (found.empty()) {
            throw Error(ErrorCode::Unknown,
                        {"no such configuration", "all databases", "a recorded configuration",
                         fmt::format("'{}' with key '{}'", root, used_key), "see 'etalon tree show'"});
        }
    }
    Assembler assembler(*this);
    assembler.append(found, std::string(root), used_key, "", 0, request);
    return assembler.take();
}

}  // namespace etalon
