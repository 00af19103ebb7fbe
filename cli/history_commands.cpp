/// etalon history and log: interval records, and commits.

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "cli/session.h"

namespace etalon::cli {
namespace {

struct ShowHistory {
    std::string name;
    std::string version;
    std::optional<std::string> element;
    std::optional<std::string> as_of;
    std::int64_t limit = 0;
};

int history(Session& session, const ShowHistory& options) {
    auto& database = session.database_with_records_of(options.name);
    const auto name = get_name(database, options.name);
    HistoryOptions wanted;
    wanted.version = options.version;
    wanted.limit = static_cast<std::uint64_t>(options.limit);
    if (options.as_of) wanted.as_of = parse_as_of(*options.as_of);
    std::vector<std::int64_t> elements;
    if (options.element) elements = parse_elements(*options.element);
    if (elements.size() == 1) wanted.element = elements.front();
    if (elements.size() > 1) {
        throw Error(ErrorCode::Usage,
                    {"history shows one element or all", "--element", "one integer", *options.element, ""});
    }
    Table table{{"begin", "end", "element", "version", "schema", "rows", "commit", "retired", "uid", "created"}, {}};
    for (const auto& record : database.history(options.name, wanted)) {
        table.rows.push_back({cell(name.axis, record.interval.begin), cell(name.axis, record.interval.end),
                              cell(record.element), cell(record.version),
                              record.schema == 0 ? null_cell() : cell(record.schema), cell(record.rows),
                              cell(record.commit), record.retired ? cell(*record.retired) : null_cell(),
                              cell(record.uid), cell(record.created)});
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
    command->add_option("--version", options->version, "Records of this version only")
        ->type_name("V")
        ->check(not_empty());
    command->add_option("--element", options->element, "Records of this element only")->type_name("E");
    command->add_option("--as-of", options->as_of, "What was known then: a commit number, or a time")
        ->type_name("WHEN");
    add_integer(*command, "--limit", options->limit, "At most so many records (0, the default: all)", 0)
        ->type_name("N");
    add_format(*command, session);
    command->footer("Example:\n  etalon -d sqlite:calib.db history tpcElectronics --element 3");
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
