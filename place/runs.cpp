#include "place/runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/nearest.h"
#include "etalon/error.h"
#include "index/chain.h"
#include "index/names.h"
#include "index/retire.h"
#include "place/own_structs.h"
#include "place/place.h"
#include "place/writer.h"
#include "store/payload.h"

namespace etalon::place {

namespace {

std::string describe(const RunSpan& span) {
    return fmt::format("run {} [{}, {})", format_position(span.run), format_time(span.begin),
                       span.end ? format_time(*span.end) : "open");
}

RunRow to_row(const RunSpan& span) {
    return {span.run.number, span.begin.ns, span.end ? span.end->ns : 0, static_cast<std::uint8_t>(span.end ? 1 : 0)};
}

RunSpan to_span(const RunRow& row) {
    RunSpan span{Run{row.run}, Time{row.begin}, std::nullopt};
    if (row.has_end != 0) span.end = Time{row.end};
    return span;
}

/// The run of a row of run_definition().
RunSpan read_row(const std::byte* bytes) {
    RunRow row;
    std::memcpy(&row, bytes, sizeof row);
    return to_span(row);
}

/// The run of an answer, or nothing for a gap.
std::optional<RunSpan> read_span(const Answer& answer) {
    if (answer->status != Status::Found) return std::nullopt;
    return read_row(answer->data.get());
}

/// All that is wrong with the runs of one call.
std::vector<std::string> find_faults(std::span<const RunSpan> runs) {
    std::vector<std::string> faults;
    for (const auto& run : runs) {
        const bool infinite = run.run.number == kMinusInfinity || run.run.number == kPlusInfinity;
        if (infinite) faults.push_back(fmt::format("{}: the number is infinite", describe(run)));
        if (run.begin.ns == kPlusInfinity) faults.push_back(fmt::format("{}: it begins at infinity", describe(run)));
        if (run.end && run.end->ns <= run.begin.ns)
            faults.push_back(fmt::format("{}: it ends at or before its begin", describe(run)));
    }
    if (!faults.empty()) return faults;
    std::vector<const RunSpan*> order;
    for (const auto& run : runs) order.push_back(&run);
    std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->run < b->run; });
    for (std::size_t i = 1; i < order.size(); ++i) {
        if (order[i]->run == order[i - 1]->run) faults.push_back(fmt::format("{} stands twice", describe(*order[i])));
    }
    std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->begin < b->begin; });
    const RunSpan* furthest = nullptr;  // the one that ends last of those that begin before
    for (std::size_t i = 0; i < order.size(); ++i) {
        // A run without an end gives way to one that begins later.
        const auto* overlapped = furthest != nullptr && order[i]->begin < *furthest->end ? furthest
                                 : i > 0 && order[i]->begin == order[i - 1]->begin       ? order[i - 1]
                                                                                         : nullptr;
        if (overlapped != nullptr && overlapped->run != order[i]->run) {
            faults.push_back(fmt::format("{} overlaps {}", describe(*order[i]), describe(*overlapped)));
        }
        if (order[i]->end && (furthest == nullptr || *furthest->end < *order[i]->end)) furthest = order[i];
    }
    return faults;
}

void check(std::span<const RunSpan> runs, std::string_view map) {
    const auto faults = find_faults(runs);
    if (faults.empty()) return;
    constexpr std::size_t kMost = 20;
    std::string found;
    for (std::size_t i = 0; i < std::min(faults.size(), kMost); ++i) found += (i == 0 ? "" : " | ") + faults[i];
    if (faults.size() > kMost) found += fmt::format(" | and {} more", faults.size() - kMost);
    throw Error(ErrorCode::BadInput,
                {"runs that cannot be recorded", fmt::format("run map {}", map),
                 "each run once, with a begin before its end, and one run at a time", std::move(found), ""});
}

/// Retires what is recorded of these runs: both records, so that neither reference answers with an earlier time.
void retire_earlier(Place& db, backends::Transaction& tx, const index::CommitStamp& stamp,
                    std::span<const RunSpan> runs, std::string_view map, std::string_view version) {
    constexpr std::int64_t kElement = 0;
    const auto by_run = index::find_name(tx, by_run_reference(map), kPlusInfinity);
    const auto by_time = index::find_name(tx, by_time_reference(map), kPlusInfinity);
    if (!by_run || !by_time || !index::has_records(tx, by_run->id)) return;
    const auto of_struct = db.reload_struct(tx, by_run->struct_id);
    std::vector<index::LiveRecord> runs_retired;
    std::vector<index::LiveRecord> times_retired;
    for (const auto& run : runs) {
        const auto earlier = index::find_live_record(tx, by_run->id, kElement, version, run.run.number);
        if (!earlier || earlier->data_id == 0) continue;
        runs_retired.push_back(*earlier);
        const auto schema = of_struct->find(earlier->schema_id);
        if (!schema) {
            throw Error(ErrorCode::Corrupt, {"a run in an unknown schema version", by_run->name, "a recorded one",
                                             std::to_string(earlier->schema_id), ""});
        }
        const auto row = store::read_columns(tx, *schema, of_struct->record.table_name, run_definition(),
                                             earlier->data_id, 1, store::read_expected_rows(tx, earlier->data_id));
        // Both records of a run are written in one commit, in which no other run has this begin.
        const auto begin = read_row(row.row(0)).begin.ns;
        const auto entry = index::find_live_record(tx, by_time->id, kElement, version, begin, earlier->commit);
        if (entry) times_retired.push_back(*entry);
    }
    index::retire_records(tx, stamp, *by_run, runs_retired);
    index::retire_records(tx, stamp, *by_time, times_retired);
}

}  // namespace

CommitResult write_runs(Place& db, std::span<const RunSpan> runs, std::string_view map, std::string_view version,
                        const WriteContext& context) {
    const auto by_run = by_run_reference(map);
    const auto by_time = by_time_reference(map);
    index::check_version_name(version);
    if (runs.empty()) throw Error(ErrorCode::Usage, {"no runs to record", by_run, "at least one", "none", ""});
    check(runs, map);

    const auto rows = std::make_shared<std::vector<RunRow>>();
    for (const auto& run : runs) rows->push_back(to_row(run));
    std::vector<PutRecord> records;
    const auto add = [&](const std::string& name, std::size_t i, std::int64_t begin, std::optional<std::int64_t> end) {
        PutRecord record;
        record.name = name;
        record.version = version;
        record.begin = begin;
        record.end = end;
        record.layout = run_definition();
        record.rows = std::shared_ptr<const std::byte>(rows, reinterpret_cast<const std::byte*>(&(*rows)[i]));
        record.num_rows = 1;
        records.push_back(std::move(record));
    };
    for (std::size_t i = 0; i < runs.size(); ++i) {
        add(by_run, i, runs[i].run.number, runs[i].run.number + 1);
        std::optional<std::int64_t> end;
        if (runs[i].end) end = runs[i].end->ns;
        add(by_time, i, runs[i].begin.ns, end);
    }
    const auto& struct_name = run_definition()->name;
    const std::vector<NameSpec> specs{
        {by_run, struct_name, Axis::Run, OrderPolicy::ByBegin, Storage::Columns, std::nullopt},
        {by_time, struct_name, Axis::Time, OrderPolicy::ByBegin, Storage::Columns, std::nullopt}};
    ensure_own_struct(db, *run_definition(), context);
    return write_commit(db, records, specs, context, [&](backends::Transaction& tx, const index::CommitStamp& stamp) {
        retire_earlier(db, tx, stamp, runs, map, version);
    });
}

RunAnswer find_run(const AskRuns& ask, std::string_view map, Run run) {
    const auto answer = ask(by_run_reference(map), run);
    return {read_span(answer), answer->validity, answer->elements.front().provenance};
}

namespace {

/// True when a run without an end, which answers from `from` on, is over: another one has begun since.
bool is_over(const AskRuns& ask, const std::string& by_time, const RunSpan& open, std::int64_t from) {
    // Also after that one: what answered before tells.
    while (from > open.begin.ns) {
        const auto before = ask(by_time, Time{from - 1});
        const auto other = read_span(before);
        if (other && other->begin > open.begin) return true;
        from = before->validity.begin;
    }
    return false;
}

/// Of the runs that began before one that is over, the last that lasts until `time`: that one hid it. Looks back over
/// runs without a pause between them.
RunAnswer find_hidden(const AskRuns& ask, std::string_view map, Time time, Time over, Interval validity) {
    const auto by_time = by_time_reference(map);
    auto at = over;
    while (at.ns > kMinusInfinity) {
        const auto before = ask(by_time, Time{at.ns - 1});
        const auto span = read_span(before);
        // It would answer here, too: where nothing does, there is none.
        if (!span) break;
        at = span->begin;
        if (!span->end || find_run(ask, map, span->run).span != span) continue;
        if (*span->end <= time) {
            validity.begin = std::max(validity.begin, span->end->ns);
            continue;
        }
        if (!validity.end || *validity.end > span->end->ns) validity.end = span->end->ns;
        return {span, validity, before->elements.front().provenance};
    }
    return {std::nullopt, validity, std::nullopt};
}

}  // namespace

RunAnswer find_run_at(const AskRuns& ask, std::string_view map, Time time) {
    const auto by_time = by_time_reference(map);
    const auto answer = ask(by_time, time);
    RunAnswer out{read_span(answer), answer->validity, answer->elements.front().provenance};
    if (!out.span) return out;
    if (find_run(ask, map, out.span->run).span != out.span) return {std::nullopt, answer->validity, std::nullopt};
    if (out.span->end || !is_over(ask, by_time, *out.span, answer->validity.begin)) return out;
    return find_hidden(ask, map, time, out.span->begin, answer->validity);
}

void throw_no_map(std::string_view database, std::string_view map, std::span<const NameInfo> names) {
    std::vector<std::string> known;
    for (const auto& name : names) {
        if (auto one = find_map_name(name.name); one && name.axis == Axis::Run) known.push_back(*std::move(one));
    }
    const auto near = did_you_mean(map, known);
    throw Error(ErrorCode::Unknown,
                {"no run map of that name", fmt::format("database {}", database), "", fmt::format("'{}'", map),
                 !near.empty()   ? near
                 : known.empty() ? "no runs are recorded; 'etalon runs add' records them"
                                 : "see 'etalon names'"});
}

}  // namespace etalon::place
