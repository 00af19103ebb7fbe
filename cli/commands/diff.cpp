/// etalon diff, tree diff and snapshot diff: what differs between two sides.

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <utility>

#include "cli/input/difference_options.h"
#include "cli/invocation.h"
#include "cli/render/differences.h"

namespace etalon::cli {
namespace {

using interchange::DifferenceContext;

constexpr std::array<std::size_t, 2> kSides{0, 1};

Cell text_or_null(const std::optional<std::string>& text) {
    return text ? cell(*text) : null_cell();
}

/// What every command says of a side.
DifferenceContext::Side side_cells(const DifferenceOptions& options, const std::string& name, std::size_t side) {
    const auto version = options.version_of_side(side);
    return {{"name", cell(name)},
            {"asOf", text_or_null(text_of_side(options.as_of, side))},
            {"version", cell_or_null(version)}};
}

// --- references ------------------------------------------------------------------------------------------------------

struct DiffCommand {
    std::string name;
    std::vector<std::string> at;
    std::vector<std::string> at_run;
    std::string run_map = "default";
    std::optional<std::string> elements;
    DifferenceOptions options;
};

/// Where a side is asked; nothing: over a range.
std::optional<Position> position_of(Invocation& invocation, Database& database, const NameInfo& name,
                                    const DiffCommand& command, const FetchOptions& fetch, std::size_t side) {
    if (const auto at = text_of_side(command.at, side)) {
        return read_position(name, "--at", *at,
                             name.axis == Axis::Time ? "--at-run " + *at + " asks at the begin of that run" : "");
    }
    const auto run = text_of_side(command.at_run, side);
    if (!run) return std::nullopt;
    if (name.axis == Axis::Run) {
        throw Error(ErrorCode::WrongAxis,
                    {"a reference that is valid by run needs no run map", name.name, "--at " + *run, "--at-run", ""});
    }
    FetchOptions of_map;
    of_map.as_of = fetch.as_of;
    of_map.version = "default";  // the chain of the request is one of values
    NameInfo map;
    map.name = "run map " + command.run_map;
    map.axis = Axis::Run;
    const Run number{read_position(map, "--at-run", *run).value};
    const auto found =
        invocation.database_of_run_map(database, command.run_map).fetch_run(number, of_map, command.run_map);
    if (!found.span) {
        throw Error(ErrorCode::Unknown,
                    {"the run map has no such run", map.name, "a run that it has", *run, "see 'etalon runs list'"});
    }
    return Position(found.span->begin);
}

int diff(Invocation& invocation, const DiffCommand& command) {
    const auto& options = command.options;
    const bool has_position = !command.at.empty() || !command.at_run.empty();
    if (!command.at.empty() && !command.at_run.empty()) {
        throw Error(ErrorCode::Usage, {"two kinds of positions", command.name, "--at or --at-run", "both", ""});
    }
    options.check_range(has_position);
    options.check_sides(command.at.size() == 2 || command.at_run.size() == 2);
    auto reading = options.read();
    auto& database = invocation.database_with_records_of(command.name);
    auto& other = options.other.empty() ? database : invocation.other_database(options.other);
    // One --as-of is compared with now, unless something else tells the sides apart.
    const bool with_now = options.as_of.size() == 1 && options.versions.size() < 2 && options.other.empty() &&
                          command.at.size() < 2 && command.at_run.size() < 2;
    std::array<DiffSide, 2> sides;
    std::array<DifferenceContext::Side, 2> cells;
    for (const auto s : kSides) {
        auto& side = sides[s];
        side.database = s == 0 ? &database : &other;
        side.name = command.name;
        side.fetch.version = options.version_of_side(s);
        if (command.elements) side.fetch.elements = parse_elements(*command.elements);
        if (s == 0 || !with_now) side.fetch.as_of = options.as_of_side(s);
        side.fetch.layer_unit = options.layer_unit;
        side.fetch.strict = options.strict;
        side.fetch.lenient = options.lenient;
        const auto name = get_name(*side.database, command.name);
        side.at = position_of(invocation, *side.database, name, command, side.fetch, s);
        if (options.from) {
            const auto from = read_position(name, "--from", *options.from);
            reading.range = Interval{name.axis, from.value, std::nullopt};
            if (options.to) {
                const auto to = read_position(name, "--to", *options.to);
                if (to.value != kPlusInfinity) reading.range->end = to.value;
            }
        }
        cells[s] = side_cells(options, command.name, s);
        if (s == 1 && with_now) cells[s][1].second = null_cell();
        cells[s].emplace_back("at", side.at ? cell(side.at->axis, side.at->value) : null_cell());
        cells[s].emplace_back("elements", cell(format_elements(side.fetch.elements)));
    }
    const DifferenceContext context{command.name, cells[0], cells[1], options.conditions(), options.enum_names};
    return print_differences(invocation, context, options, [&](const DiffVisitor& visit, const Progress& progress) {
        return find_differences(sides[0], sides[1], reading, visit, progress);
    });
}

// --- configurations --------------------------------------------------------------------------------------------------

struct TreeDiffCommand {
    std::string root;
    std::vector<std::string> at;
    std::vector<std::string> run;
    DifferenceOptions options;
};

int diff_trees(Invocation& invocation, const TreeDiffCommand& command) {
    const auto& options = command.options;
    options.check_range(!command.at.empty() || !command.run.empty());
    options.check_sides(command.at.size() == 2 || command.run.size() == 2);
    auto reading = options.read();
    if (options.from) {
        const auto from = read_position("--from", *options.from);
        reading.range = Interval{from.axis, from.value, std::nullopt};
        if (options.to) {
            NameInfo any;
            any.name = "the request";
            any.axis = from.axis;
            const auto to = read_position(any, "--to", *options.to);
            if (to.value != kPlusInfinity) reading.range->end = to.value;
        }
    }
    const auto slash = command.root.find('/');
    const auto root = command.root.substr(0, slash);
    const auto key = slash == std::string::npos ? std::string() : command.root.substr(slash + 1);
    const bool with_now = options.as_of.size() == 1 && options.versions.size() < 2 && options.other.empty() &&
                          command.at.size() < 2 && command.run.size() < 2;
    const auto given = invocation.names();
    std::array<ConfigurationRequest, 2> requests;
    std::array<DiffConfigurationSide, 2> sides;
    std::array<DifferenceContext::Side, 2> cells;
    for (const auto s : kSides) {
        auto& request = requests[s];
        NameInfo any;
        any.name = "configuration " + command.root;
        any.axis = Axis::Time;
        if (const auto at = text_of_side(command.at, s))
            request.time = Time{read_position(any, "--at", *at, "a run is given with --run").value};
        any.axis = Axis::Run;
        if (const auto run = text_of_side(command.run, s)) request.run = Run{read_position(any, "--run", *run).value};
        request.version = options.version_of_side(s);
        if (s == 0 || !with_now) request.as_of = options.as_of_side(s);
        request.layer_unit = options.layer_unit;
        request.strict = options.strict;
        request.lenient = options.lenient;
        auto& side = sides[s];
        side.root = root;
        side.key = key;
        side.request = &request;
        if (s == 0 || options.other.empty()) {
            side.federation = &invocation.federation();
            if (given.size() == 1) side.start = given.front();
        } else {
            std::tie(side.federation, side.start) = invocation.other_federation(options.other);
        }
        cells[s] = side_cells(options, command.root, s);
        if (s == 1 && with_now) cells[s][1].second = null_cell();
        cells[s].emplace_back("at", request.time ? cell(*request.time) : null_cell());
        cells[s].emplace_back("run", request.run ? cell(Axis::Run, request.run->number) : null_cell());
    }
    const DifferenceContext context{"configuration " + command.root, cells[0], cells[1], options.conditions(),
                                    options.enum_names};
    return print_differences(invocation, context, options, [&](const DiffVisitor& visit, const Progress& progress) {
        return find_differences(sides[0], sides[1], reading, visit, progress);
    });
}

// --- snapshots -------------------------------------------------------------------------------------------------------

struct SnapshotDiffCommand {
    std::string before;
    std::optional<std::string> after;
    std::string names = "*";
    DifferenceOptions options;
};

int diff_snapshots(Invocation& invocation, const SnapshotDiffCommand& command) {
    const auto reading = command.options.read();
    auto& database = invocation.only_database();
    DiffSnapshots snapshots;
    snapshots.before = parse_as_of(command.before);
    if (command.after) snapshots.after = parse_as_of(*command.after);
    snapshots.names = command.names;
    const auto side = [&](const std::optional<std::string>& text) {
        return DifferenceContext::Side{{"name", cell(command.names)}, {"asOf", text_or_null(text)}};
    };
    auto conditions = command.options.conditions();
    const DifferenceContext context{"snapshots of " + database.name(), side(command.before), side(command.after),
                                    std::move(conditions), command.options.enum_names};
    return print_differences(invocation, context, command.options,
                             [&](const DiffVisitor& visit, const Progress& progress) {
                                 return find_differences(database, snapshots, reading, visit, progress);
                             });
}

constexpr const char* kStatus = "Exit status: 0 equal; 1 different.\n";

}  // namespace

void add_diff_command(CLI::App& app, Invocation& invocation, Action& action) {
    auto* command = app.add_subcommand("diff", "What differs between two sides of a named reference, value by value");
    auto given = std::make_shared<DiffCommand>();
    command->add_option("REF", given->name, "Named reference")->required();
    add_sides(*command, "--at", given->at, "When, of both sides or of each; a run number on a run axis", "T");
    add_sides(*command, "--at-run", given->at_run, "A reference by time, at the begin of a run of the run map", "N");
    command->add_option("--run-map", given->run_map, "Run map of --at-run (default: default)")->type_name("MAP");
    command->add_option("--element", given->elements, "Elements, such as 0-23,30 (default: 0)")->type_name("LIST");
    add_difference_sides(*command, given->options);
    add_difference_output(*command, given->options, invocation);
    command->footer(
        std::string(kStatus) +
        "Examples:\n"
        "  etalon -d sqlite:calib.db diff tpcGas --at 2019-06-01 --at 2019-07-01 --relative 1e-6\n"
        "  etalon -d sqlite:calib.db diff tpcGas --as-of winter --as-of summer --from 2019-01-01 --to 2020-01-01\n"
        "  etalon -d sqlite:calib.db diff tpcGas --other postgresql://db/calib --tolerance 'barometric*=0.01'");
    command->callback([&action, given] { action = [given](Invocation& s) { return diff(s, *given); }; });
}

void add_tree_diff(CLI::App& tree, Invocation& invocation, Action& action) {
    auto* command = tree.add_subcommand("diff", "What differs between two sides of a configuration, node by node");
    auto given = std::make_shared<TreeDiffCommand>();
    command->add_option("ROOT", given->root, "Name of the configuration, with its key as ROOT/KEY")->required();
    add_sides(*command, "--at", given->at, "When, for nodes valid by time; of both sides or of each", "T");
    add_sides(*command, "--run", given->run, "Which run, for nodes valid by run; of both sides or of each", "N");
    add_difference_sides(*command, given->options);
    add_difference_output(*command, given->options, invocation);
    command->footer(std::string(kStatus) +
                    "Examples:\n"
                    "  etalon --config federation.toml tree diff Reco --as-of winter --at 2019-06-09T13:20:47Z\n"
                    "  etalon --config federation.toml tree diff Reco --at 2019-06-01 --at 2019-07-01 --format html");
    command->callback([&action, given] { action = [given](Invocation& s) { return diff_trees(s, *given); }; });
}

void add_snapshot_diff(CLI::App& snapshot, Invocation& invocation, Action& action) {
    auto* command = snapshot.add_subcommand("diff", "Which records and values changed from one snapshot to another");
    auto given = std::make_shared<SnapshotDiffCommand>();
    command->add_option("A", given->before, "A snapshot, a commit number or a time")->required();
    command->add_option("B", given->after, "The other one (default: what is known now)");
    command->add_option("--name", given->names, "An exact name, or a beginning and * (default: all)")
        ->type_name("PATTERN")
        ->check(not_empty());
    add_difference_output(*command, given->options, invocation);
    command->footer(std::string(kStatus) +
                    "Examples:\n"
                    "  etalon -d sqlite:calib.db snapshot diff winter\n"
                    "  etalon -d sqlite:calib.db snapshot diff winter summer --name 'tpc*' --relative 1e-6");
    command->callback([&action, given] { action = [given](Invocation& s) { return diff_snapshots(s, *given); }; });
}

}  // namespace etalon::cli
