#include "layers/csv/manifest.h"

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/number_text.h"
#include "base/printable.h"
#include "layers/csv/csv_records.h"

namespace etalon::layers {
namespace {

/// `Calibrations/tpc/tpcElectronics`: database `Calibrations_tpc`, reference `tpcElectronics`. False when a part is
/// empty.
bool split_table_path(std::string_view path, std::string& database, std::string& name) {
    database.clear();
    for (;;) {
        const auto slash = path.find('/');
        const auto part = path.substr(0, slash);
        if (part.empty()) return false;
        if (slash == std::string_view::npos) {
            name = part;
            return true;
        }
        if (!database.empty()) database += '_';
        database += part;
        path.remove_prefix(slash + 1);
    }
}

ManifestEntry read_entry(const CsvRecords& record, const std::filesystem::path& directory) {
    record.check();
    ManifestEntry entry;
    entry.line = record.line();
    entry.table = record.cell("table");
    if (!split_table_path(entry.table, entry.database, entry.name)) {
        throw record.error("the table path has an empty part", "parts joined by single slashes", excerpt(entry.table));
    }
    entry.struct_name = record.cell("struct");
    entry.begin = record.cell("beginTime");
    if (const auto& end = record.cell("endTime"); !end.empty()) entry.end = end;
    if (const auto& version = record.cell("version"); !version.empty()) entry.version = version;
    if (const auto& element = record.cell("element"); !element.empty()) {
        const auto number = parse_integer<std::int64_t>(element);
        if (!number) throw record.error("element is not a number", "an integer", excerpt(element));
        entry.element = *number;
    }
    if (const auto& created = record.cell("created"); !created.empty()) {
        try {
            entry.created = parse_time(created);
        } catch (const Error& error) {
            throw record.error("created: " + error.info().what, error.info().expected, excerpt(created),
                               error.info().advice);
        }
    }
    const std::filesystem::path path = record.cell("path");
    entry.path = (path.is_absolute() || directory.empty() ? path : directory / path).string();
    return entry;
}

}  // namespace

Manifest read_manifest(std::istream& in, const std::string& origin, const std::string& directory, ManifestKind kind,
                       const std::string& comment) {
    CsvColumns columns{{"table", "struct", "beginTime", "path"}, {"endTime", "version", "element", "created"}, true};
    if (kind == ManifestKind::CsvLayer) {
        std::erase(columns.required, "struct");
        columns.optional.emplace_back("struct");
    }
    columns.comment = comment;
    CsvRecords record(in, origin, std::move(columns));
    Manifest manifest;
    while (record.next()) {
        try {
            manifest.entries.push_back(read_entry(record, directory));
        } catch (const Error& error) {
            manifest.problems.push_back(error);
        }
    }
    return manifest;
}

}  // namespace etalon::layers
