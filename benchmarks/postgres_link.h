#pragma once
/// PostgreSQL's C API for the bare side of the benchmarks: binary values both ways. Errors end the program with the
/// engine's words.

#include <libpq-fe.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "benchmarks/bare.h"
#include "etalon/definition.h"

namespace etalon::bench {

template <class T>
void append_big_endian(std::string& out, T value) {
    for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) {
        out += static_cast<char>(static_cast<std::uint64_t>(value) >> shift & 0xff);
    }
}

class PostgresResult {
public:
    explicit PostgresResult(PGresult* result) : handle_(result) {}
    ~PostgresResult() { PQclear(handle_); }
    PostgresResult(const PostgresResult&) = delete;
    PostgresResult& operator=(const PostgresResult&) = delete;
    PostgresResult(PostgresResult&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    PostgresResult& operator=(PostgresResult&&) = delete;

    [[nodiscard]] PGresult* get() const noexcept { return handle_; }
    [[nodiscard]] int rows() const { return PQntuples(handle_); }
    [[nodiscard]] bool is_null(int row, int column) const { return PQgetisnull(handle_, row, column) != 0; }
    [[nodiscard]] std::uint32_t word(int row, int column) const {
        std::uint32_t value = 0;
        std::memcpy(&value, PQgetvalue(handle_, row, column), sizeof value);
        return __builtin_bswap32(value);
    }
    [[nodiscard]] std::int64_t integer(int row, int column) const {
        std::uint64_t value = 0;
        std::memcpy(&value, PQgetvalue(handle_, row, column), sizeof value);
        return static_cast<std::int64_t>(__builtin_bswap64(value));
    }
    [[nodiscard]] std::string text(int row, int column) const { return PQgetvalue(handle_, row, column); }
    /// Two columns: begin, and the next begin or NULL.
    void bounds(int row, int first, std::int64_t& begin, std::optional<std::int64_t>& end) const {
        begin = integer(row, first);
        if (!is_null(row, first + 1)) end = integer(row, first + 1);
    }
    /// One value for each element from column `first` on.
    void read_row(int row, int first, const StructDefinition& of_struct, std::byte* out) const;

private:
    PGresult* handle_;
};

/// One connection with the settings of Etalon's own (backends/postgres/session.cpp).
class PostgresLink {
public:
    static constexpr Oid kInt8 = 20;
    static constexpr Oid kInt8Array = 1016;

    PostgresLink(const std::string& conninfo, const std::string& schema);
    ~PostgresLink() { PQfinish(connection_); }
    PostgresLink(const PostgresLink&) = delete;
    PostgresLink& operator=(const PostgresLink&) = delete;

    void run(const std::string& sql);
    void check(const PostgresResult& result, ExecStatusType expected);
    /// All parameters are bigint.
    void prepare(const char* name, const std::string& sql, int parameters);
    /// The first parameter is bigint[], `numbers` bigints follow.
    void prepare_for_list(const char* name, const std::string& sql, int numbers);
    /// The one parameter is a bytea.
    void prepare_for_bytes(const char* name, const std::string& sql);
    PostgresResult ask_for_bytes(const char* name, std::span<const std::byte> value);
    PostgresResult ask(const char* name, std::initializer_list<std::int64_t> numbers,
                       ExecStatusType expected = PGRES_TUPLES_OK);
    /// `list` as make_list() gives it.
    PostgresResult ask_for_list(const char* name, const std::string& list, std::initializer_list<std::int64_t> numbers);
    /// A configuration in one read transaction: keys[i] are asked for by the statement
    /// prepare_for_list(structs[i].name), which gives key, begin, next begin or NULL, and the row. The names of the
    /// answers are those keys.
    std::vector<NodeAnswer> read_nodes(std::span<const StructDefinition> structs,
                                       std::span<const std::vector<std::int64_t>> keys,
                                       std::initializer_list<std::int64_t> numbers);
    [[nodiscard]] static std::string make_list(std::span<const std::int64_t> numbers);
    /// Without parameters.
    PostgresResult query(const std::string& sql);
    std::int64_t number(const std::string& sql) { return query(sql).integer(0, 0); }

    // Binary COPY: start_copy, rows of start_row and put, finish_copy.
    void start_copy(const std::string& target);
    void start_row(int columns);
    void put(std::int64_t value);
    void put(std::optional<std::int64_t> value);
    void put(std::span<const std::byte> value);
    void put_row(const StructDefinition& of_struct, const std::byte* row);
    void finish_copy();

private:
    void send();
    PGconn* connection_;
    std::string buffer_;
};

}  // namespace etalon::bench
