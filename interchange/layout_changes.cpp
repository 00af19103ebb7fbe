#include "interchange/layout_changes.h"

#include <algorithm>
#include <map>

#include "evolution/law.h"
#include "text/typed_header.h"

namespace etalon::interchange {
namespace {

using evolution::ChangeKind;
using evolution::JudgedChange;

std::vector<ElementPair> pair_up(const StructDefinition& stored, const StructDefinition& asked,
                                 std::span<const JudgedChange> judged) {
    std::map<std::string, std::vector<const JudgedChange*>> by_path;
    std::map<std::string, std::string> old_path;  // of what was renamed
    std::vector<const JudgedChange*> removed;
    for (const auto& one : judged) {
        if (one.change.kind == ChangeKind::Removed) {
            removed.push_back(&one);
            continue;
        }
        if (one.change.kind == ChangeKind::PartlyRemoved) continue;  // a line of its own
        by_path[one.change.path].push_back(&one);
        if (one.change.kind == ChangeKind::Renamed) old_path[one.change.path] = one.change.from;
    }
    std::vector<ElementPair> pairs;
    for (const auto& element : asked.elements) {
        ElementPair pair;
        pair.asked = &element;
        pair.changes = by_path[element.path];
        const bool added = std::any_of(pair.changes.begin(), pair.changes.end(),
                                       [](const auto* one) { return one->change.kind == ChangeKind::Added; });
        const auto renamed = old_path.find(element.path);
        if (!added) pair.stored = find_element(stored, renamed != old_path.end() ? renamed->second : element.path);
        pairs.push_back(std::move(pair));
    }
    // In stored order, so that the one before has its place already.
    for (const auto* change : removed) {
        ElementPair pair;
        pair.stored = find_element(stored, change->change.path);
        pair.changes = {change};
        auto place = pairs.begin();
        if (pair.stored != stored.elements.data()) {
            place = std::ranges::find(pairs, pair.stored - 1, &ElementPair::stored);
            if (place != pairs.end()) ++place;
        }
        pairs.insert(place, std::move(pair));
    }
    return pairs;
}

}  // namespace

const Element* find_element(const StructDefinition& definition, const std::string& path) {
    const auto found = std::ranges::find(definition.elements, path, &Element::path);
    return found == definition.elements.end() ? nullptr : &*found;
}

std::string side_text(const Element* element) {
    if (element == nullptr) return {};
    return text::type_text(*element) + " @" + std::to_string(element->offset) +
           (element->unit.empty() ? "" : " [" + element->unit + "]");
}

LayoutChanges arrange(const StructDefinition& stored, const StructDefinition& asked,
                      std::span<const JudgedChange> judged) {
    LayoutChanges changes;
    changes.pairs = pair_up(stored, asked, judged);
    for (const auto& change : judged) {
        const bool is_listed =
            std::ranges::find(changes.pairs, change.change.path, &ElementPair::path) != changes.pairs.end();
        if (!is_listed || change.change.kind == ChangeKind::PartlyRemoved) changes.apart.push_back(&change);
    }
    return changes;
}

Table change_table(const LayoutChanges& changes, const StructDefinition& stored, const StructDefinition& asked) {
    Table table{{"element", "stored", "asked", "change", "verdict", "reason"}, {}};
    const auto add = [&](const std::string& name, const std::string& left, const std::string& right,
                         const JudgedChange* change) {
        table.rows.push_back(
            {cell(name), cell_or_null(left), cell_or_null(right),
             change != nullptr ? cell(evolution::name_of(change->change.kind)) : cell("same"),
             cell(evolution::name_of(change != nullptr ? change->verdict : evolution::Verdict::Identical)),
             cell(change != nullptr ? change->reason : "")});
    };
    for (const auto& pair : changes.pairs) {
        for (const auto* change : pair.changes) add(pair.path(), side_text(pair.stored), side_text(pair.asked), change);
        if (pair.changes.empty()) add(pair.path(), side_text(pair.stored), side_text(pair.asked), nullptr);
    }
    for (const auto* change : changes.apart) {
        const auto size = [](const StructDefinition& layout) { return std::to_string(layout.size) + " bytes"; };
        if (change->change.path.empty()) {
            add("(the struct)", size(stored), size(asked), change);
        } else if (change->change.kind == ChangeKind::PartlyRemoved) {
            add(change->change.path, side_text(find_element(stored, change->change.path)), "", change);
        } else {
            add(change->change.path, change->change.from, change->change.to, change);
        }
    }
    table.has_sentences = true;
    return table;
}

Table law_table() {
    Table table{{"row", "change", "verdict", "reader"}, {}};
    for (const auto& entry : evolution::law()) {
        table.rows.push_back({cell(entry.id), cell(entry.change), cell(name_of(entry.verdict)), cell(entry.reader)});
    }
    return table;
}

}  // namespace etalon::interchange
