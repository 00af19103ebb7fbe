#include "interchange/manifest_import.h"

#include <doctest/doctest.h>

#include <fstream>
#include <functional>
#include <optional>
#include <sstream>

#include "interchange/support.h"
#include "support/temp_directory.h"

using namespace etalon;
using namespace etalon::interchange;
using namespace etalon::test;

namespace {

constexpr const char* kHeader = "table,struct,beginTime,endTime,version,element,created,path\n";

/// A directory with a good file of values, and databases in memory that know Mixed.
class Case {
public:
    explicit Case(const std::vector<std::string>& databases = {"Calib_tpc"}) : databases_(databases) {
        for (const auto& name : databases) {
            const auto layout = mixed_layout();
            federation_.add("memory:", {.create = true}, name).register_structs({layout.get(), 1});
        }
        write("good.csv", "n,m,x[0],x[1],f,s,on\n7,-1,0.5,nan,1,\"a\",1\n");
        write("hole.csv", "n,m,x[0],x[1],f,s,on\n");
    }

    void write(const std::string& name, const std::string& text) {
        std::ofstream(directory_.file(name), std::ios::binary) << text;
    }
    [[nodiscard]] std::string path(const std::string& name = "manifest.csv") const { return directory_.file(name); }
    Federation& federation() { return federation_; }
    Database& database(const std::string& name = "Calib_tpc") { return federation_.get(name); }

    [[nodiscard]] ImportRequest request(const std::string& lines) {
        write("manifest.csv", kHeader + lines);
        ImportRequest request;
        request.manifest = path();
        request.databases = databases_;
        return request;
    }
    ManifestImport read(const std::string& lines) { return {federation_, request(lines)}; }
    /// What is wrong with the lines.
    std::vector<Error> problems(const std::string& lines) {
        return problems_of([&] { read(lines); });
    }
    static std::vector<Error> problems_of(const std::function<void()>& work) {
        try {
            work();
        } catch (const ManifestError& error) {
            return error.problems();
        }
        FAIL("no problem was found");
        return {};
    }

private:
    TempDirectory directory_;
    std::vector<std::string> databases_;
    Federation federation_;
};

bool says(const Error& error, const std::string& part) {
    if (std::string(error.what()).find(part) != std::string::npos) return true;
    MESSAGE(std::string(error.what()));
    return false;
}

/// The only problem of the lines is at that line and says what it is, what was expected and what was found.
void check_problem(const std::string& lines, std::size_t line, const std::string& what, const std::string& expected,
                   const std::string& found, const std::vector<std::string>& databases = {"Calib_tpc"}) {
    CAPTURE(lines);
    Case one(databases);
    const auto problems = one.problems(lines);
    REQUIRE(problems.size() == 1);
    CHECK(says(problems.front(), one.path() + ":" + std::to_string(line)));
    CHECK(says(problems.front(), what));
    if (!expected.empty()) CHECK(says(problems.front(), "expected " + expected));
    if (!found.empty()) CHECK(says(problems.front(), "found " + found));
    for (const auto& name : databases) CHECK(one.database(name).names().size() == 1);
}

std::optional<Error> error_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("the tables of a manifest are committed, references that are new with them") {
    Case one;
    auto import = one.read(
        "Calib/tpc/inner,Mixed,@0,,,,,good.csv\n"
        "Calib/tpc/inner,Mixed,@0,@10,sim,3,@1,good.csv\n"
        "outer,Mixed,-inf,,,,,hole.csv\n");
    REQUIRE(import.parts().size() == 1);
    CHECK(import.parts()[0].names.size() == 2);
    CHECK(import.parts()[0].records.size() == 3);
    CHECK(import.parts()[0].effects.empty());
    CHECK(one.database().find_name("inner") == std::nullopt);  // nothing is written yet
    const auto result = import.commit(0);
    CHECK(result.records == 3);
    CHECK(import.parts()[0].records.empty());
    auto& db = one.database();
    db.advance();
    const auto answer = db.fetch_rows("inner", Position(Time{5}));
    REQUIRE(answer->num_rows == 1);
    CHECK(reinterpret_cast<const Mixed*>(answer.row(0))->n == 7);
    CHECK(db.fetch_rows("outer", Position(Time{5}))->status == Status::Hole);
    HistoryOptions sim;
    sim.versions = {"sim"};
    const auto records = db.history("inner", sim);
    REQUIRE(records.size() == 1);
    CHECK(records[0].element == 3);
    CHECK(records[0].interval.end == 10);
    CHECK(records[0].created == Time{1});
    CHECK(records[0].reason == "import manifest.csv");
}

TEST_CASE("a manifest for several databases has a part for each, in order of name, and its effects when asked for") {
    Case one({"Calib_tpc", "Calib_svt"});
    auto request = one.request(
        "Calib/tpc/a,Mixed,@0,,,,,good.csv\n"
        "Calib/svt/b,Mixed,@0,,,,,good.csv\n"
        "Calib/tpc/c,Mixed,@0,,,,,good.csv\n");
    request.with_effects = true;
    request.reason = "new gains";
    std::vector<std::pair<std::uint64_t, std::uint64_t>> told;
    ManifestImport import(one.federation(), request, [&](auto done, auto total) { told.emplace_back(done, total); });
    CHECK(told == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{1, 3}, {2, 3}, {3, 3}});
    REQUIRE(import.parts().size() == 2);
    CHECK(import.parts()[0].name == "Calib_svt");
    CHECK(import.parts()[0].effects.size() == 1);
    CHECK(import.parts()[1].name == "Calib_tpc");
    CHECK(import.parts()[1].effects.size() == 2);
    CHECK(import.commit(1).records == 2);
    CHECK(one.database("Calib_svt").find_name("b") == std::nullopt);
    one.database().advance();
    CHECK(one.database().history("a").at(0).reason == "new gains");
    // Of one database only.
    auto only = one.request("Calib/tpc/d,Mixed,@0,,,,,good.csv\nCalib/svt/b,Mixed,@0,,,,,good.csv\n");
    only.only = "Calib_svt";
    const ManifestImport svt(one.federation(), only);
    REQUIRE(svt.parts().size() == 1);
    CHECK(svt.parts()[0].name == "Calib_svt");
}

TEST_CASE("the path - reads what is given for it, and is a file otherwise") {
    Case one;
    auto request = one.request("a,Mixed,@0,,,,,-\n");
    // Relative to the manifest: only one that lies here can say so.
    const auto problems = Case::problems_of([&] { ManifestImport(one.federation(), request); });
    CHECK(says(problems.at(0), "the file of values cannot be read"));
    std::istringstream in("n,m,x[0],x[1],f,s,on\n9,0,0,0,0,,0\n");
    const auto rows = load_rows("-", {mixed_layout()}, &in);
    CHECK(rows.num_rows == 1);
    CHECK(reinterpret_cast<const Mixed*>(rows.rows.get())->n == 9);
}

TEST_CASE("a manifest that cannot be read, or has no lines, is refused") {
    Case one;
    ImportRequest request;
    request.databases = {"Calib_tpc"};
    request.manifest = one.path("none.csv");
    auto error = error_of([&] { ManifestImport(one.federation(), request); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::BadInput);
    CHECK(says(*error, "the manifest cannot be read, " + request.manifest + "; expected a CSV file, found No such"));
    request.manifest = std::filesystem::path(one.path()).parent_path().string();
    error = error_of([&] { ManifestImport(one.federation(), request); });
    REQUIRE(error);
    CHECK(says(*error, "found a directory"));
    error = error_of([&] { one.read(""); });
    REQUIRE(error);
    CHECK(says(*error, "the manifest has no lines, " + one.path()));
    auto only = one.request("Calib/svt/a,Mixed,@0,,,,,good.csv\n");
    only.only = "Calib_tpc";
    error = error_of([&] { ManifestImport(one.federation(), only); });
    REQUIRE(error);
    CHECK(says(*error, "the manifest has no lines for database Calib_tpc"));
    one.write("manifest.csv", "table,struct,path\na,Mixed,good.csv\n");
    request.manifest = one.path();
    error = error_of([&] { ManifestImport(one.federation(), request); });
    REQUIRE(error);
    CHECK(says(*error, one.path() + ":1"));
    CHECK(says(*error, "beginTime"));
}

TEST_CASE("each kind of error in a line says file, line, what was expected and what was found") {
    check_problem("Calib//a,Mixed,@0,,,,,good.csv\n", 2, "the table path has an empty part",
                  "parts joined by single slashes", "Calib//a");
    check_problem("a,Mixed,@0,,,x,,good.csv\n", 2, "element is not a number", "an integer", "x");
    check_problem("a,Mixed,@0,,,,yesterday,good.csv\n", 2, "created: ", "", "yesterday");
    check_problem("a,Mixed,@0\n", 2, "another number of fields than the header", "8", "3");
    check_problem("a,,@0,,,,,good.csv\n", 2, "struct", "", "");
    check_problem("a,Mixed,soon,,,,,good.csv\n", 2, "beginTime of a", "a time such as", "'soon'");
    check_problem("a,Mixed,20157023,,,,,good.csv\n", 2, "a run number for a reference that is valid by time",
                  "a time such as", "20157023");
    check_problem("a,Mixed,@0,later,,,,good.csv\n", 2, "endTime of a", "a time such as", "'later'");
    check_problem("a,Mixed,@5,@5,,,,good.csv\n", 2, "begin and end are equal", "begin before end", "[");
    check_problem("a,Mixed,@5,@4,,,,good.csv\n", 2, "begin is after end", "begin before end", "[");
    check_problem("a,None,@0,,,,,good.csv\n", 2, "None", "", "");
    check_problem("a,Mixed,@0,,,,,none.csv\n", 2, "the file of values cannot be read", "a CSV or JSON file", "No such");
    check_problem("a,Mixed,@0,,,,,.\n", 2, "the file of values cannot be read", "a CSV or JSON file", "a directory");
    check_problem("Mixed,Other,@0,,,,,good.csv\n", 2, "the reference has another struct", "Mixed", "Other");
    check_problem("a,Mixed,@0,,,,,good.csv\n\na,Mixed,@0,,,,,good.csv\n", 4,
                  "two lines have the same table, version, element and begin", "one value to begin at a time",
                  "line 2 too");
}

TEST_CASE("a line for a database that is not given is an error that says which are") {
    check_problem("Calib/svt/a,Mixed,@0,,,,,good.csv\nCalib/svt/b,Mixed,@0,,,,,good.csv\n", 2,
                  "database Calib_svt is not given", "one of Calib_tpc", "");
    check_problem("a,Mixed,@0,,,,,good.csv\n", 2, "the table path names no database", "one of Calib_tpc, Calib_svt", "",
                  {"Calib_tpc", "Calib_svt"});
}

TEST_CASE("an error in a file of values names the line of the manifest and that of the file") {
    Case one;
    one.write("columns.csv", "n,m,x[0],f,s,on,extra\n1,2,3,4,a,0,5\n");
    one.write("value.csv", "n,m,x[0],x[1],f,s,on\n1,2,3,4,5,a,0\n1,oops,3,4,5,a,0\n");
    const auto problems = one.problems("a,Mixed,@0,,,,,columns.csv\nb,Mixed,@0,,,,,value.csv\n");
    REQUIRE(problems.size() == 2);
    CHECK(says(problems[0], one.path() + ":2, " + one.path("columns.csv")));
    CHECK(says(problems[0], "x[1]"));
    CHECK(says(problems[0], "extra"));
    CHECK(says(problems[1], one.path() + ":3, " + one.path("value.csv") + ":3"));
    CHECK(says(problems[1], "oops"));
}

TEST_CASE("all problems of all lines are told at once, and nothing is written") {
    Case one;
    const auto error = [&] {
        try {
            one.read("a,Mixed,soon,,,,,good.csv\nb,Mixed,@0,,,,,good.csv\nc,Mixed,@0,,,,,none.csv\n");
        } catch (const ManifestError& problem) {
            return problem;
        }
        throw std::runtime_error("no problem was found");
    }();
    CHECK(error.problems().size() == 2);
    CHECK(error.code() == ErrorCode::BadInput);
    CHECK(std::string(error.what()) == "2 problems in the manifest, " + one.path() + "; nothing was written");
    CHECK(one.database().names().size() == 1);
}

TEST_CASE("what a commit refuses is traced to the lines that it comes from") {
    Case one;
    auto import = one.read("a,Mixed,@0,,,,,good.csv\nno name,Mixed,@0,,,,,good.csv\n");
    const auto problems = Case::problems_of([&] { import.commit(0); });
    REQUIRE(problems.size() == 1);
    CHECK(says(problems[0], one.path() + ":3"));
    CHECK(says(problems[0], "no name"));
    // Of several databases none may be written when another one must refuse.
    Case two({"Calib_tpc", "Calib_svt"});
    const auto before = two.problems("Calib/svt/a,Mixed,@0,,,,,good.csv\nCalib/tpc/no name,Mixed,@0,,,,,good.csv\n");
    REQUIRE(before.size() == 1);
    CHECK(says(before[0], two.path() + ":3"));
    CHECK(two.database("Calib_svt").names().size() == 1);
}
