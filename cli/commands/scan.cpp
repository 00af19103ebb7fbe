/// etalon scan: the intervals of a named reference over a range.

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/input/record_options.h"
#include "cli/invocation.h"
#include "interchange/answers.h"

namespace etalon::cli {
namespace {

struct ScanOptions {
    std::string name;
    std::vector<std::string> where;
    std::string from = "-inf";
    std::string to = "inf";
    std::string version;
    std::optional<std::string> elements;
    AsOfTexts as_of;
    LayerUnit layer_unit = LayerUnit::Element;
    std::int64_t limit = 0;
    bool found_only = false;
};

int scan(Invocation& invocation, const ScanOptions& options) {
    auto& database = invocation.database_with_records_of(options.name);
    const auto name = get_name(database, options.name);
    const auto from = read_position(name, "--from", options.from);
    const auto to = read_position(name, "--to", options.to);
    FetchOptions fetch;
    fetch.version = options.version;
    if (options.elements) fetch.elements = parse_elements(*options.elements);
    options.as_of.read(fetch.as_of, fetch.as_of_patterns);
    fetch.where = read_where(options.where);
    fetch.layer_unit = options.layer_unit;
    auto table = interchange::scan_table();
    std::optional<Answer> last;
    bool any = false;
    database.scan(
        options.name, from, to,
        [&](const Answer& answer) {
            last = answer;
            any = any || answer->status == Status::Found;
            if (options.found_only && answer->status != Status::Found) return true;
            interchange::append_answer(table, *answer);
            return options.limit == 0 || static_cast<std::int64_t>(table.rows.size()) < options.limit;
        },
        fetch);
    print(invocation.out, invocation.format(), table);
    if (last) note_unsettled(**last, database.layers().size() > 1);
    return any ? 0 : 1;
}

}  // namespace

void add_scan_command(CLI::App& app, Invocation& invocation, Action& action) {
    auto* command = app.add_subcommand("scan", "The answers over a range, interval by interval, gaps included");
    auto options = std::make_shared<ScanOptions>();
    command->add_option("REF", options->name, "Named reference")->required();
    command->add_option("--from", options->from, "Begin of the range (default: -inf)")->type_name("T");
    command->add_option("--to", options->to, "End of the range, exclusive (default: inf)")->type_name("T");
    command->add_option("--version", options->version, "Version chain: sim,default or sim+default (default: default)")
        ->type_name("CHAIN")
        ->check(not_empty());
    command->add_option("--element", options->elements, "Elements, such as 0-23,30 (default: 0)")->type_name("LIST");
    add_where(*command, options->where);
    add_as_of(*command, options->as_of);
    add_layer_unit(*command, options->layer_unit);
    add_integer(*command, "--limit", options->limit, "At most so many intervals (default: all)", 0)->type_name("N");
    command->add_flag("--found", options->found_only, "Leave out gaps and holes");
    add_format(*command, invocation);
    command->footer(
        "The effective intervals, which history does not show: history lists records as they were put.\n"
        "Exit status: 0 something is valid in the range; 1 nothing is.\n"
        "Example:\n  etalon -d sqlite:calib.db scan tpcElectronics --from 2019-01-01 --to 2020-01-01");
    command->callback([&action, options] { action = [options](Invocation& s) { return scan(s, *options); }; });
}

}  // namespace etalon::cli
