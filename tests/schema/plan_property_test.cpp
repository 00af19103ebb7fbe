// Plans against a converter that does one value at a time, the obvious way, in long double (64 bits of mantissa hold
// every value of every type).
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <optional>

#include "base/bytes.h"
#include "etalon/error.h"
#include "schema/definition.h"
#include "schema/plan.h"
#include "tests/schema/random_definitions.h"

using namespace etalon;
using namespace etalon::schema;
using etalon::test::pick;

namespace {

struct Failure {
    std::string place;
    std::uint64_t row;
};

long double read_number(ScalarType type, const std::byte* at) {
    const auto as = [&](auto value) {
        std::memcpy(&value, at, sizeof value);
        return static_cast<long double>(value);
    };
    switch (type) {
        case ScalarType::Bool:
            return *at == std::byte{0} ? 0 : 1;
        case ScalarType::Int8:
            return as(std::int8_t{});
        case ScalarType::UInt8:
            return as(std::uint8_t{});
        case ScalarType::Int16:
            return as(std::int16_t{});
        case ScalarType::UInt16:
            return as(std::uint16_t{});
        case ScalarType::Int32:
            return as(std::int32_t{});
        case ScalarType::UInt32:
            return as(std::uint32_t{});
        case ScalarType::Int64:
            return as(std::int64_t{});
        case ScalarType::UInt64:
            return as(std::uint64_t{});
        case ScalarType::Float32:
            return as(float{});
        case ScalarType::Float64:
            return as(double{});
        case ScalarType::Char:
            break;
    }
    FAIL("text is no number");
    return 0;
}

/// Writes a number as the law says; returns whether it is a loss.
template <class T>
bool write_as(long double value, bool from_float, std::byte* at) {
    T result{};
    bool loss = false;
    if constexpr (std::is_floating_point_v<T>) {
        result = static_cast<T>(value);
        loss = from_float ? std::isinf(result) && !std::isinf(value) : static_cast<long double>(result) != value;
    } else {
        const long double low = std::is_same_v<T, bool> ? 0 : static_cast<long double>(std::numeric_limits<T>::min());
        const long double high = std::is_same_v<T, bool> ? 1 : static_cast<long double>(std::numeric_limits<T>::max());
        if (std::isnan(value)) {
            loss = true;
        } else if (value < low || value > high) {
            loss = true;
            result = value < low ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
        } else {
            loss = std::trunc(value) != value;
            result = static_cast<T>(std::trunc(value));
        }
    }
    std::memcpy(at, &result, sizeof result);
    return loss;
}

bool write_number(ScalarType type, long double value, bool from_float, std::byte* at) {
    switch (type) {
        case ScalarType::Bool:
            return write_as<bool>(value, from_float, at);
        case ScalarType::Int8:
            return write_as<std::int8_t>(value, from_float, at);
        case ScalarType::UInt8:
            return write_as<std::uint8_t>(value, from_float, at);
        case ScalarType::Int16:
            return write_as<std::int16_t>(value, from_float, at);
        case ScalarType::UInt16:
            return write_as<std::uint16_t>(value, from_float, at);
        case ScalarType::Int32:
            return write_as<std::int32_t>(value, from_float, at);
        case ScalarType::UInt32:
            return write_as<std::uint32_t>(value, from_float, at);
        case ScalarType::Int64:
            return write_as<std::int64_t>(value, from_float, at);
        case ScalarType::UInt64:
            return write_as<std::uint64_t>(value, from_float, at);
        case ScalarType::Float32:
            return write_as<float>(value, from_float, at);
        case ScalarType::Float64:
            return write_as<double>(value, from_float, at);
        case ScalarType::Char:
            break;
    }
    FAIL("text is no number");
    return true;
}

/// Result of the obvious converter.
struct Reference {
    Bytes rows;
    std::uint64_t losses = 0;
    std::optional<Failure> first_failure;
};

std::vector<std::uint64_t> index_of(std::uint64_t flat, const std::vector<std::uint64_t>& dims) {
    std::vector<std::uint64_t> index(dims.size());
    for (std::size_t d = dims.size(); d-- > 0;) {
        index[d] = flat % dims[d];
        flat /= dims[d];
    }
    return index;
}

Reference convert(const StructDefinition& stored, const StructDefinition& asked, const Bytes& from,
                  std::uint64_t num_rows) {
    Reference result;
    result.rows.resize(asked.size * num_rows);
    std::map<std::string, const Element*> by_path;
    for (const auto& element : stored.elements) by_path[element.path] = &element;
    for (std::uint64_t row = 0; row < num_rows; ++row) {
        for (const auto& to : asked.elements) {
            const auto found = by_path.find(to.path);
            if (found == by_path.end()) continue;
            const Element& element = *found->second;
            auto to_dims = to.dims;
            auto from_dims = element.dims;
            std::uint64_t to_size = size_of(to.type);
            std::uint64_t from_size = size_of(element.type);
            if (to.is_text()) {
                to_size = to_dims.back();
                from_size = from_dims.back();
                to_dims.pop_back();
                from_dims.pop_back();
            }
            std::uint64_t number = 1;
            for (const auto dim : to_dims) number *= dim;
            for (std::uint64_t flat = 0; flat < number; ++flat) {
                const auto index = index_of(flat, to_dims);
                bool stored_too = true;
                std::uint64_t from_flat = 0;
                std::string place = to.path;
                for (std::size_t d = 0; d < index.size(); ++d) {
                    stored_too = stored_too && index[d] < from_dims[d];
                    from_flat = from_flat * from_dims[d] + index[d];
                    place += "[" + std::to_string(index[d]) + "]";
                }
                if (!stored_too) continue;
                const std::byte* source = from.data() + row * stored.size + element.offset + from_flat * from_size;
                std::byte* target = result.rows.data() + row * asked.size + to.offset + flat * to_size;
                bool loss = false;
                if (to.is_text()) {
                    const std::string text(reinterpret_cast<const char*>(source),
                                           strnlen(reinterpret_cast<const char*>(source), from_size));
                    loss = text.size() > to_size;
                    std::memcpy(target, text.data(), std::min<std::size_t>(text.size(), to_size));
                } else if (to.type == element.type) {
                    std::memcpy(target, source, to_size);
                } else {
                    loss = write_number(to.type, read_number(element.type, source), is_float(element.type), target);
                }
                if (loss) ++result.losses;
                if (loss && !result.first_failure) result.first_failure = Failure{place, row};
            }
        }
    }
    return result;
}

/// Values at the edges of types as often as small ones.
void fill(const Element& element, std::byte* at, bool tame) {
    if (element.is_text()) {
        const std::uint64_t capacity = element.dims.back();
        for (std::uint64_t i = 0; i < element.count() / capacity; ++i) {
            const std::uint64_t length = tame ? pick(0, 2) : pick(0, capacity + 1);
            for (std::uint64_t c = 0; c < capacity; ++c)
                at[i * capacity + c] = c < length ? std::byte(pick(1, 256)) : std::byte{0};
        }
        return;
    }
    static const long double kEdges[] = {-129,
                                         -128,
                                         127,
                                         128,
                                         255,
                                         256,
                                         -32769,
                                         65536,
                                         16777217,
                                         2147483648.0L,
                                         -2147483649.0L,
                                         4294967295.0L,
                                         4294967296.0L,
                                         9007199254740993.0L,
                                         9223372036854775807.0L,
                                         -9223372036854775808.0L,
                                         9223372036854775808.0L,
                                         18446744073709551615.0L,
                                         18446744073709551616.0L,
                                         0.5L,
                                         -0.0L,
                                         1e39L,
                                         -1e300L,
                                         1e-60L,
                                         std::numeric_limits<long double>::infinity(),
                                         std::numeric_limits<long double>::quiet_NaN()};
    for (std::uint64_t i = 0; i < element.count(); ++i) {
        const long double value =
            tame || pick(0, 2) == 0 ? static_cast<long double>(pick(0, 2)) : kEdges[pick(0, std::size(kEdges))];
        (void)write_number(element.type, value, true, at + i * size_of(element.type));
    }
}

Bytes random_rows(const StructDefinition& definition, std::uint64_t num_rows, bool tame) {
    Bytes rows(definition.size * num_rows, std::byte{0xA5});  // padding holds rubbish
    for (std::uint64_t row = 0; row < num_rows; ++row) {
        for (const auto& element : definition.elements)
            fill(element, rows.data() + row * definition.size + element.offset, tame);
    }
    return rows;
}

/// Another layout of nearly the same elements, with changes that convert without a rule.
StructDefinition edited(const StructDefinition& before) {
    StructDefinition after = before;
    auto& elements = after.elements;
    const auto edits = pick(0, 8);
    for (std::uint64_t i = 0; i < edits && elements.size() > 1; ++i) {
        auto& element = elements[pick(0, elements.size())];
        switch (pick(0, 5)) {
            case 0:
                elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(pick(0, elements.size())));
                break;
            case 1: {
                Element added;
                added.path = "added" + std::to_string(i);
                added.type = ScalarType::Int16;
                added.dims = {pick(1, 4)};
                elements.insert(elements.begin() + static_cast<std::ptrdiff_t>(pick(0, elements.size())), added);
                break;
            }
            case 2:
                if (!element.is_text()) element.type = static_cast<ScalarType>(pick(1, 12));
                break;
            case 3:
                if (!element.dims.empty()) element.dims[pick(0, element.dims.size())] = pick(1, 8);
                break;
            default:
                std::swap(elements[pick(0, elements.size())], elements[pick(0, elements.size())]);
                break;
        }
    }
    after.size = 0;
    const bool gaps = pick(0, 2) == 0;
    for (auto& element : elements) {
        if (gaps) after.size += pick(0, 4);
        element.offset = after.size;
        after.size += element.bytes();
    }
    after.alignment = 1;
    return after;
}

void check_pair(const StructDefinition& stored, const StructDefinition& asked, std::uint64_t num_rows, bool tame) {
    const Bytes from = random_rows(stored, num_rows, tame);
    const Reference expected = convert(stored, asked, from, num_rows);
    Bytes to(asked.size * num_rows, std::byte{0x5A});

    const auto lenient = ConversionPlan::make(stored, asked, {.lenient = true});
    const auto count = lenient->run(from.data(), to.data(), num_rows);
    RC_ASSERT(to == expected.rows);
    RC_ASSERT(count.losses == expected.losses);

    std::fill(to.begin(), to.end(), std::byte{0x5A});
    const auto exact = ConversionPlan::make(stored, asked);
    try {
        (void)exact->run(from.data(), to.data(), num_rows);
        RC_ASSERT_FALSE(expected.first_failure.has_value());
        RC_ASSERT(to == expected.rows);
    } catch (const Error& error) {
        RC_ASSERT(expected.first_failure.has_value());
        const std::string message = error.what();
        RC_ASSERT(message.find("element " + expected.first_failure->place + ",") != std::string::npos);
        RC_ASSERT(message.find("row " + std::to_string(expected.first_failure->row)) != std::string::npos);
    }
    const auto verdict = worst(judge(stored, asked));
    RC_ASSERT(verdict <= Verdict::Checked);
    if (verdict <= Verdict::Automatic) RC_ASSERT_FALSE(expected.first_failure.has_value());
    RC_ASSERT((verdict == Verdict::Identical) <= (exact->absent().empty() && exact->truncated().empty()));
}

}  // namespace

TEST_CASE("plans do what the obvious converter does, in both directions, and fail where it fails") {
    CHECK(rc::check("random pairs", [] {
        test::LayoutOptions options;
        options.enums = false;
        options.packed = pick(0, 2) == 0;
        options.extra_gaps = pick(0, 2) == 0;
        const auto stored = test::random_definition("Sample", options);
        const auto asked = edited(stored);
        RC_PRE(validate(asked).empty());
        const bool tame = pick(0, 2) == 0;
        check_pair(stored, asked, pick(1, 5), tame);
        check_pair(asked, stored, pick(1, 5), tame);
    }));
}

TEST_CASE("many rows convert as few do") {
    CHECK(rc::check("blocks", [] {
        test::LayoutOptions options;
        options.enums = false;
        options.nested = false;
        const auto stored = test::random_definition("Sample", options);
        const auto asked = edited(stored);
        RC_PRE(validate(asked).empty());
        const Bytes few = random_rows(stored, 3, true);
        const std::uint64_t num_rows = pick(1, 2000);
        Bytes from;
        for (std::uint64_t row = 0; row < num_rows; ++row) {
            const auto begin = few.begin() + static_cast<std::ptrdiff_t>(row % 3 * stored.size);
            from.insert(from.end(), begin, begin + static_cast<std::ptrdiff_t>(stored.size));
        }
        const auto plan = ConversionPlan::make(stored, asked, {.lenient = true});
        Bytes three(asked.size * 3);
        (void)plan->run(few.data(), three.data(), 3);
        Bytes to(asked.size * num_rows, std::byte{0x77});
        (void)plan->run(from.data(), to.data(), num_rows);
        for (std::uint64_t row = 0; row < num_rows; ++row) {
            RC_ASSERT(std::memcmp(to.data() + row * asked.size, three.data() + row % 3 * asked.size, asked.size) == 0);
        }
    }));
}
