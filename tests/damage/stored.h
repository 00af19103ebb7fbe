#pragma once
/// What is stored, as the engine's own catalog tells: tables, columns, rows. Nothing here knows a table of Etalon's.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace etalon::damage {

/// One stored value.
struct Cell {
    enum class Kind : std::uint8_t { Null, Integer, Real, Text, Blob, Boolean, Array };
    Kind kind = Kind::Null;
    std::string text = {};  ///< as the engine writes it; of a blob the bytes, of a real the shortest decimal
    friend bool operator==(const Cell&, const Cell&) = default;
};

struct Column {
    std::string name;
    std::string type;  ///< of PostgreSQL, for casts
    bool nullable = true;
    bool is_key = false;  ///< part of the primary key
};

/// A table with all rows in the order in which they are addressed. Generated columns are not listed.
struct Table {
    std::string name;
    std::vector<Column> columns;
    std::vector<std::vector<Cell>> rows;

    [[nodiscard]] std::vector<std::size_t> key() const {
        std::vector<std::size_t> key;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (columns[i].is_key) key.push_back(i);
        }
        return key;
    }
};

/// An index of a table, whose entries can be lost.
struct Index {
    std::string name;
    std::size_t table = 0;
};

/// One thing that is done to a place.
struct Damage {
    enum class Kind : std::uint8_t { Cell, Delete, Insert, Empty, Index, File };
    /// A cell that gets another value; several of them one after the other.
    struct Step {
        std::size_t row = 0;
        std::size_t column = 0;
        Cell value;
    };
    /// A file whose bytes change: bits flipped, or a range zeroed, or the end cut off.
    struct Bytes {
        std::vector<std::uint64_t> bits;
        std::uint64_t zero_from = 0;
        std::uint64_t zero_to = 0;
        std::uint64_t cut_at = UINT64_MAX;
    };

    Kind kind = Kind::Cell;
    std::size_t table = 0;
    std::size_t row = 0;            ///< Delete, Index
    std::vector<Step> steps = {};   ///< Cell
    std::vector<Cell> values = {};  ///< Insert: of all columns
    std::string index = {};         ///< Index: its name
    Bytes file = {};                ///< File
    bool hits_blobs = false;        ///< binary data may be among what is hit
    std::string place = {};         ///< `table.column`, what the report counts by
    std::string text = {};          ///< for people
};

/// Keys, constraints or types of the engine do not let this damage happen.
class Impossible : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A place that can be damaged, and is whole again afterwards. Every worker has its own.
class Medium {
public:
    virtual ~Medium() = default;
    /// The URL of the place.
    [[nodiscard]] virtual const std::string& url() const noexcept = 0;
    /// Does it, with triggers off; throws Impossible.
    virtual void damage(const Damage& damage) = 0;
    virtual void restore() = 0;
};

}  // namespace etalon::damage
