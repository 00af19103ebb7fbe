#include "place/format.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "backends/care.h"
#include "backends/ddl.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/name_text.h"
#include "config_tree/tables.h"
#include "etalon/error.h"
#include "index/commits.h"
#include "index/tables.h"
#include "objects/tables.h"
#include "place/place.h"
#include "place/upgrade.h"
#include "place/write_context.h"
#include "store/audit.h"
#include "store/foreign_relations.h"
#include "store/format.h"
#include "store/relation_names.h"
#include "store/tables.h"

namespace etalon::place {

using backends::Connection;
using backends::Engine;
using backends::Transaction;
using backends::TransactionMode;

namespace {

std::string format_name(std::int64_t major, std::int64_t minor) {
    return fmt::format("format {}.{}", major, minor);
}

[[noreturn]] void refuse_old_format(const StoredFormat& stored, const std::string& place) {
    throw Error(ErrorCode::Format,
                {"the database has an older format", place, format_name(1, kOldestMinor) + " or newer",
                 format_name(stored.major, stored.minor), "bring it up to date with 'etalon -d URL init --upgrade'"});
}

bool is_too_old(const StoredFormat& stored) {
    return stored.major < 1 || (stored.major == 1 && stored.minor < kOldestMinor);
}

const store::OwnRelations& own_relations(Engine engine) {
    static const store::OwnRelations kSqlite(Engine::Sqlite, create_all_tables(Engine::Sqlite));
    static const store::OwnRelations kPostgres(Engine::Postgres, create_all_tables(Engine::Postgres));
    return engine == Engine::Sqlite ? kSqlite : kPostgres;
}

/// Looks at what stands in a place that is being opened; it is left as it is if that is not Etalon's.
class Inspection {
public:
    explicit Inspection(Connection& connection) : connection_(connection) {
        backends::leave_untouched(connection_, true);
        backends::distrust_schema(connection_);
        tx_ = connection_.begin(TransactionMode::Read);
        relations_.emplace(*tx_, own_relations(connection_.engine()), connection_.place());
    }
    [[nodiscard]] bool has(std::string_view name) const { return relations_->has(name); }
    void check_vacant() const { relations_->check_vacant(); }
    /// The stored format, when all tables may be read.
    [[nodiscard]] StoredFormat read(bool examine) const {
        relations_->check_format_table();
        const auto stored = read_format(*tx_, connection_.place(), examine);
        relations_->check(*tx_, {stored.major, stored.minor}, {kFormatMajor, kFormatMinor});
        return stored;
    }
    /// Ends it: what stands there is Etalon's.
    void accept() {
        tx_.reset();
        backends::leave_untouched(connection_, false);
    }

private:
    Connection& connection_;
    std::unique_ptr<Transaction> tx_;
    std::optional<store::PlacedRelations> relations_;
};

}  // namespace

StoredFormat read_format(Transaction& tx, const std::string& place, bool examine) {
    StoredFormat stored;
    const auto row = store::read_format_row(tx);
    if (!row) {
        throw Error(ErrorCode::Format, {"the database has no format record", place, "one row in storeFormat", "none",
                                        "restore it from a copy, or run init in an empty place"});
    }
    stored.major = row->major;
    stored.minor = row->minor;
    stored.database_name = row->database_name;
    if (stored.major > kFormatMajor) {
        throw Error(ErrorCode::Format, {"the database has a newer format than this program can read", place,
                                        format_name(kFormatMajor, kFormatMinor) + " or older",
                                        format_name(stored.major, stored.minor), "use a newer etalon"});
    }
    // The row of a later format is the business of later programs; one of a program that writes none has no checksum.
    if (stored.major != kFormatMajor || stored.minor > kFormatMinor || examine) return stored;
    store::check_format_row(tx);
    return stored;
}

std::string default_name(const backends::PlaceUrl& place) {
    if (!place.database_name.empty()) return place.database_name;
    return std::filesystem::path(place.target).stem().string();
}

std::string create_all_tables(Engine engine, const backends::StoreFormat& format) {
    const auto tables = backends::immutability_functions(engine) + store::create_format_table(engine) +
                        store::create_tables(engine) + index::create_tables(engine) +
                        config_tree::create_tables(engine);
    return backends::has_objects(format) ? tables + objects::create_tables(engine)
                                         : backends::triggers_before_2_1(tables);
}

void check_vacant_for_upgrade(Transaction& tx, const std::string& place) {
    store::PlacedRelations(tx, own_relations(tx.engine()), place).check_vacant_for(tx.format());
}

void write_format(Transaction& tx, const std::string& name, const Bytes& place_uid, std::int64_t entry_time) {
    const auto& table = store::format_table();
    (void)table.insert(
        tx, {table.next_id(tx), tx.format().major, tx.format().minor, name, place_uid, entry_time, backends::Value{}});
}

void create_format(Connection& connection, const std::string& name, const OpenOptions& options) {
    Inspection inspection(connection);
    const bool exists = inspection.has("storeFormat");
    if (connection.read_only()) {
        if (exists) {
            inspection.accept();
            (void)check_format(connection);
            return;
        }
        throw Error(ErrorCode::ReadOnly, {"cannot create the tables", connection.place(), "a place that can be written",
                                          "a read-only one", "check permissions"});
    }
    if (!exists) inspection.check_vacant();
    const auto stored = exists ? inspection.read(false) : StoredFormat{kFormatMajor, kFormatMinor, {}};
    inspection.accept();
    if (stored.major == kFormatMajor && stored.minor > kFormatMinor) return;
    const backends::StoreFormat format{stored.major, stored.minor};
    if (stored.major < kFormatMajor || (options.upgrade && stored.minor < kFormatMinor)) {
        if (options.upgrade) {
            for (const auto& finding : upgrade_format(connection, options.upgrade_progress)) {
                if (options.upgrade_finding) options.upgrade_finding(finding);
            }
            return;
        }
        if (is_too_old(stored)) refuse_old_format(stored, connection.place());
        return;
    }
    connection.set_format(format);
    backends::change_tables(connection, [&](backends::TableLocks& locks) {
        const auto tx = connection.begin(TransactionMode::Write);
        index::lock_tables(*tx, index::TableUse::Change, locks.left());
        locks.limit(*tx);
        tx->execute_script(create_all_tables(connection.engine(), format));
        // Row tables are made with their structs; their triggers may have been lost.
        for (const auto& [struct_id, table] : store::read_row_tables(*tx)) {
            if (!store::relation_exists(*tx, table)) continue;
            locks.want(table);
            locks.limit(*tx);
            tx->execute_script(store::row_table_triggers(tx->engine(), tx->format(), table));
        }
        if (!store::has_format_row(*tx)) {
            const auto uid = make_uid();
            write_format(*tx, name, Bytes(uid.begin(), uid.end()), now().ns);
        }
        tx->commit();
    });
}

StoredFormat check_format(Connection& connection, bool examine) {
    Inspection inspection(connection);
    if (!inspection.has("storeFormat")) {
        throw Error(ErrorCode::Format, {"this is no Etalon database", connection.place(), "the table storeFormat",
                                        "none", "create the tables with 'etalon -d URL init'"});
    }
    auto stored = inspection.read(examine);
    if (is_too_old(stored)) refuse_old_format(stored, connection.place());
    const bool proved = inspection.has("setProof");
    stored.has_rules = inspection.has("schemaRule");
    if (proved != (stored.major >= 2) && (stored.major >= 2 || stored.has_rules)) {
        // A user of format 1 may have a table of that name; the columns of the timelines tell.
        const bool lost = stored.major >= 2;
        if (lost || inspection.has("dataIndex_view")) {
            throw Error(ErrorCode::Corrupt,
                        {"the recorded format and the tables do not agree", connection.place(),
                         format_name(stored.major, stored.minor), lost ? "no proofs" : "tables of a newer format",
                         "restore the database from a copy"});
        }
    }
    inspection.accept();
    connection.set_format({stored.major, stored.minor});
    if (!examine) backends::check_cells(connection, false);
    return stored;
}

bool rename_database(Connection& connection, const std::string& name) {
    if (const auto fault = find_name_fault(name, "database")) throw Error(*fault);
    std::string before;
    backends::change_tables(connection, [&](backends::TableLocks& locks) {
        const auto tx = connection.begin(TransactionMode::Write);
        index::lock_tables(*tx, index::TableUse::Change, locks.left());
        const auto stored = read_format(*tx, connection.place());
        if (stored.major != kFormatMajor) {
            throw Error(ErrorCode::Format, {"a database of an older format is not renamed", connection.place(),
                                            format_name(kFormatMajor, kFormatMinor),
                                            format_name(stored.major, stored.minor), "first run 'init --upgrade'"});
        }
        before = stored.database_name;
        if (before == name) return;
        tx->become({stored.major, stored.minor});
        const auto identity = store::read_identity(*tx);
        write_format(*tx, name, identity->uid, now().ns);
        locks.limit(*tx);
        backends::rename_schema(*tx, name);
        tx->commit();
    });
    return before != name;
}

std::optional<std::string> find_name_inside(const backends::PlaceUrl& place) {
    try {
        const auto connection = backends::open_connection(place, backends::OpenMode::Existing);
        if (!connection->has_relation("storeFormat")) return std::nullopt;
        return read_format(*connection->begin(TransactionMode::Single), connection->place(), true).database_name;
    } catch (const Error&) {
        return std::nullopt;  // opening says what is wrong
    }
}

std::string read_uid(Place& place) {
    const auto tx = place.connection().begin(TransactionMode::Single);
    const auto identity = store::read_identity(*tx);
    return identity ? to_hex(identity->uid) : std::string();
}

}  // namespace etalon::place
