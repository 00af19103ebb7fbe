#include "interchange/files.h"

#include "base/bytes.h"

namespace etalon::interchange {

Table file_table(std::span<const FileAtPath> files) {
    Table table{{"path", "sha256", "size"}, {}};
    for (const auto& [file, path] : files) {
        table.rows.push_back({cell(path), cell(to_hex(std::as_bytes(std::span(file.sha256)))), cell(file.size)});
    }
    return table;
}

Table file_check_table(std::span<const FileFinding> findings) {
    Table table{{"fault", "path", "what", "expected", "found", "advice", "object", "member", "removable", "removed"},
                {}};
    for (const auto& finding : findings) {
        table.rows.push_back({cell(name_of(finding.fault)), cell_or_null(finding.path), cell(finding.what),
                              cell_or_null(finding.expected), cell_or_null(finding.found), cell_or_null(finding.advice),
                              cell_or_null(finding.use.object), cell_or_null(finding.use.member),
                              cell(finding.removable), cell(finding.removed)});
    }
    return table;
}

}  // namespace etalon::interchange
