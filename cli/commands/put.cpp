/// etalon put: rows of one file, committed.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
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
    std::string comment;
    std::optional<std::string> at_run;
    std::string run_map = "default";
    bool hole = false;
    bool lenient = false;
    bool dry_run = false;
};

/// The begin of a run of the run map, for a reference that is valid by time.
std::int64_t begin_of_run(Invocation& invocation, Database& database, const NameInfo& name, const PutOptions& options) {
    if (name.axis == Axis::Run) {
        throw Error(ErrorCode::WrongAxis, {"a reference that is valid by run needs no run map", name.name,
                                           "--begin " + *options.at_run, "--at-run", ""});
    }
    NameInfo map;
    map.name = "run map " + options.run_map;
    map.axis = Axis::Run;
    const Run run{read_position(map, "--at-run", *options.at_run).value};
    FetchOptions of_map;
    of_map.version = "default";
    auto& maps = invocation.database_of_run_map(database, options.run_map);
    const auto found = maps.find_run_times(run, of_map, options.run_map);
    if (found) return found->begin.ns;
    throw Error(ErrorCode::Unknown,
                {"no such run in the run map", "run map " + options.run_map, "", "run " + *options.at_run,
                 "add it with: etalon runs add --run " + *options.at_run + " --begin T"});
}

PutRecord read_record(Invocation& invocation, const PutOptions& options, Database& database, const NameInfo& name) {
    PutRecord record;
    record.name = options.name;
    record.element = options.element;
    record.begin = options.at_run ? begin_of_run(invocation, database, name, options)
                                  : read_position(name, "--begin", options.begin).value;
    if (options.end) record.end = read_position(name, "--end", *options.end).value;
    if (record.end && *record.end <= record.begin) {
        throw Error(
            ErrorCode::BadInput,
            {*record.end == record.begin ? "begin and end are equal" : "begin is after end",
             (options.at_run ? "--at-run and --end of " : "--begin and --end of ") + options.name, "begin before end",
             interval_text(name.axis, record.begin, record.end), "an interval is half-open, [begin, end)"});
    }
    if (options.created) record.created = parse_time(*options.created);
    if (options.hole) return record;
    interchange::Layouts layouts(database);
    const interchange::LoadHow how{options.lenient, {options.comment}};
    auto rows = options.schema != 0
                    ? interchange::load_rows(options.file, {database.get_definition(name.struct_name, options.schema)},
                                             &std::cin, how)
                    : interchange::load_rows(options.file, layouts.of(name.struct_name), &std::cin, how);
    note_nameless(rows.num_nameless);
    if (rows.num_rows == 0) print_note(options.file + " has no rows: that is a deliberate hole");
    std::move(rows).move_to(record);
    return record;
}

/// The database that has the reference, else the one that has a struct of its name: its reference is made.
Database& choose_database(Invocation& invocation, const std::string& name) {
    const auto given = invocation.names();
    const auto any = [&](const auto& knows) {
        return std::ranges::any_of(given, [&](const auto& one) { return knows(invocation.federation().get(one)); });
    };
    if (!any([&](Database& one) { return one.find_name(name).has_value(); }) &&
        any([&](Database& one) { return has_struct(one, name); })) {
        return invocation.database_of_struct(name);
    }
    return invocation.database_of_reference(name);
}

/// The values of a struct that was renamed go on where they are, in the reference of its old name.
void check_renamed(Database& database, const StructInfo& of_struct, const std::string& name) {
    if (of_struct.former_names.empty()) return;
    std::vector<std::string> references;
    for (const auto& one : database.names()) {
        if (one.struct_name == of_struct.name) references.push_back(one.name);
    }
    if (references.empty()) return;
    throw Error(ErrorCode::Unknown, {"no named reference " + name, "database " + database.name(),
                                     "a reference of struct " + of_struct.name +
                                         ", which was renamed: " + fmt::format("{}", fmt::join(references, ", ")),
                                     name,
                                     fmt::format("put {}, or make another one with: etalon name {} {}",
                                                 references.front(), name, of_struct.name)});
}

int put(Invocation& invocation, const PutOptions& options) {
    if (options.hole != options.file.empty()) {
        throw Error(ErrorCode::Usage,
                    {options.hole ? "--hole takes no FILE" : "put needs a FILE with rows", "put " + options.name,
                     options.hole ? "no FILE" : "a CSV or JSON file, or - for standard input", options.file,
                     options.hole ? "" : "a deliberate hole is written with --hole"});
    }
    if (options.begin.empty() != options.at_run.has_value()) {
        throw Error(ErrorCode::Usage, {"put needs where the value begins", "put " + options.name,
                                       "one of --begin and --at-run", options.at_run ? "both" : "neither", ""});
    }
    auto& database = choose_database(invocation, options.name);
    std::vector<NameSpec> made;
    NameInfo name;
    if (const auto of_struct = find_struct(database, options.name); of_struct && !database.find_name(options.name)) {
        check_renamed(database, *of_struct, options.name);
        // A struct that helps others has no reference until somebody needs it.
        made.push_back({options.name, options.name, {}, {}, {}});
        name.name = name.struct_name = options.name;
    } else {
        name = get_name(database, options.name);
    }
    const auto record = read_record(invocation, options, database, name);
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
        print_effects(invocation, {{database.name(), &database, database.preview(records, made)}}, false);
        return 0;
    }
    CommitInfo info;
    info.reason = options.reason;
    CommitResult result;
    {
        ProgressBar bar("writing " + options.name);
        result = database.commit(records, info, made, bar.callback());
    }
    if (!made.empty()) print_note("named reference " + options.name + " was made");
    invocation.out << "commit " << std::to_string(result.commit) << "\n";
    return 0;
}

}  // namespace

namespace {

struct TemplateOptions {
    std::string name;
    std::int64_t schema = 0;
};

/// An empty file for `put`: the columns of a reference.
int print_template(Invocation& invocation, const TemplateOptions& options) {
    auto& database = invocation.database_of_reference(options.name);
    const auto name = get_name(database, options.name);
    invocation.out << text::csv_header(*database.get_definition(name.struct_name, options.schema)) << "\n";
    return 0;
}

void add_template_command(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand("template", "Print an empty CSV file with all columns of a reference");
    auto options = std::make_shared<TemplateOptions>();
    command->add_option("REF", options->name, "Named reference")->required();
    add_integer(*command, "--schema", options->schema, "Columns of that schema version (default: the current one)", 1)
        ->type_name("N");
    command->footer(
        "Example:\n  etalon -d sqlite:calib.db template tpcGain > gain.csv\n"
        "(fill in a line for each row, and: etalon -d sqlite:calib.db put tpcGain --begin 2024-01-01 gain.csv)");
    command->callback(
        [&action, options] { action = [options](Invocation& s) { return print_template(s, *options); }; });
}

}  // namespace

void add_put_command(CLI::App& app, Invocation& invocation, Action& action) {
    auto* command = app.add_subcommand("put", "Commit rows of a file, valid from a time on");
    auto options = std::make_shared<PutOptions>();
    command->add_option("REF", options->name, "Named reference")->required();
    command->add_option("FILE", options->file, "CSV or JSON; - is standard input; a file without rows is a hole");
    command
        ->add_option("--begin", options->begin,
                     "Begin of validity: ISO time UTC, @nanoseconds, now, -inf; a run number on a run axis")
        ->type_name("T");
    command
        ->add_option("--at-run", options->at_run, "Instead of --begin, of a reference by time: the begin of that run")
        ->type_name("N");
    command->add_option("--run-map", options->run_map, "Run map of --at-run (default: default)")->type_name("MAP");
    add_comment(*command, options->comment);
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
    add_template_command(app, action);
}

}  // namespace etalon::cli
