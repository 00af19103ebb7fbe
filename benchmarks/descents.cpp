#include "benchmarks/descents.h"

#include <bit>
#include <map>

#include "benchmarks/constants.h"
#include "benchmarks/postgres_link.h"
#include "benchmarks/sqlite_handle.h"

namespace etalon::bench {

namespace {

constexpr int kGains = sizeof(BenchGain) / sizeof(float);

class SqliteDescents final : public Descents {
public:
    explicit SqliteDescents(const std::string& path) : handle_(path) {}

    PointAnswer point(std::int64_t at) override {
        if (!point_) {
            id_ = find_name("BenchGain");
            point_ = make_read(definitions().front());
        }
        point_->bind(1, id_);
        point_->bind(2, at);
        if (!point_->step()) give_up("no row");
        PointAnswer answer;
        answer.begin = point_->integer(0);
        if (!point_->is_null(1)) answer.end = point_->integer(1);
        float* value = &answer.row.g00;
        for (int i = 0; i < kGains; ++i) value[i] = static_cast<float>(point_->real(2 + i));
        point_->reset();
        return answer;
    }

    void prepare(std::span<const StructDefinition> structs, std::span<const Series> series) override {
        structs_.assign(structs.begin(), structs.end());
        for (const auto& of_struct : structs_) {
            reads_.push_back(make_read(of_struct));
        }
        for (const auto& one : series) names_.push_back({one.name, find_name(node_name(one.name)), one.of_struct});
    }

    std::vector<NodeAnswer> tree(std::int64_t at) override {
        handle_.run("BEGIN");
        std::vector<NodeAnswer> answers;
        answers.reserve(names_.size());
        for (const auto& name : names_) {
            auto& read = *reads_[name.of_struct];
            read.bind(1, name.id);
            read.bind(2, at);
            if (!read.step()) give_up("no row of name " + std::to_string(name.number));
            auto& answer = answers.emplace_back();
            answer.name = name.number;
            answer.begin = read.integer(0);
            if (!read.is_null(1)) answer.end = read.integer(1);
            answer.row.resize(structs_[name.of_struct].size);
            read.read_row(2, structs_[name.of_struct], answer.row.data());
            read.reset();
        }
        handle_.run("COMMIT");
        return answers;
    }

private:
    struct Name {
        std::int64_t number;
        std::int64_t id;
        std::size_t of_struct;
    };
    std::int64_t find_name(const std::string& name) {
        SqliteStatement find(handle_.get(), R"(SELECT "ID" FROM "namedRef" WHERE "name" = ?1)");
        find.bind(1, name);
        if (!find.step()) give_up("no reference " + name);
        return find.integer(0);
    }
    std::unique_ptr<SqliteStatement> make_read(const StructDefinition& of_struct) {
        return std::make_unique<SqliteStatement>(
            handle_.get(), R"(SELECT x."beginTime", x."next", )" + column_list(of_struct, "r.") +
                               R"( FROM "timeline" x JOIN ")" + of_struct.name + R"(" r ON r."dataID" = x."dataID"
WHERE x."nameID" = ?1 AND x."elementID" = 0 AND x."version" = 'default' AND x."beginTime" <= ?2
ORDER BY x."beginTime" DESC LIMIT 1)");
    }

    SqliteHandle handle_;  // the statements below end before it does
    std::int64_t id_ = 0;
    std::unique_ptr<SqliteStatement> point_;
    std::vector<StructDefinition> structs_;
    std::vector<std::unique_ptr<SqliteStatement>> reads_;  // by index of the struct
    std::vector<Name> names_;
};

class PostgresDescents final : public Descents {
public:
    PostgresDescents(const std::string& conninfo, const std::string& schema) : link_(conninfo, schema) {}

    PointAnswer point(std::int64_t at) override {
        if (id_ == 0) {
            id_ = find_name("BenchGain");
            link_.prepare("point",
                          R"(SELECT s."beginTime", s."next", )" + column_list(definitions().front(), "r.") + " FROM (" +
                              stretch_sql("$1") + R"() s JOIN "BenchGain" r ON r."dataID" = s."dataID")",
                          2);
        }
        const auto found = link_.ask("point", {id_, at});
        if (found.rows() != 1) give_up("no row");
        PointAnswer answer;
        found.bounds(0, 0, answer.begin, answer.end);
        float* value = &answer.row.g00;
        for (int i = 0; i < kGains; ++i) value[i] = std::bit_cast<float>(found.word(0, 2 + i));
        return answer;
    }

    void prepare(std::span<const StructDefinition> structs, std::span<const Series> series) override {
        structs_.assign(structs.begin(), structs.end());
        ids_.resize(structs_.size());
        for (const auto& one : series) {
            const auto id = find_name(node_name(one.name));
            ids_[one.of_struct].push_back(id);
            numbers_[id] = one.name;
        }
        for (const auto& of_struct : structs_) {
            link_.prepare_for_list(of_struct.name.c_str(),
                                   R"(SELECT k."name", s."beginTime", s."next", )" + column_list(of_struct, "r.") +
                                       R"( FROM unnest($1::bigint[]) k("name") CROSS JOIN LATERAL ()" +
                                       stretch_sql(R"(k."name")") + R"() s JOIN ")" + of_struct.name +
                                       R"(" r ON r."dataID" = s."dataID")",
                                   1);
        }
    }

    std::vector<NodeAnswer> tree(std::int64_t at) override {
        auto answers = link_.read_nodes(structs_, ids_, {at});
        for (auto& answer : answers) answer.name = numbers_.at(answer.name);
        return answers;
    }

private:
    std::int64_t find_name(const std::string& name) {
        return link_.number(R"(SELECT "ID" FROM "namedRef" WHERE "name" = ')" + name + '\'');
    }
    static std::string stretch_sql(const std::string& name) {
        return R"(SELECT x."beginTime", x."next", x."dataID" FROM "timeline" x WHERE x."nameID" = )" + name +
               R"( AND x."elementID" = 0 AND x."version" = 'default' AND x."beginTime" <= $2
ORDER BY x."beginTime" DESC LIMIT 1)";
    }

    PostgresLink link_;
    std::int64_t id_ = 0;
    std::vector<StructDefinition> structs_;
    std::vector<std::vector<std::int64_t>> ids_;  // by index of the struct
    std::map<std::int64_t, std::int64_t> numbers_;
};

}  // namespace

std::unique_ptr<Descents> open_descents_sqlite(const std::string& path) {
    return std::make_unique<SqliteDescents>(path);
}

std::unique_ptr<Descents> open_descents_postgres(const std::string& conninfo, const std::string& schema) {
    return std::make_unique<PostgresDescents>(conninfo, schema);
}

}  // namespace etalon::bench
