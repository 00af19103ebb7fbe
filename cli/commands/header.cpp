/// etalon register, check and traits: commands that read headers with Clang.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "cli/input/headers.h"
#include "cli/input/history_folder.h"
#include "cli/input/rules_folder.h"
#include "cli/invocation.h"
#include "cli/render/progress.h"
#include "cli/render/register_report.h"
#include "cli/render/write_file.h"
#include "schema/definition.h"

namespace etalon::cli {
namespace {

struct HeaderOptions {
    HeaderFiles files;
    bool dry_run = false;
    bool strict = false;
    bool make_current = false;
    bool no_database = false;
    std::string history;
    std::string rules;
    bool write_rules = false;
    std::string reason;
    // traits
    std::string output;
    std::string depfile;
    std::vector<std::string> include_as;
};

// --- register and check
// ------------------------------------------------------------------------------------------------

/// Compares the headers with every database given and with the folder of histories, and records.
class Registering {
public:
    Registering(Invocation& invocation, const HeaderOptions& options, bool check_only)
        : session_(invocation), options_(options), check_only_(check_only) {
        if (!options.history.empty()) folder_.emplace(options.history);
        if (options.no_database && !folder_) {
            throw Error(ErrorCode::Usage, {"--no-database needs --history DIR", "", "", "", ""});
        }
        if (options.no_database && (!invocation.databases.empty() || !invocation.config.empty())) {
            throw Error(ErrorCode::Usage, {"--no-database and a database", "", "one of both", "both", ""});
        }
        // A check in a bare clone has the files alone; what is registered shall not miss its database by mistake.
        const bool files_only = options.no_database || (check_only && folder_ && !invocation.has_database());
        if (!files_only) databases_ = invocation.names();
        for (const auto& name : databases_) (void)invocation.federation().get(name);  // a wrong URL before a long parse
        if (options.write_rules && options.rules.empty()) {
            throw Error(ErrorCode::Usage, {"--write-rules needs --rules DIR", "", "", "", ""});
        }
        if (!options.rules.empty()) rules_.emplace(options.rules, options.write_rules);
        if (rules_) how_.rules = rules_->files();
        how_.strict = options.strict || check_only;
        how_.make_current = options.make_current;
        how_.info.reason = options.reason;
    }

    int run() {
        const auto found = read_headers(session_, options_.files);
        const auto units = find_unit_warnings(found, options_.files);
        print_warnings(units);
        auto warnings = header_warnings(found);
        warnings.insert(warnings.end(), units.begin(), units.end());
        how_.helpers = found.helpers;
        how_.is_elsewhere = [this](const std::string& struct_name) {
            auto& federation = session_.federation();
            return std::ranges::any_of(federation.names(), [&](const std::string& name) {
                return std::ranges::find(databases_, name) == databases_.end() &&
                       has_struct(federation.get(name), struct_name);
            });
        };
        skipped_ = describe_skipped(found);
        if (!skipped_.empty() && session_.format() != Format::Table) print_note(skipped_);
        const bool dry = options_.dry_run || check_only_;
        // All are judged before one is written.
        const bool alone = databases_.size() == 1 && !folder_;
        if (dry || !alone) compare(found.definitions, true);
        if (options_.write_rules && write_rules()) compare(found.definitions, true);
        refused_ = is_blocked() && how_.strict;
        if (!dry && !refused_) {
            if (!databases_.empty()) compare(found.definitions, false);
            refused_ = is_blocked() && how_.strict;
            if (!refused_) append(found.definitions);
        }
        for (const auto& one : comparisons_) {
            for (const auto& outcome : one.report.outcomes) {
                for (const auto& note : outcome.notes) print_note(place_of(one) + ": " + note);
            }
        }
        print(warnings);
        if (!refused_) return 0;
        session_.out.flush();
        print_error("a change is refused or needs a rule, " + first_blocking(comparisons_) +
                    (check_only_ ? "; register --strict would record nothing" : "; nothing was recorded"));
        return 1;
    }

private:
    /// Writes the renames that are likely as rules; true when there were any.
    bool write_rules() {
        for (const auto& one : comparisons_) {
            for (const auto& outcome : one.report.outcomes) {
                const bool is_done =
                    std::ranges::any_of(written_, [&](const auto& done) { return done.first == outcome.struct_name; });
                if (outcome.proposed.empty() || is_done) continue;
                written_.emplace_back(outcome.struct_name, rules_->write_proposed(outcome));
            }
        }
        how_.rules = rules_->files();
        return !written_.empty();
    }

    [[nodiscard]] bool is_blocked() const {
        return std::any_of(comparisons_.begin(), comparisons_.end(),
                           [](const Comparison& one) { return one.report.blocked; });
    }

    /// Registers in the databases, or tries to when `dry_run`; the files are only compared with, as they were before.
    void compare(std::span<const StructDefinition> definitions, bool dry_run) {
        std::optional<Comparison> files;
        if (folder_) {
            files = Comparison{"", folder_->path(),
                               folder_->compare(definitions, options_.make_current, !check_only_, how_.rules)};
        }
        comparisons_.clear();
        how_.dry_run = dry_run;
        ProgressBar bar(dry_run ? "comparing" : "recording");
        for (std::size_t i = 0; i < databases_.size(); ++i) {
            bar.show(i, databases_.size());
            comparisons_.push_back(
                {databases_[i], "", session_.federation().get(databases_[i]).register_structs(definitions, how_)});
        }
        if (files) comparisons_.push_back(std::move(*files));
    }

    /// The files get every layout that the databases have.
    void append(std::span<const StructDefinition> definitions) {
        if (!folder_) return;
        for (const auto& definition : definitions) {
            const auto own = std::make_shared<const StructDefinition>(definition);
            if (databases_.empty()) {
                const auto& outcomes = comparisons_.back().report.outcomes;  // of the files
                const auto outcome = std::ranges::find(outcomes, definition.name, &RegisterOutcome::struct_name);
                note(folder_->append({&own, 1}, definition, options_.make_current,
                                     outcome == outcomes.end() ? std::string() : outcome->renamed_from));
                continue;
            }
            for (const auto& comparison : comparisons_) {
                if (comparison.database.empty()) continue;
                auto& database = session_.federation().get(comparison.database);
                auto recorded = database.get_definitions(definition.name);
                // Of several layers another than the one written to may count the versions.
                const auto hash = schema::definition_hash(definition);
                if (std::none_of(recorded.begin(), recorded.end(),
                                 [&](const auto& one) { return schema::definition_hash(*one) == hash; })) {
                    recorded.push_back(own);
                }
                const auto outcome =
                    std::ranges::find(comparison.report.outcomes, definition.name, &RegisterOutcome::struct_name);
                const bool made_current = outcome->action == RegisterOutcome::Action::MadeCurrent;
                note(folder_->append(recorded,
                                     outcome->is_current ? definition : *database.get_definition(definition.name),
                                     made_current));
            }
        }
    }

    void note(AppendedHistory done) {
        if (done.current != 0) appended_.push_back(std::move(done));
    }

    void print(const std::vector<HeaderWarning>& warnings) {
        auto& out = session_.out;
        if (session_.format() == Format::Json) {
            std::string text;
            for (const auto& one : comparisons_)
                text += (text.empty() ? "" : ",\n") + interchange::to_json(one, warnings);
            out << (comparisons_.size() > 1 ? "[" + text + "]" : text) << "\n";
            return;
        }
        if (session_.format() == Format::Csv)
            return cli::print(out, Format::Csv, interchange::outcome_table(comparisons_));
        const bool dry = options_.dry_run || check_only_;
        for (const auto& [struct_name, file] : written_) out << file << ": renames of " << struct_name << " written\n";
        for (const auto& one : comparisons_) {
            const bool is_folder = !one.history.empty();
            if (comparisons_.size() > 1 || is_folder) {
                out << place_of(one)
                    << (is_folder && databases_.empty() ? " (no database: stored records are not counted)" : "")
                    << "\n";
            }
            print_outcomes(out, one);
            if (dry || refused_ || is_folder) continue;
            out << (one.report.commit == 0 ? "nothing to record" : "commit " + std::to_string(one.report.commit))
                << "\n";
        }
        for (const auto& one : appended_) {
            out << one.file << ": " << (one.layouts == 0 ? "" : counted(one.layouts, "layout") + " appended, ")
                << "the current one is " << std::to_string(one.current) << "\n";
        }
        if (folder_ && !dry && !refused_ && appended_.empty()) out << options_.history << ": nothing to append\n";
        if (!skipped_.empty()) out << skipped_ << "\n";
        if (options_.dry_run) out << "dry run: nothing was recorded\n";
        if (check_only_) out << (is_blocked() ? "check failed\n" : "check passed\n");
    }

    Invocation& session_;
    const HeaderOptions& options_;
    bool check_only_;
    std::optional<HistoryFolder> folder_;
    std::optional<RulesFolder> rules_;
    std::vector<std::pair<std::string, std::string>> written_;  ///< struct and file
    std::vector<std::string> databases_;
    RegisterOptions how_;
    std::vector<Comparison> comparisons_;
    std::vector<AppendedHistory> appended_;
    std::string skipped_;  ///< what could not be stored
    bool refused_ = false;
};

// --- traits
// --------------------------------------------------------------------------------------------------------------

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

int write_traits(Invocation& invocation, const HeaderOptions& options) {
    if (!options.include_as.empty() && options.include_as.size() != options.files.headers.size()) {
        throw Error(
            ErrorCode::Usage,
            {"--include-as does not match the headers", "", counted(options.files.headers.size(), "--include-as"),
             std::to_string(options.include_as.size()), "give one for each HEADER, in the same order"});
    }
    const auto found = read_headers(invocation, options.files);
    print_warnings(find_unit_warnings(found, options.files));
    auto includes = options.include_as;
    if (includes.empty()) {
        for (const auto& header : options.files.headers)
            includes.push_back(std::filesystem::absolute(header).lexically_normal().string());
    }
    write_file(options.output, schema::to_traits_header(found.definitions, includes, found.tagged));
    if (!options.depfile.empty()) {
        std::string text = make_escape(options.output) + ":";
        for (const auto& file : found.files_read)
            text += " \\\n  " + make_escape(std::filesystem::absolute(file).lexically_normal().string());
        write_file(options.depfile, text + "\n");
    }
    invocation.out << options.output << ": " << counted(found.definitions.size(), "struct") << "\n";
    if (const auto skipped = describe_skipped(found); !skipped.empty()) invocation.out << skipped << "\n";
    return 0;
}

CLI::App* add_header_command(CLI::App& app, const std::string& name, const std::string& description,
                             const std::shared_ptr<HeaderOptions>& options) {
    auto* command = app.add_subcommand(name, description);
    command->add_option("HEADER", options->files.headers, "C or C++ headers")->required()->type_name("HEADER...");
    command
        ->add_option("--compile-commands", options->files.compile_commands, "compile_commands.json to take flags from")
        ->type_name("FILE");
    command
        ->add_option(
            "--units", options->files.units,
            "File of units that the headers use (default: units.toml in the folder of each header, or above it)")
        ->type_name("FILE");
    command->add_flag("--c", options->files.as_c, "Read the headers as C (default: C++17)");
    command->add_option("--only", options->files.only, "Structs to take, of those that the headers define; repeatable")
        ->allow_extra_args(false)
        ->delimiter(',')
        ->type_name("NAME,...");
    command->add_flag("--skip-unsupported", options->files.skip_unsupported,
                      "Take the structs that can be stored, list the others with reasons");
    return command;
}

void add_history(CLI::App& command, HeaderOptions& options, const std::string& description) {
    command.add_option("--history", options.history, description)->type_name("DIR")->check(not_empty());
    command.add_flag("--no-database", options.no_database, "With --history: the files alone, whatever ETALON_DB says");
}

void add_rules(CLI::App& command, HeaderOptions& options, const std::string& description) {
    command.add_option("--rules", options.rules, description)->type_name("DIR");
}

}  // namespace

void add_header_commands(CLI::App& app, Invocation& invocation, Action& action) {
    auto recording = std::make_shared<HeaderOptions>();
    auto* command =
        add_header_command(app, "register", "Record the structs of headers, and what changed in them", recording);
    command->add_flag("--dry-run", recording->dry_run, "Print the verdicts, record nothing");
    command->add_flag("--strict", recording->strict,
                      "Record nothing when a change is refused or needs a rule; exit status 1");
    command->add_flag("--make-current", recording->make_current,
                      "A definition that is recorded already becomes the current one");
    add_history(*command, *recording, "Append new layouts to the files of this folder, too");
    add_rules(*command, *recording, "Files of rules that say what became of elements; recorded, too");
    command->add_option("--reason", recording->reason, "Why, for the log")->type_name("TEXT");
    add_format(*command, invocation);
    command->footer(
        "Arguments of the compiler stand behind --.\n"
        "Examples:\n  etalon -d sqlite:calib.db register structs/tpcElectronics.h -- -Iinclude -DNSECTORS=24\n"
        "  etalon -d sqlite:calib.db register structs/*.h --rules structs/rules --history structs/history\n"
        "  etalon -d sqlite:calib.db register station.h --only weather,receiver\n"
        "  etalon -d sqlite:calib.db register station.h --skip-unsupported");
    command->callback([&action, recording] {
        action = [recording](Invocation& s) { return Registering(s, *recording, false).run(); };
    });

    auto checking = std::make_shared<HeaderOptions>();
    command = add_header_command(
        app, "check", "Compare headers with what is recorded; exit status 1 when register --strict would refuse",
        checking);
    add_history(*command, *checking, "Compare with the files of this folder; needs no database");
    add_rules(*command, *checking, "Files of rules that say what became of elements");
    command->add_flag("--write-rules", checking->write_rules,
                      "Write renames that are likely into the files of --rules");
    add_format(*command, invocation);
    command->footer(
        "Examples:\n  etalon -d sqlite:calib.db check structs/*.h -- -Iinclude\n"
        "  etalon check structs/*.h --history structs/history --rules structs/rules\n"
        "  etalon -d sqlite:calib.db check structs/*.h --rules structs/rules --write-rules");
    command->callback(
        [&action, checking] { action = [checking](Invocation& s) { return Registering(s, *checking, true).run(); }; });

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
    command->callback([&action, traits] { action = [traits](Invocation& s) { return write_traits(s, *traits); }; });
}

}  // namespace etalon::cli
