#include <utility>

#include "benchmarks/probe.h"
#include "benchmarks/sqlite_handle.h"

namespace etalon::bench {

namespace {

class ProbeSqlite final : public Probe {
public:
    explicit ProbeSqlite(const std::string& path) : handle_(path) {}

    void fill(std::span<const StructDefinition> structs, std::span<const Series> series) override {
        handle_.run("BEGIN");
        std::vector<std::unique_ptr<SqliteStatement>> inserts;
        for (const auto& of_struct : structs) {
            handle_.run(R"(CREATE TABLE ")" + of_struct.name +
                        R"(" ("name" INTEGER, "element" INTEGER, "begin" INTEGER, )" + column_list(of_struct, "") +
                        R"(, PRIMARY KEY ("name", "element", "begin")) WITHOUT ROWID)");
            std::string values = R"(INSERT INTO ")" + of_struct.name + R"(" VALUES (?1, 0, ?2)";
            for (std::size_t i = 0; i < of_struct.elements.size(); ++i) values += ", ?" + std::to_string(i + 3);
            inserts.push_back(std::make_unique<SqliteStatement>(handle_.get(), values + ")"));
            auto read = std::make_unique<SqliteStatement>(
                handle_.get(), R"(SELECT "begin", )" + column_list(of_struct, "") + R"( FROM ")" + of_struct.name +
                                   R"(" WHERE "name" = ?1 AND "element" = 0 AND "begin" <= ?2
ORDER BY "begin" DESC LIMIT 1)");
            tables_.push_back({of_struct, std::move(read)});
        }
        for (const auto& one : series) {
            names_.emplace_back(one.name, one.of_struct);
            const auto& of_struct = structs[one.of_struct];
            auto& insert = *inserts[one.of_struct];
            std::vector<std::byte> row(of_struct.size);
            insert.bind(1, one.name);
            for (std::size_t k = 0; k < one.count; ++k) {
                fill_row(of_struct, one.seed + k, row.data());
                insert.bind(2, one.begin_of(k));
                insert.bind_row(3, of_struct, row.data());
                insert.run();
            }
        }
        inserts.clear();
        handle_.run("COMMIT; ANALYZE");
    }

    bool knows_end() const override { return false; }

    PointAnswer point(std::int64_t name, std::int64_t at) override {
        auto& statement = *tables_.front().read;
        statement.bind(1, name);
        statement.bind(2, at);
        if (!statement.step()) give_up("no row");
        PointAnswer answer;
        answer.begin = statement.integer(0);
        float* value = &answer.row.g00;
        for (int i = 0; i < kGains; ++i) value[i] = static_cast<float>(statement.real(1 + i));
        statement.reset();
        return answer;
    }

    std::vector<NodeAnswer> tree(std::int64_t at) override {
        handle_.run("BEGIN");
        std::vector<NodeAnswer> answers;
        answers.reserve(names_.size());
        for (const auto& [name, of_struct] : names_) {
            auto& table = tables_[of_struct];
            auto& statement = *table.read;
            statement.bind(1, name);
            statement.bind(2, at);
            if (!statement.step()) give_up("no row of name " + std::to_string(name));
            auto& answer = answers.emplace_back();
            answer.name = name;
            answer.begin = statement.integer(0);
            answer.row.resize(table.of_struct.size);
            statement.read_row(1, table.of_struct, answer.row.data());
            statement.reset();
        }
        handle_.run("COMMIT");
        return answers;
    }

private:
    static constexpr int kGains = sizeof(BenchGain) / sizeof(float);
    struct Table {
        StructDefinition of_struct;
        std::unique_ptr<SqliteStatement> read;
    };
    SqliteHandle handle_;  // the statements below end before it does
    std::vector<Table> tables_;
    std::vector<std::pair<std::int64_t, std::size_t>> names_;  // number, index of the struct
};

}  // namespace

std::unique_ptr<Probe> open_probe_sqlite(const std::string& path) {
    return std::make_unique<ProbeSqlite>(path);
}

}  // namespace etalon::bench
