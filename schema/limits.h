#pragma once
/// Limits of values and keys of rows, as headers declare them: read from text, and checked over rows. Pure functions.
/// docs/writing_structs.md says what each means.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/definition.h"

namespace etalon::schema {

/// What stands behind `limits:`.
struct LimitText {
    std::vector<std::string> limits;  ///< canonical: `[0, 4096)`, `not nan`, `one of 0, 1, 7`, `unique`, `increasing`
    /// Why it is not taken. A form that is known but does not fit the element is a mistake; other words are prose.
    std::string problem;
    bool is_prose = false;
};
/// Reads one limit, or several with `;` between. Nothing is taken of a text with a problem.
[[nodiscard]] LimitText read_limits(const Element& element, std::string_view text);

/// What is wrong with the keys and limits of a definition: a key of an array, of an array of structs or of a float,
/// positions that are not 1, 2, ... each once, a limit that is not canonical or does not fit. Empty when sound.
[[nodiscard]] std::vector<std::string> validate_limits(const StructDefinition& definition);

/// The elements of the natural index, in order of their positions; they point into the definition.
[[nodiscard]] std::vector<const Element*> key_elements(const StructDefinition& definition);

/// True when any element has a key or a limit.
[[nodiscard]] bool has_limits(const StructDefinition& definition) noexcept;

/// A value that is not allowed.
struct LimitViolation {
    std::string path;                  ///< of the element; of keys all of them, `sector, pad`
    std::uint64_t row = 0;             ///< from 0
    std::vector<std::uint64_t> index;  ///< in an array
    std::string value;
    std::string limit;  ///< the one that is broken; of keys `key: as row 3`
};
/// Checks rows of a definition, one behind the other: all limits of all elements, and keys. `visit` is called for each
/// violation, by element and then by row; what it returns tells whether to go on. Time and, for `unique` and keys,
/// memory (16 bytes a row) are linear in the rows.
void check_limits(const StructDefinition& definition, const std::byte* rows, std::uint64_t num_rows,
                  const std::function<bool(const LimitViolation&)>& visit);

/// `sector[3] of row 7 is 9.5: [0, 9)`.
[[nodiscard]] std::string describe(const LimitViolation& violation);

}  // namespace etalon::schema
