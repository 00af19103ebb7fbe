/// etalon law: the table of schema evolution as the program has it.

#include <CLI/CLI.hpp>

#include "cli/invocation.h"
#include "interchange/layout_changes.h"

namespace etalon::cli {
namespace {

int show_law(Invocation& invocation) {
    print(invocation.out, invocation.format(), interchange::law_table());
    return 0;
}

}  // namespace

void add_law_command(CLI::App& app, Invocation& invocation, Action& action) {
    auto* command = app.add_subcommand("law", "What reading across a changed layout gives, change by change");
    add_format(*command, invocation);
    command->footer(
        "Each row: its name, the change from the stored to the asked layout, the verdict, what the reader gets. What "
        "no\n"
        "row says is refused. register and check name the row of each change in JSON and CSV. No database is needed.\n"
        "Example:\n  etalon law --format csv");
    command->callback([&action] { action = show_law; });
}

}  // namespace etalon::cli
