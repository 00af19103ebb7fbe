// What a change of layout touches: the counts of a registration report against a count by hand, and layers.
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "backends/each_engine.h"
#include "conversion/plan.h"
#include "database/support.h"
#include "index/many_cases.h"
#include "schema/definition.h"
#include "schema/units.h"

using namespace etalon;
using etalon::test::check_many;
using etalon::test::EachEngine;
using etalon::test::TempDirectory;

namespace {

std::uint64_t pick(std::uint64_t begin, std::uint64_t end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::uint64_t>(begin, end));
}

constexpr ScalarType kTypes[] = {ScalarType::Int32, ScalarType::Float64, ScalarType::Int16, ScalarType::Char};
const std::vector<std::string> kUnits = {"", "cm", "mm", "V"};

/// `struct Thing { T a; double b; }` with 8 bytes for `a` of any type.
DefinitionPtr make_thing(std::uint64_t type, std::uint64_t unit, bool array, const std::string& name = "Thing") {
    StructDefinition definition;
    definition.name = name;
    definition.size = 32;
    definition.alignment = 8;
    Element a;
    a.path = "a";
    a.type = kTypes[type];
    if (a.type == ScalarType::Char) {
        a.dims = {8};
    } else if (array) {
        a.dims = {2};
    }
    Element b;
    b.path = "b";
    b.type = ScalarType::Float64;
    b.offset = 24;
    b.unit = kUnits[unit];
    definition.elements = {a, b};
    return std::make_shared<const StructDefinition>(definition);
}

PutRecord record_of(const DefinitionPtr& layout, const std::string& name, std::int64_t begin) {
    PutRecord record;
    record.name = name;
    record.begin = begin;
    if (layout) {
        record.layout = layout;
        auto bytes = std::make_shared<std::vector<std::byte>>(layout->size);
        record.rows = std::shared_ptr<const std::byte>(bytes, bytes->data());
        record.num_rows = 1;
    }
    return record;
}

/// What is stored, counted beside the database.
struct Model {
    std::vector<DefinitionPtr> layouts;                                    // by schema version - 1
    std::map<std::pair<std::string, std::size_t>, std::uint64_t> records;  // by reference and layout
    std::map<std::string, std::set<std::string>> users;                    // reference -> configurations
};

/// Records and configurations of the layouts for which `concerns` holds.
template <class Concerns>
std::pair<std::uint64_t, std::uint64_t> touched_of(const Model& model, Concerns concerns) {
    std::uint64_t records = 0;
    std::set<std::string> configurations;
    for (const auto& [key, number] : model.records) {
        if (number == 0 || !concerns(*model.layouts[key.second])) continue;
        records += number;
        const auto users = model.users.find(key.first);
        if (users != model.users.end()) configurations.insert(users->second.begin(), users->second.end());
    }
    return {records, configurations.size()};
}

}  // namespace

TEST_CASE(
    "a change touches the records and configurations that a count by hand finds, and strict refuses what blocks") {
    EachEngine engine;
    if (!engine) return;
    const auto units = schema::make_units();
    OpenOptions create;
    create.create = true;
    auto db = Database::open(engine.url(), create);
    int number_of_case = 0;
    CHECK(check_many("touched records", 12, [&] {
        // A struct of its own each time: what others have must not count.
        const auto suffix = std::to_string(++number_of_case);
        Model model;
        const std::vector<std::string> names = {"Thing" + suffix, "spare" + suffix, "unused" + suffix};
        std::int64_t begin = 0;
        const auto steps = pick(2, 5);
        for (std::uint64_t step = 0; step < steps; ++step) {
            const auto layout = make_thing(pick(0, 4), pick(0, 4), pick(0, 3) == 0, names[0]);
            const auto hash = schema::definition_hash(*layout);
            const auto known = std::ranges::find(
                model.layouts, hash, [](const DefinitionPtr& one) { return schema::definition_hash(*one); });
            RegisterOptions dry;
            dry.dry_run = true;
            const auto report = db.register_structs({layout.get(), 1}, dry);
            const auto& outcome = report.outcomes.front();
            for (const auto& line : outcome.changes) {
                auto [records, configurations] = touched_of(model, [&](const StructDefinition& stored) {
                    const auto judged = evolution::judge(stored, *layout, units.get());
                    return std::ranges::any_of(judged, [&](const evolution::JudgedChange& one) {
                        const bool is_bad = line.verdict == "refused" ? one.verdict == evolution::Verdict::Refused
                                            : line.verdict == "needs rule"
                                                ? one.verdict >= evolution::Verdict::NeedsRule
                                                : one.verdict >= evolution::Verdict::Checked;
                        return is_bad && one.change.path == line.path && name_of(one.change.kind) == line.kind;
                    });
                });
                if (line.verdict == "identical" || line.verdict == "automatic") records = configurations = 0;
                RC_ASSERT(line.records == records);
                RC_ASSERT(line.configurations == configurations);
            }
            for (const auto& other : outcome.others) {
                const auto& stored = model.layouts.at(static_cast<std::size_t>(other.schema - 1));
                const auto expected = touched_of(model, [&](const auto& one) { return &one == stored.get(); });
                RC_ASSERT(std::pair(other.records, other.configurations) == expected);
                RC_ASSERT(evolution::worst(evolution::judge(*stored, *layout, units.get())) >=
                          evolution::Verdict::NeedsRule);
            }
            RegisterOptions strict;
            strict.strict = true;
            const auto refused = db.register_structs({layout.get(), 1}, strict);
            RC_ASSERT(refused.blocked == report.blocked);
            RC_ASSERT((refused.commit == 0) == (report.blocked || known != model.layouts.end()));
            (void)db.register_structs({layout.get(), 1});
            const auto index = static_cast<std::size_t>(known - model.layouts.begin());
            if (known == model.layouts.end()) model.layouts.push_back(layout);
            RC_ASSERT(db.get_definitions(names[0]).size() == model.layouts.size());
            if (step == 0) {
                NameSpec spec;
                spec.struct_name = names[0];
                for (const auto& name : {names[1], names[2]}) {
                    spec.name = name;
                    (void)db.define_name(spec);
                }
            }
            const auto number = pick(0, 4);
            for (std::uint64_t i = 0; i < number; ++i) {
                const auto& name = names[pick(0, 2)];
                const bool is_hole = pick(0, 4) == 0;
                (void)db.commit(std::vector{record_of(is_hole ? nullptr : layout, name, ++begin)});
                if (is_hole) continue;
                if (pick(0, 4) == 0) {
                    HistoryOptions which;
                    which.from = Position(Time{begin});
                    which.to = Position(Time{begin + 1});
                    which.relation = Relation::Starts;
                    CommitInfo why;
                    why.reason = "not so";
                    RC_ASSERT(db.retire(name, which, why).records.size() == 1U);
                } else {
                    ++model.records[{name, index}];
                }
            }
            const auto& name = names[pick(0, 3)];
            const std::string root = (pick(0, 2) == 0 ? "Reco" : "Sim") + suffix;
            NodeSpec node;
            node.path = root + "/part" + std::to_string(pick(0, 2)) + "/" + name + std::to_string(step);
            node.ref_name = name;
            (void)db.add_nodes({&node, 1});
            model.users[name].insert(root);
        }
    }));
}

TEST_CASE("records of all layers count, though each counts its schema versions by itself") {
    const TempDirectory folder;
    const auto below = "sqlite:" + folder.file("below.db") + "#calib";
    const auto above = "sqlite:" + folder.file("above.db") + "#calib";
    const auto text = make_thing(3, 0, false);
    const auto number = make_thing(0, 0, false);
    const auto real = make_thing(1, 0, false);
    OpenOptions create;
    create.create = true;
    {
        auto db = Database::open(below, create);
        (void)db.register_structs({text.get(), 1});
        (void)db.commit(std::vector{record_of(text, "Thing", 1)});
        (void)db.register_structs({number.get(), 1});
        (void)db.commit(std::vector{record_of(number, "Thing", 2)});
        auto other = Database::open(above, create);
        (void)other.register_structs({number.get(), 1});
        (void)other.commit(std::vector{record_of(number, "Thing", 1), record_of(number, "Thing", 3)});
    }
    OpenOptions options;
    options.write_to = above;
    auto db = Database::open(std::vector{above, below}, options);
    RegisterOptions dry;
    dry.dry_run = true;
    const auto narrow = make_thing(2, 0, false);
    const auto report = db.register_structs({narrow.get(), 1}, dry);
    const auto& changes = report.outcomes.front().changes;
    const auto line = std::ranges::find(changes, "retyped", &RegisterOutcome::Line::kind);
    REQUIRE(line != changes.end());
    CHECK(line->verdict == "checked");
    CHECK(line->records == 4);  // the text of the layer below meets the change too, with a worse verdict
    // The layer written to has never seen the text.
    CHECK(report.outcomes.front().others.empty());
    // Where it knows nothing yet, the layer below counts.
    const auto fresh = "sqlite:" + folder.file("fresh.db") + "#calib";
    (void)Database::open(fresh, create);
    options.write_to = fresh;
    auto upper = Database::open(std::vector{fresh, above, below}, options);
    const auto first = upper.register_structs({narrow.get(), 1}, dry).outcomes.front();
    CHECK(first.schema == 3);
    REQUIRE(first.others.size() == 1);
    CHECK(first.others.front().schema == 1);
    CHECK(first.others.front().records == 1);
    CHECK(db.get_definitions("Thing").size() == 2);
}
