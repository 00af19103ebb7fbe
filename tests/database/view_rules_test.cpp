// Single values that rules move, in readable views: every cell against reading the row through the library.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/number_text.h"
#include "conversion/conversion_model.h"
#include "conversion/evolution_walk.h"
#include "evolution/matching.h"
#include "evolution/rules.h"
#include "support.h"
#include "view_cells.h"

using namespace etalon;
using namespace etalon::test;
using backends::Engine;
using backends::Sql;
using backends::TransactionMode;

namespace {

constexpr const char* kStruct = "Moved";

/// One value (text) of a layout.
struct Place {
    std::size_t element = 0;
    std::uint64_t value = 0;
};

std::string text_of(const StructDefinition& layout, const Place& place) {
    const auto& element = layout.elements[place.element];
    return evolution::array_rank(element) == 0 ? element.path : evolution::value_of(element, place.value).path;
}

/// Two layouts with rules that move values at random, and where each value of the second comes from.
struct Moves {
    StructDefinition older;
    StructDefinition newer;
    std::string lines;
    std::vector<std::vector<std::optional<Place>>> origins;  // by element and value of `newer`
};

Element random_element(EvolutionWalk& chance, std::string path, bool is_text, std::string unit) {
    Element element;
    element.path = std::move(path);
    element.type = is_text ? ScalarType::Char : static_cast<ScalarType>(chance.pick(1, 12));
    switch (chance.pick(0, 3)) {
        case 0:
            break;
        case 1:
            element.dims = {chance.pick(1, 4)};
            break;
        default:
            element.dims = {2, chance.pick(1, 3)};
    }
    if (is_text) {
        element.dims.push_back(chance.pick(4, 9));
    } else {
        element.unit = std::move(unit);
    }
    return element;
}

void lay_out(StructDefinition& definition) {
    definition.name = kStruct;
    definition.alignment = 1;
    definition.size = 0;
    for (auto& element : definition.elements) {
        element.offset = definition.size;
        definition.size += element.bytes();
    }
}

Moves random_moves(EvolutionWalk& chance) {
    Moves moves;
    std::vector<Place> numbers;
    std::vector<Place> texts;
    for (std::size_t i = 0; i < 12; ++i) {
        auto element = random_element(chance, fmt::format("a{}", i), i % 4 == 3, "m");
        for (std::uint64_t k = 0; k < item_count(element); ++k) (element.is_text() ? texts : numbers).push_back({i, k});
        moves.older.elements.push_back(std::move(element));
    }
    static constexpr const char* kUnits[] = {"m", "m", "mm", "km"};
    for (std::size_t i = 0; i < 12; ++i) {
        moves.newer.elements.push_back(
            random_element(chance, fmt::format("b{}", i), i % 4 == 3, kUnits[chance.pick(0, 4)]));
    }
    lay_out(moves.older);
    lay_out(moves.newer);
    for (std::size_t i = 0; i < moves.newer.elements.size(); ++i) {
        const auto& element = moves.newer.elements[i];
        auto& origins = moves.origins.emplace_back(item_count(element));
        for (std::uint64_t k = 0; k < origins.size(); ++k) {
            const auto to = text_of(moves.newer, {i, k});
            if (chance.pick(0, 5) == 0) {
                if (!element.is_text() && chance.pick(0, 2) == 0) moves.lines += fmt::format("fill {} = 1\n", to);
                continue;
            }
            const auto& places = element.is_text() ? texts : numbers;
            const auto from = places[chance.pick(0, places.size())];
            const bool scaled = !element.is_text() && chance.pick(0, 4) == 0;
            moves.lines +=
                fmt::format("move {} -> {}{}\n", text_of(moves.older, from), to, scaled ? " by 2 plus 1" : "");
            origins[k] = from;
        }
    }
    return moves;
}

PutRecord record_of(const DefinitionPtr& layout, std::int64_t begin, Bytes row) {
    PutRecord record;
    record.name = kStruct;
    record.begin = begin;
    record.end = begin + 1;
    record.layout = layout;
    const auto copy = std::make_shared<Bytes>(std::move(row));
    record.rows = std::shared_ptr<const std::byte>(copy, copy->data());
    record.num_rows = 1;
    return record;
}

/// What SQLite cannot say of a stored value: it is in an array that is stored as a blob, an integer above 2^63-1, or
/// one made of the short digits of a float32.
bool is_hard_on_sqlite(const Element& stored, std::uint64_t value, const Element& asked, const std::byte* row) {
    const auto size = item_size(stored);
    const auto* at = row + stored.offset;
    for (std::uint64_t k = 0; evolution::array_rank(stored) != 0 && k < item_count(stored); ++k) {
        if (stored.is_text()) {
            const auto* begin = reinterpret_cast<const char*>(at + k * size);
            if (!is_utf8({begin, strnlen(begin, size)})) return true;
        } else if (is_float(stored.type) && std::isnan(read_number(stored.type, at + k * size))) {
            return true;
        }
    }
    if (stored.is_text()) {
        // Inside JSON every text has to be UTF-8.
        const auto* begin = reinterpret_cast<const char*>(at + value * size);
        return evolution::array_rank(asked) != 0 && !is_utf8({begin, strnlen(begin, size)});
    }
    const auto number = read_number(stored.type, at + value * size);
    return (stored.type == ScalarType::UInt64 && number > 9e18L) ||
           (stored.type == ScalarType::Float32 && !is_float(asked.type) && std::abs(number) >= 1e7L);
}

void check_moves(std::uint64_t seed) {
    const EachEngine engine;
    if (!engine) return;
    EvolutionWalk chance(seed);
    const auto moves = random_moves(chance);
    CAPTURE(seed);
    CAPTURE(moves.lines);
    auto db = Database::open(engine.url(), {.create = true});
    (void)db.register_structs({&moves.older, 1});
    db.define_name({kStruct, kStruct, Axis::Run, {}, Storage::Columns});
    constexpr std::int64_t kRecords = 40;
    const auto pick = [&](auto a, auto b) { return chance.pick(a, b); };
    const auto older = std::make_shared<const StructDefinition>(moves.older);
    std::vector<Bytes> rows;
    std::vector<PutRecord> records;
    for (std::int64_t begin = 0; begin < kRecords; ++begin) {
        auto rubbish = random_rows(moves.older, 1, begin % 4 == 0, pick);
        rows.push_back(convert_rows(moves.older, moves.older, rubbish, 1).rows);
        records.push_back(record_of(older, begin, rows.back()));
    }
    commit(db, records);
    RegisterOptions options;
    options.rules = {
        {"Moved.rules", fmt::format("struct {}\nfrom {} to {}\n{}", kStruct, evolution::layout_name(moves.older),
                                    evolution::layout_name(moves.newer), moves.lines)}};
    REQUIRE(db.register_structs({&moves.newer, 1}, options).outcomes.at(0).rules == 1);
    db.advance();

    const auto connection = engine.open();
    const bool sqlite = connection->engine() == Engine::Sqlite;
    std::string list;
    for (const auto& element : moves.newer.elements) {
        const auto column = backends::quote_identifier(element.path);
        const auto dims = value_dims(element);
        for (std::uint64_t k = 0; k < item_count(element); ++k) {
            std::string indices;
            for (const auto index : index_of(k, dims)) indices += fmt::format("[{}]", sqlite ? index : index + 1);
            const auto value = sqlite && !dims.empty() ? fmt::format("json_extract({}, '${}')", column, indices)
                               : sqlite                ? column
                                                       : fmt::format("({}{})::text", column, indices);
            list += sqlite ? fmt::format(", typeof({0}), {0}", value) : ", " + value;
        }
    }
    const auto tx = connection->begin(TransactionMode::Read);
    const auto cursor =
        tx->query(Sql(fmt::format(R"(SELECT "beginTime"{} FROM "{}_view" ORDER BY "beginTime")", list, kStruct)), {});
    std::uint64_t seen_values = 0;
    for (std::int64_t begin = 0; begin < kRecords; ++begin) {
        REQUIRE(cursor->next());
        FetchOptions lenient;
        lenient.schema = 2;
        lenient.lenient = true;
        const auto answer = db.fetch_rows(kStruct, Run{begin}, lenient);
        REQUIRE(answer->num_rows == 1);
        std::uint64_t nulls = 0;
        std::uint64_t hard_nulls = 0;
        int column = 1;
        for (std::size_t i = 0; i < moves.newer.elements.size(); ++i) {
            const auto& asked = moves.newer.elements[i];
            for (std::uint64_t k = 0; k < item_count(asked); ++k) {
                Seen seen;
                if (sqlite) {
                    seen = seen_on_sqlite(*cursor, column);
                } else if (!cursor->is_null(column)) {
                    seen.kind = Seen::Kind::Text;
                    seen.text = cursor->text(column);
                }
                column += sqlite ? 2 : 1;
                const auto& origin = moves.origins[i][k];
                INFO("record " << begin << " " << text_of(moves.newer, {i, k}) << " " << name_of(asked.type) << " from "
                               << (origin ? text_of(moves.older, *origin) : "nothing") << ": " << describe(seen));
                if (!origin) {
                    CHECK(seen.kind == Seen::Kind::Null);
                    continue;
                }
                const auto& stored = moves.older.elements[origin->element];
                const auto* value = answer.row(0) + answer->layout->elements[i].offset + k * item_size(asked);
                if (seen.kind == Seen::Kind::Null) {
                    ++nulls;
                    const auto* row = rows[static_cast<std::size_t>(begin)].data();
                    const bool large = asked.type == ScalarType::UInt64 && read_number(asked.type, value) > 9e18L;
                    if (sqlite && (large || is_hard_on_sqlite(stored, origin->value, asked, row))) ++hard_nulls;
                    continue;
                }
                ++seen_values;
                // Items of a float32 array are short decimals in SQLite.
                const bool close = sqlite && stored.type == ScalarType::Float32 && evolution::array_rank(stored) != 0;
                CHECK(shows(connection->engine(), seen, asked, value, close));
            }
        }
        // What is not shown is what does not fit.
        CHECK(nulls >= answer->losses);
        CHECK(nulls - hard_nulls <= answer->losses);
    }
    CHECK_FALSE(cursor->next());
    CHECK(seen_values > 100);
}

}  // namespace

TEST_CASE("the view shows every value where rules moved it, as reading does") {
    const char* text = std::getenv("ETALON_WALK_SEED");
    const auto seed = text != nullptr ? std::strtoull(text, nullptr, 10) : std::random_device{}();
    check_moves(seed);
}

TEST_CASE("an element that had more names than a function of SQLite has arguments is one column of the view") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    constexpr int kNames = 130;
    StructDefinition before;
    for (int i = 0; i < kNames; ++i) {
        StructDefinition layout;
        layout.name = kStruct;
        Element element;
        element.path = "name" + std::to_string(i);
        element.type = ScalarType::Int32;
        layout.elements.push_back(element);
        layout.size = layout.alignment = 4;
        RegisterOptions options;
        if (i > 0) {
            options.rules = {{"Names.rules", fmt::format("struct {}\nfrom {} to {}\nrename {} -> {}\n", kStruct,
                                                         evolution::layout_name(before), evolution::layout_name(layout),
                                                         before.elements[0].path, element.path)}};
        }
        (void)db.register_structs({&layout, 1}, options);
        if (i == 0) db.define_name({kStruct, kStruct, Axis::Run, {}, Storage::Columns});
        if (i == 0 || i == 1 || i + 1 == kNames) {
            Bytes row(layout.size);
            std::memcpy(row.data(), &i, sizeof i);
            commit(db, {record_of(std::make_shared<const StructDefinition>(layout), i, std::move(row))});
        }
        before = layout;
    }
    const auto connection = engine.open();
    const auto tx = connection->begin(TransactionMode::Read);
    const auto cursor =
        tx->query(Sql(fmt::format(R"(SELECT "name{}" FROM "{}_view" ORDER BY "beginTime")", kNames - 1, kStruct)), {});
    for (const std::int64_t value : {0, 1, kNames - 1}) {
        REQUIRE(cursor->next());
        CHECK(cursor->integer(0) == value);
    }
    CHECK_FALSE(cursor->next());
}

TEST_CASE("the view shows values that were moved by two registrations, and those of versions that no rule is about") {
    const EachEngine engine;
    if (!engine) return;
    const auto definition = [](std::vector<std::pair<std::string, std::vector<std::uint64_t>>> doubles,
                               std::string unit) {
        StructDefinition made;
        for (auto& [path, dims] : doubles) {
            Element element;
            element.path = path;
            element.dims = dims;
            element.type = ScalarType::Float64;
            element.unit = unit;
            made.elements.push_back(element);
        }
        lay_out(made);
        return made;
    };
    const auto first = definition({{"x", {}}, {"y", {}}}, "m");
    const auto second = definition({{"pos", {2}}}, "m");
    const auto third = definition({{"pos", {2}}, {"z", {}}}, "mm");
    const auto fourth = definition({{"y", {}}, {"z", {}}, {"both", {2, 1}}}, "mm");
    auto db = Database::open(engine.url(), {.create = true});
    std::int64_t begin = 0;
    const auto add = [&](const StructDefinition& layout, const StructDefinition* before, const std::string& lines,
                         const std::vector<double>& values) {
        RegisterOptions options;
        if (before != nullptr) {
            options.rules = {
                {"Moved.rules", fmt::format("struct {}\nfrom {} to {}\n{}", kStruct, evolution::layout_name(*before),
                                            evolution::layout_name(layout), lines)}};
        }
        (void)db.register_structs({&layout, 1}, options);
        if (begin == 0) db.define_name({kStruct, kStruct, Axis::Run, {}, Storage::Columns});
        Bytes row(layout.size);
        std::memcpy(row.data(), values.data(), row.size());
        commit(db, {record_of(std::make_shared<const StructDefinition>(layout), begin++, std::move(row))});
    };
    const auto shown = [&](const std::string& sqlite, const std::string& postgres) {
        const auto connection = engine.open();
        const auto tx = connection->begin(TransactionMode::Read);
        const bool is_sqlite = connection->engine() == Engine::Sqlite;
        const auto cursor = tx->query(Sql(fmt::format(R"(SELECT CAST({} AS text) FROM "{}_view" ORDER BY "beginTime")",
                                                      is_sqlite ? sqlite : postgres, kStruct)),
                                      {});
        std::string all;
        while (cursor->next())
            all += (all.empty() ? "" : " ") + (cursor->is_null(0) ? "-" : std::string(cursor->text(0)));
        return all;
    };
    add(first, nullptr, "", {1, 2});
    add(second, &first, "move x -> pos[0]\nmove y -> pos[1]\n", {3, 4});
    CHECK(shown(R"(replace("pos", '.0', ''))", R"(array_to_json("pos"))") == "[1,2] [3,4]");
    add(third, nullptr, "", {5, 6, 7});
    CHECK(shown(R"(CAST("pos" -> '$[0]' AS INTEGER))", R"("pos"[1])") == "1000 3000 5");
    add(fourth, &third, "move pos[1] -> y\nmove z -> both[1][0]\nmove pos[0] -> both[0][0]\n", {8, 9, 10, 11});
    CHECK(shown(R"(CAST("y" AS INTEGER))", R"("y")") == "2000 4000 6 8");
    CHECK(shown(R"(CAST("z" AS INTEGER))", R"("z")") == "- - - 9");
    CHECK(shown(R"(CAST("both" -> '$[0][0]' AS INTEGER))", R"("both"[1][1])") == "1000 3000 5 10");
    CHECK(shown(R"(json_extract("both", '$[1][0]'))", R"("both"[2][1])").starts_with("- - 7"));
}
