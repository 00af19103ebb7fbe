#include "backends/port.h"
#include "base/identity.h"
#include "etalon/error.h"

namespace etalon::backends {

bool is_null_cell(const CellType& cell, const std::byte* value) noexcept {
    return may_be_null(cell) && is_null_identity(cell.type, value);
}

std::uint32_t Cursor::read_integers(int first, std::span<std::int64_t> values) const {
    std::uint32_t nulls = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto value = find_integer(first + static_cast<int>(i));
        values[i] = value.value_or(0);
        if (!value) nulls |= 1U << i;
    }
    return nulls;
}

void Cursor::read_cells(std::span<const PlacedCell> cells, std::byte* row) const {
    for (const auto& one : cells) read_cell(one.column, one.cell, row + one.offset);
}

std::vector<std::unique_ptr<Cursor>> Transaction::query_all(std::span<const Statement> statements) {
    std::vector<std::unique_ptr<Cursor>> cursors;
    for (const auto& one : statements) cursors.push_back(query(*one.sql, one.values));
    return cursors;
}

void Cursor::read_record(int column, std::span<const RecordField> fields) const {
    throw Error(ErrorCode::Internal, {"this engine has no row values", "column " + std::to_string(column), "",
                                      std::to_string(fields.size()) + " fields", ""});
}

}  // namespace etalon::backends
