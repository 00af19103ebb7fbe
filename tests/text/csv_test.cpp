#include <doctest/doctest.h>

#include <bit>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>

#include "schema/value_text.h"
#include "text/support.h"

namespace {

using namespace etalon;
using test::csv_error;
using test::element;
using test::read_csv;
using test::shared;
using test::write_csv;

/// One element `a`, the rows one value each.
template <class T>
std::vector<T> values_of(ScalarType type, const std::string& lines) {
    const auto layout = shared(test::natural({element("a", type)}));
    const auto block = read_csv(layout, "a\n" + lines);
    std::vector<T> values(block.num_rows);
    for (std::uint64_t i = 0; i < block.num_rows; ++i) std::memcpy(&values[i], block.row(i), sizeof(T));
    return values;
}

std::string one_error(ScalarType type, const std::string& value) {
    return csv_error(shared(test::natural({element("a", type), element("b", ScalarType::Int32)})),
                     "a,b\n1,2\n" + value + ",2\n");
}

const DefinitionPtr kText =
    shared(test::natural({element("id", ScalarType::Int16), element("s", ScalarType::Char, {4})}));

std::string text_value(const std::string& field) {
    const auto block = read_csv(kText, "id,s\n7," + field + "\n");
    REQUIRE(block.num_rows == 1);
    const auto* const at = reinterpret_cast<const char*>(block.row(0)) + 2;
    return {at, strnlen(at, 4)};
}

std::string text_error(const std::string& field) {
    return csv_error(kText, "id,s\n7," + field + "\n");
}

const DefinitionPtr kPair =
    shared(test::natural({element("gain", ScalarType::Float32, {2}), element("n", ScalarType::UInt8)}));

}  // namespace

TEST_CASE("columns are named by path and indices, row-major, one for each text") {
    const auto definition =
        test::natural({element("pos.x", ScalarType::Float32), element("m", ScalarType::Int16, {2, 2}),
                       element("hit[1].t", ScalarType::Char, {2, 8}), element("s", ScalarType::Char, {8})});
    const std::vector<std::string> expected{"pos.x",   "m[0][0]",     "m[0][1]",     "m[1][0]",
                                            "m[1][1]", "hit[1].t[0]", "hit[1].t[1]", "s"};
    CHECK(text::csv_columns(definition) == expected);
    CHECK(text::csv_header(definition) == "pos.x,m[0][0],m[0][1],m[1][0],m[1][1],hit[1].t[0],hit[1].t[1],s");
}

TEST_CASE("numbers of every type are read at their limits") {
    CHECK(values_of<std::int8_t>(ScalarType::Int8, "-128\n127\n+5\n-0\n") == std::vector<std::int8_t>{-128, 127, 5, 0});
    CHECK(values_of<std::uint8_t>(ScalarType::UInt8, "0\n255\n-0\n007\n") == std::vector<std::uint8_t>{0, 255, 0, 7});
    CHECK(values_of<std::int16_t>(ScalarType::Int16, "-32768\n32767\n") == std::vector<std::int16_t>{-32768, 32767});
    CHECK(values_of<std::uint16_t>(ScalarType::UInt16, "65535\n") == std::vector<std::uint16_t>{65535});
    CHECK(
        values_of<std::int32_t>(ScalarType::Int32, "-2147483648\n2147483647\n") ==
        std::vector<std::int32_t>{std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()});
    CHECK(values_of<std::uint32_t>(ScalarType::UInt32, "4294967295\n") == std::vector<std::uint32_t>{4294967295U});
    CHECK(
        values_of<std::int64_t>(ScalarType::Int64, "-9223372036854775808\n9223372036854775807\n") ==
        std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()});
    CHECK(values_of<std::uint64_t>(ScalarType::UInt64, "18446744073709551615\n9007199254740993\n") ==
          std::vector<std::uint64_t>{std::numeric_limits<std::uint64_t>::max(), 9007199254740993ULL});
    CHECK(values_of<std::uint8_t>(ScalarType::Bool, "0\n1\ntrue\nfalse\nTrue\nFALSE\n") ==
          std::vector<std::uint8_t>{0, 1, 1, 0, 1, 0});
    CHECK(values_of<std::uint32_t>(ScalarType::Float32, "nan\n-inf\n-0\n1.00000005960464477540\n1e-50\n-nan\n") ==
          std::vector<std::uint32_t>{0x7FC00000U, 0xFF800000U, 0x80000000U, 0x3F800001U, 0U, 0x7FC00000U});
    CHECK(values_of<std::uint64_t>(ScalarType::Float64, "NaN\ninf\n-0\n0.1\n\"5\"\n") ==
          std::vector<std::uint64_t>{0x7FF8000000000000ULL, 0x7FF0000000000000ULL, 0x8000000000000000ULL,
                                     0x3FB999999999999AULL, 0x4014000000000000ULL});
}

TEST_CASE("a value that is none of its column is refused with line and column") {
    CHECK(one_error(ScalarType::Int32, "abc") ==
          "value cannot be read, t.csv:3, column a; expected int32 (-2147483648 to 2147483647), found 'abc'");
    CHECK(one_error(ScalarType::UInt8, "300") ==
          "value out of range, t.csv:3, column a; expected uint8 (0 to 255), found '300'");
    CHECK(one_error(ScalarType::UInt8, "-1") ==
          "value out of range, t.csv:3, column a; expected uint8 (0 to 255), found '-1'");
    CHECK(one_error(ScalarType::UInt8, "256").starts_with("value out of range"));
    CHECK(one_error(ScalarType::UInt8, "100").starts_with("no error"));
    CHECK(one_error(ScalarType::Int8, "-129").starts_with("value out of range"));
    CHECK(one_error(ScalarType::UInt64, "18446744073709551616").starts_with("value out of range"));
    CHECK(one_error(ScalarType::Int64, "9223372036854775808").starts_with("value out of range"));
    CHECK(one_error(ScalarType::Int32, "1.5") ==
          "value is not an integer, t.csv:3, column a; expected int32 (-2147483648 to 2147483647), found '1.5'");
    for (const char* text : {"1.0", "1e3", "nan", "inf", "0.0"})
        CHECK(one_error(ScalarType::Int32, text).starts_with("value is not an integer"));
    for (const char* text : {"0x10", "1_0", "--1", "+-1", "abc", "true", "1;2"}) {
        CAPTURE(text);
        CHECK(one_error(ScalarType::Int32, text).starts_with("value cannot be read, t.csv:3, column a"));
    }
    for (const char* text : {"", "\"\"", " "}) {
        CAPTURE(text);
        CHECK(one_error(ScalarType::Int32, text).starts_with("the cell is empty, t.csv:3, column a"));
    }
    for (const char* text : {" 1", "1 ", "\t1"}) CHECK(one_error(ScalarType::Int32, text).starts_with("no error"));
    CHECK(one_error(ScalarType::Int32, "").find("found nothing; every cell holds a value") != std::string::npos);
    CHECK(one_error(ScalarType::Float32, "1e39") ==
          "value out of range, t.csv:3, column a; expected float32 (at most 3.4028235e+38 in size, nan, inf or -inf), "
          "found "
          "'1e39'");
    CHECK(
        one_error(ScalarType::Float64, "1e400") ==
        "value out of range, t.csv:3, column a; expected float64 (at most 1.7976931348623157e+308 in size, nan, inf or "
        "-inf), found '1e400'");
    for (const char* text : {"0x1p3", "1.5x", "1.5.5", "nan(0)", "one"}) {
        CAPTURE(text);
        CHECK(one_error(ScalarType::Float64, text).starts_with("value cannot be read, t.csv:3, column a"));
    }
    CHECK(one_error(ScalarType::Bool, "2") ==
          "value out of range, t.csv:3, column a; expected bool (0, 1, true or false), found '2'");
    CHECK(one_error(ScalarType::Bool, "yes").starts_with("value cannot be read"));
    CHECK(one_error(ScalarType::Int32, std::string(500, 'x')).ends_with("found '" + std::string(60, 'x') + "...'"));
}

TEST_CASE("text is read with and without quotes, and with escapes") {
    CHECK(text_value("\"abc\"") == "abc");
    CHECK(text_value("abc") == "abc");
    CHECK(text_value("\"\"") == "");
    CHECK(text_value("") == "");
    CHECK(text_value("\"a\"\"b\"") == "a\"b");
    CHECK(text_value("\"\"\"\"") == "\"");
    CHECK(text_value("\"a,b\"") == "a,b");
    CHECK(text_value("\"a\\\\b\"") == "a\\b");
    CHECK(text_value("\"\\\\\\\\\"") == "\\\\");
    CHECK(text_value("a\\\\b") == "a\\b");
    CHECK(text_value("\"\\x0a\\xFF\\xfF\"") == "\n\xFF\xFF");
    CHECK(text_value("\"\\x5cx41\"").size() == 4);
    CHECK(text_value("\xC3\xA9") == "\xC3\xA9");
    CHECK(text_value("\" a \"") == " a ");
    CHECK(text_value(" a\t") == "a");  // blanks around fields mean nothing
    CHECK(text_value("\"abcd\"") == "abcd");
    CHECK(text_value("\"\t\"") == "\t");
}

TEST_CASE("text that cannot be stored is refused") {
    CHECK(text_error("\"abcde\"") ==
          "text is too long, t.csv:2, column s; expected at most 4 bytes (the capacity), found 5 bytes");
    CHECK(text_error("\"abc\\xC3\\xA9\"").ends_with("found 5 bytes"));
    CHECK(text_error("\"a\\x00b\"") ==
          "text contains a NUL byte, t.csv:2, column s; expected text without \\x00, found 'a\\x00b'; leave it out: "
          "what is "
          "behind the text is filled with NUL");
    CHECK(text_error(std::string("a\0", 2)).starts_with("text contains a NUL byte"));
    CHECK(
        text_error("\"a\\n\"") ==
        "backslash that begins no escape, t.csv:2, column s; expected \\\\ for a backslash or \\xHH for a byte, found "
        "'a\\n'");
    for (const char* text : {"\"\\\"", "\"\\x\"", "\"\\x1\"", "\"\\x1g\"", "\"\\X41\"", "\\x4"}) {
        CAPTURE(text);
        CHECK(text_error(text).starts_with("backslash that begins no escape"));
    }
    CHECK(
        text_error("\"abc") ==
        "text without its closing double quote, t.csv:2, column s; expected a double quote before the end of the line, "
        "found '\"abc'; write a line end within text as \\x0a");
    CHECK(text_error("\"a\nb\"").starts_with("text without its closing double quote, t.csv:2, column s"));
    CHECK(text_error("\"").starts_with("text without its closing"));
    CHECK(text_error("\"\"\"").starts_with("text without its closing"));
    CHECK(text_error("\"a\"b") ==
          "double quote out of place, t.csv:2, column s; expected text in double quotes, with each double quote in it "
          "doubled, found '\"a\"b'");
    CHECK(text_error("a\"b").starts_with("double quote out of place"));
    CHECK(text_error(" \"a\"").starts_with("no error"));
    CHECK(text_error("\"a\" ").starts_with("no error"));
}

TEST_CASE("a row with another number of fields is refused") {
    CHECK(csv_error(kPair, "gain[0],gain[1],n\n1,2,3\n1,2\n") ==
          "row has too few fields, t.csv:3, column n; expected 3 fields, found 2");
    CHECK(csv_error(kPair, "gain[0],gain[1],n\n1,2,3,4\n") ==
          "row has too many fields, t.csv:2; expected 3 fields, found 4");
    CHECK(csv_error(kPair, "gain[0],gain[1],n\n1,2,3,\n").ends_with("found 4"));
    CHECK(csv_error(kPair, "gain[0],gain[1],n\n1\n") ==
          "row has too few fields, t.csv:2, column gain[1]; expected 3 fields, found 1");
    // A shifted row is reported as what it is.
    CHECK(csv_error(kPair, "gain[0],gain[1],n\nx,2\n").starts_with("row has too few fields"));
    CHECK(csv_error(kPair, "gain[0],gain[1],n\n1,2,3.5,7\n").starts_with("row has too many fields"));
    CHECK(csv_error(kText, "id,s\n1,a,b\n").starts_with("row has too many fields"));
}

TEST_CASE("columns that do not fit the struct are listed with the nearest names") {
    CHECK(csv_error(kPair, "gain[0],gain[1]\n1,2\n") ==
          "columns do not fit struct Sample, t.csv:1; expected column n, found no such column");
    CHECK(csv_error(kPair, "gain[0],gian[1],n\n") ==
          "columns do not fit struct Sample, t.csv:1; expected column gain[1], found unknown column gian[1]; gian[1]: "
          "did "
          "you mean 'gain[1]'?");
    CHECK(csv_error(kPair, "gain[0],gain[1],n,extra_column\n") ==
          "columns do not fit struct Sample, t.csv:1; found unknown column extra_column");
    CHECK(csv_error(kPair, "gain[0],gain[1],gain[2],n\n").find("found unknown column gain[2]") != std::string::npos);
    for (const char* bad : {"gain[-1]", "gain[00]", "gain[+1]", "gain[]", "gain[1", "gain", "gain[0][1]", "n[0]", "N",
                            "gain[18446744073709551617]"}) {
        CAPTURE(bad);
        CHECK(csv_error(kPair, std::string("gain[0],n,") + bad + "\n").find(std::string("unknown column ") + bad) !=
              std::string::npos);
    }
    const auto wide = shared(test::natural({element("a", ScalarType::Int8, {100}), element("b", ScalarType::Int8)}));
    CHECK(csv_error(wide, "b\n1\n") ==
          "columns do not fit struct Sample, t.csv:1; expected columns a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], "
          "a[8], a[9] and 90 more, found none of them");
}

TEST_CASE("a header must be there and name each column once") {
    const auto layout = kPair;
    CHECK(csv_error(layout, "") ==
          "no header, t.csv:1; expected a first line with the names of the columns, found an empty file");
    CHECK(csv_error(layout, "\n1,2,3\n") ==
          "no header, t.csv:1; expected a first line with the names of the columns, found an empty line");
    CHECK(csv_error(layout, "\xEF\xBB\xBF").starts_with("no header"));
    CHECK(csv_error(layout, "gain[0],n,gain[0]\n") ==
          "column 'gain[0]' occurs twice, t.csv:1; expected each column once");
    CHECK(csv_error(layout, "secret,more,secret\n") ==
          "columns do not fit struct Sample, t.csv:1; expected columns gain[0], gain[1], n, found none of the struct's "
          "columns");
    CHECK(csv_error(layout, "gain[0],,n\n") ==
          "column 2 has no name, t.csv:1; expected a name for each column, found nothing");
    CHECK(csv_error(layout, "gain[0],n,\n").starts_with("column 3 has no name"));
    CHECK(csv_error(layout, "gain[0],\"n\n")
              .starts_with("text without its closing double quote, t.csv:1, column 2 of the header"));
    CHECK(
        csv_error(layout, "gain[0],n\"n\n").starts_with("double quote out of place, t.csv:1, column 2 of the header"));
}

TEST_CASE("line ends, byte order marks, quoted headers and any order of columns are accepted") {
    const std::string expected = "gain[0],gain[1],n\n1,2.5,3\n4,5,6\n";
    for (const char* text :
         {"gain[0],gain[1],n\n1,2.5,3\n4,5,6\n", "gain[0],gain[1],n\r\n1,2.5,3\r\n4,5,6\r\n",
          "gain[0],gain[1],n\n1,2.5,3\n4,5,6", "gain[0],gain[1],n\r\n1,2.5,3\r\n4,5,6\r",
          "\xEF\xBB\xBFgain[0],gain[1],n\n1,2.5,3\n4,5,6\n", "n,gain[1],gain[0]\n3,2.5,1\n6,5,4\n",
          " gain[0] ,\"gain[1]\",\tn\n1,2.5,3\n4,5,6\n", "gain[0],gain[1],n\n1,2.5,3\n4,5,6\n\n",
          "gain[0],gain[1],n\n1,2.5,3\n4,5,6\r\n\r\n\n", "gain[0],gain[1],n\n\"1\",\"2.50\",\"3\"\n4e0,5,6\n"}) {
        CAPTURE(text);
        CHECK(write_csv(read_csv(kPair, text)) == expected);
    }
    CHECK(csv_error(kPair, "gain[0],gain[1],n\n1,2,3\n\n4,5,6\n") ==
          "empty line between rows, t.csv:3; expected one row in each line; a row with one empty text is written \"\"");
    CHECK(csv_error(kPair, "gain[0],gain[1],n\n\n4,5,6\n").starts_with("empty line between rows, t.csv:2"));
}

TEST_CASE("tables without rows, and rows of one empty text, are read") {
    for (const char* text :
         {"gain[0],gain[1],n\n", "gain[0],gain[1],n", "gain[0],gain[1],n\r\n", "gain[0],gain[1],n\n\n"}) {
        const auto block = read_csv(kPair, text);
        CHECK(block.num_rows == 0);
        CHECK(block.data.size() == 0);
    }
    const auto single = shared(test::natural({element("s", ScalarType::Char, {3})}));
    const auto block = read_csv(single, "s\n\"\"\nab\n\"\"\n");
    CHECK(block.num_rows == 3);
    CHECK(write_csv(block) == "s\n\"\"\n\"ab\"\n\"\"\n");
}

TEST_CASE("a row of one null is no empty line") {
    for (const ScalarType type : {ScalarType::Ref, ScalarType::Uid, ScalarType::File}) {
        CAPTURE(static_cast<int>(type));
        const auto single = shared(test::natural({element("r", type)}));
        const auto block = read_csv(single, "r\n\"\"\n\"\"\n");
        REQUIRE(block.num_rows == 2);
        CHECK(write_csv(block) == "r\n\"\"\n\"\"\n");
        const auto pair = shared(test::natural({element("r", type, {2})}));
        CHECK(write_csv(read_csv(pair, "r[0],r[1]\n,\n")) == "r[0],r[1]\n,\n");
    }
}

TEST_CASE("columns and fits tell which definition an input is of") {
    std::istringstream in(" n ,gain[1],gain[0]\n1,2,3\n");
    const auto reader = text::make_row_reader(in, "t.csv");
    CHECK(reader->columns() == std::vector<std::string>{"n", "gain[1]", "gain[0]"});
    CHECK(reader->fits(*kPair));
    CHECK_FALSE(reader->fits(*kText));
    CHECK_FALSE(
        reader->fits(test::natural({element("gain", ScalarType::Float32, {3}), element("n", ScalarType::UInt8)})));
    CHECK_FALSE(
        reader->fits(test::natural({element("gain", ScalarType::Float32, {2, 1}), element("n", ScalarType::UInt8)})));
    CHECK_FALSE(reader->fits(test::natural({element("gain", ScalarType::Float32, {2})})));
    // A hostile definition costs no memory.
    CHECK_FALSE(reader->fits(test::natural(
        {element("gain", ScalarType::Char, {std::uint64_t{1} << 40U, 1}), element("n", ScalarType::UInt8)})));
    CHECK(reader->read(kPair).num_rows == 1);
}

TEST_CASE("rows lie at their offsets, and padding and the rest of text are zero") {
    auto definition = test::natural(
        {element("a", ScalarType::UInt8), element("b", ScalarType::Float64), element("s", ScalarType::Char, {5})});
    const auto block = read_csv(shared(definition), "a,s,b\n255,\"x\",1\n1,\"\",0\n");
    REQUIRE(definition.size == 24);
    CHECK(reinterpret_cast<std::uintptr_t>(block.data.data()) % 64 == 0);
    CHECK(as_text(block.data.bytes()) ==
          std::string(
              "\xFF\0\0\0\0\0\0\0\0\0\0\0\0\0\xF0\x3Fx\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
              48));
    // Unaligned places too.
    auto packed = definition;
    packed.alignment = 1;
    packed.size = 14;
    packed.elements[1].offset = 1;
    packed.elements[2].offset = 9;
    CHECK(write_csv(read_csv(shared(packed), "a,s,b\n255,\"x\",-1.5\n")) == "a,b,s\n255,-1.5,\"x\"\n");
}

TEST_CASE("an input that cannot be read is an error, not an empty table") {
    std::ifstream missing("/nonexistent/etalon/file.csv");
    CHECK(test::message_of([&] { (void)text::make_csv_reader(missing, "file.csv"); }) ==
          "cannot read the input, file.csv");
    std::istringstream in("a\n1\n");
    in.setstate(std::ios::badbit);
    CHECK(test::message_of([&] { (void)text::make_row_reader(in, "x"); }) == "cannot read the input, x");
}

TEST_CASE("written text has no byte outside printable ASCII") {
    const auto layout = shared(test::natural({element("s", ScalarType::Char, {8})}));
    auto block = read_csv(layout, "s\nx\n");
    std::memcpy(block.row(0), "\"\\\n\xFF\x7f\0zz", 8);
    CHECK(write_csv(block) == "s\n\"\"\"\\\\\\x0a\\xff\\x7f\"\n");
    std::string value;
    text::append_value(value, layout->elements[0], block.row(0), 0);
    CHECK(value == "\"\"\"\\\\\\x0a\\xff\\x7f\"");
    std::memcpy(block.row(0), "a\\ \"b\"\0z", 8);
    value.clear();
    text::append_value(value, layout->elements[0], block.row(0), 0);
    CHECK(value == "a\\ \"b\"");
}

TEST_CASE("defaults are read in the text form of CSV") {
    std::array<std::byte, 16> room{};
    const auto write = [&](const Element& to, std::string_view text) {
        return schema::write_default(to, text, room.data());
    };
    CHECK(write(element("a", ScalarType::Float64, {2}), "1.5"));
    std::string shown;
    text::append_value(shown, element("a", ScalarType::Float64, {2}), room.data(), 1);
    CHECK(shown == "1.5");
    CHECK(write(element("s", ScalarType::Char, {2, 4}), "\"a\\x41\""));
    CHECK(as_text(std::span(room).first(8)) == std::string("aA\0\0aA\0\0", 8));
    CHECK(write(element("s", ScalarType::Char, {4}), "abcd"));
    CHECK(write(element("s", ScalarType::Char, {4}), ""));
    CHECK(write(element("b", ScalarType::Bool), "true"));
    CHECK(room[0] == std::byte{1});
    const auto before = room;
    CHECK_FALSE(write(element("s", ScalarType::Char, {4}), "abcde"));
    CHECK_FALSE(write(element("s", ScalarType::Char, {4}), "\"a"));
    CHECK_FALSE(write(element("s", ScalarType::Char, {4}), "a\\"));
    CHECK_FALSE(write(element("a", ScalarType::UInt8), "256"));
    CHECK_FALSE(write(element("a", ScalarType::UInt8), "1.5"));
    CHECK_FALSE(write(element("a", ScalarType::UInt8), ""));
    CHECK_FALSE(write(element("a", ScalarType::Float32), "1e39"));
    CHECK_FALSE(write(element("a", ScalarType::Float32), "Red"));
    auto color = element("c", ScalarType::Int16);
    color.enumerators = {{"Red", 0}, {"Blue", -2}};
    CHECK_FALSE(write(color, "Green"));
    CHECK(room == before);
    CHECK(write(color, "Blue"));
    std::int16_t value = 0;
    std::memcpy(&value, room.data(), sizeof value);
    CHECK(value == -2);
}
