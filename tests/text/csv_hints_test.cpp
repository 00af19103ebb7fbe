#include "text/csv_hints.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "text/support.h"

namespace {

using namespace etalon;
using test::element;

std::string read_error(const std::string& text, const DefinitionPtr& layout, const text::CsvOptions& options = {}) {
    std::istringstream in(text);
    return test::message_of([&] { (void)text::make_row_reader(in, "t.csv", options)->read(layout); });
}

bool has(const std::string& text, const std::string& part) {
    if (text.find(part) != std::string::npos) return true;
    MESSAGE(text);
    return false;
}

const DefinitionPtr kPair = std::make_shared<const StructDefinition>(
    test::natural({element("gain", ScalarType::Float32), element("n", ScalarType::Int32)}));

}  // namespace

TEST_CASE("an input that is compressed, UTF-16 or of another kind is named, with what to do") {
    const auto said = [](const std::string& bytes) { return read_error(bytes, kPair); };
    CHECK(has(said(std::string("\x1F\x8B\x08\0\0", 5)), "compressed (gzip)"));
    CHECK(has(said(std::string("\x1F\x8B\x08\0\0", 5)), "zcat FILE"));
    CHECK(has(said("BZh91AY"), "bzip2"));
    CHECK(has(said(std::string("\xFD"
                               "7zXZ\0\0",
                               7)),
              "xz"));
    CHECK(has(said("\x28\xB5\x2F\xFD...."), "Zstandard"));
    CHECK(has(said("PK\x03\x04...."), "ZIP"));
    CHECK(has(said("\x89HDF\r\n"), "HDF5"));
    CHECK(has(said("SIMPLE  =                    T"), "FITS"));
    CHECK(has(said(std::string("\xFF\xFEg\0a\0", 6)), "UTF-16"));
    CHECK(has(said(std::string("\xFE\xFF\0g\0a", 6)), "UTF-16"));
    CHECK(has(said(std::string("g\0a\0i\0n\0", 8)), "UTF-16"));
    CHECK(has(said(std::string("\0g\0a\0i\0n", 8)), "UTF-16"));
    CHECK(has(said(std::string("\x7F"
                               "ELF\0\0\1",
                               7)),
              "no text"));
    CHECK(has(said(std::string("g\0a\0", 4)), "t.csv:1; expected CSV or JSON, as text"));
    CHECK_FALSE(text::find_foreign_form("gain,n\n1,2\n"));
    CHECK_FALSE(text::find_foreign_form(""));
}

TEST_CASE("fields that commas do not separate, decimal commas, remarks and lines that end with CR are hinted at") {
    CHECK(has(read_error("gain;n\n1;2\n", kPair), "not by ';'"));
    CHECK(has(read_error("gain;n\n1,5;2\n", kPair), "not by ';'"));
    CHECK(has(read_error("gain\tn\n1\t2\n", kPair), "not by tabs"));
    CHECK(has(read_error("gain n\n1 2\n", kPair), "not by blanks"));
    CHECK(has(read_error("gain,n\r1,2\r", kPair), "CR alone"));
    CHECK(has(read_error("gain,n\n1;2\n", kPair), "not by ';'"));
    CHECK(has(read_error("gain,n\n1,5;2\n", kPair), "not by ';'"));
    CHECK(has(text::line_advice("1,5;2,5"), "a decimal comma is written as a point"));
    CHECK(has(read_error("gain,n\n1,5,2,0\n", kPair), "write a point"));
    CHECK(has(read_error("gain,n\n\"1,5\",2\n", kPair), "decimal sign is a point"));
    CHECK(has(read_error("#gain,n\n1,2\n", kPair), "the header begins with '#'"));
    CHECK(has(read_error("gain,n\n# a remark\n1,2\n", kPair), "--comment '#'"));
    CHECK(text::line_advice("gain,n").empty());
    CHECK(text::line_advice("").empty());
    CHECK(text::cell_advice("1.5", true).empty());
}

TEST_CASE("an empty cell, or a word for what is missing, says what to write") {
    CHECK(has(read_error("gain,n\n,2\n", kPair), "the cell is empty, t.csv:2, column gain"));
    CHECK(has(read_error("gain,n\n,2\n", kPair), "written nan"));
    CHECK(has(read_error("gain,n\n1, \n", kPair), "the cell is empty, t.csv:2, column n"));
    CHECK(has(read_error("gain,n\n1,\n", kPair), "an integer has none"));
    for (const auto* word : {"NA", "n/a", "null", "None", "-", "?"}) {
        CHECK(has(read_error("gain,n\n" + std::string(word) + ",2\n", kPair), "written nan"));
    }
}

TEST_CASE("lines that begin with the comment are left out, at the top and between rows") {
    std::istringstream in("# made by hand\n  # again\ngain,n\n1,2\n#3,4\n\t# x\n5,6\n");
    const auto rows = text::make_row_reader(in, "t.csv", {"#"})->read(kPair);
    CHECK(test::write_csv(rows) == "gain,n\n1,2\n5,6\n");
    // Errors tell the line of the file.
    CHECK(has(read_error("# one\ngain,n\n# two\n1,x\n", kPair, {"#"}), "t.csv:4, column n"));
    CHECK(has(read_error("// one\ngain,m\n", kPair, {"//"}), "t.csv:2"));
    CHECK(has(read_error("# one\n", kPair, {"#"}), "no header"));
}

TEST_CASE("blanks around commas mean nothing, and a header may say types, which are checked") {
    const auto read = [](const std::string& text) {
        std::istringstream in(text);
        return test::write_csv(text::make_row_reader(in, "t.csv")->read(kPair));
    };
    const std::string plain = "gain,n\n1.5,2\n";
    CHECK(read("gain , n\n 1.5,\t2 \n") == plain);
    CHECK(read("gain float, n int\n1.5,2\n") == plain);
    CHECK(read("n:int,gain:float32\n2,1.5\n") == plain);
    const auto error = read_error("gain double, n int\n1.5,2\n", kPair);
    CHECK(has(error, "the type of a column is not that of struct"));
    CHECK(has(error, "t.csv:1, column gain; expected float32, found float64"));
    CHECK(has(read_error("gain float, n\n1.5,2\n", kPair), "t.csv:1"));
}
