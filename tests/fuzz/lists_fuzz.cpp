// Files that name things: manifests, lists of nodes and of runs, and federations. Any bytes are an Error(BadInput), or
// entries; a federation that is let through parses without deep recursion.
#include <toml++/toml.h>
#include <cstdlib>
#include <sstream>

#include "database/toml_nesting.h"
#include "etalon/error.h"
#include "layers/csv/csv_records.h"
#include "layers/csv/manifest.h"

using namespace etalon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    std::istringstream in(text);
    try {
        switch (data[0] % 4) {
            case 0:
                (void)layers::read_manifest(in, "fuzz", "folder", layers::ManifestKind::Import);
                break;
            case 1:
                (void)layers::read_manifest(in, "fuzz", "", layers::ManifestKind::CsvLayer);
                break;
            case 2: {
                layers::CsvRecords records(in, "fuzz", {{"path"}, {"type", "ref", "comment"}, false});
                while (records.next()) {
                    records.check();
                    if (records.cell("path").empty()) std::abort();
                }
                break;
            }
            default:
                check_toml_nesting(text, "fuzz");
                (void)toml::parse(text, "fuzz");
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::BadInput) std::abort();
    } catch (const toml::parse_error& error) {
        if (error.description().empty()) std::abort();
    }
    return 0;
}
