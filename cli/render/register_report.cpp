#include "cli/render/register_report.h"

#include <algorithm>

#include "evolution/registering.h"

namespace etalon::cli {
namespace {

/// A line that only says that an element lies elsewhere now.
bool only_moved(const RegisterOutcome::Line& line) {
    return line.verdict == "identical" && line.change.starts_with("moved");
}

/// Identical and automatic changes lose nothing: what they touch is not counted.
bool is_counted(const std::string& verdict) {
    return verdict != "identical" && verdict != "automatic";
}

std::string touched_text(std::uint64_t records, std::uint64_t configurations) {
    return counted(records, "stored record") + ", " + counted(configurations, "configuration");
}

void print_other(Output& out, const RegisterOutcome::Other& other, bool has_records) {
    out << "  note: rows of schema version " << std::to_string(other.schema);
    if (has_records) out << " (" << touched_text(other.records, other.configurations) << ")";
    out << " are not given in this one: " << other.change << ": " << other.verdict;
    out << (other.reason.empty() ? "" : ": " + other.reason) << "\n";
}

/// `rename a -> b` as the question that it is.
std::string as_question(const std::string& proposed) {
    return "is it '" + proposed + "' or '" + evolution::as_distinct(proposed) + "'?";
}

/// What has to be decided about a line; empty when nothing.
std::string question_of(const RegisterOutcome& outcome, const RegisterOutcome::Line& line) {
    const auto start = line.path.empty() ? "rename struct " : "rename " + line.path + " -> ";
    const auto found =
        std::ranges::find_if(outcome.proposed, [&](const auto& rule) { return rule.starts_with(start); });
    const bool asked = line.kind == "removed" && found != outcome.proposed.end();
    return asked ? "to be decided: " + as_question(*found) : std::string();
}

}  // namespace

std::string place_of(const Comparison& comparison) {
    return comparison.history.empty() ? "database " + comparison.database : "history " + comparison.history;
}

std::string first_blocking(const std::vector<Comparison>& comparisons) {
    for (const auto& comparison : comparisons) {
        for (const auto& outcome : comparison.report.outcomes) {
            for (const auto& line : outcome.changes) {
                if (!line.blocks) continue;
                const auto question = question_of(outcome, line);
                return outcome.struct_name + ": " + line.change + ": " + (question.empty() ? line.verdict : question);
            }
        }
    }
    return {};
}

void print_outcomes(Output& out, const Comparison& comparison) {
    const bool has_records = comparison.history.empty();
    for (const auto& outcome : comparison.report.outcomes) {
        out << outcome.struct_name << ": " << interchange::name_of(outcome.action) << ", schema version "
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
            out << "  " << line.change << ": " << line.verdict << (line.reason.empty() ? "" : ": " + line.reason);
            if (has_records && is_counted(line.verdict)) {
                out << "; touches " << touched_text(line.records, line.configurations);
            }
            out << "\n";
        }
        // An element that grows moves all behind it: one line for them.
        if (moved > 0) out << "  " << counted(moved, "change") << " of place only: identical\n";
        for (const auto& other : outcome.others) print_other(out, other, has_records);
        if (outcome.rules > 0) out << "  " << counted(outcome.rules, "section") << " of rules for it\n";
        for (const auto& line : outcome.proposed)
            out << "  likely: " << line << "; to be decided: " << as_question(line) << "\n";
        const bool wants_rule =
            std::any_of(outcome.changes.begin(), outcome.changes.end(), [](const auto& line) { return line.blocks; });
        if (wants_rule || !outcome.proposed.empty()) {
            out << "  rules for it stand under: from " << outcome.previous_layout.substr(0, 12) << " to "
                << outcome.layout.substr(0, 12) << "\n";
        }
    }
}

}  // namespace etalon::cli
