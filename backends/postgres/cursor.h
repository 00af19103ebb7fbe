#pragma once
/// Rows of a result that has arrived whole.

#include <memory>
#include <string>

#include "backends/port.h"
#include "backends/postgres/session.h"

namespace etalon::backends::postgres {

class PostgresCursor final : public Cursor {
public:
    PostgresCursor(Result result, std::shared_ptr<const std::string> place)
        : result_(std::move(result)),
          place_(std::move(place)),
          rows_(PQntuples(result_.get())),
          columns_(PQnfields(result_.get())) {}

    bool next() override {
        if (row_ < rows_) ++row_;
        return row_ < rows_;
    }
    [[nodiscard]] bool is_null(int column) const override;
    [[nodiscard]] std::int64_t integer(int column) const override;
    [[nodiscard]] double real(int column) const override;
    [[nodiscard]] std::string_view text(int column) const override;
    [[nodiscard]] std::span<const std::byte> bytes(int column) const override;
    [[nodiscard]] std::uint32_t read_integers(int first, std::span<std::int64_t> values) const override;
    void read_cell(int column, const CellType& cell, std::byte* out) const override;
    void read_record(int column, std::span<const RecordField> fields) const override;

private:
    void check(int column) const;
    /// The value of a column that is not NULL; else Error(Corrupt).
    [[nodiscard]] std::string_view value(int column, std::string_view expected) const;
    [[noreturn]] void refuse(int column, std::string_view what, std::string expected) const;

    Result result_;
    std::shared_ptr<const std::string> place_;
    int rows_;
    int columns_;
    int row_ = -1;
};

}  // namespace etalon::backends::postgres
