#pragma once
/// Files of values, read in the recorded layout that has exactly their columns.

#include <cstdint>
#include <istream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "etalon/database.h"
#include "text/text.h"

namespace etalon::interchange {

/// Rows ready for a PutRecord. No rows: a hole, and layout is null. Many rows are in a temporary file that is mapped,
/// not in memory.
struct LoadedRows {
    DefinitionPtr layout;
    std::shared_ptr<const std::byte> rows;
    std::uint64_t num_rows = 0;
    std::uint64_t num_nameless = 0;  ///< values of enumerations that no enumerator has; lenient only
    /// Hands the rows to a record.
    void move_to(PutRecord& record) &&;
};

/// Recorded layouts of one database's structs, each read once.
class Layouts {
public:
    explicit Layouts(Database& database) : database_(database) {}
    /// Layouts that a file may have, in the order in which they are tried: the current one, then newest first. Throws
    /// Error(Unknown) for a struct that is not recorded.
    const std::vector<DefinitionPtr>& of(const std::string& struct_name);

private:
    Database& database_;
    std::map<std::string, std::vector<DefinitionPtr>> layouts_;
};

/// What of a file is let in.
struct LoadHow {
    bool lenient = false;       ///< numbers of enumerations that no enumerator has; else they are an error
    text::CsvOptions csv = {};  ///< how CSV is read
};

/// Reads rows (CSV or JSON) in the first of the layouts that has exactly the columns of the input. When none has,
/// throws Error(BadInput) with what differs from the first. `name` is for errors.
[[nodiscard]] LoadedRows load_rows(std::istream& in, const std::string& name, const std::vector<DefinitionPtr>& layouts,
                                   const LoadHow& how = {});
/// The same from a file. The path `-` reads `standard_input`, when there is one.
[[nodiscard]] LoadedRows load_rows(const std::string& path, const std::vector<DefinitionPtr>& layouts,
                                   std::istream* standard_input = nullptr, const LoadHow& how = {});

}  // namespace etalon::interchange
