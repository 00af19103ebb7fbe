// SQL views: those of answers against the answers themselves, and which references have the standard ones.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <tuple>

#include "database/support.h"
#include "etalon/view.h"
#include "place/views.h"

using namespace etalon;
using etalon::backends::Engine;
using etalon::backends::Sql;
using etalon::backends::TransactionMode;
using etalon::test::ask;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::Plain;
using etalon::test::value;

namespace {

constexpr std::int64_t kPositions = 24;
constexpr std::int64_t kElements = 2;

/// What a view shows: begin, end, element, value.
using Row = std::tuple<std::int64_t, std::optional<std::int64_t>, std::int64_t, double>;

std::string to_text(const std::vector<Row>& rows) {
    std::string text;
    for (const auto& [begin, end, element, number] : rows) {
        text += fmt::format("[{}, {}) element {}: {}\n", begin, end ? std::to_string(*end) : "open", element, number);
    }
    return text;
}

std::vector<Row> read_view(backends::Connection& connection, const std::string& name) {
    const auto tx = connection.begin(TransactionMode::Read);
    const auto cursor =
        tx->query(Sql(fmt::format(R"(SELECT "beginTime", "endTime", "elementID", "value" FROM "{}")", name)), {});
    std::vector<Row> rows;
    while (cursor->next()) {
        std::optional<std::int64_t> end;
        if (!cursor->is_null(1)) end = cursor->integer(1);
        rows.emplace_back(cursor->integer(0), end, cursor->integer(2), cursor->real(3));
    }
    std::ranges::sort(rows);
    return rows;
}

/// The same by asking at every position.
std::vector<Row> ask_everywhere(Database& db, const std::string& chain, std::optional<std::int64_t> as_of,
                                std::optional<std::int64_t> at) {
    std::vector<Row> rows;
    for (std::int64_t element = 0; element < kElements; ++element) {
        for (std::int64_t position = at.value_or(-1); position < at.value_or(kPositions + 7) + 1; ++position) {
            FetchOptions options;
            options.version = chain;
            options.elements = {element};
            if (as_of) options.as_of = *as_of;
            const auto answer = db.fetch_rows("byRun", Run{position}, options);
            if (answer->status != Status::Found) continue;
            double number = 0;
            std::memcpy(&number, answer->data.get(), sizeof number);
            rows.emplace_back(answer->validity.begin, answer->validity.end, element, number);
        }
    }
    std::ranges::sort(rows);
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
}

/// Random records of three versions, holes and retirements among them.
void fill(Database& db, std::mt19937& random) {
    const auto pick = [&](std::int64_t most) {
        return static_cast<std::int64_t>(random() % static_cast<unsigned>(most));
    };
    const std::vector<std::string> versions{"default", "sim", "test"};
    for (int i = 0; i < 12; ++i) {
        std::map<std::tuple<std::string, std::int64_t, std::int64_t>, PutRecord> records;
        for (int r = 0; r < 3; ++r) {
            const auto begin = pick(kPositions);
            auto record = value(static_cast<double>(100 * i + r), begin, std::nullopt,
                                versions[static_cast<std::size_t>(pick(3))], pick(kElements), "byRun");
            if (pick(2) == 0) record.end = begin + 1 + pick(6);
            if (pick(6) == 0) {
                record.rows.reset();
                record.layout.reset();
                record.num_rows = 0;
            }
            records.insert_or_assign({record.version, record.element, begin}, record);
        }
        std::vector<PutRecord> all;
        for (auto& [key, record] : records) all.push_back(record);
        (void)commit(db, all);
        if (i % 4 == 3) {
            HistoryOptions which;
            which.from = Position(Run{pick(kPositions)});
            which.versions = {versions[static_cast<std::size_t>(pick(3))]};
            which.elements = {pick(kElements)};
            (void)db.retire("byRun", which, CommitInfo{"tester", "", "", "a test"}, true);
        }
        db.advance();
    }
}

}  // namespace

TEST_CASE("a view of answers shows what is answered, at a time and at all, for every chain, policy and commit") {
    const EachEngine engine;
    if (!engine) return;
    std::mt19937 random(20261201);
    std::size_t rows = 0;
    for (int round = 0; round < 4; ++round) {
        const auto policy = round % 2 == 0 ? OrderPolicy::ByBegin : OrderPolicy::ByCreation;
        auto db = [&] {
            if (round == 0) return create_with<Plain>(engine.url());
            return Database::open(engine.url());
        }();
        if (round == 0) {
            const NameSpec spec{"byRun", "Plain", Axis::Run, policy, Storage::Columns};
            (void)db.define_name(spec);
        } else {
            (void)db.define_name({"byRun", "", std::nullopt, policy, std::nullopt});
        }
        fill(db, random);
        const auto newest = db.snapshot();
        const auto connection = engine.open(backends::OpenMode::Existing);
        int made = 0;
        for (const std::string chain :
             {"default", "sim", "sim,default", "test,sim,default", "sim+default", "test,sim+default"}) {
            for (int i = 0; i < 3; ++i) {
                std::optional<std::int64_t> as_of;
                if (i > 0) as_of = 2 + static_cast<std::int64_t>(random() % static_cast<unsigned>(newest - 1));
                std::optional<std::int64_t> at;
                if (i == 2) at = static_cast<std::int64_t>(random() % kPositions);
                ViewSpec spec;
                spec.name = fmt::format("answers_{}_{}", round, made++);
                spec.reference = "byRun";
                spec.version = chain;
                if (as_of) spec.as_of = *as_of;
                if (at) spec.at = Position(Run{*at});
                create_view(db, spec);
                CAPTURE(spec.name);
                CAPTURE(chain);
                const auto shown = read_view(*connection, spec.name);
                CHECK(to_text(shown) == to_text(ask_everywhere(db, chain, as_of, at)));
                rows += shown.size();
            }
        }
        for (const auto& view : list_views(db)) {
            if (!view.standard) drop_view(db, view.name);
        }
    }
    CHECK(rows > 300);
}

TEST_CASE("a view of answers follows new commits, unless it was made as of one") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const auto first = commit(db, {value(1, 0)}).commit;
    create_view(db, {"follows", "Plain", std::nullopt, "", std::nullopt});
    create_view(db, {"stays", "Plain", Time{5}, "", AsOf{first}});
    (void)commit(db, {value(2, 3)});
    const auto connection = engine.open(backends::OpenMode::Existing);
    CHECK(ask(*connection, R"(SELECT count(*) FROM "follows")") == 2);
    CHECK(ask(*connection, R"(SELECT count(*) FROM "stays" WHERE "value" = 1)") == 1);
    const auto views = list_views(db);
    const auto stays = std::ranges::find(views, "stays", &ViewInfo::name);
    REQUIRE(stays != views.end());
    CHECK(stays->reference == "Plain");
    CHECK(stays->shows == fmt::format("time 1970-01-01T00:00:00.000000005Z, as of commit {}, version default", first));
    CHECK_FALSE(stays->standard);
    CHECK(std::ranges::count(views, true, &ViewInfo::standard) == 2);
    // Rows of a later layout mean something else: they are NULL, and registering says so.
    auto other = test::definition_of<Plain>();
    other.elements[0].unit = "mV";
    const auto report = db.register_structs({&other, 1});
    CHECK(std::ranges::count_if(report.outcomes.at(0).notes, [](const std::string& note) {
              return note.find("are NULL in the view") != std::string::npos;
          }) == 2);
    auto later = value(3, 6);
    later.layout = std::make_shared<const StructDefinition>(other);
    (void)commit(db, {later});
    CHECK(ask(*connection, R"(SELECT count(*) FROM "follows")") == 3);
    CHECK(ask(*connection, R"(SELECT count(*) FROM "follows" WHERE "value" IS NULL)") == 1);
    CHECK(ask(*connection, R"(SELECT count(*) FROM "follows" WHERE "value" = 3)") == 0);
    // What is stored as bytes keeps its interval.
    (void)db.define_name({"Plain", "", {}, {}, Storage::Bytes});
    (void)commit(db, {value(4, 9)});
    CHECK(ask(*connection, R"(SELECT count(*) FROM "follows" WHERE "rowNumber" IS NULL)") == 1);
}

TEST_CASE("a view that cannot be is refused and says why") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    (void)db.define_name({"inBytes", "Plain", {}, {}, Storage::Bytes});
    const auto code = [&](const ViewSpec& spec) { return error_of([&] { create_view(db, spec); }).code(); };
    CHECK(code({"v", "Plane", {}, "", {}}) == ErrorCode::Unknown);
    CHECK(code({"v", "inBytes", {}, "", {}}) == ErrorCode::Refused);
    CHECK(code({"v", "Plain", Position(Run{1}), "", {}}) == ErrorCode::WrongAxis);
    CHECK(code({"Plain_view", "Plain", {}, "", {}}) == ErrorCode::Refused);
    CHECK(code({"timeline", "Plain", {}, "", {}}) == ErrorCode::Refused);
    CHECK(code({"a;b c", "Plain", {}, "", {}}) == ErrorCode::BadInput);
    CHECK(code({std::string(64, 'v'), "Plain", {}, "", {}}) == ErrorCode::BadInput);
    CHECK(code({"v", "Plain", {}, "a,,b", {}}) == ErrorCode::BadInput);
    CHECK(list_views(db).size() == 2);
    CHECK(error_of([&] { drop_view(db, "Plain_view"); }).code() == ErrorCode::Refused);
    CHECK(error_of([&] { drop_view(db, "commitLog"); }).code() == ErrorCode::Refused);
    CHECK(error_of([&] { drop_view(db, "nothing"); }).code() == ErrorCode::Unknown);
}

TEST_CASE("an SQLite file makes views unasked up to a number, and those of any reference when asked") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    std::vector<NameSpec> names;
    for (std::size_t i = 0; i < place::kViewsUnasked + 10; ++i) {
        names.push_back({fmt::format("more{}", i), "Plain", {}, {}, Storage::Columns});
    }
    (void)db.commit({}, CommitInfo{"tester", "", "", "a test"}, names);
    db.advance();
    const auto with_views = [&] {
        const auto all = db.names();
        return std::ranges::count_if(all, [](const auto& name) { return !name.view_name.empty(); });
    };
    const bool sqlite = engine.place().engine == Engine::Sqlite;
    const auto all = static_cast<std::ptrdiff_t>(names.size()) + 1;
    const auto unasked = sqlite ? static_cast<std::ptrdiff_t>(place::kViewsUnasked) : all;
    CHECK(with_views() == unasked);
    const auto last = names.back().name;
    CHECK((set_standard_views(db, {{last, "Plain"}, true}) != 0) == sqlite);
    db.advance();
    CHECK(with_views() == (sqlite ? unasked + 1 : all));
    const auto connection = engine.open(backends::OpenMode::Existing);
    (void)commit(db, {value(7, 1, std::nullopt, "default", 0, last)});
    CHECK(ask(*connection, fmt::format(R"(SELECT count(*) FROM "{}_view" WHERE "value" = 7)", last)) == 1);
    // They stay when the struct gets another layout, and no other comes with it.
    const auto wider = schema::from_json(
        R"({"name":"Plain","size":16,"alignment":8,"elements":[{"name":"value","type":"float64","offset":0},{"name":"error","type":"float64","offset":8}]})",
        "a test");
    (void)db.register_structs({&wider, 1});
    db.advance();
    CHECK(with_views() == (sqlite ? unasked + 1 : all));
    CHECK(ask(*connection, fmt::format(R"(SELECT count(*) FROM "{}_view" WHERE "error" IS NULL)", last)) == 1);
    CHECK((set_standard_views(db, {{}, true}) != 0) == sqlite);
    CHECK(set_standard_views(db, {{}, true}) == 0);
    db.advance();
    CHECK(with_views() == all);
    CHECK(set_standard_views(db, {{"Plain", last}, false}) != 0);
    db.advance();
    CHECK(with_views() == all - 2);
    CHECK(error_of([&] { (void)set_standard_views(db, {{"Plane"}, true}); }).code() == ErrorCode::Unknown);
}
