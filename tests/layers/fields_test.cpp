// Reads of some members: against the whole, and what they leave unread.
#include "layers/fields.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "backends/relations.h"
#include "database/support.h"
#include "evolution/rules.h"
#include "support/temp_directory.h"

using namespace etalon;
using etalon::test::commit;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::TempDirectory;

namespace {

/// Two layouts of a struct of many members.
StructDefinition wide(int version) {
    StructDefinition definition;
    definition.name = "Wide";
    definition.alignment = 8;
    const auto add = [&](std::string path, ScalarType type, std::vector<std::uint64_t> dims = {}) -> Element& {
        Element element;
        element.path = std::move(path);
        element.type = type;
        element.dims = std::move(dims);
        const auto size = size_of(type);
        element.offset = (definition.size + size - 1) / size * size;
        definition.size = element.offset + element.bytes();
        definition.elements.push_back(std::move(element));
        return definition.elements.back();
    };
    for (int i = 0; i < 20; ++i) add(fmt::format("v{}", i), ScalarType::Float64);
    add("label", ScalarType::Char, {version == 1 ? 8U : 12U});
    add("pos.x", ScalarType::Float32).unit = version == 1 ? "cm" : "mm";
    add("pos.y", ScalarType::Float32);
    add("counts", version == 1 ? ScalarType::Int32 : ScalarType::Int64, {version == 1 ? 3U : 4U}).default_value = "7";
    if (version == 1) {
        add("old", ScalarType::Int16);
    } else {
        add("renamed", ScalarType::Int32).renamed_from = "old";
        add("added", ScalarType::Float64).default_value = "1.5";
    }
    definition.size = (definition.size + 7) / 8 * 8;
    return definition;
}

PutRecord random_rows(const std::string& name, int version, std::uint64_t count, std::int64_t begin,
                      std::mt19937& random) {
    PutRecord record;
    record.name = name;
    record.begin = begin;
    record.num_rows = count;
    const auto layout = std::make_shared<const StructDefinition>(wide(version));
    record.layout = layout;
    const std::shared_ptr<std::byte[]> bytes(new std::byte[layout->size * count]());
    for (std::uint64_t row = 0; row < count; ++row) {
        for (const auto& element : layout->elements) {
            auto* at = &bytes[row * layout->size + element.offset];
            for (std::uint64_t i = 0; i < element.count(); ++i) {
                if (element.type == ScalarType::Float64) {
                    const double value = static_cast<double>(random() % 1000) / 8;
                    std::memcpy(at + i * 8, &value, 8);
                } else if (element.type == ScalarType::Float32) {
                    const float value = static_cast<float>(random() % 1000) / 8;
                    std::memcpy(at + i * 4, &value, 4);
                } else if (element.is_text()) {
                    at[i] = i < 4 ? static_cast<std::byte>('a' + random() % 26) : std::byte{};
                } else {
                    at[i * size_of(element.type)] = static_cast<std::byte>(random() % 100);
                }
            }
        }
    }
    record.rows = std::shared_ptr<const std::byte>(bytes, bytes.get());
    return record;
}

/// What each row has of the members of a layout, as bytes of that layout.
std::vector<std::string> cells(const Answer& answer, const StructDefinition& layout) {
    std::vector<std::string> all;
    for (std::size_t row = 0; row < answer->num_rows; ++row) {
        std::string text;
        for (const auto& element : layout.elements) {
            const auto from = std::ranges::find(answer->layout->elements, element.path, &Element::path);
            REQUIRE(from != answer->layout->elements.end());
            CHECK(from->type == element.type);
            text.append(reinterpret_cast<const char*>(answer.row(row) + from->offset), from->bytes());
        }
        all.push_back(text);
    }
    return all;
}

Database make(const std::string& url) {
    auto db = Database::open(url, {.create = true});
    for (const int version : {1, 2}) {
        const auto definition = wide(version);
        (void)db.register_structs({&definition, 1});
    }
    (void)db.define_name({"inBytes", "Wide", {}, {}, Storage::Bytes});
    db.advance();
    return db;
}

}  // namespace

TEST_CASE("some members read as they do in the whole, in every form of storage, layout and layer") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    std::mt19937 random(20261203);
    {
        auto db = make(engine.url());
        // Small, and so large that each column has a proof of its own.
        for (const std::string name : {"Wide", "inBytes"}) {
            for (int i = 0; i < 8; ++i)
                (void)commit(db, {random_rows(name, 1 + i % 2, i < 4 ? 2 : 300, 10 * i, random)});
        }
        auto stack = Database::open({engine.layer(directory.file("above.db")), engine.url()},
                                    {.create = true, .write_to = engine.layer(directory.file("above.db"))});
        (void)commit(stack, {random_rows("Wide", 2, 100, 25, random)});
    }
    std::size_t checked = 0;
    for (const bool layered : {false, true}) {
        auto db = layered
                      ? Database::open(std::vector<std::string>{engine.layer(directory.file("above.db")), engine.url()})
                      : Database::open(engine.url());
        for (const std::string name : {"Wide", "inBytes"}) {
            for (std::int64_t at = 5; at < 80; at += 10) {
                for (const std::vector<std::string>& fields : {std::vector<std::string>{"v3"},
                                                               {"pos"},
                                                               {"counts", "label"},
                                                               {"renamed"},
                                                               {"added"},
                                                               {"v*", "pos.y"},
                                                               {"*"}}) {
                    CAPTURE(name);
                    CAPTURE(at);
                    CAPTURE(fields.front());
                    FetchOptions options;
                    options.schema = 2;
                    const auto whole = db.fetch_rows(name, Time{at}, options);
                    options.fields = fields;
                    for (const std::int64_t schema : {0, 2}) {
                        options.schema = schema;
                        const auto some = db.fetch_rows(name, Time{at}, options);
                        CHECK(some->status == whole->status);
                        CHECK(some->validity == whole->validity);
                        REQUIRE(some->num_rows == whole->num_rows);
                        CHECK(cells(some, *some->layout) == cells(whole, *some->layout));
                        for (const auto& absent : whole->absent) {
                            const auto path = absent.substr(0, absent.find('['));
                            const bool is_asked = std::ranges::find(some->layout->elements, path, &Element::path) !=
                                                  some->layout->elements.end();
                            CHECK((std::ranges::find(some->absent, absent) != some->absent.end()) == is_asked);
                        }
                        ++checked;
                    }
                }
            }
        }
    }
    CHECK(checked == 2 * 2 * 8 * 7 * 2);
}

TEST_CASE("members that took each other's names, and reads of before, are read as in the whole") {
    const EachEngine engine;
    if (!engine) return;
    std::mt19937 random(3);
    auto db = Database::open(engine.url(), {.create = true});
    const auto first = wide(1);
    (void)db.register_structs({&first, 1});
    const auto before = commit(db, {random_rows("Wide", 1, 300, 0, random)}).commit;
    auto second = wide(1);
    second.elements[0].renamed_from = "v1";
    second.elements[1].renamed_from = "v0";
    second.elements[2].path = "fresh";
    (void)db.register_structs({&second, 1});
    db.advance();
    FetchOptions options;
    options.schema = 2;
    const auto whole = db.fetch_rows("Wide", Time{5}, options);
    for (const char* field : {"v0", "v1", "fresh"}) {
        options.fields = {field};
        const auto some = db.fetch_rows("Wide", Time{5}, options);
        CHECK(cells(some, *some->layout) == cells(whole, *some->layout));
        CHECK(some->absent.empty() == (std::string(field) != "fresh"));
    }
    FetchOptions then;
    then.as_of = before;
    const auto old = db.fetch_rows("Wide", Time{5}, then);
    then.fields = {"v2", "v0"};
    const auto some = db.fetch_rows("Wide", Time{5}, then);
    CHECK(some->absent.empty());
    CHECK(cells(some, *some->layout) == cells(old, *some->layout));
}

TEST_CASE("columns that nobody asks for are not read, and those that are asked for are proved") {
    const EachEngine engine;
    if (!engine) return;
    std::mt19937 random(1);
    std::string table;
    {
        auto db = Database::open(engine.url(), {.create = true});
        const auto definition = wide(1);  // no member of which had another name
        (void)db.register_structs({&definition, 1});
        (void)commit(db, {random_rows("Wide", 1, 300, 0, random)});
        table = db.structs().at(0).table_name;
    }
    {
        const auto connection = engine.open(backends::OpenMode::Existing);
        const auto tx = connection->begin(backends::TransactionMode::Write);
        backends::drop_triggers(*tx, table);
        tx->execute_script(fmt::format(R"(UPDATE "{}" SET "v7" = 4711 WHERE "rowNumber" = 100;)", table));
        tx->commit();
    }
    auto db = Database::open(engine.url());
    CHECK(error_of([&] { (void)db.fetch_rows("Wide", Time{5}); }).code() == ErrorCode::Corrupt);
    FetchOptions options;
    options.fields = {"v8", "label"};
    CHECK(db.fetch_rows("Wide", Time{5}, options)->num_rows == 300);
    options.fields = {"v7"};
    const auto error = error_of([&] { (void)db.fetch_rows("Wide", Time{5}, options); });
    CHECK(error.code() == ErrorCode::Corrupt);
    CHECK(error.info().where.find("v7") != std::string::npos);
    options.fields = {"v7", "vv"};
    CHECK(error_of([&] { (void)db.fetch_rows("Wide", Time{5}, options); }).code() == ErrorCode::Unknown);
    CHECK(error_of([&] { (void)db.fetch<test::Plain>("Wide", Time{5}, options); }).code() == ErrorCode::Usage);
}

TEST_CASE("members that rules of evolution reach are read along the rules") {
    const EachEngine engine;
    if (!engine) return;
    std::mt19937 random(2);
    auto db = Database::open(engine.url(), {.create = true});
    const auto first = wide(1);
    (void)db.register_structs({&first, 1});
    (void)commit(db, {random_rows("Wide", 1, 300, 0, random)});
    auto second = wide(1);
    second.elements[0].path = "gain";
    RegisterOptions how;
    how.rules = {{"a test", fmt::format("struct Wide\n\nfrom {} to {}\nrename v0 -> gain\n",
                                        evolution::layout_name(first), evolution::layout_name(second))}};
    (void)db.register_structs({&second, 1}, how);
    db.advance();
    FetchOptions options;
    options.schema = 2;
    const auto whole = db.fetch_rows("Wide", Time{5}, options);
    CHECK(whole->absent.empty());
    options.fields = {"gain", "pos"};
    const auto some = db.fetch_rows("Wide", Time{5}, options);
    CHECK(some->absent.empty());
    CHECK(some->layout->elements.size() == 3);
    CHECK(cells(some, *some->layout) == cells(whole, *some->layout));
}
