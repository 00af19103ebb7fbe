#include "interchange/history.h"

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

Table commit_table(std::span<const CommitRecord> commits) {
    Table table{{"commit", "entryTime", "author", "host", "program", "reason", "records", "hash"}, {}};
    for (const auto& commit : commits) {
        table.rows.push_back({cell(commit.commit), cell(commit.entry_time), cell(commit.author), cell(commit.host),
                              cell(commit.program), cell(commit.reason), cell(commit.records),
                              cell_or_null(commit.hash)});
    }
    return table;
}

}  // namespace etalon::interchange
