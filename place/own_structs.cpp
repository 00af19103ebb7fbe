#include "place/own_structs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "base/name_text.h"
#include "base/printable.h"
#include "etalon/error.h"
#include "index/commits.h"
#include "params/canonical.h"
#include "place/place.h"
#include "place/write_context.h"
#include "schema/definition.h"

namespace etalon::place {
namespace {

using backends::TransactionMode;

constexpr std::string_view kParametersPrefix = "parameters/";
constexpr std::string_view kRunsPrefix = "runs/";
constexpr std::string_view kByRun = "/by_run";
constexpr std::string_view kByTime = "/by_time";
constexpr std::size_t kLongestPart = 100;

static_assert(sizeof(RunRow) == 32 && offsetof(RunRow, has_end) == 24);

bool is_good_in_part(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
}

bool is_part(std::string_view name) noexcept {
    return !name.empty() && name.size() <= kLongestPart && std::all_of(name.begin(), name.end(), is_good_in_part) &&
           name.find_first_not_of('.') != std::string_view::npos;
}

Element element_of(std::string path, ScalarType type, std::uint64_t offset, std::string comment) {
    Element element;
    element.path = std::move(path);
    element.type = type;
    element.offset = offset;
    element.comment = std::move(comment);
    return element;
}

/// What one of Etalon's own references has to be like.
struct Rule {
    DefinitionPtr definition;
    Storage storage;
    std::optional<Axis> axis;  // none: either
};

std::optional<Rule> find_rule(std::string_view reference) {
    if (find_parameters_name(reference)) return Rule{parameters_definition(), Storage::Bytes, std::nullopt};
    if (find_map_name(reference)) {
        return Rule{run_definition(), Storage::Columns, reference.ends_with(kByRun) ? Axis::Run : Axis::Time};
    }
    return std::nullopt;
}

}  // namespace

const DefinitionPtr& parameters_definition() {
    static const DefinitionPtr kDefinition = [] {
        StructDefinition definition;
        definition.name = "etalonParameters";
        definition.size = 1;
        definition.comment = "the text of a parameter set, byte after byte";
        definition.elements = {element_of("byte", ScalarType::UInt8, 0, "")};
        return std::make_shared<const StructDefinition>(std::move(definition));
    }();
    return kDefinition;
}

const DefinitionPtr& run_definition() {
    static const DefinitionPtr kDefinition = [] {
        StructDefinition definition;
        definition.name = "etalonRun";
        definition.size = sizeof(RunRow);
        definition.alignment = alignof(RunRow);
        definition.comment = "one run of a run map";
        definition.elements = {
            element_of("run", ScalarType::Int64, offsetof(RunRow, run), "run number"),
            element_of("begin", ScalarType::Int64, offsetof(RunRow, begin), "nanoseconds since 1970 UTC"),
            element_of("end", ScalarType::Int64, offsetof(RunRow, end), "nanoseconds since 1970 UTC, exclusive"),
            element_of("hasEnd", ScalarType::UInt8, offsetof(RunRow, has_end), "0: until another run begins")};
        return std::make_shared<const StructDefinition>(std::move(definition));
    }();
    return kDefinition;
}

namespace {

/// What is wrong with a name that is no part of one of Etalon's own references.
std::string describe_part(std::string_view name) {
    const auto bad = std::find_if_not(name.begin(), name.end(), is_good_in_part);
    if (bad == name.end())
        return name.size() > kLongestPart ? fmt::format("{} bytes", name.size()) : fmt::format("'{}'", name);
    return fmt::format("'{}': {}", excerpt(name),
                       describe_character(name, static_cast<std::size_t>(bad - name.begin())));
}

}  // namespace

void check_part(std::string_view name, std::string_view what) {
    if (is_part(name)) return;
    throw Error(ErrorCode::BadInput,
                {fmt::format("bad name of a {}", what), "", "1 to 100 letters, digits, '_', '-' or '.', not only dots",
                 describe_part(name), ""});
}

std::string parameters_reference(std::string_view software, std::string_view set) {
    check_part(software, "software");
    check_part(set, "parameter set");
    return fmt::format("{}{}/{}", kParametersPrefix, software, set);
}

std::string by_run_reference(std::string_view map) {
    check_part(map, "run map");
    return fmt::format("{}{}{}", kRunsPrefix, map, kByRun);
}

std::string by_time_reference(std::string_view map) {
    check_part(map, "run map");
    return fmt::format("{}{}{}", kRunsPrefix, map, kByTime);
}

std::optional<ParametersName> find_parameters_name(std::string_view reference) {
    if (!reference.starts_with(kParametersPrefix)) return std::nullopt;
    reference.remove_prefix(kParametersPrefix.size());
    const auto slash = reference.find('/');
    if (slash == std::string_view::npos || !is_part(reference.substr(0, slash)) ||
        !is_part(reference.substr(slash + 1))) {
        return std::nullopt;
    }
    return ParametersName{std::string(reference.substr(0, slash)), std::string(reference.substr(slash + 1))};
}

std::optional<std::string> find_map_name(std::string_view reference) {
    if (!reference.starts_with(kRunsPrefix)) return std::nullopt;
    reference.remove_prefix(kRunsPrefix.size());
    const auto end = reference.ends_with(kByRun)    ? kByRun.size()
                     : reference.ends_with(kByTime) ? kByTime.size()
                                                    : std::string_view::npos;
    if (end == std::string_view::npos || end > reference.size()) return std::nullopt;
    reference.remove_suffix(end);
    if (!is_part(reference)) return std::nullopt;
    return std::string(reference);
}

bool is_own_struct(std::string_view struct_name) noexcept {
    return struct_name == parameters_definition()->name || struct_name == run_definition()->name;
}

void check_user_structs(std::span<const StructDefinition> definitions) {
    for (const auto& definition : definitions) {
        if (!is_own_struct(definition.name)) continue;
        throw Error(ErrorCode::Refused, {fmt::format("struct {} is one of Etalon's own", definition.name),
                                         definition.source, "another name", "", "rename the struct"});
    }
}

void check_own_name(std::string_view reference) {
    if (reference.find('/') == std::string_view::npos || find_rule(reference)) return;
    throw Error(ErrorCode::BadInput,
                {"bad name of a named reference", fmt::format("'{}'", reference),
                 "a name without white space, quotes, ',' or '/'", "",
                 "only Etalon's own references have '/': parameters/SOFTWARE/SET, runs/MAP/by_run, runs/MAP/by_time"});
}

void check_own_reference(const NameSpec& spec, std::string_view struct_name) {
    const auto rule = find_rule(spec.name);
    if (!rule) {
        if (!is_own_struct(struct_name)) return;
        throw Error(ErrorCode::Refused,
                    {fmt::format("struct {} is one of Etalon's own", struct_name), spec.name, "a struct of yours", "",
                     "'etalon params put' and 'etalon runs add' make the references that use it"});
    }
    const auto refuse = [&](std::string_view what, std::string_view expected, std::string_view found) {
        throw Error(ErrorCode::Refused, {fmt::format("the {} of one of Etalon's own references is fixed", what),
                                         spec.name, std::string(expected), std::string(found), ""});
    };
    if (struct_name != rule->definition->name) refuse("struct", rule->definition->name, struct_name);
    if (spec.storage && *spec.storage != rule->storage)
        refuse("storage", name_of(rule->storage), name_of(*spec.storage));
    if (spec.axis && rule->axis && *spec.axis != *rule->axis) refuse("axis", name_of(*rule->axis), name_of(*spec.axis));
    if (find_map_name(spec.name) && spec.policy && *spec.policy != OrderPolicy::ByBegin) {
        refuse("policy", name_of(OrderPolicy::ByBegin), name_of(*spec.policy));
    }
}

void check_user_records(std::span<const PutRecord> records) {
    for (const auto& record : records) {
        if (find_map_name(record.name)) {
            throw Error(ErrorCode::Refused, {"the references of a run map are written together", record.name, "", "",
                                             "use 'etalon runs add', or Database::add_runs"});
        }
        if (record.num_rows == 0 || !record.rows || !find_parameters_name(record.name)) continue;
        const auto* text = reinterpret_cast<const char*>(record.rows.get());
        if (!record.layout || record.layout->size != 1) continue;  // not its struct: refused with the layout
        try {
            (void)params::from_canonical({text, record.num_rows}, record.name);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Corrupt) throw;
            throw Error(ErrorCode::BadInput,
                        {"rows that are no parameter set", record.name, error.info().expected, error.info().found,
                         "use 'etalon params put', or Database::put_parameters"});
        }
    }
}

void ensure_own_struct(Place& db, const StructDefinition& definition, const WriteContext& context) {
    const auto is_there = [&](backends::Transaction& tx) {
        const auto known = db.find_struct(tx, definition.name);
        if (!known) return false;
        const auto hash = schema::definition_hash(definition);
        for (const auto& schema : known->schemas) {
            if (schema->definition_hash == hash) return true;
        }
        throw Error(ErrorCode::Conflict,
                    {fmt::format("another struct is named {}", definition.name), fmt::format("database {}", db.name()),
                     "Etalon's own struct of that name", "one of a user", "use another database"});
    };
    if (is_there(*db.connection().begin(TransactionMode::Read))) return;
    backends::change_tables(db.connection(), [&](backends::TableLocks& locks) {
        db.forget();
        const auto tx = begin_write(db.connection(), locks);
        if (is_there(*tx)) return;
        const auto entry_time = context.clock().ns;
        const bool as_bytes = definition.name == parameters_definition()->name;
        auto record =
            store::insert_struct(*tx, definition, {0, entry_time}, as_bytes ? Storage::Bytes : Storage::Columns);
        (void)store::insert_schema(*tx, record, {}, definition, {0, entry_time});
        tx->commit();
    });
}

}  // namespace etalon::place
