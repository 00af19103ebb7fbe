/// etalon history and log: interval records, and commits.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>

#include "cli/input/record_options.h"
#include "cli/invocation.h"
#include "interchange/history.h"

namespace etalon::cli {
namespace {

struct ShowHistory {
    std::string name;
    RecordOptions which;
    std::optional<std::string> as_of;
    bool live = false;
    bool retired = false;
    std::optional<std::string> order;
    std::int64_t limit = 0;
};

/// `KEY`, `KEY:asc` or `KEY:desc`.
void read_order(HistoryOptions& wanted, const std::string& text) {
    const auto colon = std::min(text.find(':'), text.size());
    wanted.order = parse_history_order(std::string_view(text).substr(0, colon));
    const auto direction = std::string_view(text).substr(colon);
    if (direction != "" && direction != ":asc" && direction != ":desc") {
        throw Error(ErrorCode::Usage,
                    {"unknown direction of an order", "--order", "KEY, KEY:asc or KEY:desc", text, ""});
    }
    wanted.descending = direction == ":desc";
}

HistoryOptions read_options(const NameInfo& name, const ShowHistory& options) {
    auto wanted = options.which.read(name);
    if (options.as_of) wanted.as_of = parse_as_of(*options.as_of);
    if (options.live) wanted.retired = RetiredFilter::Live;
    if (options.retired) wanted.retired = RetiredFilter::Retired;
    if (options.order) read_order(wanted, *options.order);
    wanted.limit = static_cast<std::uint64_t>(options.limit);
    return wanted;
}

int history(Invocation& invocation, const ShowHistory& options) {
    auto& database = invocation.database_with_records_of(options.name);
    const auto name = get_name(database, options.name);
    const auto records = database.history(options.name, read_options(name, options));
    print(invocation.out, invocation.format(),
          interchange::history_table(name.axis, records, database.layers().size() > 1));
    return 0;
}

int log(Invocation& invocation, const LogOptions& options) {
    auto databases = invocation.names();
    if (!options.name.empty() && databases.size() > 1) {
        // Those that know it; it is an error only where none does.
        std::erase_if(databases, [&](const std::string& name) {
            return !invocation.federation().get(name).find_name(options.name);
        });
        if (databases.empty()) (void)invocation.database_of_reference(options.name);
    } else if (!options.name.empty()) {
        (void)get_name(invocation.federation().get(databases.front()), options.name);
    }
    Table table;
    for (const auto& name : databases) {
        auto commits = invocation.federation().get(name).log(options);
        // On a terminal as much as `--as-of N-hash` needs.
        if (invocation.format() == Format::Table) {
            for (auto& commit : commits) commit.hash.resize(std::min<std::size_t>(commit.hash.size(), 8));
        }
        append(table, interchange::commit_table(commits), databases.size() > 1 ? &name : nullptr);
    }
    print(invocation.out, invocation.format(), table);
    return 0;
}

}  // namespace

void add_history_commands(CLI::App& app, Invocation& invocation, Action& action) {
    auto* command = app.add_subcommand("history", "Interval records of a named reference, retired ones included");
    auto options = std::make_shared<ShowHistory>();
    command->add_option("REF", options->name, "Named reference")->required();
    add_record_options(*command, options->which);
    auto* live = command->add_flag("--live", options->live, "Without retired records");
    command->add_flag("--retired", options->retired, "Retired records only")->excludes(live);
    command
        ->add_option("--order", options->order,
                     "element (the default), begin, commit, entered or created; :desc behind it turns it round")
        ->type_name("KEY[:desc]");
    add_integer(*command, "--limit", options->limit, "At most so many records (0, the default: all)", 0)
        ->type_name("N");
    command->add_option("--as-of", options->as_of, "What was known then: a commit number, or a time")
        ->type_name("WHEN");
    add_format(*command, invocation);
    command->footer(
        "before: end <= S; after: begin >= E; misses: either; throughout: begin <= S and end >= E;\n"
        "within: begin >= S and end <= E; overlaps: begin < E and end > S; starts: S <= begin < E; ends: S < end <= "
        "E.\n"
        "No end lies behind every end.\n"
        "Example:\n  etalon -d sqlite:calib.db history tpcElectronics --relation within --from 2019-01-01 --to "
        "2020-01-01 --where 'samplingFrequency < 9.4' --order commit:desc");
    command->callback([&action, options] { action = [options](Invocation& s) { return history(s, *options); }; });

    auto* log_command = app.add_subcommand("log", "Commits, newest first");
    struct Asked {
        LogOptions options;
        std::int64_t limit = 0;
    };
    auto asked = std::make_shared<Asked>();
    asked->options.touched = true;
    add_integer(*log_command, "--limit", asked->limit, "At most so many commits (0, the default: all)", 0)
        ->type_name("N");
    log_command->add_option("--name", asked->options.name, "Only commits that touched this named reference")
        ->type_name("REF")
        ->check(not_empty());
    add_format(*log_command, invocation);
    log_command->footer(
        "Examples:\n  etalon -d sqlite:calib.db log --limit 10 --format json\n"
        "  etalon -d sqlite:calib.db log --name tpcGain");
    log_command->callback([&action, asked] {
        asked->options.limit = static_cast<std::uint64_t>(asked->limit);
        action = [asked](Invocation& s) { return log(s, asked->options); };
    });
}

}  // namespace etalon::cli
