// Stacks of layers against a brute-force model, through the public API: winners, intervals, coverage, stepping,
// snapshots and the cache, with random records in memory, CSV, SQLite and PostgreSQL.
//
// What single elements are held to. With LayerUnit::Element each element's interval is sound and maximal by itself.
// With LayerUnit::Answer that is so for an element that has a record; the interval of an element without one is sound
// (what the answer says of it holds at every point), and no more than that. In both, the interval of the whole answer
// is sound and maximal: the largest around the position in which no element's winner changes.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "database/support.h"
#include "index/many_cases.h"
#include "layers/layers_model.h"
#include "schema/definition.h"

using namespace etalon;
using namespace etalon::test;

namespace {

/// The whole range from the first case on (rapidcheck would begin with small ranges).
std::int64_t pick(std::int64_t begin, std::int64_t end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(begin, end));
}
bool chance(std::int64_t one_in) {
    return pick(0, one_in) == 0;
}
template <class T>
const T& pick_of(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(all.size())))];
}

/// Mostly a few small numbers, so that ends and begins meet; sometimes the far ends of the axis.
std::int64_t pick_point() {
    switch (pick(0, 14)) {
        case 0:
            return kMinusInfinity;
        case 1:
            return kPlusInfinity - pick(1, 3);
        case 2:
            return kMinusInfinity + pick(0, 3);
        default:
            return pick(-3, 12);
    }
}

const std::vector<std::string> kVersions{"default", "sim", "test"};
const std::vector<std::vector<std::vector<std::string>>> kChains{{{"default"}},
                                                                 {{"sim"}, {"default"}},
                                                                 {{"default"}, {"sim"}},
                                                                 {{"sim", "default"}},
                                                                 {{"test"}, {"sim", "default"}},
                                                                 {{"test", "sim", "default"}},
                                                                 {{"test"}, {"nowhere"}, {"default"}}};

std::string text_of(const std::vector<std::vector<std::string>>& chain) {
    std::string text;
    for (const auto& rank : chain) {
        std::string members;
        for (const auto& member : rank) members += (members.empty() ? "" : "+") + member;
        text += (text.empty() ? "" : ",") + members;
    }
    return text;
}

/// A record without place and commit.
ModelRecord pick_record() {
    ModelRecord record;
    record.version = pick_of(kVersions);
    record.element = chance(3) ? pick(0, 4) : 0;
    record.begin = pick_point();
    if (!chance(3)) {
        const auto end = chance(8) ? kPlusInfinity : pick_point();
        record.end = end > record.begin ? end : record.begin + 1;
    }
    record.creation_time = pick(0, 5);
    return record;
}

/// At most `most`; no two with equal version, element and begin, as a commit demands.
std::vector<ModelRecord> pick_records(std::int64_t least, std::int64_t most) {
    std::vector<ModelRecord> records;
    for (auto left = pick(least, most + 1); left > 0; --left) {
        const auto record = pick_record();
        const bool twice = std::any_of(records.begin(), records.end(), [&](const auto& r) {
            return r.version == record.version && r.element == record.element && r.begin == record.begin;
        });
        if (!twice) records.push_back(record);
    }
    return records;
}

/// Every fifth record is a hole, the others have one to three rows that tell their ID and number.
bool is_hole(const ModelRecord& record) {
    return record.id % 5 == 0;
}
std::vector<Plain> rows_of(const ModelRecord& record) {
    std::vector<Plain> rows;
    if (is_hole(record)) return rows;
    for (std::int64_t i = 0; i <= record.id % 3; ++i) {
        rows.push_back({static_cast<double>(record.id) + static_cast<double>(i) / 8});
    }
    return rows;
}

PutRecord to_put(const std::string& name, const ModelRecord& record) {
    auto made = put<Plain>(name, record.begin, rows_of(record));
    made.version = record.version;
    made.element = record.element;
    made.end = record.end;
    made.created = Time{record.creation_time};
    return made;
}

std::string show(const std::vector<ModelLayer>& layers) {
    std::string out;
    const auto number = [](const auto& n) { return n ? std::to_string(*n) : std::string("-"); };
    for (const auto& layer : layers) {
        out += layer.place + (layer.by_creation ? " by creation" : " by begin") + " as of " +
               std::to_string(layer.snapshot) + "\n";
        for (const auto& r : layer.records) {
            out += "  #" + std::to_string(r.id) + " " + r.version + " element " + std::to_string(r.element) + " [" +
                   std::to_string(r.begin) + ", " + number(r.end) + ") created " + std::to_string(r.creation_time) +
                   " commit " + std::to_string(r.commit) + " retired " + number(r.retired) + "\n";
        }
    }
    return out;
}

/// Writes a directory of a CSV layer that holds records of one name; the struct is said where no layer below knows it.
void write_csv_layer(const std::string& directory, const std::string& name, const std::vector<ModelRecord>& records,
                     bool with_struct, Axis axis) {
    std::filesystem::create_directories(directory);
    std::ofstream manifest(directory + "/manifest.csv");
    manifest << "table," << (with_struct ? "struct," : "") << "beginTime,endTime,version,element,created,path\n";
    for (const auto& record : records) {
        const auto file = std::to_string(record.id) + ".csv";
        manifest << name << ',' << (with_struct ? "Plain," : "") << format_position({axis, record.begin}) << ','
                 << (record.end ? format_position({axis, *record.end}) : "") << ',' << record.version << ','
                 << record.element << ",@" << record.creation_time << ',' << file << '\n';
        std::ofstream rows(directory + "/" + file);
        rows << "value:double\n";
        for (const auto& row : rows_of(record)) rows << fmt::format("{}\n", row.value);
    }
}

/// Lasting places that all cases of a property share: making one takes longer than a case.
struct Lasting {
    std::string url;
    Database writer;
    explicit Lasting(std::string at) : url(std::move(at)), writer(create_with<Plain>(url)) {}
};

/// When a commit was entered, and what it means for the model.
struct Entered {
    std::int64_t commit = 0;
    std::int64_t time = 0;
};
Entered last_entered(Database& db) {
    const auto log = db.log(1);
    return {log.at(0).commit, log.at(0).entry_time.ns};
}

enum class Kind { First, Second, Memory, Csv };

/// One layer of a case: what was done to it, in order.
struct CaseLayer {
    Kind kind = Kind::Memory;
    std::string url;
    Lasting* lasting = nullptr;
    bool knows = false;
    std::vector<ModelRecord> records;
    std::vector<Entered> commits;                              // of this case
    std::vector<std::pair<std::int64_t, bool>> policies;       // commit, by creation
    std::vector<std::pair<std::int64_t, Coverage>> coverages;  // commit, coverage
    std::int64_t before = 0;                                   // the last commit before the case
};

bool policy_at(const CaseLayer& layer, std::int64_t commit) {
    bool by_creation = false;
    for (const auto& [from, policy] : layer.policies) {
        if (from <= commit) by_creation = policy;
    }
    return by_creation;
}
Coverage coverage_at(const CaseLayer& layer, std::int64_t commit) {
    Coverage coverage;
    for (const auto& [from, one] : layer.coverages) {
        if (from <= commit) coverage = one;
    }
    return coverage;
}

/// Random layers of one name, filled.
class Case {
public:
    Case(Lasting& first, Lasting& second, const TempDirectory& directory) : first_(first), second_(second) {
        static int number = 0;
        name = "r" + std::to_string(++number);
        pick_layers(directory);
        write_lasting();
        write_csv(directory);
        open();
    }

    std::string name;
    Axis axis = Axis::Time;
    std::vector<CaseLayer> layers;
    std::vector<std::string> urls;
    OpenOptions options;
    std::optional<Database> db;
    bool has_memory = false;

    [[nodiscard]] Position at(std::int64_t value) const { return {axis, value}; }
    [[nodiscard]] static bool is_lasting(const CaseLayer& layer) { return layer.lasting != nullptr; }

    /// The layers as they are seen when every lasting one is read as of a time.
    [[nodiscard]] std::vector<ModelLayer> seen_at(std::int64_t time) {
        std::vector<ModelLayer> seen;
        const auto infos = db->layers();
        for (std::size_t i = 0; i < layers.size(); ++i) {
            ModelLayer one{infos.at(i).place, layers[i].records, false, INT64_MAX};
            if (is_lasting(layers[i])) {
                one.snapshot = layers[i].before;
                for (const auto& commit : layers[i].commits) {
                    if (commit.time <= time) one.snapshot = commit.commit;
                }
            }
            one.by_creation = policy_at(layers[i], one.snapshot);
            seen.push_back(std::move(one));
        }
        return seen;
    }

    /// What the lowest layer that knows the name promises.
    [[nodiscard]] Coverage coverage(const std::vector<ModelLayer>& seen) const {
        for (std::size_t i = layers.size(); i-- > 0;) {
            if (layers[i].knows) return coverage_at(layers[i], seen[i].snapshot);
        }
        return {};
    }

    /// When commits of the case were entered.
    [[nodiscard]] std::vector<std::int64_t> times() const {
        std::vector<std::int64_t> times;
        for (const auto& layer : layers) {
            for (const auto& commit : layer.commits) times.push_back(commit.time);
        }
        return times;
    }

private:
    void pick_layers(const TempDirectory& directory) {
        std::vector<Kind> kinds{Kind::First, Kind::Second, Kind::Memory, Kind::Csv, Kind::Csv};
        const auto wanted = static_cast<std::size_t>(pick(1, 5));
        while (layers.size() < wanted) {
            const auto at = pick(0, static_cast<std::int64_t>(kinds.size()));
            CaseLayer layer;
            layer.kind = kinds[static_cast<std::size_t>(at)];
            kinds.erase(kinds.begin() + at);
            layers.push_back(layer);
        }
        bool below = false;
        for (std::size_t i = layers.size(); i-- > 0;) {
            auto& layer = layers[i];
            // The lowest always knows the name, the others mostly do.
            layer.knows = i + 1 == layers.size() || !chance(6);
            if (layer.kind == Kind::First || layer.kind == Kind::Second) {
                layer.lasting = layer.kind == Kind::First ? &first_ : &second_;
                layer.url = layer.lasting->url;
                layer.before = last_entered(layer.lasting->writer).commit;
                below = below || layer.knows;
            } else if (layer.kind == Kind::Memory) {
                layer.url = "memory:";
                has_memory = true;
            } else {
                layer.url = "csv:" + directory.file(name + "_" + std::to_string(i));
            }
            urls.push_back(layer.url);
        }
        std::reverse(urls.begin(), urls.end());
        // A CSV layer has the axis that it finds below, else time; memory below it is empty when it is read.
        axis = chance(3) ? Axis::Run : Axis::Time;
        bool lasting_below = false;
        for (std::size_t i = layers.size(); i-- > 0;) {
            if (is_lasting(layers[i])) lasting_below = lasting_below || layers[i].knows;
            if (layers[i].kind == Kind::Csv && !lasting_below) axis = Axis::Time;
        }
        if (has_memory) options.write_to = "memory:";
        for (const auto& layer : layers) {
            if (!has_memory && is_lasting(layer)) options.write_to = layer.url;
        }
    }

    NameSpec spec() const {
        NameSpec spec;
        spec.name = name;
        spec.struct_name = "Plain";
        spec.axis = axis;
        return spec;
    }

    /// Policy and coverage, new or changed.
    void define(CaseLayer& layer, Database& through) {
        auto made = spec();
        const bool by_creation = chance(2);
        made.policy = by_creation ? OrderPolicy::ByCreation : OrderPolicy::ByBegin;
        made.coverage = chance(2) ? Coverage{} : Coverage{true, {0, pick(1, 4)}};
        const auto commit = through.define_name(made, {"tester", "", "", "a test"});
        if (commit == 0) return;
        layer.policies.emplace_back(commit, by_creation);
        layer.coverages.emplace_back(commit, *made.coverage);
        layer.commits.push_back({commit, entry_of(layer, through, commit)});
    }

    static std::int64_t entry_of(const CaseLayer& layer, Database& through, std::int64_t commit) {
        if (!is_lasting(layer)) return 0;
        const auto last = last_entered(through);
        RC_ASSERT(last.commit == commit);
        return last.time;
    }

    void put_some(CaseLayer& layer, Database& through) {
        auto records = pick_records(1, 5);
        std::vector<PutRecord> puts;
        for (auto& record : records) {
            record.id = ++last_id_;
            puts.push_back(to_put(name, record));
        }
        const auto result = commit(through, puts);
        for (auto& record : records) record.commit = result.commit;
        layer.records.insert(layer.records.end(), records.begin(), records.end());
        layer.commits.push_back({result.commit, result.entry_time.ns});
    }

    void retire_one(CaseLayer& layer, Database& through) {
        std::vector<ModelRecord*> live;
        for (auto& record : layer.records) {
            if (!record.retired) live.push_back(&record);
        }
        if (live.empty()) return;
        auto& record = *pick_of(live);
        HistoryOptions which;
        which.versions = {record.version};
        which.elements = {record.element};
        which.from = at(record.begin);
        which.relation = Relation::Starts;
        which.retired = RetiredFilter::Live;
        if (record.begin < kPlusInfinity - 1) which.to = at(record.begin + 1);
        std::vector<std::string> uids;
        for (const auto& one : through.history(name, which)) {
            if (one.commit == record.commit && one.interval.begin == record.begin) uids.push_back(one.uid);
        }
        // The writer's own snapshot may be older.
        if (uids.size() != 1) return;
        HistoryOptions uid;
        uid.uids = uids;
        const auto report = through.retire(name, uid, {"tester", "", "", "a test"});
        RC_ASSERT(report.records.size() == 1);
        record.retired = report.commit;
        layer.commits.push_back({report.commit, entry_of(layer, through, report.commit)});
    }

    void change(CaseLayer& layer, Database& through) {
        through.advance();
        switch (pick(0, 6)) {
            case 0:
                return retire_one(layer, through);
            case 1:
                return define(layer, through);
            default:
                return put_some(layer, through);
        }
    }

    void write_lasting() {
        std::vector<CaseLayer*> lasting;
        for (auto& layer : layers) {
            if (!is_lasting(layer) || !layer.knows) continue;
            lasting.push_back(&layer);
            define(layer, layer.lasting->writer);
        }
        if (lasting.empty()) return;
        for (auto left = pick(1, 7); left > 0; --left) {
            auto& layer = *pick_of(lasting);
            change(layer, layer.lasting->writer);
        }
    }

    void write_csv(const TempDirectory&) {
        // From the bottom up, as they are read.
        const CaseLayer* below = nullptr;
        for (std::size_t i = layers.size(); i-- > 0;) {
            auto& layer = layers[i];
            if (layer.kind == Kind::Csv) {
                auto records = layer.knows ? pick_records(1, 6) : std::vector<ModelRecord>();
                for (auto& record : records) {
                    record.id = ++last_id_;
                    record.commit = 1;
                }
                write_csv_layer(layer.url.substr(4), name, records, below == nullptr, axis);
                layer.records = std::move(records);
                if (layer.knows) {
                    layer.policies = {{0, below != nullptr && policy_at(*below, INT64_MAX)}};
                }
            }
            if (layer.knows && layer.kind != Kind::Memory) below = &layer;
        }
    }

    void open() {
        db.emplace(Database::open(urls, options));
        for (auto& layer : layers) {
            if (layer.kind != Kind::Memory || !layer.knows) continue;
            const bool only = std::none_of(layers.begin(), layers.end(),
                                           [&](const auto& other) { return &other != &layer && other.knows; });
            if (only) {
                const auto definition = etalon::test::definition_of<Plain>();
                (void)db->register_structs({&definition, 1});
            }
            // Records of a name that only other layers know bring it along, with the policy of the highest of them.
            const auto other = std::find_if(layers.begin(), layers.end(),
                                            [&](const auto& one) { return &one != &layer && one.knows; });
            if (only || chance(2)) {
                define(layer, *db);
            } else {
                layer.policies = {{0, policy_at(*other, INT64_MAX)}};
                layer.coverages = {{0, coverage_at(*other, INT64_MAX)}};
                put_some(layer, *db);
            }
            for (auto left = pick(1, 4); left > 0; --left) change(layer, *db);
        }
        db->advance();
    }

    Lasting& first_;
    Lasting& second_;
    std::int64_t last_id_ = 0;
};

/// What the answers of a property were, so that a property of nothing but gaps does not pass.
struct Seen {
    int answers = 0;
    int winners = 0;
    int gaps = 0;
    int holes = 0;
    int incomplete = 0;
    int lower = 0;    ///< winners below the top layer
    int trimmed = 0;  ///< winners whose own interval is longer than the effective one
};

Status expected_status(const std::vector<StackWinner>& winners, const StackQuestion& question,
                       const Coverage& coverage) {
    bool rows = false;
    bool holes = false;
    bool missing = false;
    for (std::size_t e = 0; e < winners.size(); ++e) {
        const auto* record = winners[e].record;
        if (record != nullptr) (is_hole(*record) ? holes : rows) = true;
        const auto& promised = coverage.elements;
        missing = missing || (record == nullptr &&
                              std::find(promised.begin(), promised.end(), question.elements[e]) != promised.end());
    }
    if (!rows) return holes ? Status::Hole : Status::Gap;
    return coverage.complete && missing ? Status::Incomplete : Status::Found;
}

/// Compares one answer with the model.
void check_answer(const std::vector<ModelLayer>& layers, const StackQuestion& question, const Coverage& coverage,
                  std::int64_t at, const Answer& answer, Seen& seen) {
    const auto winners = stack_winners(layers, question, at);
    const auto points = stack_points(layers);
    const auto fail = [&](const std::string& what) {
        RC_FAIL(what + ", at " + std::to_string(at) + " chain " + text_of(question.chain) +
                (question.unit_is_answer ? " unit answer" : "") + " elements " + format_elements(question.elements) +
                "\n" + show(layers));
    };
    RC_ASSERT(answer->elements.size() == question.elements.size());
    ++seen.answers;
    std::size_t rows = 0;
    for (std::size_t e = 0; e < winners.size(); ++e) {
        const auto& one = answer->elements[e];
        const auto& winner = winners[e];
        const auto which = "element " + std::to_string(question.elements[e]);
        RC_ASSERT(one.element == question.elements[e]);
        if ((winner.record == nullptr) != !one.provenance)
            fail(which + (winner.record ? " has no winner" : " has a winner"));
        if (winner.record != nullptr) {
            const auto& from = *one.provenance;
            // Layers of memory and of files have no commit numbers; their rows tell the records apart.
            const bool is_private =
                winner.layer->place.starts_with("csv:") || winner.layer->place.starts_with("memory:");
            const bool same_commit = from.commit == (is_private ? 0 : winner.record->commit);
            const bool same = from.layer == winner.layer->place && same_commit &&
                              from.version == winner.record->version && from.element == winner.record->element &&
                              from.record.begin == winner.record->begin && from.record.end == winner.record->end &&
                              from.creation_time.ns == winner.record->creation_time;
            if (!same) {
                fail(which + " has a record of " + from.layer + " commit " + std::to_string(from.commit) + " begin " +
                     std::to_string(from.record.begin) + " instead of #" + std::to_string(winner.record->id));
            }
            const auto expected = rows_of(*winner.record);
            if ((one.status == Status::Hole) != expected.empty()) fail(which + " is a hole, or should be one");
            RC_ASSERT(one.first_row == (expected.empty() ? 0 : rows));
            RC_ASSERT(one.num_rows == expected.size());
            for (std::size_t i = 0; i < expected.size(); ++i) {
                Plain row{};
                std::memcpy(&row, answer.row(rows + i), sizeof row);
                if (row.value != expected[i].value) fail(which + " has rows of another record");
            }
            rows += expected.size();
            ++(expected.empty() ? seen.holes : seen.winners);
            if (winner.layer != layers.data()) ++seen.lower;
            if (one.validity.begin != from.record.begin || one.validity.end != from.record.end) ++seen.trimmed;
        } else {
            RC_ASSERT(one.status == Status::Gap);
            ++seen.gaps;
        }
        RC_ASSERT(one.validity.axis == answer->validity.axis);
        const auto fault = stretch_fault(
            points, [&](std::int64_t point) { return stack_winners(layers, question, point)[e]; }, at,
            one.validity.begin, one.validity.end, !question.unit_is_answer || winner.record != nullptr);
        if (!fault.empty()) fail(which + "'s interval " + fault);
    }
    RC_ASSERT(answer->num_rows == rows);
    const auto fault = stretch_fault(
        points, [&](std::int64_t point) { return stack_winners(layers, question, point); }, at, answer->validity.begin,
        answer->validity.end, true);
    if (!fault.empty()) fail("the interval of the answer " + fault);
    const auto status = expected_status(winners, question, coverage);
    if (status != answer->status) {
        fail("status is " + std::string(name_of(answer->status)) + ", should be " + std::string(name_of(status)));
    }
    if (status == Status::Incomplete) ++seen.incomplete;
}

/// What a read is as of, and what the model sees then.
struct Choice {
    std::optional<AsOf> as_of;
    std::vector<AsOfPattern> patterns;
    std::vector<ModelLayer> seen;
    std::optional<bool> settled;
};

Choice pick_choice(Case& one, Lasting& first, Lasting& second) {
    Choice choice;
    const auto times = one.times();
    std::vector<std::string> lasting;
    for (const auto& layer : one.layers) {
        if (Case::is_lasting(layer)) lasting.push_back(layer.url);
    }
    if (lasting.empty() || times.empty() || chance(3)) {
        choice.seen = one.seen_at(kPlusInfinity);
        return choice;
    }
    auto time = pick_of(times);
    if (chance(4)) --time;
    if (chance(8)) time = kPlusInfinity;
    choice.seen = one.seen_at(time);
    if (lasting.size() == 1 && one.layers.size() == 1 && chance(2)) {
        choice.as_of = choice.seen.front().snapshot;
        return choice;
    }
    if (chance(3)) {
        // Through a named snapshot, recorded in either place; what other names are read as of does not matter.
        static int number = 0;
        const auto home = pick_of(lasting);
        const auto snapshot = "s_" + one.name + "_" + std::to_string(++number);
        auto keeper = Database::open(lasting, {.write_to = home});
        keeper.set_snapshot(snapshot, {{one.name.substr(0, 2) + "*", Time{kMinusInfinity}}, {one.name, Time{time}}},
                            {"tester", "", "", "a test"});
        if (chance(2)) keeper.freeze_snapshot(snapshot, {"tester", "", "", "a test"});
        choice.as_of = SnapshotName{snapshot};
    } else {
        bool settled = true;
        for (auto* place : {&first, &second}) {
            const bool in = std::find(lasting.begin(), lasting.end(), place->url) != lasting.end();
            settled = settled && (!in || last_entered(place->writer).time > time);
        }
        choice.settled = settled;
        choice.as_of = Time{time};
    }
    if (chance(3)) {
        // The most specific pattern decides; the others, in any order, say something else.
        choice.patterns = {{"*", Time{0}}, {one.name, *choice.as_of}, {one.name.substr(0, 1) + "*", Time{0}}};
        choice.as_of = AsOf(Time{0});
    }
    return choice;
}

StackQuestion pick_question() {
    StackQuestion question;
    question.chain = pick_of(kChains);
    question.elements = {pick(0, 4)};
    if (chance(2)) question.elements = {2, 0, 3, 1};
    if (chance(6)) question.elements = {pick(0, 2), 7};
    question.unit_is_answer = chance(3);
    return question;
}

FetchOptions options_of(const StackQuestion& question, const Choice& choice) {
    FetchOptions options;
    options.version = text_of(question.chain);
    options.elements = question.elements;
    options.layer_unit = question.unit_is_answer ? LayerUnit::Answer : LayerUnit::Element;
    options.as_of = choice.as_of;
    options.as_of_patterns = choice.patterns;
    return options;
}

/// Both places and a folder, for all cases of a property.
struct World {
    TempDirectory directory;
    Lasting first;
    Lasting second;
    explicit World(const EachEngine& engine) : first(engine.url()), second(engine.layer(directory.file("second.db"))) {}
};

}  // namespace

TEST_CASE("answers of random stacks of layers are those of the model, with intervals sound and maximal") {
    const EachEngine engine;
    if (!engine) return;
    World world(engine);
    Seen seen;
    CHECK(check_some("stacks of layers agree with the model", 160, [&] {
        Case one(world.first, world.second, world.directory);
        for (int i = 0; i < 4; ++i) {
            const auto choice = pick_choice(one, world.first, world.second);
            one.db->advance();
            const auto question = pick_question();
            const auto options = options_of(question, choice);
            const auto coverage = one.coverage(choice.seen);
            const auto points = stack_points(choice.seen);
            for (int j = 0; j < 10; ++j) {
                const auto at = pick_of(points);
                const auto answer = one.db->fetch_rows(one.name, one.at(at), options);
                check_answer(choice.seen, question, coverage, at, answer, seen);
                if (choice.settled) RC_ASSERT(answer->settled == *choice.settled);
            }
        }
    }));
    CHECK(seen.answers > 5000);
    CHECK(seen.winners > 1000);
    CHECK(seen.gaps > 1000);
    CHECK(seen.holes > 200);
    CHECK(seen.incomplete > 100);
    CHECK(seen.lower > 500);
    CHECK(seen.trimmed > 500);
}

TEST_CASE("stepping visits exactly the intervals of the model, ends at infinity and never repeats") {
    const EachEngine engine;
    if (!engine) return;
    World world(engine);
    Seen seen;
    int most = 0;
    CHECK(check_some("stepping agrees with the model", 25, [&] {
        Case one(world.first, world.second, world.directory);
        const auto choice = pick_choice(one, world.first, world.second);
        one.db->advance();
        const auto question = pick_question();
        const auto options = options_of(question, choice);
        const auto coverage = one.coverage(choice.seen);
        auto from = chance(2) ? kMinusInfinity : pick_point();
        auto to = chance(2) ? kPlusInfinity : pick_point();
        if (from > to) std::swap(from, to);
        if (from == to) to = from + 1;
        // All of it forwards.
        std::vector<Interval> visited;
        one.db->scan(
            one.name, one.at(from), one.at(to),
            [&](const Answer& answer) {
                const auto& validity = answer->validity;
                check_answer(choice.seen, question, coverage, visited.empty() ? from : validity.begin, answer, seen);
                if (!visited.empty()) RC_ASSERT(visited.back().end == std::optional(validity.begin));
                visited.push_back(validity);
                RC_ASSERT(visited.size() < 200U);
                return true;
            },
            options);
        RC_ASSERT(!visited.empty());
        RC_ASSERT(visited.front().contains(from));
        RC_ASSERT(visited.back().begin < to);
        RC_ASSERT(!visited.back().end || *visited.back().end >= to);
        most = std::max(most, static_cast<int>(visited.size()));
        // One by one, there and back again.
        std::vector<std::int64_t> begins;
        auto at = kMinusInfinity;
        for (;;) {
            begins.push_back(at);
            RC_ASSERT(begins.size() < 200U);
            const auto next = one.db->fetch_next(one.name, one.at(at), options);
            const auto here = one.db->fetch_rows(one.name, one.at(at), options);
            RC_ASSERT(next.has_value() == (here->validity.end && *here->validity.end != kPlusInfinity));
            if (!next) break;
            RC_ASSERT(here->validity.end == std::optional((*next)->validity.begin));
            at = (*next)->validity.begin;
            check_answer(choice.seen, question, coverage, at, *next, seen);
        }
        for (std::size_t i = begins.size(); i-- > 0;) {
            const auto previous = one.db->fetch_previous(one.name, one.at(begins[i]), options);
            RC_ASSERT(previous.has_value() == (i != 0));
            if (previous) RC_ASSERT((*previous)->validity.begin == begins[i - 1]);
        }
    }));
    CHECK(most > 3);
}

namespace {

/// Everything of an answer but which place and commit it came from.
std::string without_place(const Answer& answer) {
    const auto& data = *answer;
    const auto number = [](const auto& n) { return n ? std::to_string(*n) : std::string("-"); };
    const auto interval = [&](const Interval& i) {
        return std::string(name_of(i.axis)) + "[" + std::to_string(i.begin) + "," + number(i.end) + ")";
    };
    std::string out =
        data.name + " " + data.struct_name + " " + std::string(name_of(data.status)) + interval(data.validity);
    for (const auto& one : data.elements) {
        out += "\n" + std::to_string(one.element) + " " + std::string(name_of(one.status)) + interval(one.validity) +
               " rows " + std::to_string(one.first_row) + "+" + std::to_string(one.num_rows);
        if (!one.provenance) continue;
        const auto& from = *one.provenance;
        out += " " + from.version + " schema " + std::to_string(from.schema) + " created " +
               std::to_string(from.creation_time.ns) + " " + from.content_hash + interval(from.record);
    }
    for (const auto& path : data.absent) out += "\nabsent " + path;
    for (const auto& path : data.truncated) out += "\ntruncated " + path;
    out += "\n" + std::to_string(data.num_rows) + " rows\n";
    if (data.num_rows != 0) {
        out += schema::to_json(*data.layout);
        out.append(reinterpret_cast<const char*>(data.data.get()), data.num_rows * data.layout->size);
    }
    return out;
}

/// And all of it.
std::string everything(const Answer& answer) {
    auto out = without_place(answer);
    for (const auto& one : answer->elements) {
        if (!one.provenance) continue;
        const auto& from = *one.provenance;
        out += "\n" + from.database + " " + from.layer + " " + std::to_string(from.commit) + " " +
               std::to_string(from.entry_time.ns) + " " + from.uid + " " + std::to_string(from.data_id);
    }
    return out;
}

float pick_float() {
    static const std::vector<float> kSpecial{
        0.0F, -0.0F, 1e-45F, 3.4028235e38F, HUGE_VALF, -HUGE_VALF, std::numeric_limits<float>::quiet_NaN()};
    return chance(3) ? pick_of(kSpecial) : static_cast<float>(pick(-1000000, 1000000)) / 7;
}

std::string csv_text(float number) {
    if (number != number) return "nan";
    if (number == HUGE_VALF) return "inf";
    if (number == -HUGE_VALF) return "-inf";
    return fmt::format("{}", number);
}

}  // namespace

TEST_CASE("the same records give the same bytes from SQLite, PostgreSQL, memory and CSV layers") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    auto first = create_with<Gain1>(engine.url());
    const auto second_url = engine.layer(directory.file("second.db"));
    auto second = create_with<Gain1>(second_url);
    int number = 0;
    CHECK(check_some("all kinds of layers answer alike", 40, [&] {
        const auto name = "r" + std::to_string(++number);
        const auto records = pick_records(1, 12);
        NameSpec spec;
        spec.name = name;
        spec.struct_name = "Gain";
        spec.axis = chance(2) ? Axis::Run : Axis::Time;
        spec.policy = chance(2) ? OrderPolicy::ByCreation : OrderPolicy::ByBegin;
        const auto storage = [] { return chance(2) ? Storage::Columns : Storage::Bytes; };
        const auto csv = directory.file(name);
        std::filesystem::create_directories(csv);
        std::ofstream manifest(csv + "/manifest.csv");
        manifest << "table,beginTime,endTime,version,element,created,path\n";
        std::vector<PutRecord> puts;
        for (const auto& record : records) {
            std::vector<Gain1> rows;
            for (auto left = pick(0, 4); left > 0; --left) {
                auto row =
                    gain1(static_cast<std::int32_t>(pick(INT32_MIN, INT32_MAX)), 0,
                          pick_of(std::vector<std::string>{"", "a", "tpc", "12345678", "say \"x\"", "a,b", " x "}));
                for (auto& one : row.gain) one = pick_float();
                rows.push_back(row);
            }
            puts.push_back(put<Gain1>(name, record.begin, rows));
            puts.back().end = record.end;
            puts.back().version = record.version;
            puts.back().element = record.element;
            puts.back().created = Time{record.creation_time};
            const auto file = std::to_string(puts.size()) + ".csv";
            manifest << name << ',' << format_position({*spec.axis, record.begin}) << ','
                     << (record.end ? format_position({*spec.axis, *record.end}) : "") << ',' << record.version << ','
                     << record.element << ",@" << record.creation_time << ',' << file << '\n';
            std::ofstream out(csv + "/" + file);
            out << "channel:int,gain[3]:float,label:char[8]\n";
            for (const auto& row : rows) {
                std::string label(row.label, strnlen(row.label, sizeof row.label));
                for (std::size_t i = 0; i < label.size(); ++i) {
                    if (label[i] == '"') label.insert(i++, 1, '"');
                }
                out << row.channel << ',' << csv_text(row.gain[0]) << ',' << csv_text(row.gain[1]) << ','
                    << csv_text(row.gain[2]) << ",\"" << label << "\"\n";
            }
        }
        manifest.close();
        const auto fill = [&](Database& db) {
            auto own = spec;
            own.storage = storage();
            db.define_name(own);
            commit(db, puts);
            db.advance();
        };
        fill(first);
        auto memory = Database::open("memory:");
        (void)register_as<Gain1>(memory);
        fill(memory);
        // The CSV layer takes axis and policy from a place below that has no records of its own.
        const auto empty_url = second_url;
        second.define_name(spec);
        auto over = Database::open({"csv:" + csv, empty_url});
        for (int i = 0; i < 3; ++i) {
            auto question = pick_question();
            // Where an element has nothing, the interval depends on the number of layers.
            question.unit_is_answer = false;
            const auto options = options_of(question, {});
            const auto points = event_points(records);
            for (int j = 0; j < 10; ++j) {
                const Position at{*spec.axis, pick_of(points)};
                const auto expected = without_place(memory.fetch_rows(name, at, options));
                RC_ASSERT(without_place(first.fetch_rows(name, at, options)) == expected);
                RC_ASSERT(without_place(over.fetch_rows(name, at, options)) == expected);
            }
        }
    }));
}

TEST_CASE("what a pinned snapshot answers stays the same to the byte, whatever is committed later") {
    const EachEngine engine;
    if (!engine) return;
    World world(engine);
    int pinned = 0;
    CHECK(check_some("pinned snapshots never change", 15, [&] {
        static int number = 0;
        const auto name = "p" + std::to_string(++number);
        const std::vector<std::string> urls{world.second.url, world.first.url};
        auto db = Database::open(urls, {.write_to = world.first.url});
        struct Pin {
            FetchOptions options;
            std::vector<std::pair<std::int64_t, std::string>> answers;
            Database* db;
        };
        auto alone = Database::open(world.first.url);
        std::vector<Pin> pins;
        NameSpec spec;
        spec.name = name;
        spec.struct_name = "Plain";
        spec.axis = Axis::Run;
        world.first.writer.define_name(spec);
        std::int64_t id = 0;
        for (int step = 0; step < 6; ++step) {
            auto& writer = chance(3) ? world.second.writer : world.first.writer;
            writer.define_name(spec);
            writer.advance();
            switch (pick(0, 5)) {
                case 0: {
                    auto changed = spec;
                    changed.policy = chance(2) ? OrderPolicy::ByCreation : OrderPolicy::ByBegin;
                    changed.coverage = chance(2) ? Coverage{} : Coverage{true, {0, 1}};
                    writer.define_name(changed);
                    break;
                }
                case 1: {
                    HistoryOptions which;
                    which.elements = {pick(0, 4)};
                    (void)writer.retire(name, which, {"tester", "", "", "a test"}, true);
                    break;
                }
                default: {
                    std::vector<PutRecord> puts;
                    for (auto& record : pick_records(1, 4)) {
                        record.id = ++id;
                        puts.push_back(to_put(name, record));
                    }
                    commit(writer, puts);
                }
            }
            db.advance();
            alone.advance();
            if (chance(2)) continue;
            Pin pin;
            const auto question = pick_question();
            pin.options = options_of(question, {});
            pin.db = &db;
            const auto last = std::max(last_entered(world.first.writer).time, last_entered(world.second.writer).time);
            switch (pick(0, 3)) {
                case 0:
                    pin.options.as_of = alone.snapshot();
                    pin.db = &alone;
                    break;
                case 1: {
                    const auto snapshot = "pin_" + name + "_" + std::to_string(step);
                    db.set_snapshot(snapshot, {}, {"tester", "", "", "a test"});
                    db.freeze_snapshot(snapshot, {"tester", "", "", "a test"});
                    pin.options.as_of = SnapshotName{snapshot};
                    break;
                }
                default: {
                    // Settled by a commit in each place.
                    auto settling = spec;
                    settling.name = name + "_" + std::to_string(step);
                    for (auto* place : {&world.first, &world.second}) place->writer.define_name(settling);
                    db.advance();
                    pin.options.as_of = Time{last};
                }
            }
            for (int i = 0; i < 8; ++i) {
                const auto at = i == 0 ? kMinusInfinity : i == 1 ? kPlusInfinity : pick_point();
                const auto answer = pin.db->fetch_rows(name, Run{at}, pin.options);
                RC_ASSERT(answer->settled);
                pin.answers.emplace_back(at, everything(answer));
            }
            pins.push_back(std::move(pin));
        }
        auto fresh = Database::open(urls);
        auto fresh_alone = Database::open(world.first.url);
        for (auto& pin : pins) {
            auto& again = pin.db == &db ? fresh : fresh_alone;
            for (const auto& [at, expected] : pin.answers) {
                RC_ASSERT(everything(pin.db->fetch_rows(name, Run{at}, pin.options)) == expected);
                RC_ASSERT(everything(again.fetch_rows(name, Run{at}, pin.options)) == expected);
                ++pinned;
            }
        }
    }));
    CHECK(pinned > 100);
}

TEST_CASE("a pinned snapshot stays the same while other threads commit") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    commit(db, {value(1, 0), value(2, 10, 20), value(3, 5, 30, "sim")});
    db.advance();
    std::vector<std::thread> writers;
    for (int w = 0; w < 3; ++w) {
        writers.emplace_back([&, w] {
            auto own = Database::open(engine.url());
            for (int i = 0; i < 25; ++i)
                commit(own, {value(100 * w + i, (7 * i + w) % 40, std::nullopt, i % 2 ? "sim" : "default")});
        });
    }
    FetchOptions options;
    options.version = "sim,default";
    int checked = 0;
    for (int round = 0; round < 40; ++round) {
        auto reader = Database::open(engine.url(), {.cache_bytes = 0});
        FetchOptions pinned = options;
        pinned.as_of = reader.snapshot();
        std::vector<std::string> before;
        for (std::int64_t at = -1; at < 42; at += 6)
            before.push_back(everything(reader.fetch_rows("Plain", Time{at}, pinned)));
        reader.advance();
        std::size_t i = 0;
        for (std::int64_t at = -1; at < 42; at += 6, ++i) {
            CHECK(everything(reader.fetch_rows("Plain", Time{at}, pinned)) == before[i]);
            ++checked;
        }
    }
    for (auto& writer : writers) writer.join();
    CHECK(checked > 300);
    db.advance();
    CHECK(db.snapshot() >= 77);
}

TEST_CASE("the order in which records are inserted changes nothing but commit numbers") {
    const EachEngine engine;
    if (!engine) return;
    World world(engine);
    CHECK(check_some("insertion order does not matter", 25, [&] {
        static int number = 0;
        const bool by_creation = chance(2);
        auto records = pick_records(2, 8);
        for (std::size_t i = 0; i < records.size(); ++i) {
            records[i].id = static_cast<std::int64_t>(i) + 1;
            // What the policy orders by differs, also between versions of equal rank.
            records[i].creation_time = static_cast<std::int64_t>(i * 7 % records.size());
        }
        std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
        std::set<std::pair<std::int64_t, std::int64_t>> begins;
        std::erase_if(records, [&](const auto& r) { return !begins.insert({r.element, r.begin}).second; });
        std::set<std::int64_t> creations;
        std::erase_if(records, [&](const auto& r) { return !creations.insert(r.creation_time).second; });
        const auto made = [&](const std::vector<ModelRecord>& order) {
            const auto name = "o" + std::to_string(++number);
            NameSpec spec;
            spec.name = name;
            spec.struct_name = "Plain";
            spec.policy = by_creation ? OrderPolicy::ByCreation : OrderPolicy::ByBegin;
            auto& db = world.first.writer;
            db.define_name(spec);
            std::vector<PutRecord> puts;
            for (const auto& record : order) {
                puts.push_back(to_put(name, record));
                if (chance(2)) continue;
                commit(db, puts);
                puts.clear();
            }
            if (!puts.empty()) commit(db, puts);
            db.advance();
            return name;
        };
        const auto one = made(records);
        auto shuffled = records;
        for (std::size_t i = shuffled.size(); i > 1; --i) {
            std::swap(shuffled[i - 1], shuffled[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(i)))]);
        }
        const auto other = made(shuffled);
        const auto options = options_of(pick_question(), {});
        for (const auto at : event_points(records)) {
            const auto a = without_place(world.first.writer.fetch_rows(one, Time{at}, options));
            const auto b = without_place(world.first.writer.fetch_rows(other, Time{at}, options));
            RC_ASSERT(a.substr(a.find(' ')) == b.substr(b.find(' ')));
        }
    }));
}

TEST_CASE("with and without the cache answers are alike, also backwards in time, after advance and invalidate") {
    const EachEngine engine;
    if (!engine) return;
    World world(engine);
    std::uint64_t hits = 0;
    CHECK(check_some("the cache changes nothing", 15, [&] {
        static int number = 0;
        const auto name = "c" + std::to_string(++number);
        const std::vector<std::string> urls{world.second.url, world.first.url};
        NameSpec spec;
        spec.name = name;
        spec.struct_name = "Plain";
        world.first.writer.define_name(spec);
        if (chance(2)) world.second.writer.define_name(spec);
        // Sometimes so small that answers are given up all the time.
        auto cached = Database::open(urls, {.cache_bytes = chance(3) ? 4096U : 1U << 20});
        auto plain = Database::open(urls, {.cache_bytes = 0});
        std::int64_t id = 0;
        std::vector<FetchOptions> questions;
        for (int i = 0; i < 3; ++i) questions.push_back(options_of(pick_question(), {}));
        questions.back().as_of = Time{kPlusInfinity};
        std::optional<Position> last;
        for (int step = 0; step < 60; ++step) {
            switch (pick(0, 12)) {
                case 0: {
                    auto& writer = chance(3) ? world.second.writer : world.first.writer;
                    writer.define_name(spec);
                    std::vector<PutRecord> puts;
                    for (auto& record : pick_records(1, 4)) {
                        record.id = ++id;
                        puts.push_back(to_put(name, record));
                    }
                    commit(writer, puts);
                    // A date in the future is translated when it is first asked for: both ask now.
                    RC_ASSERT(cached.advance() == plain.advance());
                    break;
                }
                case 1:
                    RC_ASSERT(cached.advance() == plain.advance());
                    break;
                case 2:
                    cached.invalidate(name);
                    break;
                default: {
                    const Position at{Axis::Time, last && chance(3) ? last->value - 1 : pick_point()};
                    last = at.value == kMinusInfinity ? std::nullopt : std::optional(at);
                    const auto& options = pick_of(questions);
                    const auto a = cached.fetch_rows(name, at, options);
                    const auto b = plain.fetch_rows(name, at, options);
                    RC_ASSERT(everything(a) == everything(b));
                    RC_ASSERT(a->snapshot == b->snapshot);
                    RC_ASSERT(a->settled == b->settled);
                }
            }
        }
        RC_ASSERT(plain.cache_counters().hits == 0U);
        hits += cached.cache_counters().hits;
    }));
    CHECK(hits > 100);
}
