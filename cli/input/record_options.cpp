#include "cli/input/record_options.h"

#include <CLI/CLI.hpp>

namespace etalon::cli {
namespace {

/// A time of the command line; errors name the option.
std::optional<Time> read_time(std::string_view option, const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    try {
        return parse_time(*text);
    } catch (const Error& error) {
        throw error.within(option, ", ");
    }
}

}  // namespace

HistoryOptions RecordOptions::read(const NameInfo& name) const {
    HistoryOptions wanted;
    wanted.versions = versions;
    if (elements) wanted.elements = parse_elements(*elements);
    if (relation) {
        wanted.relation = parse_relation(*relation);
        if (!from && !to) {
            throw Error(ErrorCode::Usage, {"a relation without a range", "--relation " + *relation,
                                           "--from S, --to E or both", "neither", ""});
        }
    }
    if (from) wanted.from = read_position(name, "--from", *from);
    if (to) wanted.to = read_position(name, "--to", *to);
    wanted.entered_from = read_time("--entered-from", entered_from);
    wanted.entered_to = read_time("--entered-to", entered_to);
    wanted.author = author;
    wanted.where = read_where(where);
    wanted.reads_bytes = [](std::uint64_t records) {
        print_note((records == 1 ? "1 record has its" : std::to_string(records) + " records have their") +
                   " rows stored as bytes: all of them are read for --where");
    };
    return wanted;
}

Condition read_where(const std::vector<std::string>& where) {
    std::vector<Condition> conditions;
    for (const auto& condition : where) conditions.push_back(parse_condition(condition));
    return all_of(std::move(conditions));
}

void add_where(CLI::App& command, std::vector<std::string>& where) {
    command
        .add_option("--where", where,
                    "Of the records with a row for which that holds, as though there were no others, such as "
                    "'magnification = 50000' (may be repeated: one row for which all hold)")
        ->allow_extra_args(false)
        ->type_name("COND");
}

void add_record_options(CLI::App& command, RecordOptions& options) {
    command
        .add_option("--relation", options.relation,
                    "How a record's own interval lies to the range: before, after, misses, throughout, within, "
                    "overlaps (the default), starts or ends")
        ->check(one_of({"before", "after", "misses", "throughout", "within", "overlaps", "starts", "ends"}))
        ->type_name("R");
    command.add_option("--from", options.from, "The range begins there (default: open)")->type_name("S");
    command.add_option("--to", options.to, "The range ends before that (default: open)")->type_name("E");
    command.add_option("--entered-from", options.entered_from, "Committed at that time or after")->type_name("T");
    command.add_option("--entered-to", options.entered_to, "Committed before that time")->type_name("T");
    command.add_option("--author", options.author, "Committed by that author")->type_name("A")->check(not_empty());
    command.add_option("--version", options.versions, "Records of this version (may be repeated)")
        ->allow_extra_args(false)
        ->type_name("V")
        ->check(not_empty());
    command.add_option("--element", options.elements, "Records of these elements, such as 0-23,30")->type_name("LIST");
    command
        .add_option(
            "--where", options.where,
            "Records with a row for which that holds, such as 'gain[2] > 3.5 and not label in (left, right)' (may be "
            "repeated: one row for which all hold)")
        ->allow_extra_args(false)
        ->type_name("COND");
}

}  // namespace etalon::cli
