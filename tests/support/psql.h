#pragma once
/// SQL that a neighbour runs, without Etalon in between.

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "support/temp_directory.h"

namespace etalon::test {

/// Whether psql ran the script to its end, and what it printed (standard error included). `options` are those of the
/// server, such as `-c search_path=pg_catalog`; what stands behind # in the URL does not matter.
struct PsqlResult {
    bool done = false;
    std::string text;
};
inline PsqlResult run_psql(const std::string& url, const std::string& sql, const std::string& options = {}) {
    const TempDirectory directory;
    std::ofstream(directory.file("script")) << sql;
    const auto command = "PGOPTIONS='" + options + "' psql --no-psqlrc -qAt -F '|' -v ON_ERROR_STOP=1 -f '" +
                         directory.file("script") + "' '" + url.substr(0, url.find('#')) + "' > '" +
                         directory.file("out") + "' 2>&1";
    PsqlResult result;
    result.done = std::system(command.c_str()) == 0;
    std::ifstream in(directory.file("out"));
    result.text.assign(std::istreambuf_iterator<char>(in), {});
    return result;
}
/// The same; fails the test when the script does.
inline std::string psql(const std::string& url, const std::string& sql, const std::string& options = {}) {
    const auto result = run_psql(url, sql, options);
    INFO(result.text);
    REQUIRE(result.done);
    return result.text;
}

}  // namespace etalon::test
