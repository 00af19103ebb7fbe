#include "interchange/runs.h"

#include <algorithm>

#include "base/number_text.h"
#include "base/printable.h"
#include "etalon/error.h"
#include "layers/csv/csv_records.h"

namespace etalon::interchange {
namespace {

Time read_time(std::string_view where, const std::string& text) {
    try {
        return parse_time(text);
    } catch (const Error& error) {
        throw error.within(where, ", ");
    }
}

}  // namespace

Table run_table(std::span<const RunAnswer> runs) {
    Table table{{"run", "begin", "end", "version", "commit"}, {}};
    for (const auto& run : runs) {
        if (!run.span) continue;
        std::optional<std::int64_t> end;
        if (run.span->end) end = run.span->end->ns;
        table.rows.push_back({cell(run.span->run.number), cell(run.span->begin), cell(Axis::Time, end),
                              run.provenance ? cell(run.provenance->version) : null_cell(),
                              run.provenance ? cell(run.provenance->commit) : null_cell()});
    }
    return table;
}

Run read_run(std::string_view where, std::string_view text) {
    if (const auto number = parse_integer<std::int64_t>(text)) return Run{*number};
    throw Error(ErrorCode::BadInput, {"not a run number", std::string(where), "a decimal integer of 64 bits",
                                      "'" + excerpt(text) + "'", ""});
}

std::vector<RunSpan> read_runs(std::istream& in, const std::string& origin) {
    layers::CsvRecords record(in, origin, {{"run", "begin"}, {"end"}, false});
    std::vector<RunSpan> runs;
    std::vector<std::string> faults;
    while (record.next()) {
        try {
            record.check();
            const auto where = origin + ":" + std::to_string(record.line());
            RunSpan run{read_run(where, record.cell("run")), read_time(where, record.cell("begin")), std::nullopt};
            if (const auto& end = record.cell("end"); !end.empty()) run.end = read_time(where, end);
            runs.push_back(run);
        } catch (const Error& error) {
            faults.emplace_back(error.what());
        }
    }
    if (faults.empty()) return runs;
    constexpr std::size_t kMost = 20;
    std::string found;
    for (std::size_t i = 0; i < std::min(faults.size(), kMost); ++i) found += (i == 0 ? "" : " | ") + faults[i];
    if (faults.size() > kMost) found += " | and " + std::to_string(faults.size() - kMost) + " more";
    throw Error(ErrorCode::BadInput, {counted(faults.size(), "line") + " cannot be read", origin, "", found, ""});
}

}  // namespace etalon::interchange
