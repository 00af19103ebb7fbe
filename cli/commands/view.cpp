/// etalon view: SQL views of references, for people with sqlite3 or psql.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/invocation.h"
#include "etalon/view.h"
#include "interchange/definitions.h"

namespace etalon::cli {
namespace {

struct CreateOptions {
    std::string name;
    std::string reference;
    std::optional<std::string> at;
    std::string version;
    std::string as_of;
};

int create(Invocation& invocation, const CreateOptions& options) {
    auto& database = invocation.database_of_reference(options.reference);
    ViewSpec spec;
    spec.name = options.name;
    spec.reference = options.reference;
    if (options.at) spec.at = read_position(get_name(database, options.reference), "--at", *options.at);
    spec.version = options.version;
    if (!options.as_of.empty()) spec.as_of = parse_as_of(options.as_of);
    create_view(database, spec);
    const auto views = list_views(database);
    const auto made = std::ranges::find(views, spec.name, &ViewInfo::name);
    invocation.out << options.name << " shows " << options.reference << ": "
                   << (made == views.end() ? std::string("?") : made->shows) << "\n";
    return 0;
}

int list(Invocation& invocation) {
    const auto databases = invocation.names();
    Table table;
    for (const auto& name : databases) {
        append(table, interchange::view_table(list_views(invocation.federation().get(name))),
               databases.size() > 1 ? &name : nullptr);
    }
    print(invocation.out, invocation.format(), table);
    return 0;
}

int drop(Invocation& invocation, const std::string& name) {
    auto& database = invocation.database_knowing("view", name, [&](Database& one) {
        const auto views = list_views(one);
        return std::ranges::find(views, name, &ViewInfo::name) != views.end();
    });
    drop_view(database, name);
    invocation.out << name << " is dropped\n";
    return 0;
}

struct StandardOptions {
    std::vector<std::string> names;
    bool all = false;
    bool drop = false;
};

int standard(Invocation& invocation, const StandardOptions& options) {
    if (options.all == !options.names.empty()) {
        throw Error(ErrorCode::Usage, {"view standard needs either references or --all", "", "", "",
                                       "'etalon names' lists the references"});
    }
    auto& database = options.all ? invocation.only_database() : invocation.database_of_reference(options.names.front());
    const auto commit = set_standard_views(database, {options.names, !options.drop});
    if (commit == 0) {
        invocation.out << "nothing to change\n";
    } else {
        invocation.out << "commit " << std::to_string(commit) << "\n";
    }
    return 0;
}

}  // namespace

void add_view_commands(CLI::App& app, Invocation& invocation, Action& action) {
    auto* group = app.add_subcommand("view", "SQL views of references, for sqlite3, psql and plotting programs");
    group->require_subcommand(1);
    {
        auto* command = group->add_subcommand("create", "Make a view of what a reference answers, at a time or at all");
        auto options = std::make_shared<CreateOptions>();
        command->add_option("NAME", options->name, "Name of the view")->required()->check(not_empty());
        command->add_option("REF", options->reference, "Named reference")->required()->check(not_empty());
        command->add_option("--at", options->at, "Time or run (default: all, with their intervals)")->type_name("T");
        command->add_option("--version", options->version, "Version chain (default: default)")
            ->type_name("CHAIN")
            ->check(not_empty());
        command
            ->add_option("--as-of", options->as_of,
                         "What was known then, for ever: a commit number, a time, or the name of a snapshot (default: "
                         "the view follows new commits)")
            ->type_name("WHEN")
            ->check(not_empty());
        command->footer("Example:\n  etalon -d sqlite:calib.db view create gains_summer gains --as-of summer24");
        command->callback([&action, options] { action = [options](Invocation& s) { return create(s, *options); }; });
    }
    {
        auto* command = group->add_subcommand("list", "Views that are there: the standard ones, and those made here");
        add_format(*command, invocation);
        command->footer("Example:\n  etalon -d sqlite:calib.db view list");
        command->callback([&action] { action = list; });
    }
    {
        auto* command = group->add_subcommand("drop", "Drop a view that 'view create' made");
        auto name = std::make_shared<std::string>();
        command->add_option("NAME", *name, "Name of the view")->required()->check(not_empty());
        command->footer("Example:\n  etalon -d sqlite:calib.db view drop gains_summer");
        command->callback([&action, name] { action = [name](Invocation& s) { return drop(s, *name); }; });
    }
    {
        auto* command = group->add_subcommand(
            "standard",
            "Make (or drop) REF_view, what is valid, and REF_records, all records. PostgreSQL has them of "
            "every reference, an SQLite file of its first 32: it gets slower to open with each");
        auto options = std::make_shared<StandardOptions>();
        command->add_option("REF", options->names, "Named references")->check(not_empty());
        command->add_flag("--all", options->all, "Of all references that are stored as columns");
        command->add_flag("--drop", options->drop, "Drop them");
        command->footer(
            "Examples:\n  etalon -d sqlite:calib.db view standard tpcGain tpcPedestal\n"
            "  etalon -d sqlite:calib.db view standard --all --drop");
        command->callback([&action, options] { action = [options](Invocation& s) { return standard(s, *options); }; });
    }
}

}  // namespace etalon::cli
