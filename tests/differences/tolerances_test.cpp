#include "differences/tolerances.h"

#include <doctest/doctest.h>

#include <limits>

#include "backends/each_engine.h"
#include "schema/build.h"

using namespace etalon;
using namespace etalon::differences;
using etalon::test::element;
using etalon::test::error_of;
using etalon::test::natural;

namespace {

DefinitionPtr layout() {
    auto status = element("status", ScalarType::UInt8);
    status.enumerators = {{"kGood", 0}};
    return std::make_shared<const StructDefinition>(
        natural({element("gain", ScalarType::Float32, {3}), element("gain2", ScalarType::Float64),
                 element("pos.x", ScalarType::Float64), element("hit[0].adc", ScalarType::Int32),
                 element("hit[1].adc", ScalarType::Int32), element("label", ScalarType::Char, {8}),
                 element("on", ScalarType::Bool), status}));
}

std::vector<double> limits(const std::string& path, const std::vector<DiffTolerance>& tolerances) {
    const auto of_struct = layout();
    std::vector<bool> used(tolerances.size());
    for (const auto& one : of_struct->elements) {
        if (one.path == path) return limits_for(one, tolerances, used).limits;
    }
    return {};
}

void check(const std::vector<DiffTolerance>& tolerances) {
    const std::vector<DefinitionPtr> layouts{layout()};
    check_tolerances(tolerances, "--tolerance", layouts);
}

void check_key(const DiffKey& key) {
    const std::vector<DefinitionPtr> layouts{layout()};
    check_keys({&key, 1}, layouts);
}

}  // namespace

TEST_CASE("a tolerance without a pattern is for all numbers, and for nothing else") {
    CHECK(limits("gain", {{"", 0.5}}) == std::vector<double>{0.5});
    CHECK(limits("hit[1].adc", {{"", 0.5}}) == std::vector<double>{0.5});
    CHECK(limits("label", {{"", 0.5}}) == std::vector<double>{0});
    CHECK(limits("on", {{"", 0.5}}) == std::vector<double>{0});
    CHECK(limits("status", {{"", 0.5}}) == std::vector<double>{0});
}

TEST_CASE("a pattern means a member, a value of one, or what a star makes of it") {
    CHECK(limits("gain", {{"gain", 1}}) == std::vector<double>{1});
    CHECK(limits("gain2", {{"gain", 1}}) == std::vector<double>{0});
    CHECK(limits("gain", {{"gain[*]", 1}}) == std::vector<double>{1, 1, 1});
    CHECK(limits("gain", {{"gain[2]", 1}}) == std::vector<double>{0, 0, 1});
    CHECK(limits("gain2", {{"gain[*]", 1}}) == std::vector<double>{0});
    CHECK(limits("gain2", {{"gain*", 1}}) == std::vector<double>{1});
    CHECK(limits("hit[1].adc", {{"hit[*].adc", 3}}) == std::vector<double>{3});
    CHECK(limits("pos.x", {{"*.x", 3}}) == std::vector<double>{3});
    CHECK(limits("pos.x", {{"*", 3}}) == std::vector<double>{3});
}

TEST_CASE("the pattern that says more of a name counts, in whatever order they are given") {
    const std::vector<double> expected{1, 9, 1};
    CHECK(limits("gain", {{"", 5}, {"gain[*]", 1}, {"gain[1]", 9}}) == expected);
    CHECK(limits("gain", {{"gain[1]", 9}, {"gain[*]", 1}, {"", 5}}) == expected);
    CHECK(limits("gain2", {{"gain[1]", 9}, {"gain[*]", 1}, {"", 5}}) == std::vector<double>{5});
}

TEST_CASE("tolerances that make no sense are errors that say what does") {
    CHECK_NOTHROW(check({{"", 0}, {"gain", 1}, {"*", std::numeric_limits<double>::infinity()}}));
    CHECK(error_of([] { check({{"", -1}}); }).info().found == "-1");
    CHECK(error_of([] { check({{"gain", std::numeric_limits<double>::quiet_NaN()}}); }).code() == ErrorCode::Usage);
    const auto text = error_of([] { check({{"label", 1}}); });
    CHECK(text.code() == ErrorCode::Usage);
    CHECK(text.info().found == "label is text");
    CHECK(error_of([] { check({{"on", 1}}); }).info().found == "on is a boolean");
    CHECK(error_of([] { check({{"status", 1}}); }).info().found == "status is an enumeration");
    const auto unknown = error_of([] { check({{"gian[*]", 1}}); });
    CHECK(unknown.code() == ErrorCode::Usage);
    CHECK(unknown.info().advice.find("did you mean 'gain'") == 0);
    CHECK(error_of([] { check({{"gain[3]", 1}}); }).info().what == "a tolerance fits no member");
    CHECK(error_of([] { check({{"gain2[*]", 1}}); }).info().what == "a tolerance fits no member");
    CHECK(error_of([] { check({{"gain", 1}, {"gain", 2}}); }).info().what == "a tolerance is given twice");
}

TEST_CASE("keys that make no sense are errors that say what does") {
    CHECK_NOTHROW(check_key({"", {"label", "status", "hit[0].adc"}}));
    CHECK(error_of([] { check_key({"", {"gain"}}); }).info().what == "a key is an array");
    CHECK(error_of([] { check_key({"", {"gain[1]"}}); }).info().what == "a key is one value of an array");
    CHECK(error_of([] { check_key({"", {"lable"}}); }).info().advice.find("did you mean 'label'") == 0);
    CHECK(error_of([] { check_key({"", {"label", "label"}}); }).info().what == "a key names a member twice");
    CHECK(error_of([] { check_key({"Sampel", {"label"}}); }).info().advice == "did you mean 'Sample'?");
}

TEST_CASE("a key that only some of several structs have says how to name one") {
    const std::vector<DefinitionPtr> layouts{
        layout(), std::make_shared<const StructDefinition>(natural({element("x", ScalarType::Int32)}, "Other"))};
    const DiffKey for_all{"", {"label"}};
    const DiffKey for_one{"Sample", {"label"}};
    CHECK(error_of([&] { check_keys({&for_all, 1}, layouts); }).info().advice.find("STRUCT=MEMBER") !=
          std::string::npos);
    CHECK_NOTHROW(check_keys({&for_one, 1}, layouts));
}

TEST_CASE("tolerances and keys are read from what people write") {
    CHECK(parse_tolerance("1e-6", "--tolerance") == DiffTolerance{"", 1e-6});
    CHECK(parse_tolerance("gain[*]=1e-6", "--tolerance") == DiffTolerance{"gain[*]", 1e-6});
    CHECK(parse_tolerance("inf", "--tolerance").limit == std::numeric_limits<double>::infinity());
    for (const auto* bad :
         {"", "x", "nan", "-1", "-0.5", "gain=", "=1", "gain=x", "gain=-1", "gain=nan", "1e999", "1 "})
        CHECK(error_of([&] { (void)parse_tolerance(bad, "--tolerance"); }).code() == ErrorCode::Usage);
    CHECK(parse_diff_key("a") == DiffKey{"", {"a"}});
    CHECK(parse_diff_key("a,hit[0].x") == DiffKey{"", {"a", "hit[0].x"}});
    CHECK(parse_diff_key("ns::S=a,b") == DiffKey{"ns::S", {"a", "b"}});
    for (const auto* bad : {"", ",", "a,", ",a", "S=", "=a", "a,,b"})
        CHECK(error_of([&] { (void)parse_diff_key(bad); }).code() == ErrorCode::Usage);
}
