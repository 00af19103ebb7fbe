#include "reflect/compile_commands.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "etalon/error.h"
#include "reflect/reflect.h"

namespace {

namespace fs = std::filesystem;
using namespace etalon::reflect;
using Words = std::vector<std::string>;

TEST_CASE("a command is split as a shell splits it") {
    CHECK(split_command("cc -DA=1  -c x.c") == Words{"cc", "-DA=1", "-c", "x.c"});
    CHECK(split_command(R"(cc "-DNAME=\"a b\"" '-Iin $dir' a\ b "" end)") ==
          Words{"cc", R"(-DNAME="a b")", "-Iin $dir", "a b", "", "end"});
    CHECK(split_command(R"(cc -DX="\"" "a\b")") == Words{"cc", "-DX=\"", "a\\b"});
    CHECK(split_command("   ").empty());
}

TEST_CASE("only flags that change the meaning of a header pass, with absolute paths") {
    const DatabaseFlags flags = filter_flags({"-O2",
                                              "-Wall",
                                              "-I",
                                              "inc",
                                              "-I/abs",
                                              "-isystem",
                                              "sys",
                                              "-iquoteq",
                                              "-DA",
                                              "-D",
                                              "B=2",
                                              "-UC",
                                              "-std=gnu11",
                                              "-fno-strict-aliasing",
                                              "-fplugin=x",
                                              "-fpack-struct=4",
                                              "-fshort-enums",
                                              "-funsigned-char",
                                              "-march=x86-64-v2",
                                              "-m32",
                                              "-MD",
                                              "-MF",
                                              "-Dnot.d",
                                              "-o",
                                              "-DnotThis",
                                              "-include",
                                              "forced.h",
                                              "-x",
                                              "c",
                                              "-c",
                                              "a.c",
                                              "-mtune=native",
                                              "-pthread"},
                                             "/src dir");
    CHECK(flags.arguments == Words{"-I", "/src dir/inc", "-I", "/abs", "-isystem", "/src dir/sys", "-iquote",
                                   "/src dir/q", "-DA", "-DB=2", "-UC", "-fpack-struct=4", "-fshort-enums",
                                   "-funsigned-char", "-march=x86-64-v2", "-m32", "-include", "forced.h"});
    CHECK(flags.standard == "gnu11");
    CHECK(flags.language == "c");
}

TEST_CASE("languages are told by -x and by -std") {
    CHECK(language_of("c++20") == "c++");
    CHECK(language_of("gnu++17") == "c++");
    CHECK(language_of("c++-header") == "c++");
    CHECK(language_of("c") == "c");
    CHECK(language_of("c11") == "c");
    CHECK(language_of("gnu2x") == "c");
    CHECK(language_of("iso9899:2011") == "c");
    CHECK(language_of("none").empty());
    CHECK(language_of("cuda").empty());
}

class Project {
public:
    Project() {
        std::string pattern = (fs::temp_directory_path() / "etalon-database-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~Project() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Project(const Project&) = delete;
    Project& operator=(const Project&) = delete;

    std::string write(const std::string& name, const std::string& text) const {
        fs::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name) << text;
        return (path_ / name).string();
    }
    [[nodiscard]] std::string path() const { return path_.string(); }

private:
    fs::path path_;
};

TEST_CASE("a header takes the flags of the source that includes it, GCC's own flags are dropped") {
    const Project project;
    const std::string header = project.write("structs/gain.h",
                                             "#include \"rows.h\"\n#ifdef __cplusplus\n#error wrong language\n#endif\n"
                                             "struct Gain { float g[ROWS]; };\n");
    project.write("src/other.cpp", "int other;\n");
    project.write("src/user.c", "#include \"../structs/gain.h\"\n");
    project.write("include/rows.h", "#define ROWS COUNT\n");
    const std::string database = project.write(
        "build/compile_commands.json",
        fmt::format(
            R"([{{"directory": "{0}/build", "file": "../src/other.cpp", "command": "g++ -std=c++20 -DCOUNT=1 -c ../src/other.cpp"}},
  {{"directory": "{0}/build", "file": "../src/user.c", "arguments": ["gcc", "-std=gnu11", "-I../include", "-DCOUNT=5", "-fconserve-stack",
    "-mno-such-machine", "-march=native-gcc-only", "-Wno-such-warning", "-Werror", "-c", "../src/user.c"]}}])",
            project.path()));
    ReflectOptions options;
    options.compile_commands = database;
    const Reflection found = reflect_headers({header}, options);
    for (const auto& error : found.errors) FAIL_CHECK(error.location << " " << error.reason);
    REQUIRE(found.definitions.size() == 1);
    CHECK(found.definitions[0].elements.at(0).dims == std::vector<std::uint64_t>{5});

    // Flags that are given beside the database come later and win.
    options.clang_args = {"-UCOUNT", "-DCOUNT=9"};
    CHECK(reflect_headers({header}, options).definitions.at(0).elements.at(0).dims == std::vector<std::uint64_t>{9});
}

TEST_CASE("each header of a run takes the flags of its own entry and none of another's") {
    const Project project;
    const std::string a = project.write("a.hpp", "struct A { int a[NA]; };\n");
    const std::string b = project.write("b.hpp", "struct B { int b[NB]; };\n");
    const std::string database =
        project.write("compile_commands.json",
                      fmt::format(R"([{{"directory": "{0}", "file": "x.cpp", "command": "g++ -DNA=1 -DNB=1 -c x.cpp"}},
  {{"directory": "{0}", "file": "a.hpp", "command": "g++ -DNA=2 -c a.hpp"}}, {{"directory": "{0}", "file": "b.hpp", "command": "g++ -DNB=3 -c b.hpp"}}])",
                                  project.path()));
    ReflectOptions options;
    options.compile_commands = database;
    const Reflection found = reflect_headers({a, b}, options);
    REQUIRE(found.definitions.size() == 2);
    CHECK(found.definitions[0].elements.at(0).dims == std::vector<std::uint64_t>{2});
    CHECK(found.definitions[1].elements.at(0).dims == std::vector<std::uint64_t>{3});
    const std::string c = project.write("b.hpp", "struct B { int b[NB]; };\n#ifdef NA\n#error of another\n#endif\n");
    CHECK(reflect_headers({a, c}, options).errors.empty());
}

TEST_CASE("a database that is missing, malformed or empty is an error that names it") {
    const Project project;
    const std::string header = project.write("a.h", "struct A { int a; };\n");
    const Words texts{"",
                      "{",
                      "{}",
                      "[]",
                      "[1]",
                      R"([{"directory": "/"}])",
                      R"([{"file": "a.c"}])",
                      R"([{"file": "a.c", "arguments": "cc"}])"};
    ReflectOptions options;
    options.compile_commands = project.path() + "/none.json";
    CHECK_THROWS_AS(static_cast<void>(reflect_headers({header}, options)), etalon::Error);
    for (const std::string& text : texts) {
        CAPTURE(text);
        options.compile_commands = project.write("compile_commands.json", text);
        try {
            static_cast<void>(reflect_headers({header}, options));
            FAIL("accepted");
        } catch (const etalon::Error& error) {
            CHECK(error.code() == etalon::ErrorCode::BadInput);
            CHECK(error.info().where == options.compile_commands);
        }
    }
}

}  // namespace
