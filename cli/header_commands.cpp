/// etalon register, check and traits: commands that read headers with Clang.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include "cli/progress.h"
#include "cli/session.h"
#include "reflect/reflect.h"
#include "schema/definition.h"

namespace etalon::cli {
namespace {

struct HeaderOptions {
    std::vector<std::string> headers;
    std::string compile_commands;
    bool as_c = false;
    bool dry_run = false;
    bool strict = false;
    bool make_current = false;
    std::string reason;
    // traits
    std::string output;
    std::string depfile;
    std::vector<std::string> include_as;
};

/// Whether headers that are no C++ (`_Bool`, a member named `class`) are good C.
bool compiles_as_c(const HeaderOptions& options, reflect::ReflectOptions how) {
    if (how.as_c) return false;
    how.as_c = true;
    return reflect::reflect_headers(options.headers, how).errors.empty();
}

/// Reads the headers; prints every refusal and error as `file:line:column: declaration: reason`, then throws.
reflect::Reflection read_headers(const Session& session, const HeaderOptions& options) {
    reflect::ReflectOptions how;
    how.clang_args = session.clang_args;
    how.compile_commands = options.compile_commands;
    how.as_c = options.as_c;
    reflect::Reflection found;
    {
        ProgressBar bar("reading " + counted(options.headers.size(), "header"));
        bar.show(0, 0);
        found = reflect::reflect_headers(options.headers, how);
    }
    const auto report = [](const reflect::Diagnostic& one) {
        std::string line = one.location;
        for (const auto& part : {one.declaration, one.reason}) {
            if (!part.empty()) line += (line.empty() ? "" : ": ") + part;
        }
        std::fprintf(stderr, "%s\n", line.c_str());
    };
    for (const auto& one : found.errors) report(one);
    for (const auto& one : found.refusals) report(one);
    std::string files;
    for (const auto& header : options.headers) files += (files.empty() ? "" : ", ") + header;
    if (!found.errors.empty()) {
        throw Error(ErrorCode::BadInput,
                    {"the headers do not compile", files, "", counted(found.errors.size(), "error"),
                     compiles_as_c(options, how) ? "they do compile as C: give --c, or -x c behind --"
                                                 : "give -I, -D or -std= behind --, or --compile-commands FILE"});
    }
    if (!found.refusals.empty()) {
        throw Error(ErrorCode::BadInput, {counted(found.refusals.size(), "declaration") + " cannot be stored", files,
                                          "", "", "nothing was taken from these headers; see the lines above"});
    }
    if (found.definitions.empty()) {
        throw Error(ErrorCode::BadInput, {"the headers define no struct", files, "at least one struct", "none",
                                          "only structs of the named files count, not those of their includes"});
    }
    return found;
}

// --- register and check
// ------------------------------------------------------------------------------------------------

std::string action_text(const RegisterOutcome& outcome) {
    switch (outcome.action) {
        case RegisterOutcome::Action::NewStruct:
            return "new struct";
        case RegisterOutcome::Action::NewSchema:
            return "new schema";
        case RegisterOutcome::Action::MadeCurrent:
            return "made current";
        case RegisterOutcome::Action::Known:
            return "known";
    }
    return "known";
}

/// A line that only says that an element lies elsewhere now.
bool only_moved(const RegisterOutcome::Line& line) {
    return line.verdict == "identical" && line.change.starts_with("moved");
}

void print_outcomes(Output& out, const RegisterReport& report) {
    for (const auto& outcome : report.outcomes) {
        out << outcome.struct_name << ": " << action_text(outcome) << ", schema version "
            << std::to_string(outcome.schema);
        if (outcome.previous_schema != 0 && outcome.previous_schema != outcome.schema) {
            out << (outcome.is_current ? ", after " : "; the current one is ")
                << std::to_string(outcome.previous_schema);
        }
        out << "\n";
        std::size_t moved = 0;
        for (const auto& line : outcome.changes) {
            if (only_moved(line)) {
                ++moved;
                continue;
            }
            out << "  " << line.change << ": " << line.verdict << (line.reason.empty() ? "" : ": " + line.reason)
                << "\n";
        }
        // An element that grows moves all behind it: one line for them.
        if (moved > 0) out << "  " << counted(moved, "change") << " of place only: identical\n";
    }
}

std::string outcomes_json(const std::string& database, const RegisterReport& report) {
    Table structs{{"struct", "action", "schema", "previous", "current", "changes"}, {}};
    for (const auto& outcome : report.outcomes) {
        Table changes{{"change", "verdict", "reason", "blocks", "row"}, {}};
        for (const auto& line : outcome.changes) {
            changes.rows.push_back(
                {cell(line.change), cell(line.verdict), cell(line.reason), cell(line.blocks), cell(line.row)});
        }
        structs.rows.push_back({cell(outcome.struct_name), cell(action_text(outcome)), cell(outcome.schema),
                                outcome.previous_schema == 0 ? null_cell() : cell(outcome.previous_schema),
                                cell(outcome.is_current), Cell{"", to_json(changes, 3), false}});
    }
    return "{\"database\":" + json_quote(database) +
           ",\n \"commit\":" + (report.commit == 0 ? "null" : std::to_string(report.commit)) +
           ",\n \"blocked\":" + (report.blocked ? "true" : "false") + ",\n \"structs\":" + to_json(structs, 1) + "}";
}

Table outcomes_table(const std::vector<std::pair<std::string, RegisterReport>>& reports) {
    Table table{{"database", "struct", "action", "schema", "previous", "change", "verdict", "reason", "blocks", "row"}, {}};
    for (const auto& [database, report] : reports) {
        for (const auto& outcome : report.outcomes) {
            const std::vector<Cell> head = {cell(database), cell(outcome.struct_name), cell(action_text(outcome)),
                                            cell(outcome.schema),
                                            outcome.previous_schema == 0 ? null_cell() : cell(outcome.previous_schema)};
            auto row = head;
            row.resize(table.columns.size(), null_cell());
            if (outcome.changes.empty()) table.rows.push_back(row);
            for (const auto& line : outcome.changes) {
                row = head;
                for (const auto& text : {line.change, line.verdict, line.reason}) row.push_back(cell(text));
                row.push_back(cell(line.blocks));
                row.push_back(cell(line.row));
                table.rows.push_back(row);
            }
        }
    }
    return table;
}

/// Registers in (or compares with) every database given; all are judged before one is written.
int register_headers(Session& session, const HeaderOptions& options, bool check_only) {
    const auto databases = session.names();
    for (const auto& name : databases) (void)session.federation().get(name);  // a wrong URL before a long parse
    const auto found = read_headers(session, options);
    RegisterOptions how;
    how.strict = options.strict || check_only;
    how.make_current = options.make_current;
    how.info.reason = options.reason;
    bool blocked = false;
    std::vector<std::pair<std::string, RegisterReport>> reports;
    const auto run = [&](bool dry_run) {
        how.dry_run = dry_run;
        reports.clear();
        ProgressBar bar(dry_run ? "comparing" : "recording");
        for (std::size_t i = 0; i < databases.size(); ++i) {
            bar.show(i, databases.size());
            reports.emplace_back(databases[i],
                                 session.federation().get(databases[i]).register_structs(found.definitions, how));
            blocked = blocked || reports.back().second.blocked;
        }
    };
    const bool dry = options.dry_run || check_only;
    if (dry || databases.size() > 1) run(true);
    const bool refused = blocked && how.strict;
    if (!dry && !refused) run(false);
    const bool still_refused = blocked && how.strict;

    auto& out = session.out;
    if (session.format() == Format::Json) {
        std::string text;
        for (const auto& [name, report] : reports) text += (text.empty() ? "" : ",\n") + outcomes_json(name, report);
        out << (databases.size() > 1 ? "[" + text + "]" : text) << "\n";
    } else if (session.format() == Format::Csv) {
        print(out, Format::Csv, outcomes_table(reports));
    } else {
        for (const auto& [name, report] : reports) {
            if (databases.size() > 1) out << "database " << name << "\n";
            print_outcomes(out, report);
            if (!dry && !still_refused) {
                out << (report.commit == 0 ? "nothing to record" : "commit " + std::to_string(report.commit)) << "\n";
            }
        }
        if (options.dry_run) out << "dry run: nothing was recorded\n";
        if (check_only) out << (blocked ? "check failed\n" : "check passed\n");
    }
    if (!still_refused) return 0;
    out.flush();
    std::string first;
    for (const auto& [name, report] : reports) {
        for (const auto& outcome : report.outcomes) {
            for (const auto& line : outcome.changes) {
                if (line.blocks && first.empty())
                    first = outcome.struct_name + ": " + line.change + ": " + line.verdict;
            }
        }
    }
    print_error("a change is refused or needs a rule, " + first +
                (check_only ? "; register --strict would record nothing" : "; nothing was recorded"));
    return 1;
}

// --- traits
// --------------------------------------------------------------------------------------------------------------

/// Writes a file whole or not at all: a build that is stopped leaves no half header.
void write_file(const std::string& path, const std::string& text) {
    const auto fail = [&](const std::string& part) {
        const std::string reason = std::strerror(errno);
        std::error_code ignored;
        std::filesystem::remove(part, ignored);
        throw Error(ErrorCode::Backend, {"the file cannot be written", path, "", reason, ""});
    };
    if (const auto parent = std::filesystem::path(path).parent_path(); !parent.empty()) {
        std::error_code failed;
        std::filesystem::create_directories(parent, failed);
        if (failed) {
            throw Error(ErrorCode::Backend, {"the folder cannot be made", parent.string(), "", failed.message(), ""});
        }
    }
    const std::string part = path + ".part";
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) fail(part);
    if (std::rename(part.c_str(), path.c_str()) != 0) fail(part);
}

/// A path as Make reads it in a dependency file.
std::string make_escape(const std::string& path) {
    std::string text;
    for (const char c : path) {
        if (c == ' ' || c == '#' || c == '\\') text += '\\';
        if (c == '$') text += '$';
        text += c;
    }
    return text;
}

int write_traits(Session& session, const HeaderOptions& options) {
    if (!options.include_as.empty() && options.include_as.size() != options.headers.size()) {
        throw Error(ErrorCode::Usage,
                    {"--include-as does not match the headers", "", counted(options.headers.size(), "--include-as"),
                     std::to_string(options.include_as.size()), "give one for each HEADER, in the same order"});
    }
    const auto found = read_headers(session, options);
    auto includes = options.include_as;
    if (includes.empty()) {
        for (const auto& header : options.headers)
            includes.push_back(std::filesystem::absolute(header).lexically_normal().string());
    }
    write_file(options.output, schema::to_traits_header(found.definitions, includes));
    if (!options.depfile.empty()) {
        std::string text = make_escape(options.output) + ":";
        for (const auto& file : found.files_read)
            text += " \\\n  " + make_escape(std::filesystem::absolute(file).lexically_normal().string());
        write_file(options.depfile, text + "\n");
    }
    session.out << options.output << ": " << counted(found.definitions.size(), "struct") << "\n";
    return 0;
}

CLI::App* add_header_command(CLI::App& app, const std::string& name, const std::string& description,
                             const std::shared_ptr<HeaderOptions>& options) {
    auto* command = app.add_subcommand(name, description);
    command->add_option("HEADER", options->headers, "C or C++ headers")->required()->type_name("HEADER...");
    command->add_option("--compile-commands", options->compile_commands, "compile_commands.json to take flags from")
        ->type_name("FILE");
    command->add_flag("--c", options->as_c, "Read the headers as C (default: C++17)");
    return command;
}

}  // namespace

void add_header_commands(CLI::App& app, Session& session, Action& action) {
    auto recording = std::make_shared<HeaderOptions>();
    auto* command =
        add_header_command(app, "register", "Record the structs of headers, and what changed in them", recording);
    command->add_flag("--dry-run", recording->dry_run, "Print the verdicts, record nothing");
    command->add_flag("--strict", recording->strict,
                      "Record nothing when a change is refused or needs a rule; exit status 1");
    command->add_flag("--make-current", recording->make_current,
                      "A definition that is recorded already becomes the current one");
    command->add_option("--reason", recording->reason, "Why, for the log")->type_name("TEXT");
    add_format(*command, session);
    command->footer(
        "Arguments of the compiler stand behind --.\n"
        "Example:\n  etalon -d sqlite:calib.db register structs/tpcElectronics.h -- -Iinclude -DNSECTORS=24");
    command->callback(
        [&action, recording] { action = [recording](Session& s) { return register_headers(s, *recording, false); }; });

    auto checking = std::make_shared<HeaderOptions>();
    command = add_header_command(
        app, "check", "Compare headers with what is recorded; exit status 1 when register --strict would refuse",
        checking);
    add_format(*command, session);
    command->footer("Example:\n  etalon -d sqlite:calib.db check structs/*.h -- -Iinclude");
    command->callback(
        [&action, checking] { action = [checking](Session& s) { return register_headers(s, *checking, true); }; });

    auto traits = std::make_shared<HeaderOptions>();
    command =
        add_header_command(app, "traits", "Write a C++ header with the StructTraits of the structs of headers", traits);
    command->add_option("--output", traits->output, "Header to write")->required()->type_name("FILE");
    command->add_option("--depfile", traits->depfile, "Dependency file to write, for Make and Ninja")
        ->type_name("FILE");
    command
        ->add_option("--include-as", traits->include_as,
                     "How the output includes each HEADER (default: its full path); repeatable")
        ->allow_extra_args(false)
        ->type_name("TEXT");
    command->footer(
        "Example:\n  etalon traits structs/tpcElectronics.h --output tpcElectronics_traits.h --include-as "
        "tpcElectronics.h");
    command->callback([&action, traits] { action = [traits](Session& s) { return write_traits(s, *traits); }; });
}

}  // namespace etalon::cli
