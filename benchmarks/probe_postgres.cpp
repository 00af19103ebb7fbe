#include <bit>

#include "benchmarks/postgres_link.h"
#include "benchmarks/probe.h"

namespace etalon::bench {

namespace {

/// What the engine calls the type of an element.
const char* column_type(ScalarType type) {
    if (type == ScalarType::Int32) return " integer";
    return type == ScalarType::Float32 ? " real" : " double precision";
}

std::string last_row_sql(const StructDefinition& of_struct, const std::string& name) {
    return R"(SELECT p."begin", p."next", )" + column_list(of_struct, "p.") + R"( FROM ")" + of_struct.name +
           R"(" p WHERE p."name" = )" + name + R"( AND p."element" = 0 AND p."begin" <= $2
ORDER BY p."begin" DESC LIMIT 1)";
}

class ProbePostgres final : public Probe {
public:
    ProbePostgres(const std::string& conninfo, const std::string& schema) : link_(conninfo, schema) {}

    void fill(std::span<const StructDefinition> structs, std::span<const Series> series) override {
        structs_.assign(structs.begin(), structs.end());
        names_of_.resize(structs_.size());
        link_.run("BEGIN");
        for (const auto& of_struct : structs_) {
            std::string columns;
            for (const auto& element : of_struct.elements) {
                columns += ", \"" + element.path + '"' + column_type(element.type);
            }
            link_.run(R"(CREATE TABLE ")" + of_struct.name +
                      R"(" ("name" bigint, "element" bigint, "begin" bigint, "next" bigint)" + columns +
                      R"(, PRIMARY KEY ("name", "element", "begin")))");
        }
        for (const auto& one : series) {
            names_of_[one.of_struct].push_back(one.name);
            fill_name(structs_[one.of_struct], one);
        }
        link_.run("COMMIT");
        for (const auto& of_struct : structs_) link_.run("ANALYZE \"" + of_struct.name + '"');
        prepare();
    }

    bool knows_end() const override { return true; }

    PointAnswer point(std::int64_t name, std::int64_t at) override {
        const auto found = link_.ask("point", {name, at});
        if (found.rows() != 1) give_up("no row");
        PointAnswer answer;
        found.bounds(0, 0, answer.begin, answer.end);
        float* value = &answer.row.g00;
        for (int i = 0; i < kGains; ++i) value[i] = std::bit_cast<float>(found.word(0, 2 + i));
        return answer;
    }

    std::vector<NodeAnswer> tree(std::int64_t at) override { return link_.read_nodes(structs_, names_of_, {at}); }

private:
    static constexpr int kGains = sizeof(BenchGain) / sizeof(float);

    void fill_name(const StructDefinition& of_struct, const Series& series) {
        link_.start_copy('"' + of_struct.name + '"');
        std::vector<std::byte> row(of_struct.size);
        for (std::size_t k = 0; k < series.count; ++k) {
            fill_row(of_struct, series.seed + k, row.data());
            link_.start_row(4 + static_cast<int>(of_struct.elements.size()));
            link_.put(series.name);
            link_.put(0);
            link_.put(series.begin_of(k));
            link_.put(series.end_of(k));
            link_.put_row(of_struct, row.data());
        }
        link_.finish_copy();
    }

    void prepare() {
        link_.prepare("point", last_row_sql(structs_.front(), "$1"), 2);
        for (const auto& of_struct : structs_) {
            link_.prepare_for_list(of_struct.name.c_str(),
                                   R"(SELECT k."name", p.* FROM unnest($1::bigint[]) k("name") CROSS JOIN LATERAL ()" +
                                       last_row_sql(of_struct, R"(k."name")") + ") p",
                                   1);
        }
    }

    PostgresLink link_;
    std::vector<StructDefinition> structs_;
    std::vector<std::vector<std::int64_t>> names_of_;  // by index of the struct
};

}  // namespace

std::unique_ptr<Probe> open_probe_postgres(const std::string& conninfo, const std::string& schema) {
    return std::make_unique<ProbePostgres>(conninfo, schema);
}

}  // namespace etalon::bench
