/// etalon verify: whether everything that is stored is what Etalon wrote there.

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/invocation.h"
#include "cli/render/progress.h"
#include "interchange/findings.h"

namespace etalon::cli {
namespace {

/// A finding for people: what is wrong, and on lines of their own what was expected, found, and is to be done.
std::string text_of(const VerifyFinding& finding, bool with_layer) {
    std::string text = "table " + finding.table;
    if (!finding.key.empty()) text += ", " + finding.key;
    text += ":\n  " + finding.what + "\n";
    if (with_layer) text += "  in        " + finding.layer + "\n";
    if (!finding.expected.empty()) text += "  expected  " + finding.expected + "\n";
    if (!finding.found.empty()) text += "  found     " + finding.found + "\n";
    return text + "  " + (finding.repaired ? "was made anew" : "do: " + finding.advice) + "\n";
}

int verify(Invocation& invocation, const VerifyOptions& options) {
    OpenOptions opening;
    opening.examine = true;
    const auto databases = invocation.names(opening);
    const bool several = databases.size() > 1;
    Table table;
    std::vector<std::string> texts;
    VerifyReport all;
    std::string commits;
    std::size_t open = 0;
    {
        ProgressBar bar("verifying");
        for (const auto& name : databases) {
            auto& database = invocation.federation().get(name);
            const auto report = database.verify(options, bar.callback());
            append(table, interchange::verify_table(report.findings), several ? &name : nullptr);
            for (const auto& finding : report.findings) {
                texts.push_back(text_of(finding, several || database.layers().size() > 1));
                open += finding.repaired ? 0 : 1;
            }
            for (const auto& note : report.notes) print_note(note);
            all.commits += report.commits;
            all.rows += report.rows;
            all.timelines += report.timelines;
            all.payloads += report.payloads;
            all.objects += report.objects;
            all.elsewhere.insert(all.elsewhere.end(), report.elsewhere.begin(), report.elsewhere.end());
            if (report.commit != 0) commits += "commit " + std::to_string(report.commit) + "\n";
        }
    }
    if (invocation.format() != Format::Table) print(invocation.out, invocation.format(), table);
    if (invocation.format() == Format::Table) {
        for (const auto& text : texts) invocation.out << text;
        invocation.out << counted(all.commits, "commit") << ", " << counted(all.rows, "row") << ", "
                       << counted(all.timelines, "timeline");
        if (options.deep) invocation.out << ", " << counted(all.payloads, "payload");
        if (all.objects != 0) invocation.out << ", " << counted(all.objects, "object");
        invocation.out << ": " << (table.rows.empty() ? std::string("sound") : counted(table.rows.size(), "finding"))
                       << "\n"
                       << commits;
        if (!all.elsewhere.empty()) {
            invocation.out << counted(all.elsewhere.size(), "object")
                           << " that rows refer to lie in another layer or database: it is whole only with that\n";
        }
        if (options.repair && open != 0) {
            invocation.out << counted(open, "finding") << " cannot be made anew from what is there\n";
        }
    }
    return table.rows.empty() ? 0 : 1;
}

}  // namespace

void add_verify_command(CLI::App& app, Invocation& invocation, Action& action) {
    auto* command = app.add_subcommand("verify", "Whether everything that is stored is what was written");
    auto options = std::make_shared<VerifyOptions>();
    command->add_option("REF", options->names, "Named references whose timelines are checked (default: all)")
        ->check(not_empty());
    command->add_flag("--deep", options->deep, "Also read all values and compare them with their content hashes");
    command->add_flag("--repair", options->repair,
                      "Make anew what is derived (timelines, proofs of sets, views, what lists\n"
                      "the references of rows), in a commit of its own");
    add_format(*command, invocation);
    command->footer(
        "Checks tables and triggers, the checksum of every row, the proofs of sets, the chain of commits, records\n"
        "against their payloads, timelines against their records, views, configurations and snapshots.\n"
        "Exit status: 0 nothing found; 1 findings, also when they were mended.\n"
        "Example:\n  etalon -d sqlite:calib.db verify --deep");
    command->callback([&action, options] { action = [options](Invocation& s) { return verify(s, *options); }; });
}

}  // namespace etalon::cli
