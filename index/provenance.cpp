#include "index/provenance.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "etalon/error.h"
#include "index/tables.h"

namespace etalon::index {

namespace {

[[noreturn]] void disagree(std::int64_t record_id, std::string_view what) {
    throw Error(ErrorCode::Corrupt,
                {fmt::format("an interval record and its {} do not agree", what),
                 fmt::format("table dataIndex, ID {}", record_id), "the same values", "others", "see 'etalon verify'"});
}

}  // namespace

std::string provenance_columns() {
    return fmt::format("{}, {}, {}", record_table().select("d"), backends::payload_table().select("p"),
                       commit_table().select("c"));
}

std::string provenance_joins(std::string_view record_id) {
    return fmt::format(R"( LEFT JOIN "dataIndex" d ON d."ID" = {} LEFT JOIN "payload" p ON p."dataID" = d."dataID"
LEFT JOIN "commitLog" c ON c."commitSeq" = d."commitSeq")",
                       record_id);
}

const backends::Sql& provenance_sql() {
    static const backends::Sql kSql(
        fmt::format("SELECT {} FROM (SELECT 1 AS one) o{}", provenance_columns(), provenance_joins("?1")));
    return kSql;
}

std::string read_provenance_cells(const backends::Cursor& cursor, int first, WinnerRecord& winner) {
    const auto& records = record_table();
    const auto& payloads = backends::payload_table();
    const auto& commits = commit_table();
    if (cursor.is_null(first)) {
        throw Error(ErrorCode::Corrupt, {"an interval record is missing", "table dataIndex",
                                         fmt::format("ID {}", winner.id), "none", "see 'etalon verify'"});
    }
    (void)records.check(cursor, first);
    const auto of = [&](const char* column) { return first + records.at(column); };
    static const int kData = records.at("dataID");
    const auto data_id = cursor.find_integer(first + kData).value_or(0);
    const bool same = cursor.integer(of("beginTime")) == winner.begin &&
                      cursor.find_integer(of("endTime")) == winner.end &&
                      cursor.integer(of("schemaID")) == winner.schema_id && data_id == winner.data_id &&
                      cursor.integer(of("numRows")) == winner.num_rows && cursor.text(of("version")) == winner.version;
    if (!same) disagree(winner.id, "stretch");
    const int payload = first + records.width();
    const int commit = payload + payloads.width();
    (void)commits.check(cursor, commit);
    winner.entry_time = cursor.integer(commit + commits.at("entryTime"));
    winner.creation_time = cursor.find_integer(of("creationTime")).value_or(winner.entry_time);
    winner.commit = cursor.integer(of("commitSeq"));
    const auto uid = cursor.bytes(of("uid"));
    if (uid.size() != winner.uid.size()) disagree(winner.id, "uid");
    std::copy(uid.begin(), uid.end(), winner.uid.begin());
    if (data_id == 0) return {};
    (void)payloads.check(cursor, payload);
    if (cursor.find_integer(payload + payloads.at("rowsChecksum")) != winner.rows_checksum)
        disagree(winner.id, "payload");
    return to_hex(cursor.bytes(payload + payloads.at("contentHash")));
}

}  // namespace etalon::index
