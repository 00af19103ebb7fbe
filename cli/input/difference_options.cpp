#include "cli/input/difference_options.h"

#include <CLI/CLI.hpp>

namespace etalon::cli {

std::optional<std::string> text_of_side(const std::vector<std::string>& texts, std::size_t side) {
    if (texts.empty()) return std::nullopt;
    return texts.size() == 1 ? texts.front() : texts[side];
}

DiffOptions DifferenceOptions::read() const {
    DiffOptions options;
    for (const auto& text : tolerances) options.absolute.push_back(parse_tolerance(text, "--tolerance"));
    for (const auto& text : relatives) options.relative.push_back(parse_tolerance(text, "--relative"));
    for (const auto& text : keys) options.keys.push_back(parse_diff_key(text));
    options.by_position = by_position;
    return options;
}

void DifferenceOptions::check_range(bool has_position) const {
    if (to && !from) {
        throw Error(ErrorCode::Usage, {"a range without a begin", "--to " + *to, "--from and --to", "--to alone",
                                       "give --from T; --from -inf is the beginning of the axis"});
    }
    if (from && has_position) {
        throw Error(ErrorCode::Usage, {"a range beside a position", "--from " + *from,
                                       "a range, or a position of each side", "both", ""});
    }
}

void DifferenceOptions::check_sides(bool several) const {
    if (several || !other.empty() || as_of.size() == 2 || versions.size() == 2 || as_of.size() == 1) return;
    throw Error(ErrorCode::Usage, {"both sides are the same", "", "two of --at, --as-of or --version, or --other URL",
                                   "", "one --as-of WHEN compares what was known then with what is known now"});
}

std::optional<AsOf> DifferenceOptions::as_of_side(std::size_t side) const {
    const auto text = text_of_side(as_of, side);
    return text ? std::optional(parse_as_of(*text)) : std::nullopt;
}

std::string DifferenceOptions::version_of_side(std::size_t side) const {
    return text_of_side(versions, side).value_or("");
}

std::vector<std::pair<std::string, std::string>> DifferenceOptions::conditions() const {
    std::vector<std::pair<std::string, std::string>> all;
    if (from) all.emplace_back("range", "[" + *from + ", " + to.value_or("open") + ")");
    for (const auto& text : tolerances) all.emplace_back("tolerance", text);
    for (const auto& text : relatives) all.emplace_back("relative", text);
    for (const auto& text : keys) all.emplace_back("key", text);
    if (by_position) all.emplace_back("rows", "by position");
    return all;
}

CLI::Option* add_sides(CLI::App& command, const std::string& option, std::vector<std::string>& texts,
                       const std::string& description, const std::string& type) {
    return command
        .add_option_function<std::vector<std::string>>(
            option,
            [&texts, option](const std::vector<std::string>& given) {
                if (given.size() > 2) throw CLI::ValidationError(option, "there are two sides: give it once or twice");
                texts = given;
            },
            description)
        ->allow_extra_args(false)
        ->type_name(type)
        ->check(not_empty());
}

void add_difference_sides(CLI::App& command, DifferenceOptions& options) {
    add_sides(command, "--as-of", options.as_of,
              "What was known then, of each side: a commit number, a time, a snapshot. Alone: compared with now",
              "WHEN");
    add_sides(command, "--version", options.versions, "Version chain, of both sides or of each", "CHAIN");
    command.add_option("--other", options.other, "Place of the second side: a URL, or a name from --config")
        ->type_name("URL")
        ->check(not_empty());
    command.add_option("--from", options.from, "Compare every stretch from here on (without --at; default: all)")
        ->type_name("T");
    command.add_option("--to", options.to, "End of the range, exclusive (default: open)")->type_name("T");
}

void add_difference_output(CLI::App& command, DifferenceOptions& options, Invocation& invocation) {
    const auto add_repeatable = [&](const char* option, std::vector<std::string>& texts, const char* description,
                                    const char* type) {
        command.add_option(option, texts, description)->allow_extra_args(false)->type_name(type)->check(not_empty());
    };
    add_repeatable(
        "--tolerance", options.tolerances,
        "Numbers that are no farther apart are equal; MEMBER=ABS for some, such as 'gain[*]=1e-6'; repeatable", "ABS");
    add_repeatable("--relative", options.relatives,
                   "The same as a part of the larger one; MEMBER=REL for some; repeatable", "REL");
    add_repeatable(
        "--key", options.keys,
        "Members that tell rows apart: MEMBER,MEMBER, or STRUCT=MEMBER,... (default: what the struct declares "
        "behind key:, else rows go by position)",
        "KEY");
    command.add_flag("--by-position", options.by_position, "Rows go by position, whatever the struct declares");
    add_integer(command, "--limit", options.limit,
                "List at most so many differences (default: 100 of a table, 1000 of html, else all)", 1)
        ->type_name("N");
    add_layer_unit(command, options.layer_unit);
    auto* strict = command.add_flag("--strict", options.strict, "Elements that were not stored are an error");
    command.add_flag("--lenient", options.lenient, "Convert with loss where needed, and count it")->excludes(strict);
    command.add_flag("--enum-names", options.enum_names,
                     "CSV and JSON: values of enumerations by name (kNoisy, kA|kB), as tables have them");
    command.add_option("--format", invocation.format_name, "How data is printed")
        ->check(one_of({"table", "csv", "json", "html"}))
        ->type_name("table|csv|json|html");
}

}  // namespace etalon::cli
