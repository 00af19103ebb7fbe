// One struct through many versions, with records written in each: nothing is lost, and the view shows the newest
// version over all of them.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <random>
#include <set>

#include "conversion/conversion_model.h"
#include "conversion/evolution_walk.h"
#include "evolution/rules.h"
#include "support.h"
#include "view_cells.h"

using namespace etalon;
using namespace etalon::test;
using backends::Engine;
using backends::Sql;
using backends::TransactionMode;

namespace {

constexpr const char* kColumns = "inColumns";
constexpr const char* kBytes = "inBytes";

/// Rows of one version as they were put.
struct Written {
    std::int64_t begin = 0;
    std::int64_t schema = 0;
    DefinitionPtr layout;
    Bytes rows;  // padding and what follows a NUL are zero
    std::uint64_t num_rows = 0;
};

PutRecord record_of(const Written& written, const char* name) {
    PutRecord record;
    record.name = name;
    record.begin = written.begin;
    record.end = written.begin + 1;
    record.layout = written.layout;
    const auto copy = std::make_shared<Bytes>(written.rows);
    record.rows = std::shared_ptr<const std::byte>(copy, copy->data());
    record.num_rows = written.num_rows;
    return record;
}

void check_reads_back(Database& db, const Written& written) {
    for (const auto* name : {kColumns, kBytes}) {
        CAPTURE(name);
        for (const std::int64_t schema : {written.schema, std::int64_t{0}}) {
            FetchOptions options;
            options.schema = schema;
            const auto answer = db.fetch_rows(name, Run{written.begin}, options);
            REQUIRE(answer->status == Status::Found);
            REQUIRE(answer->num_rows == written.num_rows);
            REQUIRE(answer->layout->size == written.layout->size);
            CHECK(std::memcmp(answer->data.get(), written.rows.data(), written.rows.size()) == 0);
            CHECK(answer->absent.empty());
            CHECK(answer->losses == 0);
        }
    }
}

/// One value that the view is asked for.
struct AskedItem {
    std::size_t element = 0;
    std::uint64_t flat = 0;
    bool is_array = false;
};

/// Every cell of the view against the law: what an old row has, converted; NULL where it has nothing that converts.
/// Returns how many values of older versions were seen.
std::uint64_t check_view(const EachEngine& engine, const std::vector<Written>& all, const StructDefinition& newest,
                         EvolutionWalk& walk) {
    const auto connection = engine.open();
    const bool sqlite = connection->engine() == Engine::Sqlite;
    std::vector<AskedItem> items;
    std::string list;
    for (std::size_t i = 0; i < newest.elements.size(); ++i) {
        const auto& element = newest.elements[i];
        const auto dims = value_dims(element);
        const auto column = backends::quote_identifier(element.path);
        const auto count = item_count(element);
        for (std::uint64_t k = 0; k < std::min<std::uint64_t>(count, 8); ++k) {
            const AskedItem item{i, count <= 8 ? k : walk.pick(0, count), !dims.empty()};
            std::string indices;
            for (const auto index : index_of(item.flat, dims))
                indices += fmt::format("[{}]", sqlite ? index : index + 1);
            if (!sqlite) {
                list += fmt::format(", ({}{})::text", column, indices);
            } else if (dims.empty()) {
                list += fmt::format(", typeof({0}), {0}", column);
            } else {
                const auto value = fmt::format(
                    "CASE WHEN typeof({0}) = 'text' THEN json_extract({0}, '${1}') ELSE {0} END", column, indices);
                list += fmt::format(", typeof({0}), {0}", value);
            }
            items.push_back(item);
        }
    }
    std::uint64_t old_values = 0;
    const auto tx = connection->begin(TransactionMode::Read);
    const auto cursor = tx->query(
        Sql(fmt::format(R"(SELECT "beginTime"{} FROM "{}_view" ORDER BY "beginTime", "rowNumber")", list, kColumns)),
        {});
    for (const auto& written : all) {
        std::vector<const Element*> stored_of;
        for (const auto& element : newest.elements) stored_of.push_back(find_element(*written.layout, element.path));
        for (std::uint64_t row = 0; row < written.num_rows; ++row) {
            REQUIRE(cursor->next());
            REQUIRE(cursor->integer(0) == written.begin);
            for (std::size_t k = 0; k < items.size(); ++k) {
                const auto& asked = newest.elements[items[k].element];
                const auto* stored = stored_of[items[k].element];
                Seen seen;
                if (sqlite) {
                    seen = seen_on_sqlite(*cursor, static_cast<int>(2 * k + 1));
                } else if (!cursor->is_null(static_cast<int>(k + 1))) {
                    seen.kind = Seen::Kind::Text;
                    seen.text = cursor->text(static_cast<int>(k + 1));
                }
                INFO("schema " << written.schema << " row " << row << " " << asked.path << " item " << items[k].flat
                               << ", " << (stored == nullptr ? "absent" : name_of(stored->type)) << " ["
                               << (stored == nullptr ? "" : stored->unit) << "] as " << name_of(asked.type) << " ["
                               << asked.unit << "]: " << describe(seen));
                if (stored == nullptr || verdict_of(*stored, asked) >= evolution::Verdict::NeedsRule) {
                    CHECK(seen.kind == Seen::Kind::Null);
                    continue;
                }
                Bytes value(item_size(asked));
                const auto* from = written.rows.data() + row * written.layout->size;
                const auto fate = convert_item(stored, asked, from, items[k].flat, value.data());
                if (sqlite && items[k].is_array && seen.kind == Seen::Kind::Blob) {
                    // An array that JSON cannot say stands as the bytes that it is.
                    CHECK(stored->type == asked.type);
                    CHECK(seen.text.size() == stored->bytes());
                    CHECK(std::memcmp(seen.text.data(), from + stored->offset, stored->bytes()) == 0);
                    continue;
                }
                if (fate != ItemFate::Stored) {
                    CHECK(seen.kind == Seen::Kind::Null);
                    continue;
                }
                if (sqlite && seen.kind == Seen::Kind::Null) {
                    // What SQLite cannot compute with: integers above 2^63-1 under another type, and an array with a
                    // NaN or text that is not UTF-8, converted.
                    bool large = asked.type == ScalarType::UInt64 && read_number(asked.type, value.data()) > 9e18L;
                    bool blob = false;
                    for (std::uint64_t n = 0; !stored->is_text() && n < stored->count(); ++n) {
                        const auto number =
                            read_number(stored->type, from + stored->offset + n * size_of(stored->type));
                        large = large || (stored->type == ScalarType::UInt64 && number > 9e18L);
                        blob = blob || (items[k].is_array && std::isnan(number));
                    }
                    const bool short_digits = items[k].is_array && stored->type == ScalarType::Float32 &&
                                              !is_float(asked.type) &&
                                              std::abs(read_number(asked.type, value.data())) >= 1e7L;
                    CHECK(((stored->type != asked.type && large) || (stored->unit != asked.unit && large) || blob ||
                           short_digits));
                    continue;
                }
                // Inside JSON a float32 has the digits that a float32 needs, not all those of its value.
                const bool close = sqlite && items[k].is_array && stored->type == ScalarType::Float32;
                CHECK(shows(connection->engine(), seen, asked, value.data(), close));
                if (written.layout.get() != all.back().layout.get()) ++old_values;
            }
        }
    }
    CHECK_FALSE(cursor->next());
    return old_values;
}

/// Values of every number type, alone and in arrays, read as every other one, with another unit.
void check_every_type(const char* before, const char* after) {
    const EachEngine engine;
    if (!engine) return;
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    EvolutionWalk chance(seed);
    auto db = Database::open(engine.url(), {.create = true});
    std::array<StructDefinition, 2> versions;
    for (std::size_t v = 0; v < 2; ++v) {
        auto& definition = versions.at(v);
        definition.name = "Every";
        definition.alignment = 1;
        for (int from = 1; from <= 11; ++from) {
            for (int to = 1; to <= 11; ++to) {
                for (const bool array : {false, true}) {
                    Element element;
                    element.type = static_cast<ScalarType>(v == 0 ? from : to);
                    element.path = fmt::format("{}{}_{}", array ? "a" : "s", from, to);
                    if (array) element.dims = {v == 0 ? 3U : 2U};
                    element.unit = v == 0 ? before : after;
                    element.offset = definition.size;
                    definition.size += element.bytes();
                    definition.elements.push_back(element);
                }
            }
        }
    }
    std::vector<Written> all;
    for (std::size_t v = 0; v < 2; ++v) {
        const auto report = db.register_structs({&versions.at(v), 1});
        REQUIRE(report.outcomes.at(0).schema == static_cast<std::int64_t>(v + 1));
        if (v == 0) db.define_name({kColumns, "Every", Axis::Run, {}, Storage::Columns});
        Written written;
        written.begin = static_cast<std::int64_t>(v);
        written.schema = report.outcomes.at(0).schema;
        written.layout = std::make_shared<const StructDefinition>(versions.at(v));
        written.num_rows = v == 0 ? 16 : 1;
        written.rows =
            random_rows(versions.at(v), written.num_rows, false, [&](auto a, auto b) { return chance.pick(a, b); });
        commit(db, {record_of(written, kColumns)});
        all.push_back(written);
    }
    CHECK(check_view(engine, all, versions[1], chance) > 1500);
}

}  // namespace

TEST_CASE("through 25 versions of a struct nothing is lost, and the view shows the newest one over all rows") {
    const EachEngine engine;
    if (!engine) return;
    const char* text = std::getenv("ETALON_WALK_SEED");
    const auto seed = text != nullptr ? std::strtoull(text, nullptr, 10) : std::random_device{}();
    std::cerr << "- walk through a database, ETALON_WALK_SEED=" << seed << '\n';
    CAPTURE(seed);
    EvolutionWalk walk(seed);
    auto db = Database::open(engine.url(), {.create = true});
    std::vector<Written> all;
    std::set<std::string> columns;
    std::uint64_t old_values = 0;
    RegisterOptions current;
    current.make_current = true;
    for (int version = 0; version < 25; ++version) {
        CAPTURE(version);
        if (version > 0) (void)walk.step();
        CAPTURE(walk.edit());
        const auto report = db.register_structs({&walk.current(), 1}, current);
        const auto& outcome = report.outcomes.at(0);
        REQUIRE(outcome.is_current);
        if (version == 0) {
            db.define_name({kColumns, "Walker", Axis::Run, {}, Storage::Columns});
            db.define_name({kBytes, "Walker", Axis::Run, {}, Storage::Bytes});
        }
        Written written;
        written.begin = version;
        written.schema = outcome.schema;
        written.layout = std::make_shared<const StructDefinition>(walk.current());
        written.num_rows = walk.pick(1, 4);
        const auto pick = [&](auto a, auto b) { return walk.pick(a, b); };
        const auto rubbish = random_rows(walk.current(), written.num_rows, version % 3 == 0, pick);
        written.rows = convert_rows(walk.current(), walk.current(), rubbish, written.num_rows).rows;
        commit(db, {record_of(written, kColumns), record_of(written, kBytes)});
        all.push_back(written);
        db.advance();
        for (const auto& one : all) check_reads_back(db, one);
        old_values += check_view(engine, all, walk.current(), walk);

        // Columns of elements that are gone are there still.
        const auto connection = engine.open();
        const auto tx = connection->begin(TransactionMode::Read);
        {
            const auto cursor =
                tx->query(Sql(R"(SELECT DISTINCT "columnName" FROM "schema" WHERE "structName" = 'Walker')"), {});
            while (cursor->next()) columns.emplace(cursor->text(0));
        }
        std::string list;
        for (const auto& column : columns) list += (list.empty() ? "" : ", ") + backends::quote_identifier(column);
        const auto cursor = tx->query(Sql(fmt::format(R"(SELECT {} FROM "Walker")", list)), {});
        CHECK(cursor->next());
    }
    CHECK(old_values > 200);
    auto again = Database::open(engine.url());
    for (const auto& one : all) check_reads_back(again, one);
}

TEST_CASE("the view converts every number type to every other as the law does") {
    check_every_type("", "");
}

TEST_CASE("the view converts every number type to every other and to a smaller unit") {
    check_every_type("m", "mm");
}

TEST_CASE("the view converts every number type to every other and to a larger unit") {
    check_every_type("mm", "km");
}

TEST_CASE("the view follows a recorded rename, and knows an element that came back under the name of another") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    const auto record = [&](std::int64_t begin, std::string path, std::string renamed_from, std::string other,
                            double number) {
        StructDefinition definition;
        definition.name = "Point";
        definition.size = 16;
        definition.alignment = 8;
        Element element;
        element.type = ScalarType::Float64;
        element.path = std::move(path);
        element.renamed_from = std::move(renamed_from);
        definition.elements.push_back(element);
        element.path = std::move(other);
        element.renamed_from.clear();
        element.offset = 8;
        definition.elements.push_back(element);
        RegisterOptions options;
        options.make_current = true;
        (void)db.register_structs({&definition, 1}, options);
        if (begin == 0) db.define_name({kColumns, "Point", Axis::Run, {}, Storage::Columns});
        Written written;
        written.begin = begin;
        written.layout = std::make_shared<const StructDefinition>(definition);
        written.num_rows = 1;
        const std::array<double, 2> values{number, -number};
        written.rows.resize(sizeof values);
        std::memcpy(written.rows.data(), values.data(), sizeof values);
        commit(db, {record_of(written, kColumns)});
    };
    const auto seen = [&](const std::string& column) {
        const auto connection = engine.open();
        const auto tx = connection->begin(TransactionMode::Read);
        const auto cursor =
            tx->query(Sql(fmt::format(R"(SELECT {} FROM "inColumns_view" ORDER BY "beginTime")", column)), {});
        std::string list;
        while (cursor->next()) list += cursor->is_null(0) ? "NULL " : fmt::format("{} ", cursor->real(0));
        return list;
    };
    record(0, "x", "", "rest", 1);
    record(1, "along", "x", "rest", 2);
    CHECK(seen("along") == "1 2 ");
    CHECK(seen("rest") == "-1 -2 ");
    // Read as the first version again, the name goes the other way.
    record(2, "x", "", "rest", 3);
    CHECK(seen("x") == "1 2 3 ");
    // An element that is taken out and put back shows what it was, and nothing for the time between.
    record(3, "y", "", "rest", 4);
    record(4, "x", "", "other", 5);
    CHECK(seen("x") == "1 2 3 NULL 5 ");
    CHECK(seen("other") == "NULL NULL NULL NULL -5 ");
}

TEST_CASE("the view follows recorded rules: renames and factors, also when they come later than the layouts") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    const auto layout = [](std::string length, std::string moved) {
        StructDefinition definition;
        definition.name = "Point";
        definition.alignment = 8;
        for (const auto& path : {std::move(length), std::string("count"), std::move(moved)}) {
            Element element;
            element.type = ScalarType::Float64;
            element.path = path;
            element.offset = definition.size;
            if (path == "values") element.dims = {2};
            definition.size += element.bytes();
            definition.elements.push_back(element);
        }
        return definition;
    };
    const auto before = layout("length", "value");
    const auto after = layout("size", "values");
    const auto add = [&](const StructDefinition& definition, std::int64_t begin) {
        if (begin == 0) db.define_name({kColumns, "Point", Axis::Run, {}, Storage::Columns});
        Written written;
        written.begin = begin;
        written.layout = std::make_shared<const StructDefinition>(definition);
        written.num_rows = 1;
        const std::array<double, 4> values{2, 3, 4, 5};
        written.rows.resize(definition.size);
        std::memcpy(written.rows.data(), values.data(), definition.size);
        commit(db, {record_of(written, kColumns)});
    };
    const auto seen = [&](const std::string& column) {
        const auto connection = engine.open();
        const auto tx = connection->begin(TransactionMode::Read);
        const auto cursor =
            tx->query(Sql(fmt::format(R"(SELECT {} FROM "inColumns_view" ORDER BY "beginTime")", column)), {});
        std::string list;
        while (cursor->next()) list += cursor->is_null(0) ? "NULL " : fmt::format("{} ", cursor->real(0));
        return list;
    };
    (void)db.register_structs({&before, 1});
    add(before, 0);
    (void)db.register_structs({&after, 1});
    add(after, 1);
    CHECK(seen("size") == "NULL 2 ");
    CHECK(seen("count") == "3 3 ");
    RegisterOptions options;
    options.rules.push_back(
        {"point.rules",
         fmt::format(
             "struct Point\n\nfrom {} to {}\n  rename length -> size\n  scale count by 10\n  move value -> values[0]\n",
             evolution::layout_name(before), evolution::layout_name(after))});
    CHECK(db.register_structs({&after, 1}, options).commit > 0);
    CHECK(seen("size") == "2 2 ");
    CHECK(seen("count") == "30 3 ");
    // A reference that is made later has the same view.
    db.define_name({"later", "Point", Axis::Run, {}, Storage::Columns});
    CHECK(ask(*engine.open(), R"(SELECT count(*) FROM "later_view")") == 0);
    const bool sqlite = engine.open()->engine() == Engine::Sqlite;
    CHECK(seen(sqlite ? R"(json_extract("values", '$[0]'))" : R"("values"[1])") == "4 4 ");
    CHECK(seen(sqlite ? R"(json_extract("values", '$[1]'))" : R"("values"[2])") == "NULL 5 ");
    db.advance();
    FetchOptions newest;
    newest.schema = 2;
    const auto answer = db.fetch_rows(kColumns, Run{0}, newest);
    std::array<double, 4> values{};
    std::memcpy(values.data(), answer.row(0), sizeof values);
    CHECK(values == std::array<double, 4>{2, 30, 4, 0});
}
