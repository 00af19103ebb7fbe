#pragma once
/// What a read returns. "Nothing valid" is a value with its exact interval; a failure is an Error.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/definition.h"
#include "etalon/error.h"
#include "etalon/interval.h"

namespace etalon {

enum class Status : std::uint8_t {
    Found = 1,       ///< rows
    Gap = 2,         ///< nothing valid; validity() is the exact interval of the gap
    Hole = 3,        ///< a record without rows says deliberately "nothing here"
    Incomplete = 4,  ///< rows, but an element that the reference's coverage demands is missing
};

/// `Found`, `Gap`, `Hole`, `Incomplete`.
[[nodiscard]] std::string_view name_of(Status status) noexcept;

/// The interval record that won.
struct Provenance {
    std::string database;  ///< name of the database
    std::string layer;     ///< the place that it came from, a URL without password
    std::string version;   ///< the version (member of the chain) that it belongs to
    std::int64_t element = 0;
    std::int64_t schema = 0;  ///< schema version of the stored rows; 0 when the record is a hole
    std::int64_t commit = 0;  ///< 0 in layers of memory and CSV files, which count as committed before all
    Time entry_time;          ///< when it was committed; minus infinity there
    Time creation_time;
    std::string uid;           ///< 32 hexadecimal digits, globally unique
    std::string content_hash;  ///< SHA-256 of the canonical rows, hexadecimal; empty for a hole
    Interval record;           ///< the record's own interval, as it was put
    std::int64_t data_id = 0;  ///< payload within the database; 0 when the record is a hole
    friend bool operator==(const Provenance&, const Provenance&) = default;
};

/// The answer for one element.
struct ElementAnswer {
    std::int64_t element = 0;
    Status status = Status::Gap;  ///< Found, Gap or Hole
    Interval validity;            ///< exact effective interval
    std::size_t first_row = 0;    ///< where its rows begin in the answer
    std::size_t num_rows = 0;
    /// Of a Found or Hole, when it was asked for (FetchOptions::provenance); Database::fetch_provenance reads it later.
    std::optional<Provenance> provenance;
    std::vector<std::string> absent =
        {};  ///< elements of the struct that its rows were stored without: `name`, `name[3:]`
    std::vector<std::string> truncated = {};  ///< arrays of its rows that lost items: `name[3:]`
    std::uint64_t losses = 0;                 ///< values of its rows that a lenient conversion changed
    std::int64_t record = 0;                  ///< ID of the record that won, within its place; 0: a Gap
    std::size_t layer = 0;                    ///< which layer it came from, 0 on top
};

/// Everything a read found out. Immutable once returned.
struct AnswerData {
    std::string name;  ///< the named reference
    std::string struct_name;
    Status status = Status::Gap;
    Interval validity;                      ///< intersection over the elements, gaps included
    std::vector<ElementAnswer> elements;    ///< in the order asked for
    DefinitionPtr layout;                   ///< of the rows; null when nothing was found and no layout was asked for
    std::shared_ptr<const std::byte> data;  ///< num_rows structs of layout->size bytes, 64-byte aligned; may be null
    std::size_t num_rows = 0;
    /// Elements of the layout that were not stored, of any of the records: `name`, `name[3:]`; of which ones `elements`
    /// tells.
    std::vector<std::string> absent;
    std::vector<std::string> truncated;  ///< arrays that lost items, of any of the records: `name[3:]`
    std::uint64_t losses = 0;            ///< values changed by a lenient conversion, in all rows
    std::int64_t snapshot = 0;  ///< commit number that was read as of (of a stack: of the layer that is written to)
    bool settled = true;  ///< false: a date was asked for that may come to mean a later commit; `snapshot` pins it
};

/// A shared, immutable answer in any layout. Copying is cheap; thread-safe to read.
class Answer {
public:
    Answer() = default;
    explicit Answer(std::shared_ptr<const AnswerData> data) : data_(std::move(data)) {}

    [[nodiscard]] const AnswerData& operator*() const noexcept { return *data_; }
    [[nodiscard]] const AnswerData* operator->() const noexcept { return data_.get(); }
    [[nodiscard]] bool has_value() const noexcept { return data_ != nullptr; }

    [[nodiscard]] const std::byte* row(std::size_t index) const noexcept {
        return data_->data.get() + index * data_->layout->size;
    }
    /// Elements with nothing valid, and with a deliberate hole.
    [[nodiscard]] std::vector<std::int64_t> missing() const;
    [[nodiscard]] std::vector<std::int64_t> holes() const;

private:
    std::shared_ptr<const AnswerData> data_;
};

}  // namespace etalon
