#include <sqlite3.h>

#include <array>
#include <cstring>

#include "benchmarks/bare.h"

namespace etalon::bench {

namespace {

class Statement {
public:
    Statement(sqlite3* db, const std::string& sql) : db_(db) {
        if (sqlite3_prepare_v3(db, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr) != SQLITE_OK) {
            give_up(std::string(sqlite3_errmsg(db)) + " in " + sql);
        }
    }
    ~Statement() { sqlite3_finalize(handle_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    void bind(int index, std::int64_t value) { sqlite3_bind_int64(handle_, index, value); }
    void bind(int index, const std::string& value) {
        sqlite3_bind_text(handle_, index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    }
    void bind(int index, std::span<const std::byte> value) {
        sqlite3_bind_blob(handle_, index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    }
    bool step() {
        const int code = sqlite3_step(handle_);
        if (code != SQLITE_ROW && code != SQLITE_DONE) give_up(sqlite3_errmsg(db_));
        return code == SQLITE_ROW;
    }
    void reset() { sqlite3_reset(handle_); }
    void run() {
        while (step()) {
        }
        reset();
    }
    [[nodiscard]] std::int64_t integer(int column) { return sqlite3_column_int64(handle_, column); }
    [[nodiscard]] bool is_null(int column) { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
    [[nodiscard]] sqlite3_stmt* get() { return handle_; }

private:
    sqlite3* db_;
    sqlite3_stmt* handle_ = nullptr;
};

constexpr const char* kVisible = R"("commitSeq" <= ?3 AND ("retiredSeq" IS NULL OR "retiredSeq" > ?3))";

std::string winner_sql(const std::string& table, const std::string& columns) {
    const std::string of_name =
        R"("nameID" = ?1 AND "elementID" = 0 AND "version" = 'default')";
    return R"(SELECT w."beginTime", (SELECT "beginTime" FROM "dataIndex" WHERE )" + of_name +
           R"( AND "beginTime" > ?2 AND )" + kVisible + R"( ORDER BY "beginTime" LIMIT 1), )" + columns +
           R"( FROM (SELECT "beginTime", "dataID" FROM "dataIndex" WHERE )" + of_name +
           R"( AND "beginTime" <= ?2 AND )" + kVisible +
           R"( ORDER BY "beginTime" DESC, "commitSeq" DESC LIMIT 1) w JOIN ")" + table +
           R"(" r ON r."dataID" = w."dataID")";
}

void read_bounds(Statement& statement, std::int64_t& begin, std::optional<std::int64_t>& end) {
    begin = statement.integer(0);
    if (!statement.is_null(1)) end = statement.integer(1);
}

class BareSqlite final : public Bare {
public:
    explicit BareSqlite(const std::string& path) {
        if (sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) {
            give_up("cannot open " + path);
        }
        sqlite3_busy_timeout(db_, 60'000);
        run("PRAGMA synchronous=FULL; PRAGMA cache_size=-32768; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=1073741824; "
            "PRAGMA recursive_triggers=ON");
    }
    ~BareSqlite() override {
        point_.reset();
        insert_.reset();
        tables_.clear();
        sqlite3_close_v2(db_);
    }
    BareSqlite(const BareSqlite&) = delete;
    BareSqlite& operator=(const BareSqlite&) = delete;

    std::int64_t find_id(const std::string& table, const std::string& name) override {
        Statement find(db_, R"(SELECT "ID" FROM ")" + table + R"(" WHERE "name" = ?1)");
        find.bind(1, name);
        if (!find.step()) give_up("no " + name + " in " + table);
        return find.integer(0);
    }

    PointAnswer point(const PointKey& key, std::int64_t at) override {
        if (!point_) {
            std::string columns;
            for (int i = 0; i < kGains; ++i) {
                columns += (i == 0 ? "r.g" : ", r.g") + std::string(i < 10 ? "0" : "") + std::to_string(i);
            }
            point_ = std::make_unique<Statement>(db_, winner_sql("BenchGain", columns));
        }
        auto& statement = *point_;
        statement.bind(1, key.name_id);
        statement.bind(2, at);
        statement.bind(3, key.snapshot);
        if (!statement.step()) give_up("no winner");
        PointAnswer answer;
        read_bounds(statement, answer.begin, answer.end);
        float* value = &answer.row.g00;
        for (int i = 0; i < kGains; ++i) value[i] = static_cast<float>(sqlite3_column_double(statement.get(), 2 + i));
        statement.reset();
        return answer;
    }

    void prepare_tree(const std::string& root, std::int64_t snapshot,
                      std::span<const StructDefinition> structs) override {
        for (const auto& of_struct : structs) {
            Table table{of_struct,
                        std::make_unique<Statement>(db_, winner_sql(of_struct.name, column_list(of_struct, "r.")))};
            const auto id = static_cast<std::size_t>(find_id("structure", of_struct.name));
            if (tables_.size() <= id) tables_.resize(id + 1);
            tables_[id] = std::move(table);
        }
        Statement nodes(db_, R"(WITH RECURSIVE tree(id) AS (
SELECT "ID" FROM "Nodes" n WHERE "Name" = ?1 AND "KeyName" = 'default' AND "NodeType" = 'Config' AND "commitSeq" <= ?2
AND ("retiredSeq" IS NULL OR "retiredSeq" > ?2) UNION ALL
SELECT r."NodeID" FROM tree JOIN "NodeRelation" r ON r."ParentID" = tree.id AND r."commitSeq" <= ?2
AND (r."retiredSeq" IS NULL OR r."retiredSeq" > ?2))
SELECT n."Name", f."ID", f."structID" FROM tree CROSS JOIN "Nodes" n ON n."ID" = tree.id AND n."commitSeq" <= ?2
AND (n."retiredSeq" IS NULL OR n."retiredSeq" > ?2)
JOIN "namedRef" f ON f."name" = n."refName" WHERE n."NodeType" = 'table')");
        nodes.bind(1, root);
        nodes.bind(2, snapshot);
        while (nodes.step()) {
            nodes_.push_back({reinterpret_cast<const char*>(sqlite3_column_text(nodes.get(), 0)), nodes.integer(1),
                              static_cast<std::size_t>(nodes.integer(2))});
        }
    }

    std::vector<NodeAnswer> tree(std::int64_t at, std::int64_t snapshot) override {
        run("BEGIN");
        std::vector<NodeAnswer> answers;
        for (const auto& node : nodes_) {
            NodeAnswer answer;
            answer.name = node.name;
            auto& table = tables_.at(node.struct_id);
            auto& statement = *table.statement;
            statement.bind(1, node.name_id);
            statement.bind(2, at);
            statement.bind(3, snapshot);
            if (!statement.step()) give_up("no winner for " + answer.name);
            read_bounds(statement, answer.begin, answer.end);
            answer.row.resize(table.of_struct.size);
            int column = 2;
            for (const auto& element : table.of_struct.elements) {
                auto* out = answer.row.data() + element.offset;
                if (element.type == ScalarType::Int32) {
                    const auto value = static_cast<std::int32_t>(statement.integer(column));
                    std::memcpy(out, &value, sizeof value);
                } else if (element.type == ScalarType::Float32) {
                    const auto value = static_cast<float>(sqlite3_column_double(statement.get(), column));
                    std::memcpy(out, &value, sizeof value);
                } else {
                    const auto value = sqlite3_column_double(statement.get(), column);
                    std::memcpy(out, &value, sizeof value);
                }
                ++column;
            }
            statement.reset();
            answers.push_back(std::move(answer));
        }
        run("COMMIT");
        return answers;
    }

    void import(const BulkRows& bulk) override {
        run("PRAGMA journal_mode=WAL; BEGIN IMMEDIATE");
        std::int64_t seq = 0;
        std::int64_t entry_time = 0;
        {
            Statement counter(db_, R"(UPDATE "commitCounter" SET "lastSeq" = "lastSeq" + 1,
"lastEntryTime" = "lastEntryTime" + 1 WHERE "ID" = 1 RETURNING "lastSeq", "lastEntryTime")");
            counter.step();
            seq = counter.integer(0);
            entry_time = counter.integer(1);
            while (counter.step()) {
            }
            Statement payload(db_,
                              R"(INSERT INTO "payload" ("structID", "schemaID", "encoding", "numRows", "contentHash",
"rawSize", "entryTime") VALUES (?1, 1, 1, 1, ?2, 80, ?3))");
            std::string columns = R"(INSERT INTO "BenchGain" VALUES (?1, 0)";
            for (int i = 0; i < kGains; ++i) columns += ", ?" + std::to_string(i + 2);
            Statement rows(db_, columns + ")");
            Statement index(db_, R"(INSERT INTO "dataIndex" ("count", "nameID", "schemaID", "version", "elementID",
"beginTime", "creationTime", "commitSeq", "numRows", "dataID", "uid", "entryTime")
VALUES (?1, ?2, 1, 'default', 0, ?3, ?4, ?5, 1, ?6, ?7, ?4))");
            for (std::size_t i = 0; i < bulk.rows.size(); ++i) {
                payload.bind(1, bulk.struct_id);
                payload.bind(2, std::as_bytes(std::span(bulk.hashes[i])));
                payload.bind(3, entry_time);
                payload.run();
                const auto data_id = sqlite3_last_insert_rowid(db_);
                rows.bind(1, data_id);
                const float* value = &bulk.rows[i].g00;
                for (int k = 0; k < kGains; ++k) sqlite3_bind_double(rows.get(), k + 2, value[k]);
                rows.run();
                index.bind(1, static_cast<std::int64_t>(i));
                index.bind(2, bulk.name_id);
                index.bind(3, bulk.begin + static_cast<std::int64_t>(i) * bulk.step);
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

    void make_commit_tables() override {
        run(R"(PRAGMA journal_mode=WAL; CREATE TABLE "bareRecord" ("ID" INTEGER PRIMARY KEY, "writer" INTEGER,
"beginTime" INTEGER, "gain" BLOB); CREATE INDEX "bareRecord_begin" ON "bareRecord" ("writer", "beginTime"))");
    }

    void commit_one(std::int64_t writer, std::int64_t begin) override {
        if (!insert_) {
            insert_ = std::make_unique<Statement>(
                db_, R"(INSERT INTO "bareRecord" ("writer", "beginTime", "gain") VALUES (?1, ?2, ?3))");
        }
        const BenchGain row{};
        run("BEGIN IMMEDIATE");
        insert_->bind(1, writer);
        insert_->bind(2, begin);
        insert_->bind(3, std::as_bytes(std::span(&row, 1)));
        insert_->run();
        run("COMMIT");
    }

    void run(const std::string& sql) override {
        if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
            give_up(std::string(sqlite3_errmsg(db_)) + " in " + sql);
        }
    }

private:
    static constexpr int kGains = sizeof(BenchGain) / sizeof(float);
    struct Table {
        StructDefinition of_struct;
        std::unique_ptr<Statement> statement;
    };
    sqlite3* db_ = nullptr;
    std::unique_ptr<Statement> point_;
    std::unique_ptr<Statement> insert_;
    struct Node {
        std::string name;
        std::int64_t name_id = 0;
        std::size_t struct_id = 0;
    };
    std::vector<Node> nodes_;
    std::vector<Table> tables_;  // by structID
};

}  // namespace

std::unique_ptr<Bare> open_bare_sqlite(const std::string& path) {
    return std::make_unique<BareSqlite>(path);
}

}  // namespace etalon::bench
