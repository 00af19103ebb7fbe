#pragma once
/// Statements of port.h as PostgreSQL wants them.

#include <cstddef>
#include <string>
#include <string_view>

namespace etalon::backends::postgres {

/// A statement as PostgreSQL wants it.
struct Translated {
    std::string text;            ///< `?1` as `$1`, outside of quotes and comments
    std::size_t parameters = 0;  ///< the highest N of all `?N`
};
[[nodiscard]] Translated translate(std::string_view sql);

/// True when the text starts like a statement that reads (SELECT, WITH, VALUES, TABLE, SHOW, EXPLAIN).
[[nodiscard]] bool looks_reading(std::string_view sql);

}  // namespace etalon::backends::postgres
