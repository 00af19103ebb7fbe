#include <bit>

#include "benchmarks/bare.h"
#include "benchmarks/format1.h"
#include "benchmarks/postgres_link.h"

namespace etalon::bench {

namespace {

std::string visible(const std::string& alias) {
    return alias + R"(."commitSeq" <= $3 AND ()" + alias + R"(."retiredSeq" IS NULL OR )" + alias +
           R"(."retiredSeq" > $3))";
}

std::string of_name(const std::string& alias, const std::string& name_id) {
    return alias + R"(."nameID" = )" + name_id + " AND " + alias + R"(."elementID" = 0 AND )" + alias +
           R"(."version" = 'default')";
}

/// The winner's record and the next begin as a scalar, for a name ID, position $2 and snapshot $3.
std::string winner_sql(const std::string& name_id) {
    return R"((SELECT d."beginTime", d."dataID" FROM "dataIndex" d WHERE )" + of_name("d", name_id) +
           R"( AND d."beginTime" <= $2 AND )" + visible("d") +
           R"( ORDER BY d."beginTime" DESC, d."commitSeq" DESC LIMIT 1))";
}
std::string next_sql(const std::string& name_id) {
    return R"((SELECT n."beginTime" FROM "dataIndex" n WHERE )" + of_name("n", name_id) +
           R"( AND n."beginTime" > $2 AND )" + visible("n") + R"( ORDER BY n."beginTime" LIMIT 1))";
}

class BarePostgres final : public Bare {
public:
    BarePostgres(const std::string& conninfo, const std::string& schema) : link_(conninfo, schema) {}

    void run(const std::string& sql) override { link_.run(sql); }

    void make_format1(std::span<const StructDefinition> structs, std::span<const std::size_t> names) override {
        run("BEGIN; " + format1_of_postgres(structs) + format1_names(structs, names) + "COMMIT");
        use_format1(structs);
    }

    void use_format1(std::span<const StructDefinition> structs) override {
        structs_.assign(structs.begin(), structs.end());
        const auto& first = structs_.front();
        link_.prepare("point",
                      R"(SELECT w."beginTime", )" + next_sql("$1") + ", " + column_list(first, "r.") + " FROM " +
                          winner_sql("$1") + R"( w JOIN ")" + first.name + R"(" r ON r."dataID" = w."dataID")",
                      3);
        const auto names = link_.query(R"(SELECT "ID", "structID" FROM "namedRef" ORDER BY "ID")");
        names_of_.resize(structs_.size());
        for (int row = 0; row < names.rows(); ++row) {
            names_of_.at(static_cast<std::size_t>(names.integer(row, 1) - 1)).push_back(names.integer(row, 0));
        }
        for (const auto& of_struct : structs_) {
            link_.prepare_for_list(
                of_struct.name.c_str(),
                R"(SELECT k."nameID", w."beginTime", )" + next_sql(R"(k."nameID")") + ", " +
                    column_list(of_struct, "r.") + R"( FROM unnest($1::bigint[]) k("nameID") CROSS JOIN LATERAL )" +
                    winner_sql(R"(k."nameID")") + R"( w JOIN ")" + of_struct.name + R"(" r ON r."dataID" = w."dataID")",
                2);
        }
    }

    void import(const BulkRows& bulk) override {
        run("BEGIN");
        const auto& of_struct = structs_.at(bulk.series.of_struct);
        const auto count = static_cast<std::int64_t>(bulk.series.count);
        const auto first_id = 1 + link_.number(R"(SELECT coalesce(max("dataID"), 0) FROM "payload")");
        const auto seq = link_.number(R"(UPDATE "commitCounter" SET "lastSeq" = "lastSeq" + 1, "lastEntryTime" =
"lastEntryTime" + 1 WHERE "ID" = 1 RETURNING "lastSeq")");
        const auto entry_time = link_.number(R"(SELECT "lastEntryTime" FROM "commitCounter")");
        link_.start_copy(R"("payload" ("dataID", "structID", "schemaID", "encoding", "numRows", "contentHash",
"rawSize", "entryTime"))");
        for (std::int64_t i = 0; i < count; ++i) {
            link_.start_row(8);
            link_.put(first_id + i);
            link_.put(static_cast<std::int64_t>(bulk.series.of_struct + 1));
            link_.put(1);
            link_.put(1);
            link_.put(1);
            link_.put(std::as_bytes(std::span(bulk.hashes[static_cast<std::size_t>(i)])));
            link_.put(static_cast<std::int64_t>(of_struct.size));
            link_.put(entry_time);
        }
        link_.finish_copy();
        link_.start_copy('"' + of_struct.name + '"');
        for (std::int64_t i = 0; i < count; ++i) {
            link_.start_row(2 + static_cast<int>(of_struct.elements.size()));
            link_.put(first_id + i);
            link_.put(0);
            link_.put_row(of_struct, bulk.rows.data() + static_cast<std::size_t>(i) * of_struct.size);
        }
        link_.finish_copy();
        link_.start_copy(R"("dataIndex" ("count", "nameID", "schemaID", "version", "elementID", "beginTime",
"creationTime", "commitSeq", "numRows", "dataID", "uid", "entryTime"))");
        constexpr std::string_view kDefault = "default";
        for (std::int64_t i = 0; i < count; ++i) {
            link_.start_row(12);
            link_.put(i);
            link_.put(bulk.series.name);
            link_.put(1);
            link_.put(std::as_bytes(std::span(kDefault)));
            link_.put(0);
            link_.put(bulk.series.begin_of(static_cast<std::size_t>(i)));
            link_.put(entry_time);
            link_.put(seq);
            link_.put(1);
            link_.put(first_id + i);
            link_.put(std::span<const std::byte>(bulk.uids[static_cast<std::size_t>(i)]));
            link_.put(entry_time);
        }
        link_.finish_copy();
        run(R"(INSERT INTO "commitLog" ("commitSeq", "entryTime", "author", "host", "program", "reason") VALUES ()" +
            std::to_string(seq) + ", " + std::to_string(entry_time) + ", 'a', 'h', 'p', 'r')");
        run("COMMIT");
    }

    PointAnswer point(std::int64_t name, std::int64_t at, std::int64_t snapshot) override {
        const auto found = link_.ask("point", {name, at, snapshot});
        if (found.rows() != 1) give_up("no winner");
        PointAnswer answer;
        found.bounds(0, 0, answer.begin, answer.end);
        float* value = &answer.row.g00;
        for (int i = 0; i < kGains; ++i) value[i] = std::bit_cast<float>(found.word(0, 2 + i));
        return answer;
    }

    /// One statement for each struct.
    std::vector<NodeAnswer> tree(std::int64_t at, std::int64_t snapshot) override {
        return link_.read_nodes(structs_, names_of_, {at, snapshot});
    }

    void make_commit_tables() override {
        run(R"(CREATE TABLE "bareCounter" ("ID" bigint PRIMARY KEY, "lastSeq" bigint); INSERT INTO "bareCounter" VALUES (1, 0);
CREATE TABLE "bareRecord" ("ID" bigint PRIMARY KEY, "writer" bigint, "beginTime" bigint, "gain" bytea);
CREATE INDEX ON "bareRecord" ("writer", "beginTime"))");
    }

    void commit_one(std::int64_t writer, std::int64_t begin) override {
        if (!commit_ready_) {
            link_.prepare(
                "count", R"(UPDATE "bareCounter" SET "lastSeq" = "lastSeq" + 1 WHERE "ID" = 1 RETURNING "lastSeq")", 0);
            link_.prepare("insert", R"(INSERT INTO "bareRecord" VALUES ($1, $2, $3, decode(repeat('00', 80), 'hex')))",
                          3);
            commit_ready_ = true;
        }
        run("BEGIN");
        const auto number = link_.ask("count", {}).integer(0, 0);
        (void)link_.ask("insert", {number, writer, begin}, PGRES_COMMAND_OK);
        run("COMMIT");
    }

private:
    static constexpr int kGains = sizeof(BenchGain) / sizeof(float);
    PostgresLink link_;
    std::vector<StructDefinition> structs_;
    std::vector<std::vector<std::int64_t>> names_of_;  // by index of the struct
    bool commit_ready_ = false;
};

}  // namespace

std::unique_ptr<Bare> open_bare_postgres(const std::string& conninfo, const std::string& schema) {
    return std::make_unique<BarePostgres>(conninfo, schema);
}

}  // namespace etalon::bench
