#pragma once
/// Statements of port.h as PostgreSQL wants them.

#include <cstddef>
#include <string>
#include <string_view>

namespace etalon::backends::postgres {

/// A statement as PostgreSQL wants it.
struct Translated {
    std::string text;            ///< `?1` as `$1`, every name with its schema
    std::size_t parameters = 0;  ///< the highest N of all `?N`
};
/// The statement, or several with `;` between them, for the place that is the schema of that name: relations are looked
/// up there, functions, types and collations in pg_catalog (qualify.h); `current_schema()` is the place's schema. What
/// stands in quotes, in comments and between dollar quotes stays as it is.
[[nodiscard]] Translated translate(std::string_view sql, std::string_view schema);

/// A text as a literal, right whatever standard_conforming_strings says. Throws Error(BadInput) for a NUL byte.
[[nodiscard]] std::string escape_literal(std::string_view text);

/// True when the text starts like a statement that reads (SELECT, WITH, VALUES, TABLE, SHOW, EXPLAIN).
[[nodiscard]] bool looks_reading(std::string_view sql);

}  // namespace etalon::backends::postgres
