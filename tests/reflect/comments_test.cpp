#include "reflect/comments.h"

#include <doctest/doctest.h>

namespace {

using namespace etalon::reflect;

TEST_CASE("comment marks go, words stay") {
    CHECK(strip_marks("// gain ") == "gain");
    CHECK(strip_marks("///< gain") == "gain");
    CHECK(strip_marks("//!< gain") == "gain");
    CHECK(strip_marks("/** gain */") == "gain");
    CHECK(strip_marks("/*!< gain */") == "gain");
    CHECK(strip_marks("/* a\n * b\n *\n * c */") == "a b c");
    CHECK(strip_marks("/* a * b */") == "a * b");
    CHECK(strip_marks("/* a\r\n   b */") == "a b");
    CHECK(strip_marks("/**/").empty());
    CHECK(strip_marks("//").empty());
    CHECK(strip_marks("/***** title *****/") == "title");
    CHECK(strip_marks("// a \\\n b") == "a b");
}

}  // namespace
