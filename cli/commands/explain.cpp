/// etalon explain: why a record won, or why there is none.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>

#include "cli/invocation.h"
#include "interchange/explanation.h"

namespace etalon::cli {
namespace {

struct ExplainOptions {
    std::string name;
    std::string at;
    std::string version;
    std::optional<std::string> elements;
    AsOfTexts as_of;
    LayerUnit layer_unit = LayerUnit::Element;
    std::int64_t limit = 10;
};

/// Where a candidate stands among the eligible ones; null when it is none.
Cell place_cell(const Candidate& candidate) {
    return candidate.place == 0 ? null_cell() : cell(candidate.place);
}

/// States with their numbers, and how many of them are listed.
struct StateCount {
    CandidateState state;
    std::uint64_t all;
    std::uint64_t listed;
};
std::vector<StateCount> count_states(const LayerCandidates& layer) {
    const auto& counts = layer.counts;
    std::vector<StateCount> states{
        {layer.is_asked ? CandidateState::Eligible : CandidateState::NotAsked, counts.eligible, 0},
        {CandidateState::Ended, counts.ended, 0},
        {CandidateState::BeginsLater, counts.begins_later, 0},
        {CandidateState::Retired, counts.retired, 0},
        {CandidateState::CommittedLater, counts.committed_later, 0}};
    for (auto& state : states) {
        state.listed = static_cast<std::uint64_t>(
            std::count_if(layer.candidates.begin(), layer.candidates.end(),
                          [&](const Candidate& candidate) { return candidate.state == state.state; }));
    }
    return states;
}

void print_layer(Output& out, Axis axis, const LayerCandidates& layer, std::size_t number, std::size_t of) {
    if (of > 1) out << "layer " << std::to_string(number) << ": ";
    out << layer.layer;
    if (!layer.knows_name) {
        out << " does not know the name\n";
        return;
    }
    if (layer.commit != 0) out << ", as of commit " << std::to_string(layer.commit);
    out << ", policy " << name_of(layer.policy) << (layer.is_asked ? "" : ", not asked") << "\n";
    Table table{{"place", "state", "version", "begin", "end", "commit", "why", "uid"}, {}};
    const bool by_creation = layer.policy == OrderPolicy::ByCreation;
    if (by_creation) table.columns.insert(table.columns.begin() + 5, "created");
    for (const auto& candidate : layer.candidates) {
        const auto& record = candidate.record;
        std::vector<Cell> row = {place_cell(candidate),
                                 cell(name_of(candidate.state)),
                                 cell(record.version),
                                 cell(axis, record.interval.begin),
                                 cell(axis, record.interval.end),
                                 record.commit == 0 ? null_cell() : cell(record.commit),
                                 cell(candidate.why),
                                 cell(record.uid)};
        if (by_creation) row.insert(row.begin() + 5, cell(record.created));
        table.rows.push_back(std::move(row));
    }
    if (table.rows.empty()) {
        out << "  no records of this element in these versions\n";
    } else {
        print_table(out, table);
    }
    for (const auto& state : count_states(layer)) {
        if (state.listed == state.all) continue;
        out << "  " << name_of(state.state) << ": " << std::to_string(state.listed) << " of "
            << counted(state.all, "record") << " listed\n";
    }
    std::string others;
    for (const auto& other : layer.versions) {
        others += (others.empty() ? "" : ", ") + other.version + " (" + std::to_string(other.records) +
                  (other.valid != 0 ? ", " + std::to_string(other.valid) + " valid" : "") + ")";
    }
    if (layer.counts.other_versions != 0) {
        out << "  " << counted(layer.counts.other_versions, "record") << " of versions that are not asked: " << others
            << "\n";
    }
    if (layer.counts.other_elements != 0) {
        out << "  " << counted(layer.counts.other_elements, "record") << " of other elements\n";
    }
}

void print_people(Output& out, const Explanation& explanation) {
    bool first = true;
    for (const auto& element : explanation.elements) {
        if (!first) out << "\n";
        first = false;
        out << explanation.name << " element " << std::to_string(element.element) << " at "
            << format_position(explanation.at) << ", version " << explanation.version << ": " << name_of(element.status)
            << ", valid " << interval_text(element.validity.axis, element.validity.begin, element.validity.end) << "\n";
        if (element.winner) {
            out << (element.status == Status::Hole ? "the deliberate hole " : "record ") << element.winner->uid
                << " of version " << element.winner->version << " wins: " << element.why << "\n";
        } else {
            out << "nothing is valid: " << element.why << "\n";
        }
        for (std::size_t i = 0; i < element.layers.size(); ++i) {
            print_layer(out, explanation.at.axis, element.layers[i], i + 1, element.layers.size());
        }
    }
}

int explain(Invocation& invocation, const ExplainOptions& options) {
    FetchOptions fetch;
    fetch.version = options.version;
    if (options.elements) fetch.elements = parse_elements(*options.elements);
    options.as_of.read(fetch.as_of, fetch.as_of_patterns);
    fetch.layer_unit = options.layer_unit;
    auto& database = invocation.database_with_records_of(options.name);
    const auto name = get_name(database, options.name);
    const auto explanation = database.explain(options.name, read_position(name, "--at", options.at), fetch,
                                              static_cast<std::uint64_t>(options.limit));
    switch (invocation.format()) {
        case Format::Json:
            invocation.out << interchange::to_json(explanation) << "\n";
            break;
        case Format::Csv:
            print(invocation.out, Format::Csv, interchange::candidate_table(explanation));
            break;
        case Format::Table:
            print_people(invocation.out, explanation);
            break;
    }
    AnswerData pinned;
    pinned.settled = explanation.settled;
    pinned.snapshot = explanation.snapshot;
    note_unsettled(pinned, database.layers().size() > 1);
    return std::all_of(explanation.elements.begin(), explanation.elements.end(),
                       [](const ElementExplanation& element) { return element.status == Status::Found; })
               ? 0
               : 1;
}

}  // namespace

void add_explain_command(CLI::App& app, Invocation& invocation, Action& action) {
    auto* command = app.add_subcommand("explain", "Why a record won at a time, or why there is none");
    auto options = std::make_shared<ExplainOptions>();
    command->add_option("REF", options->name, "Named reference")->required();
    command->add_option("--at", options->at, "When: ISO time UTC, @nanoseconds, -inf, inf; a run number on a run axis")
        ->required()
        ->type_name("T");
    command->add_option("--version", options->version, "Version chain: sim,default or sim+default (default: default)")
        ->type_name("CHAIN")
        ->check(not_empty());
    command->add_option("--element", options->elements, "Elements, such as 0-23,30 (default: 0)")->type_name("LIST");
    add_as_of(*command, options->as_of);
    add_layer_unit(*command, options->layer_unit);
    add_integer(*command, "--limit", options->limit, "List at most so many records of each state (default: 10; 0: all)",
                0)
        ->type_name("N");
    add_format(*command, invocation);
    command->footer(
        "place: 1 wins, 2 would win without it, ...; records without a place do not count, `why` says why.\n"
        "Exit status: 0 every element has rows; 1 a gap or a hole.\n"
        "Example:\n  etalon -d sqlite:calib.db explain tpcElectronics --at 2019-06-09T13:20:47Z --version sim,default");
    command->callback([&action, options] { action = [options](Invocation& s) { return explain(s, *options); }; });
}

}  // namespace etalon::cli
