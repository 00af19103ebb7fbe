#include "interchange/explanation.h"

#include <vector>

#include "interchange/json_object.h"

namespace etalon::interchange {
namespace {

/// Adds the candidates of one layer, with the cells of `in_front` before theirs.
void add_candidates(Table& table, Axis axis, const LayerCandidates& layer, const std::vector<Cell>& in_front) {
    for (const auto& candidate : layer.candidates) {
        const auto& record = candidate.record;
        std::vector<Cell> row = in_front;
        for (auto&& one :
             {candidate.place == 0 ? null_cell() : cell(candidate.place), cell(name_of(candidate.state)),
              cell(record.version), cell(axis, record.interval.begin), cell(axis, record.interval.end),
              record.schema == 0 ? null_cell() : cell(record.schema), cell(record.rows), cell(record.created),
              record.commit == 0 ? null_cell() : cell(record.commit),
              record.retired ? cell(*record.retired) : null_cell(), cell(candidate.why), cell(record.uid)}) {
            row.push_back(one);
        }
        table.rows.push_back(std::move(row));
    }
}

const std::vector<std::string> kCandidateColumns{"place", "state",   "version", "begin",   "end", "schema",
                                                 "rows",  "created", "commit",  "retired", "why", "uid"};

std::string layer_json(Axis axis, const LayerCandidates& layer) {
    const auto& counts = layer.counts;
    JsonObject object;
    object.add_text("layer", layer.layer).add("known", cell(layer.knows_name).json);
    if (!layer.knows_name) return object.text();
    object.add("asked", cell(layer.is_asked).json);
    object.add("commit", layer.commit == 0 ? "null" : cell(layer.commit).json);
    object.add_text("policy", name_of(layer.policy));
    JsonObject numbers;
    numbers.add("eligible", std::to_string(counts.eligible)).add("ended", std::to_string(counts.ended));
    numbers.add("beginsLater", std::to_string(counts.begins_later)).add("retired", std::to_string(counts.retired));
    numbers.add("committedLater", std::to_string(counts.committed_later));
    numbers.add("otherVersions", std::to_string(counts.other_versions));
    numbers.add("otherElements", std::to_string(counts.other_elements));
    object.add("counts", numbers.text());
    Table versions{{"version", "records", "valid"}, {}};
    for (const auto& other : layer.versions) {
        versions.rows.push_back({cell(other.version), cell(other.records), cell(other.valid)});
    }
    object.add("otherVersions", to_json(versions, 6));
    Table table{kCandidateColumns, {}};
    add_candidates(table, axis, layer, {});
    return object.add("candidates", to_json(table, 6)).text();
}

}  // namespace

std::string to_json(const Explanation& explanation) {
    JsonObject object;
    object.add_text("name", explanation.name).add_text("struct", explanation.struct_name);
    object.add("at", cell(explanation.at.axis, explanation.at.value).json);
    object.add_text("version", explanation.version);
    object.add("settled", cell(explanation.settled).json);
    std::string elements;
    for (const auto& element : explanation.elements) {
        JsonObject one;
        one.add("element", std::to_string(element.element)).add_text("status", name_of(element.status));
        one.add("begin", cell(element.validity.axis, element.validity.begin).json);
        one.add("end", cell(element.validity.axis, element.validity.end).json);
        one.add("uid", element.winner ? json_quote(element.winner->uid) : "null");
        one.add("layer", element.winner ? json_quote(element.winner->layer) : "null");
        one.add_text("why", element.why);
        std::string layers;
        for (const auto& layer : element.layers) {
            layers += (layers.empty() ? "\n    " : ",\n    ") + layer_json(explanation.at.axis, layer);
        }
        elements += (elements.empty() ? "\n  " : ",\n  ") + one.add("layers", "[" + layers + "]").text();
    }
    return object.add("elements", "[" + elements + "]").text();
}

Table candidate_table(const Explanation& explanation) {
    Table table{{"element", "layer"}, {}};
    table.columns.insert(table.columns.end(), kCandidateColumns.begin(), kCandidateColumns.end());
    for (const auto& element : explanation.elements) {
        for (const auto& layer : element.layers) {
            add_candidates(table, explanation.at.axis, layer, {cell(element.element), cell(layer.layer)});
        }
    }
    return table;
}

}  // namespace etalon::interchange
