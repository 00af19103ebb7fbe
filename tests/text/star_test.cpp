#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "conversion/canonical.h"
#include "schema/build.h"
#include "text/text.h"

namespace {

using namespace etalon;
namespace fs = std::filesystem;

/// A struct of structs.json in C's natural layout.
StructDefinition definition_of(const nlohmann::json& json) {
    std::vector<Element> elements;
    for (const auto& field : json.at("fields")) {
        const auto type = find_scalar_type(field.at("ctype").get<std::string>());
        REQUIRE(type);
        elements.push_back(test::element(field.at("name"), *type, field.at("dims").get<std::vector<std::uint64_t>>()));
    }
    return test::natural(std::move(elements), json.at("name"));
}

std::string text_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string to_csv(const schema::RowBlock& block) {
    std::string out = text::csv_header(*block.layout) + '\n';
    for (std::uint64_t i = 0; i < block.num_rows; ++i) {
        text::append_csv_row(out, *block.layout, block.row(i));
        out += '\n';
    }
    return out;
}

std::string to_json(const schema::RowBlock& block) {
    std::string out = "{\"status\": \"Found\", \"elements\": [0, 1], \"rows\": [";
    for (std::uint64_t i = 0; i < block.num_rows; ++i) {
        if (i != 0) out += ",\n";
        const auto element = static_cast<std::int64_t>(i);
        text::append_json_row(out, *block.layout, block.row(i), &element);
    }
    return out + "], \"missing\": []}\n";
}

std::string_view raw(const schema::RowBlock& block) {
    return as_text(block.data.bytes());
}

}  // namespace

TEST_CASE("every real table comes back byte for byte through CSV, and bit for bit through JSON and packed rows") {
    const fs::path root = fs::path(ETALON_SHARED_DIR) / "data" / "star";
    if (!fs::exists(root / "manifest.csv")) {
        MESSAGE("skipped: the full real data are not here");
        return;
    }
    std::map<std::string, DefinitionPtr> definitions;
    for (const auto& json : nlohmann::json::parse(text_of(root / "structs.json"))) {
        definitions[json.at("name")] = std::make_shared<const StructDefinition>(definition_of(json));
    }
    std::istringstream manifest(text_of(root / "manifest.csv"));
    std::string line;
    std::getline(manifest, line);
    int files = 0;
    std::uint64_t rows = 0;
    while (std::getline(manifest, line)) {
        std::vector<std::string> fields;
        std::istringstream parts(line);
        for (std::string part; std::getline(parts, part, ',');) fields.push_back(part);
        REQUIRE(fields.size() > 5);
        CAPTURE(fields[5]);
        const auto definition = definitions.at(fields[1]);
        const std::string text = text_of(root / fields[5]);
        std::istringstream in(text);
        const auto reader = text::make_row_reader(in, fields[5]);
        REQUIRE(reader->fits(*definition));
        const auto block = reader->read(definition);
        CHECK(block.num_rows == std::stoull(fields[4]));
        CHECK(block.data.size() == block.num_rows * definition->size);
        // Not CHECK(a == b): that would print megabytes.
        const bool same_csv = to_csv(block) == text;
        CHECK(same_csv);

        std::istringstream json(to_json(block));
        const auto json_reader = text::make_row_reader(json, fields[5] + ".json");
        REQUIRE(json_reader->fits(*definition));
        const auto from_json = json_reader->read(definition);
        const bool same_json = from_json.num_rows == block.num_rows && raw(from_json) == raw(block);
        CHECK(same_json);

        const auto canonical = conversion::to_canonical(*definition, block.data.bytes(), block.num_rows);
        const bool same_packed = to_csv(canonical) == text;
        CHECK(same_packed);
        ++files;
        rows += block.num_rows;
    }
    CHECK(files == 309);
    CHECK(rows == 61869);
}
