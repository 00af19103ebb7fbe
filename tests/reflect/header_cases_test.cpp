// Every header in tests/reflect/headers says at its end, in `//=` lines, what the reader has to make of it.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "reflect/reflect.h"

namespace {

namespace fs = std::filesystem;
using etalon::reflect::Diagnostic;

const fs::path kHeaders = fs::path(ETALON_SOURCE_DIR) / "tests/reflect/headers";

/// `line:column`
std::string place(const std::string& location) {
    const std::size_t column = location.rfind(':');
    const std::size_t line =
        column == std::string::npos || column == 0 ? std::string::npos : location.rfind(':', column - 1);
    return line == std::string::npos ? location : location.substr(line + 1);
}

std::vector<std::string> describe(const etalon::reflect::Reflection& reflection) {
    std::vector<std::string> lines;
    for (const etalon::StructDefinition& definition : reflection.definitions) {
        // A tenth element of expanded arrays is no news.
        lines.push_back(fmt::format("struct {} size {} align {} at {}{}", definition.name, definition.size,
                                    definition.alignment, place(definition.source),
                                    definition.comment.empty() ? "" : " | " + definition.comment));
        for (std::size_t i = 0; i < definition.elements.size(); ++i) {
            if (i == 20 && definition.elements.size() > 50) {
                lines.push_back(fmt::format("  ... {} elements", definition.elements.size()));
                break;
            }
            const etalon::Element& element = definition.elements[i];
            std::string line = fmt::format("  {} {}", element.path, etalon::name_of(element.type));
            for (const auto dim : element.dims) line += fmt::format("[{}]", dim);
            line += fmt::format(" @{} {{{}}}", element.offset, element.c_type);
            for (const auto& [name, value] : element.enumerators) line += fmt::format(" {}={}", name, value);
            if (!element.unit.empty()) line += " unit " + element.unit;
            if (element.default_value) line += " default " + *element.default_value;
            if (!element.comment.empty()) line += " | " + element.comment;
            lines.push_back(line);
        }
    }
    for (const Diagnostic& refusal : reflection.refusals) {
        lines.push_back(fmt::format("refused {} {} in {}: {}", place(refusal.location), refusal.kind,
                                    refusal.struct_name, refusal.declaration));
    }
    for (const etalon::reflect::Remark& remark : reflection.remarks) {
        lines.push_back(fmt::format("{} {} {} of {}: {}", remark.is_warning ? "warning" : "note",
                                    place(remark.location), remark.kind, remark.element, remark.message));
    }
    for (const Diagnostic& error : reflection.errors) lines.push_back(fmt::format("error {}", place(error.location)));
    return lines;
}

TEST_CASE("each header gives exactly the definitions, refusals and errors that it declares") {
    std::vector<fs::path> headers;
    for (const auto& entry : fs::directory_iterator(kHeaders)) headers.push_back(entry.path());
    std::sort(headers.begin(), headers.end());
    REQUIRE(headers.size() >= 10);
    for (const fs::path& header : headers) {
        CAPTURE(header.filename().string());
        std::ifstream in(header);
        std::string line;
        std::getline(in, line);
        REQUIRE(line.starts_with("// reflect: "));
        etalon::reflect::ReflectOptions options;
        options.as_c = line == "// reflect: c";
        options.collect = true;
        std::vector<std::string> expected;
        while (std::getline(in, line)) {
            if (line.starts_with("//= ")) expected.push_back(line.substr(4));
        }
        const auto found = describe(reflect_headers({header.string()}, options));
        std::ostringstream as_lines;  // to paste when a case is added
        for (const std::string& text : found) as_lines << "//= " << text << '\n';
        CAPTURE(as_lines.str());
        CHECK(found == expected);
    }
}

TEST_CASE("every refusal names file, line and column, the declaration and a way out") {
    etalon::reflect::ReflectOptions options;
    options.as_c = true;
    const std::string header = (kHeaders / "refused.h").string();
    const auto reflection = reflect_headers({header}, options);
    CHECK(reflection.refusals.size() >= 30);
    for (const Diagnostic& refusal : reflection.refusals) {
        CAPTURE(refusal.location);
        CHECK(refusal.location.starts_with(header + ":"));
        CHECK(std::count(refusal.location.begin() + static_cast<std::ptrdiff_t>(header.size()), refusal.location.end(),
                         ':') == 2);
        CHECK_FALSE(refusal.declaration.empty());
        CHECK(refusal.reason.find(": ") != std::string::npos);
        CHECK_FALSE(refusal.kind.empty());
    }
}

}  // namespace
