/// etalon: the person at a terminal. Exit status: 0 done, 1 the answer is no, 2 wrong usage, 3 failure.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>

#include "base/nearest.h"
#include "base/passwords.h"
#include "cli/input/arguments.h"
#include "cli/invocation.h"

namespace etalon::cli {
namespace {

constexpr int kUsageStatus = 2;
constexpr int kFailureStatus = 3;

/// The parser of everything. Commands leave what to do in `action`.
void add_everything(CLI::App& app, Invocation& invocation, Action& action) {
    app.require_subcommand(1);
    app.set_version_flag("--version", "etalon " ETALON_VERSION);
    app.set_help_flag("-h,--help", "Print this help");
    app.add_option("-d,--database", invocation.databases,
                   "Database: sqlite:path.db, postgresql://user@host/db#Name, csv:directory, memory:, or a name from "
                   "--config; several "
                   "are layers of one, the first on top, unless #names differ (default: ETALON_DB)")
        ->allow_extra_args(false)
        ->type_name("URL");
    app.add_option("--config", invocation.config, "Federation file (TOML)")->type_name("FILE");
    app.add_option("--write-to", invocation.write_to, "Which of several layers is written to")->type_name("URL");
    app.add_option(
           "--files", invocation.files,
           "Folders with files outside, ':' between several, the first is written to (default: ETALON_FILES, then "
           "files = of --config)")
        ->type_name("DIR")
        ->check(not_empty());
    add_format(app, invocation);
    add_catalog_commands(app, invocation, action);
    add_header_commands(app, invocation, action);
    add_put_command(app, invocation, action);
    add_import_command(app, invocation, action);
    add_get_command(app, invocation, action);
    add_history_commands(app, invocation, action);
    add_explain_command(app, invocation, action);
    add_law_command(app, invocation, action);
    add_lint_command(app, invocation, action);
    add_retire_command(app, invocation, action);
    add_tree_commands(app, invocation, action);
    add_snapshot_commands(app, invocation, action);
    add_scan_command(app, invocation, action);
    add_params_commands(app, invocation, action);
    add_runs_commands(app, invocation, action);
    add_object_commands(app, invocation, action);
    add_query_commands(app, invocation, action);
    add_view_commands(app, invocation, action);
    add_verify_command(app, invocation, action);
    add_diff_command(app, invocation, action);
    add_file_commands(app, invocation, action);
    add_waits(app, invocation);
    app.footer(
        "etalon COMMAND --help tells about a command.\n"
        "Exit status: 0 done; 1 the answer is no; 2 wrong usage; 3 failure.\n"
        "Example:\n"
        "  etalon -d sqlite:calib.db init\n"
        "  etalon -d sqlite:calib.db register gains.h\n"
        "  etalon -d sqlite:calib.db put gains --begin 2024-01-01 gains.csv\n"
        "  etalon -d sqlite:calib.db get gains --at 2024-06-01T12:00:00Z");
}

/// What a person did wrong, on one line.
std::string explain(const CLI::ParseError& error, const CLI::App& app, const Arguments& given) {
    const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
    std::vector<std::string> names;
    for (const auto* command : commands) names.push_back(command->get_name());
    const bool known = std::find(names.begin(), names.end(), given.command) != names.end();
    if (!known && !given.command.empty()) {
        const auto near = did_you_mean(given.command, names);
        return "there is no command " + shown_place(given.command) + "; " + (near.empty() ? "see etalon --help" : near);
    }
    if (given.command.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
        return "a command is missing; see etalon --help";
    }
    std::string message = error.what();
    std::replace(message.begin(), message.end(), '\n', ' ');
    message.erase(message.find_last_not_of(' ') + 1);
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
        for (std::size_t i = given.command_index + 1; i < given.args.size(); ++i) {
            const auto& arg = given.args[i];
            if (arg.starts_with("-d") || arg.starts_with("--database") || arg.starts_with("--config") ||
                arg.starts_with("--files")) {
                return message + "; -d, --config and --files stand before the command";
            }
        }
    }
    return message + "; see etalon " + given.command + (given.command.empty() ? "--help" : " --help");
}

int run(std::vector<std::string> args) {
    Invocation invocation;
    Action action;
    CLI::App app("Etalon: calibration and conditions constants that change with time.", "etalon");
    add_everything(app, invocation, action);
    auto prepared = prepare_arguments(std::move(args));
    invocation.clang_args = std::move(prepared.clang_args);
    try {
        std::vector<std::string> reversed(prepared.args.rbegin(), prepared.args.rend());
        app.parse(std::move(reversed));
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {  // --help, --version
            const int status = app.exit(error, invocation.out.stream());
            invocation.out.flush();
            return status;
        }
        print_error(explain(error, app, prepared));
        return kUsageStatus;
    }
    try {
        const int status = action(invocation);
        invocation.out.flush();
        return status;
    } catch (const BrokenPipe&) {
        return 0;
    } catch (...) {
        // What was found out before the failure still helps; the failure itself counts.
        try {
            invocation.out.flush();
        } catch (const BrokenPipe&) {
        } catch (const Error& error) {
            print_error(error.what());
        }
        throw;
    }
}

}  // namespace
}  // namespace etalon::cli

int main(int argc, char** argv) {
    using namespace etalon;
    // A reader that has seen enough (`| head`) ends the output, not the work.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return cli::run(std::vector<std::string>(argv + 1, argv + argc));
    } catch (const Error& error) {
        cli::print_error(error.what());
        return exit_status(error.code());
    } catch (const std::bad_alloc&) {
        cli::print_error("out of memory");
    } catch (const std::exception& error) {
        cli::print_error(std::string("unexpected failure: ") + error.what());
    } catch (...) {
        cli::print_error("unexpected failure");
    }
    return cli::kFailureStatus;
}
