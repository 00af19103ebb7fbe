#include "damage/postgres_medium.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "backends/port.h"
#include "etalon/error.h"
#include "support/postgres.h"

namespace etalon::damage {
namespace {

/// What is stored, and where rows are.
struct Located : PostgresStored {
    std::vector<std::vector<std::string>> ctids;
};

Cell postgres_cell(const std::string& type, std::string text) {
    const auto starts = [&](const char* with) { return type.starts_with(with); };
    if (type.ends_with("[]")) return {Cell::Kind::Array, std::move(text)};
    if (type == "bigint" || type == "integer" || type == "smallint" || starts("numeric") || type == "tid")
        return {Cell::Kind::Integer, std::move(text)};
    if (type == "real" || type == "double precision") return {Cell::Kind::Real, std::move(text)};
    if (type == "boolean") return {Cell::Kind::Boolean, std::move(text)};
    if (type != "bytea") return {Cell::Kind::Text, std::move(text)};
    std::string bytes;
    for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
        unsigned byte = 0;
        std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
        bytes += static_cast<char>(byte);
    }
    return {Cell::Kind::Blob, std::move(bytes)};
}

/// What is bound for a cell, to be cast from text.
backends::Value postgres_value(const Cell& cell) {
    if (cell.kind == Cell::Kind::Null) return std::monostate{};
    if (cell.kind != Cell::Kind::Blob) return cell.text;
    std::string text = "\\x";
    for (const char byte : cell.text) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return text;
}

Located locate(backends::Transaction& tx) {
    Located stored;
    const auto rows = [&](const std::string& sql, const std::vector<backends::Value>& values = {}) {
        std::vector<std::vector<std::string>> all;
        const auto cursor = tx.query(backends::Sql(sql), values);
        while (cursor->next()) {
            all.emplace_back();
            for (int i = 0; i < 4; ++i) all.back().emplace_back(cursor->text(i));
        }
        return all;
    };
    for (const auto& name : rows(R"(SELECT relname::text, ''::text, ''::text, ''::text FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') ORDER BY relname COLLATE "C")")) {
        Table table;
        table.name = name[0];
        std::string columns;
        for (const auto& column : rows(R"(SELECT a.attname::text, format_type(a.atttypid, a.atttypmod)::text,
a.attnotnull::text, (a.attnum = ANY (coalesce(i.indkey::int[], '{}')))::text
FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE a.attrelid = (SELECT oid FROM pg_class WHERE relname = ?1 AND relnamespace = current_schema()::regnamespace)
AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum)",
                                       {name[0]})) {
            table.columns.push_back({column[0], column[1], column[2] == "false", column[3] == "true"});
            columns += ", " + backends::quote_identifier(column[0]) + "::text";
        }
        std::vector<std::string> ctids;
        const auto cursor = tx.query(backends::Sql("SELECT ctid::text" + columns + " FROM " +
                                                   backends::quote_identifier(table.name) + " ORDER BY ctid"),
                                     {});
        while (cursor->next()) {
            ctids.emplace_back(cursor->text(0));
            table.rows.emplace_back();
            for (std::size_t i = 0; i < table.columns.size(); ++i) {
                const auto at = static_cast<int>(i) + 1;
                table.rows.back().push_back(
                    cursor->is_null(at) ? Cell{} : postgres_cell(table.columns[i].type, std::string(cursor->text(at))));
            }
        }
        for (const auto& index : rows(R"(SELECT c.relname::text, ''::text, ''::text, ''::text FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = (SELECT oid FROM pg_class WHERE relname = ?1
AND relnamespace = current_schema()::regnamespace) ORDER BY c.relname COLLATE "C")",
                                      {name[0]}))
            stored.indexes.push_back({index[0], stored.tables.size()});
        stored.tables.push_back(std::move(table));
        stored.ctids.push_back(std::move(ctids));
    }
    return stored;
}

class PostgresMedium final : public Medium {
public:
    /// Makes a copy of the database `like`.
    PostgresMedium(const std::string& server, const std::string& like, const std::string& schema)
        : database_(server, like),
          url_(database_.url(schema)),
          connection_(backends::open_connection(backends::parse_place_url(url_), backends::OpenMode::Existing)) {
        stored_ = locate(*connection_->begin(backends::TransactionMode::Read));
    }

    [[nodiscard]] const std::string& url() const noexcept override { return url_; }

    void damage(const Damage& damage) override {
        try {
            const auto tx = begin();
            damaged_ = {};
            damaged_.table = damage.table;
            damaged_.ctids = stored_.ctids.at(damage.table);
            const auto& table = stored_.tables.at(damage.table);
            switch (damage.kind) {
                case Damage::Kind::Cell:
                    for (const auto& step : damage.steps) {
                        set(*tx, table, step);
                        damaged_.rows.push_back(step.row);
                    }
                    break;
                case Damage::Kind::Delete:
                    remove(*tx, damage.row);
                    break;
                case Damage::Kind::Insert:
                    damaged_.added = insert(*tx, table, damage.values);
                    break;
                case Damage::Kind::Empty:
                    for (std::size_t row = 0; row < table.rows.size(); ++row) remove(*tx, row);
                    break;
                case Damage::Kind::Index:
                    lose_entry(*tx, damage);
                    break;
                case Damage::Kind::File:
                    throw Impossible("not on this engine");
            }
            tx->commit();
        } catch (const Error& error) {
            damaged_ = {};
            throw Impossible(error.what());
        }
        is_damaged_ = true;
    }

    void restore() override {
        if (!std::exchange(is_damaged_, false)) return;
        const auto tx = begin();
        const auto& table = stored_.tables.at(damaged_.table);
        auto& ctids = stored_.ctids.at(damaged_.table);
        if (!damaged_.added.empty()) remove(*tx, table, damaged_.added);
        std::sort(damaged_.rows.begin(), damaged_.rows.end());
        damaged_.rows.erase(std::unique(damaged_.rows.begin(), damaged_.rows.end()), damaged_.rows.end());
        for (const auto row : damaged_.rows) {
            if (!damaged_.ctids.at(row).empty()) remove(*tx, table, damaged_.ctids[row]);
        }
        for (const auto row : damaged_.rows) ctids.at(row) = insert(*tx, table, table.rows.at(row));
        tx->commit();
    }

private:
    struct Damaged {
        std::size_t table = 0;
        std::vector<std::size_t> rows = {};   ///< that are not as they were
        std::vector<std::string> ctids = {};  ///< where rows are now; empty: nowhere
        std::string added = {};               ///< a row that was not there
    };

    std::unique_ptr<backends::Transaction> begin() {
        auto tx = connection_->begin(backends::TransactionMode::Write);
        (void)tx->execute(backends::Sql("SET LOCAL session_replication_role = replica"), {});
        return tx;
    }
    static std::string cast(const std::string& type, std::size_t number) {
        return fmt::format("CAST(CAST(?{} AS text) AS {})", number, type);
    }
    static std::string one(backends::Transaction& tx, const std::string& sql,
                           const std::vector<backends::Value>& values) {
        const auto cursor = tx.query(backends::Sql(sql), values);
        if (!cursor->next()) throw std::logic_error("a damage met no row");
        return std::string(cursor->text(0));
    }
    void set(backends::Transaction& tx, const Table& table, const Damage::Step& step) {
        const auto& column = table.columns.at(step.column);
        auto& ctid = damaged_.ctids.at(step.row);
        ctid = one(tx,
                   fmt::format("UPDATE {} SET {} = {} WHERE ctid = {} RETURNING ctid::text",
                               backends::quote_identifier(table.name), backends::quote_identifier(column.name),
                               cast(column.type, 1), cast("tid", 2)),
                   {postgres_value(step.value), ctid});
    }
    /// Stores a row anew while the index is told that it need not be kept.
    void lose_entry(backends::Transaction& tx, const Damage& damage) {
        const auto keep = [&](const char* ready) {
            (void)one(tx,
                      "UPDATE pg_index SET indisready = CAST(CAST(?1 AS text) AS boolean) WHERE indexrelid = (SELECT "
                      "oid FROM pg_class WHERE "
                      "relname = ?2 AND relnamespace = current_schema()::regnamespace) RETURNING indexrelid::text",
                      {std::string(ready), damage.index});
        };
        const auto& table = stored_.tables.at(damage.table);
        keep("false");
        remove(tx, damage.row);
        damaged_.ctids[damage.row] = insert(tx, table, table.rows.at(damage.row));
        keep("true");
    }
    void remove(backends::Transaction& tx, std::size_t row) {
        remove(tx, stored_.tables.at(damaged_.table), damaged_.ctids.at(row));
        damaged_.ctids[row].clear();
        damaged_.rows.push_back(row);
    }
    static void remove(backends::Transaction& tx, const Table& table, const std::string& ctid) {
        (void)one(tx,
                  fmt::format("DELETE FROM {} WHERE ctid = {} RETURNING ctid::text",
                              backends::quote_identifier(table.name), cast("tid", 1)),
                  {ctid});
    }
    static std::string insert(backends::Transaction& tx, const Table& table, const std::vector<Cell>& cells) {
        std::string columns;
        std::string places;
        std::vector<backends::Value> values;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            columns += (i == 0 ? "" : ", ") + backends::quote_identifier(table.columns[i].name);
            places += (i == 0 ? "" : ", ") + cast(table.columns[i].type, i + 1);
            values.push_back(postgres_value(cells[i]));
        }
        return one(tx,
                   fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({}) RETURNING ctid::text",
                               backends::quote_identifier(table.name), columns, places),
                   values);
    }

    OwnDatabase database_;
    std::string url_;
    std::unique_ptr<backends::Connection> connection_;
    Located stored_;
    Damaged damaged_;
    bool is_damaged_ = false;
};

}  // namespace

PostgresStored read_postgres(const std::string& url) {
    const auto connection = backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Existing);
    return locate(*connection->begin(backends::TransactionMode::Read));
}

std::unique_ptr<Medium> make_postgres_medium(const std::string& server, const std::string& like,
                                             const std::string& schema) {
    return std::make_unique<PostgresMedium>(server, like, schema);
}

}  // namespace etalon::damage
