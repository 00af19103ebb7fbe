#include "reflect/reflect.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "etalon/error.h"
#include "schema/definition.h"

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
    CHECK(names(both) == Names{"A", "Later", "B"});
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

TEST_CASE("headers that contradict each other are an error together and fine apart") {
    const Folder folder;
    const std::string a = folder.write("a.h", "struct A { int a; };\nenum { kSize = 1 };\n");
    const std::string b = folder.write("b.h", "struct B { int b; };\nenum { kSize = 2 };\n");
    const std::string c = folder.write("c.h", "struct C { missing_t c; };\n");
    const Reflection together = reflect_headers({a, b}, in_c());
    CHECK_FALSE(together.errors.empty());
    CHECK(together.definitions.empty());
    ReflectOptions options = in_c();
    options.collect = true;
    const Reflection survey = reflect_headers({a, b, c}, options);
    CHECK(names(survey) == Names{"A", "B"});
    REQUIRE(survey.errors.size() == 1);
    CHECK(survey.errors[0].location == c + ":1:12");
}

TEST_CASE("two structs of one name in one survey are not silently one") {
    const Folder folder;
    const std::string a = folder.write("a.h", "struct A { int a; };\n");
    const std::string b = folder.write("b.h", "struct A { float a; };\n");
    ReflectOptions options = in_c();
    options.collect = true;
    const Reflection survey = reflect_headers({a, b}, options);
    CHECK(names(survey) == Names{"A"});
    REQUIRE(survey.refusals.size() == 1);
    CHECK(survey.refusals[0].kind == "duplicate-name");
    CHECK_FALSE(reflect_headers({a, b}, in_c()).errors.empty());
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
    for (const char* name : {"scalars.h", "enums.h", "nested.h", "packing.h", "comments.h", "units.h", "defaults.h"}) {
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
            }
            ++checked;
        }
    }
    CHECK(checked >= 11);
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

TEST_CASE("a thousand structs in many headers are read in well under a second each hundred") {
    const Folder folder;
    std::vector<std::string> headers;
    for (int i = 0; i < 100; ++i) {
        std::string text;
        for (int j = 0; j < 10; ++j)
            text += fmt::format("struct S{}_{} {{ float a; /* [cm] */ int b[3]; char c[8]; }};\n", i, j);
        headers.push_back(folder.write(fmt::format("h{}.h", i), text));
    }
    const Reflection found = reflect_headers(headers, in_c());
    CHECK(found.definitions.size() == 1000);
    CHECK(std::all_of(found.definitions.begin(), found.definitions.end(),
                      [](const auto& definition) { return definition.elements.at(0).unit == "cm"; }));
}

}  // namespace
