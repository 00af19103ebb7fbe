// Configurations: which nodes came, went or changed, and the values of the tables that both sides have.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "differences/engine.h"
#include "etalon/error.h"
#include "etalon/federation.h"

namespace etalon::differences {
namespace {

/// A node of a whole tree, DB nodes followed.
struct ListedNode {
    NodeSpec node;         ///< path from the root of the whole tree
    std::string database;  ///< name in the federation
    std::string version;   ///< the chain that its values are read in; empty: the default
};

std::string leaf_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

/// The nodes of one side, in depth-first order.
class NodeLister {
public:
    explicit NodeLister(const DiffConfigurationSide& side) : side_(side), request_(*side.request) {
        const auto key = side.key.empty() ? std::string("default") : side.key;
        const auto as_of = as_of_tree();
        if (as_of && std::holds_alternative<std::int64_t>(*as_of) && side.federation->names().size() > 1) {
            throw Error(ErrorCode::Usage,
                        {"a commit number belongs to one database", "configuration " + side.root, "a time or a snapshot",
                         std::to_string(std::get<std::int64_t>(*as_of)), "ask as of a time"});
        }
        start_ = find_start(key, as_of);
        if (!start_.empty() && !side.federation->get(start_).tree(side.root, key, as_of).empty())
            append(start_, side.root, key, "", request_.version, as_of);
    }
    /// Throws Error(Unknown): the configuration is on no side.
    [[noreturn]] void throw_missing() const {
        throw_unknown(side_.root, side_.key.empty() ? "default" : side_.key,
                      start_.empty() ? "all databases" : "database " + start_);
    }
    /// Place of the database that has the root; empty when none has.
    [[nodiscard]] std::string place() const {
        return start_.empty() ? std::string() : side_.federation->get(start_).place();
    }
    /// Empty when the configuration is not there (yet).
    [[nodiscard]] const std::vector<ListedNode>& nodes() const noexcept { return nodes_; }

private:
    using Crossing = std::tuple<std::string, std::string, std::string>;

    /// The tree itself goes by its root's name.
    [[nodiscard]] std::optional<AsOf> as_of_tree() const {
        auto best = request_.as_of;
        std::size_t length = 0;
        for (const auto& [pattern, as_of] : request_.as_of_patterns) {
            const bool open = pattern.ends_with('*');
            const auto beginning = pattern.substr(0, pattern.size() - (open ? 1 : 0));
            const bool fits = open ? side_.root.starts_with(beginning) : side_.root == pattern;
            const auto size = open ? beginning.size() : pattern.size() + 1;
            if (!fits || size < length) continue;
            length = size;
            best = as_of;
        }
        return best;
    }

    [[nodiscard]] std::string find_start(const std::string& key, const std::optional<AsOf>& as_of) const {
        if (!side_.start.empty()) return side_.start;
        std::string found;
        const auto names = side_.federation->names();
        if (names.size() == 1) return names.front();
        for (const auto& name : names) {
            if (side_.federation->get(name).tree(side_.root, key, as_of).empty()) continue;
            if (!found.empty()) {
                throw Error(ErrorCode::Usage, {"several databases have this configuration", side_.root,
                                               "one of them named", found + " and " + name, ""});
            }
            found = name;
        }
        return found;
    }

    [[noreturn]] static void throw_unknown(const std::string& root, const std::string& key, const std::string& where) {
        throw Error(ErrorCode::Unknown, {"no such configuration", where, "a recorded configuration",
                                         fmt::format("'{}' with key '{}'", root, key), "see 'etalon tree show'"});
    }

    void append(const std::string& name, const std::string& root, const std::string& key, const std::string& place,
                const std::string& version, const std::optional<AsOf>& as_of) {
        const Crossing crossing{name, root, key};
        if (!on_way_.insert(crossing).second) {
            throw Error(ErrorCode::Corrupt, {"cycle of configurations", place, "a tree",
                                             fmt::format("{} of database {} again below itself", root, name), ""});
        }
        const auto nodes = side_.federation->get(name).tree(root, key, as_of);
        if (nodes.empty()) {
            throw_unknown(root, key,
                          place.empty() ? "database " + name
                                        : fmt::format("node {} crosses to database {}",
                                                      place.substr(0, place.size() - 1), name));
        }
        for (const auto& node : nodes) {
            const auto below = node.path == root ? std::string() : node.path.substr(root.size() + 1);
            const auto path = place.empty() ? node.path
                              : below.empty() ? place.substr(0, place.size() - 1)
                                              : place + below;
            // The root of a configuration below a DB node is that node.
            if (!below.empty() || place.empty()) {
                nodes_.push_back({node, name, node.version.empty() ? version : node.version});
                nodes_.back().node.path = path;
            }
            if (node.type == NodeType::Database) follow(node, path, key, version, as_of);
        }
        on_way_.erase(crossing);
    }

    void follow(const NodeSpec& node, const std::string& path, const std::string& key, const std::string& version,
                const std::optional<AsOf>& as_of) {
        const auto leaf = leaf_of(node.path);
        const auto database = node.db_name.empty() ? leaf : node.db_name;
        if (!side_.federation->has(database)) {
            std::string known;
            for (const auto& name : side_.federation->names()) known += (known.empty() ? "" : ", ") + name;
            throw Error(ErrorCode::Unknown,
                        {"a configuration crosses to an unknown database", "node " + path, "one of " + known,
                         "'" + database + "'", "add it with -d URL or in the federation file"});
        }
        const auto target = node.ref_name.empty() ? leaf : node.ref_name;
        const auto slash = target.find('/');
        append(database, target.substr(0, slash), slash == std::string::npos ? key : target.substr(slash + 1),
               path + "/", node.version.empty() ? version : node.version, as_of);
    }

    const DiffConfigurationSide& side_;
    const ConfigurationRequest& request_;
    std::string start_;
    std::vector<ListedNode> nodes_;
    std::set<Crossing> on_way_;
};

std::string reference_of(const NodeSpec& node) {
    return node.ref_name.empty() ? leaf_of(node.path) : node.ref_name;
}

/// What a node says, part by part.
std::map<std::string, std::string> properties_of(const ListedNode& listed) {
    const auto& node = listed.node;
    std::map<std::string, std::string> parts{{"type", std::string(name_of(node.type))}};
    if (!node.comment.empty()) parts["comment"] = node.comment;
    if (node.type == NodeType::Table) {
        parts["reference"] = reference_of(node);
        if (!node.version.empty()) parts["version"] = node.version;
        parts["elements"] = node.elements.empty() ? "0" : node.elements;
        parts["baseLine"] = node.base_line ? "yes" : "no";
    } else if (node.type == NodeType::Database) {
        parts["reference"] = reference_of(node);
        parts["database"] = node.db_name.empty() ? leaf_of(node.path) : node.db_name;
        if (!node.version.empty()) parts["version"] = node.version;
    }
    return parts;
}

/// Nodes for people: what they refer to.
std::string text_of(const ListedNode& listed) {
    if (listed.node.type == NodeType::Table || listed.node.type == NodeType::Database)
        return std::string(name_of(listed.node.type)) + " " + reference_of(listed.node);
    return std::string(name_of(listed.node.type));
}

/// A table node as a side of its own. `axis` of its reference says which position counts.
DiffSide side_of(const DiffConfigurationSide& side, const ListedNode& listed, bool has_position) {
    const auto& request = *side.request;
    DiffSide one;
    one.database = &side.federation->get(listed.database);
    one.name = reference_of(listed.node);
    one.fetch.version = listed.version;
    if (!listed.node.elements.empty()) one.fetch.elements = parse_elements(listed.node.elements);
    one.fetch.as_of = request.as_of;
    one.fetch.as_of_patterns = request.as_of_patterns;
    one.fetch.layer_unit = request.layer_unit;
    one.fetch.strict = request.strict;
    one.fetch.lenient = request.lenient;
    one.fetch.any_position = listed.node.base_line;
    const auto info = one.database->find_name(one.name);
    if (!info) {
        throw Error(ErrorCode::Unknown, {"unknown named reference in a configuration", "node " + listed.node.path,
                                         "a registered name", "'" + one.name + "'",
                                         "register its struct, or change the node with 'etalon tree add'"});
    }
    if (!has_position) return one;
    if (info->axis == Axis::Time && request.time) one.at = *request.time;
    if (info->axis == Axis::Run && request.run) one.at = *request.run;
    if (!one.at && listed.node.base_line) one.at = Position(info->axis, kPlusInfinity);
    if (!one.at) {
        throw Error(ErrorCode::WrongAxis,
                    {"a configuration has a node on an axis that was not asked for", "node " + listed.node.path,
                     info->axis == Axis::Time ? "a time" : "a run number", "none",
                     info->axis == Axis::Time ? "give --at TIME" : "give --run NUMBER"});
    }
    return one;
}

class ConfigurationDiff {
public:
    ConfigurationDiff(const DiffConfigurationSide& before, const DiffConfigurationSide& after, Engine& engine)
        : before_(before), after_(after), engine_(engine) {}

    void run(bool has_position) {
        const NodeLister first(before_);
        const NodeLister second(after_);
        if (first.nodes().empty() && second.nodes().empty()) second.throw_missing();
        auto& collector = engine_.collector();
        std::map<std::string, const ListedNode*> others;
        for (const auto& node : second.nodes()) others.emplace(node.node.path, &node);
        // Sides of all tables first: what is wrong with the options is told before anything is.
        struct Table {
            DiffSide before;
            DiffSide after;
            std::unique_ptr<SideReader> first;
            std::unique_ptr<SideReader> second;
        };
        std::map<std::string, Table> tables;
        std::vector<DefinitionPtr> layouts;
        for (const auto& node : first.nodes()) {
            const auto other = others.find(node.node.path);
            if (other == others.end() || node.node.type != NodeType::Table ||
                other->second->node.type != NodeType::Table) {
                continue;
            }
            auto& table = tables[node.node.path];
            table.before = side_of(before_, node, has_position);
            table.after = side_of(after_, *other->second, has_position);
            table.first = std::make_unique<SideReader>(table.before, kFirstSide);
            table.second = std::make_unique<SideReader>(table.after, kSecondSide);
            for (const auto* side : {table.first.get(), table.second.get()})
                layouts.insert(layouts.end(), side->definitions().begin(), side->definitions().end());
        }
        engine_.check_options(layouts);
        std::uint64_t done = 0;
        std::set<std::string> met;
        for (const auto& node : first.nodes()) {
            engine_.begin_part(done++, first.nodes().size());
            const auto& path = node.node.path;
            const auto other = others.find(path);
            met.insert(path);
            if (other == others.end()) {
                tell(DiffKind::NodeRemoved, path, "", text_of(node), NoValue{});
                continue;
            }
            compare_nodes(node, *other->second);
            const auto table = tables.find(path);
            if (table != tables.end()) {
                compare_values(path, table->second.before, table->second.after, *table->second.first,
                               *table->second.second);
            }
        }
        for (const auto& node : second.nodes()) {
            if (!met.contains(node.node.path))
                tell(DiffKind::NodeAdded, node.node.path, "", NoValue{}, text_of(node));
        }
        auto& report = collector.report();
        report.before.place = first.place();
        report.after.place = second.place();
    }

private:
    void tell(DiffKind kind, const std::string& path, std::string_view property, DiffValue before, DiffValue after) {
        Difference one;
        one.kind = kind;
        one.path = path;
        one.property = property;
        one.before = std::move(before);
        one.after = std::move(after);
        engine_.collector().tell(one);
    }

    void compare_nodes(const ListedNode& one, const ListedNode& other) {
        const auto before = properties_of(one);
        const auto after = properties_of(other);
        std::set<std::string> names;
        for (const auto& [name, text] : before) names.insert(name);
        for (const auto& [name, text] : after) names.insert(name);
        const auto value_of = [](const std::map<std::string, std::string>& parts, const std::string& name) {
            const auto found = parts.find(name);
            return found == parts.end() ? DiffValue(NoValue{}) : DiffValue(found->second);
        };
        for (const auto& name : names) {
            auto a = value_of(before, name);
            auto b = value_of(after, name);
            if (a != b) tell(DiffKind::NodeChanged, one.node.path, name, std::move(a), std::move(b));
        }
    }

    void compare_values(const std::string& path, DiffSide& before, DiffSide& after, SideReader& first,
                        SideReader& second) {
        const auto& a = first.info();
        const auto& b = second.info();
        if (a.struct_name != b.struct_name || a.axis != b.axis) {
            // That it refers to something else was told; values of two kinds are not compared.
            if (a.struct_name != b.struct_name)
                tell(DiffKind::NodeChanged, path, "struct", a.struct_name, b.struct_name);
            if (a.axis != b.axis)
                tell(DiffKind::NodeChanged, path, "axis", std::string(name_of(a.axis)), std::string(name_of(b.axis)));
            return;
        }
        if (before.fetch.elements != after.fetch.elements) {
            // Which elements came and went was told; the values of those that both have are compared.
            std::vector<std::int64_t> both;
            for (const auto element : before.fetch.elements) {
                const auto& others = after.fetch.elements;
                if (std::ranges::find(others, element) != others.end()) both.push_back(element);
            }
            if (both.empty()) return;
            before.fetch.elements = both;
            after.fetch.elements = both;
            SideReader of_before(before, kFirstSide);
            SideReader of_after(after, kSecondSide);
            engine_.compare(of_before, of_after, path);
            return;
        }
        engine_.compare(first, second, path);
    }

    const DiffConfigurationSide& before_;
    const DiffConfigurationSide& after_;
    Engine& engine_;
};

}  // namespace
}  // namespace etalon::differences

namespace etalon {

DiffReport find_differences(const DiffConfigurationSide& before, const DiffConfigurationSide& after,
                            const DiffOptions& options, const DiffVisitor& visit, const Progress& progress) {
    using namespace differences;
    const auto has_position = [](const DiffConfigurationSide& side) {
        return side.request != nullptr && (side.request->time || side.request->run);
    };
    if (has_position(before) != has_position(after)) {
        throw Error(ErrorCode::Usage, {"one side has a position and the other none", "configuration " + before.root,
                                       "two positions, or none", "one", "a range is compared without positions"});
    }
    for (const auto* side : {&before, &after}) {
        if (side->federation != nullptr && side->request != nullptr) continue;
        throw Error(ErrorCode::Usage,
                    {"a side without a federation or a request", side->root, "DiffConfigurationSide", "null", ""});
    }
    Engine engine(options, visit, progress);
    ConfigurationDiff(before, after, engine).run(has_position(before));
    return engine.finish();
}

}  // namespace etalon
