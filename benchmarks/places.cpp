#include "benchmarks/places.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "benchmarks/sqlite_handle.h"

namespace etalon::bench {

namespace {

namespace fs = std::filesystem;

class SqlitePlaces final : public Places {
public:
    SqlitePlaces() {
        std::string pattern = (fs::temp_directory_path() / "etalon_bench.XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) give_up("no temporary directory " + pattern);
        directory_ = pattern;
    }
    ~SqlitePlaces() override {
        std::error_code ignored;  // a directory left behind is no failure of the benchmark
        fs::remove_all(directory_, ignored);
    }
    SqlitePlaces(const SqlitePlaces&) = delete;
    SqlitePlaces& operator=(const SqlitePlaces&) = delete;

    std::string engine() const override { return "SQLite"; }
    std::string url(const std::string& name) override { return "sqlite:" + path(name); }
    std::unique_ptr<Bare> open_bare(const std::string& name) override { return open_bare_sqlite(path(name)); }
    std::unique_ptr<BareImages> open_images(const std::string& name, const StructDefinition& image) override {
        return open_sqlite_images(path(name), image);
    }
    std::unique_ptr<Probe> open_probe(const std::string& name) override { return open_probe_sqlite(path(name)); }
    std::unique_ptr<Descents> open_descents(const std::string& name) override {
        return open_descents_sqlite(path(name));
    }
    std::shared_ptr<void> open_log(const std::string& name) override {
        auto handle = std::make_shared<SqliteHandle>(path(name));
        handle->start_writing();
        return handle;
    }
    void forbid_analyze(const std::string&) override {}
    void analyze(const std::string& name) override { open_bare(name)->run("ANALYZE"); }
    std::uint64_t size(const std::string& name) override { return fs::file_size(path(name)); }
    std::vector<RelationSize> relations(const std::string& name) override { return find_sqlite_relations(path(name)); }
    void drop(const std::string& name) override { fs::remove(path(name)); }

private:
    [[nodiscard]] std::string path(const std::string& name) const { return (directory_ / (name + ".db")).string(); }
    fs::path directory_;
};

class PostgresPlaces final : public Places {
public:
    explicit PostgresPlaces(std::string conninfo) : conninfo_(std::move(conninfo)) {}
    ~PostgresPlaces() override {
        for (const auto& name : names_) drop(name);
    }
    PostgresPlaces(const PostgresPlaces&) = delete;
    PostgresPlaces& operator=(const PostgresPlaces&) = delete;

    std::string engine() const override { return "PostgreSQL"; }
    std::string url(const std::string& name) override {
        names_.insert(name);
        return conninfo_ + "#" + schema(name);
    }
    std::unique_ptr<Bare> open_bare(const std::string& name) override {
        make_schema(name);
        return open_bare_postgres(conninfo_, schema(name));
    }
    std::unique_ptr<BareImages> open_images(const std::string& name, const StructDefinition& image) override {
        make_schema(name);
        return open_postgres_images(conninfo_, schema(name), image);
    }
    std::unique_ptr<Probe> open_probe(const std::string& name) override {
        make_schema(name);
        return open_probe_postgres(conninfo_, schema(name));
    }
    std::unique_ptr<Descents> open_descents(const std::string& name) override {
        return open_descents_postgres(conninfo_, schema(name));
    }
    std::shared_ptr<void> open_log(const std::string&) override { return nullptr; }
    void forbid_analyze(const std::string& name) override {
        for_tables(name, "ALTER TABLE %s SET (autovacuum_enabled = false)");
    }
    void analyze(const std::string& name) override { for_tables(name, "ANALYZE %s"); }
    std::uint64_t size(const std::string& name) override {
        std::uint64_t bytes = 0;
        for (const auto& relation : relations(name)) bytes += relation.bytes;
        return bytes;
    }
    std::vector<RelationSize> relations(const std::string& name) override {
        return find_postgres_relations(conninfo_, schema(name));
    }
    void drop(const std::string& name) override {
        open_bare_postgres(conninfo_, "public")->run("DROP SCHEMA IF EXISTS " + quoted(name) + " CASCADE");
    }

private:
    [[nodiscard]] std::string schema(const std::string& name) const {
        return "bench_" + std::to_string(process_) + "_" + name;
    }
    [[nodiscard]] std::string quoted(const std::string& name) const { return '"' + schema(name) + '"'; }
    void make_schema(const std::string& name) {
        // A writing process finds the schema made.
        if (names_.insert(name).second) {
            open_bare_postgres(conninfo_, "public")->run("CREATE SCHEMA IF NOT EXISTS " + quoted(name));
        }
    }
    void for_tables(const std::string& name, const std::string& statement) {
        open_bare(name)->run(R"(DO $$ DECLARE t text; BEGIN FOR t IN SELECT format('%I.%I', schemaname, tablename)
FROM pg_tables WHERE schemaname = ')" +
                             schema(name) + "' LOOP EXECUTE format('" + statement + "', t); END LOOP; END $$");
    }
    const pid_t process_ = getpid();  // the same in writing processes
    std::string conninfo_;
    std::set<std::string> names_;
};

}  // namespace

std::unique_ptr<Places> make_sqlite_places() {
    return std::make_unique<SqlitePlaces>();
}

std::unique_ptr<Places> find_postgres_places() {
    const char* conninfo = std::getenv("ETALON_TEST_POSTGRES");
    if (conninfo == nullptr || *conninfo == '\0') return nullptr;
    return std::make_unique<PostgresPlaces>(conninfo);
}

}  // namespace etalon::bench
