#pragma once
/// Manifests of `import` (docs/command_line.md): CSV with the columns `table`, `struct`, `beginTime`, `path`, and
/// optionally `endTime`, `version`, `element`, `created`; other columns are ignored. Pure parsing: no database, no
/// value file.

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "etalon/error.h"
#include "etalon/time.h"

namespace etalon::layers {

/// One line of a manifest. Positions stay text: the axis of the named reference decides how they read.
struct ManifestEntry {
    std::size_t line = 0;            ///< in the manifest, from 1
    std::string table;               ///< as written: `Calibrations/tpc/tpcElectronics`
    std::string database;            ///< `Calibrations_tpc`; empty when the table path has one part only
    std::string name;                ///< the named reference: `tpcElectronics`
    std::string struct_name;         ///< empty only in manifests of CSV layers
    std::string begin;               ///< text of beginTime
    std::optional<std::string> end;  ///< text of endTime; no value: until superseded
    std::string version = "default";
    std::int64_t element = 0;
    std::optional<Time> created;
    std::string path;  ///< of the value file, resolved against the manifest's directory
};

struct Manifest {
    std::vector<ManifestEntry> entries;  ///< lines that could be read
    std::vector<Error> problems;         ///< every line that could not, as Error(BadInput) with `manifest:line`
};

/// What a manifest is for.
enum class ManifestKind : std::uint8_t {
    Import,    ///< `struct` is required
    CsvLayer,  ///< `struct` may be missing or empty
};

/// Reads a manifest. `origin` is its name for errors, `directory` what relative paths are resolved against (empty: kept
/// as they are). Fields may be quoted (RFC 4180), lines end in LF or CRLF, blank lines are skipped, and so are those
/// that begin with `comment`, when it is not empty. A header that lacks a required column or names one twice throws
/// Error(BadInput); faults of single lines are collected.
[[nodiscard]] Manifest read_manifest(std::istream& in, const std::string& origin, const std::string& directory,
                                     ManifestKind kind = ManifestKind::Import, const std::string& comment = {});

}  // namespace etalon::layers
