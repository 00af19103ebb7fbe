// Rows by their natural index.
#include "etalon/key_index.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "database/support.h"

namespace etalon::test {

enum class Side : std::uint8_t { Inner, Outer };

struct Pad {
    std::int32_t sector;
    Side side;
    char name[4];
    double gain;
};
struct Pad0 {
    std::int32_t sector;
    Side side;
    char name[4];
    double gain;
};

}  // namespace etalon::test

template <>
struct etalon::StructTraits<etalon::test::Pad> {
    static constexpr std::string_view kName = "Pad";
    static constexpr std::string_view kDefinition =
        R"({"name":"Pad","size":24,"alignment":8,"elements":[{"name":"sector","type":"int32","offset":0,"key":1},{"name":"side","type":"uint8","offset":4,"key":3},{"name":"name","type":"char","dims":[4],"offset":5,"key":2},{"name":"gain","type":"float64","offset":16}]})";
};
template <>
struct etalon::StructTraits<etalon::test::Pad0> {
    static constexpr std::string_view kName = "Pad";
    static constexpr std::string_view kDefinition =
        R"({"name":"Pad","size":24,"alignment":8,"elements":[{"name":"sector","type":"int32","offset":0},{"name":"side","type":"uint8","offset":4},{"name":"name","type":"char","dims":[4],"offset":5},{"name":"gain","type":"float64","offset":16}]})";
};

using namespace etalon;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::Pad;
using etalon::test::Pad0;
using etalon::test::put;
using etalon::test::Side;

static_assert(sizeof(Pad) == 24 && offsetof(Pad, name) == 5 && offsetof(Pad, gain) == 16);

namespace {

template <class T = Pad>
T pad(std::int32_t sector, Side side, std::string_view name, double gain) {
    T row{};
    row.sector = sector;
    row.side = side;
    std::copy_n(name.data(), std::min<std::size_t>(name.size(), 4), row.name);
    row.gain = gain;
    return row;
}

}  // namespace

TEST_CASE("a row is found by its key, whatever the types of the arguments, and no other is") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Pad>(engine.url());
    std::vector<Pad> rows;
    for (std::int32_t sector = -3; sector < 20; ++sector) {
        for (const char* name : {"a", "bcde", ""}) {
            for (const auto side : {Side::Inner, Side::Outer}) rows.push_back(pad(sector, side, name, sector + 0.5));
        }
    }
    std::shuffle(rows.begin(), rows.end(), std::mt19937(7));
    (void)commit(db, {put<Pad>("Pad", 0, rows)});
    db.advance();
    const auto found = db.fetch<Pad>("Pad", Time{5});
    for (const auto& row : rows) {
        const std::string name(row.name, strnlen(row.name, 4));
        const auto* one = found.find(row.sector, name, row.side);
        REQUIRE(one != nullptr);
        CHECK(one->sector == row.sector);
        CHECK(one->gain == row.gain);
        CHECK(one == found.find(std::int64_t{row.sector}, name.c_str(), static_cast<unsigned>(row.side)));
    }
    CHECK(found.find(20, "a", 0) == nullptr);
    CHECK(found.find(1, "ab", 0) == nullptr);
    CHECK(found.find(~std::uint64_t{0}, "a", 0) == nullptr);
    CHECK(error_of([&] { (void)found.find(1); }).code() == ErrorCode::Usage);
    CHECK(error_of([&] { (void)found.find(1, 2, 3); }).code() == ErrorCode::Usage);
    // Threads that ask at once, and copies.
    const auto copy = found;
    std::vector<std::thread> threads;
    std::atomic<int> good = 0;
    const auto fresh = db.fetch<Pad>("Pad", Time{6});
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back(
            [&] { good += fresh.find(3, "a", Side::Outer) != nullptr && copy.find(3, "a", 1) != nullptr ? 1 : 0; });
    }
    for (auto& thread : threads) thread.join();
    CHECK(good == 4);
}

TEST_CASE("an index is made anew after a refresh, and each element has its own") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Pad>(engine.url());
    auto second = put<Pad>("Pad", 0, {pad(1, Side::Inner, "x", 20)});
    second.element = 4;
    (void)commit(db, {put<Pad>("Pad", 0, {pad(1, Side::Inner, "x", 1)}),
                      put<Pad>("Pad", 10, {pad(2, Side::Inner, "x", 2)}), second});
    db.advance();
    auto rows = db.fetch<Pad>("Pad", Time{5});
    REQUIRE(rows.find(1, "x", 0) != nullptr);
    CHECK(rows.refresh(Time{15}));
    CHECK(rows.find(1, "x", 0) == nullptr);
    REQUIRE(rows.find(2, "x", 0) != nullptr);
    CHECK(rows.find(2, "x", 0)->gain == 2);
    FetchOptions both;
    both.elements = {0, 4};
    const auto all = db.fetch<Pad>("Pad", Time{5}, both);
    CHECK(error_of([&] { (void)all.find(1, "x", 0); }).code() == ErrorCode::Usage);
    REQUIRE(all.find_in(4, 1, "x", 0) != nullptr);
    CHECK(all.find_in(4, 1, "x", 0)->gain == 20);
    CHECK(all.find_in(0, 1, "x", 0)->gain == 1);
    CHECK(all.find_in(9, 1, "x", 0) == nullptr);
}

TEST_CASE("rows that were stored before there were keys say so when one is not alone") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Pad0, Pad>(engine.url());
    (void)commit(db, {put<Pad0>("Pad", 0,
                                {pad<Pad0>(1, Side::Inner, "x", 1), pad<Pad0>(1, Side::Inner, "x", 2),
                                 pad<Pad0>(2, Side::Inner, "x", 3)})});
    db.advance();
    const auto rows = db.fetch<Pad>("Pad", Time{5});
    CHECK(error_of([&] { (void)rows.find(1, "x", 0); }).code() == ErrorCode::Refused);
    REQUIRE(rows.find(2, "x", 0) != nullptr);
    CHECK(rows.find(2, "x", 0)->gain == 3);
    const auto older = db.fetch<Pad0>("Pad", Time{5});
    CHECK(error_of([&] { (void)older.find(2, "x", 0); }).code() == ErrorCode::Usage);
    const auto gap = db.fetch<Pad>("Pad", Time{-5});
    CHECK_THROWS_AS((void)gap.find(2, "x", 0), Error);
}
