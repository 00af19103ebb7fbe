/// etalon params: parameter sets of algorithms.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>

#include "cli/invocation.h"
#include "interchange/parameters.h"
#include "params/difference.h"
#include "params/input.h"
#include "place/own_structs.h"

namespace etalon::cli {
namespace {

constexpr const char* kDefaultSet = "default";

/// The database that has a parameter set; of several that have it, the only one with records.
Database& database_of_set(Invocation& invocation, const std::string& software, const std::string& set) {
    const auto given = invocation.names();
    if (given.size() == 1) return invocation.federation().get(given.front());
    return invocation.database_with_records_of(place::parameters_reference(software, set));
}

// --- put -------------------------------------------------------------------------------------------------------------

struct PutParams {
    std::string software;
    std::string set = kDefaultSet;
    std::vector<std::string> sources;
    std::string begin;
    std::optional<std::string> end;
    std::vector<std::string> versions;
    std::int64_t element = 0;
    std::optional<std::string> created;
    std::string axis;
    std::string reason;
    bool hole = false;
};

ParameterSet read_sources(const std::vector<std::string>& sources) {
    ParameterSet set;
    const auto add = [&](const std::string& name, const ParameterValue& value, const std::string& where) {
        if (set.contains(name)) {
            throw Error(ErrorCode::BadInput, {"a parameter is given twice", where, "once", "'" + name + "' again", ""});
        }
        set.set(name, value);
    };
    for (const auto& source : sources) {
        if (source.find('=') != std::string::npos) {
            const auto [name, value] = params::read_assignment(source);
            add(name, value, source);
            continue;
        }
        const auto text = read_file(source, "a JSON file of parameters, or NAME=VALUE");
        for (const auto& [name, value] : params::read_json(text, source == "-" ? "standard input" : source)) {
            add(name, value, source);
        }
    }
    return set;
}

/// The axis of a set: that of its reference when it is there, else --axis, else time.
NameInfo axis_of(Database& database, const PutParams& options) {
    const auto reference = place::parameters_reference(options.software, options.set);
    if (auto known = database.find_name(reference)) {
        if (!options.axis.empty() && options.axis != name_of(known->axis)) {
            throw Error(ErrorCode::WrongAxis, {"the axis of a parameter set is fixed", reference,
                                               std::string(name_of(known->axis)), options.axis, ""});
        }
        return *std::move(known);
    }
    NameInfo fresh;
    fresh.name = reference;
    fresh.axis = options.axis == "run" ? Axis::Run : Axis::Time;
    return fresh;
}

int put(Invocation& invocation, const PutParams& options) {
    if (options.hole && !options.sources.empty()) {
        throw Error(ErrorCode::Usage, {"--hole takes no parameters", "params put " + options.software,
                                       "no FILE, no NAME=VALUE", options.sources.front(), ""});
    }
    if (!options.hole && options.sources.empty()) {
        throw Error(ErrorCode::Usage, {"params put needs parameters", "params put " + options.software,
                                       "a JSON file, - for standard input, or NAME=VALUE", "none",
                                       "a deliberate hole is written with --hole"});
    }
    ParameterPut put;
    put.software = options.software;
    put.set = options.set;
    put.element = options.element;
    if (!options.hole) put.values = read_sources(options.sources);
    const auto given = invocation.names();
    auto& database = given.size() == 1
                         ? invocation.only_database()
                         : invocation.database_of_reference(place::parameters_reference(options.software, options.set));
    const auto name = axis_of(database, options);
    put.interval.axis = name.axis;
    put.interval.begin = read_position(name, "--begin", options.begin).value;
    if (options.end) put.interval.end = read_position(name, "--end", *options.end).value;
    if (options.created) put.created = parse_time(*options.created);
    std::vector<ParameterPut> puts;
    for (const auto& version : options.versions.empty() ? std::vector<std::string>{"default"} : options.versions) {
        puts.push_back(put);
        puts.back().version = version;
    }
    CommitInfo info;
    info.reason = options.reason;
    invocation.out << "commit " << std::to_string(database.put_parameters(puts, info).commit) << "\n";
    return 0;
}

// --- get -------------------------------------------------------------------------------------------------------------

/// What chooses a set that is valid somewhere.
struct Choice {
    std::string software;
    std::string set = kDefaultSet;
    std::string at;
    std::string version;
    std::optional<std::string> as_of;
    std::int64_t element = 0;
};

ParameterAnswer fetch(Invocation& invocation, const Choice& choice) {
    auto& database = database_of_set(invocation, choice.software, choice.set);
    FetchOptions options;
    options.version = choice.version;
    options.elements = {choice.element};
    if (choice.as_of) options.as_of = parse_as_of(*choice.as_of);
    const auto known = database.find_name(place::parameters_reference(choice.software, choice.set));
    const auto at = known ? read_position(*known, "--at", choice.at) : read_position("--at", choice.at);
    return database.fetch_parameters(choice.software, choice.set, at, options);
}

std::string validity_text(const ParameterAnswer& answer) {
    return interval_text(answer.validity.axis, answer.validity.begin, answer.validity.end);
}

int get(Invocation& invocation, const Choice& choice) {
    const auto answer = fetch(invocation, choice);
    if (invocation.format() == Format::Json) {
        invocation.out << interchange::to_json(answer) << "\n";
    } else if (invocation.format() == Format::Csv) {
        if (answer.status != Status::Gap) print(invocation.out, Format::Csv, interchange::value_table(answer.values));
        if (!answer) {
            print_note(answer.software + "/" + answer.set + " at " + choice.at + ": " +
                       std::string(name_of(answer.status)) + ", " + validity_text(answer));
        }
    } else {
        invocation.out << answer.software << "/" << answer.set << "\n" << name_of(answer.status);
        if (answer) invocation.out << ": " << counted(answer.values.size(), "parameter");
        invocation.out << ", valid " << validity_text(answer) << "\n";
        if (const auto& record = answer.provenance) {
            invocation.out << "version " << record->version << ", element " << std::to_string(record->element)
                           << ", commit " << std::to_string(record->commit) << " of " << format_time(record->entry_time)
                           << ", uid " << record->uid << "\n";
        }
        if (!answer.values.empty()) {
            invocation.out << "\n";
            print(invocation.out, Format::Table, interchange::value_table(answer.values));
        }
    }
    return answer ? 0 : 1;
}

// --- list ------------------------------------------------------------------------------------------------------------

int list(Invocation& invocation, const std::string& software) {
    const auto databases = invocation.names();
    Table table;
    for (const auto& name : databases) {
        append(table, interchange::parameter_set_table(invocation.federation().get(name).parameter_sets(software)),
               databases.size() > 1 ? &name : nullptr);
    }
    print(invocation.out, invocation.format(), table);
    return 0;
}

// --- diff ------------------------------------------------------------------------------------------------------------

/// Options of two sides: given once they count for both.
struct DiffOptions {
    std::string software;
    std::vector<std::string> sets;
    std::vector<std::string> at;
    std::vector<std::string> versions;
    std::vector<std::string> as_of;
};

/// The value of one side (0, 1), or nothing when the option is not given.
std::optional<std::string> side(const std::vector<std::string>& values, std::size_t index, const char* option) {
    if (values.size() > 2) {
        throw Error(ErrorCode::Usage, {"params diff has two sides", option, "once for both, or twice",
                                       std::to_string(values.size()) + " times", ""});
    }
    if (values.empty()) return std::nullopt;
    return values[std::min(index, values.size() - 1)];
}

std::string side_text(const ParameterAnswer& answer) {
    std::string text = answer.software + "/" + answer.set + ": " + std::string(name_of(answer.status)) + ", valid " +
                       validity_text(answer);
    if (answer.provenance) {
        text += ", version " + answer.provenance->version + ", commit " + std::to_string(answer.provenance->commit);
    }
    return text;
}

int diff(Invocation& invocation, const DiffOptions& options) {
    if (options.sets.size() < 2 && options.at.size() < 2 && options.versions.size() < 2 && options.as_of.size() < 2) {
        throw Error(ErrorCode::Usage, {"params diff compares a set with itself", "params diff " + options.software,
                                       "--at, --version, --as-of or --set given twice", "each at most once", ""});
    }
    std::vector<ParameterAnswer> answers;
    for (std::size_t i = 0; i < 2; ++i) {
        Choice choice;
        choice.software = options.software;
        choice.set = side(options.sets, i, "--set").value_or(kDefaultSet);
        choice.at = side(options.at, i, "--at").value_or("");
        choice.version = side(options.versions, i, "--version").value_or("");
        choice.as_of = side(options.as_of, i, "--as-of");
        answers.push_back(fetch(invocation, choice));
    }
    const auto& before = answers[0];
    const auto& after = answers[1];
    const auto found = params::differences(before.values, after.values);
    const auto table = interchange::difference_table(found);
    const bool same = found.empty() && before.status == Status::Found && after.status == Status::Found;
    if (invocation.format() == Format::Table) {
        invocation.out << "before: " << side_text(before) << "\nafter:  " << side_text(after) << "\n";
        if (same) invocation.out << "the same " << counted(after.values.size(), "parameter") << "\n";
        if (!found.empty()) print(invocation.out, Format::Table, table);
    } else {
        print(invocation.out, invocation.format(), table);
        for (const auto* answer : {&before, &after}) {
            if (!*answer) print_note(side_text(*answer));
        }
    }
    return same ? 0 : 1;
}

// --- options ---------------------------------------------------------------------------------------------------------

void add_put(CLI::App& params, Action& action) {
    auto* command = params.add_subcommand("put", "Commit a parameter set, valid from a time on");
    auto options = std::make_shared<PutParams>();
    command->add_option("SOFTWARE", options->software, "Whose parameters: letters, digits, _, -, .")->required();
    command
        ->add_option(
            "SOURCE", options->sources,
            "JSON files {\"name\": value, ...} (- is standard input), NAME=VALUE, NAME:TYPE=VALUE with TYPE bool, int, "
            "double, text, bool[], int[], double[] or text[]; all of them together are the set")
        ->type_name("FILE|NAME=VALUE...");
    command->add_option("--set", options->set, "Name of the set (default: default)")->type_name("NAME");
    command->add_option("--begin", options->begin, "Begin of validity: a time, -inf; a run number with --axis run")
        ->required()
        ->type_name("T");
    command->add_option("--end", options->end, "End of validity, exclusive; without it, until superseded")
        ->type_name("T");
    command->add_option("--version", options->versions, "Version or scope to put under (default: default); repeatable")
        ->allow_extra_args(false)
        ->type_name("V");
    add_integer(*command, "--element", options->element, "Element (default: 0)")->type_name("E");
    command->add_option("--created", options->created, "creationTime (default: the time of the commit)")
        ->type_name("T");
    command->add_option("--axis", options->axis, "What intervals of a new set are made of (default: time)")
        ->type_name("time|run")
        ->check(one_of({"time", "run"}));
    command->add_option("--reason", options->reason, "Why, for the log")->type_name("TEXT");
    command->add_flag("--hole", options->hole, "Say deliberately that there is no set");
    command->footer(
        "Examples:\n  etalon -d sqlite:calib.db params put tracker --begin 2024-01-01 minHits=5 maxChi2:double=3 "
        "'layers=[1,2,3]'\n"
        "  etalon -d sqlite:calib.db params put tracker --set cosmics --begin -inf --version site cosmics.json");
    command->callback([&action, options] { action = [options](Invocation& s) { return put(s, *options); }; });
}

void add_get(CLI::App& params, Invocation& invocation, Action& action) {
    auto* command = params.add_subcommand("get", "The parameter set that is valid at a time");
    auto options = std::make_shared<Choice>();
    command->add_option("SOFTWARE", options->software, "Whose parameters")->required();
    command->add_option("--set", options->set, "Name of the set (default: default)")->type_name("NAME");
    command->add_option("--at", options->at, "When: a time; a run number for a set on the run axis")
        ->required()
        ->type_name("T");
    command
        ->add_option("--version", options->version,
                     "Scopes, first one that has the set wins: session,user,group,site (default: default)")
        ->type_name("CHAIN")
        ->check(not_empty());
    add_integer(*command, "--element", options->element, "Element (default: 0)")->type_name("E");
    command->add_option("--as-of", options->as_of, "What was known then: a commit number, or a time")
        ->type_name("WHEN");
    add_format(*command, invocation);
    command->footer(
        "Exit status: 0 found; 1 gap or hole. What --format json prints can be put again.\n"
        "Example:\n  etalon -d sqlite:calib.db params get tracker --at 2024-06-01 --version user,site");
    command->callback([&action, options] { action = [options](Invocation& s) { return get(s, *options); }; });
}

void add_list(CLI::App& params, Invocation& invocation, Action& action) {
    auto* command = params.add_subcommand("list", "The parameter sets that are recorded");
    auto software = std::make_shared<std::string>();
    command->add_option("SOFTWARE", *software, "Those of this software only");
    add_format(*command, invocation);
    command->footer("Example:\n  etalon -d sqlite:calib.db params list");
    command->callback([&action, software] { action = [software](Invocation& s) { return list(s, *software); }; });
}

void add_diff(CLI::App& params, Invocation& invocation, Action& action) {
    auto* command = params.add_subcommand("diff", "What differs between two times, versions, snapshots or sets");
    auto options = std::make_shared<DiffOptions>();
    command->add_option("SOFTWARE", options->software, "Whose parameters")->required();
    const auto add = [&](const char* option, std::vector<std::string>& values, const char* description,
                         const char* type) {
        return command->add_option(option, values, description)->allow_extra_args(false)->type_name(type);
    };
    add("--at", options->at, "When; twice: before and after", "T")->required();
    add("--version", options->versions, "Version chain; twice: before and after", "CHAIN");
    add("--as-of", options->as_of, "What was known then; twice: before and after", "WHEN");
    add("--set", options->sets, "Name of the set; twice: before and after", "NAME");
    add_format(*command, invocation);
    command->footer(
        "Exit status: 0 the same; 1 different, or no set on a side.\n"
        "Example:\n  etalon -d sqlite:calib.db params diff tracker --at 2024-01-01 --at 2024-06-01");
    command->callback([&action, options] { action = [options](Invocation& s) { return diff(s, *options); }; });
}

}  // namespace

void add_params_commands(CLI::App& app, Invocation& invocation, Action& action) {
    auto* params = app.add_subcommand("params", "Parameter sets: the configuration of algorithms");
    params->require_subcommand(1);
    add_put(*params, action);
    add_get(*params, invocation, action);
    add_list(*params, invocation, action);
    add_diff(*params, invocation, action);
    params->footer("Example:\n  etalon -d sqlite:calib.db params get tracker --at 2024-06-01");
}

}  // namespace etalon::cli
