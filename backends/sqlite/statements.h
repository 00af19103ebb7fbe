#pragma once
/// Prepared statements of one SQLite connection, found again by text.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "backends/port.h"

struct sqlite3;
struct sqlite3_stmt;

namespace etalon::backends::sqlite {

/// One prepared statement.
class Statement {
public:
    Statement(sqlite3* db, std::string_view sql, const std::string& place, bool keep);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    [[nodiscard]] sqlite3_stmt* get() const noexcept { return statement_; }
    [[nodiscard]] bool reads_only() const noexcept { return reads_only_; }
    [[nodiscard]] std::string_view sql() const noexcept;
    /// Makes it ready for the next use and lets go of its values.
    void reset() noexcept;

    [[nodiscard]] bool in_use() const noexcept { return in_use_; }
    void set_in_use(bool value) noexcept { in_use_ = value; }
    /// Counts on with each use of any statement: the lowest was used least recently.
    [[nodiscard]] std::uint64_t last_use() const noexcept { return last_use_; }
    void set_last_use(std::uint64_t use) noexcept { last_use_ = use; }

private:
    sqlite3_stmt* statement_ = nullptr;
    bool reads_only_ = false;
    bool in_use_ = false;
    std::uint64_t last_use_ = 0;
};

/// Keeps up to kLimit statements; the least recently used makes room.
class Statements {
public:
    static constexpr std::size_t kLimit = 500;

    Statements(sqlite3* db, const std::string& place) : db_(db), place_(place) {}

    /// The statement, marked in use; a fresh one that is not kept when the kept one is in use (then `owned` holds it).
    [[nodiscard]] Statement& acquire(const Sql& sql, std::unique_ptr<Statement>& owned);

private:
    struct Key {
        std::string text;
        std::size_t hash;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const Key& key) const noexcept { return key.hash; }
        std::size_t operator()(const Sql& sql) const noexcept { return sql.hash(); }
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(const Key& a, const Key& b) const noexcept { return a.text == b.text; }
        bool operator()(const Sql& a, const Key& b) const noexcept { return a.text() == b.text; }
        bool operator()(const Key& a, const Sql& b) const noexcept { return a.text == b.text(); }
    };

    void make_room();

    sqlite3* db_;
    const std::string& place_;
    std::unordered_map<Key, std::unique_ptr<Statement>, Hash, Equal> kept_;
    std::uint64_t uses_ = 0;
};

}  // namespace etalon::backends::sqlite
