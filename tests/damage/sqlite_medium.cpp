#include "damage/sqlite_medium.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "backends/port.h"

namespace etalon::damage {
namespace {

/// A connection without the triggers, checks and locks that keep what is stored as it is.
class RawSqlite {
public:
    explicit RawSqlite(const std::string& path) {
        if (sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) fail("open");
        sqlite3_db_config(db_, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
        sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
        run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA ignore_check_constraints=ON;"
            "PRAGMA foreign_keys=OFF");
    }
    ~RawSqlite() { sqlite3_close_v2(db_); }
    RawSqlite(const RawSqlite&) = delete;
    RawSqlite& operator=(const RawSqlite&) = delete;

    void run(const std::string& sql) {
        if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
    }
    /// Runs a statement with bound values; returns its rows.
    std::vector<std::vector<Cell>> run(const std::string& sql, const std::vector<Cell>& values) {
        sqlite3_stmt* raw = nullptr;
        if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &raw, nullptr) != SQLITE_OK) fail(sql);
        const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
        for (std::size_t i = 0; i < values.size(); ++i) bind(raw, static_cast<int>(i) + 1, values[i]);
        std::vector<std::vector<Cell>> rows;
        int code = sqlite3_step(raw);
        for (; code == SQLITE_ROW; code = sqlite3_step(raw)) {
            rows.emplace_back();
            for (int i = 0; i < sqlite3_column_count(raw); ++i) rows.back().push_back(cell(raw, i));
        }
        if (code != SQLITE_DONE) fail(sql);
        return rows;
    }
    [[nodiscard]] int changes() const noexcept { return sqlite3_changes(db_); }
    [[nodiscard]] sqlite3* get() const noexcept { return db_; }

private:
    [[noreturn]] void fail(const std::string& sql) const {
        throw Impossible(
            fmt::format("{} in {}", db_ == nullptr ? "no memory" : sqlite3_errmsg(db_), sql.substr(0, 200)));
    }
    static void bind(sqlite3_stmt* statement, int at, const Cell& cell) {
        const auto size = static_cast<int>(cell.text.size());
        switch (cell.kind) {
            case Cell::Kind::Null:
                sqlite3_bind_null(statement, at);
                break;
            case Cell::Kind::Integer:
                sqlite3_bind_int64(statement, at, std::strtoll(cell.text.c_str(), nullptr, 10));
                break;
            case Cell::Kind::Real:
                sqlite3_bind_double(statement, at, std::strtod(cell.text.c_str(), nullptr));
                break;
            case Cell::Kind::Blob:
                sqlite3_bind_blob(statement, at, cell.text.data(), size, SQLITE_TRANSIENT);
                break;
            default:
                sqlite3_bind_text(statement, at, cell.text.data(), size, SQLITE_TRANSIENT);
                break;
        }
    }
    static Cell cell(sqlite3_stmt* statement, int at) {
        const auto bytes = [&](const void* data) {
            return std::string(static_cast<const char*>(data),
                               static_cast<std::size_t>(sqlite3_column_bytes(statement, at)));
        };
        switch (sqlite3_column_type(statement, at)) {
            case SQLITE_INTEGER:
                return {Cell::Kind::Integer, std::to_string(sqlite3_column_int64(statement, at))};
            case SQLITE_FLOAT:
                return {Cell::Kind::Real, fmt::format("{}", sqlite3_column_double(statement, at))};
            case SQLITE_TEXT:
                return {Cell::Kind::Text, bytes(sqlite3_column_text(statement, at))};
            case SQLITE_BLOB: {
                const void* data = sqlite3_column_blob(statement, at);
                return {Cell::Kind::Blob, data == nullptr ? std::string() : bytes(data)};
            }
            default:
                return {};
        }
    }
    sqlite3* db_ = nullptr;
};

std::string identifier(const std::string& name) {
    return backends::quote_identifier(name);
}

/// A copy of the file in the worker's own folder.
class SqliteMedium final : public Medium {
public:
    SqliteMedium(std::string original, const std::string& path, std::shared_ptr<const SqliteStored> stored)
        : original_(std::move(original)), path_(path), url_("sqlite:" + path + "#main"), stored_(std::move(stored)) {
        restore();
    }

    [[nodiscard]] const std::string& url() const noexcept override { return url_; }

    void restore() override {
        std::filesystem::remove(path_);
        for (const auto* tail : {"-wal", "-shm", "-journal"}) std::filesystem::remove(path_ + tail);
        std::filesystem::copy_file(original_, path_);
    }

    void damage(const Damage& damage) override {
        if (damage.kind == Damage::Kind::File) {
            change_file(damage.file);
            return;
        }
        const auto& table = stored_->tables.at(damage.table);
        RawSqlite db(path_);
        db.run("BEGIN");
        switch (damage.kind) {
            case Damage::Kind::Cell: {
                auto locators = stored_->rows.at(damage.table).locators;
                for (const auto& step : damage.steps) set(db, damage.table, step, locators.at(step.row));
                break;
            }
            case Damage::Kind::Delete: {
                const auto& rows = stored_->rows.at(damage.table);
                db.run("DELETE FROM " + identifier(table.name) + " WHERE " + rows.where, rows.locators.at(damage.row));
                expect_one(db);
                break;
            }
            case Damage::Kind::Insert: {
                std::string columns;
                std::string values;
                for (std::size_t i = 0; i < table.columns.size(); ++i) {
                    columns += (i == 0 ? "" : ", ") + identifier(table.columns[i].name);
                    values += (i == 0 ? "?" : ", ?") + std::to_string(i + 1);
                }
                db.run("INSERT INTO " + identifier(table.name) + " (" + columns + ") VALUES (" + values + ')',
                       damage.values);
                break;
            }
            case Damage::Kind::Empty:
                db.run("DELETE FROM " + identifier(table.name));
                break;
            case Damage::Kind::Index:
                lose_entry(db, damage);
                break;
            case Damage::Kind::File:
                break;
        }
        db.run("COMMIT");
    }

private:
    /// Sets one cell of the row that is now at `locator`.
    void set(RawSqlite& db, std::size_t number, const Damage::Step& step, std::vector<Cell>& locator) {
        const auto& table = stored_->tables.at(number);
        const auto& rows = stored_->rows.at(number);
        auto values = locator;
        values.push_back(step.value);
        db.run(fmt::format("UPDATE {} SET {} = ?{} WHERE {}", identifier(table.name),
                           identifier(table.columns.at(step.column).name), values.size(), rows.where),
               values);
        expect_one(db);
        const auto in_key = std::find(rows.key.begin(), rows.key.end(), step.column);
        if (in_key != rows.key.end()) locator.at(static_cast<std::size_t>(in_key - rows.key.begin())) = step.value;
    }

    static void expect_one(const RawSqlite& db) {
        if (db.changes() != 1) throw std::logic_error("a damage met " + std::to_string(db.changes()) + " rows");
    }

    /// Deletes the entry of one row from an index, which is opened as if it were a table (SQLite's imposter tables).
    void lose_entry(RawSqlite& db, const Damage& damage) {
        const auto root = db.run("SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND name = ?1",
                                 {{Cell::Kind::Text, damage.index}});
        std::string columns;
        std::string where;
        std::vector<Cell> values;
        const auto& table = stored_->tables.at(damage.table);
        const auto& row = stored_->rows.at(damage.table);
        for (const auto& column : db.run("SELECT seqno, name, coll, \"desc\", cid FROM pragma_index_xinfo(?1)",
                                         {{Cell::Kind::Text, damage.index}})) {
            columns += fmt::format("{}c{}{}", columns.empty() ? "" : ", ", column[0].text,
                                   column[3].text == "1" ? " DESC" : "");
            where += fmt::format("{}c{} IS ?{}", where.empty() ? "" : " AND ", column[0].text, values.size() + 1);
            const auto name = column[4].text == "-1" ? std::string("rowid") : identifier(column[1].text);
            values.push_back(db.run("SELECT " + name + " FROM " + identifier(table.name) + " WHERE " + row.where,
                                    row.locators.at(damage.row))
                                 .at(0)
                                 .at(0));
        }
        std::string names;
        for (std::size_t i = 0; i < values.size(); ++i) names += (i == 0 ? "c" : ", c") + std::to_string(i);
        db.run("COMMIT");
        sqlite3_test_control(SQLITE_TESTCTRL_IMPOSTER, db.get(), "main", 1, std::stoi(root.at(0).at(0).text));
        db.run("CREATE TABLE imposter(" + names + ", PRIMARY KEY(" + columns + ")) WITHOUT ROWID");
        sqlite3_test_control(SQLITE_TESTCTRL_IMPOSTER, db.get(), "main", 0, 0);
        db.run("BEGIN");
        db.run("DELETE FROM imposter WHERE " + where, values);
        if (db.changes() != 1) throw Impossible("the index " + damage.index + " has no entry for the row");
    }

    void change_file(const Damage::Bytes& change) {
        if (change.cut_at != UINT64_MAX) std::filesystem::resize_file(path_, change.cut_at);
        std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
        for (const auto bit : change.bits) {
            file.seekg(static_cast<std::streamoff>(bit / 8));
            const auto byte = file.get();
            file.seekp(static_cast<std::streamoff>(bit / 8));
            file.put(static_cast<char>(byte ^ (1 << (bit % 8))));
        }
        if (change.zero_to > change.zero_from) {
            file.seekp(static_cast<std::streamoff>(change.zero_from));
            file << std::string(change.zero_to - change.zero_from, '\0');
        }
        if (!file.good()) throw std::logic_error("a file that cannot be changed");
    }

    std::string original_;
    std::string path_;
    std::string url_;
    std::shared_ptr<const SqliteStored> stored_;
};

}  // namespace

SqliteStored read_sqlite(const std::string& path) {
    SqliteStored stored;
    RawSqlite db(path);
    stored.file_size = std::filesystem::file_size(path);
    stored.page_size = std::stoull(db.run("PRAGMA page_size", {}).at(0).at(0).text);
    for (const auto& name : db.run("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
                                   "AND name NOT LIKE 'sqlite\\_schema' ESCAPE '\\' ORDER BY name",
                                   {})) {
        Table table;
        table.name = name[0].text;
        SqliteRows rows;
        std::string columns;
        std::string locators;
        for (const auto& column :
             db.run("SELECT name, \"notnull\", pk, hidden FROM pragma_table_xinfo(?1)", {name[0]})) {
            if (column[3].text != "0") continue;
            if (column[2].text != "0") {
                rows.key.push_back(table.columns.size());
                locators += (locators.empty() ? "" : ", ") + identifier(column[0].text);
                rows.where += fmt::format("{}{} IS ?{}", rows.where.empty() ? "" : " AND ", identifier(column[0].text),
                                          rows.key.size());
            }
            table.columns.push_back({column[0].text, "", column[1].text == "0", column[2].text != "0"});
            columns += (columns.empty() ? "" : ", ") + identifier(column[0].text);
        }
        if (rows.key.empty()) {
            locators = "rowid";
            rows.where = "rowid = ?1";
        }
        table.rows = db.run("SELECT " + columns + " FROM " + identifier(table.name) + " ORDER BY " + locators, {});
        rows.locators = db.run("SELECT " + locators + " FROM " + identifier(table.name) + " ORDER BY " + locators, {});
        for (const auto& index :
             db.run("SELECT name FROM pragma_index_list(?1) WHERE origin <> 'pk' OR NOT ?2 ORDER BY name",
                    {name[0], name[1]}))
            stored.indexes.push_back({index[0].text, stored.tables.size()});
        stored.tables.push_back(std::move(table));
        stored.rows.push_back(std::move(rows));
    }
    return stored;
}

std::unique_ptr<Medium> make_sqlite_medium(const std::string& original, const std::string& path,
                                           std::shared_ptr<const SqliteStored> stored) {
    return std::make_unique<SqliteMedium>(original, path, std::move(stored));
}

}  // namespace etalon::damage
