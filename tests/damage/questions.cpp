#include "damage/questions.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "damage/history.h"
#include "damage/render.h"
#include "database/support.h"
#include "etalon/error.h"

namespace etalon::damage {

using test::Gain1;
using test::Gain2;

/// Freshly opened databases: the place alone, over the second one, and below it. Nothing of an answer is kept.
class Session {
public:
    /// Opens what the wanted groups of questions need.
    Session(const Places& places, const GroupSet& wanted) {
        alone = &single_.add(places.main, options(), "main");
        (void)single_.add(places.second, options(), "second");
        names_ = {{alone->place(), "<main>"}, {single_.get("second").place(), "<second>"}};
        if (wanted.contains(Group::Over)) {
            auto above = options();
            above.write_to = places.main;
            over = &over_.add(std::vector<std::string>{places.main, places.second}, above, "main");
            (void)over_.add(places.second, options(), "second");
        }
        if (wanted.contains(Group::Under)) {
            auto below = options();
            below.write_to = places.second;
            under = &under_.add(std::vector<std::string>{places.second, places.main}, below, "main");
        }
    }

    Database* alone = nullptr;
    Database* over = nullptr;   ///< the place on top
    Database* under = nullptr;  ///< the place below

    [[nodiscard]] Federation& federation() noexcept { return single_; }
    [[nodiscard]] Federation& stacked() noexcept { return over_; }
    /// The same text wherever the places are.
    [[nodiscard]] std::string without_places(std::string text) const {
        for (const auto& [place, name] : names_) {
            for (auto at = text.find(place); at != std::string::npos; at = text.find(place, at + name.size()))
                text.replace(at, place.size(), name);
        }
        return text;
    }

private:
    static OpenOptions options() {
        OpenOptions made;
        made.cache_bytes = 0;
        return made;
    }
    Federation single_, over_, under_;
    std::vector<std::pair<std::string, std::string>> names_;
};

namespace {

/// What is known of the whole place before it is damaged: what questions ask for.
struct Known {
    std::int64_t last = 0;
    std::vector<Time> entered;      ///< of commit N at N - 1
    std::vector<std::string> uids;  ///< some records of `Plain`
};

Known known_of(const Places& places) {
    auto db = Database::open(places.main);
    Known known;
    known.last = db.snapshot();
    for (const auto& commit : db.log()) known.entered.insert(known.entered.begin(), commit.entry_time);
    for (const auto& record : db.history("Plain")) known.uids.push_back(record.uid);
    return known;
}

/// Which of the three databases.
using Which = Database* Session::*;

class Questions {
public:
    explicit Questions(Known known) : known_(std::move(known)) {
        ask_rows(&Session::alone);
        ask_old_rows();
        ask_layouts();
        ask_around();
        ask_why();
        ask_lists(&Session::alone);
        ask_histories();
        ask_trees();
        ask_own();
        ask_objects(&Session::alone);
        ask_stack(&Session::over);
        ask_stack(&Session::under);
    }
    [[nodiscard]] const std::vector<Question>& all() const noexcept { return all_; }

private:
    void add(std::string text, std::function<std::string(Session&)> ask) {
        const auto group = text.starts_with("over: ")         ? Group::Over
                           : text.starts_with("under: ")      ? Group::Under
                           : text.starts_with("Large at 30 ") ? Group::Heavy
                                                              : Group::Main;
        all_.push_back({std::move(text), std::move(ask), group});
    }
    static std::string called(Which which) {
        return which == &Session::alone ? "" : which == &Session::over ? "over: " : "under: ";
    }
    static FetchOptions with(std::vector<std::int64_t> elements, std::string version = "") {
        FetchOptions options;
        options.elements = std::move(elements);
        options.version = std::move(version);
        return options;
    }
    static FetchOptions at_schema(std::int64_t schema, std::vector<std::int64_t> elements = {0}) {
        auto options = with(std::move(elements));
        options.schema = schema;
        return options;
    }
    static FetchOptions as_of(AsOf when, FetchOptions options = {}) {
        options.as_of = std::move(when);
        return options;
    }

    void rows(Which which, const std::string& name, Position at, const FetchOptions& options = {},
              const std::string& more = "", const DefinitionPtr& layout = nullptr) {
        add(fmt::format("{}{} at {} {}{}elements {}", called(which), name, at.value,
                        options.version.empty() ? "" : options.version + ' ', more.empty() ? "" : more + ' ',
                        format_elements(options.elements)),
            [=](Session& session) { return text_of((session.*which)->fetch_rows(name, at, options, layout)); });
    }

    void ask_rows(Which which) {
        for (const std::int64_t at : {-10, 5, 16, 45, 70, 112, 155, 225, 400}) rows(which, "Plain", Time{at});
        rows(which, "Plain", Time{25}, with({0, 1, 2, 3, 4, 7}));
        rows(which, "Plain", Time{56}, with({4, 2, 0}));
        rows(which, "Plain", Time{35}, with({0, 1}, "sim,default"));
        rows(which, "Plain", Time{70}, with({0}, "sim,default"));
        rows(which, "Plain", Time{35}, with({0}, "sim+default"));
        rows(which, "Plain", Time{62}, with({0, 1}, "sim+default"));
        rows(which, "Plain", Time{90}, with({0}, "sim"));
        rows(which, "Plain", Time{5}, with({0}, "nobody"));
        auto base = with({0, 2});
        base.any_position = true;
        rows(which, "Plain", Time{0}, base, "base line");
        for (const std::int64_t at : {15, 55, 75}) rows(which, "Late", Time{at});
        rows(which, "Late", Time{30}, with({0}, "sim+default"));
        for (const std::int64_t at : {40, 70}) rows(which, "Turned", Time{at});
        rows(which, "Covered", Time{60}, with({0, 1, 2, 3}));
        rows(which, "Covered", Time{95}, with({0, 3}));
        rows(which, "Moved", Time{20});
        rows(which, "Moved", Time{60});
        rows(which, "Empty", Time{20});
        for (const std::int64_t at : {0, 3, 9}) rows(which, "ByRun", Run{at});
        rows(which, "Mixed", Time{30});
        rows(which, "Mixed", Time{70});
        rows(which, "Large", Time{30});
        rows(which, "Large", Time{70});
        rows(which, "Plain", Run{5});
        rows(which, "Nowhere", Time{5});
    }

    void ask_old_rows() {
        const auto which = &Session::alone;
        for (const std::int64_t back : {1, 7, 15, 25, 33, 36, 39}) {
            const auto commit = known_.last - back;
            if (commit > 0)
                rows(which, "Plain", Time{16}, as_of(commit, with({0, 1})), fmt::format("as of {}", commit));
        }
        const auto late = known_.last - 30;
        rows(which, "Plain", Time{57}, as_of(late, with({0, 2}, "sim,default")), "as of some commit");
        rows(which, "Plain", Time{57}, as_of(late, with({0, 2}, "sim+default")), "as of some commit");
        rows(which, "Turned", Time{40}, as_of(late + 3), "as of before the turn");
        rows(which, "Late", Time{30}, as_of(late + 2, with({0}, "sim,default")), "as of before it was retired");
        for (const std::size_t commit : {std::size_t{12}, std::size_t{20}, known_.entered.size() - 1}) {
            const auto at = known_.entered.at(commit - 1);
            rows(which, "Plain", Time{16}, as_of(at), fmt::format("as of the date of {}", commit));
            rows(which, "Plain", Time{16}, as_of(Time{at.ns - 1}), fmt::format("as of before the date of {}", commit));
        }
        rows(which, "Plain", Time{16}, as_of(Time{kPlusInfinity}), "as of the end of time");
        rows(which, "Plain", Time{16}, as_of(std::int64_t{0}), "as of 0");
        rows(which, "Plain", Time{16}, as_of(known_.last + 1), "as of a commit to come");
        for (const auto* snapshot : {"open", "paper", "both"}) {
            rows(which, "Plain", Time{16}, as_of(SnapshotName{snapshot}), std::string("as of ") + snapshot);
            rows(which, "Late", Time{55}, as_of(SnapshotName{snapshot}), std::string("as of ") + snapshot);
        }
        rows(which, "Plain", Time{16}, as_of(SnapshotName{"nobody's"}), "as of an unknown snapshot");
        FetchOptions patterns;
        patterns.as_of_patterns = {{"Pl*", std::int64_t{12}}, {"*", SnapshotName{"paper"}}};
        rows(which, "Plain", Time{16}, patterns, "as of patterns");
    }

    void ask_layouts() {
        const auto which = &Session::alone;
        const auto layout = [](const StructDefinition& of) { return std::make_shared<const StructDefinition>(of); };
        const auto gain_1 = layout(test::definition_of<Gain1>());
        const auto gain_2 = layout(test::definition_of<Gain2>());
        const auto channel = layout(test::definition_of<test::GainChannel>());
        for (const auto* name : {"Gain", "Packed"}) {
            rows(which, name, Time{50});
            rows(which, name, Time{50}, {}, "as Gain2", gain_2);
            rows(which, name, Time{110}, {}, "as Gain1", gain_1);
            rows(which, name, Time{110}, {}, "as GainChannel", channel);
            rows(which, name, Time{110}, at_schema(1), "as schema 1");
        }
        rows(which, "Gain", Time{130}, with({0, 1}));
        rows(which, "Gain", Time{130}, with({0, 1}), "as Gain1", gain_1);
        rows(which, "Gain", Time{130}, at_schema(3), "as a schema that is not there");
        rows(which, "Sensor", Time{20}, {}, "as the second", layout(sensor2()));
        rows(which, "Sensor", Time{90}, {}, "as the first", layout(sensor1()));
        rows(which, "Sensor", Time{20}, as_of(SnapshotName{"paper"}, at_schema(2)), "as schema 2 for the paper");
        rows(which, "Sensor", Time{20}, as_of(known_.last - 25, at_schema(2)), "as schema 2 of old");
        for (const auto& [name, schemas] :
             std::map<std::string, int>{{"Plain", 1}, {"Gain", 2}, {"Sensor", 2}, {"Mixed", 1}}) {
            for (std::int64_t schema = 0; schema <= schemas; ++schema) {
                add(fmt::format("definition {} {}", name, schema),
                    [=](Session& session) { return text_of(*session.alone->get_definition(name, schema)); });
            }
            if (schemas == 1) continue;
            for (std::int64_t schema = 1; schema <= schemas; ++schema) {
                add(fmt::format("{} at 60 in the layout of definition {}", name, schema), [=](Session& session) {
                    const auto asked = session.alone->get_definition(name, schema);
                    return text_of(session.alone->fetch_rows(name, Time{60}, {}, asked));
                });
            }
            add("definitions of " + name, [=](Session& session) {
                std::string text;
                for (const auto& one : session.alone->get_definitions(name)) text += text_of(*one) + '\n';
                return text;
            });
        }
        add("rules of Sensor", [](Session& session) { return text_of(session.alone->get_rules("Sensor")); });
        add("typed Gain", [](Session& session) {
            auto rows = session.alone->fetch<Gain2>("Gain", Time{10});
            auto text = text_of(rows.answer());
            rows.refresh(Time{110});
            return text + text_of(rows.answer());
        });
    }

    static std::string scanned(Database& db, const std::string& name, Position from, Position to,
                               const FetchOptions& options = {}) {
        std::string text;
        db.scan(
            name, from, to,
            [&](const Answer& answer) {
                text += text_of(answer);
                return true;
            },
            options);
        return text;
    }
    void scan(Which which, const std::string& name, Position from, Position to, const FetchOptions& options = {},
              const std::string& more = "") {
        add(fmt::format("{}scan {} {} {}elements {}", called(which), name, options.version, more,
                        format_elements(options.elements)),
            [=](Session& session) { return scanned(*(session.*which), name, from, to, options); });
    }

    void ask_around() {
        const auto which = &Session::alone;
        const Time begin{kMinusInfinity};
        const Time end{kPlusInfinity};
        scan(which, "Plain", begin, end);
        scan(which, "Plain", Time{0}, Time{100}, with({0, 1, 2, 3}));
        scan(which, "Plain", begin, end, with({0}, "sim,default"));
        scan(which, "Plain", begin, end, with({0, 1}, "sim+default"));
        scan(which, "Plain", begin, end, as_of(known_.last - 34), "of old ");
        scan(which, "Plain", begin, end, as_of(SnapshotName{"paper"}), "for the paper ");
        scan(which, "Late", begin, end);
        scan(which, "Turned", begin, end);
        scan(which, "Packed", begin, end);
        scan(which, "Mixed", begin, end);
        scan(which, "Moved", begin, end);
        scan(which, "Covered", begin, end, with({0, 1, 2, 3}));
        scan(which, "ByRun", Run{kMinusInfinity}, Run{kPlusInfinity});
        for (const std::int64_t at : {16, 115, 250}) {
            add(fmt::format("Plain behind {}", at),
                [=](Session& session) { return text_of(session.alone->fetch_next("Plain", Time{at})); });
            add(fmt::format("Plain before {}", at),
                [=](Session& session) { return text_of(session.alone->fetch_previous("Plain", Time{at})); });
        }
        add("Late behind 15 by versions", [](Session& session) {
            return text_of(session.alone->fetch_next("Late", Time{15}, with({0}, "sim,default")));
        });
    }

    void ask_why() {
        const auto explain = [&](const std::string& name, Position at, const FetchOptions& options) {
            add(fmt::format("explain {} at {} {} elements {}", name, at.value, options.version,
                            format_elements(options.elements)),
                [=](Session& session) { return text_of(session.alone->explain(name, at, options, 0)); });
        };
        explain("Plain", Time{16}, with({0, 1, 3}));
        explain("Plain", Time{62}, with({0}, "sim+default"));
        explain("Plain", Time{155}, as_of(known_.last - 30));
        explain("Late", Time{55}, with({0}, "sim,default"));
        explain("Turned", Time{55}, {});
        add("lint", [](Session& session) { return text_of(session.alone->lint({}, Time{1'000'000})); });
    }

    void ask_lists(Which which) {
        const auto list = [&](const std::string& text, auto ask) {
            add(called(which) + text, [=](Session& session) { return text_of(ask(*(session.*which))); });
        };
        list("names", [](Database& db) { return db.names(); });
        list("structs", [](Database& db) { return db.structs(); });
        list("snapshots", [](Database& db) { return db.snapshots(); });
        list("the last of the log", [](Database& db) { return db.log(5); });
        if (which != &Session::alone) return;
        list("layers", [](Database& db) { return db.layers(); });
        list("log", [](Database& db) { return db.log(); });
        list("configurations", [](Database& db) { return db.configurations(); });
        list("parameter sets", [](Database& db) { return db.parameter_sets(); });
        add(called(which) + "name, snapshot and its advance", [=](Session& session) {
            auto& db = *(session.*which);
            const auto before = db.snapshot();
            return fmt::format("{} {} {}", db.name(), before, db.advance());
        });
    }

    void history(const std::string& name, const std::string& more, const HistoryOptions& options) {
        add("history of " + name + ' ' + more,
            [=](Session& session) { return text_of(session.alone->history(name, options)); });
    }

    void ask_histories() {
        for (const auto* name :
             {"Plain", "Late", "Gain", "Packed", "Covered", "Moved", "Mixed", "Large", "ByRun", "Empty"})
            history(name, "", {});
        for (const auto relation : {Relation::Before, Relation::Throughout, Relation::Within, Relation::Ends}) {
            HistoryOptions options;
            options.from = Time{20};
            options.to = Time{100};
            options.relation = relation;
            history("Plain", std::string(name_of(relation)), options);
        }
        HistoryOptions options;
        options.limit = 4;
        for (const auto order :
             {HistoryOrder::Begin, HistoryOrder::Commit, HistoryOrder::Entered, HistoryOrder::Created}) {
            options.order = order;
            options.descending = !options.descending;
            history("Plain", "by " + std::string(name_of(order)), options);
        }
        options = {};
        options.as_of = known_.last - 34;
        history("Plain", "of old", options);
        options.as_of = SnapshotName{"paper"};
        history("Late", "for the paper", options);
        options = {};
        options.retired = RetiredFilter::Retired;
        history("Plain", "retired", options);
        history("Late", "retired", options);
        options.retired = RetiredFilter::Live;
        options.versions = {"sim"};
        history("Plain", "live of sim", options);
        options = {};
        options.elements = {1, 3};
        options.author = "tester";
        history("Plain", "by element and author", options);
        options = {};
        options.entered_from = known_.entered.at(12);
        options.entered_to = known_.entered.at(20);
        history("Plain", "by date", options);
        // Not by value: what an SQL condition leaves out is not proved (docs/storage_format.md).
        options = {};
        options.uids = {known_.uids.front(), known_.uids.back()};
        history("Plain", "by uid", options);
    }

    void ask_trees() {
        const auto configuration = [&](const std::string& root, const std::string& key, const std::string& more,
                                       const ConfigurationRequest& request) {
            add("get " + root + ' ' + key + ' ' + more, [=](Session& session) {
                return text_of(session.federation().fetch_configuration(root, key, request, "main"));
            });
            if (!more.empty()) return;
            add("over: get " + root + ' ' + key, [=](Session& session) {
                return text_of(session.stacked().fetch_configuration(root, key, request, "main"));
            });
        };
        ConfigurationRequest request;
        request.time = Time{25};
        request.run = Run{8};
        configuration("Reco", "", "", request);
        configuration("Reco", "night", "", request);
        configuration("Other", "", "", request);
        request.version = "sim,default";
        configuration("Reco", "", "as sim", request);
        request.version = {};
        request.as_of = SnapshotName{"paper"};
        configuration("Reco", "", "for the paper", request);
        request.as_of = known_.entered.back();
        configuration("Reco", "", "as of a date", request);
        for (const auto& [root, key] : {std::pair{"Reco", ""}, std::pair{"Reco", "night"}, std::pair{"Other", ""}}) {
            add(fmt::format("tree {} {}", root, key),
                [root = std::string(root), key = std::string(key)](Session& session) {
                    return text_of(session.alone->tree(root, key));
                });
        }
        // Between the two commits of nodes.
        for (const std::int64_t back : {6, 7, 8, 9}) {
            add(fmt::format("tree Reco as of {}", known_.last - back), [as_of = known_.last - back](Session& session) {
                return text_of(session.alone->tree("Reco", "", as_of));
            });
        }
        add("tree Reco as of both",
            [](Session& session) { return text_of(session.alone->tree("Reco", "", SnapshotName{"both"})); });
    }

    void ask_own() {
        for (const std::int64_t at : {-5, 20, 70}) {
            add(fmt::format("parameters at {}", at), [=](Session& session) {
                return text_of(session.alone->fetch_parameters("reco", "default", Time{at}));
            });
            add(fmt::format("run at {}", at),
                [=](Session& session) { return text_of(session.alone->fetch_run_at(Time{at})); });
        }
        add("times of run 7", [](Session& session) { return text_of(session.alone->fetch_run(Run{7})); });
        add("runs", [](Session& session) { return text_of(session.alone->runs()); });
    }

    void ask_objects(Which which) {
        std::vector<ObjectId> ids;
        for (const auto& put : objects()) ids.push_back(compute_object_id(*put.layout, put.row.get()));
        for (std::size_t i = 0; i < ids.size(); ++i) {
            add(fmt::format("{}object {}", called(which), i),
                [=](Session& session) { return text_of((session.*which)->get_objects(std::vector{ids[i]})); });
        }
        add(called(which) + "all objects",
            [=](Session& session) { return text_of((session.*which)->get_objects(ids)); });
        add(called(which) + "objects as of a date", [=, when = known_.entered.at(20)](Session& session) {
            ObjectReadOptions options;
            options.as_of = when;
            return text_of((session.*which)->get_objects(ids, options));
        });
    }

    void ask_stack(Which which) {
        ask_objects(which);
        for (const std::int64_t at : {-10, 45, 58, 140}) rows(which, "Plain", Time{at});
        rows(which, "Plain", Time{25}, with({0, 1, 2, 3, 7}));
        rows(which, "Plain", Time{35}, with({0}, "sim,default"));
        rows(which, "Plain", Time{62}, with({0}, "sim+default"));
        auto as_a_whole = with({0, 1, 7});
        as_a_whole.layer_unit = LayerUnit::Answer;
        rows(which, "Plain", Time{35}, as_a_whole, "as a whole");
        rows(which, "Plain", Time{16}, as_of(SnapshotName{"both"}), "as of both");
        rows(which, "Plain", Time{16}, as_of(SnapshotName{"open"}), "as of open");
        rows(which, "Plain", Time{16}, as_of(known_.entered.at(14)), "as of a date");
        rows(which, "Gain", Time{50}, at_schema(2), "as schema 2");
        rows(which, "Sensor", Time{20}, at_schema(2), "as schema 2");
        rows(which, "Covered", Time{60}, with({0, 1, 2, 3}));
        rows(which, "OnlyBelow", Time{60});
        rows(which, "Large", Time{70});
        rows(which, "Late", Time{55});
        scan(which, "Plain", Time{kMinusInfinity}, Time{kPlusInfinity});
        scan(which, "Plain", Time{kMinusInfinity}, Time{kPlusInfinity}, with({0, 1}, "sim,default"));
        ask_lists(which);
        add(called(which) + "history of Plain", [=](Session& session) {
            HistoryOptions options;
            options.limit = 12;
            return text_of((session.*which)->history("Plain", options));
        });
        add(called(which) + "explain Plain",
            [=](Session& session) { return text_of((session.*which)->explain("Plain", Time{58}, {}, 0)); });
        add(called(which) + "lint",
            [=](Session& session) { return text_of((session.*which)->lint({}, Time{1'000'000})); });
        add(called(which) + "rules of Sensor",
            [=](Session& session) { return text_of((session.*which)->get_rules("Sensor")); });
        add(called(which) + "tree Reco", [=](Session& session) { return text_of((session.*which)->tree("Reco")); });
    }

    Known known_;
    std::vector<Question> all_;
};

std::string name_of_code(ErrorCode code) {
    static constexpr const char* kNames[] = {"Usage",    "BadInput", "Unknown", "WrongAxis", "Conversion", "Refused",
                                             "Conflict", "ReadOnly", "Format",  "Corrupt",   "Backend",    "Internal"};
    return kNames[static_cast<std::size_t>(code)];
}

template <class Work>
Got get(const Work& work) {
    try {
        return {work(), false, false};
    } catch (const Error& error) {
        return {name_of_code(error.code()) + ": " + error.what(), true, error.code() == ErrorCode::Usage};
    } catch (const std::exception& error) {
        return {std::string("an exception that is no Error: ") + error.what(), true, true};
    }
}

}  // namespace

std::vector<Question> make_questions(const Places& places) {
    return Questions(known_of(places)).all();
}

std::vector<Got> ask_all(const Places& places, const std::vector<Question>& questions, const GroupSet& wanted) {
    std::unique_ptr<Session> session;
    const auto opened = get([&] {
        session = std::make_unique<Session>(places, wanted);
        return std::string();
    });
    if (opened.is_error) return std::vector<Got>(questions.size(), opened);
    std::vector<Got> got;
    got.reserve(questions.size());
    for (const auto& question : questions) {
        got.push_back(!wanted.contains(question.group) ? Got{} : get([&] {
            return session->without_places(question.ask(*session));
        }));
    }
    return got;
}

}  // namespace etalon::damage
