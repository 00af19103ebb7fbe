#include "database/unit_file.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "etalon/error.h"
#include "support/temp_directory.h"

using namespace etalon;

namespace {

void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
}

std::string problem_of(const test::TempDirectory& directory, const std::string& text) {
    const auto path = directory.file("bad.toml");
    write(path, text);
    try {
        static_cast<void>(read_unit_file(path));
        return "";
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::BadInput);
        return error.what();
    }
}

}  // namespace

TEST_CASE("a file of units says names, definitions and aliases") {
    test::TempDirectory directory;
    const auto path = directory.file("units.toml");
    write(path,
          "# of the beam\n[units]\nspill = \"12 s\"\nwafer = 'new'\ntick = { definition = \"50 ns\", aliases = "
          "[\"ticks\", \"tk\"] }\n");
    const auto units = read_unit_file(path);
    CHECK(units->names() == std::vector<std::string>{"spill", "wafer", "tick", "ticks", "tk"});
    CHECK(units->recorded("tk") == "tk where tk = tick, tick = 50 ns");
    write(path, "");
    CHECK(read_unit_file(path)->names().empty());
}

TEST_CASE("a file of units that is none is told with its line") {
    test::TempDirectory directory;
    CHECK(problem_of(directory, "[units]\nspill = 12\n").find("bad.toml:2") != std::string::npos);
    CHECK(problem_of(directory, "[units]\n\nspill = { definition = \"12 s\", alias = [] }\n").find("bad.toml:3") !=
          std::string::npos);
    CHECK(problem_of(directory, "[units]\nspill = { aliases = [] }\n").find("no definition") != std::string::npos);
    CHECK(problem_of(directory, "[units]\nspill = { definition = \"s\", aliases = [3] }\n").find("an alias") !=
          std::string::npos);
    CHECK(problem_of(directory, "[unit]\n").find("another part than [units]") != std::string::npos);
    CHECK(problem_of(directory, "units = 3\n").find("another part than [units]") != std::string::npos);
    CHECK(problem_of(directory, "[units\n").find("not TOML") != std::string::npos);
    CHECK(problem_of(directory, "[units]\nspill = \"12 z\"\n")
              .find("bad.toml:2: '12 z', the definition of spill, is no unit") != std::string::npos);
    CHECK_THROWS_AS(static_cast<void>(read_unit_file(directory.file("absent.toml"))), Error);
}

TEST_CASE("the file of units is that of the folder of a header, or of the nearest one above it in the repository") {
    test::TempDirectory directory;
    const auto top = std::filesystem::canonical(directory.file("")).string();
    const auto header = directory.file("repo/structs/tpc/gains.h");
    std::filesystem::create_directories(directory.file("repo/.git"));
    write(header, "");
    write(directory.file("units.toml"), "");
    CHECK(find_unit_file(header) == "");
    write(directory.file("repo/structs/units.toml"), "");
    CHECK(std::filesystem::canonical(find_unit_file(header)) == std::filesystem::path(top) / "repo/structs/units.toml");
    write(directory.file("repo/structs/tpc/units.toml"), "");
    CHECK(std::filesystem::canonical(find_unit_file(header)) ==
          std::filesystem::path(top) / "repo/structs/tpc/units.toml");
}
