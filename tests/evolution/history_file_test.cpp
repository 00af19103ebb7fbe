#include "evolution/history_file.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>
#include <set>
#include <span>

#include "etalon/error.h"
#include "schema/definition.h"
#include "tests/schema/build.h"
#include "tests/schema/random_definitions.h"

using namespace etalon;
using namespace etalon::schema;
using namespace etalon::evolution;
using etalon::test::element;
using etalon::test::natural;

namespace {

DefinitionPtr layout(std::vector<Element> elements) {
    return std::make_shared<const StructDefinition>(natural(std::move(elements), "Gain"));
}

const DefinitionPtr kFirst = layout({element("gain", ScalarType::Float32, {3}, "mV/fC")});
const DefinitionPtr kSecond = layout({element("gain", ScalarType::Float64, {3}, "mV/fC")});
const DefinitionPtr kThird = layout({element("gain", ScalarType::Char, {8})});

std::string file_of(const std::vector<DefinitionPtr>& layouts) {
    return append_history("", "Gain.json", "Gain", layouts);
}

/// The error of reading the text, as one line.
std::string problem(const std::string& text) {
    try {
        (void)read_history(text, "Gain.json");
    } catch (const Error& error) {
        return error.what();
    }
    return "none";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a history has its layouts oldest first and the last one current") {
    const auto history = read_history(file_of({kFirst, kSecond}), "Gain.json");
    CHECK(history.struct_name == "Gain");
    REQUIRE(history.recorded.layouts.size() == 2);
    CHECK(*history.recorded.layouts[0].definition == *kFirst);
    CHECK(*history.recorded.layouts[1].definition == *kSecond);
    CHECK(history.recorded.layouts[1].schema == 2);
    CHECK(history.recorded.current == 2);
    CHECK(history.find(*kFirst) == 1);
    CHECK(history.find(*kThird) == 0);
}

TEST_CASE("an appended layout leaves every byte before it, and an older one can be the current one again") {
    const auto before = file_of({kFirst, kSecond});
    const std::vector<DefinitionPtr> third = {kThird};
    const auto after = append_history(before, "Gain.json", "Gain", third);
    const auto kept = before.substr(0, before.rfind("\n]}"));
    CHECK(after.substr(0, kept.size()) == kept);
    CHECK(read_history(after, "Gain.json").recorded.current == 3);

    const auto back = append_history(after, "Gain.json", "Gain", {}, kFirst.get());
    CHECK(read_history(back, "Gain.json").recorded.current == 1);
    CHECK(read_history(back, "Gain.json").recorded.layouts.size() == 3);
    CHECK(append_history(back, "Gain.json", "Gain", {}, kFirst.get()) == back);
}

TEST_CASE("a history in another indentation is appended to as it is") {
    const auto pretty = nlohmann::ordered_json::parse(file_of({kFirst})).dump(4) + "\n\n";
    const std::vector<DefinitionPtr> second = {kSecond};
    const auto after = append_history(pretty, "Gain.json", "Gain", second);
    const auto last = pretty.find_last_not_of(" \n", pretty.rfind(']') - 1);
    CHECK(after.starts_with(pretty.substr(0, last + 1)));
    CHECK(read_history(after, "Gain.json").recorded.layouts.size() == 2);
}

TEST_CASE("a history that was changed is refused with its place") {
    const auto good = file_of({kFirst, kSecond});
    CHECK(problem(good) == "none");
    CHECK(problem(replaced(good, "float32", "int32")).find("does not match its hash, Gain.json, layouts[0]") !=
          std::string::npos);
    CHECK(problem(replaced(good, "mV/fC", "fC")).find("layouts[0]") != std::string::npos);
    const auto at = good.find("definitionHash\":\"") + 17;
    CHECK(problem(replaced(good, good.substr(at, 8), "00000000")).find("layouts[0]") != std::string::npos);
    CHECK(problem(replaced(good, "\"schema\":2", "\"schema\":3")).find("layouts[1].schema") != std::string::npos);
    CHECK(problem(replaced(good, "\"struct\":\"Gain\"", "\"struct\":\"Other\"")).find("struct Gain") !=
          std::string::npos);
    CHECK(problem(replaced(good, "\"format\":1", "\"format\":2")).find("newer Etalon") != std::string::npos);
    CHECK(problem(replaced(good, "\"format\":1", "\"format\":1,\"more\":1")).find("unknown key more") !=
          std::string::npos);
    CHECK(problem(good.substr(0, good.size() / 2)).find("not JSON") != std::string::npos);
    CHECK(problem("").find("not JSON") != std::string::npos);
    CHECK(problem("[]").find("an object") != std::string::npos);
    CHECK(problem(R"({"format":1,"struct":"Gain","layouts":[]})").find("at least one layout") != std::string::npos);
    // An entry without a definition must be about a layout before it, with its hash.
    const auto back = append_history(good, "Gain.json", "Gain", {}, kFirst.get());
    CHECK(problem(back) == "none");
    const auto last = back.rfind("\"schema\":1");
    CHECK(problem(std::string(back).replace(last, 10, "\"schema\":2")).find("layouts[2]") != std::string::npos);
    CHECK(problem(std::string(back).replace(last, 10, "\"schema\":9")).find("1 to 2") != std::string::npos);
}

TEST_CASE("a layout is not recorded twice") {
    const auto once = file_of({kFirst});
    const std::vector<DefinitionPtr> again = {kFirst};
    CHECK_THROWS_AS((void)append_history(once, "Gain.json", "Gain", again), Error);
    const std::vector<DefinitionPtr> other = {
        std::make_shared<const StructDefinition>(natural({element("gain", ScalarType::Float32)}, "Other"))};
    CHECK_THROWS_AS((void)append_history(once, "Gain.json", "Gain", other), Error);
}

TEST_CASE("a struct that was renamed keeps its file, and says so in the entry of the layout with the new name") {
    const auto renamed =
        std::make_shared<const StructDefinition>(natural({element("gain", ScalarType::Float32)}, "Other"));
    const auto later =
        std::make_shared<const StructDefinition>(natural({element("gain", ScalarType::Float64)}, "Other"));
    const auto both = append_history(file_of({kFirst}), "Gain.json", "Other", std::vector{DefinitionPtr(renamed)});
    CHECK(both.find("\"schema\":2,\"definitionHash\":") < both.find("\"renamedFrom\":\"Gain\",\"definition\""));
    const auto all = append_history(both, "Gain.json", "Other", std::vector{DefinitionPtr(later)});
    CHECK(all == append_history("", "Gain.json", "Other", std::vector<DefinitionPtr>{kFirst, renamed, later}));
    const auto history = read_history(all, "Gain.json");
    CHECK(history.struct_name == "Gain");
    CHECK(history.name() == "Other");
    CHECK(history.recorded.layouts.size() == 3);
    CHECK(problem(replaced(all, "\"renamedFrom\":\"Gain\",", "")).find("struct Gain") != std::string::npos);
    CHECK(problem(replaced(all, "\"renamedFrom\":\"Gain\"", "\"renamedFrom\":\"Else\"")).find("Else") !=
          std::string::npos);
}

TEST_CASE("names of history files have no colons") {
    CHECK(history_file_name("gains") == "gains.json");
    CHECK(history_file_name("tpc::inner::gains") == "tpc.inner.gains.json");
}

TEST_CASE("any definitions come back from a history") {
    CHECK(rc::check("histories keep definitions", [] {
        std::vector<DefinitionPtr> layouts;
        std::set<Sha256> seen;
        const auto number = test::pick(1, 5);
        for (std::uint64_t i = 0; i < number; ++i) {
            auto definition = test::random_definition();
            definition.name = "Any";
            if (seen.insert(definition_hash(definition)).second) {
                layouts.push_back(std::make_shared<const StructDefinition>(std::move(definition)));
            }
        }
        std::string text;
        for (std::size_t i = 0; i < layouts.size(); ++i) {
            text = append_history(text, "Any.json", "Any", std::span(layouts).subspan(i, 1));
        }
        RC_ASSERT(text == append_history("", "Any.json", "Any", layouts));
        const auto history = read_history(text, "Any.json");
        RC_ASSERT(history.recorded.layouts.size() == layouts.size());
        for (std::size_t i = 0; i < layouts.size(); ++i) {
            RC_ASSERT(to_json(*history.recorded.layouts[i].definition) == to_json(*layouts[i]));
        }
    }));
}
