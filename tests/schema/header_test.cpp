// What the generated headers promise is judged by compilers.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "etalon/error.h"
#include "schema/definition.h"
#include "tests/schema/build.h"
#include "tests/schema/random_definitions.h"

using namespace etalon;
using namespace etalon::schema;
using etalon::test::element;
using etalon::test::natural;
using enum etalon::ScalarType;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A folder of its own that goes away with the test.
class Scratch {
public:
    Scratch() {
        std::string name = (std::filesystem::temp_directory_path() / "etalon-header-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Scratch() { std::filesystem::remove_all(path_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    void write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name) << text; }
    /// True when the compiler takes the file; what it says is printed otherwise.
    [[nodiscard]] bool compiles(const std::string& compiler, const std::string& file, bool quiet = false) const {
        const std::string command = fmt::format("cd {} && {} -fsyntax-only -I. -I{}/include {} {}", path_.string(),
                                                compiler, ETALON_SOURCE_DIR, file, quiet ? "2>/dev/null" : "2>&1");
        return std::system(command.c_str()) == 0;
    }

private:
    std::filesystem::path path_;
};

const std::string kC = "gcc -x c -std=c11 -Wall -Wextra -Wpedantic -Werror";
const std::string kCxx = "g++ -x c++ -std=c++20 -Wall -Wextra -Wpedantic -Werror";

std::vector<std::pair<std::string, bool>> compilers() {
    std::vector<std::pair<std::string, bool>> list{{kC, true}, {kCxx, false}};
    if (std::system("clang-19 --version >/dev/null 2>&1") == 0) {
        list.emplace_back("clang-19 -x c -std=c11", true);
        list.emplace_back("clang-19 -x c++ -std=c++20 -Wall -Wextra -Wpedantic -Werror", false);
    }
    return list;
}

/// Assertions in C11 and C++ that the struct `tag` has the layout.
std::string assertions(const StructDefinition& definition, const std::string& tag) {
    std::string out =
        fmt::format("CHECK(sizeof(struct {0}) == {1}, \"size\");\nCHECK(ALIGNOF(struct {0}) == {2}, \"alignment\");\n",
                    tag, definition.size, definition.alignment);
    for (const auto& item : definition.elements) {
        out += fmt::format("CHECK(offsetof(struct {}, {}) == {}, \"offset of {}\");\n", tag, item.path, item.offset,
                           item.path);
        out += fmt::format("CHECK(sizeof(((struct {}*)0)->{}) == {}, \"size of {}\");\n", tag, item.path, item.bytes(),
                           item.path);
    }
    return out;
}

const char* kPrelude =
    "#include <stddef.h>\n#ifdef __cplusplus\n#define CHECK static_assert\n#define ALIGNOF alignof\n#else\n"
    "#define CHECK _Static_assert\n#define ALIGNOF _Alignof\n#endif\n";

/// The header of every definition compiles everywhere to that layout, and the traits header with it.
bool headers_hold(const std::vector<StructDefinition>& definitions) {
    const Scratch scratch;
    std::string source = kPrelude;
    std::vector<std::string> includes;
    for (const auto& definition : definitions) {
        const std::string file = definition.name + ".h";
        scratch.write(file, to_c_header(definition));
        includes.push_back(file);
        source += fmt::format("#include \"{}\"\n", file);
        source += assertions(definition, definition.name);
    }
    scratch.write("check.inc", source);
    scratch.write("traits.h", to_traits_header(definitions, includes));
    scratch.write("traits.cpp", "#include \"traits.h\"\n#include \"traits.h\"\n");
    bool good = true;
    for (const auto& [compiler, is_c] : compilers()) {
        good = scratch.compiles(compiler, "check.inc") && good;
        if (!is_c) good = scratch.compiles(compiler, "traits.cpp") && good;
    }
    return good;
}

}  // namespace

TEST_CASE("a natural layout is written without attributes, with units, comments and defaults") {
    auto definition = natural(
        {element("drift", Float32, {2, 3}, "cm/us"), element("name", Char, {16}), element("on", Bool),
         element("pos.x", Float64), element("pos.y", Float64), element("hit[0].q", Int16), element("hit[1].q", Int16)},
        "tpc::Drift");
    definition.comment = "drift of\n electrons */";
    definition.elements[0].comment = "[cm/us] of the gas default: 5.4";
    definition.elements[0].default_value = "5.4";
    definition.elements[1].comment = "who";
    definition.elements[2].default_value = "1";
    CHECK(to_c_header(definition) == R"(#ifndef ETALON_STRUCT_tpc_Drift_H
#define ETALON_STRUCT_tpc_Drift_H

#include <stdbool.h>
#include <stdint.h>

/* drift of electrons * / */
struct Drift {
    float drift[2][3];  /* [cm/us] of the gas default: 5.4 */
    char name[16];  /* who */
    bool on;  /* default: 1 */
    struct {
        double x;
        double y;
    } pos;
    struct {
        int16_t q;
    } hit[2];
};

#endif
)");
}

TEST_CASE("layouts of every kind compile to exactly what is recorded") {
    auto packed_one = packed(natural({element("a", Int8), element("b", Float64), element("c", Char, {3})}, "Packed"));
    auto gaps = natural({element("a", Int8), element("b", Int8)}, "Gaps");
    gaps.elements[0].offset = 3;
    gaps.elements[1].offset = 7;
    gaps.size = 13;
    auto pack2 = natural({element("a", Int8), element("b", Int32), element("c", Int64)}, "PackTwo");
    pack2.elements[1].offset = 2;
    pack2.elements[2].offset = 6;
    pack2.size = 14;
    pack2.alignment = 2;
    auto over = natural({element("a", Int32)}, "OverAligned");
    over.size = over.alignment = 64;
    auto raised = natural({element("a", Int8), element("b", Int32)}, "Raised");
    raised.elements[1].offset = 16;
    raised.size = 32;
    raised.alignment = 16;
    auto tail = natural({element("hit[0].x", Float64), element("hit[0].k", Int8), element("hit[1].x", Float64),
                         element("hit[1].k", Int8)},
                        "Tail");
    auto tight = packed(tail);
    tight.name = "Tight";
    auto deep = natural({element("m[0][0].p[0].x", Int16), element("m[0][0].p[1].x", Int16),
                         element("m[0][1].p[0].x", Int16), element("m[0][1].p[1].x", Int16)},
                        "Deep");
    auto anonymous =
        natural({element("a", Int8), element("x", Int32), element("b", Int8), element("c", Int8)}, "Anonymous");
    anonymous.elements[3].offset = 12;
    anonymous.size = 16;
    auto lead = natural({element("hit[0].x", Int32), element("hit[1].x", Int32)}, "Lead");
    lead.elements[0].offset = 4;
    lead.elements[1].offset = 12;
    lead.size = 16;
    const std::vector<StructDefinition> all{lead, packed_one, gaps, pack2, over, raised, tail, tight, deep, anonymous};
    for (const auto& definition : all) {
        INFO(to_c_header(definition));
        CHECK(validate(definition).empty());
    }
    CHECK(headers_hold(all));
    CHECK_FALSE(contains(to_c_header(anonymous), "packed"));
    CHECK_FALSE(contains(to_c_header(tail), "__attribute__"));
    CHECK_FALSE(contains(to_c_header(over), "packed"));
    CHECK_FALSE(contains(to_c_header(raised), "unsigned :"));
}

TEST_CASE("enumerations are declared with their names and exactly their size") {
    auto definition =
        natural({element("plain", UInt32), element("negative", Int32), element("small", UInt8), element("big", UInt64),
                 element("least", Int64), element("clash", Int16), element("flag", Bool), element("again", UInt32)},
                "Enums");
    definition.elements[0].c_type = "enum Color";
    definition.elements[0].enumerators = {{"Red", 0}, {"Green", 7}};
    definition.elements[1].c_type = "ns::Sign";
    definition.elements[1].enumerators = {{"Minus", -1}, {"Plus", 1}};
    definition.elements[2].c_type = "uint8_t";
    definition.elements[2].enumerators = {{"Tiny", 255}};
    definition.elements[3].enumerators = {{"Huge", -1}};
    definition.elements[4].enumerators = {{"Least", std::numeric_limits<std::int64_t>::min()}};
    definition.elements[5].c_type = "enum Color";
    definition.elements[5].enumerators = {{"Red", 1}};
    definition.elements[6].enumerators = {{"No", 0}, {"Yes", 1}};
    definition.elements[7] = definition.elements[0];
    definition.elements[7].path = "again";
    definition.elements[7].offset = 36;
    REQUIRE(validate(definition).empty());
    const std::string header = to_c_header(definition);
    INFO(header);
    CHECK(contains(header, "enum Color { Red = 0, Green = 7 };"));
    CHECK(contains(header, "enum Sign { Minus = -1, Plus = 1 };"));
    CHECK(contains(header, " : uint8_t { Tiny = 255 };"));
    CHECK(contains(header, "enum Color again;"));
    CHECK(headers_hold({definition}));
}

TEST_CASE("random layouts compile to what is recorded, in C and C++, and so do their traits") {
    const std::uint64_t seed = std::random_device{}();
    MESSAGE("seed " << seed);
    std::vector<StructDefinition> definitions;
    for (std::uint64_t i = 0; i < 60; ++i) {
        // Sampled, not checked one by one: starting compilers is what takes the time.
        const auto sample = rc::gen::exec([i] {
            test::LayoutOptions options;
            options.packed = test::pick(0, 3) == 1;
            options.extra_gaps = test::pick(0, 2) == 1;
            options.suffix = "S" + std::to_string(i);
            return test::random_definition("Sample" + std::to_string(i), options);
        });
        definitions.push_back(sample(rc::Random(seed + i), 100).value());
    }
    CHECK(headers_hold(definitions));
}

TEST_CASE("definitions that no C struct has are refused") {
    auto uneven = natural({element("hit[0].x", Int32), element("hit[1].x", Int32), element("hit[2].x", Int32)});
    uneven.elements[2].offset = 12;
    uneven.size = 16;
    CHECK_THROWS_AS((void)to_c_header(uneven), Error);
    CHECK_THROWS_AS((void)to_c_header(natural({element("hit[0].x", Int32), element("hit[1].x", Float32)})), Error);
    CHECK_THROWS_AS((void)to_c_header(natural({element("hit[0].x", Int32), element("hit[2].x", Int32)})), Error);
    CHECK_THROWS_AS((void)to_c_header(natural({element("a.x", Int32), element("b", Int32), element("a.y", Int32)})),
                    Error);
    CHECK_THROWS_AS((void)to_c_header(natural({element("hit[18446744073709551615].x", Int32)})), Error);
    CHECK_THROWS_AS((void)to_c_header(natural({})), Error);
}

TEST_CASE("the traits header does not compile when the struct is laid out otherwise, and says what to do") {
    const auto recorded = natural({element("a", Int32), element("b", Float32, {2, 3})}, "Drift");
    const auto holds = [&](auto change) {
        auto real = recorded;
        change(real);
        const Scratch scratch;
        scratch.write("drift.h", to_c_header(real));
        scratch.write("traits.cpp", to_traits_header({recorded}, {"drift.h"}));
        return scratch.compiles("g++ -x c++ -std=c++20 -Wno-pragma-once-outside-header", "traits.cpp", true);
    };
    CHECK(holds([](auto&) {}));
    CHECK_FALSE(holds([](auto& d) { d.elements[0].type = UInt32; }));
    CHECK_FALSE(holds([](auto& d) { d.elements[0].type = Float32; }));
    CHECK_FALSE(holds([](auto& d) { d.elements[1].type = Int32; }));
    CHECK_FALSE(holds([](auto& d) { d.elements[1].dims = {3, 2}; }));
    CHECK_FALSE(holds([](auto& d) { d.elements[1].dims = {6}; }));
    CHECK_FALSE(holds([](auto& d) { d.elements[0].path = "c"; }));
    CHECK_FALSE(holds([](auto& d) { d.size = d.alignment = 32; }));
    CHECK(contains(to_traits_header({recorded}, {"drift.h"}),
                   "Drift::b has not the registered offset: register the header again"));
}

TEST_CASE("the traits header compiles for std::array and for a struct that an aligned typedef hides") {
    const Scratch scratch;
    const auto compiles = [&](const StructDefinition& definition, const std::vector<std::string>& tagged = {}) {
        scratch.write("traits.h", to_traits_header({definition}, {"real.h"}, tagged));
        scratch.write("main.cpp", "#include \"traits.h\"\n");
        return scratch.compiles(kCxx, "main.cpp", true);
    };
    scratch.write("real.h",
                  "#include <array>\nstruct Hit { float x[2]; };\n"
                  "struct Arr { std::array<Hit, 2> hit; Hit plain[2]; std::array<std::array<short, 2>, 3> n[2]; };\n");
    std::vector<Element> elements;
    for (const char* path : {"hit[0].x", "hit[1].x", "plain[0].x", "plain[1].x"})
        elements.push_back(element(path, Float32, {2}));
    elements.push_back(element("n", Int16, {2, 3, 2}));
    const auto definition = natural(elements, "Arr");
    CHECK(compiles(definition));
    for (const std::vector<std::uint64_t>& dims : {std::vector<std::uint64_t>{2, 2, 3}, {12}, {6, 2}}) {
        auto other = definition;
        other.elements[4].dims = dims;
        CHECK_FALSE(compiles(other));
    }
    scratch.write("real.h", "typedef struct S { int v[8]; } S __attribute__((aligned(16)));\n");
    const auto hidden = natural({element("v", Int32, {8})}, "S");
    CHECK(compiles(hidden, {"S"}));
    CHECK_FALSE(compiles(hidden));
}

TEST_CASE("the definition in the traits header is the JSON text, however long and whatever it holds") {
    std::vector<Element> elements;
    for (int i = 0; i < 1500; ++i) elements.push_back(element("number" + std::to_string(i), Float32, {}, "cm"));
    elements[3].comment = ")etalon\" and )etalon0\" \\n \"quoted\"";
    const auto definition = natural(elements, "Long");
    REQUIRE(to_json(definition).size() > 65536);
    const Scratch scratch;
    scratch.write("long.h", to_c_header(definition));
    scratch.write("traits.h", to_traits_header({definition}, {"long.h"}));
    scratch.write("main.cpp",
                  "#include <fstream>\n#include \"traits.h\"\nint main() { std::ofstream(\"out\") << "
                  "etalon::StructTraits<Long>::kDefinition; }\n");
    CHECK(scratch.compiles(kCxx, "main.cpp"));
    const std::string json = to_json(definition);
    scratch.write("same.cpp",
                  "#include \"traits.h\"\nstatic_assert(etalon::StructTraits<Long>::kDefinition.size() == " +
                      std::to_string(json.size()) + ");\nstatic_assert(etalon::Reflected<Long>);\n");
    CHECK(scratch.compiles(kCxx, "same.cpp"));
}
