#include "star/real_tables.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/bytes.h"
#include "conversion/canonical.h"
#include "reflect/reflect.h"
#include "schema/build.h"
#include "text/text.h"

namespace etalon::test {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    CAPTURE(path);
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A struct of structs.json in C's natural layout.
StructDefinition natural_definition(const nlohmann::json& json) {
    std::vector<Element> elements;
    for (const auto& field : json.at("fields")) {
        const auto type = find_scalar_type(field.at("ctype").get<std::string>());
        REQUIRE(type);
        elements.push_back(element(field.at("name"), *type, field.at("dims").get<std::vector<std::uint64_t>>()));
    }
    return natural(std::move(elements), json.at("name"));
}

bool same_layout(const StructDefinition& a, const StructDefinition& b) {
    return a.name == b.name && a.size == b.size && a.alignment == b.alignment &&
           std::ranges::equal(a.elements, b.elements, [](const Element& x, const Element& y) {
               return x.path == y.path && x.type == y.type && x.dims == y.dims && x.offset == y.offset;
           });
}

/// What the headers of structs/ say, after comparing it with structs.json.
std::map<std::string, DefinitionPtr> read_definitions(const fs::path& structs_json) {
    std::map<std::string, StructDefinition> expected;
    std::vector<std::string> headers;
    for (const auto& json : nlohmann::json::parse(text_of(structs_json))) {
        auto definition = natural_definition(json);
        headers.push_back(std::string(ETALON_SOURCE_DIR) + "/structs/" + definition.name + ".h");
        expected.emplace(definition.name, std::move(definition));
    }
    const auto reflection = reflect::reflect_headers(headers, {});
    REQUIRE(reflection.errors.empty());
    REQUIRE(reflection.refusals.empty());
    std::map<std::string, DefinitionPtr> definitions;
    for (const auto& definition : reflection.definitions) {
        CAPTURE(definition.name);
        REQUIRE(expected.contains(definition.name));
        CHECK(same_layout(definition, expected.at(definition.name)));
        definitions[definition.name] = std::make_shared<const StructDefinition>(definition);
    }
    REQUIRE(definitions.size() == expected.size());
    return definitions;
}

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> fields;
    std::istringstream parts(line);
    for (std::string part; std::getline(parts, part, ',');) fields.push_back(part);
    return fields;
}

TableVersion read_version(const fs::path& file, const DefinitionPtr& layout) {
    TableVersion version;
    version.path = file.string();
    version.csv = text_of(file);
    std::istringstream in(version.csv);
    version.rows = text::make_csv_reader(in, version.path)->read(layout);
    const auto canonical = conversion::to_canonical(*layout, version.rows.data.bytes(), version.rows.num_rows);
    version.content_hash = to_hex(schema::content_hash(canonical));
    return version;
}

}  // namespace

const TableVersion* RealTable::find(std::int64_t at) const {
    const TableVersion* found = nullptr;
    for (const auto& version : versions) {
        if (version.begin <= at) found = &version;
    }
    return found;
}

Interval RealTable::validity(std::int64_t at) const {
    Interval interval;
    for (const auto& version : versions) {
        if (version.begin <= at) {
            interval.begin = version.begin;
        } else {
            interval.end = version.begin;
            break;
        }
    }
    return interval;
}

RealData read_real_data() {
    fs::path root = fs::path(ETALON_SHARED_DIR) / "data" / "star";
    if (!fs::exists(root / "manifest.csv")) root = fs::path(ETALON_SOURCE_DIR) / "examples" / "star";
    RealData data;
    data.origin = root.lexically_normal().string();
    data.definitions = read_definitions(root / "structs.json");

    std::istringstream manifest(text_of(root / "manifest.csv"));
    std::string line;
    std::getline(manifest, line);
    REQUIRE(line.starts_with("table,struct,beginTime,tag,rows,path,"));
    std::map<std::string, RealTable> tables;
    while (std::getline(manifest, line)) {
        CAPTURE(line);
        const auto fields = split(line);
        REQUIRE(fields.size() > 5);
        auto& table = tables[fields[0]];
        // The last part of the path alone is not unique.
        table.name = fields[0];
        std::ranges::replace(table.name, '/', '_');
        table.layout = data.definitions.at(fields[1]);
        auto version = read_version(root / fields[5], table.layout);
        version.begin = parse_time(fields[2]).ns;
        CHECK(version.rows.num_rows == std::stoull(fields[4]));
        data.num_rows += version.rows.num_rows;
        ++data.num_versions;
        table.versions.push_back(std::move(version));
    }
    for (auto& [path, table] : tables) {
        std::ranges::sort(table.versions, {}, &TableVersion::begin);
        CAPTURE(path);
        REQUIRE(std::ranges::adjacent_find(table.versions, {}, &TableVersion::begin) == table.versions.end());
        data.tables.push_back(std::move(table));
    }
    return data;
}

}  // namespace etalon::test
