#include "cli/render/effects.h"

#include <algorithm>

#include "interchange/findings.h"

namespace etalon::cli {
namespace {

/// For people: since when, for which snapshots, and what layers hide.
void print_reach(Invocation& invocation, const EffectsOfDatabase& one, const CommitReach& reach,
                 const std::string& prefix) {
    auto& out = invocation.out;
    out << prefix << "reads see this from commit " << std::to_string(reach.next_commit)
        << " on (the next one, unless somebody commits before); reads as of an earlier commit or date do not\n";
    if (reach.open_snapshots + reach.frozen_snapshots != 0) {
        out << prefix << counted(reach.open_snapshots + reach.frozen_snapshots, "named snapshot") << ": ";
        out << std::to_string(reach.open_snapshots) << " open, which do not move by themselves (etalon snapshot set); "
            << std::to_string(reach.frozen_snapshots) << " frozen, which never see it\n";
    }
    if (one.database->layers().size() < 2) return;
    const auto hidden = static_cast<std::uint64_t>(std::count_if(
        one.effects.begin(), one.effects.end(), [](const PutEffect& effect) { return !effect.hidden_by.empty(); }));
    out << prefix << "before and after are what the layer written to says";
    if (hidden != 0) {
        out << "; " << std::to_string(hidden) << " of " << counted(one.effects.size(), "interval")
            << (hidden == 1 ? " is" : " are") << " hidden from readers of all layers by a layer above (hiddenBy)";
    }
    out << "\n";
}

}  // namespace

void print_effects(Invocation& invocation, const std::vector<EffectsOfDatabase>& all, bool with_database) {
    const bool for_people = invocation.format() == Format::Table;
    const bool has_layers =
        std::any_of(all.begin(), all.end(), [](const auto& one) { return one.database->layers().size() > 1; });
    Table table;
    std::vector<CommitReach> reaches;
    for (const auto& one : all) {
        reaches.push_back(one.database->preview_reach());
        interchange::EffectColumns columns{!for_people || has_layers};
        if (!for_people) columns.from_commit = reaches.back().next_commit;
        append(table, interchange::effect_table(one.effects, columns), with_database ? &one.name : nullptr);
    }
    if (!for_people) return print(invocation.out, invocation.format(), table);
    if (table.rows.empty()) {
        invocation.out << "dry run: nothing would change; what wins now wins everywhere\n";
        return;
    }
    invocation.out << "dry run: these intervals would change, nothing was written\n";
    print(invocation.out, Format::Table, table);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].effects.empty()) continue;
        print_reach(invocation, all[i], reaches[i], all.size() > 1 ? all[i].name + ": " : std::string());
    }
}

void note_nameless(std::uint64_t number) {
    if (number == 0) return;
    print_note(counted(number, "value was", "values were") + " let in that no enumerator has");
}

}  // namespace etalon::cli
