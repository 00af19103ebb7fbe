#pragma once
/// The real tables of a manifest, read without the database: what the database must answer.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "etalon/definition.h"
#include "etalon/interval.h"
#include "schema/rows.h"

namespace etalon::test {

/// One version of a table: the text of its file and its rows in the struct's memory layout.
struct TableVersion {
    std::int64_t begin = 0;
    std::string path;
    std::string csv;
    schema::RowBlock rows;
    std::string content_hash;  ///< hexadecimal
};

struct RealTable {
    std::string name;  ///< of its named reference
    DefinitionPtr layout;
    std::vector<TableVersion> versions;  ///< in order of begin, which differ

    /// The model: the last version that begins at or before; nothing before the first.
    [[nodiscard]] const TableVersion* find(std::int64_t at) const;
    /// Where the answer at that point begins and ends to be the same.
    [[nodiscard]] Interval validity(std::int64_t at) const;
};

struct RealData {
    std::string origin;
    std::vector<RealTable> tables;
    std::map<std::string, DefinitionPtr> definitions;  ///< of every struct of structs.json, as its C header has it
    std::size_t num_versions = 0;
    std::uint64_t num_rows = 0;
};

/// Everything of the shared data when they are here, else of the curated part in examples/star.
[[nodiscard]] RealData read_real_data();

}  // namespace etalon::test
