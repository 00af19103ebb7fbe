#include "backends/postgres/cursor.h"

#include <cstring>

#include "backends/postgres/binary.h"
#include "etalon/error.h"

namespace etalon::backends::postgres {

void PostgresCursor::check(int column) const {
    if (row_ < 0 || row_ >= rows_) {
        throw Error(ErrorCode::Internal, {"a cursor that stands on no row is asked for a column", *place_, "", "", ""});
    }
    if (column < 0 || column >= columns_) {
        throw Error(ErrorCode::Internal, {"a cursor is asked for column " + std::to_string(column), *place_,
                                          "less than " + std::to_string(columns_), "", ""});
    }
}

void PostgresCursor::refuse(int column, std::string_view what, std::string expected) const {
    std::string found = "a value of type " + std::to_string(PQftype(result_.get(), column));
    if (PQgetisnull(result_.get(), row_, column) != 0) {
        found = "NULL";
    } else {
        found += ", " + std::to_string(PQgetlength(result_.get(), row_, column)) + " bytes";
    }
    throw Error(ErrorCode::Corrupt, {std::string(what), *place_ + ", column " + PQfname(result_.get(), column),
                                     std::move(expected), std::move(found), ""});
}

bool PostgresCursor::is_null(int column) const {
    check(column);
    return PQgetisnull(result_.get(), row_, column) != 0;
}

std::string_view PostgresCursor::value(int column, std::string_view expected) const {
    check(column);
    if (PQgetisnull(result_.get(), row_, column) != 0) {
        refuse(column, "a result column has another type than expected", std::string(expected));
    }
    return {PQgetvalue(result_.get(), row_, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
}

std::int64_t PostgresCursor::integer(int column) const {
    const auto bytes = value(column, "integer");
    const auto number = postgres::find_integer(PQftype(result_.get(), column), bytes);
    if (!number) refuse(column, "a result column has another type than expected", "integer");
    return *number;
}

double PostgresCursor::real(int column) const {
    const auto bytes = value(column, "real");
    const auto number = postgres::find_real(PQftype(result_.get(), column), bytes);
    if (!number) refuse(column, "a result column has another type than expected", "real");
    return *number;
}

std::string_view PostgresCursor::text(int column) const {
    const auto bytes = value(column, "text or bytes");
    switch (PQftype(result_.get(), column)) {
        case kText:
        case kVarchar:
        case kBpchar:
        case kName:
        case kBytea:
        case kChar:
        case kUnknown:
            return bytes;
        default:
            refuse(column, "a result column has another type than expected", "text or bytes");
    }
}

std::span<const std::byte> PostgresCursor::bytes(int column) const {
    check(column);
    // Its 16 bytes.
    if (PQftype(result_.get(), column) == kUuid) return as_bytes(value(column, "a uuid"));
    return as_bytes(text(column));
}

std::uint32_t PostgresCursor::read_integers(int first, std::span<std::int64_t> values) const {
    check(first);
    check(first + static_cast<int>(values.size()) - 1);
    std::uint32_t nulls = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const int column = first + static_cast<int>(i);
        values[i] = 0;
        if (PQgetisnull(result_.get(), row_, column) != 0) {
            nulls |= 1U << i;
        } else {
            values[i] = integer(column);
        }
    }
    return nulls;
}

void PostgresCursor::read_cell(int column, const CellType& cell, std::byte* out) const {
    check(column);
    const bool null = PQgetisnull(result_.get(), row_, column) != 0;
    if (null && may_be_null(cell)) {
        std::memset(out, 0, cell.bytes());
        return;
    }
    if (!null && postgres::read_cell(PQftype(result_.get(), column), value(column, ""), cell, out)) return;
    std::string expected(name_of(cell.type));
    for (const auto dim : cell.dims) expected += '[' + std::to_string(dim) + ']';
    refuse(column, "a stored cell does not hold a value of its element's type", std::move(expected));
}

void PostgresCursor::read_record(int column, std::span<const RecordField> fields) const {
    const auto bytes = value(column, "a row value");
    if (PQftype(result_.get(), column) != kRecord)
        refuse(column, "a result column has another type than expected", "a row value");
    RecordReader reader(bytes);
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto field = reader.next();
        if (fields[i].out == nullptr && field) continue;
        if (field && field->is_null && may_be_null(fields[i].cell)) {
            std::memset(fields[i].out, 0, fields[i].cell.bytes());
            continue;
        }
        if (!field || field->is_null ||
            !postgres::read_cell(field->type, field->bytes, fields[i].cell, fields[i].out)) {
            std::string expected =
                "field " + std::to_string(i + 1) + " as " + std::string(name_of(fields[i].cell.type));
            for (const auto dim : fields[i].cell.dims) expected += '[' + std::to_string(dim) + ']';
            refuse(column, "a row value does not hold values of its elements' types", std::move(expected));
        }
    }
}

}  // namespace etalon::backends::postgres
