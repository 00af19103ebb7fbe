// Prints what the reader makes of headers as JSON, for the scripts that compare it with other compilers.
// Usage: reflect_dump [--c] [--collect] [--only NAME]... [--headers FILE] HEADER... [-- CLANG ARGS]

#include <exception>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reflect/reflect.h"

namespace {

using etalon::reflect::Diagnostic;
using etalon::reflect::Reflection;

nlohmann::json to_json(const std::vector<Diagnostic>& list) {
    nlohmann::json out = nlohmann::json::array();
    for (const Diagnostic& item : list) {
        out.push_back({{"location", item.location},
                       {"struct", item.struct_name},
                       {"declaration", item.declaration},
                       {"reason", item.reason},
                       {"kind", item.kind}});
    }
    return out;
}

nlohmann::json to_json(const Reflection& reflection) {
    nlohmann::json definitions = nlohmann::json::array();
    for (const etalon::StructDefinition& definition : reflection.definitions) {
        nlohmann::json elements = nlohmann::json::array();
        for (const etalon::Element& element : definition.elements) {
            elements.push_back({{"path", element.path},
                                {"type", std::string(etalon::name_of(element.type))},
                                {"dims", element.dims},
                                {"offset", element.offset},
                                {"unit", element.unit},
                                {"comment", element.comment},
                                {"default", element.default_value.value_or("")},
                                {"c_type", element.c_type},
                                {"enumerators", element.enumerators}});
        }
        definitions.push_back({{"name", definition.name},
                               {"size", definition.size},
                               {"alignment", definition.alignment},
                               {"comment", definition.comment},
                               {"source", definition.source},
                               {"elements", std::move(elements)}});
    }
    return {{"definitions", std::move(definitions)},
            {"refusals", to_json(reflection.refusals)},
            {"errors", to_json(reflection.errors)},
            {"files_read", reflection.files_read}};
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> headers;
    etalon::reflect::ReflectOptions options;
    bool clang_args = false;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (clang_args) {
            options.clang_args.push_back(argument);
        } else if (argument == "--") {
            clang_args = true;
        } else if (argument == "--c") {
            options.as_c = true;
        } else if (argument == "--collect") {
            options.collect = true;
        } else if (argument == "--only" && i + 1 < argc) {
            options.only.emplace_back(argv[++i]);
        } else if (argument == "--headers" && i + 1 < argc) {
            std::ifstream in(argv[++i]);
            for (std::string line; std::getline(in, line);) headers.push_back(line);
        } else {
            headers.push_back(argument);
        }
    }
    try {
        std::cout
            << to_json(reflect_headers(headers, options)).dump(1, ' ', false, nlohmann::json::error_handler_t::replace)
            << '\n';
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "reflect_dump: " << error.what() << '\n';
        return 3;
    }
}
