#include <string>
#include <string_view>

#include "backends/port.h"
#include "etalon/error.h"

namespace etalon::backends {
namespace {

std::string quoted(std::string_view text, char quote) {
    if (text.find('\0') != std::string_view::npos) {
        throw Error(ErrorCode::BadInput, {"a NUL byte cannot stand in SQL", std::string(text), "", "", ""});
    }
    std::string out;
    out.reserve(text.size() + 2);
    out += quote;
    for (const char c : text) {
        if (c == quote) out += quote;
        out += c;
    }
    out += quote;
    return out;
}

std::string_view postgres_scalar(ScalarType type) {
    switch (type) {
        case ScalarType::Bool:
            return "boolean";
        case ScalarType::Int8:
        case ScalarType::UInt8:
        case ScalarType::Int16:
            return "smallint";
        case ScalarType::UInt16:
        case ScalarType::Int32:
            return "integer";
        case ScalarType::UInt32:
        case ScalarType::Int64:
            return "bigint";
        case ScalarType::UInt64:
            return "numeric(20,0)";
        case ScalarType::Float32:
            return "real";
        case ScalarType::Float64:
            return "double precision";
        case ScalarType::Char:
        case ScalarType::File:
            return "bytea";
        case ScalarType::Ref:
        case ScalarType::Uid:
            return "uuid";
    }
    throw Error(ErrorCode::Internal, {"a cell of an unknown scalar type", "", "", "", ""});
}

}  // namespace

std::string quote_identifier(std::string_view name) {
    return quoted(name, '"');
}

std::string quote_literal(std::string_view text) {
    return quoted(text, '\'');
}

std::string column_type(Engine engine, const CellType& cell) {
    if (engine == Engine::Sqlite) return {};
    std::string type(postgres_scalar(cell.type));
    if (cell.is_array()) type += "[]";
    return type;
}

std::string_view column_type(Engine engine, FixedType type) noexcept {
    const bool sqlite = engine == Engine::Sqlite;
    switch (type) {
        case FixedType::Integer:
            return sqlite ? "INTEGER" : "bigint";
        case FixedType::Text:
            return sqlite ? "TEXT" : "text";
        case FixedType::Blob:
            return sqlite ? "BLOB" : "bytea";
        // A REAL column of SQLite turns -0.0 into 0.0; one without affinity keeps every bit.
        case FixedType::Real:
            return sqlite ? "BLOB" : "double precision";
    }
    return {};
}

}  // namespace etalon::backends
