#include "backends/postgres/bulk.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "backends/postgres/binary.h"
#include "etalon/error.h"

namespace etalon::backends::postgres {
namespace {

constexpr std::size_t kFlushBytes = 256 * 1024;
// Signature, flags and extension length of the binary COPY format.
constexpr std::string_view kHeader{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};

std::string copy_statement(std::string_view schema, std::string_view table, std::span<const std::string> columns) {
    if (columns.empty())
        throw Error(ErrorCode::Internal, {"a bulk insert without columns", std::string(table), "", "", ""});
    std::string names;
    for (const auto& column : columns) names += (names.empty() ? "" : ",") + quote_identifier(column);
    return "COPY " + quote_identifier(schema) + '.' + quote_identifier(table) + " (" + names +
           ") FROM STDIN (FORMAT binary)";
}

/// All results that the server still has for the connection; the first failed one, or the last.
Result drain(PGconn* connection) {
    Result kept;
    while (PGresult* next = PQgetResult(connection)) {
        Result result(next);
        if (PQresultStatus(result.get()) == PGRES_COPY_IN) break;  // still copying: nothing more will come
        if (!kept || PQresultStatus(kept.get()) == PGRES_COMMAND_OK) kept = std::move(result);
    }
    return kept;
}

class PostgresBulkWriter final : public BulkWriter {
public:
    PostgresBulkWriter(Session& session, std::shared_ptr<CopyState> state, std::string_view table,
                       std::span<const std::string> columns)
        : session_(session),
          state_(std::move(state)),
          table_(fmt::format("table {}", table)),
          sql_(fmt::format("COPY {}", quote_identifier(table))),
          columns_(columns.size()) {
        const Result result(PQexec(session_.link().raw(), copy_statement(session.schema(), table, columns).c_str()));
        if (PQresultStatus(result.get()) != PGRES_COPY_IN) {
            state_->failed = true;
            throw session_.error(result.get(), sql_, true);
        }
        state_->active = true;
        buffer_.reserve(kFlushBytes + 16 * 1024);
        buffer_ = kHeader;
    }
    ~PostgresBulkWriter() override {
        if (state_->active) {
            state_->failed = true;
            abandon_copy(session_, *state_);
        }
    }
    PostgresBulkWriter(const PostgresBulkWriter&) = delete;
    PostgresBulkWriter& operator=(const PostgresBulkWriter&) = delete;

    void put(const Value& value) override {
        if (value.index() == 0) {
            put_null();
            return;
        }
        field([&] { append_value(buffer_, value); });
    }

    void put_cell(const CellType& cell, const std::byte* value) override {
        if (is_null_cell(cell, value)) return put_null();
        field([&] { append_cell(buffer_, cell, value); });
    }

    void put_null() override {
        start_field();
        append_big_endian(buffer_, ~std::uint32_t{0});
    }

    void end_row() override {
        check_active();
        if (column_ != columns_) misuse("a row with " + std::to_string(column_) + " columns");
        column_ = 0;
        ++rows_;
        if (buffer_.size() >= kFlushBytes) flush();
    }

    std::uint64_t finish() override {
        check_active();
        if (column_ != 0) misuse("a row that is not ended");
        append_big_endian(buffer_, std::uint16_t{0xffff});
        flush();
        state_->active = false;
        if (PQputCopyEnd(session_.link().raw(), nullptr) != 1) fail(nullptr);
        const Result result = drain(session_.link().raw());
        if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) fail(result.get());
        return rows_;
    }

private:
    void start_field() {
        check_active();
        if (column_ >= columns_) misuse("more values than columns");
        if (column_ == 0) append_big_endian(buffer_, static_cast<std::uint16_t>(columns_));
        ++column_;
    }

    /// A value behind its length.
    template <class Append>
    void field(const Append& append) {
        start_field();
        const auto start = buffer_.size();
        buffer_.append(4, '\0');
        try {
            append();
        } catch (...) {
            state_->failed = true;
            throw;
        }
        const auto size = buffer_.size() - start - 4;
        if (size > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
            state_->failed = true;
            throw Error(ErrorCode::BadInput, {"a value is too large for PostgreSQL", table_, "less than 1 GB",
                                              std::to_string(size) + " bytes", ""});
        }
        for (std::size_t i = 0; i < 4; ++i) buffer_[start + i] = static_cast<char>((size >> (24 - 8 * i)) & 0xff);
    }

    void flush() {
        const char* at = buffer_.data();
        for (std::size_t left = buffer_.size(); left != 0;) {
            const auto piece = std::min(left, std::size_t{1} << 24);
            if (PQputCopyData(session_.link().raw(), at, static_cast<int>(piece)) != 1) {
                // The server may have said why before it hung up.
                state_->active = false;
                const Result result = drain(session_.link().raw());
                fail(result.get());
            }
            at += piece;
            left -= piece;
        }
        buffer_.clear();
    }

    void check_active() {
        if (!state_->active)
            throw Error(ErrorCode::Internal, {"a bulk insert is used after its end", table_, "", "", ""});
    }

    [[noreturn]] void fail(const PGresult* result) {
        state_->failed = true;
        throw session_.error(result, sql_, true);
    }

    [[noreturn]] void misuse(std::string what) {
        state_->failed = true;
        throw Error(ErrorCode::Internal,
                    {"bulk insert: " + std::move(what), table_, std::to_string(columns_) + " columns a row", "", ""});
    }

    Session& session_;
    std::shared_ptr<CopyState> state_;
    std::string table_;  ///< for errors
    std::string sql_;    ///< what an error is judged by
    std::size_t columns_;
    std::string buffer_;
    std::size_t column_ = 0;
    std::uint64_t rows_ = 0;
};

}  // namespace

std::unique_ptr<BulkWriter> start_copy(Session& session, std::shared_ptr<CopyState> state, std::string_view table,
                                       std::span<const std::string> columns) {
    return std::make_unique<PostgresBulkWriter>(session, std::move(state), table, columns);
}

void abandon_copy(Session& session, CopyState& state) noexcept {
    state.active = false;
    PQputCopyEnd(session.link().raw(), "the bulk insert was not finished");
    (void)drain(session.link().raw());
}

}  // namespace etalon::backends::postgres
