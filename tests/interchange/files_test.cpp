#include <doctest/doctest.h>

#include <vector>

#include "interchange/files.h"

using namespace etalon;
using namespace etalon::interchange;

TEST_CASE("stored files leave with their path, hash and size") {
    File file{};
    file.sha256[0] = 0xab;
    file.sha256[31] = 0x01;
    file.size = 18446744073709551615U;
    const auto table = file_table(std::vector{FileAtPath{file, "a, \"b\""}});
    const auto digits = "ab" + std::string(60, '0') + "01";
    CHECK(to_json(table) ==
          "[\n {\"path\":\"a, \\\"b\\\"\",\"sha256\":\"" + digits + "\",\"size\":18446744073709551615}\n]");
    CHECK(to_csv(table) == "path,sha256,size\n\"a, \"\"b\"\"\"," + digits + ",18446744073709551615\n");
}

TEST_CASE("what is wrong with stored files leaves with who needs them, and null where nothing is known") {
    std::vector<FileFinding> findings(2);
    findings[0].fault = FileFault::Missing;
    findings[0].what = "not there";
    findings[0].expected = "sha256:00:1";
    findings[0].found = "nothing";
    findings[0].advice = "put it";
    findings[0].use = {"0123", "pixels"};
    findings[1].fault = FileFault::HalfWritten;
    findings[1].path = "ab/.part-1";
    findings[1].what = "stopped";
    findings[1].removable = true;
    findings[1].removed = true;
    CHECK(to_csv(file_check_table(findings)) ==
          "fault,path,what,expected,found,advice,object,member,removable,removed\n"
          "missing,,not there,sha256:00:1,nothing,put it,0123,pixels,no,no\n"
          "half-written,ab/.part-1,stopped,,,,,,yes,yes\n");
    CHECK(to_json(file_check_table(findings)).find("\"path\":null") != std::string::npos);
}
