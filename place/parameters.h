#pragma once
/// Parameter sets as rows of etalonParameters. Who passes a Place has it to himself.

#include <span>

#include "etalon/answer.h"
#include "etalon/commit.h"
#include "etalon/parameters.h"
#include "etalon/reference.h"

namespace etalon::place {

class Place;
struct WriteContext;

/// Database::put_parameters.
[[nodiscard]] CommitResult write_parameters(Place& db, std::span<const ParameterPut> puts, const WriteContext& context);
/// The set that an answer of its reference holds.
[[nodiscard]] ParameterAnswer to_parameters(std::string_view software, std::string_view set, const Answer& answer);
/// Those of the names that are parameter sets of that software (empty: of all).
[[nodiscard]] std::vector<ParameterSetInfo> find_parameter_sets(std::span<const NameInfo> names,
                                                                std::string_view software);
/// Throws Error(Unknown) with the nearest of the sets that are there.
[[noreturn]] void throw_no_parameters(std::string_view database, std::string_view software, std::string_view set,
                                      std::span<const NameInfo> names);

}  // namespace etalon::place
