#include "damage/history.h"

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "database/support.h"
#include "etalon/federation.h"
#include "evolution/rules.h"
#include "support/objects.h"

namespace etalon::damage {
namespace {

using test::Gain1;
using test::gain1;
using test::Gain2;
using test::hole;
using test::Plain;
using test::put;
using test::value;

/// A struct with a value of every kind.
StructDefinition mixed() {
    return schema::from_json(
        R"({"name":"Mixed","size":72,"alignment":8,"comment":"all kinds","elements":[{"name":"good","type":"bool","offset":0},{"name":"small","type":"int8","offset":1},{"name":"pair","type":"int16","dims":[2,2],"offset":2},{"name":"color","type":"int32","offset":12,"enumerators":[["red",1],["green",2],["blue",3]]},{"name":"large","type":"uint64","offset":16},{"name":"length","type":"float64","offset":24,"unit":"cm","default":"2.5"},{"name":"ratio","type":"float32","offset":32,"comment":"of two"},{"name":"label","type":"char","dims":[12],"offset":36},{"name":"words","type":"char","dims":[2,4],"offset":48},{"name":"signed","type":"int64","offset":56},{"name":"half","type":"uint16","offset":64}]})",
        "a test");
}

std::vector<std::byte> mixed_row(int number) {
    std::vector<std::byte> row(72);
    const auto set = [&](std::size_t offset, auto value) { std::memcpy(row.data() + offset, &value, sizeof value); };
    set(0, static_cast<std::uint8_t>(number % 2));
    set(1, static_cast<std::int8_t>(-number));
    for (std::size_t i = 0; i < 4; ++i) set(2 + 2 * i, static_cast<std::int16_t>(number * 10 + static_cast<int>(i)));
    set(12, static_cast<std::int32_t>(1 + number % 3));
    set(16,
        number % 2 == 0 ? ~std::uint64_t{0} - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number));
    set(24, number == 3 ? -0.0 : 0.1 * number);
    set(32, static_cast<float>(number) / 3.0F);
    const auto label = "label " + std::to_string(number);
    std::memcpy(row.data() + 36, label.data(), label.size());
    std::memcpy(row.data() + 48, "ab", 2);
    std::memcpy(row.data() + 52, "wxyz", 4);
    set(56, -1'000'000'007LL * number);
    set(64, static_cast<std::uint16_t>(60000 + number));
    return row;
}

/// A record with rows of any layout.
PutRecord rows_of(const std::string& name, std::int64_t begin, const StructDefinition& layout,
                  const std::vector<std::vector<std::byte>>& rows) {
    PutRecord record;
    record.name = name;
    record.begin = begin;
    record.num_rows = rows.size();
    record.layout = std::make_shared<const StructDefinition>(layout);
    const auto all = std::make_shared<std::vector<std::byte>>();
    for (const auto& row : rows) all->insert(all->end(), row.begin(), row.end());
    record.rows = std::shared_ptr<const std::byte>(all, all->data());
    return record;
}

/// A struct `Sensor` with doubles of these names.
StructDefinition sensor(const std::vector<std::string>& names) {
    StructDefinition definition;
    definition.name = "Sensor";
    definition.alignment = 8;
    for (const auto& name : names) {
        Element one;
        one.path = name;
        one.type = ScalarType::Float64;
        one.offset = definition.size;
        definition.size += 8;
        definition.elements.push_back(one);
    }
    return definition;
}
PutRecord sensor_record(std::int64_t begin, const StructDefinition& layout, const std::vector<double>& values) {
    std::vector<std::byte> row(values.size() * sizeof(double));
    std::memcpy(row.data(), values.data(), row.size());
    return rows_of("Sensor", begin, layout, {row});
}

RulesFile sensor_rules(const std::string& lines) {
    return {"Sensor.rules", "struct Sensor\nfrom " + evolution::layout_name(sensor1()).substr(0, 12) + " to " +
                                evolution::layout_name(sensor2()).substr(0, 12) + "\n" + lines};
}

NodeSpec table(std::string path, std::string ref = "", std::string version = "", std::string elements = "") {
    NodeSpec spec;
    spec.path = std::move(path);
    spec.ref_name = std::move(ref);
    spec.version = std::move(version);
    spec.elements = std::move(elements);
    return spec;
}

/// Fills one place step by step. What is written is visible at once.
class Writer {
public:
    explicit Writer(const std::string& url) : db_(Database::open(url, {.create = true})) {}
    Database& db() { return db_; }

    std::int64_t commit(std::vector<PutRecord> records, const std::string& reason) {
        const auto made = db_.commit(records, {"tester", "here", "damage", reason}).commit;
        db_.advance();
        return made;
    }
    void register_as(const StructDefinition& definition, std::vector<RulesFile> rules = {}) {
        RegisterOptions options;
        options.rules = std::move(rules);
        options.info = info("a struct");
        (void)db_.register_structs({&definition, 1}, options);
        db_.advance();
    }
    void name(const NameSpec& spec) {
        db_.define_name(spec, info("a name"));
        db_.advance();
    }
    void nodes(std::vector<NodeSpec> nodes) {
        db_.add_nodes(nodes, info("a tree"));
        db_.advance();
    }
    void retire(const std::string& name, const HistoryOptions& which, bool several = false) {
        CHECK_FALSE(db_.retire(name, which, info("wrong"), several).records.empty());
        db_.advance();
    }
    static CommitInfo info(const std::string& reason) { return {"tester", "here", "damage", reason}; }

private:
    Database db_;
};

PutRecord created(PutRecord record, std::int64_t at) {
    record.created = Time{at};
    return record;
}
PutRecord of(PutRecord record, std::int64_t element, std::string version = "default") {
    record.element = element;
    record.version = std::move(version);
    return record;
}

}  // namespace

StructDefinition sensor1() {
    return sensor({"gain", "x", "y"});
}
StructDefinition sensor2() {
    return sensor({"y", "amplification", "quality"});
}

std::vector<ObjectPut> objects() {
    const auto packed = std::make_shared<const StructDefinition>(
        test::natural({test::reference_to("by", "User"), test::reference_to("seen", "User", {2}),
                       test::element("counts", ScalarType::Int32, {300})},
                      "Packing"));
    auto puts = test::user_of_ami("Bob");
    const auto bob = test::id_of(puts[0]);
    const auto ami = test::id_of(puts[1]);
    puts.push_back(test::group("nobody is in it", "empty"));
    puts.push_back(test::ObjectBuilder(test::image_layout())
                       .id("uid", test::numbered_id(3))
                       .id("by", bob)
                       .id("tags", ami, 1)
                       .value("pixels", File{{9, 8, 7}, 25})
                       .value("x", 0.25)
                       .build());
    puts.push_back(
        test::ObjectBuilder(packed).id("by", bob).id("seen", bob, 1).value("counts", std::int32_t{7}).build());
    return puts;
}

void fill_second(const std::string& url) {
    Writer to(url);
    to.register_as(test::definition_of<Plain>());
    to.register_as(test::definition_of<Gain1>());
    to.name({"OnlyBelow", "Plain", {}, {}, {}});
    to.name({"Covered", "Plain", {}, {}, {}, parse_coverage("complete(0-3)")});
    to.commit({value(1000, -50), value(1001, 40, 60), value(1002, 130), value(1003, 0, 90, "sim"),
               value(1004, 20, 200, "default", 7), value(1005, 0, {}, "default", 0, "OnlyBelow"),
               value(1006, 0, 100, "default", 2, "Covered"), put<Gain1>("Gain", -100, {gain1(77)})},
              "below");
    to.nodes({table("Second/plain", "Plain"), table("Second/deep/only", "OnlyBelow")});
}

void fill_main(const std::string& url, const std::string& second) {
    {
        Writer to(url);
        to.register_as(test::definition_of<Plain>());
        to.register_as(test::definition_of<Gain1>());
        to.register_as(mixed());
        to.register_as(sensor1());
        to.name({"Late", "Plain", {}, OrderPolicy::ByCreation, {}});
        to.name({"Turned", "Plain", {}, {}, {}});
        to.name({"Packed", "Gain", {}, {}, Storage::Bytes});
        to.name({"Large", "Plain", {}, {}, Storage::Bytes});
        to.name({"ByRun", "Plain", Axis::Run, {}, {}});
        to.name({"Covered", "Plain", {}, {}, {}, parse_coverage("complete(0-3)")});
        to.name({"Moved", "Plain", {}, {}, {}});
        to.name({"Empty", "Plain", {}, {}, {}});
        const auto put_objects = objects();
        std::vector<StructDefinition> structs{*test::group_layout(), *test::user_layout(), *test::image_layout(),
                                              *put_objects.back().layout};
        to.db().register_structs(structs);
        to.db().put_objects(std::span(put_objects).first(3), Writer::info("objects"));
        to.db().put_objects(put_objects, Writer::info("more objects"));

        // Plain: several elements and versions, explicit ends, gaps and holes.
        to.commit({value(1, 0), value(2, 10, 30), value(3, 50), value(4, 100, 120), value(10, 0, 60, "default", 1),
                   value(11, 20, {}, "default", 2), hole(0, 40, "Plain", 3), value(20, 5, 45, "sim"),
                   value(21, 60, 80, "sim"), value(22, 0, {}, "sim", 1)},
                  "the first");
        to.commit({value(5, 150), value(6, 200, 250), hole(300), value(7, 400, 401)}, "the second");
        // Late corrections over what was there: points become past ones.
        to.commit({value(2.5, 12, 20), value(3.5, 40, 70), value(12, 10, 30, "default", 1)}, "a correction");
        to.commit({value(2.75, 15, 55), value(20.5, 30, 65, "sim"), hole(110, 115)}, "another correction");
        to.commit({of(put<Plain>("Plain", 0, {{31}, {32}, {33}}), 4), of(put<Plain>("Plain", 50, {{31}, {32}}), 4)},
                  "several rows");
        to.db().set_snapshot("open", {}, Writer::info("for the shift"), "moves on");
        const auto early = to.db().snapshot();

        // Other policies and a change of policy.
        to.commit(
            {created(value(40, 0, 100, "default", 0, "Late"), 1000),
             created(value(41, 20, 80, "default", 0, "Late"), 900),
             created(value(42, 50, {}, "default", 0, "Late"), 1100), created(value(43, 0, {}, "sim", 0, "Late"), 1000)},
            "created then");
        to.commit({created(value(44, 10, 60, "default", 0, "Late"), 950),
                   created(value(45, 70, 200, "default", 0, "Late"), 1200)},
                  "created later");
        to.commit({created(value(50, 0, 100, "default", 0, "Turned"), 2000),
                   created(value(51, 30, 60, "default", 0, "Turned"), 1000)},
                  "turned");
        to.name({"Turned", "Plain", {}, OrderPolicy::ByCreation, {}});
        to.commit({created(value(52, 50, 90, "default", 0, "Turned"), 1500)}, "turned again");

        // Two schema versions without rules, as columns and as bytes.
        to.commit({put<Gain1>("Gain", 0, {gain1(1, 1.5F, "one"), gain1(2, 2.5F, "two"), gain1(3, 3.5F)}),
                   put<Gain1>("Packed", 0, {gain1(1, 1.5F, "one"), gain1(4, -0.0F, "")}),
                   of(put<Gain1>("Gain", 0, {gain1(9, 9.5F, "nine")}), 1)},
                  "gains");
        to.register_as(test::definition_of<Gain2>());
        to.commit({put<Gain2>("Gain", 100, {Gain2{0.25, 5, {5.5F, 6.5F}, "five"}, Gain2{-1.75, 6, {}, "six"}}),
                   put<Gain2>("Packed", 100, {Gain2{0.125, 7, {7.5F, 8.5F}, "seven"}}),
                   of(put<Gain1>("Gain", 120, {gain1(8, 8.5F, "late")}), 1)},
                  "newer gains");
        // Rules, and others in their place.
        to.commit({sensor_record(0, sensor1(), {1.5, 2, 3}), sensor_record(40, sensor1(), {4.5, 5, 6})}, "sensors");
        to.register_as(sensor2(), {sensor_rules("rename gain -> amplification\nfill quality = -1")});
        to.commit({sensor_record(80, sensor2(), {7, 8, 9})}, "newer sensors");
        to.register_as(sensor2(),
                       {sensor_rules("rename gain -> amplification\nscale amplification by 100\nfill quality = -2")});

        to.commit({rows_of("Mixed", 0, mixed(), {mixed_row(1), mixed_row(2), mixed_row(3)}),
                   rows_of("Mixed", 60, mixed(), {mixed_row(4)})},
                  "all kinds");
        std::vector<Plain> many(340'000);
        for (std::size_t i = 0; i < many.size(); ++i) many[i].value = static_cast<double>(i / 1000) + 0.5;
        auto large = put<Plain>("Large", 0, many);
        many.resize(20);
        to.commit({large, put<Plain>("Large", 50, many)}, "three chunks");
        to.commit({value(60, 1, 5, "default", 0, "ByRun"), value(61, 7, {}, "default", 0, "ByRun"),
                   value(62, 3, 4, "default", 0, "ByRun")},
                  "runs");
        to.commit({value(70, 0, 100, "default", 0, "Covered"), value(71, 0, 50, "default", 1, "Covered"),
                   value(72, 0, 100, "default", 3, "Covered"), value(73, 90, 100, "default", 0, "Covered"),
                   value(73, 0, 100, "default", 0, "Moved")},
                  "covered");
        to.name({"Moved", "Plain", {}, {}, Storage::Bytes});
        to.commit({value(74, 50, {}, "default", 0, "Moved")}, "moved");

        // Retired records; the same content again.
        HistoryOptions which;
        which.from = Time{150};
        which.relation = Relation::Starts;
        which.to = Time{151};
        to.retire("Plain", which);
        which = {};
        which.versions = {"sim"};
        to.retire("Late", which);
        to.commit({value(5, 160), value(3, 55, 58, "default", 2)}, "again");

        const std::vector<AsOfPattern> paper{{"*", to.db().snapshot()}, {"Pla*", early}};
        to.db().set_snapshot("paper", paper, Writer::info("for a paper"), "what the paper used");
        to.db().freeze_snapshot("paper", Writer::info("done"));
        to.db().set_snapshot("open", {{"Late", to.db().snapshot() - 12}}, Writer::info("for the shift"));
        to.db().advance();

        // Trees.
        auto base = table("Reco/tpc/base", "Plain");
        base.base_line = true;
        auto gains = table("Reco/tpc/gains", "Gain", "", "1,0");
        gains.comment = "the gains";
        auto runs = table("Reco/daq/run", "ByRun");
        runs.base_line = true;
        to.nodes({base, gains, table("Reco/tpc/plain", "Plain", "sim,default", "0-3"),
                  table("Reco/deep/er/late", "Late"), table("Reco/packed", "Packed"), table("Reco/sensor", "Sensor"),
                  table("Reco/covered", "Covered", "", "0-3"), runs});
        auto night = table("Reco/plain", "Plain");
        night.key = "night";
        to.nodes({night, table("Other/mixed", "Mixed"), table("Other/run", "ByRun")});
        NodeSpec crossing;
        crossing.path = "Other/second";
        crossing.type = NodeType::Database;
        crossing.db_name = "second";
        crossing.ref_name = "Second";
        to.nodes({crossing, table("Reco/packed", "Packed", "sim,default"), table("Reco/tpc/gains", "Gain", "", "0,1")});

        // Parameter sets and run maps.
        ParameterPut parameters;
        parameters.software = "reco";
        parameters.values =
            ParameterSet{{"cut", 0.1}, {"layers", std::vector<std::int64_t>{1, 2, 3}}, {"mode", std::string("fast")}};
        parameters.interval = {Axis::Time, 0, 100};
        to.db().put_parameters(parameters, Writer::info("parameters"));
        parameters.values->set("cut", 0.2);
        parameters.interval = {Axis::Time, 50, std::nullopt};
        to.db().put_parameters(parameters, Writer::info("parameters"));
        const std::vector<RunSpan> spans{
            {Run{5}, Time{0}, Time{40}}, {Run{7}, Time{50}, Time{90}}, {Run{9}, Time{95}, {}}};
        to.db().add_runs(spans, "default", Writer::info("runs"));
        const std::vector<RunSpan> mended{{Run{7}, Time{45}, Time{80}}};
        to.db().add_runs(mended, "default", Writer::info("a run mended"));
    }
    // A snapshot of both places.
    auto both = Database::open({url, second}, {.write_to = url});
    both.set_snapshot("both", {}, Writer::info("both places"), "of a stack");
    both.freeze_snapshot("both", Writer::info("both places"));
    both.advance();
    const std::vector<PutRecord> last{value(8, 30, 35), value(23, 350, {}, "sim")};
    both.commit(last, Writer::info("the last"));
}

}  // namespace etalon::damage
