/// etalon put: rows of one file, committed.

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <set>

#include "cli/invocation.h"
#include "cli/render/effects.h"
#include "cli/render/progress.h"
#include "interchange/row_files.h"

namespace etalon::cli {
namespace {

struct PutOptions {
    std::string name;
    std::string begin;
    std::optional<std::string> end;
    std::vector<std::string> versions;
    std::int64_t element = 0;
    std::optional<std::string> created;
    std::int64_t schema = 0;
    std::string reason;
    std::string file;
    bool hole = false;
    bool lenient = false;
    bool dry_run = false;
};

PutRecord read_record(const PutOptions& options, Database& database, const NameInfo& name) {
    PutRecord record;
    record.name = options.name;
    record.element = options.element;
    record.begin = read_position(name, "--begin", options.begin).value;
    if (options.end) record.end = read_position(name, "--end", *options.end).value;
    if (record.end && *record.end <= record.begin) {
        throw Error(ErrorCode::BadInput,
                    {*record.end == record.begin ? "begin and end are equal" : "begin is after end",
                     "--begin and --end of " + options.name, "begin before end",
                     interval_text(name.axis, record.begin, record.end), "an interval is half-open, [begin, end)"});
    }
    if (options.created) record.created = parse_time(*options.created);
    if (options.hole) return record;
    interchange::Layouts layouts(database);
    const interchange::LoadHow how{options.lenient};
    auto rows = options.schema != 0
                    ? interchange::load_rows(options.file, {database.get_definition(name.struct_name, options.schema)},
                                             nullptr, how)
                    : interchange::load_rows(options.file, layouts.of(name.struct_name), &std::cin, how);
    note_nameless(rows.num_nameless);
    std::move(rows).move_to(record);
    return record;
}

int put(Invocation& invocation, const PutOptions& options) {
    if (options.hole != options.file.empty()) {
        throw Error(ErrorCode::Usage,
                    {options.hole ? "--hole takes no FILE" : "put needs a FILE with rows", "put " + options.name,
                     options.hole ? "no FILE" : "a CSV or JSON file, or - for standard input", options.file,
                     options.hole ? "" : "a deliberate hole is written with --hole"});
    }
    auto& database = invocation.database_of_reference(options.name);
    const auto name = get_name(database, options.name);
    const auto record = read_record(options, database, name);
    std::vector<PutRecord> records;
    std::set<std::string> seen;
    for (const auto& version : options.versions.empty() ? std::vector<std::string>{"default"} : options.versions) {
        if (!seen.insert(version).second) {
            throw Error(ErrorCode::Usage,
                        {"a version is given twice", "--version " + version, "each version once", "", ""});
        }
        records.push_back(record);
        records.back().version = version;
    }
    if (options.dry_run) {
        print_effects(invocation, {{database.name(), &database, database.preview(records)}}, false);
        return 0;
    }
    CommitInfo info;
    info.reason = options.reason;
    CommitResult result;
    {
        ProgressBar bar("writing " + options.name);
        result = database.commit(records, info, {}, bar.callback());
    }
    invocation.out << "commit " << std::to_string(result.commit) << "\n";
    return 0;
}

}  // namespace

void add_put_command(CLI::App& app, Invocation& invocation, Action& action) {
    auto* command = app.add_subcommand("put", "Commit rows of a file, valid from a time on");
    auto options = std::make_shared<PutOptions>();
    command->add_option("REF", options->name, "Named reference")->required();
    command->add_option("FILE", options->file, "CSV or JSON; - is standard input; a file without rows is a hole");
    command
        ->add_option("--begin", options->begin,
                     "Begin of validity: ISO time UTC, @nanoseconds, -inf; a run number on a run axis")
        ->required()
        ->type_name("T");
    command->add_option("--end", options->end, "End of validity, exclusive; without it, until superseded")
        ->type_name("T");
    command->add_option("--version", options->versions, "Version to put under (default: default); repeatable")
        ->allow_extra_args(false)
        ->type_name("V");
    add_integer(*command, "--element", options->element, "Element: sector, module, channel (default: 0)")
        ->type_name("E");
    command->add_option("--created", options->created, "creationTime (default: the time of the commit)")
        ->type_name("T");
    add_integer(*command, "--schema", options->schema, "Layout of the file (default: the one that has its columns)", 1)
        ->type_name("N");
    command->add_option("--reason", options->reason, "Why, for the log")->type_name("TEXT");
    command->add_flag("--hole", options->hole, "Say deliberately that there is no value; takes no FILE");
    command->add_flag("--lenient", options->lenient, "Let in numbers that no enumerator has, and count them");
    command->add_flag("--dry-run", options->dry_run, "Check, and show which intervals would change; write nothing");
    add_format(*command, invocation);
    command->footer(
        "Example:\n  etalon -d sqlite:calib.db put tpcElectronics --begin 2019-06-09T13:20:47Z --reason \"new gains\" "
        "gains.csv");
    command->callback([&action, options] { action = [options](Invocation& s) { return put(s, *options); }; });
}

}  // namespace etalon::cli
