#include "layers/csv/csv_layer.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "database/support.h"
#include "layers/csv/manifest.h"
#include "layers/variables.h"
#include "support/temp_directory.h"
#include "text/text.h"

using namespace etalon;
using namespace etalon::test;
using layers::CsvLayer;
using layers::CsvLayerContext;
using layers::read_csv_layer;

namespace {

bool says(const std::string& text, const std::string& part) {
    if (text.find(part) != std::string::npos) return true;
    MESSAGE(text);
    return false;
}

/// A directory of a layer and what the layers below know.
struct Layer {
    TempDirectory directory;
    std::map<std::string, std::vector<DefinitionPtr>, std::less<>> structs;
    std::map<std::string, NameInfo, std::less<>> names;
    std::size_t current = 99;

    Layer() {
        know<Gain1>();
        know<Gain2>();
        know<Plain>();
    }
    template <class T>
    void know() {
        auto definition = std::make_shared<const StructDefinition>(etalon::test::definition_of<T>());
        structs[definition->name].push_back(std::move(definition));
    }
    void know_name(const std::string& name, const std::string& of_struct, Axis axis = Axis::Time,
                   OrderPolicy policy = OrderPolicy::ByBegin) {
        NameInfo info;
        info.name = name;
        info.struct_name = of_struct;
        info.axis = axis;
        info.policy = policy;
        names[name] = info;
    }
    Layer& write(const std::string& name, const std::string& text) {
        const auto path = directory.path() / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
        return *this;
    }
    Layer& manifest(const std::string& lines, const std::string& header = "table,struct,beginTime,path\n") {
        return write("manifest.csv", header + lines);
    }
    [[nodiscard]] CsvLayer read(std::string_view name = "db") const {
        CsvLayerContext context;
        context.known_struct = [this](std::string_view of_struct) {
            const auto known = structs.find(of_struct);
            return known == structs.end() ? std::vector<DefinitionPtr>{} : known->second;
        };
        context.known_name = [this](std::string_view of_name) {
            const auto known = names.find(of_name);
            return known == names.end() ? std::nullopt : std::optional(known->second);
        };
        if (current != 99) context.current_schema = [this](std::string_view) { return current; };
        return read_csv_layer(directory.path().string(), name, context);
    }
    /// The error, with the directory's name taken out.
    [[nodiscard]] std::string failure(std::string_view name = "db") const {
        try {
            (void)read(name);
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::BadInput);
            std::string text = error.what();
            const auto path = directory.path().string();
            for (auto at = text.find(path); at != std::string::npos; at = text.find(path)) {
                text.replace(at, path.size(), "DIR");
            }
            return text;
        }
        return "no error";
    }
};

template <class T>
T row_of(const PutRecord& record, std::size_t index = 0) {
    REQUIRE(record.layout);
    REQUIRE(record.layout->size == sizeof(T));
    REQUIRE(index < record.num_rows);
    T row;
    std::memcpy(&row, record.rows.get() + index * sizeof(T), sizeof(T));
    return row;
}

/// A variable of the environment for one scope.
class Variable {
public:
    Variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
    ~Variable() { unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* name_;
};

std::string refusal(const std::string& text) {
    try {
        return "gave " + layers::expand_variables(text, "w:1");
    } catch (const Error& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("a CSV layer gives definitions, references and records of its manifest") {
    Layer layer;
    layer.write("a/plain.csv", "value\n1.5\n2.5\n")
        .write("gain.csv", "channel,gain[0],gain[1],gain[2],label\n7,1,2,3,\"tpc\"\n");
    layer.manifest(
        "Plain,Plain,2020-01-01,a/plain.csv,2021-01-01,sim,3,@5\n"
        "inner,Gain,-inf,gain.csv,,,,\n",
        "table,struct,beginTime,path,endTime,version,element,created\n");
    const auto read = layer.read();
    CHECK(read.database_name == "db");
    REQUIRE(read.definitions.size() == 3);
    CHECK(read.definitions[0] == layer.structs["Plain"][0]);
    CHECK(read.definitions[1] == layer.structs["Gain"][0]);
    CHECK(read.definitions[2] == layer.structs["Gain"][1]);
    REQUIRE(read.names.size() == 2);
    CHECK(read.names[0].name == "Plain");
    CHECK(read.names[0].struct_name == "Plain");
    CHECK_FALSE(read.names[0].axis);
    CHECK_FALSE(read.names[0].policy);
    CHECK(read.names[1].name == "inner");
    CHECK(read.names[1].struct_name == "Gain");
    REQUIRE(read.records.size() == 2);
    const auto& plain = read.records[0];
    CHECK(plain.name == "Plain");
    CHECK(plain.version == "sim");
    CHECK(plain.element == 3);
    CHECK(plain.begin == parse_time("2020-01-01").ns);
    CHECK(plain.end == parse_time("2021-01-01").ns);
    CHECK(plain.created == Time{5});
    CHECK(plain.layout == layer.structs["Plain"][0]);
    REQUIRE(plain.num_rows == 2);
    CHECK(row_of<Plain>(plain, 1).value == 2.5);
    const auto& gain = read.records[1];
    CHECK(gain.begin == kMinusInfinity);
    CHECK_FALSE(gain.end);
    CHECK_FALSE(gain.created);
    CHECK(gain.version == "default");
    CHECK(gain.layout == layer.structs["Gain"][0]);
    CHECK(row_of<Gain1>(gain).gain[2] == 3.0F);
    CHECK(std::strncmp(row_of<Gain1>(gain).label, "tpc", 8) == 0);
}

TEST_CASE("the manifest of a layer needs no struct, and blanks around its fields mean nothing") {
    Layer layer;
    layer.know_name("other", "Gain");
    layer.write("p.csv", "value\n1\n").write("g.csv", "channel,gain[0],gain[1],gain[2],label\n7,1,2,3,a\n");
    layer.manifest(" Plain , @1 , p.csv \n other,\t@1,\"g.csv\" \n \n", " table , beginTime , path\n");
    const auto read = layer.read();
    REQUIRE(read.records.size() == 2);
    CHECK(read.names[0].struct_name == "Plain");  // of its own name
    CHECK(read.names[1].struct_name == "Gain");   // as below
    // Another line may say it.
    layer.manifest("new,,@1,p.csv\nnew,Plain,@2,p.csv\n");
    CHECK(layer.read().names.at(0).struct_name == "Plain");
    CHECK(layer.read().records.size() == 2);
}

TEST_CASE("an empty manifest is a layer without records") {
    Layer layer;
    layer.manifest("");
    const auto read = layer.read();
    CHECK(read.records.empty());
    CHECK(read.names.empty());
    CHECK(read.definitions.empty());
    CHECK(read.digest.size() == 64);
}

TEST_CASE("a file with a header and no rows is a hole") {
    Layer layer;
    layer.write("hole.csv", "value\n\n")
        .write("typed.csv", "value:double")
        .manifest("Plain,,@1,hole.csv\nPlain,,@2,typed.csv\n");
    const auto read = layer.read();
    REQUIRE(read.records.size() == 2);
    for (const auto& record : read.records) {
        CHECK(record.num_rows == 0);
        CHECK_FALSE(record.layout);
        CHECK_FALSE(record.rows);
    }
    layer.write("hole.csv", "value:float\n");
    CHECK(says(layer.failure(), "DIR/hole.csv:1, column value; expected float64, found float32"));
}

TEST_CASE("positions are on the axis of the reference below, which keeps its policy") {
    Layer layer;
    layer.know_name("byRun", "Plain", Axis::Run, OrderPolicy::ByCreation);
    layer.write("p.csv", "value\n1\n");
    layer.manifest("byRun,,100,p.csv,inf\nbyRun,,-inf,p.csv,-5\nPlain,,1970-01-01,p.csv,\n",
                   "table,struct,beginTime,path,endTime\n");
    const auto read = layer.read();
    REQUIRE(read.records.size() == 3);
    CHECK(read.names[0].axis == Axis::Run);
    CHECK(read.names[0].policy == OrderPolicy::ByCreation);
    CHECK(read.records[0].begin == 100);
    CHECK(read.records[0].end == kPlusInfinity);
    CHECK(read.records[1].begin == kMinusInfinity);
    CHECK(read.records[1].end == -5);
    CHECK(read.records[2].begin == 0);
    layer.manifest("byRun,,2020-01-01,p.csv\nPlain,,12,p.csv\n");
    const auto failure = layer.failure();
    CHECK(says(failure, "2 problems in a CSV layer, DIR; found"));
    CHECK(says(failure, "found beginTime of byRun (a reference on the run axis): "));
    CHECK(says(failure, " | beginTime of Plain (a reference on the time axis): "));
    CHECK(says(failure, "DIR/manifest.csv:3"));
}

TEST_CASE("the database of a layer is its own name, or the only one that its manifest names") {
    Layer layer;
    layer.write("p.csv", "value\n1\n");
    layer.manifest("Calibrations/tpc/one,Plain,@1,p.csv\ntwo,Plain,@1,p.csv\n");
    CHECK(layer.read("").database_name == "Calibrations_tpc");
    CHECK(layer.read("").records.size() == 2);
    CHECK(layer.read("Calibrations_tpc").records.size() == 2);
    const auto other = layer.read("Geometry");
    CHECK(other.database_name == "Geometry");
    REQUIRE(other.records.size() == 1);
    CHECK(other.records[0].name == "two");
    layer.manifest("two,Plain,@1,p.csv\n");
    CHECK(layer.read("").database_name.empty());
    CHECK(layer.read("").records.size() == 1);
    layer.manifest("A/one,Plain,@1,p.csv\nB/c/two,Plain,@1,p.csv\nA/two,Plain,@1,p.csv\n");
    CHECK(layer.read("A").records.size() == 2);
    CHECK(
        layer.failure("") ==
        "the manifest of a CSV layer names several databases, DIR/manifest.csv; expected one, or a layer with a name, "
        "found A (line 2), B_c (line 3); end the URL of the layer with # and one of them");
}

TEST_CASE("what belongs to another database is left aside, whatever it is") {
    Layer layer;
    layer.write("p.csv", "value\n1\n");
    layer.manifest("A/one,Plain,@1,p.csv\nB/two,Nothing,@1,$NOT_SET/nowhere.csv\n");
    CHECK(layer.read("A").records.size() == 1);
    CHECK(says(layer.failure("B"), "NOT_SET is not set"));
}

TEST_CASE("variables of the environment are expanded in paths") {
    Layer layer;
    layer.write("sub/p.csv", "value\n1\n").write("a$b.csv", "value\n2\n");
    const Variable sub("ETALON_TEST_SUB", "sub");
    const Variable root("ETALON_TEST_ROOT", layer.directory.path().string());
    layer.manifest(
        "Plain,,@1,$ETALON_TEST_SUB/p.csv\nPlain,,@2,${ETALON_TEST_ROOT}/${ETALON_TEST_SUB}/"
        "p.csv\nPlain,,@3,a$$b.csv\n");
    const auto read = layer.read();
    REQUIRE(read.records.size() == 3);
    CHECK(row_of<Plain>(read.records[1]).value == 1.0);
    CHECK(row_of<Plain>(read.records[2]).value == 2.0);
    layer.manifest("Plain,,@1,$ETALON_TEST_NOT_SET/p.csv\n");
    CHECK(layer.failure() ==
          "the variable ETALON_TEST_NOT_SET is not set, DIR/manifest.csv:2; expected a value in the environment, found "
          "$ETALON_TEST_NOT_SET/p.csv; set ETALON_TEST_NOT_SET, or write $$ for a dollar");
}

TEST_CASE("a dollar is a variable, an error, or doubled") {
    const Variable a("ETALON_TEST_A", "x$y");
    const Variable empty("ETALON_TEST_EMPTY", "");
    CHECK(refusal("") == "gave ");
    CHECK(refusal("plain/path") == "gave plain/path");
    CHECK(refusal("$ETALON_TEST_A/b") == "gave x$y/b");  // a value is not expanded again
    CHECK(refusal("<${ETALON_TEST_A}b>") == "gave <x$yb>");
    CHECK(refusal("$ETALON_TEST_A$ETALON_TEST_A") == "gave x$yx$y");
    CHECK(refusal("a${ETALON_TEST_EMPTY}b") == "gave ab");
    CHECK(refusal("$$ETALON_TEST_A$$") == "gave $ETALON_TEST_A$");
    CHECK(says(refusal("$ETALON_TEST_AB"), "ETALON_TEST_AB is not set, w:1"));
    for (const char* bad : {"$", "a$", "$1", "$-", "${", "${}", "${A", "${A-B}", "$ A", "${1}", "$$$"}) {
        CAPTURE(bad);
        CHECK(says(refusal(bad), "a $ that begins no variable, w:1"));
    }
}

TEST_CASE("a path must lead to a file of values") {
    Layer layer;
    layer.write("p.csv", "value\n1\n")
        .write("sub/manifest.csv", "table,beginTime,path\n")
        .write("sub/m.csv", "table,struct,beginTime,path\n");
    std::filesystem::create_symlink("manifest.csv", layer.directory.path() / "link.csv");
    layer.manifest(
        "Plain,,@1,nowhere.csv\n"
        "Plain,,@2,sub\n"
        "Plain,,@3,sub/manifest.csv\n"
        "Plain,,@4,manifest.csv\n"
        "Plain,,@5,link.csv\n"
        "Plain,,@6,sub/m.csv\n"
        "Plain,,@7,/dev/null\n"
        "Plain,,@8,sub/../p.csv\n"
        "Plain,,@9,p.csv/x\n");
    const auto failure = layer.failure();
    CHECK(says(failure, "8 problems"));
    CHECK(
        says(failure,
             "the path leads nowhere, DIR/manifest.csv:2; expected a file of values, found DIR/nowhere.csv; paths are "
             "relative to the manifest"));
    CHECK(says(failure, "the path leads to a directory, DIR/manifest.csv:3"));
    CHECK(says(failure, "the path leads to a manifest, DIR/manifest.csv:4"));
    CHECK(says(failure, "the path leads to a manifest, DIR/manifest.csv:5"));
    CHECK(says(failure, "the path leads to a manifest, DIR/manifest.csv:6"));
    CHECK(says(failure, "the file is a manifest, DIR/sub/m.csv:1"));
    CHECK(says(failure, "something that is no file, DIR/manifest.csv:8"));
    CHECK(says(failure, "the path leads nowhere, DIR/manifest.csv:10"));
}

TEST_CASE("a directory without a manifest, or none at all, is an error that says so") {
    const Layer layer;
    CHECK(layer.failure() == "a CSV layer without its manifest, DIR; expected a file manifest.csv in it, found none");
    const CsvLayerContext none;
    const auto refusal_of = [&](const std::string& path) {
        try {
            (void)read_csv_layer(path, "", none);
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string("no error");
    };
    CHECK(says(refusal_of(layer.directory.file("nowhere")), "a CSV layer is a directory"));
    Layer file;
    file.manifest("");
    CHECK(says(refusal_of(file.directory.file("manifest.csv")), "give the directory that the manifest is in"));
    file.write("manifest.csv", "");
    CHECK(says(file.failure(), "the file is empty, DIR/manifest.csv:1"));
    file.write("manifest.csv", "table,begintime,path\n");
    CHECK(says(file.failure(), "rename begintime to beginTime"));
}

TEST_CASE("the schema version of a file is the current one when it fits, else the newest that does") {
    Layer layer;
    // Both versions of Twin have the same columns.
    layer.structs["Twin"] = {
        std::make_shared<const StructDefinition>(schema::from_json(
            R"({"name":"Twin","size":4,"alignment":4,"elements":[{"name":"x","type":"float32","offset":0}]})", "t")),
        std::make_shared<const StructDefinition>(schema::from_json(
            R"({"name":"Twin","size":8,"alignment":8,"elements":[{"name":"x","type":"float64","offset":0}]})", "t"))};
    const auto& versions = layer.structs["Twin"];
    layer.write("x.csv", "x\n1\n").write("f.csv", "x:float\n1\n").write("d.csv", "x double\n1\n");
    layer.manifest("Twin,,@1,x.csv\nTwin,,@2,f.csv\nTwin,,@3,d.csv\n");
    const auto newest = layer.read();
    CHECK(newest.records[0].layout == versions[1]);
    CHECK(newest.records[1].layout == versions[0]);
    CHECK(newest.records[2].layout == versions[1]);
    layer.current = 0;
    CHECK(layer.read().records[0].layout == versions[0]);
    CHECK(layer.read().records[2].layout == versions[1]);
    // Columns alone decide too.
    layer.current = 99;
    layer.write("g.csv", "label,channel,gain[0],gain[1],gain[2]\na,1,1,1,1\n").manifest("Gain,,@1,g.csv\n");
    CHECK(layer.read().records[0].layout == layer.structs["Gain"][0]);
}

TEST_CASE("a column whose type no schema version has is an error with file, line, column, expected and found") {
    Layer layer;
    layer.write("p.csv", "value:float\n1\n").manifest("Plain,,@1,p.csv\n");
    CHECK(layer.failure() ==
          "the type of a column is not that of struct Plain, DIR/p.csv:1, column value; expected float64, found "
          "float32; a "
          "layer changes values, not types");
    layer.write("p.csv", "channel:short, gain[4]:float, label:char[9], offset:double\n1,1,1,1,1,a,1\n")
        .manifest("Gain,,@1,p.csv\n");
    const auto failure = layer.failure();
    CHECK(says(failure, "3 problems"));
    CHECK(says(failure, "column channel; expected int32 (schema 1) or int64 (schema 2), found int16"));
    CHECK(says(failure, "column gain; expected float32[3] (schema 1) or float32[2] (schema 2), found float32[4]"));
    CHECK(says(failure, "column label; expected char[8] (schema 1) or char[12] (schema 2), found char[9]"));
    // An array for a number, and the reverse.
    layer.write("p.csv", "value[2]:double\n1,2\n").manifest("Plain,,@1,p.csv\n");
    CHECK(says(layer.failure(), "column value; expected float64, found float64[2]"));
}

TEST_CASE("types and columns of different schema versions do not mix") {
    Layer layer;
    layer.structs["Two"] = {
        std::make_shared<const StructDefinition>(schema::from_json(
            R"({"name":"Two","size":8,"alignment":4,"elements":[{"name":"x","type":"float32","offset":0},{"name":"n","type":"int32","offset":4}]})",
            "t")),
        std::make_shared<const StructDefinition>(schema::from_json(
            R"({"name":"Two","size":16,"alignment":8,"elements":[{"name":"x","type":"float64","offset":0},{"name":"n","type":"int64","offset":8}]})",
            "t"))};
    layer.write("t.csv", "x:double,n:int\n1,1\n").manifest("Two,,@1,t.csv\n");
    CHECK(layer.failure() ==
          "the types of the columns are of different schema versions of Two, DIR/t.csv:1, column n; expected int64, "
          "found "
          "int32; take all of them from one version");
    layer.write("t.csv", "x:double,m:long\n1,1\n");
    CHECK(
        says(layer.failure(), "columns do not fit struct Two, DIR/t.csv:1; expected column n, found unknown column m"));
    layer.write("t.csv", "x:short,m:long\n1,1\n");
    CHECK(says(layer.failure(), "2 problems"));
    layer.write("t.csv", "x\n1\n");
    CHECK(says(layer.failure(), "columns do not fit struct Two"));
}

TEST_CASE("a typed header defines a struct that nobody knows, also for files before it") {
    Layer layer;
    layer.write("untyped.csv", "n,x\n1,2.5\n")
        .write("typed.csv", "n:int, x:double\n3, 4.5\n")
        .write("reordered.csv", "x double,n int\n6,5\n");
    layer.manifest("New,,@1,untyped.csv\nNew,,@2,typed.csv\nother,New,@3,reordered.csv\n");
    const auto read = layer.read();
    REQUIRE(read.definitions.size() == 1);
    const auto& defined = *read.definitions[0];
    CHECK(defined.name == "New");
    CHECK(defined.size == 16);
    CHECK(schema::validate(defined).empty());
    REQUIRE(read.records.size() == 3);
    struct New {
        int n;
        double x;
    };
    CHECK(row_of<New>(read.records[0]).x == 2.5);
    CHECK(row_of<New>(read.records[1]).n == 3);
    CHECK(row_of<New>(read.records[2]).n == 5);
    CHECK(read.records[0].layout == read.definitions[0]);
    layer.write("reordered.csv", "x float,n int\n6,5\n");
    CHECK(says(layer.failure(), "DIR/reordered.csv:1, column x; expected float64, found float32"));
}

TEST_CASE("an untyped header of a struct that nobody knows is an error, once") {
    Layer layer;
    layer.write("n.csv", "n,x\n1,2.5\n").manifest("New,,@1,n.csv\nNew,,@2,n.csv\nPlain,,@1,n.csv\n");
    const auto failure = layer.failure();
    CHECK(says(failure, "2 problems"));
    CHECK(says(failure,
               "nobody knows the struct New, DIR/n.csv:1; expected a struct of a layer below, or types in the header: "
               "name:type, found a header without types; it is named on line 2 of manifest.csv"));
    CHECK(says(failure, "columns do not fit struct Plain, DIR/n.csv:1"));
    layer.write("n.csv", "n:int,x:flaot\n1,2.5\n").manifest("New,,@1,n.csv\nNew,,@2,n.csv\n");
    CHECK(says(layer.failure(), "unknown type, DIR/n.csv:1, column x:flaot"));
    layer.write("n.csv", "").manifest("New,,@1,n.csv\n");
    CHECK(says(layer.failure(), "no header, DIR/n.csv:1"));
}

TEST_CASE("a reference has one struct in the layer and below it") {
    Layer layer;
    layer.know_name("known", "Gain");
    layer.write("p.csv", "value\n1\n");
    layer.manifest("known,Plain,@1,p.csv\n");
    CHECK(layer.failure() ==
          "the reference known has another struct, DIR/manifest.csv:2; expected Gain, as a layer below has it, found "
          "Plain");
    layer.manifest("new,Plain,@1,p.csv\nnew,Gain,@2,p.csv\n");
    CHECK(says(layer.failure(), "DIR/manifest.csv:3; expected Plain, as line 2 has it, found Gain"));
}

TEST_CASE("lines that no commit would take are named") {
    Layer layer;
    layer.write("p.csv", "value\n1\n");
    layer.manifest(
        "Plain,,@1,p.csv,,,\n"
        "Plain,,1970-01-01T00:00:00.000000001Z,p.csv,,,\n"
        "Plain,,@2,p.csv,@2,,\n"
        "Plain,,@3,p.csv,-inf,,\n"
        "Plain,,@4,p.csv,,\"a,b\",\n"
        "Plain,,@5,p.csv,,,x\n"
        "a b,Plain,@6,p.csv,,,\n"
        "Plain,,@7,p.csv\n"
        "Plain,,inf,p.csv,inf,,\n",
        "table,struct,beginTime,path,endTime,version,element\n");
    const auto failure = layer.failure();
    CHECK(says(failure, "8 problems"));
    CHECK(
        says(failure,
             "two lines have the same table, version, element and beginTime, DIR/manifest.csv:3; expected one value to "
             "begin at a time, found line 2 too"));
    CHECK(says(failure, "the interval is empty, DIR/manifest.csv:4"));
    CHECK(says(failure, "the interval is empty, DIR/manifest.csv:5"));
    CHECK(says(failure, "DIR/manifest.csv:6"));
    CHECK(says(failure, "element is not a number, DIR/manifest.csv:7"));
    CHECK(says(failure, "bad name of a named reference, DIR/manifest.csv:8"));
    CHECK(says(failure, "another number of fields than the header, DIR/manifest.csv:9"));
    CHECK(says(failure, "the interval is empty, DIR/manifest.csv:10"));
}

TEST_CASE("values that do not fit name file, line and column, and only the first 20 problems are listed") {
    Layer layer;
    std::string lines;
    for (int i = 0; i < 25; ++i) {
        const auto file = "f" + std::to_string(i) + ".csv";
        layer.write(file, "value\n1\n x\n");
        lines += "Plain,,@" + std::to_string(i) + "," + file + "\n";
    }
    layer.manifest(lines);
    const auto failure = layer.failure();
    CHECK(says(failure, "25 problems in a CSV layer, DIR; found"));
    CHECK(says(failure, "value cannot be read, DIR/f0.csv:3, column value; expected float64"));
    CHECK(says(failure, "DIR/f19.csv:3"));
    CHECK_FALSE(failure.find("f20.csv") != std::string::npos);
    CHECK(says(failure, "and 5 more"));
}

TEST_CASE("a file of several lines is read once and its problem told once") {
    Layer layer;
    layer.write("p.csv", "value\n1\n").manifest("Plain,,@1,p.csv\nPlain,,@2,p.csv\nother,Plain,@2,./p.csv\n");
    const auto read = layer.read();
    CHECK(read.records[0].rows == read.records[1].rows);
    layer.write("p.csv", "value\nx\n").manifest("Plain,,@1,p.csv\nPlain,,@2,p.csv\n");
    CHECK(says(layer.failure(), "value cannot be read, DIR/p.csv:2"));
    CHECK(layer.failure().find("problems") == std::string::npos);
}

TEST_CASE("failures of the layers below pass through") {
    Layer layer;
    layer.write("p.csv", "value\n1\n").manifest("Plain,,@1,p.csv\n");
    CsvLayerContext context;
    context.known_name = [](std::string_view) -> std::optional<NameInfo> {
        throw Error(ErrorCode::Backend, {"connection lost", "", "", "", ""});
    };
    context.known_struct = [](std::string_view) { return std::vector<DefinitionPtr>{}; };
    CHECK_THROWS_WITH_AS((void)read_csv_layer(layer.directory.path().string(), "", context), "connection lost", Error);
}

TEST_CASE("the digest changes with any byte of manifest and values, and with nothing else") {
    const Variable sub("ETALON_TEST_SUB", "sub");
    const auto make = [](const std::string& manifest, const std::string& p, const std::string& q) {
        Layer layer;
        layer.write("p.csv", p).write("sub/q.csv", q).write("unused.csv", p + q);
        layer.manifest(manifest);
        return layer.read().digest;
    };
    const std::string manifest = "Plain,,@1,p.csv\nPlain,,@2,$ETALON_TEST_SUB/q.csv\nPlain,,@3,p.csv\n";
    const auto digest = make(manifest, "value\n1\n", "value\n2\n");
    CHECK(digest.size() == 64);
    CHECK(digest == make(manifest, "value\n1\n", "value\n2\n"));
    CHECK(digest != make(manifest, "value\n2\n", "value\n1\n"));
    CHECK(digest != make(manifest, "value\n1\n", "value\n2"));
    CHECK(digest != make(manifest + "\n", "value\n1\n", "value\n2\n"));
    CHECK(digest !=
          make("Plain,,@1,p.csv\nPlain,,@2,p.csv\nPlain,,@3,$ETALON_TEST_SUB/q.csv\n", "value\n1\n", "value\n2\n"));
}

TEST_CASE("rows that the general writer wrote come back bit for bit through a layer, typed or not") {
    CHECK(rc::check("rows come back from a layer", [] {
        const auto layout = std::make_shared<const StructDefinition>(etalon::test::definition_of<Gain2>());
        const auto count = *rc::gen::inRange<std::size_t>(1, 5);
        std::vector<Gain2> rows(count);
        std::string text = text::csv_header(*layout);
        if (*rc::gen::arbitrary<bool>()) text = "offset:double , channel long,gain[2]:float, label:char[12]";
        text += '\n';
        for (auto& row : rows) {
            row = Gain2{};
            row.offset = *rc::gen::arbitrary<double>();
            row.channel = *rc::gen::arbitrary<std::int64_t>();
            for (auto& gain : row.gain) gain = *rc::gen::arbitrary<float>();
            const auto label = *rc::gen::container<std::string>(rc::gen::inRange<char>(-128, 127));
            std::strncpy(row.label, label.c_str(), sizeof row.label);
            text::append_csv_row(text, *layout, reinterpret_cast<const std::byte*>(&row));
            text += '\n';
        }
        Layer layer;
        layer.write("g.csv", text).manifest("Gain,,-inf,g.csv\n");
        const auto read = layer.read();
        RC_ASSERT(read.records.size() == 1U);
        RC_ASSERT(read.records[0].num_rows == count);
        RC_ASSERT(std::memcmp(read.records[0].rows.get(), rows.data(), count * sizeof(Gain2)) == 0);
    }));
}

TEST_CASE("the directory that docs/csv_layers.md makes is the layer that it describes") {
    std::ifstream document(std::filesystem::path(ETALON_SOURCE_DIR) / "docs/csv_layers.md");
    const std::string text{std::istreambuf_iterator<char>(document), {}};
    const auto begin = text.find("```sh\n");
    REQUIRE(begin != std::string::npos);
    const auto listing = text.substr(begin + 6, text.find("```\n", begin + 6) - begin - 6);
    Layer layer;
    layer.write("make.sh", listing).write("inner.csv", "a:int\n1\n");
    REQUIRE(std::system(("cd " + layer.directory.path().string() + " && bash make.sh").c_str()) == 0);
    std::filesystem::copy(layer.directory.path() / "layer", layer.directory.path(),
                          std::filesystem::copy_options::recursive);
    const Variable calib("CALIB_DIR", layer.directory.path().string());
    const auto read = layer.read("");
    CHECK(read.database_name == "Calibrations_tpc");
    REQUIRE(read.records.size() == 3);
    REQUIRE(read.definitions.size() == 2);
    CHECK(read.definitions[0]->name == "tpcGain");
    CHECK(read.definitions[0]->size == 32);
    CHECK(read.records[0].num_rows == 2);
    CHECK(read.records[1].num_rows == 0);
    CHECK(read.records[1].version == "sim");
    CHECK(read.records[1].end == parse_time("2024-04-01").ns);
    CHECK(read.records[2].begin == kMinusInfinity);
}

TEST_CASE("real constants are CSV layers, one for each database of their manifest") {
    const std::filesystem::path star = std::filesystem::path(ETALON_SHARED_DIR) / "data/star";
    if (!std::filesystem::exists(star / "manifest.csv")) {
        MESSAGE("skipped: no real data here");
        return;
    }
    std::map<std::string, std::vector<DefinitionPtr>, std::less<>> known;
    std::ifstream structs(star / "structs.json");
    for (const auto& json : nlohmann::json::parse(structs)) {
        std::vector<std::string> fields;
        for (const auto& field : json["fields"]) {
            std::string text = field["name"];
            text += ":" + field["ctype"].get<std::string>();
            for (const auto& dim : field["dims"]) text += "[" + std::to_string(dim.get<int>()) + "]";
            fields.push_back(text);
        }
        const std::string name = json["name"];
        known[name] = {std::make_shared<const StructDefinition>(
            text::define_struct(text::read_typed_header(fields, name), name, name))};
    }
    CsvLayerContext context;
    context.known_struct = [&](std::string_view name) {
        const auto found = known.find(name);
        return found == known.end() ? std::vector<DefinitionPtr>{} : found->second;
    };
    context.known_name = [](std::string_view) { return std::optional<NameInfo>(); };

    std::ifstream in(star / "manifest.csv");
    const auto manifest = layers::read_manifest(in, "manifest.csv", star.string());
    std::map<std::string, std::size_t> lines;
    for (const auto& entry : manifest.entries) ++lines[entry.database];
    REQUIRE(lines.size() > 1);
    CHECK_THROWS_AS((void)read_csv_layer(star.string(), "", context), Error);
    for (const auto& [name, count] : lines) {
        CAPTURE(name);
        const auto layer = read_csv_layer(star.string(), name, context);
        CHECK(layer.records.size() == count);
        std::size_t record = 0;
        for (const auto& entry : manifest.entries) {
            if (entry.database != name) continue;
            // What `put` would read of the same file.
            std::ifstream file(entry.path, std::ios::binary);
            const auto block = text::make_csv_reader(file, entry.path)->read(known[entry.struct_name][0]);
            const auto& got = layer.records.at(record++);
            REQUIRE(got.num_rows == block.num_rows);
            if (got.num_rows == 0) continue;
            REQUIRE(got.layout == block.layout);
            CHECK(std::memcmp(got.rows.get(), block.data.data(), block.num_rows * block.layout->size) == 0);
        }
    }
}
