#include "store/element_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "etalon/error.h"
#include "evolution/matching.h"
#include "evolution/rule_trace.h"
#include "store/tables.h"

namespace etalon::store {

using backends::Sql;

namespace {

/// For each element the one of an earlier version that it is, or evolution::kNoElement.
std::vector<std::uint32_t> find_same(const StructDefinition& earlier, const StructDefinition& definition,
                                     const evolution::StructRules* rules) {
    const auto way = rules != nullptr ? rules->way(earlier, definition) : std::vector<evolution::RuleStep>();
    if (way.empty()) return evolution::match_elements(earlier, definition).stored_of;
    std::vector<std::uint32_t> same(definition.elements.size(), evolution::kNoElement);
    // Units make no difference to where a value comes from.
    const auto origins = evolution::trace(earlier, definition, way, nullptr);
    for (std::size_t i = 0; i < same.size(); ++i) {
        const auto& origin = origins.elements[i];
        if (!origin.by_value) {
            if (origin.whole.stored != evolution::Origin::kNone) same[i] = origin.whole.stored;
            continue;
        }
        for (const auto& value : origin.origins) {
            if (value.stored == evolution::Origin::kNone) continue;
            if (earlier.elements[value.stored].path == definition.elements[i].path) same[i] = value.stored;
        }
    }
    return same;
}

}  // namespace

std::vector<std::vector<std::int64_t>> read_element_keys(backends::Transaction& tx, std::int64_t struct_id,
                                                         const std::vector<SchemaPtr>& recorded) {
    std::vector<std::vector<std::int64_t>> keys(recorded.size());
    std::size_t at = 0;
    const auto add = [&](std::int64_t schema_id, std::int64_t key) {
        while (at < recorded.size() && recorded[at]->schema_id < schema_id) ++at;
        if (at < recorded.size() && recorded[at]->schema_id == schema_id) keys[at].push_back(key);
    };
    if (backends::is_proved(tx)) {
        const auto& table = element_table();
        static const Sql kProved(
            fmt::format(R"(SELECT {} FROM "schema" x WHERE x."structID" = ?1 ORDER BY x."schemaID", x."position")",
                        table.select("x")));
        const int schema_at = table.at("schemaID");
        const int key_at = table.at("elementKey");
        backends::SetSum found;
        {
            const auto cursor = tx.query(kProved, {struct_id});
            while (cursor->next()) {
                found.add(table.check(*cursor, 0));
                add(cursor->integer(schema_at), cursor->integer(key_at));
            }
        }
        backends::check_set(found, backends::read_set_proof(tx, backends::SetKind::Elements, struct_id),
                            backends::SetKind::Elements, fmt::format("structID {}", struct_id));
    } else {
        static const Sql kKeys(R"(SELECT "schemaID", "elementKey" FROM "schema" WHERE "structID" = ?1
ORDER BY "schemaID", "position")");
        const auto cursor = tx.query(kKeys, {struct_id});
        while (cursor->next()) add(cursor->integer(0), cursor->integer(1));
    }
    for (std::size_t i = 0; i < recorded.size(); ++i) {
        const auto& definition = *recorded[i]->definition;
        if (keys[i].size() == definition.elements.size()) continue;
        throw Error(ErrorCode::Corrupt,
                    {"schema version with other elements than its definition",
                     fmt::format("struct {}, schema {}", definition.name, recorded[i]->schema_id),
                     fmt::format("{} rows in schema", definition.elements.size()), std::to_string(keys[i].size()), ""});
    }
    return keys;
}

std::vector<std::int64_t> make_element_keys(const StructDefinition& definition, const std::vector<SchemaPtr>& recorded,
                                            const std::vector<std::vector<std::int64_t>>& keys,
                                            const evolution::StructRules* rules) {
    std::vector<std::int64_t> made(definition.elements.size(), 0);
    std::set<std::int64_t> taken;
    for (std::size_t v = recorded.size(); v-- > 0 && taken.size() < made.size();) {
        const auto same = find_same(*recorded[v]->definition, definition, rules);
        for (std::size_t i = 0; i < made.size(); ++i) {
            if (made[i] != 0 || same[i] == evolution::kNoElement) continue;
            if (const auto key = keys[v][same[i]]; taken.insert(key).second) made[i] = key;
        }
    }
    std::int64_t last = 0;
    for (const auto& of_version : keys) {
        for (const auto key : of_version) last = std::max(last, key);
    }
    for (auto& key : made) {
        if (key == 0) key = ++last;
    }
    return made;
}

}  // namespace etalon::store
