#include "place/struct_renames.h"

#include <fmt/format.h>

#include <algorithm>

#include "etalon/error.h"
#include "place/own_structs.h"
#include "schema/definition.h"
#include "store/rules.h"

namespace etalon::place {

using backends::Transaction;

namespace {

bool has_version(const StructEntry& of_struct, const StructDefinition& definition) {
    const auto hash = schema::definition_hash(definition);
    return std::ranges::any_of(of_struct.schemas, [&](const auto& schema) { return schema->definition_hash == hash; });
}

}  // namespace

ContinuedStruct find_continued(Place& db, Transaction& tx, const StructDefinition& definition,
                               const evolution::GivenRules& given, const store::RuleTable& recorded) {
    ContinuedStruct found;
    found.known = db.find_struct(tx, definition.name, &recorded);
    if (found.known && (found.known->name() == definition.name || has_version(*found.known, definition))) {
        // It is that struct; rules that say what it was called say so of this one, or of one that is not here.
        for (const auto& former : evolution::former_names(given, definition.name)) {
            const auto other = db.find_struct(tx, former, &recorded);
            if (!other || other->record.id == found.known->record.id) continue;
            throw Error(ErrorCode::Refused, {"two recorded structs cannot become one",
                                             fmt::format("rename struct {} -> {}", former, definition.name),
                                             fmt::format("a struct {} that is not recorded yet", definition.name),
                                             fmt::format("struct {} with {} schema version(s) of its own",
                                                         definition.name, found.known->schemas.size()),
                                             fmt::format("say 'distinct struct {}, {}', or choose another new name",
                                                         former, definition.name)});
        }
        return found;
    }
    for (const auto& former : evolution::former_names(given, definition.name)) {
        const auto old = db.find_struct(tx, former, &recorded);
        // A database that never had it has nothing to carry over.
        if (!old) continue;
        if (is_own_struct(old->record.name)) {
            throw Error(ErrorCode::Refused, {"one of Etalon's own structs cannot be renamed", "struct " + former, "",
                                             fmt::format("rename struct {} -> {}", former, definition.name), ""});
        }
        if (found.known && old->record.id != found.known->record.id) {
            throw Error(
                ErrorCode::Refused,
                {"the name is that of another struct", fmt::format("rename struct {} -> {}", former, definition.name),
                 "a name that no struct has or had",
                 fmt::format("{}, which is called {} now", definition.name, found.known->name()), ""});
        }
        if (old->name() != former) {
            throw Error(ErrorCode::Refused, {"the struct has another name by now",
                                             fmt::format("rename struct {} -> {}", former, definition.name),
                                             fmt::format("rename struct {} -> {}", old->name(), definition.name),
                                             fmt::format("{}, which is called {} now", former, old->name()), ""});
        }
        found.known = old;
        found.renamed_from = former;
    }
    if (!found.known || !found.renamed_from.empty()) return found;
    const auto& name = found.known->name();
    throw Error(
        ErrorCode::Refused,
        {"the struct has another name by now", fmt::format("struct {}, {}", definition.name, definition.source),
         fmt::format("a definition of struct {}, or one that was recorded before it was renamed", name),
         fmt::format("another definition of {}", definition.name),
         fmt::format("call it {}, or write 'rename struct {} -> {}' in a file of rules; another struct takes a name of "
                     "its own",
                     name, name, definition.name)});
}

void ask_about_renames(Place& db, Transaction& tx, const std::vector<NewStruct>& fresh,
                       const std::vector<std::string>& declared, const evolution::GivenRules& given,
                       const store::RuleTable& recorded) {
    if (fresh.empty()) return;
    std::vector<evolution::LikelyRename> pairs;
    for (const auto& record : store::all_structs(tx)) {
        if (is_own_struct(record.name)) continue;
        // Definitions are read of those that may be it: by their name, or by another one that rules gave them.
        const bool renamed = std::ranges::any_of(recorded.rules, [&](const auto& one) {
            return one.rules->renamed_struct && one.struct_name == record.name;
        });
        const bool is_alike = std::ranges::any_of(fresh, [&](const auto& one) {
            return evolution::likeness_of_structs(record.name, one.definition->name) >= evolution::kLeastLikeness;
        });
        if (!renamed && !is_alike) continue;
        const auto entry = db.get_struct(tx, record.id);
        if (std::ranges::any_of(declared, [&](const auto& name) { return entry->is_called(name); })) continue;
        if (entry->schemas.empty()) continue;
        // The newest, which has the name that would be renamed; it need not be the current one.
        const auto& newest = entry->schemas.back()->definition;
        for (const auto& one : fresh) pairs.push_back({newest, one.definition, one.outcome});
    }
    evolution::ask_about_renames(std::move(pairs), given);
}

}  // namespace etalon::place
