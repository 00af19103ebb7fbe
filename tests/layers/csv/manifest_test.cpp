#include "layers/csv/manifest.h"

#include <doctest/doctest.h>

#include <sstream>

#include "layers/csv/csv_records.h"

using namespace etalon;
using layers::read_manifest;

namespace {

layers::Manifest read(const std::string& text, const std::string& directory = "/data") {
    std::istringstream in(text);
    return read_manifest(in, "m.csv", directory);
}

std::string failure(const std::string& text) {
    try {
        (void)read(text);
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::BadInput);
        return error.what();
    }
    return "no error";
}

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a manifest line gives database, reference, struct, begin and path") {
    const auto manifest = read(
        "table,struct,beginTime,tag,rows,path\n"
        "Calibrations/tpc/tpcElectronics,tpcElectronics,1995-01-01T00:00:00Z,,1,c/a.csv\n");
    CHECK(manifest.problems.empty());
    REQUIRE(manifest.entries.size() == 1);
    const auto& entry = manifest.entries[0];
    CHECK(entry.line == 2);
    CHECK(entry.database == "Calibrations_tpc");
    CHECK(entry.name == "tpcElectronics");
    CHECK(entry.struct_name == "tpcElectronics");
    CHECK(entry.begin == "1995-01-01T00:00:00Z");
    CHECK_FALSE(entry.end);
    CHECK(entry.version == "default");
    CHECK(entry.element == 0);
    CHECK_FALSE(entry.created);
    CHECK(entry.path == "/data/c/a.csv");
}

TEST_CASE("optional columns of a manifest are read and empty ones keep their default") {
    const auto manifest = read(
        "path,beginTime,struct,table,created,element,version,endTime\r\n"
        "/abs/a.csv,-inf,S,a/b/c/T,1970-01-01T00:00:01Z,-3,sim,2000-01-01\r\n"
        "b.csv,5,S,T,,,,\r\n");
    REQUIRE(manifest.entries.size() == 2);
    CHECK(manifest.entries[0].path == "/abs/a.csv");
    CHECK(manifest.entries[0].database == "a_b_c");
    CHECK(manifest.entries[0].end == "2000-01-01");
    CHECK(manifest.entries[0].version == "sim");
    CHECK(manifest.entries[0].element == -3);
    CHECK(manifest.entries[0].created == Time{1'000'000'000});
    CHECK(manifest.entries[1].database.empty());
    CHECK(manifest.entries[1].name == "T");
    CHECK_FALSE(manifest.entries[1].end);
}

TEST_CASE("quoted fields, a byte order mark, blank lines and a missing last line end are understood") {
    const auto manifest = read(
        "\xEF\xBB\xBFtable,struct,beginTime,path\n\n"
        "\"a/T\",S,-inf,\"odd, \"\"name\"\"\n.csv\"\n"
        "a/U,S,-inf,u.csv");
    REQUIRE(manifest.entries.size() == 2);
    CHECK(manifest.entries[0].path == "/data/odd, \"name\"\n.csv");
    CHECK(manifest.entries[0].line == 3);
    CHECK(manifest.entries[1].line == 5);
}

TEST_CASE("every faulty line of a manifest is reported and the good ones are kept") {
    const auto manifest = read(
        "table,struct,beginTime,path,element,created\n"
        "a/T,S,-inf,t.csv,0,\n"
        "a/T,S,-inf\n"
        "a/T,S,,t.csv,0,\n"
        "a//T,S,-inf,t.csv,0,\n"
        "a/T,S,-inf,t.csv,1.5,\n"
        "a/T,S,-inf,t.csv,1,yesterday\n");
    CHECK(manifest.entries.size() == 1);
    REQUIRE(manifest.problems.size() == 5);
    const auto text = [&](std::size_t i) { return std::string(manifest.problems[i].what()); };
    CHECK(says(text(0), "m.csv:3"));
    CHECK(says(text(1), "m.csv:4"));
    CHECK(says(text(1), "beginTime"));
    CHECK(says(text(2), "m.csv:5"));
    CHECK(says(text(3), "1.5"));
    CHECK(says(text(4), "yesterday"));
    CHECK(says(text(4), "m.csv:7"));
}

TEST_CASE("a manifest whose header cannot be used is an error at once") {
    CHECK(says(failure(""), "empty"));
    CHECK(says(failure("table,struct,begintime,path\n"), "rename begintime to beginTime"));
    CHECK(says(failure("table,struct,beginTime,path,path\n"), "twice"));
    CHECK(says(failure("table,struct,beginTime,path\n\"a"), "m.csv:2"));
}

TEST_CASE("blanks around fields mean nothing in a manifest, and that of a layer needs no struct") {
    const std::string text = " table ,beginTime, path\n a/T , -inf ,\" t.csv \" \n   \n";
    std::istringstream in(text);
    const auto manifest = read_manifest(in, "m.csv", "", layers::ManifestKind::CsvLayer);
    CHECK(manifest.problems.empty());
    REQUIRE(manifest.entries.size() == 1);
    CHECK(manifest.entries[0].table == "a/T");
    CHECK(manifest.entries[0].struct_name.empty());
    CHECK(manifest.entries[0].begin == "-inf");
    CHECK(manifest.entries[0].path == " t.csv ");
    CHECK(says(failure(text), "the column struct is missing"));
    CHECK(says(failure("table,beginTime,path\n"), "the column struct is missing"));
}

TEST_CASE("a list that ignores nothing names an unknown column and the nearest known one") {
    std::istringstream in("path,elemnt\n");
    try {
        const layers::CsvRecords records(in, "n.csv", {{"path"}, {"element", "key"}, false});
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(says(error.what(), "n.csv:1"));
        CHECK(says(error.what(), "elemnt"));
        CHECK(says(error.what(), "did you mean 'element'?"));
    }
}
