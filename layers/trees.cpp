#include "layers/trees.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "etalon/error.h"
#include "index/chain.h"
#include "index/commits.h"
#include "index/names.h"
#include "layers/stack.h"
#include "place/trees.h"

namespace etalon::layers {

using backends::Engine;
using backends::Sql;
using backends::Transaction;
using backends::TransactionMode;
using place::Place;

namespace {

constexpr const char* kDefaultKey = "default";

NodeSpec spec_of(const config_tree::TreeNode& node, std::string_view key) {
    NodeSpec spec;
    spec.path = node.path;
    spec.key = key;
    spec.type = node.node.type;
    spec.ref_name = node.node.ref_name;
    spec.db_name = node.node.db_name;
    spec.version = node.node.version;
    spec.elements = node.node.elements;
    spec.base_line = node.node.base_line;
    spec.comment = node.node.comment;
    return spec;
}

/// The layers that may hold trees, top first, each with the commit to read as of.
std::vector<std::pair<Place*, std::int64_t>> tree_layers(LayerStack& stack, std::string_view root,
                                                         const AsOfChoice& choice) {
    const auto commits = stack.commits_of(root, choice);
    std::vector<std::pair<Place*, std::int64_t>> layers;
    for (std::size_t i = 0; i < stack.layers().size(); ++i) {
        if (stack.layers()[i].kind != backends::PlaceKind::Csv)
            layers.emplace_back(stack.layers()[i].place.get(), commits.commits[i]);
    }
    return layers;
}

AsOfChoice choice_of(const LayerStack& stack, const std::optional<AsOf>& as_of,
                     const std::vector<AsOfPattern>& patterns) {
    FetchOptions options;
    options.as_of = as_of;
    options.as_of_patterns = patterns;
    return layers::choice_of(stack.options(), options);
}

}  // namespace

std::vector<NodeSpec> list_tree(LayerStack& stack, std::string_view root, std::string_view key,
                                const std::optional<AsOf>& as_of) {
    const std::string_view used_key = key.empty() ? kDefaultKey : key;
    std::vector<NodeSpec> specs;
    for (const auto& [place, commit] : tree_layers(stack, root, choice_of(stack, as_of, {}))) {
        const auto tx = place->connection().begin(TransactionMode::Read);
        for (const auto& node : config_tree::read_tree(*tx, root, used_key, commit))
            specs.push_back(spec_of(node, used_key));
        if (!specs.empty()) break;
    }
    return specs;
}

std::vector<NodeSpec> list_roots(LayerStack& stack) {
    std::vector<NodeSpec> specs;
    for (const auto& [place, commit] : tree_layers(stack, "", choice_of(stack, std::nullopt, {}))) {
        const auto tx = place->connection().begin(TransactionMode::Read);
        const auto orphans = config_tree::find_orphans(*tx, commit);
        if (!orphans.empty()) {
            throw Error(ErrorCode::Corrupt,
                        {"configuration nodes that hang on no root",
                         fmt::format("{} in database {}", orphans.front(), stack.name()), "every node below a Config",
                         fmt::format("{} without", orphans.size()), "add their parents with 'etalon tree add'"});
        }
        for (const auto& node : config_tree::read_roots(*tx, commit)) {
            NodeSpec spec;
            spec.path = node.name;
            spec.key = node.key;
            spec.type = NodeType::Config;
            spec.comment = node.comment;
            const bool above = std::any_of(specs.begin(), specs.end(), [&](const NodeSpec& known) {
                return known.path == spec.path && known.key == spec.key;
            });
            if (!above) specs.push_back(std::move(spec));
        }
    }
    return specs;
}

namespace {

/// Who asks, for errors.
std::string describe(const LayerStack& stack, const config_tree::TreeNode& node, std::string_view place) {
    return fmt::format("node {}{} in database {}", place, node.path, stack.name());
}

const std::string& version_of(const LayerStack& stack, const config_tree::TreeNode& node,
                              const ConfigurationRequest& request) {
    if (!node.node.version.empty()) return node.node.version;
    return !request.version.empty() ? request.version : stack.options().version;
}

std::vector<std::int64_t> elements_of(const config_tree::TreeNode& node) {
    if (node.node.elements.empty()) return {0};
    return parse_elements(node.node.elements);
}

/// A table node with what it asks for.
LayeredRequest request_of(const LayerStack& stack, const config_tree::TreeNode& node,
                          const ConfigurationRequest& request, std::string_view place) {
    LayeredRequest one;
    one.name = node.node.ref_name;
    one.version = version_of(stack, node, request);
    one.elements = elements_of(node);
    if (request.time) one.time = request.time->ns;
    if (request.run) one.run = request.run->number;
    one.any_position = node.node.base_line;
    one.where = describe(stack, node, place);
    return one;
}

/// The answers of one place, in a few statements.
void ask_place(Place& db, Transaction& tx, const LayerStack& stack, const ConfigurationRequest& request,
               std::string_view place, const std::vector<std::size_t>& nodes, const place::ReadContext& context,
               bool settled, FetchedTree& tree) {
    struct Asked {
        place::NameEntry* name;
        Position at;
        std::vector<std::int64_t> elements;
        std::size_t first;
    };
    std::vector<place::Question> questions;
    std::vector<Asked> asked;
    questions.reserve(nodes.size());
    asked.reserve(nodes.size());
    for (const auto i : nodes) {
        const auto& node = tree.nodes()[i];
        const auto found = tree.known->names.find(node.node.ref_name);
        if (found == tree.known->names.end()) {
            throw Error(ErrorCode::Unknown, {"unknown named reference in a configuration", describe(stack, node, place),
                                             "a registered name", fmt::format("'{}'", node.node.ref_name),
                                             "register its struct, or change the node with 'etalon tree add'"});
        }
        auto& name = *found->second;
        const bool on_time = name.record.axis == Axis::Time;
        std::optional<std::int64_t> at;
        if (on_time && request.time) at = request.time->ns;
        if (!on_time && request.run) at = request.run->number;
        if (!at && !node.node.base_line) {
            throw Error(ErrorCode::WrongAxis, {"a configuration has a node on an axis that was not asked for",
                                               describe(stack, node, place), on_time ? "a time" : "a run number",
                                               "none", on_time ? "give --at TIME" : "give --run NUMBER"});
        }
        asked.push_back(
            {&name, Position{name.record.axis, at.value_or(kPlusInfinity)}, elements_of(node), questions.size()});
        const auto& chain = name.get_chain(version_of(stack, node, request));
        for (const auto element : asked.back().elements) {
            questions.push_back({&name, &chain, node.node.base_line, element, asked.back().at.value});
        }
    }
    if (questions.empty()) return;
    auto replies = db.ask_many(tx, questions, context);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto begin = replies.begin() + static_cast<std::ptrdiff_t>(asked[i].first);
        const auto& elements = asked[i].elements;
        std::vector<place::Reply> own(std::make_move_iterator(begin),
                                      std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(elements.size())));
        db.unify(*asked[i].name, elements, own, context);
        tree.answers[nodes[i]] =
            db.make_answer(*asked[i].name, elements, asked[i].at, std::move(own), context, {context.snapshot, settled});
    }
}

/// What table nodes ask of the layers, and as of which commits.
std::pair<std::vector<LayeredRequest>, std::vector<LayerCommits>> requests_of(
    LayerStack& stack, const place::KnownTree& known, const std::vector<std::size_t>& nodes,
    const ConfigurationRequest& request, const AsOfChoice& choice, std::string_view place) {
    std::pair<std::vector<LayeredRequest>, std::vector<LayerCommits>> all;
    for (const auto i : nodes) {
        all.first.push_back(request_of(stack, known.nodes[i], request, place));
        all.second.push_back(stack.commits_of(all.first.back().name, choice));
    }
    return all;
}

std::vector<std::size_t> tables_of(const place::KnownTree& known) {
    std::vector<std::size_t> nodes;
    nodes.reserve(known.nodes.size());
    for (std::size_t i = 0; i < known.nodes.size(); ++i) {
        if (known.nodes[i].node.type == NodeType::Table) nodes.push_back(i);
    }
    return nodes;
}

}  // namespace

PlannedTree plan_tree(LayerStack& stack, std::string_view root, std::string_view key,
                      const ConfigurationRequest& request, std::string_view place) {
    const auto choice = choice_of(stack, request.as_of, request.as_of_patterns);
    PlannedTree planned;
    for (const auto& [db, commit] : tree_layers(stack, root, choice)) {
        const auto tx = db->connection().begin(TransactionMode::Read);
        const auto known = place::get_known_tree(*db, *tx, root, key, commit, place);
        if (known->nodes.empty()) continue;
        planned.known = known;
        planned.nodes = tables_of(*known);
        break;
    }
    if (!planned.known) return planned;
    std::tie(planned.requests, planned.commits) =
        requests_of(stack, *planned.known, planned.nodes, request, choice, place);
    return planned;
}

FetchedTree fetch_tree(LayerStack& stack, std::string_view root, std::string_view key,
                       const ConfigurationRequest& request, std::string_view place) {
    const auto choice = choice_of(stack, request.as_of, request.as_of_patterns);
    const auto commits = stack.commits_of(root, choice);
    // One place that says everything as of one commit is read in one go; layers and patterns go name by name.
    const bool is_plain = !stack.several() && choice.patterns.empty() && choice.otherwise_patterns.empty();
    FetchedTree tree;
    for (const auto& [db, commit] : tree_layers(stack, root, choice)) {
        auto tx = db->connection().begin(TransactionMode::Read);
        const auto known = place::get_known_tree(*db, *tx, root, key, commit, place);
        if (known->nodes.empty()) continue;
        tree.known = known;
        tree.answers.resize(known->nodes.size());
        const auto nodes = tables_of(*known);
        place::ReadContext context;
        context.options.strict = request.strict;
        context.options.lenient = request.lenient;
        context.provenance = request.provenance;
        if (is_plain) {
            context.snapshot = commit;
            context.rules = stack.rules_at(commits);
            ask_place(*db, *tx, stack, request, place, nodes, context, commits.settled, tree);
            return tree;
        }
        tx.reset();
        if (nodes.empty()) return tree;
        const auto [requests, each] = requests_of(stack, *known, nodes, request, choice, place);
        auto answers = ask_layers(stack, requests, each, request.layer_unit, context);
        for (std::size_t i = 0; i < nodes.size(); ++i) tree.answers[nodes[i]] = std::move(answers[i]);
        return tree;
    }
    return tree;
}

}  // namespace etalon::layers
