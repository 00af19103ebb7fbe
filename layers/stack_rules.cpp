// Rules of evolution over a stack: what each layer has recorded, and what holds for one read.
#include <algorithm>
#include <set>

#include "etalon/error.h"
#include "evolution/rules.h"
#include "layers/stack.h"

namespace etalon::layers {

using backends::TransactionMode;
using place::RuleBook;
using place::RuleBookPtr;

namespace {

/// Adds the rules of one layer of a struct to those of the layers below. A copy says nothing where a layer below has
/// rules between the same layouts: that is where it came from, and there the rules may have been mended since.
class RuleStack {
public:
    void begin_layer() { below_ = sections_.size(); }
    void add(const store::RecordedRules& one) {
        const auto end = sections_.begin() + static_cast<std::ptrdiff_t>(below_);
        const auto is_same = [&](const auto& known) { return known->joins_same(*one.rules); };
        if (one.is_copy && std::any_of(sections_.begin(), end, is_same)) return;
        sections_.push_back(one.rules);
    }
    [[nodiscard]] std::vector<evolution::CheckedRulesPtr>& sections() noexcept { return sections_; }

private:
    std::vector<evolution::CheckedRulesPtr> sections_;
    std::size_t below_ = 0;
};

/// Which names are those of one struct, in whatever layers.
class StructNames {
public:
    void unite(const std::string& one, const std::string& other) { parents_[find(one)] = find(other); }
    /// One name for all of them.
    [[nodiscard]] std::string find(const std::string& name) const {
        auto at = name;
        for (auto up = parents_.find(at); up != parents_.end() && up->second != at; up = parents_.find(at))
            at = up->second;
        return at;
    }
    /// The others of the same struct, and itself.
    [[nodiscard]] std::vector<std::string> all(const std::string& name) const {
        std::vector<std::string> names{name};
        for (const auto& [one, up] : parents_) {
            if (one != name && find(one) == name) names.push_back(one);
        }
        return names;
    }

private:
    std::map<std::string, std::string, std::less<>> parents_;
};

}  // namespace

std::shared_ptr<const StackRules> LayerStack::learn_rules() {
    auto learnt = std::make_shared<StackRules>();
    auto& rules = learnt->rules;
    auto& versions = learnt->versions;
    rules.resize(layers_.size());
    versions.resize(layers_.size());
    std::set<std::string> structs;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        auto& place = *layers_[l].place;
        if (!place.has_rules() || layers_[l].kind == backends::PlaceKind::Csv) continue;
        const auto tx = place.connection().begin(TransactionMode::Read);
        auto table = store::read_rules(*tx, place.schemas());
        for (auto& [struct_name, names] : table.versions) versions[l][struct_name] = std::move(names);
        for (auto& one : table.rules) {
            structs.insert(one.struct_name);
            if (one.rules->renamed_struct)
                structs.insert({one.rules->renamed_struct->first, one.rules->renamed_struct->second});
        }
        rules[l] = std::move(table.rules);
    }
    // A layer without rules may have versions that no other has.
    for (std::size_t l = 0; l < layers_.size() && several(); ++l) {
        for (const auto& struct_name : structs) {
            if (versions[l].contains(struct_name)) continue;
            auto& place = *layers_[l].place;
            const auto tx = place.connection().begin(TransactionMode::Read);
            const auto entry = place.find_struct(*tx, struct_name);
            if (!entry) continue;
            for (const auto& schema : entry->schemas)
                versions[l][struct_name].push_back(evolution::layout_name(*schema->definition));
        }
    }
    learnt->has_any = !structs.empty();
    return learnt;
}

place::RuleBookPtr LayerStack::rules_at(const LayerCommits& commits) {
    const auto& learnt = *snapshot_.rules;
    if (!learnt.has_any) return nullptr;
    const auto known = rule_books_.find(commits.commits);
    if (known != rule_books_.end()) return known->second;
    struct OfStruct {
        std::vector<std::string> versions;
        RuleStack rules;
    };
    StructNames names;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        for (const auto& one : learnt.rules[l]) {
            if (one.commit > commits.commits[l] || !one.rules->renamed_struct) continue;
            names.unite(one.rules->renamed_struct->first, one.struct_name);
            names.unite(one.rules->renamed_struct->second, one.struct_name);
        }
    }
    std::map<std::string, OfStruct> structs;
    for (std::size_t l = layers_.size(); l-- > 0;) {
        for (auto& [struct_name, of_struct] : structs) of_struct.rules.begin_layer();
        for (const auto& one : learnt.rules[l]) {
            if (one.commit > commits.commits[l]) continue;
            structs[names.find(one.struct_name)].rules.add(one);
        }
    }
    for (auto& [struct_name, of_struct] : structs) {
        for (std::size_t l = layers_.size(); l-- > 0;) {
            for (const auto& name : names.all(struct_name)) {
                const auto known = learnt.versions[l].find(name);
                if (known == learnt.versions[l].end()) continue;
                for (const auto& version : known->second) {
                    if (std::find(of_struct.versions.begin(), of_struct.versions.end(), version) ==
                        of_struct.versions.end())
                        of_struct.versions.push_back(version);
                }
            }
        }
    }
    auto book = std::make_shared<place::RuleBook>();
    for (auto& [struct_name, of_struct] : structs) {
        const auto rules = std::make_shared<const evolution::StructRules>(std::move(of_struct.versions),
                                                                          std::move(of_struct.rules.sections()));
        for (const auto& name : names.all(struct_name)) (*book)[name] = rules;
    }
    if (rule_books_.size() >= 256) rule_books_.clear();
    return rule_books_[commits.commits] = book->empty() ? nullptr : place::RuleBookPtr(book);
}

std::vector<RulesFile> LayerStack::rules_to_copy(place::Place& place, const std::string& struct_name) {
    std::set<std::string, std::less<>> names{struct_name};
    // Twice: a layer may know the name by which another one knows the struct.
    for (int round = 0; round < 2 && snapshot_.rules; ++round) {
        for (const auto& of_layer : snapshot_.rules->rules) store::add_names(of_layer, names);
    }
    const auto read = [&](place::Place& from) {
        auto table = store::read_rules(*from.connection().begin(TransactionMode::Read), from.schemas());
        store::add_names(table.rules, names);
        std::erase_if(table.rules, [&](const auto& one) { return !names.contains(one.struct_name); });
        return std::move(table.rules);
    };
    const auto own = place.has_rules() ? read(place) : std::vector<store::RecordedRules>();
    RuleStack others;
    for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
        if (layer->place.get() == &place || !layer->place->has_rules() || layer->kind == backends::PlaceKind::Csv)
            continue;
        others.begin_layer();
        for (const auto& one : read(*layer->place)) others.add(one);
    }
    // The last section of two layouts, where the first one stood: that order says along which versions a way leads.
    std::vector<evolution::CheckedRulesPtr> last;
    for (const auto& section : others.sections()) {
        if (std::ranges::any_of(own, [&](const auto& one) { return !one.is_copy && one.rules->joins_same(*section); }))
            continue;
        const auto known = std::ranges::find_if(last, [&](const auto& one) { return one->joins_same(*section); });
        known == last.end() ? last.push_back(section) : static_cast<void>(*known = section);
    }
    if (last.empty()) return {};
    RulesFile file{"the rules of another layer", "struct " + struct_name + "\n"};
    for (const auto& section : last) file.text += evolution::to_text(section->written);
    return {std::move(file)};
}

}  // namespace etalon::layers
