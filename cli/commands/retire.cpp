/// etalon retire: interval records that do not count from a commit on.

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/input/record_options.h"
#include "cli/invocation.h"
#include "cli/render/effects.h"
#include "interchange/history.h"

namespace etalon::cli {
namespace {

struct RetireOptions {
    std::string name;
    RecordOptions which;
    std::vector<std::string> uids;
    std::string reason;
    bool all = false;
    bool dry_run = false;
};

int retire(Invocation& invocation, const RetireOptions& options) {
    if (!options.dry_run && options.reason.empty()) {
        throw Error(ErrorCode::Usage, {"retiring needs a reason", "retire " + options.name, "why, for the log", "none",
                                       "--reason TEXT; --dry-run shows what would be retired"});
    }
    auto& database = invocation.database_with_records_of(options.name);
    const auto name = get_name(database, options.name);
    auto which = options.which.read(name);
    which.uids = options.uids;
    CommitInfo info;
    info.reason = options.reason;
    auto report = database.retire(options.name, which, info, options.all, options.dry_run);
    for (auto& record : report.records) {
        if (report.commit != 0) record.retired = report.commit;
    }
    const auto table = interchange::history_table(name.axis, report.records, database.layers().size() > 1);
    if (invocation.format() != Format::Table) {
        print(invocation.out, invocation.format(), table);
        return report.records.empty() ? 1 : 0;
    }
    if (report.records.empty()) {
        invocation.out << "nothing to retire: no record that is not retired already is like that\n";
        return 1;
    }
    invocation.out << (options.dry_run ? "dry run: would retire " : "retired ")
                   << counted(report.records.size(), "record") << "\n";
    print(invocation.out, Format::Table, table);
    if (options.dry_run) {
        print_effects(invocation, {{database.name(), &database, std::move(report.effects)}}, false);
        return 0;
    }
    invocation.out << "commit " << std::to_string(report.commit) << "\n";
    return 0;
}

}  // namespace

void add_retire_command(CLI::App& app, Invocation& invocation, Action& action) {
    auto* command =
        app.add_subcommand("retire", "Let records count no more, from a commit on; earlier snapshots keep them");
    auto options = std::make_shared<RetireOptions>();
    command->add_option("REF", options->name, "Named reference")->required();
    command->add_option("--uid", options->uids, "The record with this uid, see 'etalon history' (may be repeated)")
        ->allow_extra_args(false)
        ->type_name("UID")
        ->check(not_empty());
    add_record_options(*command, options->which);
    command->add_option("--reason", options->reason, "Why, for the log (needed)")->type_name("TEXT");
    command->add_flag("--all", options->all,
                      "All records that match; without it only one is retired, or those of --uid");
    command->add_flag("--dry-run", options->dry_run,
                      "Show what would be retired and which intervals would change; write nothing");
    add_format(*command, invocation);
    command->footer(
        "Everything that is given must hold. Exit status: 0 done; 1 nothing matched.\n"
        "Example:\n  etalon -d sqlite:calib.db retire tpcElectronics --relation within --from 2019-01-01 --to "
        "2019-02-01 "
        "--all --dry-run");
    command->callback([&action, options] { action = [options](Invocation& s) { return retire(s, *options); }; });
}

}  // namespace etalon::cli
