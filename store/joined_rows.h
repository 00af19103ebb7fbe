#pragma once
/// The rows of payloads, joined to statements that say which payloads. The one list of the columns of a struct.

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "etalon/ref.h"
#include "etalon/reference.h"

namespace etalon::store {

/// Columns behind an alias: `r."gain", r."offset"`.
[[nodiscard]] std::string list_columns(std::string_view alias, std::span<const std::string> columns);

/// Chunks that JoinedRows joins; longer payloads are read on in pieces of bounded size.
inline constexpr std::int64_t kJoinedChunks = 16;

/// Rows in one form, joined under the alias r.
class JoinedRows {
public:
    /// `columns` are all of the row table. Columns that are none, or another form: the chunks. Of rows in columns,
    /// whose longest has `row_bytes`, as many are joined as may be held whole: PostgreSQL gives them all at once.
    JoinedRows(Storage storage, const std::string& table_name, std::span<const std::string> columns,
               std::uint64_t row_bytes = 0);
    /// Payloads of more rows (in columns) are read on in pieces of bounded size.
    [[nodiscard]] std::uint64_t most_rows() const noexcept { return most_rows_; }

    [[nodiscard]] Storage stored() const noexcept { return stored_; }
    /// The number of the row or chunk, and what is in it.
    [[nodiscard]] const std::string& columns() const noexcept { return columns_; }
    /// The condition that r is the first row, or that there is none.
    [[nodiscard]] std::string is_first() const;
    /// ` LEFT JOIN` of the rows of the payload that the alias `of` names in its column dataID, in their order.
    [[nodiscard]] std::string join(backends::Engine engine, std::string_view of) const;
    /// The same on PostgreSQL where the alias says in numRows that there are at most `most` rows; one more is joined
    /// when there are too many.
    [[nodiscard]] std::string join_few(std::string_view of, std::int64_t most) const;

private:
    Storage stored_;
    std::string columns_;
    std::string table_;
    std::string order_;
    std::string more_;      ///< a condition
    std::string few_rows_;  ///< the same where results come whole
    std::uint64_t most_rows_ = 0;
};

/// Form and content hash of the payload p.
[[nodiscard]] std::string payload_columns();
/// ` LEFT JOIN` of the payload p that the alias `of` names in its column dataID.
[[nodiscard]] std::string join_payload(std::string_view of);

/// PostgreSQL: ` LEFT JOIN` of the schema versions v that are not known yet, each once, to the alias `of` with columns
/// ofStruct, schemaID and nth (1: the first row of that version). `?first` and the next parameter are lists: struct and
/// schema version of what is known.
[[nodiscard]] std::string join_new_versions(std::string_view of, int first);
/// Format 1, PostgreSQL: winners with their payloads, and the definitions of schema versions that are not known yet,
/// each once. `winners` is a statement of `num_columns` columns, the one at `ord` an index, that at `data_id` the
/// payload's ID; `?first` and the next parameter as above. Columns: those of the statement, structID, encoding,
/// contentHash, nth (of its schema version), definition, columns.
[[nodiscard]] std::string with_payloads_sql(const std::string& winners, int num_columns, int ord, int data_id,
                                            int first);

/// Payloads of one struct.
struct PayloadsOfStruct {
    std::string table_name;
    std::span<const std::string> columns;
    std::vector<std::int64_t> data_ids;
};
/// PostgreSQL, one statement: the rows of payloads stored in columns as dataID, rowNumber, and all columns of the
/// struct as one record; in order of the first two.
[[nodiscard]] std::unique_ptr<backends::Cursor> read_rows_of(backends::Transaction& tx,
                                                             std::vector<PayloadsOfStruct> payloads);
/// One statement: the rows of payloads of one struct stored in columns as dataID, rowNumber and `columns`, in any
/// order.
[[nodiscard]] std::unique_ptr<backends::Cursor> read_rows_of(backends::Transaction& tx, const std::string& table_name,
                                                             std::span<const std::string> columns,
                                                             std::vector<std::int64_t> data_ids);
/// The rows that have an id in one of some columns: dataID and rowNumber.
[[nodiscard]] std::unique_ptr<backends::Cursor> find_rows_with(backends::Transaction& tx, const std::string& table_name,
                                                               std::span<const std::string> columns,
                                                               const ObjectId& id);
/// The struct of payloads, unchecked, by dataID.
[[nodiscard]] std::map<std::int64_t, std::int64_t> find_structs_of_payloads(backends::Transaction& tx,
                                                                            std::vector<std::int64_t> data_ids);
/// dataID, chunk and bytes of payloads stored as bytes, in that order.
[[nodiscard]] std::unique_ptr<backends::Cursor> read_chunks_of(backends::Transaction& tx,
                                                               std::vector<std::int64_t> data_ids);

}  // namespace etalon::store
