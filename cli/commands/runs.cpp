/// etalon runs: when which run was taken.

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <sstream>

#include "cli/invocation.h"
#include "interchange/runs.h"
#include "place/own_structs.h"

namespace etalon::cli {
namespace {

constexpr const char* kDefaultMap = "default";

// --- add -------------------------------------------------------------------------------------------------------------

struct AddRuns {
    std::optional<std::string> run;
    std::optional<std::string> begin;
    std::optional<std::string> end;
    std::string file;
    std::string map = kDefaultMap;
    std::string version = "default";
    std::string reason;
};

Time read_time(std::string_view option, const std::string& text) {
    try {
        return parse_time(text);
    } catch (const Error& error) {
        throw error.within(option, ", ");
    }
}

/// The database to write a map to: the only one given, or the only one that has it.
Database& database_of_map(Invocation& invocation, const std::string& map) {
    return invocation.database_of_reference(place::by_run_reference(map));
}

int add(Invocation& invocation, const AddRuns& options) {
    const bool one = options.run || options.begin || options.end;
    if (one != options.file.empty() || (one && (!options.run || !options.begin))) {
        throw Error(ErrorCode::Usage,
                    {"runs add needs one run or a FILE", "runs add", "--run N --begin T [--end T], or FILE.csv",
                     one && !options.file.empty() ? "both"
                     : one                        ? "a part of a run"
                                                  : "neither",
                     ""});
    }
    std::vector<RunSpan> runs;
    if (one) {
        RunSpan run{interchange::read_run("--run", *options.run), read_time("--begin", *options.begin), std::nullopt};
        if (options.end) run.end = read_time("--end", *options.end);
        runs.push_back(run);
    } else {
        std::istringstream in(read_file(options.file, "a CSV file with run,begin,end"));
        runs = interchange::read_runs(in, options.file == "-" ? "standard input" : options.file);
        if (runs.empty()) {
            throw Error(ErrorCode::BadInput,
                        {"the file has no runs", options.file, "one run a line", "only a header", ""});
        }
    }
    CommitInfo info;
    info.reason = options.reason;
    const auto result = database_of_map(invocation, options.map).add_runs(runs, options.map, info, options.version);
    invocation.out << "commit " << std::to_string(result.commit) << "\n";
    return 0;
}

// --- show ------------------------------------------------------------------------------------------------------------

struct ShowRuns {
    std::optional<std::string> run;
    std::optional<std::string> at;
    std::optional<std::string> from;
    std::optional<std::string> to;
    std::string map = kDefaultMap;
    std::string version;
    std::optional<std::string> as_of;
};

/// Runs that touch [from, to): both are run numbers, or both are times.
std::vector<RunAnswer> find_runs(Database& database, const ShowRuns& options, const FetchOptions& fetch) {
    std::optional<Position> from;
    std::optional<Position> to;
    if (options.from) from = read_position("--from", *options.from);
    if (options.to) to = read_position("--to", *options.to);
    const auto is_infinite = [](const std::optional<Position>& at) {
        return at && (at->value == kMinusInfinity || at->value == kPlusInfinity);
    };
    // An infinity is one on either axis.
    if (is_infinite(from)) from.reset();
    if (is_infinite(to)) to.reset();
    if (from && to && from->axis != to->axis) {
        throw Error(ErrorCode::WrongAxis, {"a range from a run to a time", "--from and --to",
                                           "two run numbers or two times", *options.from + " and " + *options.to, ""});
    }
    const bool by_run = (from && from->axis == Axis::Run) || (to && to->axis == Axis::Run);
    Run first{kMinusInfinity};
    Run last{kPlusInfinity};
    if (by_run && from) first.number = from->value;
    if (by_run && to) last.number = to->value;
    auto runs = database.runs(options.map, fetch, first, last);
    if (by_run) return runs;
    std::erase_if(runs, [&](const RunAnswer& run) {
        return (from && run.span->end && run.span->end->ns <= from->value) || (to && run.span->begin.ns >= to->value);
    });
    return runs;
}

int show(Invocation& invocation, const ShowRuns& options) {
    if ((options.run ? 1 : 0) + (options.at ? 1 : 0) + (options.from || options.to ? 1 : 0) > 1) {
        throw Error(ErrorCode::Usage, {"runs show is asked for several things", "runs show",
                                       "one of --run, --at, and --from with --to", "several of them", ""});
    }
    FetchOptions fetch;
    fetch.version = options.version;
    if (options.as_of) fetch.as_of = parse_as_of(*options.as_of);
    auto& database = invocation.database_with_records_of(place::by_run_reference(options.map));
    std::vector<RunAnswer> runs;
    const bool single = options.run || options.at;
    if (options.run) {
        runs.push_back(database.fetch_run(interchange::read_run("--run", *options.run), fetch, options.map));
    } else if (options.at) {
        runs.push_back(database.fetch_run_at(read_time("--at", *options.at), fetch, options.map));
    } else {
        runs = find_runs(database, options, fetch);
    }
    const auto table = interchange::run_table(runs);
    const bool none = single && table.rows.empty();
    if (!none || invocation.format() != Format::Table) print(invocation.out, invocation.format(), table);
    if (none) {
        const auto& validity = runs.front().validity;
        const auto text = (options.run ? "no run " + *options.run : "no run at " + *options.at) + " in map " +
                          options.map + ", so in " + interval_text(validity.axis, validity.begin, validity.end);
        if (invocation.format() == Format::Table) {
            invocation.out << text << "\n";
        } else {
            print_note(text);
        }
    }
    return none ? 1 : 0;
}

void add_add(CLI::App& runs, Action& action) {
    auto* command = runs.add_subcommand("add", "Record runs and when they were taken, or correct them");
    auto options = std::make_shared<AddRuns>();
    command->add_option("FILE", options->file,
                        "CSV with the columns run,begin and, where known, end; - is standard input");
    command->add_option("--run", options->run, "Number of one run")->type_name("N");
    command->add_option("--begin", options->begin, "When it began")->type_name("T");
    command->add_option("--end", options->end, "When it ended, exclusive; without it, until another run begins")
        ->type_name("T");
    command->add_option("--map", options->map, "Run map (default: default)")->type_name("MAP");
    command->add_option("--version", options->version, "Version to record under (default: default)")->type_name("V");
    command->add_option("--reason", options->reason, "Why, for the log")->type_name("TEXT");
    command->footer(
        "A run that is recorded already is corrected: its earlier time does not count any more.\n"
        "Example:\n  etalon -d sqlite:calib.db runs add --run 20157023 --begin 2019-06-06T10:11:12Z --end "
        "2019-06-06T10:41:30Z");
    command->callback([&action, options] { action = [options](Invocation& s) { return add(s, *options); }; });
}

void add_show(CLI::App& runs, Invocation& invocation, Action& action) {
    auto* command = runs.add_subcommand("show", "Runs and their times");
    auto options = std::make_shared<ShowRuns>();
    command->add_option("--run", options->run, "This run only")->type_name("N");
    command->add_option("--at", options->at, "The run at this time")->type_name("T");
    command->add_option("--from", options->from, "Runs from this number or time on")->type_name("N|T");
    command->add_option("--to", options->to, "Runs before this number or time")->type_name("N|T");
    command->add_option("--map", options->map, "Run map (default: default)")->type_name("MAP");
    command->add_option("--version", options->version, "Version chain (default: default)")
        ->type_name("CHAIN")
        ->check(not_empty());
    command->add_option("--as-of", options->as_of, "What was known then: a commit number, or a time")
        ->type_name("WHEN");
    add_format(*command, invocation);
    command->footer(
        "Exit status: 0; 1 when there is no such run, or none at that time.\n"
        "Examples:\n  etalon -d sqlite:calib.db runs show --from 2019-06-06 --to 2019-06-07\n"
        "  etalon -d sqlite:calib.db runs show --at 2019-06-06T10:20:00Z --format json");
    command->callback([&action, options] { action = [options](Invocation& s) { return show(s, *options); }; });
}

}  // namespace

void add_runs_commands(CLI::App& app, Invocation& invocation, Action& action) {
    auto* runs = app.add_subcommand("runs", "Run maps: when which run was taken");
    runs->require_subcommand(1);
    add_add(*runs, action);
    add_show(*runs, invocation, action);
    runs->footer("Example:\n  etalon -d sqlite:calib.db runs show");
}

}  // namespace etalon::cli
