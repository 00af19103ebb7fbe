#include "reflect/comment_lines.h"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace etalon::reflect;

TEST_CASE("code is told from words") {
    for (const std::string code : {"float len; // [km]",
                                   "float len;",
                                   "int n[3];",
                                   "unsigned long n;",
                                   "const char* name; /* x */",
                                   "struct S s;",
                                   "std::array<float, 3> a;",
                                   "my_type x; // [km]",
                                   "uint8_t a, b;",
                                   "int a = 5; // five",
                                   "float a, // [km]",
                                   "FIELD(float, len);",
                                   "len = 0.1 * raw;",
                                   "#define N 3",
                                   "#if 0",
                                   "};",
                                   "// nested",
                                   "float len; [km]",
                                   "int bits : 3;",
                                   "double x[3][2]; default: 7",
                                   "Float_t t; // [ns]",
                                   "std::uint32_t n; [x]",
                                   "vector<int> v;",
                                   "Foo a; Foo b; // [km]",
                                   "} hit[3]; // [km]",
                                   "struct old { // [km]",
                                   "enum { kA, kB }; [x]",
                                   "typedef struct { int a; } old_t; // [km]",
                                   "union {",
                                   "Foo a; // [km]"}) {
        CAPTURE(code);
        CHECK(is_code(code));
    }
    for (const std::string words :
         {"", "length of it", "length; [cm]", "signed value; [V]", "long name of a short thing",
          "a sentence; and another", "gain, pedestal; both in [ADC]", "0 = off; 1 = on;",
          "see http://example.org/x; or not", "int", "unit: cm; length", "default = 7;", "double or nothing",
          "x, y and z", "in cm; measured", "float: not used", "class of events", "union of both {a, b}",
          "(a) or (b);"}) {
        CAPTURE(words);
        CHECK_FALSE(is_code(words));
    }
}

TEST_CASE("lines keep their words and the ends of sentences") {
    CHECK(lines_of("/* a\n * b\n *\n * c */") == std::vector<std::string>{"a", "b", "", "c"});
    CHECK(meaning_of({"Drift velocity [cm/us]", "Measured by laser"}) == "Drift velocity [cm/us]\nMeasured by laser");
    CHECK(meaning_of({"drift velocity,", "Measured by", "laser"}) == "drift velocity, Measured by laser");
    CHECK(meaning_of({"one", "", "two"}) == "one\ntwo");
    CHECK(folded({"one", "", "two"}) == "one two");
    CHECK(is_heading("@name Positions [cm]"));
    CHECK(is_heading("\\{"));
    CHECK_FALSE(is_heading("@brief Positions"));
    CHECK_FALSE(is_heading("name of it"));
}

}  // namespace
