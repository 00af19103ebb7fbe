#pragma once
/// Etalon's own structs and references: what parameter sets and run maps are stored as. A reference with `/` in its
/// name is always one of these, so that they never meet with those of users.
///
///   parameters/SOFTWARE/SET   etalonParameters, rows are the bytes of one text (params/canonical.h), stored as bytes
///   runs/MAP/by_run           etalonRun, run axis: one row at [run, run + 1)
///   runs/MAP/by_time          etalonRun, time axis: one row at [begin, end)

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "etalon/commit.h"
#include "etalon/definition.h"
#include "etalon/reference.h"

namespace etalon::place {

class Place;
struct WriteContext;

/// `struct etalonParameters { uint8_t byte; }`.
[[nodiscard]] const DefinitionPtr& parameters_definition();
/// `struct etalonRun { int64_t run, begin, end; uint8_t hasEnd; }`.
[[nodiscard]] const DefinitionPtr& run_definition();

/// A row of etalonRun, as its definition has it.
struct RunRow {
    std::int64_t run = 0;
    std::int64_t begin = 0;
    std::int64_t end = 0;  ///< 0 without an end
    std::uint8_t has_end = 0;
};

/// Throws Error(BadInput) unless `name` is 1 to 100 letters, digits, `_`, `-`, `.` and not only dots. `what` for the
/// error: `software`.
void check_part(std::string_view name, std::string_view what);
/// Names of the references; the parts are checked.
[[nodiscard]] std::string parameters_reference(std::string_view software, std::string_view set);
[[nodiscard]] std::string by_run_reference(std::string_view map);
[[nodiscard]] std::string by_time_reference(std::string_view map);

/// Software and set of a reference of a parameter set; nothing for any other name.
struct ParametersName {
    std::string software;
    std::string set;
};
[[nodiscard]] std::optional<ParametersName> find_parameters_name(std::string_view reference);
/// The map of `runs/MAP/by_run` or `runs/MAP/by_time`; nothing for any other name.
[[nodiscard]] std::optional<std::string> find_map_name(std::string_view reference);

/// Whether Etalon keeps the name of that struct for itself.
[[nodiscard]] bool is_own_struct(std::string_view struct_name) noexcept;
/// Throws Error(Refused) when a definition that a user registers has the name of one of Etalon's own structs.
void check_user_structs(std::span<const StructDefinition> definitions);
/// Throws Error(BadInput) when a name with `/` is none of Etalon's own references.
void check_own_name(std::string_view reference);
/// Throws Error(Refused) when struct, axis, storage or policy of one of Etalon's own references are not as above, or
/// when a user's reference has one of Etalon's own structs.
void check_own_reference(const NameSpec& spec, std::string_view struct_name);
/// Throws for rows that a user puts to one of Etalon's own references: Refused for run maps (whose references belong
/// together), BadInput (Format for a newer form) for rows that are no parameter set.
void check_user_records(std::span<const PutRecord> records);

/// Records one of Etalon's own structs unless it is there. Structs are no part of the history, so this takes no commit
/// number. Throws Error(Conflict) when another struct has its name.
void ensure_own_struct(Place& db, const StructDefinition& definition, const WriteContext& context);

}  // namespace etalon::place
