/// etalon lint: records that look like mistakes.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <set>

#include "cli/invocation.h"
#include "interchange/findings.h"

namespace etalon::cli {
namespace {

/// Of each database that is given, the references that it knows; a name that no database knows is an error.
std::vector<std::pair<std::string, std::vector<std::string>>> names_by_database(
    Invocation& invocation, const std::vector<std::string>& wanted) {
    std::vector<std::pair<std::string, std::vector<std::string>>> by_database;
    const auto given = invocation.names();
    std::set<std::string> known;
    for (const auto& one : given) {
        std::vector<std::string> here;
        for (const auto& name : wanted) {
            // A single database says itself what the nearest name is.
            if (given.size() > 1 && !invocation.federation().get(one).find_name(name)) continue;
            here.push_back(name);
            known.insert(name);
        }
        if (wanted.empty() || !here.empty()) by_database.emplace_back(one, std::move(here));
    }
    for (const auto& name : wanted) {
        if (!known.contains(name)) (void)invocation.database_of_reference(name);  // says that it is in none
    }
    return by_database;
}

int lint(Invocation& invocation, const std::vector<std::string>& wanted) {
    const auto databases = names_by_database(invocation, wanted);
    const bool several = invocation.names().size() > 1;
    Table table;
    for (const auto& [one, names] : databases) {
        auto& database = invocation.federation().get(one);
        const auto all_layers = database.layers().size() > 1 ? std::string("all") : database.place();
        append(table, interchange::lint_table(database.lint(names), all_layers), several ? &one : nullptr);
    }
    if (invocation.format() == Format::Table && table.rows.empty()) {
        invocation.out << "nothing suspicious\n";
        return 0;
    }
    print(invocation.out, invocation.format(), table);
    if (invocation.format() == Format::Table) invocation.out << counted(table.rows.size(), "finding") << "\n";
    return table.rows.empty() ? 0 : 1;
}

}  // namespace

void add_lint_command(CLI::App& app, Invocation& invocation, Action& action) {
    auto* command = app.add_subcommand("lint", "Records that look like mistakes");
    auto names = std::make_shared<std::vector<std::string>>();
    command->add_option("REF", *names, "Named references (default: all)")->check(not_empty());
    add_format(*command, invocation);
    command->footer(
        "equal keys: only the commit decides between records; never wins: a record that nobody gets; gap, missing "
        "element:\n"
        "of a reference with coverage complete; expired: the last end is past; overlapping ends: an explicit end "
        "behind the\n"
        "begin of a later record. Exit status: 0 nothing found; 1 findings.\n"
        "Example:\n  etalon -d sqlite:calib.db lint tpcElectronics --format json");
    command->callback([&action, names] { action = [names](Invocation& s) { return lint(s, *names); }; });
}

}  // namespace etalon::cli
