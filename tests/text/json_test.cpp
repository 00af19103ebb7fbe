#include <doctest/doctest.h>

#include <clocale>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "text/readers.h"
#include "text/support.h"

namespace {

using namespace etalon;
using test::element;
using test::json_error;
using test::read_json;
using test::shared;
using test::write_csv;
using test::write_json;

const DefinitionPtr kRow =
    shared(test::natural({element("n", ScalarType::Int32), element("x", ScalarType::Float32, {2, 2}),
                          element("s", ScalarType::Char, {4}), element("t", ScalarType::Char, {2, 3})}));

/// One row of kRow with the parts given replaced.
std::string row(std::string n = "1", std::string x = "[[1, 2], [3, 4]]", std::string s = "\"ab\"",
                std::string t = "[\"a\", \"b\"]") {
    return "[{\"n\": " + n + ", \"x\": " + x + ", \"s\": " + s + ", \"t\": " + t + "}]";
}

template <class T>
T value_of(ScalarType type, const std::string& json) {
    const auto layout = shared(test::natural({element("a", type)}));
    const auto block = read_json(layout, "[{\"a\": " + json + "}]");
    REQUIRE(block.num_rows == 1);
    T value{};
    std::memcpy(&value, block.row(0), sizeof value);
    return value;
}

std::string one_error(ScalarType type, const std::string& json) {
    return json_error(shared(test::natural({element("a", type)})), "[{\"a\": 1},\n{\"a\": " + json + "}]");
}

}  // namespace

TEST_CASE("a list of rows, or an object with one, is read") {
    const std::string expected = "n,x[0][0],x[0][1],x[1][0],x[1][1],s,t[0],t[1]\n1,1,2,3,4,\"ab\",\"a\",\"b\"\n";
    const std::string plain = row();
    CHECK(write_csv(read_json(kRow, plain)) == expected);
    CHECK(write_csv(read_json(kRow, "\xEF\xBB\xBF \n" + plain + "\n")) == expected);
    CHECK(write_csv(read_json(kRow, "{\"rows\": " + plain + "}")) == expected);
    CHECK(write_csv(read_json(kRow,
                              "{\"name\": \"r\", \"end\": null, \"elements\": [{\"rows\": [1]}, [2]], \"ok\": true, "
                              "\"k\": 1.5, \"rows\": " +
                                  plain + ", \"missing\": [], \"o\": {\"rows\": 3}}")) == expected);
    CHECK(read_json(kRow, "[]").num_rows == 0);
    CHECK(read_json(kRow, "{\"status\": \"Gap\", \"rows\": []}").num_rows == 0);
    CHECK(read_json(kRow, "[" + plain.substr(1, plain.size() - 2) + "," + plain.substr(1)).num_rows == 2);
}

TEST_CASE("the key elementID is no element, unless the struct has one") {
    const auto plain = shared(test::natural({element("a", ScalarType::Int32)}));
    const auto with_id =
        shared(test::natural({element("elementID", ScalarType::Int32), element("a", ScalarType::Int32)}));
    const std::string text = "[{\"elementID\": 7, \"a\": 1}]";
    CHECK(write_csv(read_json(plain, text)) == "a\n1\n");
    CHECK(write_csv(read_json(plain, "[{\"elementID\": [1, {\"x\": 2}], \"a\": 1}]")) == "a\n1\n");
    CHECK(write_csv(read_json(plain, "[{\"elementID\": {\"x\": [2]}, \"a\": 1}]")) == "a\n1\n");
    CHECK(write_csv(read_json(with_id, text)) == "elementID,a\n7,1\n");
    std::istringstream in(text);
    const auto reader = text::make_row_reader(in, "t.json");
    CHECK(reader->fits(*plain));
    CHECK(reader->fits(*with_id));
    CHECK(reader->columns() == std::vector<std::string>{"a"});

    const std::int64_t id = -3;
    std::string out;
    const auto block = read_json(with_id, text);
    text::append_json_row(out, *with_id, block.row(0), &id);
    CHECK(out == "{\"elementID\": 7, \"a\": 1}");
    out.clear();
    text::append_json_row(out, *plain, read_json(plain, text).row(0), &id);
    CHECK(out == "{\"elementID\": -3, \"a\": 1}");
}

TEST_CASE("numbers keep every bit through JSON") {
    CHECK(value_of<std::int64_t>(ScalarType::Int64, "-9223372036854775808") ==
          std::numeric_limits<std::int64_t>::min());
    CHECK(value_of<std::uint64_t>(ScalarType::UInt64, "18446744073709551615") ==
          std::numeric_limits<std::uint64_t>::max());
    CHECK(value_of<std::uint64_t>(ScalarType::UInt64, "\"18446744073709551615\"") ==
          std::numeric_limits<std::uint64_t>::max());
    CHECK(value_of<std::int64_t>(ScalarType::Int64, "\"-9007199254740993\"") == -9007199254740993);
    CHECK(value_of<std::int64_t>(ScalarType::Int64, "9007199254740993") == 9007199254740993);
    CHECK(value_of<std::uint8_t>(ScalarType::UInt8, "-0") == 0);
    CHECK(value_of<std::uint8_t>(ScalarType::Bool, "true") == 1);
    CHECK(value_of<std::uint8_t>(ScalarType::Bool, "false") == 0);
    CHECK(value_of<std::uint8_t>(ScalarType::Bool, "1") == 1);
    CHECK(value_of<std::uint8_t>(ScalarType::Bool, "\"true\"") == 1);
    CHECK(value_of<std::uint32_t>(ScalarType::Float32, "1.00000005960464477540") == 0x3F800001U);
    CHECK(value_of<std::uint32_t>(ScalarType::Float32, "16777217") == 0x4B800000U);
    CHECK(value_of<std::uint32_t>(ScalarType::Float32, "-0") == 0x80000000U);
    CHECK(value_of<std::uint32_t>(ScalarType::Float32, "-0.0") == 0x80000000U);
    CHECK(value_of<std::uint64_t>(ScalarType::Float64, "-0") == 0x8000000000000000ULL);
    CHECK(value_of<std::uint32_t>(ScalarType::Float32, "\"NaN\"") == 0x7FC00000U);
    CHECK(value_of<std::uint64_t>(ScalarType::Float64, "\"-Infinity\"") == 0xFFF0000000000000ULL);
    CHECK(value_of<std::uint64_t>(ScalarType::Float64, "\"Infinity\"") == 0x7FF0000000000000ULL);
    CHECK(value_of<double>(ScalarType::Float64, "18446744073709551616") == 18446744073709551616.0);
    CHECK(value_of<double>(ScalarType::Float64, "1e-400") == 0);
    CHECK(value_of<double>(ScalarType::Float64, "\"0.1\"") == 0.1);
}

TEST_CASE("a value that is none of its element is refused with line, row and element") {
    CHECK(one_error(ScalarType::Int32, "\"abc\"") ==
          "value cannot be read, t.json:2, row 1, element a; expected int32 (-2147483648 to 2147483647), found 'abc'");
    CHECK(one_error(ScalarType::UInt8, "300") ==
          "value out of range, t.json:2, row 1, element a; expected uint8 (0 to 255), found '300'");
    CHECK(one_error(ScalarType::UInt8, "-1").ends_with("expected uint8 (0 to 255), found '-1'"));
    CHECK(one_error(ScalarType::UInt64, "18446744073709551616").starts_with("value out of range"));
    CHECK(one_error(ScalarType::Int64, "9223372036854775808").starts_with("value out of range"));
    CHECK(
        one_error(ScalarType::Int32, "1.5") ==
        "value is not an integer, t.json:2, row 1, element a; expected int32 (-2147483648 to 2147483647), found '1.5'");
    CHECK(one_error(ScalarType::Int32, "1.0").starts_with("value is not an integer"));
    CHECK(one_error(ScalarType::Int32, "\"NaN\"").starts_with("value is not an integer"));
    CHECK(one_error(ScalarType::Int32, "true").ends_with("found 'true'"));
    CHECK(one_error(ScalarType::Bool, "2").starts_with("value out of range"));
    CHECK(one_error(ScalarType::Float32, "1e39").starts_with("value out of range, t.json:2, row 1, element a"));
    CHECK(one_error(ScalarType::Float64, "1e400") ==
          "value out of range, t.json:2, row 1, element a; expected float64 (at most 1.7976931348623157e+308 in size, "
          "nan, "
          "inf or -inf), found '1e400'");
    CHECK(one_error(ScalarType::Int32, "1e400").starts_with("value "));
    CHECK(json_error(shared(test::natural({element("a", ScalarType::Float64)})), "[{\"a\": 1e400}]")
              .starts_with("value out of range, t.json:1, row 0"));
    CHECK(one_error(ScalarType::Float32, "null") ==
          "value cannot be read, t.json:2, row 1, element a; expected float32 (at most 3.4028235e+38 in size, nan, inf "
          "or "
          "-inf), found null; write \"NaN\" for not a number");
    CHECK(one_error(ScalarType::Int32, "null").ends_with("found null"));
    CHECK(one_error(ScalarType::Float32, "NaN").starts_with("not JSON, t.json:2, row 1; found "));
}

TEST_CASE("text is a string, or an object with hexadecimal digits") {
    const auto text = [](const std::string& json) {
        const auto block = read_json(kRow, row("1", "[[1, 2], [3, 4]]", json));
        const auto* const at = reinterpret_cast<const char*>(block.row(0)) + kRow->elements[2].offset;
        return std::string(at, strnlen(at, 4));
    };
    const auto error = [](const std::string& json) { return json_error(kRow, row("1", "[[1, 2], [3, 4]]", json)); };
    CHECK(text("\"\"") == "");
    CHECK(text("\"abcd\"") == "abcd");
    CHECK(text("\"\\u00e9\\n\"") == "\xC3\xA9\n");
    CHECK(text("\"\\ud83d\\ude00\"") == "\xF0\x9F\x98\x80");
    CHECK(text("{\"hex\": \"FFfe\"}") == "\xFF\xFE");
    CHECK(text("{\"hex\": \"\"}") == "");
    CHECK(write_csv(read_json(kRow, row("1", "[[1, 2], [3, 4]]", "\"\"", "[\"x\", {\"hex\": \"80\"}]")))
              .ends_with("\"\",\"x\",\"\\x80\"\n"));
    CHECK(error("\"abcde\"") ==
          "text is too long, t.json:1, row 0, element s; expected at most 4 bytes (the capacity), found 5 bytes");
    CHECK(error("{\"hex\": \"6162636465\"}").ends_with("expected at most 4 bytes (the capacity), found 5 bytes"));
    CHECK(error("\"a\\u0000\"").starts_with("text contains a NUL byte, t.json:1, row 0, element s"));
    CHECK(error("{\"hex\": \"6100\"}").starts_with("text contains a NUL byte"));
    CHECK(error("{\"hex\": \"6\"}") ==
          "not a hexadecimal text, t.json:1, row 0, element s; expected an even number of hexadecimal digits, found 1 "
          "characters");
    CHECK(error("5") ==
          "value cannot be read, t.json:1, row 0, element s; expected text of at most 4 bytes, found '5'");
    CHECK(error("true").ends_with("found 'true'"));
    CHECK(error("null").ends_with("found null"));
    CHECK(error("[\"a\"]") == "value of another shape, t.json:1, row 0, element s; expected a text, found a list");
    for (const char* bad : {"{}", "{\"hex\": 5}", "{\"hx\": \"61\"}", "{\"hex\": \"61\", \"hex\": \"62\"}",
                            "{\"hex\": \"61\", \"a\": 1}", "{\"hex\": [\"61\"]}", "{\"hex\": {}}", "{\"hex\": null}"}) {
        CAPTURE(bad);
        CHECK(error(bad).starts_with("object that is no text at element s, t.json:1, row 0"));
    }
}

TEST_CASE("lists must have exactly the dimensions of the array") {
    const auto error = [](const std::string& json) { return json_error(kRow, row("1", json)); };
    CHECK(error("[[1, 2], [3]]") ==
          "list of another length, t.json:1, row 0, element x[1]; expected a list of 2, found 1");
    CHECK(error("[[1, 2, 9], [3, 4]]") ==
          "list of another length, t.json:1, row 0, element x[0]; expected a list of 2, found 3");
    CHECK(error("[[1, 2], [3, 4], [5, 6]]") ==
          "list of another length, t.json:1, row 0, element x; expected a list of 2, found 3");
    CHECK(error("[[1, 2]]").ends_with("element x; expected a list of 2, found 1"));
    CHECK(error("[]").ends_with("element x; expected a list of 2, found 0"));
    CHECK(error("5") == "value of another shape, t.json:1, row 0, element x; expected a list of 2, found a value");
    CHECK(error("[1, 2]") ==
          "value of another shape, t.json:1, row 0, element x[0]; expected a list of 2, found a value");
    CHECK(error("[[[1], 2], [3, 4]]") ==
          "value of another shape, t.json:1, row 0, element x[0][0]; expected float32, found a list");
    CHECK(error("{}") == "value of another shape, t.json:1, row 0, element x; expected a list of 2, found an object");
    CHECK(error("[[{}, 2], [3, 4]]").ends_with("element x[0][0]; expected float32, found an object"));
    CHECK(json_error(kRow, row("[1]")).ends_with("element n; expected int32, found a list"));
    CHECK(json_error(kRow, row("{\"a\": 1}")).ends_with("element n; expected int32, found an object"));
}

TEST_CASE("nested elements come as dotted keys, objects or lists of objects") {
    const auto nested =
        shared(test::natural({element("hit[0].pos.x", ScalarType::Int32), element("hit[0].adc", ScalarType::Int32, {2}),
                              element("hit[1].pos.x", ScalarType::Int32), element("hit[1].adc", ScalarType::Int32, {2}),
                              element("cal.hex", ScalarType::Char, {3})}));
    const std::string expected =
        "hit[0].pos.x,hit[0].adc[0],hit[0].adc[1],hit[1].pos.x,hit[1].adc[0],hit[1].adc[1],cal.hex\n1,2,3,4,5,6,"
        "\"x\"\n";
    for (
        const char* text :
        {R"([{"hit[0].pos.x": 1, "hit[0].adc": [2, 3], "hit[1].pos.x": 4, "hit[1].adc": [5, 6], "cal.hex": "x"}])",
         R"([{"cal": {"hex": "x"}, "hit": [{"pos": {"x": 1}, "adc": [2, 3]}, {"adc": [5, 6], "pos.x": 4}]}])",
         R"([{"hit[1]": {"pos": {"x": 4}, "adc": [5, 6]}, "hit": [{"pos": {"x": 1}, "adc": [2, 3]}], "cal": {"hex": "x"}}])",
         R"([{"hit[1].pos": {"x": 4}, "hit": [{"pos": {"x": 1}, "adc": [2, 3]}, {"adc": [5, 6]}], "cal": {"hex": "x"}}])"}) {
        CAPTURE(text);
        std::istringstream in(text);
        const auto reader = text::make_row_reader(in, "t.json");
        CHECK(reader->fits(*nested));
        const auto rows = reader->read(nested);
        CHECK(write_csv(rows) == expected);
        CHECK(read_json(nested, write_json(rows)).num_rows == 1);
    }
    CHECK(
        json_error(
            nested,
            R"([{"hit": [{"pos": {"x": 1}, "adc": [2, 3]}, {"pos": {"x": 1}, "adc": [2, 3]}, {}], "cal.hex": ""}])") ==
        "elements do not fit struct Sample, t.json:1, row 0; found unknown element hit[2]");
    CHECK(json_error(nested, R"([{"hit": [{"pos": {"x": 1}, "adc": [2, 3]}, {"pos": {"x": 1}}], "cal.hex": ""}])") ==
          "elements do not fit struct Sample, t.json:1, row 0; expected element hit[1].adc, found no such element");
}

TEST_CASE("unknown, missing and repeated elements are refused") {
    CHECK(json_error(kRow, R"([{"n": 1, "x": [[1, 2], [3, 4]], "s": ""}])") ==
          "elements do not fit struct Sample, t.json:1, row 0; expected element t, found no such element");
    CHECK(json_error(kRow, R"([{"n": 1, "x": [[1, 2], [3, 4]], "s": "", "t": ["", ""], "zzzzzz": [1, {"a": 2}]}])") ==
          "elements do not fit struct Sample, t.json:1, row 0; found unknown element zzzzzz");
    CHECK(json_error(kRow, R"([{"n": 1, "x": [[1, 2], [3, 4]], "s": "", "t": ["", ""], "zzzzzz": {}}])")
              .ends_with("unknown element zzzzzz"));
    CHECK(json_error(kRow, R"([{"n": 1, "x": [[1, 2], [3, 4]], "s": "", "t": ["", ""], "zzzzzz": []}])")
              .ends_with("unknown element zzzzzz"));
    CHECK(json_error(kRow, "[{}]").find("expected elements n, x, s, t, found none of them") != std::string::npos);
    CHECK(json_error(kRow, R"([{"n": 1, "n": 2, "x": [[1, 2], [3, 4]], "s": "", "t": ["", ""]}])") ==
          "element occurs twice in one row, t.json:1, row 0, element n; expected each element once");
    CHECK(json_error(kRow, R"([{"n": 1, "x": [[1, 2], [3, 4]], "x": [[1, 2], [3, 4]], "s": "", "t": ["", ""]}])")
              .starts_with("element occurs twice"));
    const auto long_name = shared(test::natural({element("samplingFrequency", ScalarType::Float32)}));
    CHECK(
        json_error(long_name, R"([{"samplingFreqency": 1}])") ==
        "elements do not fit struct Sample, t.json:1, row 0; expected element samplingFrequency, found unknown element "
        "samplingFreqency; samplingFreqency: did you mean 'samplingFrequency'?");
    // A list is a list: an index in a key is not an item of an array.
    const auto pair = shared(test::natural({element("a", ScalarType::Int32, {1})}));
    std::istringstream in(R"([{"a[0]": 1}])");
    CHECK_FALSE(text::make_row_reader(in, "t.json")->fits(*pair));
    CHECK(json_error(pair, R"([{"a[0]": 1}])").find("unknown element a[0]") != std::string::npos);
}

TEST_CASE("what is not JSON, or not rows, is refused with its line") {
    const auto layout = shared(test::natural({element("a", ScalarType::Int32)}));
    CHECK(json_error(layout, "").starts_with("not JSON, t.json:1; found syntax error"));
    CHECK(json_error(layout, "[{\"a\": 1}").starts_with("not JSON, t.json:1"));
    CHECK(json_error(layout, "[{\"a\": 1}\n,\n]").starts_with("not JSON, t.json:3"));
    CHECK(json_error(layout, "[{\"a\": 1}] x").starts_with("not JSON, t.json:1"));
    CHECK(json_error(layout, "[{\"a\": 1}][]").starts_with("not JSON, t.json:1"));
    CHECK(json_error(layout, "[{\"a\": 1}]{").starts_with("not JSON"));
    CHECK(json_error(layout, "[{\"a\": 01}]").starts_with("not JSON"));
    CHECK(json_error(layout, "[{'a': 1}]").starts_with("not JSON"));
    CHECK(json_error(layout, "[{\"a\": \"\xFF\"}]").starts_with("not JSON"));
    CHECK(json_error(layout, "5") ==
          "no rows, t.json:1; expected a list of objects, or an object with a list \"rows\", found a single value");
    CHECK(json_error(layout, "{}") ==
          "no rows, t.json:1; expected a list of objects, or an object with a list \"rows\", found none");
    CHECK(json_error(layout, "{\"a\": 1}").starts_with("no rows"));
    CHECK(json_error(layout, "{\"rows\": 1}") ==
          "no rows, t.json:1; expected a list at the key \"rows\", found a single value");
    CHECK(json_error(layout, "{\"rows\": {}}").ends_with("found an object"));
    CHECK(json_error(layout, "{\"rows\": [], \"rows\": []}").starts_with("two lists of rows"));
    CHECK(json_error(layout, "[1]") == "row 0 is not an object, t.json:1; expected rows as {\"element\": value, ...}");
    CHECK(json_error(layout, "[{\"a\": 1},\n[1]]").starts_with("row 1 is not an object, t.json:2"));
    CHECK(json_error(layout, "[null]").starts_with("row 0 is not an object"));
    const std::string deep(100000, '[');
    CHECK(json_error(layout, "[{\"zz\": " + deep).find("nested too deeply") != std::string::npos);
    CHECK(json_error(layout, "{\"zz\": " + deep).starts_with("not JSON"));
    std::string objects = "[{\"zz\": ";
    for (int i = 0; i < 10000; ++i) objects += "{\"a\": ";
    CHECK(json_error(layout, objects).find("nested too deeply") != std::string::npos);
}

namespace {

/// `head`, and then `again` for ever.
class Endless final : public std::streambuf {
public:
    Endless(std::string head, const std::string& again) : text_(std::move(head)) {
        while (again_.size() < 65536) again_ += again;
        setg(text_.data(), text_.data(), text_.data() + text_.size());
    }
    [[nodiscard]] std::uint64_t given() const noexcept { return given_; }

protected:
    int_type underflow() override {
        given_ += again_.size();
        setg(again_.data(), again_.data(), again_.data() + again_.size());
        return traits_type::to_int_type(*gptr());
    }

private:
    std::string text_;
    std::string again_;
    std::uint64_t given_ = 0;
};

}  // namespace

TEST_CASE("a text, a number, white space or a first row without an end is refused when it is too long") {
    const auto layout = shared(test::natural({element("a", ScalarType::Int32)}));
    constexpr text::JsonLimits kLimits{std::uint64_t{1} << 20, std::uint64_t{4} << 20};
    const auto refused = [&](std::string head, const std::string& again) -> std::string {
        CAPTURE(head);
        Endless endless(std::move(head), again);
        std::istream in(&endless);
        std::string said = "nothing";
        try {
            (void)text::make_json_reader(text::TextSource(in, "t.json"), kLimits)->read(layout);
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::BadInput);
            said = error.what();
        }
        CHECK(endless.given() < (std::uint64_t{6} << 20));
        return said;
    };
    const std::string token = "a text, a number or the white space between two is too long, t.json:";
    CHECK(refused("[{\"a\": \"", "x").starts_with(token + "1; expected at most 1 MB"));
    CHECK(refused("[{\"", "x").starts_with(token));
    CHECK(refused("[{\"a\": 1", "1").starts_with(token));
    CHECK(refused("[{\"a\": 1}\n, ", " ").starts_with(token + "2"));
    CHECK(refused("{\"zz\": \"", "x").starts_with(token));
    CHECK(refused("[{\"a\": [1", ",1").starts_with("the first row is too long, t.json"));
    CHECK(refused("{\"zz\": [1", ",1").starts_with("the first row is too long, t.json"));
}

TEST_CASE("the first row gives the columns, and no rows fit every definition") {
    std::istringstream in(row());
    const auto reader = text::make_row_reader(in, "t.json");
    CHECK(reader->columns() == text::csv_columns(*kRow));
    CHECK(reader->fits(*kRow));
    CHECK_FALSE(reader->fits(test::natural({element("n", ScalarType::Int32)})));
    std::istringstream hex(row("1", "[[1, 2], [3, 4]]", "{\"hex\": \"ff\"}", "[{\"hex\": \"ff\"}, \"x\"]"));
    const auto hex_reader = text::make_row_reader(hex, "t.json");
    CHECK(hex_reader->fits(*kRow));
    CHECK(hex_reader->columns() == text::csv_columns(*kRow));
    std::istringstream none("{\"rows\": []}");
    const auto empty = text::make_row_reader(none, "t.json");
    CHECK(empty->columns().empty());
    CHECK(empty->fits(*kRow));
}

TEST_CASE("rows are written with exact numbers and valid JSON") {
    const auto layout = shared(test::natural(
        {element("b", ScalarType::Bool), element("u", ScalarType::UInt64), element("f", ScalarType::Float32, {5}),
         element("s", ScalarType::Char, {8}), element("t", ScalarType::Char, {2, 4})}));
    const auto block = test::read_csv(
        layout,
        "b,u,f[0],f[1],f[2],f[3],f[4],s,t[0],t[1]\n"
        "1,18446744073709551615,nan,inf,-inf,-0,0.1,\"\"\"\\\\\\x0a\\x01\\x7f\\xc3\\xa9\",\"\\xff\",\"\"\n");
    std::string out;
    text::append_json_row(out, *layout, block.row(0));
    CHECK(out ==
          "{\"b\": true, \"u\": 18446744073709551615, \"f\": [\"NaN\", \"Infinity\", \"-Infinity\", -0.0, 0.1], "
          "\"s\": \"\\\"\\\\\\n\\u0001\\u007f\xC3\xA9\", \"t\": [{\"hex\": \"ff\"}, \"\"]}");
    CHECK(nlohmann::json::parse(out).at("u") == std::numeric_limits<std::uint64_t>::max());
    CHECK(write_csv(read_json(layout, "[" + out + "]")) == write_csv(block));
}

TEST_CASE("the locale of the process does not matter") {
    const std::string before = std::setlocale(LC_NUMERIC, nullptr);
    bool found = false;
    for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"})
        found = found || std::setlocale(LC_NUMERIC, name) != nullptr;
    // Without such a locale the values are still checked, in the usual one.
    if (!found) MESSAGE("no locale with a decimal comma here");
    CHECK(value_of<double>(ScalarType::Float64, "1.5") == 1.5);
    CHECK(value_of<float>(ScalarType::Float32, "2.5e3") == 2500.0F);
    std::setlocale(LC_NUMERIC, before.c_str());
}

TEST_CASE("rows that come in many pieces are the same rows, and errors know their line") {
    const auto layout =
        shared(test::natural({element("n", ScalarType::Int32), element("x", ScalarType::Float64, {16})}));
    // More than a reader takes of an input at once, and more than it hands on at once.
    constexpr std::uint64_t kRows = 20'000;
    const std::string list = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, ";
    const auto text_of = [&](std::uint64_t bad) {
        std::string text = "{\"name\": \"many\",\n\"rows\": [\n";
        for (std::uint64_t row = 0; row < kRows; ++row) {
            text += (row == 0 ? "" : ",\n") + std::string(R"({"n": )") + std::to_string(row) + R"(, "x": )" + list +
                    (row == bad ? "true" : std::to_string(row)) + "]}";
        }
        return text + "\n]}\n";
    };
    std::istringstream in(text_of(kRows));
    const auto reader = text::make_row_reader(in, "t.json");
    REQUIRE(reader->fits(*layout));
    std::uint64_t rows = 0;
    std::size_t pieces = 0;
    std::size_t wrong = 0;
    reader->read(layout, [&](const schema::RowBlock& piece) {
        CHECK(piece.bytes().size() < 2 * 1024 * 1024);
        ++pieces;
        for (std::uint64_t i = 0; i < piece.num_rows; ++i, ++rows) {
            std::int32_t n = 0;
            double last = 0;
            std::memcpy(&n, piece.row(i), sizeof n);
            std::memcpy(&last, piece.row(i) + layout->size - sizeof last, sizeof last);
            wrong += n != static_cast<std::int32_t>(rows) || last != static_cast<double>(rows) ? 1 : 0;
        }
    });
    CHECK(rows == kRows);
    CHECK(wrong == 0);
    CHECK(pieces > 2);
    for (const std::uint64_t bad : {0, 1, 9'999, 19'999}) {
        const auto message = json_error(layout, text_of(bad));
        CAPTURE(message);
        CHECK(message.find("t.json:" + std::to_string(bad + 3) + ", row " + std::to_string(bad) + ", element x[15]") !=
              std::string::npos);
    }
}
