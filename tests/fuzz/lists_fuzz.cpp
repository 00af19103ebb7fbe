// Lists that arrive as files: manifests, files of CSV layers, runs, histories of structs, federations, the flags of a
// compiler. Any bytes are Errors of bad input, or entries.
#include <toml++/toml.h>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "database/toml_nesting.h"
#include "etalon/error.h"
#include "evolution/history_file.h"
#include "interchange/runs.h"
#include "layers/csv/layer_file.h"
#include "layers/csv/manifest.h"
#include "reflect/compile_commands.h"
#include "tests/fuzz/layouts.h"

using namespace etalon;

namespace {

void require_input(const Error& error) {
    if (error.code() != ErrorCode::BadInput && error.code() != ErrorCode::Format) std::abort();
}

void read_layer(std::istringstream& in) {
    static const layers::LayerStruct kStruct{"Fuzzed",
                                             {std::make_shared<const StructDefinition>(fuzz::older_layout()),
                                              std::make_shared<const StructDefinition>(fuzz::newer_layout())},
                                             1};
    std::vector<Error> problems;
    const auto rows = layers::read_layer_file(in, "fuzz", kStruct, problems);
    if (rows.has_value() != problems.empty()) std::abort();
    for (const auto& problem : problems) require_input(problem);
}

void read_toml(const std::string& text) {
    check_toml_nesting(text, "fuzz");
    try {
        (void)toml::parse(std::string_view(text), std::string_view("fuzz"));
    } catch (const toml::parse_error& error) {
        if (error.description().empty()) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    std::istringstream in(text);
    try {
        switch (data[0] % 8) {
            case 0:
            case 1: {
                const auto kind = data[0] % 8 == 0 ? layers::ManifestKind::Import : layers::ManifestKind::CsvLayer;
                for (const auto& problem : layers::read_manifest(in, "fuzz", "", kind).problems) require_input(problem);
                break;
            }
            case 2:
                read_layer(in);
                break;
            case 3:
                (void)layers::read_layer_definition(in, "fuzz", "Fuzzed");
                break;
            case 4:
                (void)interchange::read_runs(in, "fuzz");
                break;
            case 5:
                (void)evolution::read_history(text, "fuzz");
                break;
            case 6:
                read_toml(text);
                break;
            default:
                (void)reflect::filter_flags(reflect::split_command(text), "/folder");
        }
    } catch (const Error& error) {
        require_input(error);
    }
    return 0;
}
