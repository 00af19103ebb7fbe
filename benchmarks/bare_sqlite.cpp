#include <array>

#include "benchmarks/bare.h"
#include "benchmarks/format1.h"
#include "benchmarks/sqlite_handle.h"

namespace etalon::bench {

namespace {

constexpr const char* kVisible = R"("commitSeq" <= ?3 AND ("retiredSeq" IS NULL OR "retiredSeq" > ?3))";

std::string winner_sql(const StructDefinition& of_struct) {
    const std::string of_name = R"("nameID" = ?1 AND "elementID" = 0 AND "version" = 'default')";
    return R"(SELECT w."beginTime", (SELECT "beginTime" FROM "dataIndex" WHERE )" + of_name +
           R"( AND "beginTime" > ?2 AND )" + kVisible + R"( ORDER BY "beginTime" LIMIT 1), )" +
           column_list(of_struct, "r.") + R"( FROM (SELECT "beginTime", "dataID" FROM "dataIndex" WHERE )" + of_name +
           R"( AND "beginTime" <= ?2 AND )" + kVisible +
           R"( ORDER BY "beginTime" DESC, "commitSeq" DESC LIMIT 1) w JOIN ")" + of_struct.name +
           R"(" r ON r."dataID" = w."dataID")";
}

void read_bounds(SqliteStatement& statement, std::int64_t& begin, std::optional<std::int64_t>& end) {
    begin = statement.integer(0);
    if (!statement.is_null(1)) end = statement.integer(1);
}

class BareSqlite final : public Bare {
public:
    explicit BareSqlite(const std::string& path) : handle_(path) {}

    void run(const std::string& sql) override { handle_.run(sql); }

    void make_format1(std::span<const StructDefinition> structs, std::span<const std::size_t> names) override {
        handle_.start_writing();
        run("BEGIN; " + format1_of_sqlite(structs) + format1_names(structs, names) + "COMMIT");
        use_format1(structs);
    }

    void use_format1(std::span<const StructDefinition> structs) override {
        for (const auto& of_struct : structs) {
            auto statement = std::make_unique<SqliteStatement>(handle_.get(), winner_sql(of_struct));
            tables_.push_back({of_struct, std::move(statement)});
        }
        SqliteStatement names(handle_.get(), R"(SELECT "ID", "structID" FROM "namedRef")");
        while (names.step()) names_.emplace_back(names.integer(0), static_cast<std::size_t>(names.integer(1) - 1));
    }

    void import(const BulkRows& bulk) override {
        handle_.start_writing();
        run("BEGIN IMMEDIATE");
        std::int64_t seq = 0;
        std::int64_t entry_time = 0;
        const auto& of_struct = tables_.at(bulk.series.of_struct).of_struct;
        {
            SqliteStatement counter(handle_.get(), R"(UPDATE "commitCounter" SET "lastSeq" = "lastSeq" + 1,
"lastEntryTime" = "lastEntryTime" + 1 WHERE "ID" = 1 RETURNING "lastSeq", "lastEntryTime")");
            counter.step();
            seq = counter.integer(0);
            entry_time = counter.integer(1);
            while (counter.step()) {
            }
            SqliteStatement payload(handle_.get(),
                                    R"(INSERT INTO "payload" ("structID", "schemaID", "encoding", "numRows",
"contentHash", "rawSize", "entryTime") VALUES (?1, 1, 1, 1, ?2, ?3, ?4))");
            std::string columns = R"(INSERT INTO ")" + of_struct.name + R"(" VALUES (?1, 0)";
            for (std::size_t i = 0; i < of_struct.elements.size(); ++i) columns += ", ?" + std::to_string(i + 2);
            SqliteStatement rows(handle_.get(), columns + ")");
            SqliteStatement index(handle_.get(), R"(INSERT INTO "dataIndex" ("count", "nameID", "schemaID", "version",
"elementID", "beginTime", "creationTime", "commitSeq", "numRows", "dataID", "uid", "entryTime")
VALUES (?1, ?2, 1, 'default', 0, ?3, ?4, ?5, 1, ?6, ?7, ?4))");
            for (std::size_t i = 0; i < bulk.series.count; ++i) {
                payload.bind(1, static_cast<std::int64_t>(bulk.series.of_struct + 1));
                payload.bind(2, std::as_bytes(std::span(bulk.hashes[i])));
                payload.bind(3, static_cast<std::int64_t>(of_struct.size));
                payload.bind(4, entry_time);
                payload.run();
                const auto data_id = sqlite3_last_insert_rowid(handle_.get());
                rows.bind(1, data_id);
                rows.bind_row(2, of_struct, bulk.rows.data() + i * of_struct.size);
                rows.run();
                index.bind(1, static_cast<std::int64_t>(i));
                index.bind(2, bulk.series.name);
                index.bind(3, bulk.series.begin_of(i));
                index.bind(4, entry_time);
                index.bind(5, seq);
                index.bind(6, data_id);
                index.bind(7, std::span<const std::byte>(bulk.uids[i]));
                index.run();
            }
        }
        run(R"(INSERT INTO "commitLog" ("commitSeq", "entryTime", "author", "host", "program", "reason") VALUES ()" +
            std::to_string(seq) + ", " + std::to_string(entry_time) + ", 'a', 'h', 'p', 'r')");
        run("COMMIT");
    }

    PointAnswer point(std::int64_t name, std::int64_t at, std::int64_t snapshot) override {
        auto& statement = *tables_.front().statement;
        statement.bind(1, name);
        statement.bind(2, at);
        statement.bind(3, snapshot);
        if (!statement.step()) give_up("no winner");
        PointAnswer answer;
        read_bounds(statement, answer.begin, answer.end);
        float* value = &answer.row.g00;
        for (int i = 0; i < kGains; ++i) value[i] = static_cast<float>(statement.real(2 + i));
        statement.reset();
        return answer;
    }

    std::vector<NodeAnswer> tree(std::int64_t at, std::int64_t snapshot) override {
        run("BEGIN");
        std::vector<NodeAnswer> answers;
        answers.reserve(names_.size());
        for (const auto& [name, of_struct] : names_) {
            auto& answer = answers.emplace_back();
            answer.name = name;
            auto& table = tables_[of_struct];
            auto& statement = *table.statement;
            statement.bind(1, name);
            statement.bind(2, at);
            statement.bind(3, snapshot);
            if (!statement.step()) give_up("no winner for name " + std::to_string(name));
            read_bounds(statement, answer.begin, answer.end);
            answer.row.resize(table.of_struct.size);
            statement.read_row(2, table.of_struct, answer.row.data());
            statement.reset();
        }
        run("COMMIT");
        return answers;
    }

    void make_commit_tables() override {
        run(R"(PRAGMA journal_mode=WAL; CREATE TABLE "bareRecord" ("ID" INTEGER PRIMARY KEY, "writer" INTEGER,
"beginTime" INTEGER, "gain" BLOB);
CREATE INDEX "bareRecord_begin" ON "bareRecord" ("writer", "beginTime"))");
    }

    void commit_one(std::int64_t writer, std::int64_t begin) override {
        if (!insert_) {
            insert_ = std::make_unique<SqliteStatement>(
                handle_.get(), R"(INSERT INTO "bareRecord" ("writer", "beginTime", "gain") VALUES (?1, ?2, ?3))");
        }
        const BenchGain row{};
        run("BEGIN IMMEDIATE");
        insert_->bind(1, writer);
        insert_->bind(2, begin);
        insert_->bind(3, std::as_bytes(std::span(&row, 1)));
        insert_->run();
        run("COMMIT");
    }

private:
    static constexpr int kGains = sizeof(BenchGain) / sizeof(float);
    struct Table {
        StructDefinition of_struct;
        std::unique_ptr<SqliteStatement> statement;
    };
    SqliteHandle handle_;  // the statements below end before it does
    std::vector<Table> tables_;
    std::vector<std::pair<std::int64_t, std::size_t>> names_;  // number, index of the struct
    std::unique_ptr<SqliteStatement> insert_;
};

}  // namespace

std::unique_ptr<Bare> open_bare_sqlite(const std::string& path) {
    return std::make_unique<BareSqlite>(path);
}

}  // namespace etalon::bench
