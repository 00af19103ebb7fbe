#include "store/foreign_relations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "backends/ddl.h"
#include "backends/proof.h"
#include "etalon/error.h"
#include "store/audit.h"
#include "store/relation_names.h"

namespace etalon::store {

using backends::Engine;
using backends::RelationInfo;
using backends::StoreFormat;
using backends::Transaction;
using backends::TriggerText;

namespace {

constexpr std::string_view kFormatTable = "storeFormat";

std::string to_lower(std::string_view text) {
    std::string lower(text);
    for (auto& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return lower;
}

std::string list_of(const std::vector<std::string>& columns) {
    return fmt::format("{}", fmt::join(columns, ", "));
}

/// What a trigger of Etalon's is for: the name of its table stands before it, also when that was renamed by an upgrade.
std::string_view purpose_of(std::string_view trigger) {
    return trigger.substr(std::min(trigger.rfind('_'), trigger.size()));
}

/// The text of a trigger as if it had that name.
std::string with_name(const TriggerText& trigger, std::string_view name) {
    auto text = trigger.text;
    const auto quoted = backends::quote_identifier(trigger.name);
    const auto at = text.find(quoted);
    return at == std::string::npos ? text : text.replace(at, quoted.size(), backends::quote_identifier(name));
}

}  // namespace

OwnRelations::OwnRelations(Engine of, const std::string& ddl) : engine(of), tables(backends::find_tables(ddl)) {
    if (engine == Engine::Sqlite) triggers = backends::find_trigger_texts(ddl);
}

std::string PlacedRelations::key_of(std::string_view name) const {
    return own_.engine == Engine::Sqlite ? to_lower(name) : std::string(name);
}

PlacedRelations::PlacedRelations(Transaction& tx, const OwnRelations& own, std::string place)
    : own_(own), place_(std::move(place)) {
    std::vector<std::string> names;
    for (const auto& table : own.tables) names.push_back(table.name);
    list_ = backends::read_relations(tx, names);
    for (const auto& relation : list_.relations) by_name_.emplace(key_of(relation.name), &relation);
    for (const auto& trigger : list_.triggers) by_table_.emplace(key_of(trigger.table), &trigger);
}

const RelationInfo* PlacedRelations::find(std::string_view name) const {
    const auto found = by_name_.find(key_of(name));
    return found == by_name_.end() ? nullptr : found->second;
}

void PlacedRelations::refuse(std::string what, std::string_view relation, std::string expected,
                             std::string found) const {
    throw Error(ErrorCode::Format,
                {std::move(what), fmt::format("{}, {}", place_, relation), std::move(expected), std::move(found),
                 "somebody else made it, and nothing is read or written beside it: remove it, or "
                 "restore the database from a copy"});
}

void PlacedRelations::check_vacant() const {
    static constexpr std::array<std::string_view, 2> kViews{"schemaMask", "dataIndex_view"};
    if (own_.engine == Engine::Sqlite) {
        for (const auto& relation : list_.relations) {
            if (relation.name.starts_with("sqlite_")) continue;
            throw Error(
                ErrorCode::Refused,
                {"the file is a database of another program", place_, "a new file, or a database of Etalon's",
                 fmt::format("the {} {}", relation.kind, relation.name), "nothing was written: name another file"});
        }
        return;
    }
    std::vector<std::string_view> names(kViews.begin(), kViews.end());
    for (const auto& table : own_.tables) names.emplace_back(table.name);
    for (const auto name : names) {
        const auto* relation = find(name);
        if (relation == nullptr) continue;
        throw Error(ErrorCode::Refused,
                    {"a relation of somebody else has a name that Etalon needs", place_, "a schema without it",
                     fmt::format("the {} {}", relation->kind, relation->name),
                     "nothing was written: name another schema with #Name, or rename the relation"});
    }
}

void PlacedRelations::check_table(std::string_view name) const {
    const auto* relation = find(name);
    if (relation == nullptr) return;  // whoever needs it says so
    if (relation->kind != "table" || relation->name != name) {
        refuse("the place of one of Etalon's tables is taken", name, "a table of that name",
               fmt::format("a {} {}", relation->kind, relation->name));
    }
    if (!relation->extra.empty()) {
        refuse("one of Etalon's tables does more than keep rows", name, "a plain table", relation->extra);
    }
}

void PlacedRelations::check_format_table() const {
    check_table(kFormatTable);
    const auto* relation = find(kFormatTable);
    if (relation == nullptr) return;
    for (const std::string_view needed : {"ID", "major", "minor", "databaseName", "placeUid", "entryTime"}) {
        const bool has = std::ranges::any_of(
            relation->columns, [&](std::string_view column) { return column.substr(0, column.find(' ')) == needed; });
        if (!has)
            refuse("one of Etalon's tables has other columns", kFormatTable, std::string(needed),
                   list_of(relation->columns));
    }
}

void PlacedRelations::check_columns(const RelationInfo& own) const {
    const auto* relation = find(own.name);
    if (relation == nullptr || relation->columns == own.columns) return;
    refuse("one of Etalon's tables has other columns", own.name, list_of(own.columns), list_of(relation->columns));
}

void PlacedRelations::check_triggers(std::string_view table, const std::vector<TriggerText>& known,
                                     bool exactly) const {
    const auto [first, last] = by_table_.equal_range(key_of(table));
    for (auto at = first; at != last; ++at) {
        const auto& trigger = *at->second;
        if (own_.engine == Engine::Postgres) {
            if (trigger.text.starts_with("etalon")) continue;
            refuse("a trigger of somebody else is on one of Etalon's tables", table, "none but Etalon's own",
                   "the trigger " + trigger.name);
        }
        const auto own = std::ranges::find_if(known, [&](const TriggerText& one) {
            return one.table == table && purpose_of(one.name) == purpose_of(trigger.name);
        });
        if (own == known.end()) {
            refuse("a trigger of somebody else is on one of Etalon's tables", table, "none but Etalon's own",
                   "the trigger " + trigger.name);
        }
        if (!exactly) continue;
        const auto text = with_name(trigger, own->name);
        if (text != own->text && text != backends::triggers_before_2_1(own->text)) {
            refuse("a trigger on one of Etalon's tables does something else", table, own->text, trigger.text);
        }
    }
}

bool PlacedRelations::is_of_format(std::string_view table, const StoreFormat& format) {
    if (table == "setProof") return format.major >= 2;
    return (table != "object" && table != "objectRef" && table != "namedQuery") || backends::has_objects(format);
}

void PlacedRelations::check_vacant_for(const StoreFormat& format) const {
    for (const auto& table : own_.tables) {
        const auto* relation = find(table.name);
        if (relation == nullptr || is_of_format(table.name, format)) continue;
        throw Error(ErrorCode::Refused,
                    {"a relation of somebody else has a name that Etalon needs", place_, "a database without it",
                     fmt::format("the {} {}", relation->kind, relation->name),
                     "nothing was written: rename the relation, then bring the database up to date"});
    }
}

void PlacedRelations::check(Transaction& tx, const StoreFormat& format, const StoreFormat& newest) const {
    // A later minor may have more of everything, an earlier major had less.
    const bool is_newer = format.major == newest.major && format.minor > newest.minor;
    // Those of a minor that came before are the same in the newest one.
    const bool exactly = format.major == newest.major && !is_newer;
    for (const auto& own : own_.tables) {
        if (!is_of_format(own.name, format)) continue;  // people may have one of that name
        check_table(own.name);
        if (exactly) check_columns(own);
        if (!is_newer) check_triggers(own.name, own_.triggers, exactly);
    }
    if (!has("structure")) return;
    for (const auto& [struct_id, table] : read_row_tables(tx)) {
        check_table(table);
        if (is_newer || !by_table_.contains(key_of(table))) continue;
        std::vector<TriggerText> known;
        if (own_.engine == Engine::Sqlite) {
            known = backends::find_trigger_texts(row_table_triggers(own_.engine, newest, table));
        }
        check_triggers(table, known, exactly);
    }
}

}  // namespace etalon::store
