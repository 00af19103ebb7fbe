// Rows of two sides against a comparison that does one value at a time, the obvious way.
#include "differences/rows.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <sstream>

#include "backends/each_engine.h"
#include "base/bytes.h"
#include "base/numbers.h"
#include "schema/build.h"
#include "schema/columns.h"
#include "schema/random_definitions.h"

using namespace etalon;
using namespace etalon::differences;
using etalon::test::element;
using etalon::test::error_of;
using etalon::test::natural;
using etalon::test::pick;

namespace {

/// What was found, as text: one line for each difference.
class ListSink final : public RowSink {
public:
    explicit ListSink(const RowComparison& rows) : rows_(rows) {}
    void value(const ValueFound& found) override {
        std::ostringstream line;
        line << rows_.members()[found.member].element->path << " " << found.value << " rows " << found.row << " "
             << found.other_row;
        if (found.stored != Stored::Both) line << " absent " << (found.stored == Stored::After ? "before" : "after");
        lines.insert(line.str());
    }
    void row(DiffKind kind, std::uint64_t row, const std::byte* /*at*/) override {
        lines.insert(std::string(name_of(kind)) + " " + std::to_string(row));
    }
    std::multiset<std::string> lines;

private:
    const RowComparison& rows_;
};

RowsOfSide side(const std::vector<std::byte>& bytes, const StructDefinition& layout,
                const std::vector<std::string>& absent = {}, std::string_view what = "the first side") {
    RowsOfSide rows;
    rows.data = std::shared_ptr<const std::byte>(std::shared_ptr<const std::byte>(), bytes.data());
    rows.num_rows = bytes.size() / layout.size;
    rows.absent = absent;
    rows.what = what;
    return rows;
}

/// Values that are near, far, special or extreme.
void put_value(const Element& element, std::byte* at) {
    if (element.is_text()) {
        const auto size = element.dims.back();
        const auto length = pick(0, std::min<std::uint64_t>(size, 3) + 1);
        std::memset(at, 0, size);
        for (std::uint64_t i = 0; i < length; ++i) at[i] = static_cast<std::byte>(pick(0, 2) == 0 ? 'a' : 'b');
        // What is behind the first NUL is no text.
        if (length + 1 < size && pick(0, 2) == 0) at[length + 1] = std::byte{'x'};
        return;
    }
    with_number_type(element.type, [&](auto kind) {
        using T = decltype(kind);
        if constexpr (std::is_same_v<T, bool>) {
            *at = static_cast<std::byte>(pick(0, 3));
        } else if constexpr (std::is_floating_point_v<T>) {
            using Limits = std::numeric_limits<T>;
            const std::vector<T> pool{T(0),
                                      T(-0.0),
                                      T(1),
                                      T(1.001),
                                      T(1.1),
                                      T(-1),
                                      Limits::infinity(),
                                      -Limits::infinity(),
                                      Limits::quiet_NaN(),
                                      Limits::max(),
                                      Limits::lowest(),
                                      Limits::denorm_min(),
                                      T(1e6),
                                      T(1000001)};
            store_number(at, pool[pick(0, pool.size())]);
        } else {
            using Limits = std::numeric_limits<T>;
            const std::vector<T> pool{T(0),          T(1),
                                      T(2),          T(10),
                                      T(11),         T(-1),
                                      Limits::max(), T(Limits::max() - 1),
                                      Limits::min(), T(Limits::min() + 1)};
            store_number(at, pool[pick(0, pool.size())]);
        }
    });
}

std::vector<std::byte> random_rows(const StructDefinition& layout, std::uint64_t number) {
    std::vector<std::byte> bytes(layout.size * number);
    for (std::uint64_t r = 0; r < number; ++r) {
        for (const auto& element : layout.elements) {
            for (std::uint64_t i = 0; i < schema::num_values(element); ++i)
                put_value(element, bytes.data() + r * layout.size + element.offset + i * schema::value_size(element));
        }
    }
    return bytes;
}

/// The whole of one number, wider than any: what a difference is has one meaning there.
long double number_at(const Element& element, const std::byte* at) {
    return with_number_type(element.type,
                            [&](auto kind) { return static_cast<long double>(load_number<decltype(kind)>(at)); });
}

bool model_equal(const Element& element, const std::byte* a, const std::byte* b, double absolute, double relative) {
    if (element.is_text()) {
        const auto text = [&](const std::byte* at) {
            std::string one(reinterpret_cast<const char*>(at), schema::value_size(element));
            return one.substr(0, one.find('\0'));
        };
        return text(a) == text(b);
    }
    const auto x = number_at(element, a);
    const auto y = number_at(element, b);
    if (x == y || (std::isnan(x) && std::isnan(y))) return true;
    if (std::isnan(x) || std::isnan(y) || std::isinf(x) || std::isinf(y)) return false;
    if (element.type == ScalarType::Bool || !element.enumerators.empty()) return false;
    const double larger = std::max(std::fabs(static_cast<double>(x)), std::fabs(static_cast<double>(y)));
    const double limit = std::max(relative * larger, absolute);
    if (is_float(element.type)) return std::fabs(static_cast<double>(x) - static_cast<double>(y)) <= limit;
    // long double has 64 bits of mantissa: integers are exact, and their difference takes 65.
    static_assert(std::numeric_limits<long double>::digits >= 64);
    return std::fabs(x - y) <= static_cast<long double>(limit);
}

std::multiset<std::string> model(const StructDefinition& layout, const std::vector<std::byte>& before,
                                 const std::vector<std::byte>& after, double absolute, double relative) {
    std::multiset<std::string> lines;
    const auto a = before.size() / layout.size;
    const auto b = after.size() / layout.size;
    for (std::size_t r = 0; r < std::min(a, b); ++r) {
        for (const auto& element : layout.elements) {
            for (std::uint64_t i = 0; i < schema::num_values(element); ++i) {
                const auto at = r * layout.size + element.offset + i * schema::value_size(element);
                if (model_equal(element, before.data() + at, after.data() + at, absolute, relative)) continue;
                lines.insert(element.path + " " + std::to_string(i) + " rows " + std::to_string(r) + " " +
                             std::to_string(r));
            }
        }
    }
    for (auto r = b; r < a; ++r) lines.insert("row removed " + std::to_string(r));
    for (auto r = a; r < b; ++r) lines.insert("row added " + std::to_string(r));
    return lines;
}

std::multiset<std::string> found(const DefinitionPtr& layout, const RowsOfSide& before, const RowsOfSide& after,
                                 const DiffOptions& options = {}) {
    std::vector<bool> used;
    const RowComparison rows(layout, before, after, options, used);
    ListSink sink(rows);
    (void)rows.run(before, after, sink);
    return sink.lines;
}

template <class T>
void append(std::vector<std::byte>& bytes, T value) {
    bytes.resize(bytes.size() + sizeof value);
    std::memcpy(bytes.data() + bytes.size() - sizeof value, &value, sizeof value);
}

DefinitionPtr shared(StructDefinition definition) {
    return std::make_shared<const StructDefinition>(std::move(definition));
}

}  // namespace

/// The model is of numbers and text.
etalon::test::LayoutOptions options_of_rows() {
    etalon::test::LayoutOptions options;
    options.identities = false;
    return options;
}

TEST_CASE("rows of any struct differ where values do, one by one, whatever the tolerance") {
    CHECK(rc::check([] {
        const auto layout = shared(etalon::test::random_definition("Sample", options_of_rows()));
        const auto before = random_rows(*layout, pick(0, 6));
        auto after = random_rows(*layout, pick(0, 6));
        // Mostly equal: whole rows are taken over.
        for (std::size_t r = 0; r < std::min(before.size(), after.size()) / layout->size; ++r) {
            if (pick(0, 3) != 0)
                std::memcpy(after.data() + r * layout->size, before.data() + r * layout->size, layout->size);
        }
        const std::vector<double> limits{0, 0, 1e-3, 0.1, 1, 1e7, std::numeric_limits<double>::infinity(), 1.8e19};
        DiffOptions options;
        const auto absolute = limits[pick(0, limits.size())];
        const auto relative = limits[pick(0, limits.size())];
        options.absolute = {{"", absolute}};
        options.relative = {{"", std::isinf(relative) ? 1 : relative}};
        const auto expected = model(*layout, before, after, absolute, options.relative.front().limit);
        RC_ASSERT(found(layout, side(before, *layout), side(after, *layout), options) == expected);
    }));
}

TEST_CASE("rows match by key wherever they stand, and the order of either side says nothing") {
    CHECK(rc::check([] {
        const auto layout = shared(natural({element("id", ScalarType::Int16), element("name", ScalarType::Char, {4}),
                                            element("f", ScalarType::Float64)}));
        const auto put = [&](std::vector<std::byte>& bytes, std::int16_t id, char name, double f) {
            const auto at = bytes.size();
            bytes.resize(at + layout->size);
            std::memcpy(bytes.data() + at, &id, sizeof id);
            bytes[at + layout->elements[1].offset] = static_cast<std::byte>(name);
            std::memcpy(bytes.data() + at + layout->elements[2].offset, &f, sizeof f);
        };
        using Key = std::pair<int, char>;
        const auto make = [&](std::vector<Key>& keys, std::vector<double>& values) {
            std::set<Key> seen;
            std::vector<std::byte> bytes;
            const auto number = pick(0, 12);
            for (std::uint64_t i = 0; i < number; ++i) {
                const Key key{static_cast<int>(pick(0, 5)), "ab"[pick(0, 2)]};
                if (!seen.insert(key).second) continue;
                keys.push_back(key);
                values.push_back(static_cast<double>(pick(0, 2)));
                put(bytes, static_cast<std::int16_t>(key.first), key.second, values.back());
            }
            return bytes;
        };
        std::vector<Key> keys[2];
        std::vector<double> values[2];
        const auto before = make(keys[0], values[0]);
        const auto after = make(keys[1], values[1]);
        std::multiset<std::string> expected;
        for (std::size_t i = 0; i < keys[0].size(); ++i) {
            const auto other = std::ranges::find(keys[1], keys[0][i]);
            const auto j = static_cast<std::size_t>(other - keys[1].begin());
            if (other == keys[1].end()) {
                expected.insert("row removed " + std::to_string(i));
            } else if (values[0][i] != values[1][j]) {
                expected.insert("f 0 rows " + std::to_string(i) + " " + std::to_string(j));
            }
        }
        for (std::size_t j = 0; j < keys[1].size(); ++j) {
            if (std::ranges::find(keys[0], keys[1][j]) == keys[0].end())
                expected.insert("row added " + std::to_string(j));
        }
        DiffOptions options;
        options.keys = {{"", {"id", "name"}}};
        RC_ASSERT(found(layout, side(before, *layout), side(after, *layout), options) == expected);
    }));
}

TEST_CASE("a key that is NaN matches NaN, and minus zero matches zero") {
    const auto layout = shared(natural({element("k", ScalarType::Float32), element("v", ScalarType::Float32)}));
    std::vector<std::byte> before;
    std::vector<std::byte> after;
    append(before, std::numeric_limits<float>::quiet_NaN());
    append(before, 1.0F);
    append(before, 0.0F);
    append(before, 2.0F);
    append(after, -0.0F);
    append(after, 2.5F);
    append(after, std::bit_cast<float>(0x7fc12345U));  // another NaN
    append(after, 1.0F);
    DiffOptions options;
    options.keys = {{"", {"k"}}};
    CHECK(found(layout, side(before, *layout), side(after, *layout), options) ==
          std::multiset<std::string>{"v 0 rows 1 0"});
}

TEST_CASE("two rows of one side with equal keys are an error that says which, and what to do") {
    const auto layout = shared(natural({element("k", ScalarType::Int32), element("v", ScalarType::Int32)}));
    std::vector<std::byte> one;
    for (const std::int32_t value : {7, 1, 8, 2}) append(one, value);
    std::vector<std::byte> two;
    for (const std::int32_t value : {7, 1, 8, 2, 7, 3}) append(two, value);
    DiffOptions options;
    options.keys = {{"", {"k"}}};
    const auto second =
        error_of([&] { (void)found(layout, side(one, *layout), side(two, *layout, {}, "the second side"), options); });
    CHECK(second.code() == ErrorCode::Usage);
    CHECK(second.info().where == "rows 0 and 2 of the second side");
    CHECK(second.info().found == "k = 7");
    const auto first = error_of([&] { (void)found(layout, side(two, *layout), side(one, *layout), options); });
    CHECK(first.info().where == "rows 0 and 2 of the first side");
}

TEST_CASE("an absent value differs from any that was stored, from its own default too, and equals another absent one") {
    const auto layout =
        shared(natural({element("a", ScalarType::Int32), element("m", ScalarType::Int32, {3, 2}),
                        element("hit[0].x", ScalarType::Int32), element("t", ScalarType::Char, {2, 4})}));
    const std::vector<std::byte> zeros(layout->size);
    using Lines = std::multiset<std::string>;
    const auto differences = [&](const std::vector<std::string>& before, const std::vector<std::string>& after) {
        return found(layout, side(zeros, *layout, before), side(zeros, *layout, after));
    };
    CHECK(differences({}, {}).empty());
    CHECK(differences({"a"}, {}) == Lines{"a 0 rows 0 0 absent before"});
    CHECK(differences({"a"}, {"a"}).empty());
    CHECK(differences({}, {"m[2:]"}) == Lines{"m 4 rows 0 0 absent after", "m 5 rows 0 0 absent after"});
    CHECK(differences({"m[:][1:]"}, {"m[2:]"}) ==
          Lines{"m 1 rows 0 0 absent before", "m 3 rows 0 0 absent before", "m 4 rows 0 0 absent after"});
    CHECK(differences({"m[1]"}, {"m[1][0]"}) == Lines{"m 3 rows 0 0 absent before"});
    CHECK(differences({"m[0:2]"}, {"m[1:3]"}).size() == 4);
    CHECK(differences({"hit[0].x"}, {}) == Lines{"hit[0].x 0 rows 0 0 absent before"});
    CHECK(differences({"t[1:]"}, {}) == Lines{"t 1 rows 0 0 absent before"});
    // An element whose name begins like another one is not meant.
    CHECK(differences({"aa"}, {}).empty());
}

TEST_CASE("a key that one side has not stored is an error") {
    const auto layout = shared(natural({element("k", ScalarType::Int32), element("v", ScalarType::Int32)}));
    const std::vector<std::byte> row(layout->size);
    const std::vector<std::string> absent{"k"};
    DiffOptions options;
    options.keys = {{"", {"k"}}};
    const auto error = error_of([&] { (void)found(layout, side(row, *layout, absent), side(row, *layout), options); });
    CHECK(error.code() == ErrorCode::Usage);
    CHECK(error.info().where == "k of the first side");
}

TEST_CASE("differences of integers are exact over all 64 bits") {
    const auto signed_one = element("s", ScalarType::Int64);
    const auto unsigned_one = element("u", ScalarType::UInt64);
    const auto difference = [](const Element& element, auto before, auto after) {
        std::byte a[8];
        std::byte b[8];
        std::memcpy(a, &before, 8);
        std::memcpy(b, &after, 8);
        return difference_of(element, a, b);
    };
    constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
    constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
    constexpr auto kHighest = std::numeric_limits<std::uint64_t>::max();
    CHECK(difference(signed_one, kMin, kMax) == DiffNumber(IntegerDifference{false, kHighest}));
    CHECK(difference(signed_one, kMax, kMin) == DiffNumber(IntegerDifference{true, kHighest}));
    CHECK(difference(signed_one, kMax - 1, kMax) == DiffNumber(IntegerDifference{false, 1}));
    CHECK(difference(unsigned_one, kHighest, std::uint64_t{0}) == DiffNumber(IntegerDifference{true, kHighest}));
    auto named = signed_one;
    named.enumerators = {{"kA", 0}};
    CHECK(difference(named, std::int64_t{0}, std::int64_t{1}) == DiffNumber(NoValue{}));
}
