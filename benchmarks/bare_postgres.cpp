#include <libpq-fe.h>

#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "benchmarks/bare.h"

namespace etalon::bench {

namespace {

template <class T>
void append_big_endian(std::string& out, T value) {
    for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) {
        out += static_cast<char>(static_cast<std::uint64_t>(value) >> shift & 0xff);
    }
}

std::uint32_t load32(const char* at) {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return __builtin_bswap32(value);
}
std::uint64_t load64(const char* at) {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return __builtin_bswap64(value);
}

struct Result {
    explicit Result(PGresult* result) : handle(result) {}
    ~Result() { PQclear(handle); }
    Result(const Result&) = delete;
    Result& operator=(const Result&) = delete;
    Result(Result&& other) noexcept : handle(std::exchange(other.handle, nullptr)) {}
    PGresult* handle;

    [[nodiscard]] int rows() const { return PQntuples(handle); }
    [[nodiscard]] bool is_null(int row, int column) const { return PQgetisnull(handle, row, column) != 0; }
    [[nodiscard]] std::int64_t integer(int row, int column) const {
        return static_cast<std::int64_t>(load64(PQgetvalue(handle, row, column)));
    }
    void bounds(int row, int first, std::int64_t& begin, std::optional<std::int64_t>& end) const {
        begin = integer(row, first);
        if (!is_null(row, first + 1)) end = integer(row, first + 1);
    }
};

std::string visible(const std::string& alias, const std::string& snapshot) {
    return alias + R"(."commitSeq" <= )" + snapshot + " AND (" + alias + R"(."retiredSeq" IS NULL OR )" + alias +
           R"(."retiredSeq" > )" + snapshot + ")";
}

/// The winner's record as `w` and the next begin as a scalar, for a name ID, a position and a snapshot.
std::string of_name(const std::string& alias, const std::string& name_id) {
    return alias + R"(."nameID" = )" + name_id + " AND " + alias + R"(."elementID" = 0 AND )" + alias +
           R"(."version" = 'default')";
}
std::string winner_sql(const std::string& name_id, const std::string& at, const std::string& snapshot) {
    return R"((SELECT d."beginTime", d."dataID" FROM "dataIndex" d WHERE )" + of_name("d", name_id) +
           R"( AND d."beginTime" <= )" + at + " AND " + visible("d", snapshot) +
           R"( ORDER BY d."beginTime" DESC, d."commitSeq" DESC LIMIT 1))";
}
std::string next_sql(const std::string& name_id, const std::string& at, const std::string& snapshot) {
    return R"((SELECT n."beginTime" FROM "dataIndex" n WHERE )" + of_name("n", name_id) + R"( AND n."beginTime" > )" +
           at + " AND " + visible("n", snapshot) + R"( ORDER BY n."beginTime" LIMIT 1))";
}

class BarePostgres final : public Bare {
public:
    BarePostgres(const std::string& conninfo, const std::string& schema) : connection_(PQconnectdb(conninfo.c_str())) {
        if (PQstatus(connection_) != CONNECTION_OK) give_up(PQerrorMessage(connection_));
        run(R"(SET client_min_messages TO warning; SET jit TO off; SET search_path TO ")" + schema + '"');
    }
    ~BarePostgres() override { PQfinish(connection_); }
    BarePostgres(const BarePostgres&) = delete;
    BarePostgres& operator=(const BarePostgres&) = delete;

    std::int64_t find_id(const std::string& table, const std::string& name) override {
        const char* values[] = {name.c_str()};
        const Result found(PQexecParams(connection_,
                                        (R"(SELECT "ID" FROM ")" + table + R"(" WHERE "name" = $1)").c_str(), 1,
                                        nullptr, values, nullptr, nullptr, 1));
        check(found, PGRES_TUPLES_OK);
        if (found.rows() != 1) give_up("no " + name + " in " + table);
        return found.integer(0, 0);
    }

    PointAnswer point(const PointKey& key, std::int64_t at) override {
        if (!point_ready_) {
            std::string columns;
            for (int i = 0; i < kGains; ++i) {
                columns += (i == 0 ? "r.g" : ", r.g") + std::string(i < 10 ? "0" : "") + std::to_string(i);
            }
            prepare("point",
                    R"(SELECT w."beginTime", )" + next_sql("$1", "$2", "$3") + ", " + columns + " FROM " +
                        winner_sql("$1", "$2", "$3") + R"( w JOIN "BenchGain" r ON r."dataID" = w."dataID")",
                    3);
            point_ready_ = true;
        }
        const Result found = ask("point", {key.name_id, at, key.snapshot});
        if (found.rows() != 1) give_up("no winner");
        PointAnswer answer;
        found.bounds(0, 0, answer.begin, answer.end);
        float* value = &answer.row.g00;
        for (int i = 0; i < kGains; ++i) value[i] = std::bit_cast<float>(load32(PQgetvalue(found.handle, 0, 2 + i)));
        return answer;
    }

    void prepare_tree(const std::string& root, std::int64_t snapshot,
                      std::span<const StructDefinition> structs) override {
        if (root != "Bench") give_up("another root than that of the statement");
        prepare("nodes", R"(WITH RECURSIVE tree(id) AS (
SELECT "ID" FROM "Nodes" n WHERE "Name" = 'Bench' AND "KeyName" = 'default' AND "NodeType" = 'Config' AND "commitSeq" <= $1
AND ("retiredSeq" IS NULL OR "retiredSeq" > $1) UNION ALL
SELECT r."NodeID" FROM tree JOIN "NodeRelation" r ON r."ParentID" = tree.id AND r."commitSeq" <= $1
AND (r."retiredSeq" IS NULL OR r."retiredSeq" > $1))
SELECT n."Name", f."ID", f."structID" FROM tree JOIN "Nodes" n ON n."ID" = tree.id AND n."commitSeq" <= $1
AND (n."retiredSeq" IS NULL OR n."retiredSeq" > $1)
JOIN "namedRef" f ON f."name" = n."refName" WHERE n."NodeType" = 'table')",
                1);
        for (const auto& of_struct : structs) {
            const auto id = static_cast<std::size_t>(find_id("structure", of_struct.name));
            if (tables_.size() <= id) tables_.resize(id + 1);
            tables_[id] = of_struct;
            const auto sql = R"(SELECT k."nameID", w."beginTime", )" + next_sql(R"(k."nameID")", "$2", "$3") + ", " +
                             column_list(of_struct, "r.") +
                             R"( FROM unnest($1::bigint[]) k("nameID") CROSS JOIN LATERAL )" +
                             winner_sql(R"(k."nameID")", "$2", "$3") + R"( w JOIN ")" + of_struct.name +
                             R"(" r ON r."dataID" = w."dataID")";
            const Result prepared(PQprepare(connection_, of_struct.name.c_str(), sql.c_str(), 3,
                                            std::array<Oid, 3>{kInt8Array, kInt8, kInt8}.data()));
            check(prepared, PGRES_COMMAND_OK);
        }
        const Result nodes = ask("nodes", {snapshot});
        of_struct_.resize(tables_.size());
        for (int row = 0; row < nodes.rows(); ++row) {
            of_struct_.at(static_cast<std::size_t>(nodes.integer(row, 2))).emplace_back(nodes.integer(row, 1), row);
            names_.emplace_back(PQgetvalue(nodes.handle, row, 0));
        }
    }

    /// One statement for each struct.
    std::vector<NodeAnswer> tree(std::int64_t at, std::int64_t snapshot) override {
        run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        std::vector<NodeAnswer> answers(names_.size());
        for (std::size_t i = 0; i < names_.size(); ++i) answers[i].name = names_[i];
        for (std::size_t id = 0; id < of_struct_.size(); ++id) {
            if (of_struct_[id].empty()) continue;
            const auto& names = of_struct_[id];
            std::string list;
            append_big_endian(list, std::uint32_t{1});
            append_big_endian(list, std::uint32_t{0});
            append_big_endian(list, std::uint32_t{kInt8});
            append_big_endian(list, static_cast<std::uint32_t>(names.size()));
            append_big_endian(list, std::uint32_t{1});
            for (const auto& [name_id, node] : names) {
                append_big_endian(list, std::uint32_t{8});
                append_big_endian(list, name_id);
            }
            const auto& table = tables_[id];
            std::string numbers;
            append_big_endian(numbers, at);
            append_big_endian(numbers, snapshot);
            const char* values[] = {list.data(), numbers.data(), numbers.data() + 8};
            const int lengths[] = {static_cast<int>(list.size()), 8, 8};
            const int formats[] = {1, 1, 1};
            const Result found(PQexecPrepared(connection_, table.name.c_str(), 3, values, lengths, formats, 1));
            check(found, PGRES_TUPLES_OK);
            if (found.rows() != static_cast<int>(names.size())) give_up("nodes without a winner");
            for (int row = 0; row < found.rows(); ++row) {
                // unnest keeps its order through the nested loop, but nothing promises it.
                auto at_name = names.begin() + row;
                const auto name_id = found.integer(row, 0);
                if (at_name->first != name_id) {
                    for (at_name = names.begin(); at_name->first != name_id;) ++at_name;
                }
                auto& answer = answers[at_name->second];
                found.bounds(row, 1, answer.begin, answer.end);
                answer.row.resize(table.size);
                int column = 3;
                for (const auto& element : table.elements) {
                    auto* out = answer.row.data() + element.offset;
                    const char* value = PQgetvalue(found.handle, row, column++);
                    if (element.bytes() == 4) {
                        const auto bits = load32(value);
                        std::memcpy(out, &bits, sizeof bits);
                    } else {
                        const auto bits = load64(value);
                        std::memcpy(out, &bits, sizeof bits);
                    }
                }
            }
        }
        run("COMMIT");
        return answers;
    }

    void import(const BulkRows& bulk) override {
        run("BEGIN");
        const auto count = static_cast<std::int64_t>(bulk.rows.size());
        const auto first_id = 1 + number(R"(SELECT coalesce(max("dataID"), 0) FROM "payload")");
        const auto seq = number(R"(UPDATE "commitCounter" SET "lastSeq" = "lastSeq" + 1, "lastEntryTime" =
"lastEntryTime" + 1 WHERE "ID" = 1 RETURNING "lastSeq")");
        const auto entry_time = number(R"(SELECT "lastEntryTime" FROM "commitCounter")");
        start_copy(R"("payload" ("dataID", "structID", "schemaID", "encoding", "numRows", "contentHash", "rawSize",
"entryTime"))");
        for (std::int64_t i = 0; i < count; ++i) {
            start_row(8);
            put(first_id + i);
            put(bulk.struct_id);
            put(1);
            put(1);
            put(1);
            put(std::as_bytes(std::span(bulk.hashes[static_cast<std::size_t>(i)])));
            put(80);
            put(entry_time);
        }
        finish_copy();
        start_copy(R"("BenchGain")");
        for (std::int64_t i = 0; i < count; ++i) {
            start_row(2 + kGains);
            put(first_id + i);
            put(0);
            const float* value = &bulk.rows[static_cast<std::size_t>(i)].g00;
            for (int k = 0; k < kGains; ++k) {
                append_big_endian(buffer_, std::uint32_t{4});
                append_big_endian(buffer_, std::bit_cast<std::uint32_t>(value[k]));
            }
        }
        finish_copy();
        start_copy(R"("dataIndex" ("count", "nameID", "schemaID", "version", "elementID", "beginTime", "creationTime",
"commitSeq", "numRows", "dataID", "uid", "entryTime"))");
        constexpr std::string_view kDefault = "default";
        for (std::int64_t i = 0; i < count; ++i) {
            start_row(12);
            put(i);
            put(bulk.name_id);
            put(1);
            put(std::as_bytes(std::span(kDefault)));
            put(0);
            put(bulk.begin + i * bulk.step);
            put(entry_time);
            put(seq);
            put(1);
            put(first_id + i);
            put(std::span<const std::byte>(bulk.uids[static_cast<std::size_t>(i)]));
            put(entry_time);
        }
        finish_copy();
        run(R"(INSERT INTO "commitLog" ("commitSeq", "entryTime", "author", "host", "program", "reason") VALUES ()" +
            std::to_string(seq) + ", " + std::to_string(entry_time) + ", 'a', 'h', 'p', 'r')");
        run("COMMIT");
    }

    void make_commit_tables() override {
        run(R"(CREATE TABLE "bareCounter" ("ID" bigint PRIMARY KEY, "lastSeq" bigint); INSERT INTO "bareCounter" VALUES (1, 0);
CREATE TABLE "bareRecord" ("ID" bigint PRIMARY KEY, "writer" bigint, "beginTime" bigint, "gain" bytea);
CREATE INDEX ON "bareRecord" ("writer", "beginTime"))");
    }

    void commit_one(std::int64_t writer, std::int64_t begin) override {
        if (!commit_ready_) {
            prepare("count", R"(UPDATE "bareCounter" SET "lastSeq" = "lastSeq" + 1 WHERE "ID" = 1 RETURNING "lastSeq")",
                    0);
            prepare("insert", R"(INSERT INTO "bareRecord" VALUES ($1, $2, $3, decode(repeat('00', 80), 'hex')))", 3);
            commit_ready_ = true;
        }
        run("BEGIN");
        const auto number = ask("count", {}).integer(0, 0);
        (void)ask("insert", {number, writer, begin}, PGRES_COMMAND_OK);
        run("COMMIT");
    }

    void run(const std::string& sql) override {
        const Result done(PQexec(connection_, sql.c_str()));
        const auto status = PQresultStatus(done.handle);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) give_up(PQerrorMessage(connection_));
    }

private:
    static constexpr int kGains = sizeof(BenchGain) / sizeof(float);
    static constexpr Oid kInt8 = 20;
    static constexpr Oid kInt8Array = 1016;

    void check(const Result& result, ExecStatusType expected) {
        if (PQresultStatus(result.handle) != expected) give_up(PQerrorMessage(connection_));
    }

    void prepare(const char* name, const std::string& sql, int parameters) {
        const std::vector<Oid> types(static_cast<std::size_t>(parameters), kInt8);
        const Result prepared(PQprepare(connection_, name, sql.c_str(), parameters, types.data()));
        check(prepared, PGRES_COMMAND_OK);
    }

    Result ask(const char* name, std::initializer_list<std::int64_t> numbers,
               ExecStatusType expected = PGRES_TUPLES_OK) {
        std::array<std::uint64_t, 4> sent{};
        std::array<const char*, 4> values{};
        std::array<int, 4> lengths{};
        std::array<int, 4> formats{};
        std::size_t count = 0;
        for (const auto value : numbers) {
            sent[count] = __builtin_bswap64(static_cast<std::uint64_t>(value));
            values[count] = reinterpret_cast<const char*>(&sent[count]);
            lengths[count] = 8;
            formats[count] = 1;
            ++count;
        }
        Result result(PQexecPrepared(connection_, name, static_cast<int>(count), values.data(), lengths.data(),
                                     formats.data(), 1));
        check(result, expected);
        return result;
    }

    std::int64_t number(const char* sql) {
        const Result found(PQexecParams(connection_, sql, 0, nullptr, nullptr, nullptr, nullptr, 1));
        check(found, PGRES_TUPLES_OK);
        return found.integer(0, 0);
    }

    void start_copy(const std::string& target) {
        const Result started(PQexec(connection_, ("COPY " + target + " FROM STDIN (FORMAT binary)").c_str()));
        check(started, PGRES_COPY_IN);
        buffer_.assign("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
    }
    void start_row(int columns) {
        if (buffer_.size() > 256 * 1024) send();
        append_big_endian(buffer_, static_cast<std::uint16_t>(columns));
    }
    void put(std::int64_t value) {
        append_big_endian(buffer_, std::uint32_t{8});
        append_big_endian(buffer_, value);
    }
    void put(std::span<const std::byte> value) {
        append_big_endian(buffer_, static_cast<std::uint32_t>(value.size()));
        buffer_.append(reinterpret_cast<const char*>(value.data()), value.size());
    }
    void send() {
        if (PQputCopyData(connection_, buffer_.data(), static_cast<int>(buffer_.size())) != 1) {
            give_up(PQerrorMessage(connection_));
        }
        buffer_.clear();
    }
    void finish_copy() {
        append_big_endian(buffer_, std::uint16_t{0xffff});
        send();
        if (PQputCopyEnd(connection_, nullptr) != 1) give_up(PQerrorMessage(connection_));
        while (PGresult* next = PQgetResult(connection_)) check(Result(next), PGRES_COMMAND_OK);
    }

    PGconn* connection_;
    bool point_ready_ = false;
    bool commit_ready_ = false;
    std::vector<StructDefinition> tables_;                                      // by structID
    std::vector<std::string> names_;                                            // of the nodes
    std::vector<std::vector<std::pair<std::int64_t, std::size_t>>> of_struct_;  // nameID and node, by structID
    std::string buffer_;
};

}  // namespace

std::unique_ptr<Bare> open_bare_postgres(const std::string& conninfo, const std::string& schema) {
    return std::make_unique<BarePostgres>(conninfo, schema);
}

}  // namespace etalon::bench
