/// etalon history and log: interval records, and commits.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>

#include "cli/session.h"

namespace etalon::cli {
namespace {

struct ShowHistory {
    std::string name;
    std::vector<std::string> versions;
    std::optional<std::string> elements;
    std::optional<std::string> as_of;
    std::optional<std::string> relation;
    std::optional<std::string> from;
    std::optional<std::string> to;
    std::optional<std::string> entered_from;
    std::optional<std::string> entered_to;
    std::optional<std::string> author;
    std::vector<std::string> where;
    bool live = false;
    bool retired = false;
    std::optional<std::string> order;
    std::int64_t limit = 0;
};

/// A time of the command line; errors name the option.
std::optional<Time> read_time(std::string_view option, const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    try {
        return parse_time(*text);
    } catch (const Error& error) {
        auto info = error.info();
        info.where = std::string(option) + (info.where.empty() ? "" : ", " + info.where);
        throw Error(error.code(), info);
    }
}

/// `KEY`, `KEY:asc` or `KEY:desc`.
void read_order(HistoryOptions& wanted, const std::string& text) {
    const auto colon = std::min(text.find(':'), text.size());
    wanted.order = parse_history_order(std::string_view(text).substr(0, colon));
    const auto direction = std::string_view(text).substr(colon);
    if (direction != "" && direction != ":asc" && direction != ":desc") {
        throw Error(ErrorCode::Usage, {"unknown direction of an order", "--order", "KEY, KEY:asc or KEY:desc", text, ""});
    }
    wanted.descending = direction == ":desc";
}

HistoryOptions read_options(const NameInfo& name, const ShowHistory& options) {
    HistoryOptions wanted;
    wanted.versions = options.versions;
    if (options.elements) wanted.elements = parse_elements(*options.elements);
    if (options.as_of) wanted.as_of = parse_as_of(*options.as_of);
    if (options.relation) {
        wanted.relation = parse_relation(*options.relation);
        if (!options.from && !options.to) {
            throw Error(ErrorCode::Usage, {"a relation without a range", "--relation " + *options.relation,
                                           "--from S, --to E or both", "neither", ""});
        }
    }
    if (options.from) wanted.from = read_position(name, "--from", *options.from);
    if (options.to) wanted.to = read_position(name, "--to", *options.to);
    wanted.entered_from = read_time("--entered-from", options.entered_from);
    wanted.entered_to = read_time("--entered-to", options.entered_to);
    wanted.author = options.author;
    for (const auto& condition : options.where) wanted.where.push_back(parse_value_filter(condition));
    if (options.live) wanted.retired = RetiredFilter::Live;
    if (options.retired) wanted.retired = RetiredFilter::Retired;
    if (options.order) read_order(wanted, *options.order);
    wanted.limit = static_cast<std::uint64_t>(options.limit);
    return wanted;
}

int history(Session& session, const ShowHistory& options) {
    auto& database = session.database_with_records_of(options.name);
    const auto name = get_name(database, options.name);
    const bool layered = database.layers().size() > 1;
    Table table{{"begin", "end", "element", "version", "schema", "rows", "commit", "retired", "uid", "created", "author",
                 "entryTime"},
                {}};
    if (layered) table.columns.emplace_back("layer");
    for (const auto& record : database.history(options.name, read_options(name, options))) {
        // Layers of memory and of files have no commits.
        const bool committed = record.commit != 0;
        table.rows.push_back({cell(name.axis, record.interval.begin), cell(name.axis, record.interval.end),
                              cell(record.element), cell(record.version),
                              record.schema == 0 ? null_cell() : cell(record.schema), cell(record.rows),
                              committed ? cell(record.commit) : null_cell(),
                              record.retired ? cell(*record.retired) : null_cell(), cell(record.uid), cell(record.created),
                              cell(record.author), committed ? cell(record.entered) : null_cell()});
        if (layered) table.rows.back().push_back(cell(record.layer));
    }
    print(session.out, session.format(), table);
    return 0;
}

int log(Session& session, std::uint64_t limit) {
    const auto databases = session.names();
    Table table{{"commit", "entryTime", "author", "host", "program", "reason", "records"}, {}};
    if (databases.size() > 1) table.columns.insert(table.columns.begin(), "database");
    for (const auto& name : databases) {
        for (const auto& commit : session.federation().get(name).log(limit)) {
            std::vector<Cell> row = {cell(commit.commit), cell(commit.entry_time), cell(commit.author),
                                     cell(commit.host),   cell(commit.program),    cell(commit.reason),
                                     cell(commit.records)};
            if (databases.size() > 1) row.insert(row.begin(), cell(name));
            table.rows.push_back(std::move(row));
        }
    }
    print(session.out, session.format(), table);
    return 0;
}

}  // namespace

void add_history_commands(CLI::App& app, Session& session, Action& action) {
    auto* command = app.add_subcommand("history", "Interval records of a named reference, retired ones included");
    auto options = std::make_shared<ShowHistory>();
    command->add_option("REF", options->name, "Named reference")->required();
    command->add_option("--relation", options->relation,
                        "How a record's own interval lies to the range: before, after, misses, throughout, within, "
                        "overlaps (the default), starts or ends")
        ->check(one_of({"before", "after", "misses", "throughout", "within", "overlaps", "starts", "ends"}))
        ->type_name("R");
    command->add_option("--from", options->from, "The range begins there (default: open)")->type_name("S");
    command->add_option("--to", options->to, "The range ends before that (default: open)")->type_name("E");
    command->add_option("--entered-from", options->entered_from, "Committed at that time or after")->type_name("T");
    command->add_option("--entered-to", options->entered_to, "Committed before that time")->type_name("T");
    command->add_option("--author", options->author, "Committed by that author")->type_name("A")->check(not_empty());
    command->add_option("--version", options->versions, "Records of this version (may be repeated)")
        ->allow_extra_args(false)
        ->type_name("V")
        ->check(not_empty());
    command->add_option("--element", options->elements, "Records of these elements, such as 0-23,30")
        ->type_name("LIST");
    command->add_option("--where", options->where,
                        "Records with a row for which that holds, such as 'gain[2] > 3.5'; one of = != < <= > >= (may be "
                        "repeated: one row for which all hold)")
        ->allow_extra_args(false)
        ->type_name("COND");
    auto* live = command->add_flag("--live", options->live, "Without retired records");
    command->add_flag("--retired", options->retired, "Retired records only")->excludes(live);
    command->add_option("--order", options->order,
                        "element (the default), begin, commit, entered or created; :desc behind it turns it round")
        ->type_name("KEY[:desc]");
    add_integer(*command, "--limit", options->limit, "At most so many records (0, the default: all)", 0)
        ->type_name("N");
    command->add_option("--as-of", options->as_of, "What was known then: a commit number, or a time")
        ->type_name("WHEN");
    add_format(*command, session);
    command->footer(
        "before: end <= S; after: begin >= E; misses: either; throughout: begin <= S and end >= E;\n"
        "within: begin >= S and end <= E; overlaps: begin < E and end > S; starts: S <= begin < E; ends: S < end <= E.\n"
        "No end lies behind every end.\n"
        "Example:\n  etalon -d sqlite:calib.db history tpcElectronics --relation within --from 2019-01-01 --to "
        "2020-01-01 --where 'samplingFrequency < 9.4' --order commit:desc");
    command->callback([&action, options] { action = [options](Session& s) { return history(s, *options); }; });

    auto* log_command = app.add_subcommand("log", "Commits, newest first");
    auto limit = std::make_shared<std::int64_t>(0);
    add_integer(*log_command, "--limit", *limit, "At most so many commits (0, the default: all)", 0)->type_name("N");
    add_format(*log_command, session);
    log_command->footer("Example:\n  etalon -d sqlite:calib.db log --limit 10 --format json");
    log_command->callback(
        [&action, limit] { action = [limit](Session& s) { return log(s, static_cast<std::uint64_t>(*limit)); }; });
}

}  // namespace etalon::cli
