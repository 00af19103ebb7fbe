/// etalon import: the tables of a manifest, one atomic commit per database.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "cli/invocation.h"
#include "cli/render/effects.h"
#include "cli/render/progress.h"
#include "interchange/manifest_import.h"

namespace etalon::cli {
namespace {

struct ImportOptions {
    std::string manifest;
    std::string only;
    std::string reason;
    std::string comment;
    bool lenient = false;
    bool dry_run = false;
};

/// Prints what is wrong with the manifest, and throws how much that is.
[[noreturn]] void report(const interchange::ManifestError& error) {
    constexpr std::size_t kMost = 50;
    const auto& problems = error.problems();
    for (std::size_t i = 0; i < std::min(problems.size(), kMost); ++i) print_error(problems[i].what());
    auto info = error.info();
    if (problems.size() > kMost) info.what += " (the first " + std::to_string(kMost) + " are listed above)";
    throw Error(error.code(), info);
}

/// Reads and checks every file.
interchange::ManifestImport prepare(Invocation& invocation, const ImportOptions& options) {
    interchange::ImportRequest request;
    request.manifest = options.manifest;
    request.databases = invocation.names();
    request.only = options.only;
    request.reason = options.reason;
    request.with_effects = options.dry_run;
    request.comment = options.comment;
    request.standard_input = &std::cin;
    request.lenient = options.lenient;
    if (!options.only.empty() && std::ranges::find(request.databases, options.only) == request.databases.end()) {
        (void)invocation.federation().get(options.only);  // says what is known, when it is not
        throw Error(ErrorCode::Usage,
                    {"the database of --only is not among those given with -d", options.only, "", "", ""});
    }
    ProgressBar bar("reading");
    return {invocation.federation(), std::move(request), bar.callback()};
}

CommitResult commit(interchange::ManifestImport& manifest, std::size_t part) {
    ProgressBar bar("writing " + manifest.parts()[part].name);
    return manifest.commit(part, bar.callback());
}

void write(Invocation& invocation, const ImportOptions& options) {
    auto manifest = prepare(invocation, options);
    note_nameless(manifest.num_nameless());
    if (options.dry_run) {
        std::vector<EffectsOfDatabase> effects;
        for (const auto& part : manifest.parts()) effects.push_back({part.name, part.database, part.effects});
        return print_effects(invocation, effects, true);
    }
    for (std::size_t part = 0; part < manifest.parts().size(); ++part) {
        const auto result = commit(manifest, part);
        invocation.out << manifest.parts()[part].name << ": " << counted(result.records, "record") << ", "
                       << (result.new_payloads == 0
                               ? std::string("all values known")
                               : counted(result.new_payloads, "new payload") + " of " + counted(result.rows, "row"))
                       << "\ncommit " << std::to_string(result.commit) << "\n";
        // Seen at once: a later database may fail.
        invocation.out.flush();
    }
}

int import_manifest(Invocation& invocation, const ImportOptions& options) {
    try {
        write(invocation, options);
    } catch (const interchange::ManifestError& error) {
        report(error);
    }
    return 0;
}

}  // namespace

void add_import_command(CLI::App& app, Invocation& invocation, Action& action) {
    auto* command = app.add_subcommand("import", "Commit all tables of a manifest, one commit per database");
    auto options = std::make_shared<ImportOptions>();
    command
        ->add_option("MANIFEST", options->manifest,
                     "CSV with table,struct,beginTime,path; optional endTime,version,element,created")
        ->required();
    command->add_option("--only", options->only, "Take the tables of this database only")->type_name("DATABASE");
    add_comment(*command, options->comment);
    command->add_option("--reason", options->reason, "Why, for the log")->type_name("TEXT");
    command->add_flag("--lenient", options->lenient, "Let in numbers that no enumerator has, and count them");
    command->add_flag("--dry-run", options->dry_run,
                      "Check everything, and show which intervals would change; write nothing");
    add_format(*command, invocation);
    command->footer("Example:\n  etalon -d sqlite:tpc.db#Calibrations_tpc import manifest.csv --only Calibrations_tpc");
    command->callback(
        [&action, options] { action = [options](Invocation& s) { return import_manifest(s, *options); }; });
}

}  // namespace etalon::cli
