#include "base/passwords.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

using namespace etalon;

namespace {

/// URLs and connection strings as people may get them wrong, each with S3CRET where the password is.
const std::vector<std::string>& texts() {
    static const std::vector<std::string> kTexts = {
        "postgresql://bob:S3CRET@h/db",
        "postgresql://bob:S3CRET@h:5432/db?sslmode=require#Name",
        "postgresql://bob:S3CRET",
        "postgresql://bob:S3CRET/db",
        "postgresql://bob@h:S3CRET/db",
        "postgresql:bob:S3CRET",
        "postgresql:bob:S3CRET@h/db",
        "postgresql:/bob:S3CRET@h/db",
        "postgres//bob:S3CRET@h/db",
        "postgres:bob:S3CRET@h",
        "POSTGRESQL://bob:S3CRET@h/db",
        "Postgres:bob:S3CRET",
        "pg://bob:S3CRET@h",
        "mysql://bob:S3CRET@h/db",
        "bob:S3CRET@h/db",
        "//bob:S3CRET@h/db",
        "postgresql://bob:S3CRET@@h/db",
        "postgresql://bob:x@S3CRET@h/db",
        "postgresql://bob:x/S3CRET@h/db",
        "postgresql://bob:x?S3CRET@h/db",
        "postgresql://bob:x#S3CRET@h/db",
        "postgresql://bob:x S3CRET@h/db",
        "postgresql://bob:12/S3CRET@h/db",
        "postgresql://h/db?password=S3CRET",
        "postgresql://h/db?user=bob&password=S3CRET&port=1",
        "postgresql://h/db?%70assword=S3CRET",
        "postgresql://h/db?sslpassword=S3CRET#N",
        "postgresql://h/db?password=x&S3CRET",
        "host=h user=bob password=S3CRET dbname=db",
        "host=h password='S3CRET' dbname=db",
        "host=h password = 'a S3CRET' dbname=db",
        "host=h password = 'a\\' S3CRET'",
        "host=h PASSWORD=S3CRET",
        "host=h password='S3CRET",
        "password=S3CRET",
        "PGPASSWORD=S3CRET",
        "PGPASSWORD='S3CRET x' etalon get",
        "passwd=S3CRET",
        "pwd:S3CRET",
        "{\"password\": \"S3CRET\"}",
        "sqlite:bob:S3CRET@h/db",
        "user=bob:S3CRET@h",
    };
    return kTexts;
}

}  // namespace

TEST_CASE("a password is taken out of URLs and connection strings, also of malformed ones") {
    for (const auto& text : texts()) {
        for (const std::string& around : {text, "there is no " + text, "'" + text + "' is no URL; see etalon --help",
                                          "(" + text + ")", "a.h:12:3: " + text + ", expected x"}) {
            CAPTURE(around);
            const auto shown = without_passwords(around);
            CAPTURE(shown);
            CHECK(shown.find("S3CRET") == std::string::npos);
            CHECK(shown.find("***") != std::string::npos);
            CHECK(without_passwords(shown) == shown);
        }
        CAPTURE(text);
        CHECK(shown_place(text).find("S3CRET") == std::string::npos);
    }
    CHECK(without_passwords("postgresql://bob:S3CRET@h/db#N is ready") == "postgresql://bob:***@h/db#N is ready");
    CHECK(without_passwords("host=h password = 'a b' user=bob") == "host=h password = *** user=bob");
    CHECK(without_passwords("postgresql://h/db?password=x&port=1") == "postgresql://h/db?password=***&port=1");
    CHECK(without_passwords("found 'postgresql:bob:x'") == "found 'postgresql:***'");
}

TEST_CASE("text without a password stays as it is") {
    for (const char* text : {"",
                             "gain",
                             "a = b",
                             "postgresql://u@h:5432/db?user=a@b#N",
                             "postgresql://h1:1,h2:2/db",
                             "postgresql:///db?host=/run/x",
                             "sqlite:/a b/c@d.db",
                             "csv:/x/y#N",
                             "gains.h:12:3: unknown type",
                             "2024-01-01T12:00:00Z",
                             "ns::Name",
                             "write to bob@h",
                             "check the user and password (PGPASSWORD, ~/.pgpass or the URL)",
                             "wrong password: repeat",
                             "PostgreSQL: the server is busy",
                             "write postgresql://host/dbname or postgresql:///dbname",
                             "sqlite:PATH[#Name], postgresql://[user@][host][:port]/dbname[?parameters][#Name], "
                             "csv:DIRECTORY[#Name] or memory:[#Name]",
                             "/tmp//a.h:1:2: error",
                             "postgresql://u@[::1]:5432/db",
                             "postgresql://[::1]:5432/db",
                             "bypass=1",
                             "password authentication failed",
                             "-d is not a URL, x.db",
                             "Etalon::password::Name"}) {
        CAPTURE(text);
        CHECK(without_passwords(text) == text);
    }
}

TEST_CASE("what should have been a place is shown as far as it can hold no password") {
    CHECK(shown_place("x.db") == "x.db");
    CHECK(shown_place("/abs/x.db") == "/abs/x.db");
    CHECK(shown_place("sqlit:/abs/x.db") == "sqlit:/abs/x.db");
    CHECK(shown_place("sqlite:/a b.db") == "sqlite:/a b.db");
    CHECK(shown_place("postgresql:x") == "postgresql:***");
    CHECK(shown_place("host=h password=x") == "host=***");
    CHECK(shown_place("x@h") == "***");
    CHECK(shown_place("h:5432:db:bob:x") == "h:***");
}

TEST_CASE("what a library quotes is left out, also where the quote is not closed") {
    CHECK(without_quoted("bad \"a b\" and \"c\"!", '"', "\"...\"") == "bad \"...\" and \"...\"!");
    CHECK(without_quoted("saw 'x", '\'', "...") == "saw ...");
    CHECK(without_quoted("nothing", '"', "...") == "nothing");
}

TEST_CASE("taking passwords out takes time in proportion to the text, and done twice is the same") {
    rc::check([] {
        const auto pieces = *rc::gen::container<std::vector<std::string>>(
            rc::gen::element<std::string>("postgresql:", "//", "/", "bob", ":", "@", "h", "?", "password", "=", "'",
                                          "\"", " ", "&", "#", "\\", "x", "12", "***"));
        std::string text;
        for (const auto& piece : pieces) text += piece;
        const auto once = without_passwords(text);
        RC_ASSERT(without_passwords(once).size() <= once.size());
    });
    for (const std::string& piece : {std::string("="), std::string("&a"), std::string("password="), std::string("a:@ "),
                                     std::string("postgresql:a ")}) {
        std::string text;
        while (text.size() < 1'000'000) text += piece;
        CHECK(without_passwords(text).size() <= 4 * text.size());
    }
}
