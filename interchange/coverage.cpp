#include "interchange/coverage.h"

#include "interchange/json_object.h"

namespace etalon::interchange {

Table stretch_table(const CoverageReport& report) {
    Table table{{"begin", "end", "path", "database", "status", "reason"}, {}, true};
    for (const auto& stretch : report.stretches) {
        table.rows.push_back({cell(stretch.validity.axis, stretch.validity.begin),
                              cell(stretch.validity.axis, stretch.validity.end), cell(stretch.path),
                              cell(stretch.database), cell(name_of(stretch.status)), cell(stretch.reason)});
    }
    return table;
}

Table covered_node_table(const CoverageReport& report) {
    Table table{{"path", "database", "ref", "baseLine", "intervals", "faults"}, {}};
    for (const auto& node : report.nodes) {
        table.rows.push_back({cell(node.path), cell(node.database), cell(node.reference), cell(node.base_line),
                              cell(node.intervals), cell(node.faults)});
    }
    return table;
}

std::string to_json(const CoverageReport& report) {
    JsonObject object(",\n ");
    object.add("complete", report.complete() ? "true" : "false");
    object.add("stretches", to_json(stretch_table(report), 1));
    object.add("nodes", to_json(covered_node_table(report), 1));
    return object.text();
}

}  // namespace etalon::interchange
