#include "benchmarks/postgres_link.h"

#include <array>
#include <vector>

#include "benchmarks/give_up.h"

namespace etalon::bench {

namespace {

/// Bigints as PQexecPrepared wants them.
struct Numbers {
    explicit Numbers(std::initializer_list<std::int64_t> numbers) {
        for (const auto value : numbers) {
            sent[count] = __builtin_bswap64(static_cast<std::uint64_t>(value));
            values[count] = reinterpret_cast<const char*>(&sent[count]);
            lengths[count] = 8;
            formats[count] = 1;
            ++count;
        }
    }
    Numbers(const Numbers&) = delete;
    Numbers& operator=(const Numbers&) = delete;
    std::array<std::uint64_t, 4> sent{};
    std::array<const char*, 5> values{};
    std::array<int, 5> lengths{};
    std::array<int, 5> formats{};
    std::size_t count = 0;
};

}  // namespace

void PostgresResult::read_row(int row, int first, const StructDefinition& of_struct, std::byte* out) const {
    for (const auto& element : of_struct.elements) {
        if (element.bytes() == 4) {
            const auto bits = word(row, first++);
            std::memcpy(out + element.offset, &bits, sizeof bits);
        } else {
            const auto bits = integer(row, first++);
            std::memcpy(out + element.offset, &bits, sizeof bits);
        }
    }
}

PostgresLink::PostgresLink(const std::string& conninfo, const std::string& schema)
    : connection_(PQconnectdb(conninfo.c_str())) {
    if (PQstatus(connection_) != CONNECTION_OK) give_up(PQerrorMessage(connection_));
    run("SET client_encoding TO 'UTF8'; SET TimeZone TO 'UTC'; SET client_min_messages TO warning; SET jit TO off; "
        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED; SET search_path TO \"" +
        schema + '"');
}

void PostgresLink::run(const std::string& sql) {
    const PostgresResult done(PQexec(connection_, sql.c_str()));
    const auto status = PQresultStatus(done.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) give_up(PQerrorMessage(connection_));
}

void PostgresLink::check(const PostgresResult& result, ExecStatusType expected) {
    if (PQresultStatus(result.get()) != expected) give_up(PQerrorMessage(connection_));
}

void PostgresLink::prepare(const char* name, const std::string& sql, int parameters) {
    const std::vector<Oid> types(static_cast<std::size_t>(parameters), kInt8);
    check(PostgresResult(PQprepare(connection_, name, sql.c_str(), parameters, types.data())), PGRES_COMMAND_OK);
}

void PostgresLink::prepare_for_list(const char* name, const std::string& sql, int numbers) {
    std::vector<Oid> types(static_cast<std::size_t>(numbers) + 1, kInt8);
    types.front() = kInt8Array;
    check(PostgresResult(PQprepare(connection_, name, sql.c_str(), numbers + 1, types.data())), PGRES_COMMAND_OK);
}

void PostgresLink::prepare_for_bytes(const char* name, const std::string& sql) {
    constexpr Oid kBytea = 17;
    check(PostgresResult(PQprepare(connection_, name, sql.c_str(), 1, &kBytea)), PGRES_COMMAND_OK);
}

PostgresResult PostgresLink::ask_for_bytes(const char* name, std::span<const std::byte> value) {
    const auto* data = reinterpret_cast<const char*>(value.data());
    const int length = static_cast<int>(value.size());
    constexpr int kBinary = 1;
    PostgresResult result(PQexecPrepared(connection_, name, 1, &data, &length, &kBinary, 1));
    check(result, PGRES_TUPLES_OK);
    return result;
}

PostgresResult PostgresLink::ask(const char* name, std::initializer_list<std::int64_t> numbers,
                                 ExecStatusType expected) {
    const Numbers sent(numbers);
    PostgresResult result(PQexecPrepared(connection_, name, static_cast<int>(sent.count), sent.values.data(),
                                         sent.lengths.data(), sent.formats.data(), 1));
    check(result, expected);
    return result;
}

PostgresResult PostgresLink::ask_for_list(const char* name, const std::string& list,
                                          std::initializer_list<std::int64_t> numbers) {
    Numbers sent(numbers);
    for (auto i = sent.count; i > 0; --i) {
        sent.values[i] = sent.values[i - 1];
        sent.lengths[i] = 8;
        sent.formats[i] = 1;
    }
    sent.values[0] = list.data();
    sent.lengths[0] = static_cast<int>(list.size());
    sent.formats[0] = 1;
    PostgresResult result(PQexecPrepared(connection_, name, static_cast<int>(sent.count) + 1, sent.values.data(),
                                         sent.lengths.data(), sent.formats.data(), 1));
    check(result, PGRES_TUPLES_OK);
    return result;
}

std::string PostgresLink::make_list(std::span<const std::int64_t> numbers) {
    std::string list;
    append_big_endian(list, std::uint32_t{1});
    append_big_endian(list, std::uint32_t{0});
    append_big_endian(list, std::uint32_t{kInt8});
    append_big_endian(list, static_cast<std::uint32_t>(numbers.size()));
    append_big_endian(list, std::uint32_t{1});
    for (const auto number : numbers) {
        append_big_endian(list, std::uint32_t{8});
        append_big_endian(list, number);
    }
    return list;
}

PostgresResult PostgresLink::query(const std::string& sql) {
    PostgresResult found(PQexecParams(connection_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1));
    check(found, PGRES_TUPLES_OK);
    return found;
}

void PostgresLink::start_copy(const std::string& target) {
    const PostgresResult started(PQexec(connection_, ("COPY " + target + " FROM STDIN (FORMAT binary)").c_str()));
    check(started, PGRES_COPY_IN);
    buffer_.assign("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
}

void PostgresLink::start_row(int columns) {
    if (buffer_.size() > 256 * 1024) send();
    append_big_endian(buffer_, static_cast<std::uint16_t>(columns));
}

void PostgresLink::put(std::int64_t value) {
    append_big_endian(buffer_, std::uint32_t{8});
    append_big_endian(buffer_, value);
}

void PostgresLink::put(std::optional<std::int64_t> value) {
    if (value) {
        put(*value);
    } else {
        append_big_endian(buffer_, std::uint32_t{0xffffffff});
    }
}

void PostgresLink::put(std::span<const std::byte> value) {
    append_big_endian(buffer_, static_cast<std::uint32_t>(value.size()));
    buffer_.append(reinterpret_cast<const char*>(value.data()), value.size());
}

void PostgresLink::put_row(const StructDefinition& of_struct, const std::byte* row) {
    for (const auto& element : of_struct.elements) {
        if (element.bytes() == 4) {
            std::uint32_t bits = 0;
            std::memcpy(&bits, row + element.offset, sizeof bits);
            append_big_endian(buffer_, std::uint32_t{4});
            append_big_endian(buffer_, bits);
        } else {
            std::int64_t bits = 0;
            std::memcpy(&bits, row + element.offset, sizeof bits);
            put(bits);
        }
    }
}

void PostgresLink::send() {
    if (PQputCopyData(connection_, buffer_.data(), static_cast<int>(buffer_.size())) != 1) {
        give_up(PQerrorMessage(connection_));
    }
    buffer_.clear();
}

void PostgresLink::finish_copy() {
    append_big_endian(buffer_, std::uint16_t{0xffff});
    send();
    if (PQputCopyEnd(connection_, nullptr) != 1) give_up(PQerrorMessage(connection_));
    while (PGresult* next = PQgetResult(connection_)) check(PostgresResult(next), PGRES_COMMAND_OK);
}

std::vector<NodeAnswer> PostgresLink::read_nodes(std::span<const StructDefinition> structs,
                                                 std::span<const std::vector<std::int64_t>> keys,
                                                 std::initializer_list<std::int64_t> numbers) {
    run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    std::vector<NodeAnswer> answers;
    for (std::size_t i = 0; i < structs.size(); ++i) {
        if (keys[i].empty()) continue;
        const auto found = ask_for_list(structs[i].name.c_str(), make_list(keys[i]), numbers);
        if (found.rows() != static_cast<int>(keys[i].size())) give_up("names without a row");
        for (int row = 0; row < found.rows(); ++row) {
            auto& answer = answers.emplace_back();
            answer.name = found.integer(row, 0);
            found.bounds(row, 1, answer.begin, answer.end);
            answer.row.resize(structs[i].size);
            found.read_row(row, 3, structs[i], answer.row.data());
        }
    }
    run("COMMIT");
    return answers;
}

}  // namespace etalon::bench
