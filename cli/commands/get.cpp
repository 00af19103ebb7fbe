/// etalon get: the rows of a named reference at a time.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>

#include "cli/input/record_options.h"
#include "cli/invocation.h"
#include "cli/render/value_text.h"
#include "interchange/answers.h"

namespace etalon::cli {
namespace {

struct GetOptions {
    std::string name;
    std::vector<std::string> where;
    std::optional<std::string> at;
    std::optional<std::string> at_run;
    std::optional<std::string> at_time;
    std::string run_map = "default";
    std::string version;
    std::optional<std::string> elements;
    AsOfTexts as_of;
    LayerUnit layer_unit = LayerUnit::Element;
    std::int64_t schema = 0;
    bool strict = false;
    bool lenient = false;
    bool enum_names = false;
    std::vector<std::string> columns;
};

/// Where a reference is asked: at a position, or through the run map.
struct Asked {
    std::string text;            ///< as it was given, for people
    std::optional<Position> at;  ///< no value: the run map has no such run, or no run then
    std::optional<RunSpan> run;  ///< the run that the map gave
};

/// What one answer is printed from, for people.
struct Result {
    const GetOptions& options;
    const NameInfo& name;
    const AnswerData& answer;
    const Answer& handle;
    const Asked& asked;
    interchange::AnswerContext context;
    [[nodiscard]] bool several() const { return answer.elements.size() > 1; }
};

/// What of the rows was not stored like this: below the table, where it is seen last.
void print_conversion(Output& out, const Result& result) {
    const auto& answer = result.answer;
    // Elements of one reference may be stored in several schema versions.
    const auto say = [&](std::string_view what, const std::vector<std::string>& all, auto text_of, auto list_of) {
        if (all.empty()) return;
        const bool differ = std::any_of(answer.elements.begin(), answer.elements.end(), [&](const ElementAnswer& one) {
            return one.status == Status::Found && list_of(one) != all;
        });
        if (!differ) {
            out << what << ": " << text_of(all) << "\n";
            return;
        }
        for (const auto& one : answer.elements) {
            const auto& list = list_of(one);
            if (list.empty()) continue;
            out << what << " of element " << std::to_string(one.element) << ": " << text_of(list) << "\n";
        }
    };
    say(
        "absent", answer.absent, [&](const auto& list) { return absent_text(*answer.layout, list); },
        [](const ElementAnswer& one) -> const auto& { return one.absent; });
    say(
        "truncated", answer.truncated, [](const auto& list) { return list_cell(list).text; },
        [](const ElementAnswer& one) -> const auto& { return one.truncated; });
    if (interchange::tells_losses(answer, result.context))
        out << "losses: " << counted(answer.losses, "value") << " changed\n";
}

void print_people(Output& out, const Result& result) {
    const auto& answer = result.answer;
    out << result.name.name << " (struct " << result.name.struct_name;
    if (result.options.schema != 0) {
        out << ", shown in schema " << std::to_string(result.options.schema);
    }
    out << ")\n" << name_of(answer.status);
    if (answer.status == Status::Found || answer.status == Status::Incomplete)
        out << ": " << counted(answer.num_rows, "row");
    if (!result.asked.at) {
        out << ", because the run map has no such run\n";
        return;
    }
    out << ", valid " << interval_text(answer.validity.axis, answer.validity.begin, answer.validity.end) << "\n";
    if (const auto& run = result.asked.run) {
        out << "asked at run " << format_position(run->run) << ", which began " << format_time(run->begin) << "\n";
    }
    if (result.several()) {
        constexpr std::size_t kMostRecords = 40;
        print_table(out, interchange::element_table(answer, result.context, false), kMostRecords);
    } else if (const auto& record = answer.elements.front().provenance) {
        out << "version " << record->version << ", element " << std::to_string(record->element);
        if (record->schema != 0) out << ", stored in schema " << std::to_string(record->schema);
        if (record->commit != 0) {
            out << ", commit " << std::to_string(record->commit) << " of " << format_time(record->entry_time);
        }
        out << ", uid " << record->uid << (result.context.layered ? ", from " + record->layer : "") << "\n";
    }
    if (const auto missing = result.handle.missing(); !missing.empty()) {
        out << "nothing valid for element " << format_elements(missing) << "\n";
    }
    if (const auto holes = result.handle.holes(); !holes.empty()) {
        out << "deliberate hole for element " << format_elements(holes) << "\n";
    }
    if (answer.num_rows == 0 || !answer.layout) return;
    out << "\n";
    std::vector<std::int64_t> element_of_row;
    if (result.several()) {
        constexpr std::size_t kMostRowsShown = 1'000'000;  // more than any table shows
        for (const auto& element : answer.elements) {
            const auto shown = std::min(element.num_rows, kMostRowsShown - element_of_row.size());
            element_of_row.insert(element_of_row.end(), shown, element.element);
        }
    }
    print_rows(out, *answer.layout, answer.data.get(), answer.num_rows, element_of_row);
    print_conversion(out, result);
}

/// Where a reference is asked; errors of the wrong axis name the option that was meant.
Asked find_position(Invocation& invocation, Database& database, const NameInfo& name, const GetOptions& options,
                    const FetchOptions& fetch) {
    if (options.at) {
        const auto advice = name.axis == Axis::Time ? "--at-run " + *options.at + " asks at the begin of that run"
                                                    : "--at-time " + *options.at + " asks for the run at that time";
        return {*options.at, read_position(name, "--at", *options.at, advice), std::nullopt};
    }
    const bool by_run = options.at_run.has_value();
    if (name.axis == (by_run ? Axis::Run : Axis::Time)) {
        throw Error(ErrorCode::WrongAxis, {by_run ? "a reference that is valid by run needs no run map"
                                                  : "a reference that is valid by time needs no run map",
                                           name.name, by_run ? "--at " + *options.at_run : "--at " + *options.at_time,
                                           by_run ? "--at-run" : "--at-time", ""});
    }
    FetchOptions of_map;
    of_map.as_of = fetch.as_of;
    of_map.as_of_patterns = fetch.as_of_patterns;
    of_map.version = "default";  // the chain of the request is one of values
    auto& maps = invocation.database_of_run_map(database, options.run_map);
    NameInfo map;
    map.name = "run map " + options.run_map;
    map.axis = by_run ? Axis::Run : Axis::Time;
    const auto where =
        by_run ? read_position(map, "--at-run", *options.at_run) : read_position(map, "--at-time", *options.at_time);
    const auto found = by_run ? maps.fetch_run(Run{where.value}, of_map, options.run_map)
                              : maps.fetch_run_at(Time{where.value}, of_map, options.run_map);
    Asked asked{by_run ? "run " + *options.at_run : *options.at_time, std::nullopt, found.span};
    if (found.span) asked.at = by_run ? Position(found.span->begin) : Position(found.span->run);
    return asked;
}

/// The answer where the run map has no run: nothing is valid.
Answer no_run_answer(const NameInfo& name, const FetchOptions& fetch) {
    auto data = std::make_shared<AnswerData>();
    data->name = name.name;
    data->struct_name = name.struct_name;
    data->validity.axis = name.axis;
    for (const auto element : fetch.elements) {
        ElementAnswer one;
        one.element = element;
        one.validity.axis = name.axis;
        data->elements.push_back(std::move(one));
    }
    return Answer(std::move(data));
}

/// The layout of the columns: that of the rows; of a hole, the one that a file without rows would have; null of a gap.
DefinitionPtr layout_of(Database& database, const NameInfo& name, const Answer& answer, std::int64_t schema) {
    if (answer->status == Status::Gap) return nullptr;
    if (answer->status == Status::Hole && !answer->layout) return database.get_definition(name.struct_name, schema);
    return answer->layout;
}

int get(Invocation& invocation, const GetOptions& options) {
    if ((options.at ? 1 : 0) + (options.at_run ? 1 : 0) + (options.at_time ? 1 : 0) != 1) {
        throw Error(ErrorCode::Usage, {"get is asked at one place", options.name, "one of --at, --at-run and --at-time",
                                       options.at || options.at_run || options.at_time ? "several" : "none", ""});
    }
    FetchOptions fetch;
    fetch.version = options.version;
    if (options.elements) fetch.elements = parse_elements(*options.elements);
    options.as_of.read(fetch.as_of, fetch.as_of_patterns);
    fetch.where = read_where(options.where);
    fetch.layer_unit = options.layer_unit;
    fetch.schema = options.schema;
    fetch.fields = options.columns;
    fetch.strict = options.strict;
    fetch.lenient = options.lenient;
    auto& database = invocation.database_with_records_of(options.name);
    const auto name = get_name(database, options.name);
    const auto asked = find_position(invocation, database, name, options, fetch);
    const auto answer = asked.at ? database.fetch_rows(options.name, *asked.at, fetch) : no_run_answer(name, fetch);
    const auto layout = layout_of(database, name, answer, options.schema);
    const bool layered = database.layers().size() > 1;
    const interchange::AnswerContext context{options.schema, options.lenient,    layered,
                                             !options.at,    options.enum_names, asked.run};
    switch (invocation.format()) {
        case Format::Json:
            interchange::write_json(invocation.out.stream(), answer, context);
            break;
        case Format::Csv:
            interchange::write_csv(invocation.out.stream(), answer, layout, options.enum_names);
            break;
        case Format::Table:
            print_people(invocation.out, {options, name, *answer, answer, asked, context});
            break;
    }
    if (!asked.at) {
        print_note("run map " + options.run_map + " has no " + (options.at_run ? asked.text : "run at " + asked.text));
    } else if (invocation.format() == Format::Csv && answer->status != Status::Found) {
        print_note(options.name + " at " + asked.text + ": " + std::string(name_of(answer->status)) + ", " +
                   interval_text(answer->validity.axis, answer->validity.begin, answer->validity.end));
    }
    if (invocation.format() == Format::Csv) {
        // CSV has no place for them, and a default must not pass for a stored value.
        if (!answer->absent.empty()) print_note("absent (default or zero): " + list_cell(answer->absent).text);
        if (!answer->truncated.empty()) print_note("truncated: " + list_cell(answer->truncated).text);
    }
    note_unsettled(*answer, layered);
    if (answer->losses > 0 && invocation.format() == Format::Csv) {
        print_note(counted(answer->losses, "value was", "values were") + " changed because loss is allowed");
    }
    return answer->status == Status::Found ? 0 : 1;
}

}  // namespace

void add_get_command(CLI::App& app, Invocation& invocation, Action& action) {
    auto* command = app.add_subcommand("get", "Rows of a named reference at a time");
    auto options = std::make_shared<GetOptions>();
    command->add_option("REF", options->name, "Named reference")->required();
    command->add_option("--at", options->at, "When: ISO time UTC, @nanoseconds, -inf, inf; a run number on a run axis")
        ->type_name("T");
    command->add_option("--at-run", options->at_run, "A reference by time, at the begin of a run of the run map")
        ->type_name("N");
    command->add_option("--at-time", options->at_time, "A reference by run, for the run that the run map has at a time")
        ->type_name("T");
    command->add_option("--run-map", options->run_map, "Run map of --at-run and --at-time (default: default)")
        ->type_name("MAP");
    command->add_option("--version", options->version, "Version chain: sim,default or sim+default (default: default)")
        ->type_name("CHAIN")
        ->check(not_empty());
    command->add_option("--element", options->elements, "Elements, such as 0-23,30 (default: 0)")->type_name("LIST");
    add_where(*command, options->where);
    add_as_of(*command, options->as_of);
    add_layer_unit(*command, options->layer_unit);
    add_integer(*command, "--schema", options->schema, "Schema version to show rows in (default: as stored)", 1)
        ->type_name("N");
    auto* strict = command->add_flag("--strict", options->strict, "Elements that were not stored are an error");
    command->add_flag("--lenient", options->lenient, "Convert with loss where needed, and count it")->excludes(strict);
    command->add_flag("--enum-names", options->enum_names,
                      "CSV and JSON: values of enumerations by name (kNoisy, kA|kB), as tables have them");
    command->add_option("--columns", options->columns, "Members to read, no others: paths, nested structs, or with *")
        ->type_name("NAME,...")
        ->delimiter(',')
        ->check(not_empty());
    add_format(*command, invocation);
    command->footer(
        "Exit status: 0 found; 1 gap, hole or incomplete.\n"
        "Example:\n  etalon -d sqlite:calib.db get tpcElectronics --at 2019-06-09T13:20:47Z --format json");
    command->callback([&action, options] { action = [options](Invocation& s) { return get(s, *options); }; });
}

}  // namespace etalon::cli
