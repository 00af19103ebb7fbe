#include "interchange/history.h"

#include <fmt/format.h>

namespace etalon::interchange {

Table history_table(Axis axis, std::span<const HistoryRecord> records, bool layered) {
    Table table{{"begin", "end", "element", "version", "schema", "rows", "commit", "retired", "uid", "created",
                 "author", "entryTime"},
                {}};
    if (layered) table.columns.emplace_back("layer");
    for (const auto& record : records) {
        // Layers of memory and of files have no commits.
        const bool committed = record.commit != 0;
        table.rows.push_back({cell(axis, record.interval.begin), cell(axis, record.interval.end), cell(record.element),
                              cell(record.version), record.schema == 0 ? null_cell() : cell(record.schema),
                              cell(record.rows), committed ? cell(record.commit) : null_cell(),
                              record.retired ? cell(*record.retired) : null_cell(), cell(record.uid),
                              cell(record.created), cell(record.author),
                              committed ? cell(record.entered) : null_cell()});
        if (layered) table.rows.back().push_back(cell(record.layer));
    }
    return table;
}

namespace {

/// `gains: 2 records, 1 retired; struct gains: 1 version; nodes: gain, noise`.
Cell touched_cell(const std::vector<CommitTouch>& touched) {
    Cell made;
    std::string nodes;
    made.json = "[";
    for (const auto& one : touched) {
        made.json += fmt::format(R"({}{{"kind":{},"name":{},"written":{},"retired":{},"defined":{}}})",
                                 made.json.size() == 1 ? "" : ",", json_quote(name_of(one.kind)), json_quote(one.name),
                                 one.written, one.retired, one.defined);
        std::string what;
        const auto add = [&](const std::string& part) { what += (what.empty() ? "" : ", ") + part; };
        const bool reference = one.kind == Touched::Reference;
        if (one.kind == Touched::Node) {
            nodes += (nodes.empty() ? "" : ", ") + one.name;
            if (one.written == 0) nodes += " removed";
            continue;
        }
        if (one.written != 0)
            add(counted(one.written,
                        reference                     ? "record"
                        : one.kind == Touched::Struct ? "version"
                                                      : "entry",
                        reference                     ? ""
                        : one.kind == Touched::Struct ? ""
                                                      : "entries"));
        if (one.retired != 0) add(fmt::format("{} retired", one.retired));
        if (one.defined) add(reference ? "policy" : "rules");
        made.text += fmt::format("{}{}{}: {}", made.text.empty() ? "" : "; ",
                                 reference ? "" : fmt::format("{} ", name_of(one.kind)), one.name, what);
    }
    if (!nodes.empty()) made.text += fmt::format("{}nodes: {}", made.text.empty() ? "" : "; ", nodes);
    made.json += "]";
    return made;
}

}  // namespace

Table commit_table(std::span<const CommitRecord> commits) {
    Table table{{"commit", "entryTime", "author", "host", "program", "reason", "records", "touched", "hash"}, {}};
    for (const auto& commit : commits) {
        table.rows.push_back({cell(commit.commit), cell(commit.entry_time), cell(commit.author), cell(commit.host),
                              cell(commit.program), cell(commit.reason), cell(commit.records),
                              touched_cell(commit.touched), cell_or_null(commit.hash)});
    }
    return table;
}

}  // namespace etalon::interchange
