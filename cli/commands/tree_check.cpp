/// etalon tree check: whether a configuration is complete over a range.

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "cli/input/headers.h"
#include "cli/invocation.h"
#include "cli/render/progress.h"
#include "etalon/coverage.h"
#include "interchange/coverage.h"

namespace etalon::cli {
namespace {

struct CheckOptions {
    std::string root;
    std::string key;
    std::string from;
    std::string to;
    std::string from_run;
    std::string to_run;
    std::string version;
    AsOfTexts as_of;
    LayerUnit layer_unit = LayerUnit::Element;
    bool lenient = false;
    std::int64_t limit = 100;
    HeaderFiles files;
};

/// `inf` is where nothing ends.
Interval range_of(Position from, Position to) {
    Interval range{from.axis, from.value, to.value};
    if (to.value == kPlusInfinity) range.end.reset();
    return range;
}

CoverageRequest read_request(Invocation& invocation, const CheckOptions& options) {
    CoverageRequest request;
    if (options.from.empty() != options.to.empty() || options.from_run.empty() != options.to_run.empty()) {
        throw Error(ErrorCode::Usage, {"a range has two ends", "tree check", "--from T --to T", "one of them",
                                       "-inf and inf are the ends of the axis"});
    }
    if (!options.from.empty()) {
        const auto from = read_position("--from", options.from);
        const auto axis = options.from == "-inf" ? read_position("--to", options.to).axis : from.axis;
        const auto range = range_of(Position(axis, interchange::parse_request(axis, options.from).value),
                                    Position(axis, interchange::parse_request(axis, options.to).value));
        (axis == Axis::Time ? request.times : request.runs) = range;
    }
    if (!options.from_run.empty()) {
        if (request.runs) {
            throw Error(ErrorCode::Usage,
                        {"runs are given twice", "tree check", "--from and --to with times, or --from-run and --to-run",
                         "both with runs", ""});
        }
        request.runs = range_of(interchange::parse_request(Axis::Run, options.from_run),
                                interchange::parse_request(Axis::Run, options.to_run));
    }
    request.version = options.version;
    request.lenient = options.lenient;
    request.layer_unit = options.layer_unit;
    options.as_of.read(request.as_of, request.as_of_patterns);
    if (!options.files.headers.empty()) {
        for (auto& definition : read_headers(invocation, options.files).definitions)
            request.layouts.push_back(std::make_shared<const StructDefinition>(std::move(definition)));
    }
    return request;
}

void print_report(Output& out, const CoverageReport& report, std::int64_t limit) {
    if (!report.complete()) {
        interchange::Table table{{"begin", "end", "node", "status", "reason"}, {}, true};
        const auto shown =
            limit == 0 ? report.stretches.size() : std::min(report.stretches.size(), static_cast<std::size_t>(limit));
        for (std::size_t i = 0; i < shown; ++i) {
            const auto& one = report.stretches[i];
            const auto axis = one.validity.axis;
            table.rows.push_back(
                {interchange::cell(format_position({axis, one.validity.begin})),
                 interchange::cell(one.validity.end ? format_position({axis, *one.validity.end}) : "open"),
                 interchange::cell(one.path), interchange::cell(name_of(one.status)), interchange::cell(one.reason)});
        }
        print_table(out, table);
        if (shown < report.stretches.size()) {
            out << "and " << counted(report.stretches.size() - shown, "more stretch", "more stretches")
                << " (--limit 0 shows all)\n";
        }
    }
    std::uint64_t intervals = 0;
    std::size_t faulty = 0;
    for (const auto& node : report.nodes) {
        intervals += node.intervals;
        faulty += node.faults > 0 ? 1 : 0;
    }
    out << counted(report.nodes.size(), "table") << ", " << counted(intervals, "interval") << ": ";
    if (report.complete()) {
        out << "complete\n";
    } else {
        out << counted(report.stretches.size(), "stretch", "stretches") << " of " << counted(faulty, "table")
            << " without an answer\n";
    }
}

int check(Invocation& invocation, const CheckOptions& options) {
    const auto request = read_request(invocation, options);
    const auto given = invocation.names();
    ProgressBar bar("checking");
    const auto report = check_coverage(invocation.federation(), options.root, options.key, request,
                                       given.size() == 1 ? given.front() : std::string(), bar.callback());
    if (invocation.format() == Format::Json) {
        invocation.out << interchange::to_json(report) << "\n";
    } else if (invocation.format() == Format::Csv) {
        print(invocation.out, Format::Csv, interchange::stretch_table(report));
    } else {
        print_report(invocation.out, report, options.limit);
    }
    return report.complete() ? 0 : 1;
}

}  // namespace

void add_tree_check(CLI::App& tree, Invocation& invocation, Action& action) {
    auto options = std::make_shared<CheckOptions>();
    auto* command = tree.add_subcommand(
        "check", "Whether a configuration is complete: all stretches of a range in which a table has no answer");
    command->add_option("ROOT", options->root, "Name of the configuration")->required();
    command->add_option("--key", options->key, "Its key (default: default)")->type_name("KEY")->check(not_empty());
    command->add_option("--from", options->from, "Begin of the range, a time or a run")
        ->type_name("T")
        ->check(not_empty());
    command->add_option("--to", options->to, "End of the range, exclusive")->type_name("T")->check(not_empty());
    command->add_option("--from-run", options->from_run, "Begin of the range of runs, where nodes are on both axes")
        ->type_name("N")
        ->check(not_empty());
    command->add_option("--to-run", options->to_run, "Its end, exclusive")->type_name("N")->check(not_empty());
    command->add_option("--version", options->version, "Version chain of nodes that have none")
        ->type_name("CHAIN")
        ->check(not_empty());
    add_as_of(*command, options->as_of);
    add_layer_unit(*command, options->layer_unit);
    command
        ->add_option("--headers", options->files.headers,
                     "Headers of the program that will read: what the law refuses to bring to their layouts counts as "
                     "unreadable")
        ->type_name("HEADER...");
    command->add_option("--units", options->files.units, "File of units for the headers")->type_name("FILE");
    command->add_flag("--lenient", options->lenient, "Conversions with loss count as readable");
    add_integer(*command, "--limit", options->limit, "At most so many stretches in the table (default: 100; 0: all)", 0)
        ->type_name("N");
    add_format(*command, invocation);
    command->footer(
        "Exit status: 0 when it is complete, 1 when it is not.\n"
        "Example:\n  etalon -d sqlite:calib.db tree check Reco --from 2024-01-01 --to 2025-01-01");
    command->callback([&action, options] { action = [options](Invocation& s) { return check(s, *options); }; });
}

}  // namespace etalon::cli
