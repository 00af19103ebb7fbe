#include "interchange/trees.h"

#include <algorithm>
#include <string>

#include "base/printable.h"
#include "etalon/error.h"
#include "interchange/answers.h"
#include "interchange/json_object.h"
#include "layers/csv/csv_records.h"

namespace etalon::interchange {
namespace {

std::string to_lower(std::string_view text) {
    std::string lower(text);
    for (auto& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

bool read_flag(const layers::CsvRecords& record, const std::string& text) {
    const auto lower = to_lower(text);
    if (lower.empty() || lower == "0" || lower == "no" || lower == "false") return false;
    if (lower == "1" || lower == "yes" || lower == "true") return true;
    throw record.error("baseLine is not a truth value", "yes, no, 1, 0 or nothing", excerpt(text));
}

}  // namespace

std::optional<NodeType> find_node_type(std::string_view text) {
    for (const auto type : {NodeType::Config, NodeType::Directory, NodeType::Table, NodeType::Database}) {
        if (to_lower(text) == to_lower(name_of(type))) return type;
    }
    return std::nullopt;
}

std::vector<NodeSpec> read_nodes(std::istream& in, const std::string& origin, const std::string& key) {
    layers::CsvRecords record(
        in, origin, {{"path"}, {"type", "ref", "db", "version", "element", "baseLine", "key", "comment"}, false});
    std::vector<NodeSpec> nodes;
    while (record.next()) {
        record.check();
        NodeSpec node;
        node.path = record.cell("path");
        node.ref_name = record.cell("ref");
        node.db_name = record.cell("db");
        node.version = record.cell("version");
        node.elements = record.cell("element");
        node.base_line = read_flag(record, record.cell("baseLine"));
        node.key = record.cell("key").empty() ? key : record.cell("key");
        node.comment = record.cell("comment");
        node.type = node.db_name.empty() ? NodeType::Table : NodeType::Database;
        if (const auto& type = record.cell("type"); !type.empty()) {
            const auto known = find_node_type(type);
            if (!known) throw record.error("unknown node type", std::string(kNodeTypeNames), excerpt(type));
            node.type = *known;
        }
        nodes.push_back(std::move(node));
    }
    if (nodes.empty()) {
        throw Error(ErrorCode::BadInput, {"the list of nodes has no lines", origin, "one node a line", "nothing", ""});
    }
    return nodes;
}

std::size_t count_gaps(const Configuration& tree) {
    return static_cast<std::size_t>(std::ranges::count_if(tree.nodes, [](const ConfigurationNode& node) {
        return node.answer && (*node.answer)->status == Status::Gap;
    }));
}

std::uint64_t count_losses(const Configuration& tree) {
    std::uint64_t losses = 0;
    for (const auto& node : tree.nodes) {
        if (node.answer) losses += (*node.answer)->losses;
    }
    return losses;
}

bool tells_losses(const Configuration& tree, const TreeContext& context) {
    return context.lenient || count_losses(tree) > 0;
}

std::string to_json(const Configuration& tree, const TreeContext& context) {
    const bool with_losses = tells_losses(tree, context);
    JsonObject object(",\n ");
    const auto add_interval = [&](const std::optional<Interval>& validity, const char* begin, const char* end) {
        object.add(begin, validity ? cell(validity->axis, validity->begin).json : "null");
        object.add(end, validity ? cell(validity->axis, validity->end).json : "null");
    };
    object.add_text("root", context.root);
    object.add_text("key", tree.nodes.empty() ? context.key : tree.nodes.front().node.key);
    add_interval(tree.validity, "begin", "end");
    if (tree.run_validity) add_interval(tree.run_validity, "runBegin", "runEnd");
    object.add("gaps", std::to_string(count_gaps(tree)));
    if (with_losses) object.add("losses", std::to_string(count_losses(tree)));
    const auto rows = [](const Answer& answer) { return Cell{"", rows_json(answer, 4), false}; };
    object.add("nodes", to_json(answer_table(tree, with_losses, context.values ? +rows : nullptr), 1));
    return object.text();
}

Table answer_table(const Configuration& tree, bool with_losses, Cell (*values_of)(const Answer&)) {
    Table table{
        {"path", "type", "database", "ref", "status", "rows", "begin", "end", "schema", "commit", "missing", "absent"},
        {}};
    if (with_losses) table.columns.emplace_back("losses");
    if (values_of != nullptr) table.columns.emplace_back("values");
    for (const auto& [node, database, depth, answer] : tree.nodes) {
        std::vector<Cell> row = {cell(node.path), cell(name_of(node.type)), cell(database),
                                 cell_or_null(node.ref_name)};
        if (answer) {
            const auto& data = **answer;
            row.push_back(cell(name_of(data.status)));
            row.push_back(cell(static_cast<std::uint64_t>(data.num_rows)));
            row.push_back(cell(data.validity.axis, data.validity.begin));
            row.push_back(cell(data.validity.axis, data.validity.end));
            row.push_back(common_cell(data, schema_cell));
            row.push_back(common_cell(data, commit_cell));
            row.push_back(list_cell(answer->missing()));
            row.push_back(list_cell(data.absent));
            if (with_losses) row.push_back(cell(data.losses));
            if (values_of != nullptr) row.push_back(values_of(*answer));
        }
        row.resize(table.columns.size(), null_cell());
        table.rows.push_back(std::move(row));
    }
    return table;
}

Table node_table(std::span<const ListedNode> nodes) {
    Table table{{"path", "type", "ref", "db", "version", "element", "baseLine", "key", "database", "note"}, {}};
    for (const auto& [node, database, depth, note] : nodes) {
        table.rows.push_back({cell(node.path), cell(name_of(node.type)), cell_or_null(node.ref_name),
                              cell_or_null(node.db_name), cell_or_null(node.version), cell_or_null(node.elements),
                              cell(node.base_line), cell_or_null(node.key), cell(database), cell_or_null(note)});
    }
    return table;
}

Table configuration_table(std::span<const NodeSpec> configurations, std::string_view database) {
    Table table{{"name", "key", "database"}, {}};
    for (const auto& one : configurations) table.rows.push_back({cell(one.path), cell(one.key), cell(database)});
    return table;
}

}  // namespace etalon::interchange
