#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "etalon/error.h"
#include "etalon/time.h"

namespace {

using namespace etalon;

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t ns_of(std::string_view text) {
    return parse_time(text).ns;
}

/// The message of the error that reading the text gives; fails the test when there is none.
std::string refusal(std::string_view text) {
    try {
        const auto time = parse_time(text);
        FAIL(std::string(text) << " was read as " << time.ns);
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::BadInput);
        return error.what();
    }
    return {};
}

}  // namespace

TEST_CASE("times in all their forms are read") {
    CHECK(ns_of("1970-01-01T00:00:00Z") == 0);
    CHECK(ns_of("1970-01-01") == 0);
    CHECK(ns_of("1970-01-01Z") == 0);
    CHECK(ns_of("2019-06-09T13:20:47Z") == 1560086447 * kSecond);
    CHECK(ns_of("2019-06-09T13:20:47") == 1560086447 * kSecond);
    CHECK(ns_of("2019-06-09t13:20:47z") == 1560086447 * kSecond);
    CHECK(ns_of("2019-06-09") == 1560038400 * kSecond);
    CHECK(ns_of("2019-06-09T13:20:47.5Z") == 1560086447 * kSecond + kSecond / 2);
    CHECK(ns_of("2019-06-09T13:20:47.000000001Z") == 1560086447 * kSecond + 1);
    CHECK(ns_of("2019-06-09T13:20:47.100000000") == 1560086447 * kSecond + kSecond / 10);
    CHECK(ns_of("@0") == 0);
    CHECK(ns_of("@-1") == -1);
    CHECK(ns_of("@+17") == 17);
    CHECK(ns_of("@1560086447000000000") == 1560086447 * kSecond);
    CHECK(ns_of("-inf") == kMinusInfinity);
    CHECK(ns_of("inf") == kPlusInfinity);
    CHECK(ns_of("+inf") == kPlusInfinity);
}

TEST_CASE("times beyond 2038 and 2106 and before 1970 are exact") {
    CHECK(ns_of("2038-01-19T03:14:08Z") == (std::int64_t{1} << 31) * kSecond);
    CHECK(ns_of("2106-02-07T06:28:16Z") == (std::int64_t{1} << 32) * kSecond);
    CHECK(ns_of("1969-12-31T23:59:59Z") == -kSecond);
    CHECK(ns_of("1969-12-31T23:59:59.999999999Z") == -1);
    CHECK(ns_of("1969-12-31T23:59:59.000000001Z") == -kSecond + 1);
    CHECK(ns_of("1900-01-01") == -2208988800 * kSecond);
    CHECK(format_time({-1}) == "1969-12-31T23:59:59.999999999Z");
    CHECK(format_time({-kSecond}) == "1969-12-31T23:59:59Z");
    CHECK(format_time({-kSecond / 2}) == "1969-12-31T23:59:59.5Z");
}

TEST_CASE("the calendar is Gregorian with its leap years") {
    CHECK(ns_of("2000-02-29") == 951782400 * kSecond);
    CHECK(ns_of("2004-02-29") == 1078012800 * kSecond);
    CHECK(ns_of("2100-03-01") - ns_of("2100-02-28") == 86400 * kSecond);
    CHECK(refusal("1900-02-29") ==
          "not a time: there is no such day; expected a day from 01 to 28 in 1900-02, found '1900-02-29'");
    CHECK(refusal("2100-02-29T00:00:00Z").find("01 to 28 in 2100-02") != std::string::npos);
    CHECK(refusal("2019-04-31").find("01 to 30 in 2019-04") != std::string::npos);
    CHECK(refusal("2019-01-00").find("no such day") != std::string::npos);
    CHECK(refusal("2019-01-32").find("no such day") != std::string::npos);
    CHECK(refusal("2019-13-01").find("no such month") != std::string::npos);
    CHECK(refusal("2019-00-01").find("no such month") != std::string::npos);
}

TEST_CASE("the range is that of finite 64-bit nanoseconds, and nothing wraps") {
    constexpr auto kFirst = kMinusInfinity + 1;
    constexpr auto kLast = kPlusInfinity - 1;
    CHECK(ns_of("1677-09-21T00:12:43.145224193Z") == kFirst);
    CHECK(ns_of("2262-04-11T23:47:16.854775806Z") == kLast);
    CHECK(format_time({kFirst}) == "1677-09-21T00:12:43.145224193Z");
    CHECK(format_time({kLast}) == "2262-04-11T23:47:16.854775806Z");
    CHECK(format_time({kMinusInfinity}) == "-inf");
    CHECK(format_time({kPlusInfinity}) == "inf");
    CHECK(ns_of("@-9223372036854775807") == kFirst);
    CHECK(ns_of("@9223372036854775806") == kLast);
    for (const char* text : {"1677-09-21T00:12:43.145224192Z", "2262-04-11T23:47:16.854775807Z",
                             "2262-04-11T23:47:16.854775808Z", "1677-09-21", "1677-09-20", "2262-04-12", "0000-01-01",
                             "0001-01-01", "9999-12-31T23:59:59Z", "2262-04-11T23:47:17Z", "@-9223372036854775808",
                             "@9223372036854775807", "@9223372036854775808", "@99999999999999999999999"}) {
        CHECK(refusal(text) ==
              "time out of range; expected 1677-09-21T00:12:43.145224193Z to 2262-04-11T23:47:16.854775806Z, found '" +
                  std::string(text) + "'; write -inf or inf for a time without bound");
    }
}

TEST_CASE("what is not a time is refused with what would be right") {
    CHECK(refusal("2016-12-31T23:59:60Z") ==
          "not a time: 60 seconds; expected seconds from 00 to 59, found '2016-12-31T23:59:60Z'; times have no leap "
          "seconds; write second 59, or second 00 of the next minute");
    CHECK(refusal("2019-06-09T13:20:47+02:00") ==
          "not a time: it has an offset; expected a time in UTC, found '2019-06-09T13:20:47+02:00'; convert it to UTC "
          "and end it with Z");
    CHECK(refusal("2019-06-09T13:20:47-0500").find("offset") != std::string::npos);
    CHECK(refusal("2019-06-09T13:20:47.25+02").find("offset") != std::string::npos);
    CHECK(refusal("2019-06-09+02:00").find("offset") != std::string::npos);
    CHECK(refusal("2019-06-09T13:20:47.1234567890Z").find("1 to 9 digits") != std::string::npos);
    CHECK(refusal("2019-06-09T13:20:47.Z").find("1 to 9 digits") != std::string::npos);
    CHECK(refusal("2019-06-09T13:20Z").find("seconds are missing") != std::string::npos);
    CHECK(refusal("2019-06-09T13:20:4Z").find("seconds are missing") != std::string::npos);
    CHECK(refusal("2019-06-09T24:00:00Z").find("hour from 00 to 23") != std::string::npos);
    CHECK(refusal("2019-06-09T13:60:00Z").find("minute from 00 to 59") != std::string::npos);
    CHECK(refusal("2019-06-09T13:20:61Z").find("seconds from 00 to 59") != std::string::npos);
    CHECK(refusal("2019-06-09 13:20:47").find("write a T between date and time") != std::string::npos);
    CHECK(refusal("20190609T132047").find("write a date as YYYY-MM-DD") != std::string::npos);
    CHECK(refusal("").find("found nothing") != std::string::npos);
    CHECK(refusal("a\x01\xFF").find("found 'a\\x01\\xff'") != std::string::npos);
    for (const char* text : {"now",
                             "2019",
                             "2019-06",
                             "2019-6-9",
                             "19-06-09",
                             " 2019-06-09",
                             "2019-06-09 ",
                             "2019-06-09T",
                             "2019-06-09T13",
                             "2019-06-09T13:20:47ZZ",
                             "2019-06-09T13:20:47Zx",
                             "2019-06-09T13:20:47,5Z",
                             "2019/06/09",
                             "+2019-06-09",
                             "-2019-06-09",
                             "@",
                             "@1.5",
                             "@+-1",
                             "@ 1",
                             "INF",
                             "infinity",
                             "nan",
                             "1560086447",
                             "2019-06-09T13:20:47 Z",
                             "2019-06-09T1a:20:47Z",
                             "2019-06-09T-1:20:47Z",
                             "12019-06-09"}) {
        CAPTURE(text);
        CHECK_FALSE(refusal(text).empty());
    }
    CHECK_FALSE(refusal(std::string_view("2019-06-09\0", 11)).empty());
}

TEST_CASE("every time comes back from its text") {
    CHECK(rc::check("format_time and parse_time are inverse", [](std::int64_t ns) {
        RC_ASSERT(parse_time(format_time({ns})).ns == ns);
        RC_ASSERT(parse_position(Axis::Run, format_position({Axis::Run, ns})) == Position(Axis::Run, ns));
    }));
    CHECK(rc::check("over the whole range too", [] {
        const auto ns = *rc::gen::inRange(kMinusInfinity, kPlusInfinity);
        RC_ASSERT(parse_time(format_time({ns})).ns == ns);
        // Whole seconds have no fraction.
        const auto whole = ns / kSecond * kSecond;
        RC_ASSERT(format_time({whole}).find('.') == std::string::npos);
    }));
    CHECK(rc::check("texts order as times do", [](std::int64_t a, std::int64_t b) {
        RC_PRE(a > kMinusInfinity && b > kMinusInfinity && a < kPlusInfinity && b < kPlusInfinity);
        const auto whole = [](std::int64_t ns) { return format_time({ns / kSecond * kSecond}); };
        RC_ASSERT((whole(a) < whole(b)) == (a / kSecond < b / kSecond));
    }));
}

TEST_CASE("positions on the run axis are integers or infinities") {
    CHECK(parse_position(Axis::Run, "20150017") == Position(Run{20150017}));
    CHECK(parse_position(Axis::Run, "-5") == Position(Run{-5}));
    CHECK(parse_position(Axis::Run, "inf").value == kPlusInfinity);
    CHECK(parse_position(Axis::Run, "-inf") == Position(Axis::Run, kMinusInfinity));
    CHECK(parse_position(Axis::Time, "inf") == Position(Time{kPlusInfinity}));
    CHECK(parse_position(Axis::Time, "@5") == Position(Time{5}));
    CHECK(format_position(Run{-5}) == "-5");
    CHECK(format_position(Time{0}) == "1970-01-01T00:00:00Z");
    CHECK(format_position({Axis::Run, kMinusInfinity}) == "-inf");
    for (const char* text : {"", "x", "1.5", "1e3", "@5", "2019-06-09", " 1", "1 ", "+-1", "-", "9223372036854775807",
                             "-9223372036854775808", "9223372036854775808"}) {
        CAPTURE(text);
        CHECK_THROWS_AS((void)parse_position(Axis::Run, text), Error);
    }
    CHECK_THROWS_WITH((void)parse_position(Axis::Run, "9223372036854775807"),
                      "run number out of range; expected -9223372036854775807 to 9223372036854775806, found "
                      "'9223372036854775807'; write -inf or inf for a run without bound");
    CHECK_THROWS_AS((void)parse_position(Axis::Time, "12"), Error);
}

TEST_CASE("Python's calendar agrees on a batch of random times") {
    const std::string python = "/usr/bin/python3";
    if (!std::filesystem::exists(python)) {
        MESSAGE("skipped: no " << python);
        return;
    }
    // Whole seconds between the years 1678 and 2261.
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::uniform_int_distribution<std::int64_t> seconds(-9'214'560'000, 9'214'646'400);
    std::vector<std::int64_t> times;
    for (int i = 0; i < 20000; ++i) times.push_back(seconds(random));
    for (std::int64_t day = -106'000; day < 106'000; day += 5) times.push_back(day * 86'400 + (day % 2 == 0 ? 0 : -1));
    const auto folder = std::filesystem::temp_directory_path() / ("etalon_time_test_" + std::to_string(seed));
    std::filesystem::create_directories(folder);
    {
        std::ofstream script(folder / "oracle.py");
        script << "import sys\n"
                  "from datetime import datetime, timedelta\n"
                  "for line in open(sys.argv[1]):\n"
                  "    t = datetime(1970, 1, 1) + timedelta(seconds=int(line))\n"
                  "    print(t.strftime('%Y-%m-%dT%H:%M:%SZ'))\n";
        std::ofstream input(folder / "in");
        for (const auto time : times) input << time << "\n";
    }
    const std::string command = python + " '" + (folder / "oracle.py").string() + "' '" + (folder / "in").string() +
                                "' > '" + (folder / "out").string() + "'";
    REQUIRE(std::system(command.c_str()) == 0);
    std::ifstream output(folder / "out");
    std::string line;
    std::size_t agreed = 0;
    for (const auto time : times) {
        REQUIRE(std::getline(output, line));
        if (format_time({time * kSecond}) == line && ns_of(line) == time * kSecond) {
            ++agreed;
        } else {
            FAIL_CHECK(time << ": Python says " << line << ", we " << format_time({time * kSecond}));
        }
    }
    CHECK(agreed == times.size());
    std::filesystem::remove_all(folder);
}
