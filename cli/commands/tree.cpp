/// etalon tree add, show and get: configurations.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <variant>

#include "base/nearest.h"
#include "base/whole_input.h"
#include "cli/invocation.h"
#include "cli/render/value_text.h"
#include "interchange/trees.h"

namespace etalon::cli {
namespace {

/// `Calib/tpc/x` -> `Calib`.
std::string root_of(const std::string& path) {
    return path.substr(0, path.find('/'));
}

std::string leaf_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? path : path.substr(slash + 1);
}

bool has_configuration(Database& database, const std::string& root, const std::string& key) {
    const auto all = database.configurations();
    return std::any_of(all.begin(), all.end(),
                       [&](const NodeSpec& one) { return one.path == root && (key.empty() || one.key == key); });
}

// --- add -------------------------------------------------------------------------------------------------------------

struct AddOptions {
    NodeSpec node;
    std::string type;
    std::string from;
    std::string reason;
    bool replace = false;
};

std::vector<NodeSpec> read_nodes(const std::string& path, const std::string& key) {
    if (path == "-") return interchange::read_nodes(std::cin, "standard input", key);
    auto file = open_input(path, "the list of nodes cannot be read", "a CSV file");
    return interchange::read_nodes(file, path, key);
}

int add(Invocation& invocation, const AddOptions& options) {
    if (options.node.path.empty() == options.from.empty()) {
        throw Error(ErrorCode::Usage, {"tree add needs either a PATH or --from FILE", "", "",
                                       options.from.empty() ? "neither" : "both", ""});
    }
    std::vector<NodeSpec> nodes;
    if (options.from.empty()) {
        auto node = options.node;
        node.type = node.db_name.empty() ? NodeType::Table : NodeType::Database;
        if (!options.type.empty()) {
            const auto type = interchange::find_node_type(options.type);
            if (!type) {
                throw Error(ErrorCode::Usage, {"unknown node type", "--type", std::string(interchange::kNodeTypeNames),
                                               options.type, ""});
            }
            node.type = *type;
        }
        nodes.push_back(std::move(node));
    } else {
        nodes = read_nodes(options.from, options.node.key);
    }
    const auto& first = nodes.front();
    auto& database = invocation.database_knowing("configuration", root_of(first.path), [&](Database& one) {
        return has_configuration(one, root_of(first.path), "");
    });
    CommitInfo info;
    info.reason = options.reason;
    const auto commit = database.add_nodes(nodes, info, options.replace ? OnExisting::Replace : OnExisting::Refuse);
    invocation.out << (commit == 0 ? "nothing to record" : "commit " + std::to_string(commit)) << "\n";
    return 0;
}

// --- remove and move -------------------------------------------------------------------------------------------------

struct EditOptions {
    std::string path;
    std::string to;
    std::string key;
    std::string reason;
    bool recursive = false;
    bool dry_run = false;
};

Database& database_of_path(Invocation& invocation, const std::string& path) {
    return invocation.database_knowing("configuration", root_of(path),
                                       [&](Database& one) { return has_configuration(one, root_of(path), ""); });
}

int remove(Invocation& invocation, const EditOptions& options) {
    CommitInfo info;
    info.reason = options.reason;
    auto& database = database_of_path(invocation, options.path);
    const auto removed = database.remove_nodes(options.path, options.key, options.recursive, info, options.dry_run);
    if (options.dry_run) {
        for (const auto& path : removed.paths) invocation.out << "would remove " << path << "\n";
        return 0;
    }
    invocation.out << "commit " << std::to_string(removed.commit) << ": " << counted(removed.paths.size(), "node")
                   << " removed\n";
    return 0;
}

int move(Invocation& invocation, const EditOptions& options) {
    CommitInfo info;
    info.reason = options.reason;
    auto& database = database_of_path(invocation, options.path);
    invocation.out << "commit " << std::to_string(database.move_node(options.path, options.to, options.key, info))
                   << "\n";
    return 0;
}

// --- show ------------------------------------------------------------------------------------------------------------

struct ShowTree {
    std::string root;
    std::string key;
    std::optional<std::string> as_of;
};

/// The nodes of a configuration, DB nodes followed into databases that are given.
class TreeReader {
    using Place = std::tuple<std::string, std::string, std::string>;  ///< database, root, key

public:
    TreeReader(Invocation& invocation, std::optional<AsOf> as_of) : session_(invocation), as_of_(as_of) {}

    /// Appends a configuration; `prefix` is the path of the DB node that leads to it, or empty. False when it is not
    /// there.
    bool read(const std::string& database, const std::string& root, const std::string& key, const std::string& prefix,
              std::size_t depth) {
        const auto nodes = session_.federation().get(database).tree(root, key, as_of_);
        if (nodes.empty()) return false;
        const Place self(database, root, key);
        above_.insert(self);
        for (const auto& node : nodes) {
            const std::string below = node.path == root ? "" : node.path.substr(root.size() + 1);
            // The root of a configuration below a DB node is that node.
            if (below.empty() && !prefix.empty()) continue;
            interchange::ListedNode shown{node, database, depth, ""};
            shown.depth += static_cast<std::size_t>(std::count(node.path.begin(), node.path.end(), '/'));
            if (!prefix.empty()) shown.node.path = prefix + "/" + below;
            const auto here = shown_.size();
            shown_.push_back(shown);
            if (node.type == NodeType::Database) follow(node, self, shown.node.path, shown.depth, here);
        }
        above_.erase(self);
        return true;
    }
    [[nodiscard]] const std::vector<interchange::ListedNode>& nodes() const { return shown_; }
    /// DB nodes that lead nowhere, in order; each names its path.
    [[nodiscard]] const std::vector<Error>& problems() const { return problems_; }

private:
    void follow(const NodeSpec& node, const Place& self, const std::string& path, std::size_t depth, std::size_t at) {
        const auto leaf = leaf_of(node.path);
        const std::string target = node.db_name.empty() ? leaf : node.db_name;
        std::string root = node.ref_name.empty() ? leaf : node.ref_name;
        std::string key = std::get<2>(self);
        if (const auto slash = root.find('/'); slash != std::string::npos) {
            key = root.substr(slash + 1);
            root.resize(slash);
        }
        const auto stop = [&](ErrorCode code, const std::string& note, const std::string& advice) {
            shown_[at].note = note;
            problems_.emplace_back(code, ErrorInfo{note, "node " + path, "", "", advice});
        };
        if (!session_.federation().has(target)) {
            stop(ErrorCode::Unknown, "database " + target + " is not given",
                 "add it with -d URL or in the federation file");
        } else if (above_.contains(Place(target, root, key))) {
            stop(ErrorCode::Corrupt,
                 "a cycle: configuration " + root + "/" + key + " of database " + target + " again below itself",
                 "lead the node elsewhere with: etalon tree add");
        } else if (as_of_ && std::holds_alternative<std::int64_t>(*as_of_) && target != std::get<0>(self)) {
            stop(ErrorCode::Usage, "a commit number belongs to one database", "ask --as-of a time");
        } else if (!read(target, root, key, path, depth)) {
            stop(ErrorCode::Unknown,
                 "no configuration " + root + "/" + key + " in database " + target + (as_of_ ? " then" : ""),
                 "see etalon tree show");
        }
    }

    Invocation& session_;
    std::optional<AsOf> as_of_;
    std::set<Place> above_;
    std::vector<interchange::ListedNode> shown_;
    std::vector<Error> problems_;
};

std::string describe(const NodeSpec& node) {
    std::string text;
    const auto leaf = leaf_of(node.path);
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    if (node.type == NodeType::Table)
        add("table" + (node.ref_name.empty() || node.ref_name == leaf ? "" : " " + node.ref_name));
    if (node.type == NodeType::Config) add("configuration");
    if (node.type == NodeType::Database) {
        add("database " + (node.db_name.empty() ? leaf : node.db_name) +
            (node.ref_name.empty() ? "" : ": " + node.ref_name));
    }
    if (!node.elements.empty()) add("element " + node.elements);
    if (!node.version.empty()) add("version " + node.version);
    if (node.base_line) add("baseLine");
    if (!node.comment.empty()) add(node.comment);
    return text;
}

int list_configurations(Invocation& invocation) {
    Table table;
    for (const auto& name : invocation.names()) {
        append(table, interchange::configuration_table(invocation.federation().get(name).configurations(), name));
    }
    print(invocation.out, invocation.format(), table);
    return 0;
}

void print_nodes(Output& out, const std::vector<interchange::ListedNode>& nodes) {
    for (const auto& shown : nodes) {
        std::string line = std::string(2 * shown.depth, ' ') + leaf_of(shown.node.path);
        if (shown.depth == 0) line += " / " + shown.node.key;
        if (const auto text = describe(shown.node); !text.empty()) line += "  (" + text + ")";
        if (shown.depth == 0) line += "  in " + shown.database;
        if (!shown.note.empty()) line += "  ! " + shown.note;
        out << line << "\n";
    }
}

/// A configuration that is not there, with what is.
[[noreturn]] void fail_missing(Invocation& invocation, const std::string& root, const std::string& key,
                               const std::string& then) {
    std::vector<std::string> roots;
    std::string keys;
    std::string databases;
    for (const auto& name : invocation.names()) {
        databases += (databases.empty() ? "database " : ", ") + name;
        for (const auto& one : invocation.federation().get(name).configurations()) {
            roots.push_back(one.path);
            if (one.path == root) keys += (keys.empty() ? "key " : ", ") + one.key + " in database " + name;
        }
    }
    const auto near = did_you_mean(root, roots);
    throw Error(ErrorCode::Unknown, {"no configuration " + root + " with key " + key + then, databases, keys, "",
                                     !keys.empty() || near.empty() ? "etalon tree show lists what there is" : near});
}

int show(Invocation& invocation, const ShowTree& options) {
    if (options.root.empty()) {
        if (!options.key.empty() || options.as_of) {
            throw Error(ErrorCode::Usage, {"--key and --as-of need a ROOT", "tree show", "", "", ""});
        }
        return list_configurations(invocation);
    }
    const std::string key = options.key.empty() ? "default" : options.key;
    const auto as_of = options.as_of ? std::optional<AsOf>(parse_as_of(*options.as_of)) : std::nullopt;
    const auto given = invocation.names();
    // What was removed is there as of before; a commit number belongs to one database.
    const bool looks_back = as_of && (given.size() == 1 || !std::holds_alternative<std::int64_t>(*as_of));
    const bool is_there = std::ranges::any_of(given, [&](const auto& name) {
        return has_configuration(invocation.federation().get(name), options.root, key);
    });
    const auto knows = [&](Database& one) {
        if (is_there || !looks_back) return has_configuration(one, options.root, key);
        return !one.tree(options.root, key, as_of).empty();
    };
    if (std::none_of(given.begin(), given.end(),
                     [&](const auto& name) { return knows(invocation.federation().get(name)); })) {
        fail_missing(invocation, options.root, key, "");
    }
    auto& database = invocation.database_knowing("configuration", options.root + "/" + key, knows);
    // The federation may know the database under another name than it has itself.
    std::string start;
    for (const auto& name : given) {
        if (&invocation.federation().get(name) == &database) start = name;
    }
    TreeReader reader(invocation, as_of);
    if (!reader.read(start, options.root, key, "", 0)) {
        fail_missing(invocation, options.root, key, as_of ? " as of " + *options.as_of : "");
    }
    if (invocation.format() == Format::Table) {
        print_nodes(invocation.out, reader.nodes());
    } else {
        print(invocation.out, invocation.format(), interchange::node_table(reader.nodes()));
    }
    // What there is was shown; that it is not the whole tree is a failure, as it is for `tree get`.
    const auto& problems = reader.problems();
    if (problems.empty()) return 0;
    invocation.out.flush();
    for (std::size_t i = 0; i + 1 < problems.size(); ++i) print_error(problems[i].what());
    throw problems.back();
}

// --- get -------------------------------------------------------------------------------------------------------------

struct GetTree {
    std::string root;
    std::string key;
    std::optional<std::string> at;
    std::optional<std::string> run;
    std::string version;
    AsOfTexts as_of;
    LayerUnit layer_unit = LayerUnit::Element;
    bool strict = false;
    bool lenient = false;
    bool values = false;
};

/// The first values of an answer, as much as people and CSV get.
Cell first_values_cell(const Answer& answer) {
    return cell(answer->num_rows == 0 ? "" : first_values(*answer->layout, answer.row(0), 60));
}

void print_tree(Output& out, const Configuration& tree, bool values, bool with_losses) {
    Table table{{"node", "status", "rows", "begin", "end"}, {}};
    if (values) table.columns.emplace_back("first values");
    for (const auto& [node, database, depth, answer] : tree.nodes) {
        std::string label = std::string(2 * depth, ' ') + leaf_of(node.path);
        if (depth == 0 || node.type == NodeType::Database) label += " (" + database + ")";
        if (node.type == NodeType::Database) {
            label = std::string(2 * depth, ' ') + leaf_of(node.path) + " (" +
                    (node.db_name.empty() ? leaf_of(node.path) : node.db_name) + ")";
        }
        std::vector<Cell> row = {cell(label)};
        if (answer) {
            const auto& data = **answer;
            row.push_back(cell(std::string(name_of(data.status)) + (node.base_line ? ", baseLine" : "")));
            row.push_back(cell(static_cast<std::uint64_t>(data.num_rows)));
            row.push_back(cell(format_position(Position(data.validity.axis, data.validity.begin))));
            row.push_back(
                cell(data.validity.end ? format_position(Position(data.validity.axis, *data.validity.end)) : "open"));
            if (values) row.push_back(first_values_cell(*answer));
        }
        row.resize(table.columns.size(), cell(""));
        row[2].is_number = true;
        table.rows.push_back(std::move(row));
    }
    print_table(out, table);
    const auto say = [&](const std::optional<Interval>& validity, std::string_view what) {
        if (validity) out << what << interval_text(validity->axis, validity->begin, validity->end) << "\n";
    };
    say(tree.validity, "common interval: ");
    say(tree.run_validity, "common interval of runs: ");
    for (const auto& [node, database, depth, answer] : tree.nodes) {
        if (!answer || (*answer)->absent.empty()) continue;
        out << "absent: " << node.path << ": " << absent_text(*(*answer)->layout, (*answer)->absent) << "\n";
    }
    for (const auto& [node, database, depth, answer] : tree.nodes) {
        if (!answer || (*answer)->losses == 0) continue;
        out << "losses: " << node.path << ": " << counted((*answer)->losses, "value") << " changed\n";
    }
    if (with_losses) out << "losses: " << counted(interchange::count_losses(tree), "value") << " changed\n";
}

int get_tree(Invocation& invocation, const GetTree& options) {
    ConfigurationRequest request;
    const auto position = [](std::string_view option, Axis axis, const std::string& text) {
        try {
            return interchange::parse_request(axis, text).value;
        } catch (const Error& error) {
            auto info = error.info();
            info.where = std::string(option) + (info.where.empty() ? "" : ", " + info.where);
            if (axis == Axis::Time && info.advice.empty()) info.advice = "a run is given with --run";
            throw Error(error.code(), info);
        }
    };
    if (options.at) request.time = Time{position("--at", Axis::Time, *options.at)};
    if (options.run) request.run = Run{position("--run", Axis::Run, *options.run)};
    request.version = options.version;
    request.strict = options.strict;
    request.lenient = options.lenient;
    options.as_of.read(request.as_of, request.as_of_patterns);
    request.layer_unit = options.layer_unit;
    const auto given = invocation.names();
    const auto tree = invocation.federation().fetch_configuration(options.root, options.key, request,
                                                                  given.size() == 1 ? given.front() : std::string());
    const interchange::TreeContext context{options.root, options.key, options.values, options.lenient};
    const auto gaps = interchange::count_gaps(tree);
    const bool with_losses = interchange::tells_losses(tree, context);
    if (invocation.format() == Format::Json) {
        invocation.out << interchange::to_json(tree, context) << "\n";
    } else if (invocation.format() == Format::Csv) {
        print(invocation.out, Format::Csv,
              interchange::answer_table(tree, with_losses, options.values ? first_values_cell : nullptr));
    } else {
        print_tree(invocation.out, tree, options.values, with_losses);
        if (gaps > 0) invocation.out << counted(gaps, "node has", "nodes have") << " nothing valid\n";
    }
    return gaps > 0 ? 1 : 0;
}

void add_tree_add(CLI::App& tree, Invocation&, Action& action) {
    auto options = std::make_shared<AddOptions>();
    auto* command = tree.add_subcommand("add", "Add a node, or the nodes of a file, in one commit");
    command->add_option("PATH", options->node.path, "Where: Root/dir/leaf; missing directories are made");
    command->add_option("--type", options->type, "Kind of node (default: table, DB with --db)")
        ->type_name(std::string(interchange::kNodeTypeNames));
    command
        ->add_option("--ref", options->node.ref_name,
                     "table: the named reference; DB: the configuration there, NAME or NAME/KEY")
        ->type_name("NAME");
    command->add_option("--element", options->node.elements, "Elements, such as 0-23,30")
        ->type_name("LIST")
        ->check(not_empty());
    command->add_option("--version", options->node.version, "Version chain of this node")
        ->type_name("CHAIN")
        ->check(not_empty());
    command->add_flag("--base-line,--baseLine,--baseline", options->node.base_line, "Read whatever the time");
    command->add_option("--db", options->node.db_name, "DB: name of the other database")->type_name("NAME");
    command->add_option("--key", options->node.key, "Key of the configuration (default: default)")
        ->type_name("KEY")
        ->check(not_empty());
    command
        ->add_option("--from", options->from,
                     "CSV with path and any of type,ref,db,version,element,baseLine,key,comment")
        ->type_name("FILE");
    command->add_flag("--replace", options->replace,
                      "Nodes that are there already are replaced; else they are an error");
    command->add_option("--reason", options->reason, "Why, for the log")->type_name("TEXT");
    command->footer(
        "Examples:\n  etalon -d sqlite:tpc.db tree add Reco/tpc/gain --ref tpcGain --element 1-24\n"
        "  etalon -d sqlite:tpc.db tree add Reco/sst --db Geometry_sst --ref Reco");
    command->callback([&action, options] { action = [options](Invocation& s) { return add(s, *options); }; });
}

void add_tree_edits(CLI::App& tree, Action& action) {
    const auto add_common = [](CLI::App& command, EditOptions& options) {
        command.add_option("--key", options.key, "Key of the configuration (default: default)")
            ->type_name("KEY")
            ->check(not_empty());
        command.add_option("--reason", options.reason, "Why, for the log")->type_name("TEXT");
    };
    auto removing = std::make_shared<EditOptions>();
    auto* remove_command = tree.add_subcommand("remove", "Remove a node from a configuration, from now on");
    remove_command->add_option("PATH", removing->path, "Which: Root/dir/leaf, or Root alone")->required();
    remove_command->add_flag("--recursive", removing->recursive, "Also what is below it");
    remove_command->add_flag("--dry-run", removing->dry_run, "Say what would be removed, and remove nothing");
    add_common(*remove_command, *removing);
    remove_command->footer(
        "As of earlier commits it stays.\n"
        "Example:\n  etalon -d sqlite:tpc.db tree remove Reco/tpc --recursive --dry-run");
    remove_command->callback(
        [&action, removing] { action = [removing](Invocation& s) { return remove(s, *removing); }; });

    auto moving = std::make_shared<EditOptions>();
    auto* move_command =
        tree.add_subcommand("move", "Move a node, with what is below it, within its configuration; or rename one");
    move_command->add_option("PATH", moving->path, "Which")->required();
    move_command->add_option("TO", moving->to, "Its new path; missing directories are made")->required();
    add_common(*move_command, *moving);
    move_command->footer("Example:\n  etalon -d sqlite:tpc.db tree move Reco/tpc/gain Reco/tpc/inner/gain");
    move_command->callback([&action, moving] { action = [moving](Invocation& s) { return move(s, *moving); }; });
}

void add_tree_show(CLI::App& tree, Invocation& invocation, Action& action) {
    auto options = std::make_shared<ShowTree>();
    auto* command =
        tree.add_subcommand("show", "The nodes of a configuration, across databases; without ROOT all configurations");
    command->add_option("ROOT", options->root, "Name of the configuration");
    command->add_option("--key", options->key, "Its key (default: default)")->type_name("KEY")->check(not_empty());
    command->add_option("--as-of", options->as_of, "As it was then: a commit number, a time or a snapshot")
        ->type_name("WHEN");
    add_format(*command, invocation);
    command->footer("Example:\n  etalon --config federation.toml tree show Reco");
    command->callback([&action, options] { action = [options](Invocation& s) { return show(s, *options); }; });
}

void add_tree_get(CLI::App& tree, Invocation& invocation, Action& action) {
    auto options = std::make_shared<GetTree>();
    auto* command = tree.add_subcommand("get", "All tables of a configuration at a time");
    command->add_option("ROOT", options->root, "Name of the configuration")->required();
    command->add_option("--key", options->key, "Its key (default: default)")->type_name("KEY")->check(not_empty());
    command->add_option("--at", options->at, "When, for nodes valid by time")->type_name("T");
    command->add_option("--run", options->run, "Which run, for nodes valid by run")->type_name("N");
    command->add_option("--version", options->version, "Version chain of nodes that have none")
        ->type_name("CHAIN")
        ->check(not_empty());
    add_as_of(*command, options->as_of);
    add_layer_unit(*command, options->layer_unit);
    auto* strict = command->add_flag("--strict", options->strict, "Elements that were not stored are an error");
    command->add_flag("--lenient", options->lenient, "Convert with loss where needed, and count it")->excludes(strict);
    command->add_flag("--values", options->values, "Show the first values (json: all rows)");
    add_format(*command, invocation);
    command->footer(
        "Exit status: 0 when every table has an answer; 1 when one has a gap.\n"
        "Example:\n  etalon --config federation.toml tree get Reco --at 2019-06-09T13:20:47Z --values");
    command->callback([&action, options] { action = [options](Invocation& s) { return get_tree(s, *options); }; });
}

}  // namespace

void add_tree_commands(CLI::App& app, Invocation& invocation, Action& action) {
    auto* tree = app.add_subcommand("tree", "Configurations: named parts arranged in a tree");
    tree->require_subcommand(1);
    add_tree_add(*tree, invocation, action);
    add_tree_edits(*tree, action);
    add_tree_show(*tree, invocation, action);
    add_tree_get(*tree, invocation, action);
    add_tree_check(*tree, invocation, action);
    add_tree_diff(*tree, invocation, action);
    tree->footer("Example:\n  etalon -d sqlite:calib.db tree show");
}

}  // namespace etalon::cli
