#include "reflect/reflect.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "etalon/error.h"
#include "reflect/guarded_reader.h"
#include "reflect/unit_reading.h"
#include "schema/definition.h"
#include "schema/unit_table.h"

namespace {

namespace fs = std::filesystem;
using etalon::Error;
using etalon::ErrorCode;
using etalon::reflect::Diagnostic;
using etalon::reflect::reflect_headers;
using etalon::reflect::Reflection;
using etalon::reflect::ReflectOptions;

/// A folder of headers that goes away with the test.
class Folder {
public:
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "etalon-reflect-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string write(const std::string& name, const std::string& text) const {
        fs::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name) << text;
        return (path_ / name).string();
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

ReflectOptions in_c() {
    ReflectOptions options;
    options.as_c = true;
    return options;
}

std::vector<std::string> names(const Reflection& reflection) {
    std::vector<std::string> list;
    for (const auto& definition : reflection.definitions) list.push_back(definition.name);
    return list;
}

using Names = std::vector<std::string>;

template <class Function>
Error catch_error(Function&& function) {
    try {
        function();
    } catch (const Error& error) {
        return error;
    }
    FAIL("no error was thrown");
    return Error(ErrorCode::Internal, {});
}

TEST_CASE("only structs of the named files are taken, in order, each once") {
    const Folder folder;
    folder.write("types.h", "#pragma once\nstruct Outside { int a; };\n");
    const std::string a =
        folder.write("a.h",
                     "#pragma once\n#include \"types.h\"\nstruct Later;\nstruct A { struct Outside o; };\n"
                     "struct Later { int b; };\nstruct Later;\n");
    const std::string b = folder.write("b.h", "#include \"a.h\"\nstruct B { struct A a; };\n");
    const Reflection both = reflect_headers({b, a, b}, in_c());
    CHECK(both.errors.empty());
    CHECK(both.refusals.empty());
    CHECK(names(both) == Names{"B", "A", "Later"});
    CHECK(names(reflect_headers({b}, in_c())) == Names{"B"});
    CHECK(reflect_headers({b}, in_c()).definitions[0].elements[0].path == "a.o.a");
    CHECK(reflect_headers({}, in_c()).definitions.empty());
}

TEST_CASE("a header is recognised through symbolic links and odd spellings of its path") {
    const Folder folder;
    const std::string real = folder.write("real/h.h", "struct H { int a; };\n");
    fs::create_symlink(real, folder.path() / "link.h");
    const std::string odd = (folder.path() / "real/../real/./h.h").string();
    for (const std::string& path : {real, (folder.path() / "link.h").string(), odd}) {
        CAPTURE(path);
        const Reflection found = reflect_headers({path}, in_c());
        CHECK(names(found) == Names{"H"});
        CHECK(found.definitions.at(0).source == path + ":1:8");
    }
    CHECK(names(reflect_headers({real, odd, (folder.path() / "link.h").string()}, in_c())) == Names{"H"});
}

TEST_CASE("locations and dependency files name the files that were read") {
    const Folder folder;
    const std::string inner = folder.write("inner.h", "struct Inner { int* p; };\n");
    const std::string outer = folder.write("outer.h", "#include \"inner.h\"\nstruct Outer { struct Inner in; };\n");
    const Reflection found = reflect_headers({outer}, in_c());
    REQUIRE(found.refusals.size() == 1);
    CHECK(found.refusals[0].location == inner + ":1:21");
    CHECK(found.refusals[0].struct_name == "Outer");
    CHECK(found.definitions.empty());
    CHECK(found.files_read == Names{inner, outer});
}

TEST_CASE("a relative path stays as it was written in locations") {
    const Folder folder;
    folder.write("h.h", "struct H { int a; };\n");
    const fs::path before = fs::current_path();
    fs::current_path(folder.path());
    const Reflection found = reflect_headers({"h.h"}, in_c());
    fs::current_path(before);
    CHECK(found.definitions.at(0).source == "h.h:1:8");
}

TEST_CASE("every refusal of every header is reported, and good structs are still described") {
    const Folder folder;
    const std::string a =
        folder.write("a.h", "struct A { int* p; union { int i; } u; struct { long double d; } in; };\n");
    const std::string b = folder.write("b.h", "struct Good { int i; };\nstruct B { int x : 2; };\n");
    for (const bool collect : {false, true}) {
        ReflectOptions options = in_c();
        options.collect = collect;
        const Reflection found = reflect_headers({a, b}, options);
        Names kinds;
        for (const Diagnostic& refusal : found.refusals) kinds.push_back(refusal.kind);
        CHECK(kinds == Names{"pointer", "union", "long-double", "bit-field"});
        CHECK(names(found) == Names{"Good"});
    }
}

TEST_CASE("a bad struct that two others hold is reported once, and both are left out") {
    const Folder folder;
    const std::string a = folder.write(
        "a.h", "struct Bad { int* p; };\nstruct X { struct Bad b[2]; };\nstruct Y { struct X x; int i; };\n");
    const Reflection found = reflect_headers({a}, in_c());
    CHECK(found.definitions.empty());
    REQUIRE(found.refusals.size() == 1);
    CHECK(found.refusals[0].declaration == "int* p");
}

TEST_CASE("compiler errors are reported with their place and leave no definitions") {
    const Folder folder;
    const std::string a = folder.write("a.h", "struct A { int a; };\n\nstruct B { nothing_t b; };\n#error stop here\n");
    const Reflection found = reflect_headers({a}, in_c());
    CHECK(found.definitions.empty());
    REQUIRE(found.errors.size() == 2);
    CHECK(found.errors[0].location == a + ":3:12");
    CHECK(found.errors[0].reason.find("nothing_t") != std::string::npos);
    CHECK(found.errors[1].location.starts_with(a + ":4:"));
}

TEST_CASE("headers that contradict each other are each right alone") {
    const Folder folder;
    const std::string a = folder.write("a.h", "struct A { int a; };\nenum { kSize = 1 };\n");
    const std::string b = folder.write("b.h", "struct B { int b; };\nenum { kSize = 2 };\n");
    const std::string c = folder.write("c.h", "struct C { missing_t c; };\n");
    const Reflection together = reflect_headers({a, b}, in_c());
    CHECK(together.errors.empty());
    CHECK(names(together) == Names{"A", "B"});
    ReflectOptions options = in_c();
    options.collect = true;
    const Reflection survey = reflect_headers({a, c, b}, options);
    CHECK(names(survey) == Names{"A", "B"});
    REQUIRE(survey.errors.size() == 1);
    CHECK(survey.errors[0].location == c + ":1:12");
    CHECK(reflect_headers({a, c, b}, in_c()).definitions.empty());
}

TEST_CASE("a struct that two headers define is one when it is the same, else an error that says what differs") {
    const Folder folder;
    const std::string a = folder.write("a.h", "struct A { int a; };\n");
    const std::string b = folder.write("b.h", "struct A { float a; };\n");
    const std::string copy = folder.write("copy.h", "/* of a.h */\nstruct A {\n    int a;  // a copy\n};\n");
    const std::string unit = folder.write("unit.h", "struct A { int a; /* [V] */ };\n");
    const Reflection survey = reflect_headers({a, b}, in_c());
    CHECK(names(survey) == Names{"A"});
    REQUIRE(survey.refusals.size() == 1);
    CHECK(survey.refusals[0].kind == "other-definition");
    CHECK(survey.refusals[0].location == b + ":1:8");
    CHECK(survey.refusals[0].reason.starts_with("defined differently at " + a +
                                                ":1:8 (a int32 there, a float32 here); "));
    const Reflection same = reflect_headers({a, copy}, in_c());
    CHECK(names(same) == Names{"A"});
    CHECK(same.refusals.empty());
    REQUIRE(same.remarks.size() == 1);
    CHECK(same.remarks[0].location == copy + ":2:8");
    CHECK(same.remarks[0].message.find(a + ":1:8") != std::string::npos);
    CHECK_FALSE(same.remarks[0].is_warning);
    REQUIRE(reflect_headers({a, unit}, in_c()).refusals.size() == 1);
    CHECK(reflect_headers({a, unit}, in_c()).refusals[0].reason.find("a int32 there, a int32 [V] here") !=
          std::string::npos);
}

TEST_CASE("a tag and a typedef of another struct may not share a name") {
    const Folder folder;
    const std::string a = folder.write("a.h", "struct A { int a; };\ntypedef struct { float f; } A;\n");
    const Reflection found = reflect_headers({a}, in_c());
    REQUIRE(found.refusals.size() == 1);
    CHECK(found.refusals[0].kind == "duplicate-name");
}

TEST_CASE("only the asked structs are taken, and what they do not hold is not judged") {
    const Folder folder;
    const std::string a = folder.write(
        "a.h", "struct Gains { int a; };\nstruct Bad { int* p; };\nstruct Holder { struct Part { int x; } part; };\n");
    ReflectOptions options = in_c();
    options.only = {"Gains"};
    const Reflection found = reflect_headers({a}, options);
    CHECK(names(found) == Names{"Gains"});
    CHECK(found.refusals.empty());
    options.only = {"Part"};
    CHECK(names(reflect_headers({a}, options)) == Names{"Part"});
    options.only = {"Bad"};
    CHECK(reflect_headers({a}, options).refusals.size() == 1);
    options.only = {"Gains", "Gain"};
    const Reflection missing = reflect_headers({a}, options);
    REQUIRE(missing.errors.size() == 1);
    CHECK(missing.errors[0].struct_name == "Gain");
    CHECK(missing.errors[0].reason.find("Gains") != std::string::npos);
}

TEST_CASE("a header that is missing, a folder, or a tool without its own headers is an error with advice") {
    const Folder folder;
    const Error missing =
        catch_error([&] { static_cast<void>(reflect_headers({(folder.path() / "no.h").string()}, {})); });
    CHECK(missing.code() == ErrorCode::BadInput);
    CHECK(missing.info().where == (folder.path() / "no.h").string());
    CHECK(catch_error([&] { static_cast<void>(reflect_headers({folder.path().string()}, {})); }).code() ==
          ErrorCode::BadInput);

    const std::string a = folder.write("a.h", "struct A { int a; };\n");
    setenv("ETALON_CLANG_RESOURCE_DIR", folder.path().c_str(), 1);
    const Error resources = catch_error([&] { static_cast<void>(reflect_headers({a}, {})); });
    unsetenv("ETALON_CLANG_RESOURCE_DIR");
    CHECK(resources.code() == ErrorCode::BadInput);
    CHECK(resources.info().advice.find("libclang-common-19-dev") != std::string::npos);
}

TEST_CASE("flags reach the compiler: macros, folders, standards, languages, forced includes and the ABI") {
    const Folder folder;
    folder.write("include/size.h", "#define ROWS 7\n");
    const std::string a =
        folder.write("a.h", "#include <size.h>\nstruct A { char c; double d[ROWS * SCALE]; enum E { X } e; };\n");
    ReflectOptions options = in_c();
    options.clang_args = {"-I" + (folder.path() / "include").string(), "-DSCALE=2"};
    CHECK(reflect_headers({a}, options).definitions.at(0).elements.at(1).dims == std::vector<std::uint64_t>{14});
    CHECK_FALSE(reflect_headers({a}, in_c()).errors.empty());

    options.clang_args.insert(options.clang_args.end(), {"-fpack-struct", "-fshort-enums", "-funsigned-char"});
    const Reflection packed = reflect_headers({a}, options);
    CHECK(packed.definitions.at(0).size == 1 + 14 * 8 + 1);
    CHECK(packed.definitions.at(0).elements.at(0).type == etalon::ScalarType::UInt8);
    CHECK(packed.definitions.at(0).elements.at(2).type == etalon::ScalarType::UInt8);

    const std::string b = folder.write(
        "b.h",
        "#ifdef __cplusplus\nstruct Cxx { int a; };\n#elif __STDC_VERSION__ < 201112L\nstruct C99 { int a; };\n#else\n"
        "struct C { int a; };\n#endif\n");
    CHECK(names(reflect_headers({b}, {})) == Names{"Cxx"});
    CHECK(names(reflect_headers({b}, in_c())) == Names{"C"});
    ReflectOptions explicit_language;
    explicit_language.clang_args = {"-x", "c"};
    CHECK(names(reflect_headers({b}, explicit_language)) == Names{"C"});
    explicit_language.clang_args = {"-std=c99"};
    CHECK(names(reflect_headers({b}, explicit_language)) == Names{"C99"});
    explicit_language = in_c();
    explicit_language.clang_args = {"-xc++", "-std=c++20"};
    CHECK(names(reflect_headers({b}, explicit_language)) == Names{"Cxx"});

    ReflectOptions wrong = in_c();
    wrong.clang_args = {"--no-such-flag"};
    const Reflection rejected = reflect_headers({b}, wrong);
    REQUIRE_FALSE(rejected.errors.empty());
    CHECK(rejected.errors[0].reason.find("--no-such-flag") != std::string::npos);
    CHECK(rejected.definitions.empty());
}

TEST_CASE("32-bit programs get their own widths") {
    const Folder folder;
    const std::string a = folder.write("a.h", "struct A { long l; __SIZE_TYPE__ n; double d; };\n");
    ReflectOptions options = in_c();
    options.clang_args = {"-m32"};
    const Reflection found = reflect_headers({a}, options);
    REQUIRE(found.definitions.size() == 1);
    CHECK(found.definitions[0].elements[0].type == etalon::ScalarType::Int32);
    CHECK(found.definitions[0].elements[1].type == etalon::ScalarType::UInt32);
    CHECK(found.definitions[0].size == 16);
    CHECK(found.definitions[0].alignment == 4);
}

TEST_CASE("an unknown attribute is refused whatever hides the warning") {
    const Folder folder;
    const std::string text =
        "struct A { int a; } __attribute__((scalar_storage_order(\"big-endian\")));\n"
        "struct B { int a __attribute__((unheard_of)); int b; };\n"
        "int function(void) __attribute__((also_unheard_of));\n"
        "struct C { int c; };\n";
    const std::string a = folder.write("a.h", text);
    for (const Names& flags : {Names{}, Names{"-w"}, Names{"-Wno-attributes"}, Names{"-Werror"}}) {
        ReflectOptions options = in_c();
        options.clang_args = flags;
        const Reflection found = reflect_headers({a}, options);
        CHECK(found.errors.empty());
        CHECK(found.refusals.size() == 2);
        CHECK(names(found) == Names{"C"});
    }
    // Through a macro, and from a header on a system path.
    folder.write("sys/order.h",
                 "#define BIG __attribute__((scalar_storage_order(\"big-endian\")))\nstruct Nested { int n; } BIG;\n");
    const std::string b =
        folder.write("b.h", "#include <order.h>\nstruct D { int a; } BIG;\nstruct E { struct Nested n; };\n");
    ReflectOptions options = in_c();
    options.clang_args = {"-isystem", (folder.path() / "sys").string()};
    const Reflection found = reflect_headers({b}, options);
    CHECK(found.definitions.empty());
    CHECK(found.refusals.size() == 2);
}

TEST_CASE("members that come out of macros are read like others") {
    const Folder folder;
    const std::string a =
        folder.write("a.h",
                     "#define FIELD(type, name) type name;\n#define TWO FIELD(int, a) FIELD(float, b)\n"
                     "#define MAKE(name) struct name { int made; };\n"
                     "struct A { TWO FIELD(int*, p) };\nstruct B { TWO char c; /* [V] */ };\nMAKE(Made)\n");
    const Reflection found = reflect_headers({a}, in_c());
    CHECK(names(found) == Names{"B", "Made"});
    REQUIRE(found.refusals.size() == 1);
    CHECK(found.refusals[0].location.starts_with(a + ":4:"));
    CHECK(found.definitions[0].elements[2].unit == "V");
}

TEST_CASE("comments of system headers and of files with Windows line ends are kept") {
    const Folder folder;
    const std::string a = folder.write("sys/a.h",
                                       "#pragma GCC system_header\r\nstruct A {\r\n    int a; /* [V] one */\r\n"
                                       "    float b; // [cm] two\r\n             // lines\r\n};\r\n");
    ReflectOptions options = in_c();
    options.clang_args = {"-isystem", (folder.path() / "sys").string()};
    const Reflection found = reflect_headers({a}, options);
    REQUIRE(found.definitions.size() == 1);
    CHECK(found.definitions[0].elements[0].comment == "[V] one");
    CHECK(found.definitions[0].elements[0].unit == "V");
    CHECK(found.definitions[0].elements[1].comment == "[cm] two lines");
}

TEST_CASE("an unnamed struct that only declares a variable is no type") {
    const Folder folder;
    const std::string a = folder.write("a.h", "extern struct { int* p; } variable;\nstruct A { int a; };\n");
    const Reflection found = reflect_headers({a}, in_c());
    CHECK(found.refusals.empty());
    CHECK(names(found) == Names{"A"});
}

TEST_CASE("a typedef of several declarators names the struct by its first plain one") {
    const Folder folder;
    const std::string a = folder.write(
        "a.h", "typedef struct { int a; } First, *Pointer, Array[3];\nstruct Uses { First f; Array g; };\n");
    const Reflection found = reflect_headers({a}, in_c());
    CHECK(names(found) == Names{"First", "Uses"});
    CHECK(found.definitions.at(1).elements.at(3).path == "g[2].a");
}

TEST_CASE("every definition is sound, survives JSON, and its C header reads back to the same layout") {
    const Folder folder;
    const fs::path headers = fs::path(ETALON_SOURCE_DIR) / "tests/reflect/headers";
    int checked = 0;
    const auto limits = folder.write("limits.h",
                                     "enum Mode { kOff, kOn = 7 };\nstruct Limits {\n"
                                     "    int sector; // key: 2\n"
                                     "    char side[4]; /* of the end cap\n                   * key: 1\n"
                                     "                   * limits: one of \"A\", \"*\\x2f\" */\n"
                                     "    // limits: (0, 100];\n    //   not nan\n"
                                     "    float gain; /* [mV/fC] of it, default: 2 */\n"
                                     "    struct { double x; /* [cm]\n * limits: [-1.5, inf); unique */ } in[2];\n"
                                     "    float edges[3]; // limits: increasing\n"
                                     "    enum Mode mode; // limits: one of kOff, kOn\n};\n");
    const auto own = folder.write("own.h",
                                  "struct Own {\n"
                                  "    float a; // width, unit: [my own]\n    float b; // not used [cm]\n"
                                  "    float c; // was measured by a laser [cm]\n    float d; // [cm] unit: km\n"
                                  "    struct { float x; char name[4]; _Bool on; } in; // [mm] where\n"
                                  "    float e, /* [V] default: 3 */ f;\n    int g; /* old default: 4 */\n"
                                  "    int h; /* unit: V; default: 4 */ float i; /* [10 ns] */ float j; /* [ADC] */\n"
                                  "    // length, unit: km\n    float k; // [cm]\n};\n");
    for (const std::string name :
         {"scalars.h", "enums.h", "nested.h", "packing.h", "comments.h", "units.h", "defaults.h", "whose_comment.h",
          "macro_arguments.h", "style_epics.h", "style_mavlink.h", "style_vlbi.h", own.c_str(), limits.c_str()}) {
        for (const auto& definition : reflect_headers({(headers / name).string()}, in_c()).definitions) {
            CAPTURE(definition.name);
            CHECK(etalon::schema::validate(definition) == Names{});
            etalon::StructDefinition plain = etalon::schema::from_json(etalon::schema::to_json(definition), name);
            plain.source = definition.source;  // for people, not stored
            CHECK(plain == definition);
            const std::string text = etalon::schema::to_c_header(definition);
            CAPTURE(text);
            const Reflection again = reflect_headers({folder.write("again.h", text)}, in_c());
            for (const Diagnostic& error : again.errors) FAIL_CHECK(error.location << ": " << error.reason);
            REQUIRE(again.definitions.size() == 1);
            CHECK(etalon::schema::layout_hash(again.definitions[0]) == etalon::schema::layout_hash(definition));
            for (std::size_t i = 0; i < definition.elements.size(); ++i) {
                CAPTURE(definition.elements[i].path);
                CHECK(again.definitions[0].elements.at(i).unit == definition.elements[i].unit);
                CHECK(again.definitions[0].elements.at(i).default_value == definition.elements[i].default_value);
                CHECK(again.definitions[0].elements.at(i).key == definition.elements[i].key);
                CHECK(again.definitions[0].elements.at(i).limits == definition.elements[i].limits);
            }
            ++checked;
        }
    }
    CHECK(checked >= 11);
}

TEST_CASE("every unit that has a name is read back from the C header of a struct that has it") {
    namespace schema = etalon::schema;
    etalon::StructDefinition definition;
    definition.name = "Units";
    definition.alignment = 4;
    const auto add = [&](std::string unit, const char* comment = "") {
        etalon::Element element;
        element.path = "e" + std::to_string(definition.elements.size());
        element.type = etalon::ScalarType::Float32;
        element.offset = definition.size;
        element.unit = std::move(unit);
        element.comment = comment;
        definition.size += 4;
        definition.elements.push_back(std::move(element));
    };
    const auto add_words = [&](std::string_view words) {
        std::istringstream list{std::string(words)};
        for (std::string word; list >> word;) {
            if (word == "new" || word.find_first_of("~!") != std::string::npos) continue;
            for (const char* around : {"%", "k%", "%/s", "1/%", "cm/%", "% difference"}) {
                std::string unit = around;
                unit.replace(unit.find('%'), 1, word);
                add(unit);
                add(unit, "what is left of it");
            }
        }
    };
    for (const auto& entry : schema::standard_units()) add_words(entry.names), add_words(entry.symbols);
    for (const auto& entry : schema::counted_units()) add_words(entry.names), add_words(entry.symbols);
    for (const char* unit : {"10 ns", "mm2", "%", "no unit of all", "V where V = 3 cm", "c", "degC", "delta_degC"})
        add(unit);
    REQUIRE(definition.elements.size() > 3000);
    const auto read_back = [](std::string_view comment, std::string_view name, const Names& others) {
        return etalon::reflect::read_unit(comment, name, others).unit;
    };
    const Folder folder;
    const std::string text = schema::to_c_header(definition, read_back);
    CHECK(text.find("/* unit: [cup] what is left of it */") != std::string::npos);
    CHECK(text.find("/* [cm/s] */") != std::string::npos);
    const Reflection again = reflect_headers({folder.write("units.h", text)}, in_c());
    REQUIRE(again.definitions.size() == 1);
    for (std::size_t i = 0; i < definition.elements.size(); ++i)
        CHECK(again.definitions[0].elements.at(i).unit == definition.elements[i].unit);
}

TEST_CASE("standard output stays silent, with warnings and errors too") {
    const Folder folder;
    const std::string a = folder.write("a.h", "struct A { nothing_t b; };\n#warning beware\n");
    const std::string b = folder.write("b.h", "#warning beware\nstruct B { int b; };\n");
    const std::string log = (folder.path() / "log").string();
    std::fflush(stdout);
    std::fflush(stderr);
    const int saved[2] = {dup(1), dup(2)};
    const int file = open(log.c_str(), O_CREAT | O_WRONLY, 0600);
    dup2(file, 1);
    dup2(file, 2);
    ReflectOptions options = in_c();
    options.collect = true;
    static_cast<void>(reflect_headers({a, b}, options));
    static_cast<void>(reflect_headers({a, b}, in_c()));
    std::fflush(stdout);
    std::fflush(stderr);
    dup2(saved[0], 1);
    dup2(saved[1], 2);
    for (const int number : {saved[0], saved[1], file}) close(number);
    std::ostringstream text;
    text << std::ifstream(log).rdbuf();
    CHECK(fs::file_size(log) == 0);
    CHECK(text.str().empty());
}

TEST_CASE("five hundred small headers, each parsed alone, take three seconds at most on a quiet machine") {
    const Folder folder;
    std::vector<std::string> headers;
    for (int i = 0; i < 500; ++i) {
        headers.push_back(folder.write(
            fmt::format("h{}.h", i),
            fmt::format("#ifndef SAME_GUARD\n#define SAME_GUARD\n#include <stdint.h>\n#define LEAK {0}\n"
                        "struct S{0} {{ char a; float b; /* [cm] */ int32_t c[3]; }};\n#pragma pack(1)\n#endif\n",
                        i)));
    }
    const Reflection found = reflect_headers(headers, in_c());
    REQUIRE(found.definitions.size() == 500);
    CHECK(std::all_of(found.definitions.begin(), found.definitions.end(), [](const auto& definition) {
        return definition.elements.at(1).unit == "cm" && definition.elements.at(1).offset == 4;
    }));
    CHECK(found.definitions.at(499).name == "S499");
}

TEST_CASE("nothing that a header leaves open reaches another one of the run") {
    const Folder folder;
    const std::string plain = folder.write("plain.h",
                                           "#ifdef LEAKED\n#error leaked\n#endif\n#define struct_name Plain\n"
                                           "struct struct_name { char c; double d; };\n");
    const std::vector<std::string> leaks{"#pragma pack(1)\n",
                                         "#pragma pack(push, 1)\n",
                                         "#define LEAKED\n",
                                         "#define double float\n",
                                         "typedef int plain_t;\n#define struct_name Other\n",
                                         "enum { c };\n"};
    for (const std::string& leak : leaks) {
        CAPTURE(leak);
        const std::string leaking = folder.write("leaking.h", leak + "struct Leaking { char c; short s; };\n" + leak);
        const std::string again =
            leak.find("enum") == 0 ? folder.write("leaking.h", leak + "struct Leaking { char x; };\n") : leaking;
        const Reflection found = reflect_headers({again, plain}, in_c());
        CHECK(found.errors.empty());
        REQUIRE(names(found) == Names{"Leaking", "Plain"});
        CHECK(found.definitions[1].size == 16);
        CHECK(found.definitions[1].elements[1].offset == 8);
        CHECK(found.definitions[1].elements[1].type == etalon::ScalarType::Float64);
    }
    // One that is packed says so.
    const std::string open =
        folder.write("open.h", "struct A { int a; };\n#pragma pack(push, 2)\nstruct B { int b; };\n");
    const Reflection found = reflect_headers({open}, in_c());
    REQUIRE(found.remarks.size() == 1);
    CHECK(found.remarks[0].location.starts_with(open + ":2:"));
    CHECK(found.remarks[0].kind == "pack");
}

TEST_CASE("a header that needs another one must include it, whatever stands before it") {
    const Folder folder;
    const std::string types = folder.write("types.h", "typedef int gain_t;\nstruct T { gain_t t; };\n");
    const std::string needs = folder.write("needs.h", "struct N { gain_t n; };\n");
    const std::string includes = folder.write("includes.h", "#include \"types.h\"\nstruct I { struct T i; };\n");
    const Reflection found = reflect_headers({types, needs}, in_c());
    REQUIRE(found.errors.size() == 1);
    CHECK(found.errors[0].location == needs + ":1:12");
    CHECK(found.definitions.empty());
    CHECK(names(reflect_headers({types, includes}, in_c())) == Names{"T", "I"});
}

TEST_CASE("a named header of which nothing comes says so, or is an error when it has structs") {
    const Folder folder;
    const std::string a = folder.write("a.h", "#ifndef GUARD\n#define GUARD\nstruct A { int a; };\n#endif\n");
    const std::string no_struct =
        folder.write("no_struct.h",
                     "#define N 3\nenum e { kA };\n/* struct not { */\n"
                     "const char text[] = \"struct neither {\";\nvoid f(struct g* h);\n"
                     "struct known;\nstatic inline int GET(struct known* k) { return k != 0; }\n"
                     "static inline struct known* TAKE(struct known* k) { return k; }\n");
    const Reflection quiet = reflect_headers({a, no_struct}, in_c());
    CHECK(names(quiet) == Names{"A"});
    CHECK(quiet.errors.empty());
    REQUIRE(quiet.remarks.size() == 1);
    CHECK(quiet.remarks[0].location == no_struct);
    CHECK(quiet.remarks[0].message.starts_with("nothing to record"));
    for (const char* text :
         {"#include \"a.h\"\n#ifndef GUARD\n#define GUARD\nstruct B { int b; };\n#endif\n",
          "#ifdef NEVER\n\n\nstruct B { int b; };\n#endif\n", "\n\n\nextern struct { int b; } variable;\n",
          "#if 0\n\n\nstruct __attribute__((packed)) PAD(4) B\n{ int b; };\n#endif\n"}) {
        CAPTURE(text);
        const std::string b = folder.write("b.h", text);
        const Reflection found = reflect_headers({a, b}, in_c());
        REQUIRE(found.errors.size() == 1);
        CHECK(found.errors[0].location.starts_with(b + ":4:"));
        CHECK(found.errors[0].kind == "nothing");
        CHECK(found.definitions.empty());
    }
}

TEST_CASE("what is no UTF-8 is read as Latin-1 with a warning, and positions stay right") {
    const Folder folder;
    const std::string a = folder.write("a.h",
                                       "/* \xe4\xf6\xfc */\nstruct A {\n    float t; /* [\xb0"
                                       "C] at \xb5 */\n"
                                       "    float w; // \xb5m\n    float u; // [\xc2\xb5m] in UTF-8\n"
                                       "    int* p; // \xe9\n    float c, /* [V] \xe9 */ d; /* [A] */\n};\n");
    const Reflection found = reflect_headers({a}, in_c());
    REQUIRE(found.remarks.size() == 1);
    CHECK(found.remarks[0].location == a + ":1");
    CHECK(found.remarks[0].is_warning);
    REQUIRE(found.refusals.size() == 1);
    CHECK(found.refusals[0].declaration == "int* p");
    CHECK(found.refusals[0].location == a + ":6:10");
    const std::string good =
        folder.write("good.h",
                     "struct A {\n    float t; /* [\xb0"
                     "C] at \xb5 */\n    float w; // \xb5m\n"
                     "    float u; // [\xc2\xb5m] in UTF-8\n    float c, /* [V] \xe9 */ d; /* [A] */\n};\n");
    const Reflection read = reflect_headers({good}, in_c());
    REQUIRE(read.definitions.size() == 1);
    const auto& elements = read.definitions[0].elements;
    CHECK(elements[0].unit ==
          "\xc2\xb0"
          "C");
    CHECK(elements[0].comment ==
          "[\xc2\xb0"
          "C] at \xc2\xb5");
    CHECK(elements[1].unit == "\xc2\xb5m");
    CHECK(elements[2].unit == "\xc2\xb5m");
    CHECK(elements[3].unit == "V");
    CHECK(elements[3].comment == "[V] \xc3\xa9");
    CHECK(elements[4].unit == "A");
    CHECK(etalon::schema::validate(read.definitions[0]) == Names{});
}

TEST_CASE("a NUL in a header is an error that names its line, wherever it stands") {
    const Folder folder;
    const std::string nul(1, '\0');
    for (const std::string& text : {"struct A {\n int a; /* x" + nul + "y */\n};\n",
                                    "struct A { int a; };\n" + nul + "\n", "#define N 3\n// " + nul + "\n"}) {
        const std::string a = folder.write("a.h", text);
        const Reflection found = reflect_headers({a}, in_c());
        REQUIRE_FALSE(found.errors.empty());
        CHECK(std::any_of(found.errors.begin(), found.errors.end(), [&](const Diagnostic& error) {
            return error.location == a + ":2" && error.kind == "encoding";
        }));
        CHECK(found.definitions.empty());
    }
}

TEST_CASE("an error of a header as a whole names the header") {
    const Folder folder;
    const std::string a = folder.write("a.h", std::string("\xff\xfes\0t\0r\0", 8));
    const Reflection found = reflect_headers({a}, in_c());
    REQUIRE_FALSE(found.errors.empty());
    for (const Diagnostic& error : found.errors) CHECK(error.location.starts_with(a + ":1"));
}

TEST_CASE("structs that others of the run hold are told apart from those that stand alone") {
    const Folder folder;
    const std::string types = folder.write("types.h", "struct point { float x, y; };\nstruct alone { int a; };\n");
    const std::string a = folder.write("a.h",
                                       "#include \"types.h\"\nstruct inner { int i; };\n"
                                       "struct middle { struct inner in[2]; };\n"
                                       "struct outer { struct middle m; struct point p; };\n");
    CHECK(reflect_headers({types, a}, in_c()).helpers == Names{"inner", "middle", "point"});
    CHECK(reflect_headers({types}, in_c()).helpers.empty());
    ReflectOptions options = in_c();
    options.only = {"inner", "middle"};  // asked for by name
    CHECK(reflect_headers({a}, options).helpers.empty());
    // One that holds it but cannot be stored does not count.
    const std::string bad = folder.write("bad.h", "struct in { int i; };\nstruct out { struct in i; int* p; };\n");
    CHECK(reflect_headers({bad}, in_c()).helpers.empty());
}

TEST_CASE("every struct without a definition is named, also one that only holds a bad one") {
    const Folder folder;
    const std::string a = folder.write("a.h",
                                       "struct Bad { int* p; };\nstruct X { struct Bad b; };\nstruct Good { int i; };\n"
                                       "struct Y { struct X x; };\n");
    const Reflection found = reflect_headers({a}, in_c());
    CHECK(found.skipped == Names{"Bad", "X", "Y"});
    CHECK(names(found) == Names{"Good"});
}

TEST_CASE("a tag whose name is also that of an aligned typedef is known to be hidden") {
    const Folder folder;
    const std::string a = folder.write("a.h",
                                       "typedef struct S { int v[8]; } S __attribute__((aligned(16)));\n"
                                       "typedef struct P { int v[8]; } P;\nstruct Q { int q; };\n"
                                       "typedef struct { int v[8]; } T __attribute__((aligned(16)));\n"
                                       "typedef struct R { int v[8]; } other __attribute__((aligned(16)));\n");
    for (const bool as_c : {false, true}) {
        ReflectOptions options;
        options.as_c = as_c;
        const Reflection found = reflect_headers({a}, options);
        CHECK(found.tagged == Names{"S"});
        CHECK(names(found) == Names{"S", "P", "Q", "T", "R"});
        CHECK(found.definitions.at(0).alignment == 4);
        CHECK(found.definitions.at(3).alignment == 16);
    }
}

TEST_CASE("headers in the styles of the field are laid out by GCC as is recorded") {
    const Folder folder;
    int checked = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(ETALON_SOURCE_DIR) / "tests/reflect/headers")) {
        const std::string name = entry.path().filename().string();
        const bool is_style = name.starts_with("style_") || name == "initializers.hpp" || name == "macro_arguments.h";
        if (!is_style) continue;
        CAPTURE(name);
        const Reflection found = reflect_headers({entry.path().string()}, {});
        CHECK(found.errors.empty());
        REQUIRE_FALSE(found.definitions.empty());
        folder.write("traits.h",
                     etalon::schema::to_traits_header(found.definitions, {entry.path().string()}, found.tagged));
        folder.write("main.cpp", "#include \"traits.h\"\n");
        const std::string command = fmt::format("g++ -std=c++20 -w -fsyntax-only -I{}/include {}/main.cpp",
                                                ETALON_SOURCE_DIR, folder.path().string());
        CHECK(std::system(command.c_str()) == 0);
        ++checked;
    }
    CHECK(checked == 8);
}

TEST_CASE("keys and limits are taken from lines of their own, and what cannot be is refused or told") {
    const Folder folder;
    const auto read = [&](const std::string& members) {
        return reflect_headers({folder.write("k.h", "struct K {\n" + members + "};\n")}, in_c());
    };
    const Reflection good = read(
        "    int sector; // key: 1\n    int pad; /* [cm] of it\n    * key: 2\n    * limits: [0, 4096);\n    *   unique "
        "*/\n"
        "    // the gain\n    // limits: not nan\n    float gain; // limits: (0, 10]\n");
    REQUIRE(good.definitions.size() == 1);
    const auto& elements = good.definitions[0].elements;
    CHECK(elements[0].key == 1);
    CHECK(elements[1].key == 2);
    CHECK(elements[1].unit == "cm");
    CHECK(elements[1].comment == "[cm] of it");
    CHECK(elements[1].limits == Names{"[0, 4096)", "unique"});
    CHECK(elements[2].limits == Names{"(0, 10]", "not nan"});
    CHECK(elements[2].comment == "the gain");
    CHECK(elements[2].unit.empty());
    CHECK(good.remarks.empty());

    const Reflection two = read("    int a; // key: 1; limits: unique; [0, 4)\n    int b; /* key: 2; of pads */\n");
    REQUIRE(two.definitions.size() == 1);
    CHECK(two.definitions[0].elements[0].key == 1);
    CHECK(two.definitions[0].elements[0].limits == Names{"unique", "[0, 4)"});
    CHECK(two.definitions[0].elements[1].key == 2);
    CHECK(two.definitions[0].elements[1].comment == "of pads");
    const Reflection one = read("    int a; // key: 1 (sector)\n");
    REQUIRE(one.remarks.size() == 1);
    CHECK(one.remarks[0].message.find("nothing else may stand in its line") != std::string::npos);

    const auto refused = [&](const std::string& members) {
        const Reflection found = read(members);
        CHECK(found.definitions.empty());
        return found.refusals.empty() ? std::string() : found.refusals.front().reason;
    };
    CHECK(refused("    int a[3]; // key: 1\n").find("a key on an array") != std::string::npos);
    CHECK(refused("    struct { int b; /* key: 1 */ } a[3];\n").find("a key on an array") != std::string::npos);
    CHECK(refused("    float a; // key: 1\n").find("float") != std::string::npos);
    CHECK(refused("    int a; // key: 2\n").find("1, 2, ..., each once") != std::string::npos);
    CHECK(refused("    int a; // key: 1\n    int b; // key: 1\n").find("each once") != std::string::npos);
    CHECK(refused("    int a; // key: 0\n").find("1, 2, ...") != std::string::npos);
    CHECK(refused("    int a; // limits: [0, 1.5]\n").find("no value of int32") != std::string::npos);
    CHECK(refused("    char a[8]; // limits: [0, 1]\n").find("text has no range") != std::string::npos);
    CHECK(refused("    struct { int b; } a; // limits: [0, 1]\n").find("its members may") != std::string::npos);

    const Reflection prose = read(
        "    int a; // limits: see the manual\n    int b; // key: the database key\n    int c; // of pads, limits: [0, "
        "4)\n"
        "    float d, /* limits: [0, 4) */ e;\n");
    REQUIRE(prose.definitions.size() == 1);
    CHECK(prose.definitions[0].elements[0].comment == "limits: see the manual");
    CHECK(prose.definitions[0].elements[1].comment == "key: the database key");
    for (const auto& element : prose.definitions[0].elements) {
        CHECK(element.key == 0);
        CHECK(element.limits.empty());
    }
    std::vector<std::string> told;
    for (const auto& remark : prose.remarks) told.push_back(remark.message);
    REQUIRE(told.size() == 3);
    CHECK(told[0].find("the limits are text here") == 0);
    CHECK(told[1].find("does not begin a line") != std::string::npos);
    CHECK(told[2].find("between two members") != std::string::npos);
}

TEST_CASE("a parse without end names the line that it had come to") {
    const Folder folder;
    std::string text = "struct A { int a; };\n";
    for (int i = 0; i < 40; ++i) text += fmt::format("#define M{} M{} M{}\n", i, i + 1, i + 1);
    text += "#define M40 1 +\nint before;\nint without_end = M0 1;\n";
    const std::string bad = folder.write("bad.h", text);
    const std::string outer = folder.write("outer.h", "#include \"bad.h\"\nstruct B { int b; };\n");
    const etalon::reflect::ReadingLimits limits{std::uint64_t{1} << 29, std::chrono::seconds(60),
                                                std::chrono::seconds(60)};
    for (const auto& [path, where] : {std::pair(bad, bad + ":44"), std::pair(outer, outer + ", at " + bad + ":44")}) {
        CAPTURE(path);
        const Error error = catch_error([&] {
            static_cast<void>(etalon::reflect::read_guarded({{path, path}}, {{0, true, {"-x", "c"}}}, limits));
        });
        CHECK(error.code() == ErrorCode::BadInput);
        CHECK(error.info().where == where);
    }
}

}  // namespace

TEST_CASE("references, identities and files are members with types of their own, in C++ and in C") {
    const Folder folder;
    const std::string text =
        "#include <etalon/ref.h>\n"
        "struct Group { char name[8]; };\n"
        "struct Session;\n"
        "struct Image {\n"
        "    ETALON_UID uid;            /* [optional] */\n"
        "    ETALON_REF(Group) group;\n"
        "    ETALON_REF(Session) sessions[2], other;\n"
        "    struct { ETALON_FILE pixels; } raw[2];\n"
        "    char flag;\n"
        "};\n";
    const auto file = folder.write("image.h", text);
    for (const bool as_c : {false, true}) {
        const auto found = reflect_headers({file}, as_c ? in_c() : ReflectOptions{});
        REQUIRE(names(found) == Names{"Group", "Image"});
        const auto& elements = found.definitions[1].elements;
        REQUIRE(elements.size() == 7);
        using enum etalon::ScalarType;
        CHECK(elements[0].type == Uid);
        CHECK(elements[0].unit.empty());
        CHECK(elements[0].comment == "[optional]");
        CHECK(elements[1].type == Ref);
        CHECK(elements[1].target == "Group");
        CHECK(elements[2].target == "Session");
        CHECK(elements[2].dims == std::vector<std::uint64_t>{2});
        CHECK(elements[3].target == "Session");
        CHECK(elements[4].path == "raw[0].pixels");
        CHECK(elements[4].type == File);
        CHECK(elements[4].offset == 80);
        CHECK(elements[5].offset == 120);
        CHECK(found.definitions[1].size == 168);
        // The header that was read from memory is no file that somebody could wait for.
        CHECK(std::none_of(found.files_read.begin(), found.files_read.end(),
                           [](const auto& name) { return name.find("etalon-headers") != std::string::npos; }));
    }
}

TEST_CASE("references are to structs by their qualified and typedef names") {
    const Folder folder;
    const auto file = folder.write("names.h",
                                   "#include <etalon/ref.h>\n"
                                   "namespace lab { struct Tool { int n; }; typedef struct { int m; } Part; }\n"
                                   "typedef struct { double x; } Plain;\n"
                                   "struct Use { ETALON_REF(lab::Tool) tool; ETALON_REF(lab::Part) part; "
                                   "ETALON_REF(Plain) plain; ETALON_REF(Use) self; };\n");
    const auto found = reflect_headers({file}, {});
    const auto use = std::find_if(found.definitions.begin(), found.definitions.end(),
                                  [](const auto& one) { return one.name == "Use"; });
    REQUIRE(use != found.definitions.end());
    std::vector<std::string> targets;
    for (const auto& element : use->elements) targets.push_back(element.target);
    CHECK(targets == Names{"lab::Tool", "lab::Part", "Plain", "Use"});
}

TEST_CASE("a reference in C without the macro says nothing of what it refers to, and is refused") {
    const Folder folder;
    const auto file = folder.write("bare.h", "#include <etalon/ref.h>\nstruct Bare { etalon_ref who; int n; };\n");
    const auto found = reflect_headers({file}, in_c());
    CHECK(found.definitions.empty());
    REQUIRE(found.refusals.size() == 1);
    CHECK(found.refusals.front().reason.find("ETALON_REF(STRUCT)") != std::string::npos);
}

TEST_CASE("a struct of one's own that is called as one of ours is a struct like any other") {
    const Folder folder;
    const auto file =
        folder.write("own.h",
                     "struct Uid { int a; };\nnamespace mine { namespace etalon { struct File { int b; }; } }\n"
                     "struct Use { Uid id; mine::etalon::File file; };\n");
    const auto found = reflect_headers({file}, {});
    const auto use = std::find_if(found.definitions.begin(), found.definitions.end(),
                                  [](const auto& one) { return one.name == "Use"; });
    REQUIRE(use != found.definitions.end());
    CHECK(use->elements[0].path == "id.a");
    CHECK(use->elements[1].path == "file.b");
}
