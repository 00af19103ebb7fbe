#include "cli/invocation.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <set>

#include "base/nearest.h"
#include "base/number_text.h"
#include "base/passwords.h"
#include "base/printable.h"
#include "base/whole_input.h"
#include "index/chain.h"
#include "place/own_structs.h"

namespace etalon::cli {
namespace {

/// `a, b, c`; of many names the first and how many there are.
std::string list_of(const std::vector<std::string>& names) {
    constexpr std::size_t kMost = 10;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) text += (text.empty() ? "" : ", ") + names[i];
    if (names.size() > kMost) text += " and " + std::to_string(names.size() - kMost) + " more";
    return text;
}

/// Seconds, whole or with a fraction.
std::chrono::milliseconds read_wait(const std::string& text) {
    constexpr double kMost = 1e7;
    char* end = nullptr;
    const double seconds = std::strtod(text.c_str(), &end);
    const bool is_decimal = !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos;
    if (!is_decimal || *end != '\0' || seconds > kMost) {
        throw Error(ErrorCode::Usage, {"--wait is no number of seconds", "",
                                       "seconds, such as 60 or 0.5; 0: do not wait", "'" + text + "'", ""});
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000 + 0.5));
}

/// -d may also name a database of the federation file: a name has no scheme.
bool is_url(std::string_view text) {
    return text.find(':') != std::string_view::npos;
}

}  // namespace

void print_line(std::string_view text) {
    // A line end is never part of what is told.
    const auto line = printable(without_passwords(text)) + "\n";
    (void)std::fwrite(line.data(), 1, line.size(), stderr);
}

void print_error(std::string_view message) {
    print_line("etalon: error: " + std::string(message));
}

void print_note(std::string_view message) {
    print_line("etalon: note: " + std::string(message));
}

Format Invocation::format() const {
    if (format_name == "csv") return Format::Csv;
    return format_name == "json" ? Format::Json : Format::Table;
}

bool Invocation::has_database() const {
    const char* url = std::getenv("ETALON_DB");
    return !databases.empty() || !config.empty() || (url != nullptr && *url != '\0');
}

OpenOptions Invocation::opening(const OpenOptions& options) const {
    auto opening = options;
    if (!wait.empty()) opening.wait = read_wait(wait);
    if (isatty(STDERR_FILENO) == 1) {
        opening.waiting = [](const std::string& what) { std::fprintf(stderr, "etalon: %s ...\n", what.c_str()); };
    }
    const auto environment = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value != nullptr ? value : "");
    };
    const auto read_environment = [&](const char* name, const auto& read) {
        const auto text = environment(name);
        if (text.empty()) return;
        try {
            read(text);
        } catch (const Error& error) {
            throw error.within(name, ", ");
        }
    };
    read_environment("ETALON_VERSION", [&](const std::string& text) {
        (void)index::parse_chain(text);
        opening.version = text;
    });
    read_environment("ETALON_AS_OF", [&](const std::string& text) { opening.as_of = parse_as_of(text); });
    if (!files.empty()) {
        opening.files = FileStore::parse_roots(files);
    } else {
        read_environment("ETALON_FILES",
                         [&](const std::string& text) { opening.files = FileStore::parse_roots(text); });
    }
    return opening;
}

Federation& Invocation::federation(const OpenOptions& options) {
    if (federation_) return *federation_;
    auto given = databases;
    if (given.empty() && config.empty()) {
        if (const char* url = std::getenv("ETALON_DB"); url != nullptr && *url != '\0') given.emplace_back(url);
    }
    if (given.empty() && config.empty()) {
        throw Error(ErrorCode::Usage,
                    {"no database is given", "", "-d URL before the command, --config FILE or ETALON_DB", "",
                     "for example: etalon -d sqlite:calib.db init"});
    }
    auto opening = this->opening(options);
    opening.write_to = write_to;
    // --write-to concerns the database that has that layer.
    std::vector<std::string> urls;
    std::copy_if(given.begin(), given.end(), std::back_inserter(urls), is_url);
    const auto stacks = Federation::stacks_of(urls);
    const bool is_given = std::any_of(stacks.begin(), stacks.end(),
                                      [&](const auto& layers) { return Federation::has_layer(layers, write_to); });
    if (!at_least.empty()) {
        if (!config.empty() || stacks.size() != 1) {
            throw Error(ErrorCode::Usage, {"--at-least, and a commit number belongs to one place", "",
                                           "one database by its URL", list_of(given), "give -d URL alone"});
        }
        opening.at_least = parse_commit(at_least);
    }
    if (!opening.name.empty() && (!config.empty() || urls.size() != 1)) {
        throw Error(ErrorCode::Usage, {"--name names one database", opening.name, "one database by its URL",
                                       list_of(given), "give -d URL alone"});
    }
    auto of_file = opening;
    if (is_given) of_file.write_to.clear();
    auto federation =
        std::make_unique<Federation>(config.empty() ? Federation() : Federation::from_file(config, of_file));
    for (const auto& one : given) {
        if (is_url(one)) continue;
        if (config.empty()) {
            throw Error(ErrorCode::Usage, {"-d is not a URL", shown_place(one),
                                           "sqlite:path.db, postgresql://host/db#Name, csv:directory or memory:", "",
                                           "a file is written sqlite:" + shown_place(one) +
                                               "; a name needs the --config FILE that describes it"});
        }
        (void)federation->get(one);
        selected_.push_back(one);
    }
    for (const auto& layers : stacks) {
        const auto before = federation->names();
        auto of_stack = opening;
        if (is_given && !Federation::has_layer(layers, write_to)) of_stack.write_to.clear();
        federation->add(layers, of_stack);
        for (const auto& name : federation->names()) {
            if (std::find(before.begin(), before.end(), name) == before.end()) selected_.push_back(name);
        }
    }
    if (selected_.empty()) selected_ = federation->names();
    federation_ = std::move(federation);
    return *federation_;
}

void add_waits(CLI::App& app, Invocation& invocation) {
    const auto add = [&](CLI::App& to) {
        to.add_option("--wait", invocation.wait,
                      "Wait so long for what others lock, for a server that went away, or for --at-least (default: 60)")
            ->type_name("SECONDS")
            ->check(not_empty());
        to.add_option("--at-least", invocation.at_least,
                      "The place must have this commit, N or N-hash: a standby or copy that is behind is waited for")
            ->type_name("COMMIT")
            ->check(not_empty());
    };
    const std::function<void(CLI::App&)> add_to_all = [&](CLI::App& parent) {
        const auto commands = parent.get_subcommands([](const CLI::App*) { return true; });
        if (commands.empty() || &parent == &app) add(parent);
        for (auto* command : commands) {
            const auto name = command->get_name();
            // These have no database.
            if (name != "law" && name != "traits" && name != "file") add_to_all(*command);
        }
    };
    add_to_all(app);
}

std::vector<std::string> Invocation::names(const OpenOptions& options) {
    (void)federation(options);
    return selected_;
}

Database& Invocation::only_database() {
    const auto given = names();
    if (given.size() > 1) {
        throw Error(ErrorCode::Usage, {"the command works on one database", "", "one -d", list_of(given),
                                       config.empty() ? "give only one of them" : "choose one with -d NAME"});
    }
    return federation().get(given.front());
}

FileStore Invocation::file_store() {
    auto roots = opening({}).files;
    if (!roots.empty() || config.empty()) return FileStore(std::move(roots));
    const auto given = names();
    roots = federation().files_of(given.front());
    for (const auto& one : given) {
        if (federation().files_of(one) == roots) continue;
        throw Error(ErrorCode::Usage,
                    {"the databases keep their files in different folders", config, "one folder for files",
                     given.front() + " and " + one, "choose a database with -d NAME, or the folder with --files"});
    }
    return FileStore(std::move(roots));
}

std::pair<Federation*, std::string> Invocation::other_federation(const std::string& place) {
    if (!is_url(place)) {
        (void)federation().get(place);
        return {&federation(), place};
    }
    if (!other_) {
        auto other = std::make_unique<Federation>();
        other->add(place, opening({}));
        other_ = std::move(other);
    }
    return {other_.get(), other_->names().front()};
}

Database& Invocation::other_database(const std::string& place) {
    const auto [other, name] = other_federation(place);
    return other->get(name);
}

Database& Invocation::database_knowing(std::string_view what, std::string_view name,
                                       const std::function<bool(Database&)>& knows) {
    const auto given = names();
    if (given.size() == 1) return federation().get(given.front());
    std::vector<std::string> knowing;
    for (const auto& one : given) {
        if (knows(federation().get(one))) knowing.push_back(one);
    }
    if (knowing.size() == 1) return federation().get(knowing.front());
    const std::string subject = std::string(what) + " " + std::string(name);
    if (knowing.empty()) {
        throw Error(ErrorCode::Unknown,
                    {subject + " is in none of the databases", "", "", "databases " + list_of(given),
                     "check the spelling, or give the database that has it with -d"});
    }
    throw Error(ErrorCode::Usage, {subject + " is in several databases", "", "one database", list_of(knowing),
                                   config.empty() ? "give only one of them" : "choose one with -d NAME"});
}

Database& Invocation::database_of_reference(std::string_view name) {
    return database_knowing("reference", name, [&](Database& one) { return one.find_name(name).has_value(); });
}

Database& Invocation::database_with_records_of(std::string_view name) {
    const auto given = names();
    Database* found = nullptr;
    for (const auto& one : given) {
        if (given.size() == 1) break;
        auto& database = federation().get(one);
        const auto info = database.find_name(name);
        if (!info || info->records == 0) continue;
        if (found != nullptr) return database_of_reference(name);  // says that there are several
        found = &database;
    }
    return found != nullptr ? *found : database_of_reference(name);
}

Database& Invocation::database_of_run_map(Database& own, const std::string& map) {
    const auto reference = place::by_run_reference(map);
    if (own.find_name(reference) || names().size() == 1) return own;
    return database_of_reference(reference);
}

Database& Invocation::database_of_struct(std::string_view name) {
    return database_knowing("struct", name, [&](Database& one) { return has_struct(one, name); });
}

bool has_struct(Database& database, std::string_view name) {
    return find_struct(database, name).has_value();
}

std::optional<StructInfo> find_struct(Database& database, std::string_view name) {
    for (auto& info : database.structs()) {
        if (info.is_called(name)) return std::move(info);
    }
    return std::nullopt;
}

NameInfo get_name(Database& database, std::string_view name) {
    if (auto info = database.find_name(name)) return *std::move(info);
    std::vector<std::string> known;
    for (const auto& one : database.names()) known.push_back(one.name);
    const auto near = did_you_mean(name, known);
    throw Error(
        ErrorCode::Unknown,
        {"no named reference " + std::string(name), "database " + database.name(), "", "",
         !near.empty() ? near : "register its struct, or make it with: etalon name " + std::string(name) + " STRUCT"});
}

void AsOfTexts::read(std::optional<AsOf>& as_of, std::vector<AsOfPattern>& patterns) const {
    for (const auto& text : texts) {
        const auto equals = text.find('=');
        if (equals != std::string::npos) {
            const auto pattern = text.substr(0, equals);
            if (std::any_of(patterns.begin(), patterns.end(),
                            [&](const auto& one) { return one.pattern == pattern; })) {
                throw Error(ErrorCode::Usage,
                            {"--as-of is given twice for a pattern", text, "each pattern once", pattern, ""});
            }
            patterns.push_back({pattern, parse_as_of(std::string_view(text).substr(equals + 1))});
        } else if (as_of) {
            throw Error(ErrorCode::Usage, {"--as-of is given twice", text, "once for all names", "",
                                           "for names that match a pattern, write --as-of 'Cal*=" + text + "'"});
        } else {
            as_of = parse_as_of(text);
        }
    }
}

void add_as_of(CLI::App& command, AsOfTexts& texts) {
    command
        .add_option(
            "--as-of", texts.texts,
            "What was known then: a commit number, a time, or the name of a snapshot; PATTERN=WHEN for some names; "
            "repeatable")
        ->allow_extra_args(false)
        ->type_name("WHEN")
        ->check(not_empty());
}

void add_layer_unit(CLI::App& command, LayerUnit& unit) {
    command
        .add_option_function<std::string>(
            "--layer-unit",
            [&unit](const std::string& text) { unit = text == "answer" ? LayerUnit::Answer : LayerUnit::Element; },
            "Of several layers: each element from the first that has it, or all from the first that has any (default: "
            "element)")
        ->check(one_of({"element", "answer"}))
        ->type_name("element|answer");
}

void note_unsettled(const AnswerData& answer, bool layered) {
    if (answer.settled) return;
    const auto commit = std::to_string(answer.snapshot);
    const std::string what = "nothing was committed after that date yet, so it may come to mean more: read as of ";
    print_note(layered ? what + "the last commit of each layer; pin them with 'etalon snapshot create NAME'"
                       : what + "commit " + commit + "; pin it with --as-of " + commit);
}

std::string read_file(const std::string& path, std::string_view expected) {
    constexpr std::uint64_t kLargest = std::uint64_t{64} << 20;
    if (path == "-") return read_whole(std::cin, "standard input", kLargest);
    return read_whole_file(path, std::string(expected), kLargest);
}

CLI::Validator one_of(const std::vector<std::string>& words) {
    return CLI::IsMember(std::set<std::string>(words.begin(), words.end())).description("");
}

CLI::Validator not_empty() {
    return CLI::Validator([](std::string& text) { return text.empty() ? "an empty text is no value" : std::string(); },
                          "");
}

std::int64_t read_integer(const std::string& option, const std::string& text, std::int64_t least) {
    const auto number = parse_integer<std::int64_t>(text);
    if (number && *number >= least) return *number;
    std::string expected = "a decimal integer";
    if (least != std::numeric_limits<std::int64_t>::min()) expected += " from " + std::to_string(least) + " on";
    throw CLI::ValidationError(option, "expected " + expected + ", found '" + text + "'");
}

CLI::Option* add_integer(CLI::App& command, const std::string& option, std::int64_t& value,
                         const std::string& description, std::int64_t least) {
    return command.add_option_function<std::string>(
        option, [option, &value, least](const std::string& text) { value = read_integer(option, text, least); },
        description);
}

void add_comment(CLI::App& command, std::string& comment) {
    command.add_option("--comment", comment, "Lines of CSV that begin with this text are left out, for example '#'")
        ->type_name("TEXT")
        ->check(CLI::Validator(
            [](std::string& text) {
                const bool bad = text.empty() || text.find_first_of(" \t\",\n\r") == 0;
                return bad ? "expected a text that does not begin with a blank, a comma or a quote" : std::string();
            },
            ""));
}

void add_format(CLI::App& command, Invocation& invocation) {
    command.add_option("--format", invocation.format_name, "How data is printed")
        ->check(one_of({"table", "csv", "json"}))
        ->type_name("table|csv|json");
}

}  // namespace etalon::cli
