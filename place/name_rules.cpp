#include "place/name_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/name_text.h"
#include "base/number_text.h"
#include "etalon/error.h"
#include "index/names.h"
#include "index/records.h"
#include "place/own_structs.h"

namespace etalon::place {
namespace {

/// The names that a definition gives: those in the paths of its elements, and its enumerators.
std::set<std::string> names_in(const StructDefinition& definition) {
    std::set<std::string> names;
    for (const auto& element : definition.elements) {
        std::string_view rest = element.path;
        while (!rest.empty()) {
            const auto end = std::min(rest.find_first_of(".["), rest.size());
            names.emplace(rest.substr(0, end));
            rest.remove_prefix(std::min(rest.find('.', end), rest.size()));
            if (!rest.empty()) rest.remove_prefix(1);
        }
        for (const auto& [name, value] : element.enumerators) names.insert(name);
    }
    return names;
}

/// PostgreSQL keeps UTF-8 only, and cannot be asked for anything else.
bool may_be_recorded(const backends::Transaction& tx, std::string_view name) {
    return tx.engine() == backends::Engine::Sqlite || is_utf8(name);
}

}  // namespace

void check_name(std::string_view name, const char* what) {
    const auto bad = std::find_if(name.begin(), name.end(), [](unsigned char c) {
        return c <= 0x20 || c == 0x7f || c == '/' || c == '"' || c == '\'' || c == ',';
    });
    if (!name.empty() && bad == name.end()) return;
    const auto at = static_cast<std::size_t>(bad - name.begin());
    throw Error(ErrorCode::BadInput, {fmt::format("bad name of a {}", what), fmt::format("'{}'", name),
                                      "a name without white space, quotes, ',' or '/'",
                                      name.empty() ? "an empty name" : describe_character(name, at), ""});
}

void check_new_reference(backends::Transaction& tx, std::string_view name) {
    const auto fault = find_name_fault(name, "named reference");
    if (!fault || (may_be_recorded(tx, name) && index::find_name(tx, name, kPlusInfinity))) return;
    throw Error(*fault);
}

void check_new_version(backends::Transaction& tx, std::int64_t name_id, std::string_view version) {
    const auto fault = find_name_fault(version, "version");
    if (!fault || (name_id != 0 && may_be_recorded(tx, version) && index::has_version(tx, name_id, version))) return;
    throw Error(*fault);
}

void check_new_definition(const StructDefinition& definition, const StructEntry* known) {
    if (known == nullptr || !known->is_called(definition.name)) check_name_text(definition.name, "struct");
    const auto is_known = [&](const std::string& name) {
        return known != nullptr && std::ranges::any_of(known->schemas, [&](const auto& schema) {
                   return names_in(*schema->definition).contains(name);
               });
    };
    for (const auto& name : names_in(definition)) {
        const auto fault = find_name_fault(name, "element");
        if (fault && !is_known(name)) throw fault->about("struct " + definition.name);
    }
}

}  // namespace etalon::place
