// Structs that got another name: through files of rules, on both engines, over layers, and in what people see.
#include "place/struct_renames.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "database/support.h"
#include "etalon/federation.h"
#include "etalon/verify.h"
#include "evolution/rules.h"

using namespace etalon;
using etalon::test::ask;
using etalon::test::commit;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::TempDirectory;
using Action = RegisterOutcome::Action;

namespace {

/// What programs were compiled with.
struct PadGain {
    double gain, x, y;
};
struct TpcGain {
    double gain, x, y, z;
};
struct SubGain {
    double gain, x, y, z;
};

}  // namespace

template <>
struct etalon::StructTraits<PadGain> {
    static constexpr std::string_view kName = "padGain";
    static constexpr std::string_view kDefinition =
        R"({"name":"padGain","size":24,"alignment":8,"elements":[{"name":"gain","type":"float64","offset":0},{"name":"x","type":"float64","offset":8},{"name":"y","type":"float64","offset":16}]})";
};
template <>
struct etalon::StructTraits<TpcGain> {
    static constexpr std::string_view kName = "tpcGain";
    static constexpr std::string_view kDefinition =
        R"({"name":"tpcGain","size":32,"alignment":8,"elements":[{"name":"gain","type":"float64","offset":0},{"name":"x","type":"float64","offset":8},{"name":"y","type":"float64","offset":16},{"name":"z","type":"float64","offset":24}]})";
};
template <>
struct etalon::StructTraits<SubGain> {
    static constexpr std::string_view kName = "subGain";
    static constexpr std::string_view kDefinition =
        R"({"name":"subGain","size":32,"alignment":8,"elements":[{"name":"gain","type":"float64","offset":0},{"name":"x","type":"float64","offset":8},{"name":"y","type":"float64","offset":16},{"name":"z","type":"float64","offset":24}]})";
};

namespace {

/// A struct with 8-byte doubles of these names.
StructDefinition doubles(const std::string& name, const std::vector<std::string>& paths) {
    StructDefinition definition;
    definition.name = name;
    definition.alignment = 8;
    for (const auto& path : paths) {
        Element one;
        one.path = path;
        one.type = ScalarType::Float64;
        one.offset = definition.size;
        definition.size += one.bytes();
        definition.elements.push_back(one);
    }
    return definition;
}

const StructDefinition kPad = doubles("padGain", {"gain", "x", "y"});
const StructDefinition kTpc = doubles("tpcGain", {"gain", "x", "y"});
const StructDefinition kTpcWide = doubles("tpcGain", {"amplification", "x", "y", "z"});
const StructDefinition kTpcLater = doubles("tpcGain", {"gain", "x", "y", "z"});
const StructDefinition kSub = doubles("subGain", {"gain", "x", "y", "z"});

std::string rename(const StructDefinition& from, const StructDefinition& to) {
    return "rename struct " + from.name + " -> " + to.name + "\n";
}

RulesFile rules(const StructDefinition& from, const StructDefinition& to, const std::string& lines) {
    return {"a.rules", "struct " + to.name + "\nfrom " + evolution::layout_name(from).substr(0, 12) + " to " +
                           evolution::layout_name(to).substr(0, 12) + "\n" + lines};
}

RegisterReport record(Database& db, const StructDefinition& definition, std::vector<RulesFile> files = {},
                      bool strict = false, bool make_current = false) {
    RegisterOptions options;
    options.rules = std::move(files);
    options.strict = strict;
    options.make_current = make_current;
    auto report = db.register_structs({&definition, 1}, options);
    db.advance();
    return report;
}

PutRecord record_of(const StructDefinition& layout, std::int64_t begin, const std::vector<double>& values,
                    const std::string& name = "padGain") {
    PutRecord record;
    record.name = name;
    record.begin = begin;
    record.num_rows = 1;
    record.layout = std::make_shared<const StructDefinition>(layout);
    const auto copy = std::make_shared<std::vector<double>>(values);
    record.rows = std::shared_ptr<const std::byte>(copy, reinterpret_cast<const std::byte*>(copy->data()));
    return record;
}

std::vector<double> read(Database& db, std::int64_t at, const StructDefinition& layout,
                         const std::string& name = "padGain") {
    // As a program does that was compiled with that layout.
    FetchOptions options;
    const auto& definitions = db.get_definitions(layout.name);
    for (std::size_t i = 0; i < definitions.size(); ++i) {
        if (evolution::layout_name(*definitions[i]) == evolution::layout_name(layout))
            options.schema = static_cast<std::int64_t>(i) + 1;
    }
    REQUIRE(options.schema != 0);
    const auto answer = db.fetch_rows(name, Time{at}, options);
    REQUIRE(answer->num_rows == 1);
    CHECK(answer->layout->name == layout.name);
    std::vector<double> values(answer->layout->size / 8);
    std::memcpy(values.data(), answer->data.get(), answer->layout->size);
    return values;
}

bool asks(const RegisterOutcome& outcome, const std::string& question) {
    return std::ranges::find(outcome.proposed, question) != outcome.proposed.end();
}

void check_sound(const std::string& url) {
    auto db = Database::open(url);
    VerifyOptions options;
    options.deep = true;
    const auto report = db.verify(options);
    for (const auto& one : report.findings) FAIL_CHECK(one.table << " " << one.key << " " << one.what);
}

}  // namespace

TEST_CASE("a struct that a rule renames keeps versions, references and values, and programs of both names read them") {
    const EachEngine engine;
    if (!engine) return;
    {
        auto db = Database::open(engine.url(), {.create = true});
        (void)record(db, kPad);
        commit(db, {record_of(kPad, 10, {1, 2, 3})});
        const auto report = record(
            db, kTpcWide, {rules(kPad, kTpcWide, rename(kPad, kTpcWide) + "rename gain -> amplification\n")}, true);
        CHECK_FALSE(report.blocked);
        const auto& outcome = report.outcomes.at(0);
        CHECK(outcome.action == Action::NewSchema);
        CHECK(outcome.schema == 2);
        CHECK(outcome.struct_name == "tpcGain");
        CHECK(outcome.renamed_from == "padGain");
        CHECK(outcome.changes.at(0).change == "renamed struct padGain -> tpcGain");
        commit(db, {record_of(kTpcWide, 20, {4, 5, 6, 7})});
        // An old program puts, too.
        commit(db, {record_of(kPad, 30, {8, 9, 10})});
    }
    check_sound(engine.url());
    auto db = Database::open(engine.url());
    CHECK(read(db, 10, kPad) == std::vector<double>{1, 2, 3});
    CHECK(read(db, 10, kTpcWide) == std::vector<double>{1, 2, 3, 0});
    CHECK(read(db, 20, kTpcWide) == std::vector<double>{4, 5, 6, 7});
    CHECK(read(db, 20, kPad) == std::vector<double>{4, 5, 6});
    CHECK(read(db, 30, kTpcWide) == std::vector<double>{8, 9, 10, 0});
    const auto structs = db.structs();
    REQUIRE(structs.size() == 1);
    CHECK(structs[0].name == "tpcGain");
    CHECK(structs[0].former_names == std::vector<std::string>{"padGain"});
    CHECK(structs[0].schemas == 2);
    CHECK(db.find_name("padGain")->struct_name == "tpcGain");
    CHECK_FALSE(db.find_name("tpcGain"));
    CHECK(db.get_definition("padGain")->name == "tpcGain");
    CHECK(db.get_definition("tpcGain", 1)->name == "padGain");
    CHECK(db.get_rules("padGain").size() == 1);
    CHECK(db.get_rules("tpcGain").size() == 1);
    CHECK(db.fetch_rows("padGain", Time{10})->struct_name == "tpcGain");
    // As of before the rename it is what it was.
    FetchOptions before;
    before.as_of = AsOf{std::int64_t{2}};
    CHECK(db.fetch_rows("padGain", Time{10}, before)->struct_name == "padGain");
    const auto log = db.log(LogOptions{.touched = true});
    CHECK(std::ranges::any_of(log.at(2).touched, [](const auto& one) { return one.name == "tpcGain"; }));
    // The view goes on under the name of the reference.
    CHECK(ask(*engine.open(), R"(SELECT count(*) FROM "padGain_view" WHERE "amplification" IS NOT NULL)") == 3);
    // Again the same says nothing new, with the rules or without.
    CHECK(record(db, kTpcWide).outcomes.at(0).action == Action::Known);
    CHECK(record(db, kTpcWide, {rules(kPad, kTpcWide, rename(kPad, kTpcWide) + "rename gain -> amplification\n")})
              .commit == 0);
}

TEST_CASE("renames follow each other, also back to an old name with another definition") {
    const EachEngine engine;
    if (!engine) return;
    const auto pad_again = doubles("padGain", {"gain", "x", "y", "z", "w"});
    {
        auto db = Database::open(engine.url(), {.create = true});
        (void)record(db, kPad);
        commit(db, {record_of(kPad, 10, {1, 2, 3})});
        (void)record(db, kTpc, {rules(kPad, kTpc, rename(kPad, kTpc))}, true);
        (void)record(db, kTpcLater, {}, true);
        (void)record(db, kSub, {rules(kTpcLater, kSub, rename(kTpcLater, kSub))}, true);
        CHECK(db.structs().at(0).name == "subGain");
        CHECK(db.structs().at(0).schemas == 4);
        CHECK(record(db, pad_again, {rules(kSub, pad_again, rename(kSub, pad_again))}, true).outcomes.at(0).schema ==
              5);
        commit(db, {record_of(pad_again, 20, {5, 6, 7, 8, 9})});
    }
    check_sound(engine.url());
    auto db = Database::open(engine.url());
    CHECK(db.structs().size() == 1);
    CHECK(db.structs().at(0).name == "padGain");
    for (const auto* layout : {&kPad, &kTpc}) {
        CAPTURE(layout->name);
        CHECK(read(db, 10, *layout) == std::vector<double>{1, 2, 3});
        CHECK(read(db, 20, *layout) == std::vector<double>{5, 6, 7});
    }
    CHECK(read(db, 10, kSub) == std::vector<double>{1, 2, 3, 0});
    CHECK(read(db, 20, kTpcLater) == std::vector<double>{5, 6, 7, 8});
    CHECK(read(db, 10, pad_again) == std::vector<double>{1, 2, 3, 0, 0});
    CHECK(record(db, doubles("padGain", {"gain", "v"})).outcomes.at(0).schema == 6);
}

TEST_CASE("a name means one struct: what would give it to two is refused, and nothing is recorded") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    (void)record(db, kPad);
    (void)record(db, doubles("other", {"a"}));
    const auto to_tpc = rules(kPad, kTpc, rename(kPad, kTpc));
    (void)record(db, kTpc, {to_tpc}, true);
    const auto commits = db.log().size();
    // An old branch that is built moves nobody; what it changes is an error.
    CHECK(record(db, kPad).outcomes.at(0).action == Action::Known);
    CHECK_FALSE(record(db, kPad).outcomes.at(0).is_current);
    CHECK(error_of([&] { (void)record(db, doubles("padGain", {"gain", "new"})); }).code() == ErrorCode::Refused);
    // A struct that is there cannot become another one that is there.
    const auto other = doubles("other", {"a", "b"});
    CHECK(error_of([&] { (void)record(db, other, {rules(kTpc, other, rename(kTpc, other))}); }).code() ==
          ErrorCode::Refused);
    const auto was_pad = doubles("third", {"gain"});
    CHECK(error_of([&] { (void)record(db, was_pad, {rules(kPad, was_pad, rename(kPad, was_pad))}); }).code() ==
          ErrorCode::Refused);
    // The rule is about a definition that was changed since.
    const auto sub_before = doubles("subGain", {"gain", "x"});
    CHECK(error_of([&] { (void)record(db, kSub, {rules(kTpc, sub_before, rename(kTpc, kSub))}); }).code() ==
          ErrorCode::BadInput);
    // The names are those of the layouts.
    CHECK(error_of([&] { (void)record(db, kSub, {rules(kTpc, kSub, "rename struct tpcGain -> subgain\n")}); }).code() ==
          ErrorCode::BadInput);
    // What was renamed stays so when the rules between the two layouts are mended.
    CHECK(error_of([&] { (void)record(db, kTpc, {rules(kPad, kTpc, "scale gain by 2\n")}); }).code() ==
          ErrorCode::BadInput);
    // One header has both names.
    const std::vector<StructDefinition> both{kTpc, kSub};
    RegisterOptions options;
    options.rules = {rules(kTpc, kSub, rename(kTpc, kSub))};
    CHECK(error_of([&] { (void)db.register_structs(both, options); }).code() == ErrorCode::BadInput);
    CHECK(db.log().size() == commits);
    // A database that never had the old one takes the new one.
    auto fresh = Database::open("memory:", {.create = true});
    CHECK(record(fresh, kTpc, {to_tpc}).outcomes.at(0).action == Action::NewStruct);
}

TEST_CASE("a new struct that looks like one which is gone is a question until somebody decides") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    (void)record(db, kPad);
    const auto asked = record(db, kTpcLater, {}, true);
    CHECK(asked.blocked);
    CHECK(asked.commit == 0);
    CHECK(asks(asked.outcomes.at(0), "rename struct padGain -> tpcGain"));
    CHECK(asked.outcomes.at(0).previous_layout == evolution::layout_name(kPad));
    // It is there: nothing is asked.
    RegisterOptions options;
    options.strict = true;
    options.dry_run = true;
    const std::vector<StructDefinition> both{kPad, kTpcLater};
    CHECK_FALSE(db.register_structs(both, options).blocked);
    // Other names, and other members, are no likeness.
    CHECK_FALSE(record(db, doubles("unlike", {"gain", "x", "y"}), {}, true).blocked);
    CHECK_FALSE(record(db, doubles("padGains", {"a", "b", "c"}), {}, true).blocked);
    const auto distinct = rules(kPad, kTpcLater, "distinct struct padGain, tpcGain\n");
    const auto decided = record(db, kTpcLater, {distinct}, true);
    CHECK_FALSE(decided.blocked);
    CHECK(decided.outcomes.at(0).action == Action::NewStruct);
    CHECK(decided.outcomes.at(0).notes.empty());
    // It is not asked again.
    CHECK_FALSE(record(db, kTpcLater, {distinct}, true).blocked);
    CHECK_FALSE(record(db, kPad, {}, true).blocked);
    CHECK(db.structs().size() == 4);
}

TEST_CASE("layers may have a struct under its old and its new name") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    const auto top_url = engine.layer(directory.file("top.db"));
    {
        auto base = Database::open(engine.url(), {.create = true});
        (void)record(base, kPad);
        commit(base, {record_of(kPad, 10, {1, 2, 3})});
        (void)Database::open(top_url, {.create = true});
        // The layer learns the struct before it is renamed below.
        auto stack = Database::open({top_url, engine.url()}, {.write_to = top_url});
        commit(stack, {record_of(kPad, 20, {4, 5, 6})});
        (void)record(base, kTpcLater, {rules(kPad, kTpcLater, rename(kPad, kTpcLater))}, true);
    }
    {
        auto stack = Database::open({top_url, engine.url()}, {.write_to = top_url});
        CHECK(stack.structs().size() == 1);
        CHECK(stack.structs().at(0).name == "tpcGain");
        CHECK(stack.find_name("padGain")->struct_name == "tpcGain");
        CHECK(read(stack, 10, kTpcLater) == std::vector<double>{1, 2, 3, 0});
        CHECK(read(stack, 20, kTpcLater) == std::vector<double>{4, 5, 6, 0});
        commit(stack, {record_of(kTpcLater, 30, {7, 8, 9, 10})});
        stack.advance();
        CHECK(read(stack, 30, kPad) == std::vector<double>{7, 8, 9});
        // A rename in the layer alone.
        const auto asked = record(stack, doubles("subGain", {"gain", "x"}), {}, true);
        CHECK(asks(asked.outcomes.at(0), "rename struct tpcGain -> subGain"));
        (void)record(stack, kSub, {rules(kTpcLater, kSub, rename(kTpcLater, kSub))}, true);
        commit(stack, {record_of(kSub, 40, {1, 1, 1, 1})});
    }
    check_sound(top_url);
    check_sound(engine.url());
    auto stack = Database::open({top_url, engine.url()}, {.write_to = top_url});
    REQUIRE(stack.structs().size() == 1);
    CHECK(stack.structs().at(0).name == "subGain");
    CHECK(stack.fetch_rows("padGain", Time{10})->struct_name == "subGain");
    for (const std::int64_t at : {10, 20, 30, 40}) {
        CAPTURE(at);
        const double expected = at == 40 ? 1 : static_cast<double>(at / 10 * 3 - 2);
        CHECK(stack.fetch<PadGain>("padGain", Time{at})[0].gain == expected);
        CHECK(stack.fetch<TpcGain>("padGain", Time{at})[0].gain == expected);
        CHECK(stack.fetch<SubGain>("padGain", Time{at})[0].gain == expected);
    }
    // Each of them stands alone.
    auto base = Database::open(engine.url());
    CHECK(base.structs().at(0).name == "tpcGain");
    auto top = Database::open(top_url);
    CHECK(top.structs().at(0).name == "subGain");
    CHECK(read(top, 40, kPad) == std::vector<double>{1, 1, 1});
    CHECK(read(top, 20, kSub) == std::vector<double>{4, 5, 6, 0});
}

TEST_CASE("a layer of CSV files may name a struct by any of its names") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    {
        auto base = Database::open(engine.url(), {.create = true});
        (void)record(base, kPad);
        commit(base, {record_of(kPad, 10, {1, 2, 3})});
        (void)record(base, kTpcLater, {rules(kPad, kTpcLater, rename(kPad, kTpcLater))}, true);
    }
    std::ofstream(directory.file("old.csv")) << "gain,x,y\n4,5,6\n";
    std::ofstream(directory.file("new.csv")) << "gain,x,y,z\n7,8,9,10\n";
    for (const std::string name : {"padGain", "tpcGain"}) {
        CAPTURE(name);
        std::ofstream(directory.file("manifest.csv")) << "table,struct,beginTime,path,endTime\n"
                                                      << "padGain," << name << ",2024-01-01,old.csv,2024-02-01\n"
                                                      << "padGain," << name << ",2024-02-01,new.csv,2024-03-01\n";
        auto stack = Database::open({"csv:" + directory.file(""), engine.url()});
        const auto january = parse_time("2024-01-15").ns;
        const auto february = parse_time("2024-02-15").ns;
        CHECK(read(stack, january, kTpcLater) == std::vector<double>{4, 5, 6, 0});
        CHECK(read(stack, january, kPad) == std::vector<double>{4, 5, 6});
        CHECK(read(stack, february, kTpcLater) == std::vector<double>{7, 8, 9, 10});
        CHECK(read(stack, february, kPad) == std::vector<double>{7, 8, 9});
    }
}
