#pragma once
/// Which names of a statement of ours stand for what, so that each can be given its schema: no name is then looked up
/// by a search path, which somebody else may have a say in.
///
/// It understands the SQL that Etalon writes, not all of PostgreSQL's: key words are in capitals, names of functions,
/// types and aliases in small letters or in quotes. What it does not see is not found by the server either, which looks
/// in pg_catalog only (session.h): a gap is an error, never another relation.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/postgres/tokens.h"

namespace etalon::backends::postgres {

/// A token that needs more than stands in the statement.
struct Mark {
    enum class Kind : std::uint8_t {
        Ours,          ///< a relation, or a function behind FUNCTION: of the place's schema
        Catalog,       ///< a function, type, collation or relation of PostgreSQL: of pg_catalog
        PlacesSchema,  ///< `current_schema()`, which means the place's schema: three tokens, or one without brackets
    };
    Kind kind = Kind::Ours;
    std::size_t token = 0;  ///< its index
};

/// In order of the tokens.
[[nodiscard]] std::vector<Mark> find_marks(const std::vector<Token>& tokens);

/// What a statement does to a relation.
struct Use {
    std::string relation;  ///< without quotes
    std::string what;      ///< the key word in front: FROM, JOIN, INTO, UPDATE, TABLE, ON, ...
};
/// The relations of the place that a statement names, in order; the same may come again.
[[nodiscard]] std::vector<Use> find_uses(std::string_view sql);

}  // namespace etalon::backends::postgres
