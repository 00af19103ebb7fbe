#include "text/typed_header.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstddef>
#include <cstdint>
#include <sstream>

#include "schema/c_types.h"
#include "schema/definition.h"
#include "text/support.h"
#include "text/text.h"

using namespace etalon;
using test::message_of;
using text::define_struct;
using text::read_typed_header;
using Fields = std::vector<std::string>;

namespace {

/// `path type` of every element.
std::vector<std::string> elements_of(const Fields& fields) {
    std::vector<std::string> list;
    for (const auto& element : read_typed_header(fields, "t.csv:1").elements) {
        list.push_back(element.path + " " + text::type_text(element));
    }
    return list;
}

std::string refusal(const Fields& fields) {
    return message_of([&] { (void)define_struct(read_typed_header(fields, "t.csv:1"), "S", "t.csv:1"); });
}

std::string type_of(const std::string& spelling) {
    const auto type = schema::find_c_type(spelling);
    return type ? std::string(name_of(*type)) : "none";
}

bool says(const std::string& text, const std::string& part) {
    if (text.find(part) != std::string::npos) return true;
    MESSAGE(text);
    return false;
}

std::unique_ptr<text::TypedCsvReader> reader_of(std::istringstream& in) {
    return text::make_typed_csv_reader(in, "t.csv");
}

}  // namespace

TEST_CASE("types are those of C, in any order that C allows, and those of definitions") {
    for (const auto& [spelling, name] : std::vector<std::pair<std::string, std::string>>{
             {"int", "int32"},
             {"signed", "int32"},
             {"unsigned", "uint32"},
             {"int  unsigned", "uint32"},
             {"short", "int16"},
             {"unsigned short int", "uint16"},
             {"long", "int64"},
             {"long unsigned int", "uint64"},
             {"long long", "int64"},
             {"unsigned long long", "uint64"},
             {"char", "int8"},
             {"signed char", "int8"},
             {"unsigned char", "uint8"},
             {"float", "float32"},
             {"double", "float64"},
             {"bool", "bool"},
             {"_Bool", "bool"},
             {"int8_t", "int8"},
             {"std::uint64_t", "uint64"},
             {"uint8", "uint8"},
             {"float32", "float32"},
             {"long double", "none"},
             {"long long long", "none"},
             {"short long", "none"},
             {"unsigned float", "none"},
             {"float32_t", "none"},
             {"std::int32", "none"},
             {"bool_t", "none"},
             {"char_t", "none"},
             {"Int", "none"},
             {"int*", "none"},
             {"", "none"},
         }) {
        CAPTURE(spelling);
        CHECK(type_of(spelling) == name);
    }
}

TEST_CASE("a header without types is a list of names") {
    const auto header = read_typed_header({"a", "gain[0]", "pos.x"}, "t.csv:1");
    CHECK_FALSE(header.typed);
    CHECK(header.columns == Fields{"a", "gain[0]", "pos.x"});
    CHECK(header.elements.empty());
}

TEST_CASE("types stand behind a colon or a blank, with blanks anywhere") {
    const Fields expected = {"n uint16", "x float64", "gain float32[3]", "label char[8]", "time int64"};
    CHECK(elements_of({"n:unsigned short", "x:double", "gain[3]:float", "label:char[8]", "time:std::int64_t"}) ==
          expected);
    CHECK(elements_of({"n unsigned short", "x double", "gain[3] float", "label char[8]", "time std::int64_t"}) ==
          expected);
    CHECK(elements_of({" n :  unsigned  short ", "x\tdouble", "gain [ 3 ] : float", "label char [8]", "time:int64"}) ==
          expected);
    CHECK(elements_of({"n:uint16", "x:float64", "gain:float[3]", "label[8]:char", "time:long"}) == expected);
}

TEST_CASE("sizes behind a name or a type stand for columns, and the last one of char for the bytes of a text") {
    const auto header = read_typed_header({"m[2]:float[3]", "names[2]:char[16]", "c:char", "one[1]:int"}, "t.csv:1");
    CHECK(header.columns == Fields{"m[0][0]", "m[0][1]", "m[0][2]", "m[1][0]", "m[1][1]", "m[1][2]", "names[0]",
                                   "names[1]", "c", "one[0]"});
    CHECK(elements_of({"m[2]:float[3]", "names[2]:char[16]", "c:char", "one[1]:int"}) ==
          Fields{"m float32[2][3]", "names char[2][16]", "c int8", "one int32[1]"});
}

TEST_CASE("items of an array may have columns of their own, in any order") {
    CHECK(elements_of({"g[1]:float", "n:int", "g[0]:float"}) == Fields{"g float32[2]", "n int32"});
    CHECK(read_typed_header({"g[1]:float", "n:int", "g[0]:float"}, "").columns == Fields{"g[1]", "n", "g[0]"});
    CHECK(elements_of({"g[0]:float"}) == Fields{"g float32[1]"});
    CHECK(elements_of({"t[0]:char[4]", "t[1]:char[4]"}) == Fields{"t char[2][4]"});
    CHECK(read_typed_header({"p[0]:int[2]", "p[1]:int[2]"}, "").columns ==
          Fields{"p[0][0]", "p[0][1]", "p[1][0]", "p[1][1]"});
    CHECK(elements_of({"hit[0].x:float", "hit[1].x:float"}) == Fields{"hit[0].x float32", "hit[1].x float32"});
}

TEST_CASE("a header that makes no sense is refused with its column") {
    CHECK(refusal({"a:int", "b"}) ==
          "a column has no type, but others have, t.csv:1, column b; expected name:type in every column, or in none, "
          "found b");
    CHECK(says(refusal({"a:flaot"}), "unknown type, t.csv:1, column a:flaot"));
    CHECK(says(refusal({"a:flaot"}), "did you mean 'float'"));
    CHECK(says(refusal({"float gain"}), "write the name first: gain:float"));
    CHECK(says(refusal({"a:long double"}), "unknown type"));
    CHECK(says(refusal({"a:"}), "a column has no type"));
    CHECK(says(refusal({":int"}), "a column has no name"));
    CHECK(says(refusal({"a:int", "a:int"}), "twice"));
    CHECK(says(refusal({"a[2]:int", "a[2]:int"}), "items of an array are missing or occur twice"));
    CHECK(says(refusal({"a[0]:int", "a[2]:int"}), "every index from 0 on"));
    CHECK(says(refusal({"a[1]:int", "a[2]:int"}), "every index from 0 on"));
    CHECK(says(refusal({"a[0]:int", "a[0]:int"}), "occur twice"));
    CHECK(says(refusal({"a[18446744073709551615]:int", "a[0]:int"}), "every index from 0 on"));
    CHECK(says(refusal({"a[0]:int", "a[1]:float"}), "different types"));
    CHECK(says(refusal({"a[0]:int", "a[1][0]:int"}), "different ranks"));
    CHECK(says(refusal({"a:int", "a[0]:int"}), "different ranks"));
    CHECK(says(refusal({"c[0]:char", "c[1]:char"}), "one column c:char[2]"));
    CHECK(says(refusal({"a:float[0]"}), "a size is zero"));
    CHECK(says(refusal({"a[03]:float"}), "a size or index is no number"));
    CHECK(says(refusal({"a[]:float"}), "a size or index is no number"));
    CHECK(says(refusal({"a[-1]:float"}), "a size or index is no number"));
    CHECK(says(refusal({"a[+1]:float"}), "a size or index is no number"));
    CHECK(says(refusal({"a[1000001]:float"}), "too many columns"));
    CHECK(says(refusal({"a[4294967296]:float[4294967296]"}), "too many columns"));
    CHECK(says(refusal({"a:char[1073741825]"}), "the text is too long"));
    CHECK(says(refusal({"1a:float"}), "no path of C names"));
    CHECK(says(refusal({"a b c:float"}), "no path of C names"));
    CHECK(says(refusal({"a:int", "a.x:int"}), "a name is used twice"));
    CHECK(says(refusal({"a[0].x:int", "a[2].x:int"}), "items of an array are missing"));
    CHECK(says(refusal({"a[1].x:int"}), "items of an array are missing"));
    CHECK(says(refusal({"a[0].x:int", "a[1].y:int"}), "the structs of an array differ"));
    CHECK(says(refusal({"a[0].x:int", "a[1].x:float"}), "the structs of an array differ"));
    CHECK(says(refusal({"a[0].x:int", "a[1].x:int", "a[1].y:int"}), "the structs of an array differ"));
    CHECK(says(refusal({"a[0].x:int", "a.y:int"}), "two ranks"));
    CHECK(says(message_of([] { (void)define_struct(read_typed_header({"a:int"}, "w"), "not a name", "w"); }),
               "'not a name' is not a struct name"));
}

TEST_CASE("a million columns are taken") {
    CHECK(read_typed_header({"a[1000]:float[1000]"}, "").columns.size() == 1'000'000);
    CHECK(says(refusal({"a[1000]:float[1000]", "b:int"}), "too many columns"));
}

TEST_CASE("a typed header defines the struct that a compiler would make of it") {
    struct Inner {
        char c[3];
        short s;
        char t;
    };
    struct Natural {
        bool flag;
        double x;
        char label[5];
        std::uint16_t n;
        Inner inner[2];
        char last;
    };
    const auto header = read_typed_header(
        {"flag:bool", "x:double", "label:char[5]", "n:unsigned short", "inner[0].c:char[3]", "inner[0].s:short",
         "inner[0].t:char", "inner[1].t:char", "inner[1].c:char[3]", "inner[1].s:short", "last:char"},
        "t.csv:1");
    const auto definition = define_struct(header, "Natural", "t.csv:1");
    CHECK(definition.name == "Natural");
    CHECK(definition.source == "t.csv:1");
    CHECK(definition.size == sizeof(Natural));
    CHECK(definition.alignment == alignof(Natural));
    const auto offset = [&](const std::string& path) {
        for (const auto& element : definition.elements) {
            if (element.path == path) return element.offset;
        }
        return std::uint64_t{9999};
    };
    CHECK(offset("flag") == offsetof(Natural, flag));
    CHECK(offset("x") == offsetof(Natural, x));
    CHECK(offset("label") == offsetof(Natural, label));
    CHECK(offset("n") == offsetof(Natural, n));
    CHECK(offset("inner[0].c") == offsetof(Natural, inner[0].c));
    CHECK(offset("inner[0].s") == offsetof(Natural, inner[0].s));
    CHECK(offset("inner[0].t") == offsetof(Natural, inner[0].t));
    CHECK(offset("inner[1].c") == offsetof(Natural, inner[1].c));
    CHECK(offset("inner[1].s") == offsetof(Natural, inner[1].s));
    CHECK(offset("inner[1].t") == offsetof(Natural, inner[1].t));
    CHECK(offset("last") == offsetof(Natural, last));
    CHECK(schema::to_c_header(definition).find("packed") == std::string::npos);
}

TEST_CASE("any struct of natural layout is defined again by the header that lists its columns or its elements") {
    CHECK(rc::check("a natural definition comes back from its typed header", [] {
        const auto count = *rc::gen::inRange(1, 8);
        std::vector<Element> elements;
        for (int i = 0; i < count; ++i) {
            const auto type = static_cast<ScalarType>(*rc::gen::inRange(1, 13));
            auto dims = *rc::gen::container<std::vector<std::uint64_t>>(
                static_cast<std::size_t>(*rc::gen::inRange(0, 3)), rc::gen::inRange<std::uint64_t>(1, 4));
            if (type == ScalarType::Char) dims.push_back(static_cast<std::uint64_t>(*rc::gen::inRange(1, 20)));
            elements.push_back(test::element("e" + std::to_string(i), type, std::move(dims)));
        }
        const auto expected = test::natural(elements);
        Fields whole;
        Fields items;
        for (const auto& element : expected.elements) {
            std::string sizes;
            for (const auto dim : element.dims) sizes += "[" + std::to_string(dim) + "]";
            whole.push_back(element.path + ":" + std::string(name_of(element.type)) + sizes);
            const auto capacity = element.is_text() ? "[" + std::to_string(element.dims.back()) + "]" : std::string();
            StructDefinition alone = expected;
            alone.elements = {element};
            for (const auto& column : text::csv_columns(alone)) {
                items.push_back(column + " " + std::string(name_of(element.type)) + capacity);
            }
        }
        for (const auto& fields : {whole, items}) {
            const auto header = read_typed_header(fields, "t.csv:1");
            RC_ASSERT(header.columns == text::csv_columns(expected));
            const auto defined = define_struct(header, expected.name, "t.csv:1");
            RC_ASSERT(schema::definition_hash(defined) == schema::definition_hash(expected));
        }
    }));
}

TEST_CASE("rows of a typed file are read with blanks around their fields") {
    std::istringstream in(
        "\xEF\xBB\xBF n : int , x double,\"label:char[16]\", gain[2]:float\r\n"
        " 1 ,\t-2.5 , \"a, b\" , nan, -inf \r\n"
        "2,1e3, plain text ,0x, 1\n");
    const auto reader = reader_of(in);
    CHECK(reader->columns() == Fields{"n", "x", "label", "gain[0]", "gain[1]"});
    const auto layout = test::shared(define_struct(reader->header(), "S", "t.csv:1"));
    CHECK(reader->fits(*layout));
    CHECK(message_of([&] { (void)reader->read(layout); }) ==
          "value cannot be read, t.csv:3, column gain[0]; expected float32 (at most 3.4028235e+38 in size, nan, inf or "
          "-inf), found '0x'");
}

TEST_CASE("blanks around fields mean nothing, except within quotes") {
    const auto layout = test::shared(
        test::natural({test::element("label", ScalarType::Char, {8}), test::element("n", ScalarType::Int32)}));
    std::istringstream in(" label , n \n ab  , 1\n\" ab \" ,2 \n   \n\t\n");
    const auto block = reader_of(in)->read(layout);
    REQUIRE(block.num_rows == 2);
    CHECK(test::write_csv(block) == "label,n\n\"ab\",1\n\" ab \",2\n");
    CHECK(test::write_csv(test::read_csv(layout, "label,n\n ab , 1\n")) == "label,n\n\"ab\",1\n");
    std::istringstream stray("label,n\n\"a\" b,1\n");
    CHECK(says(message_of([&] { (void)reader_of(stray)->read(layout); }), "double quote out of place, t.csv:2"));
}
