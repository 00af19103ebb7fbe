// Rules of evolution over a stack: what each layer has recorded, and what holds for one read.
#include <algorithm>
#include <set>

#include "database/stack.h"
#include "etalon/error.h"
#include "schema/rules.h"

namespace etalon::detail {

using backends::TransactionMode;
using database::LayerCommits;
using database::RuleBook;
using database::RuleBookPtr;

void StackImpl::learn_rules() {
    std::vector<std::vector<store::RecordedRules>> learnt(layers.size());
    std::vector<std::map<std::string, std::vector<std::string>>> versions(layers.size());
    std::set<std::string> structs;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        auto& place = *layers[l].place;
        if (!place.has_rules || layers[l].kind == backends::PlaceKind::Csv) continue;
        const auto tx = place.connection->begin(TransactionMode::Read);
        auto table = store::read_rules(*tx, place.schemas);
        for (auto& [struct_name, names] : table.versions) versions[l][struct_name] = std::move(names);
        for (auto& one : table.rules) structs.insert(one.struct_name);
        learnt[l] = std::move(table.rules);
    }
    // A layer without rules may have versions that no other has.
    for (std::size_t l = 0; l < layers.size() && several(); ++l) {
        for (const auto& struct_name : structs) {
            if (versions[l].contains(struct_name)) continue;
            auto& place = *layers[l].place;
            const auto tx = place.connection->begin(TransactionMode::Read);
            const auto entry = place.find_struct(*tx, struct_name);
            if (!entry) continue;
            for (const auto& schema : entry->schemas) versions[l][struct_name].push_back(schema::layout_name(*schema->definition));
        }
    }
    rules_ = std::move(learnt);
    ruled_versions_ = std::move(versions);
    has_rules_ = !structs.empty();
    rule_books_.clear();
}

RuleBookPtr StackImpl::rules_at(const LayerCommits& commits) {
    if (!has_rules_) return nullptr;
    const auto known = rule_books_.find(commits.commits);
    if (known != rule_books_.end()) return known->second;
    struct OfStruct {
        std::vector<std::string> versions;
        std::vector<schema::CheckedRulesPtr> sections;
    };
    std::map<std::string, OfStruct> structs;
    for (std::size_t l = layers.size(); l-- > 0;) {
        for (const auto& one : rules_[l]) {
            if (one.commit > commits.commits[l]) continue;
            structs[one.struct_name].sections.push_back(one.rules);
        }
    }
    for (auto& [struct_name, of_struct] : structs) {
        for (std::size_t l = layers.size(); l-- > 0;) {
            const auto known = ruled_versions_[l].find(struct_name);
            if (known == ruled_versions_[l].end()) continue;
            for (const auto& version : known->second) {
                if (std::find(of_struct.versions.begin(), of_struct.versions.end(), version) == of_struct.versions.end())
                    of_struct.versions.push_back(version);
            }
        }
    }
    auto book = std::make_shared<RuleBook>();
    for (auto& [name, of_struct] : structs) {
        (*book)[name] =
            std::make_shared<const schema::StructRules>(std::move(of_struct.versions), std::move(of_struct.sections));
    }
    if (rule_books_.size() >= 256) rule_books_.clear();
    return rule_books_[commits.commits] = book->empty() ? nullptr : RuleBookPtr(book);
}

void StackImpl::use_rules(const LayerCommits& commits) {
    if (!has_rules_ && !layers.front().place->rules) return;
    const auto book = rules_at(commits);
    for (auto& layer : layers) layer.place->rules = book;
}

}  // namespace etalon::detail
