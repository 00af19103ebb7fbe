/// etalon snapshot: named snapshots, open and frozen.

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/invocation.h"
#include "interchange/definitions.h"

namespace etalon::cli {
namespace {

struct SnapshotOptions {
    std::string name;
    AsOfTexts as_of;
    std::string reason;
    std::string comment;
};

std::vector<AsOfPattern> entries_of(const SnapshotOptions& options) {
    std::optional<AsOf> all;
    std::vector<AsOfPattern> entries;
    options.as_of.read(all, entries);
    if (all) entries.insert(entries.begin(), {"*", *all});
    return entries;
}

/// Runs a change in every database that is given, one commit in each, when `check` passes in all of them.
template <class Check, class Change>
int change_all(Invocation& invocation, const std::vector<AsOfPattern>& entries, const Check& check,
               const Change& change) {
    const auto names = invocation.names();
    for (const auto& entry : entries) {
        if (names.size() < 2 || !std::holds_alternative<std::int64_t>(entry.as_of)) continue;
        throw Error(ErrorCode::Usage,
                    {"a commit number belongs to one database", "--as-of of several databases", "a date",
                     std::to_string(std::get<std::int64_t>(entry.as_of)), "choose one database with -d"});
    }
    for (const auto& name : names) check(invocation.federation().get(name));
    for (const auto& name : names) {
        const auto commit = change(invocation.federation().get(name));
        invocation.out << (names.size() > 1 ? name + ": " : std::string()) << "commit " << std::to_string(commit)
                       << "\n";
    }
    return 0;
}

CommitInfo info_of(const SnapshotOptions& options) {
    CommitInfo info;
    info.reason = options.reason;
    return info;
}

bool exists(Database& database, const std::string& name) {
    for (const auto& known : database.snapshots()) {
        if (known.name == name) return true;
    }
    return false;
}

int create(Invocation& invocation, const SnapshotOptions& options) {
    const auto entries = entries_of(options);
    return change_all(
        invocation, entries,
        [&](Database& database) {
            if (!exists(database, options.name)) return;
            throw Error(ErrorCode::Refused,
                        {"the snapshot exists already", options.name + " of database " + database.name(), "a new name",
                         "", "change an open one with 'etalon snapshot set'"});
        },
        [&](Database& database) {
            return database.set_snapshot(options.name, entries, info_of(options), options.comment);
        });
}

void check_exists(Database& database, const SnapshotOptions& options) {
    if (exists(database, options.name)) return;
    throw Error(ErrorCode::Unknown, {"unknown snapshot", "database " + database.name(), "a recorded snapshot",
                                     options.name, "make it with 'etalon snapshot create'"});
}

int set(Invocation& invocation, const SnapshotOptions& options) {
    const auto entries = entries_of(options);
    return change_all(
        invocation, entries, [&](Database& database) { check_exists(database, options); },
        [&](Database& database) { return database.set_snapshot(options.name, entries, info_of(options)); });
}

int freeze(Invocation& invocation, const SnapshotOptions& options) {
    return change_all(
        invocation, {}, [&](Database& database) { check_exists(database, options); },
        [&](Database& database) { return database.freeze_snapshot(options.name, info_of(options)); });
}

int list(Invocation& invocation) {
    Table table;
    for (const auto& name : invocation.names()) {
        append(table, interchange::snapshot_table(invocation.federation().get(name).snapshots(), name));
    }
    print(invocation.out, invocation.format(), table);
    return 0;
}

int show(Invocation& invocation, const SnapshotOptions& options) {
    Table table;
    bool found = false;
    for (const auto& name : invocation.names()) {
        for (const auto& snapshot : invocation.federation().get(name).snapshots()) {
            if (snapshot.name != options.name) continue;
            found = true;
            append(table, interchange::snapshot_entry_table(snapshot, name));
        }
    }
    if (!found) {
        throw Error(ErrorCode::Unknown,
                    {"unknown snapshot", "", "a recorded snapshot", options.name, "see 'etalon snapshot list'"});
    }
    print(invocation.out, invocation.format(), table);
    return 0;
}

}  // namespace

void add_snapshot_commands(CLI::App& app, Invocation& invocation, Action& action) {
    auto* group =
        app.add_subcommand("snapshot", "Named snapshots: what was known, per pattern of names; open, then frozen");
    group->require_subcommand(1);
    const auto add = [&](const char* name, const char* description, const char* example, bool changes,
                         int (*work)(Invocation&, const SnapshotOptions&)) {
        auto* command = group->add_subcommand(name, description);
        auto options = std::make_shared<SnapshotOptions>();
        command->add_option("NAME", options->name, "Name of the snapshot: a letter, then letters, digits, _ - .")
            ->required();
        if (changes) {
            add_as_of(*command, options->as_of);
        }
        command->footer(std::string("Example:\n  ") + example);
        command->callback(
            [&action, options, work] { action = [options, work](Invocation& s) { return work(s, *options); }; });
        return std::pair(command, options);
    };
    {
        auto [command, options] = add(
            "create", "Make a snapshot: what is known now, or was at --as-of",
            "etalon -d sqlite:calib.db snapshot create summer24 --as-of 2024-07-01 --as-of 'tpc*=17'", true, create);
        command->add_option("--reason", options->reason, "Why, for the log")->type_name("TEXT");
        command->add_option("--comment", options->comment, "What it is for")->type_name("TEXT");
    }
    {
        auto [command, options] = add("set", "Change what an open snapshot says of some names",
                                      "etalon -d sqlite:calib.db snapshot set summer24 --as-of 'tpcGas=21'", true, set);
        command->add_option("--reason", options->reason, "Why, for the log")->type_name("TEXT");
    }
    {
        auto [command, options] = add("freeze", "Freeze a snapshot for ever",
                                      "etalon -d sqlite:calib.db snapshot freeze summer24", false, freeze);
        command->add_option("--reason", options->reason, "Why, for the log")->type_name("TEXT");
    }
    {
        auto [command, options] = add("show", "What a snapshot says, pattern by pattern",
                                      "etalon -d sqlite:calib.db snapshot show summer24", false, show);
        add_format(*command, invocation);
    }
    add_snapshot_diff(*group, invocation, action);
    auto* listing = group->add_subcommand("list", "All snapshots");
    add_format(*listing, invocation);
    listing->footer("Example:\n  etalon -d sqlite:calib.db snapshot list");
    listing->callback([&action] { action = [](Invocation& s) { return list(s); }; });
}

}  // namespace etalon::cli
