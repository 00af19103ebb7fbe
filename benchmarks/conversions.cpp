#include "benchmarks/conversions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "benchmarks/bare.h"
#include "benchmarks/constants.h"
#include "conversion/plan.h"
#include "etalon/definition.h"

namespace etalon::bench {
namespace {

using conversion::ConversionPlan;

/// Natural alignment, as a C compiler lays it out.
StructDefinition lay_out(std::vector<Element> elements) {
    StructDefinition layout;
    layout.name = "Converted";
    std::uint64_t at = 0;
    for (auto& one : elements) {
        const std::uint64_t alignment = size_of(one.type);
        layout.alignment = std::max(layout.alignment, alignment);
        at = (at + alignment - 1) / alignment * alignment;
        one.offset = at;
        at += one.bytes();
    }
    layout.size = (at + layout.alignment - 1) / layout.alignment * layout.alignment;
    layout.elements = std::move(elements);
    return layout;
}

Element make_element(std::size_t number, ScalarType type, std::vector<std::uint64_t> dims = {}) {
    Element one;
    one.path = "value" + std::to_string(number);
    one.type = type;
    one.dims = std::move(dims);
    return one;
}

/// Scalars of 4 and 8 bytes, small arrays between them, without padding.
std::vector<Element> elements_of(std::size_t bytes) {
    std::vector<Element> elements;
    std::size_t done = 0;
    while (done < bytes) {
        const auto number = elements.size();
        const std::size_t left = bytes - done;
        Element one = number % 5 == 4 && left >= 16 ? make_element(number, ScalarType::Float32, {4})
                      : number % 5 == 2 && left >= 8
                          ? make_element(number, ScalarType::Float64)
                          : make_element(number, number % 2 == 0 ? ScalarType::Int32 : ScalarType::Float32);
        // Pairs of four bytes keep the doubles at their alignment.
        if (one.type == ScalarType::Float64 && done % 8 != 0) one = make_element(number, ScalarType::Int32);
        done += one.bytes();
        elements.push_back(std::move(one));
    }
    return elements;
}

struct Case {
    std::string what;
    StructDefinition stored;
    StructDefinition asked;
    double limit;
};

std::vector<Case> cases_of(std::size_t bytes) {
    const auto plain = elements_of(bytes);
    std::vector<Case> cases;
    const auto add = [&](const std::string& what, std::vector<Element> stored, std::vector<Element> asked,
                         double limit) {
        cases.push_back(
            {fmt::format("{}, {} B", what, bytes), lay_out(std::move(stored)), lay_out(std::move(asked)), limit});
    };
    add("equal", plain, plain, 1.2);
    auto padded = plain;
    for (std::size_t i = 0; i < padded.size(); i += 4)
        padded[i].type = padded[i].dims.empty() ? ScalarType::Int16 : padded[i].type;
    add("equal with padding", padded, padded, 1.7);
    auto more = plain;
    for (std::size_t i = 3; i < plain.size(); i += 6) {
        const auto at =
            std::find_if(more.begin(), more.end(), [&](const auto& one) { return one.path == plain[i].path; });
        more.insert(at, make_element(1000 + i, ScalarType::Int32));
    }
    add("elements added", plain, more, 1.7);
    add("elements removed", more, plain, 1.7);
    auto longer = plain;
    for (auto& one : longer) {
        if (!one.dims.empty()) one.dims.front() += 2;
    }
    add("arrays resized", plain, longer, 1.7);
    auto turned = plain;
    std::reverse(turned.begin(), turned.end());
    const double hard = bytes < 100 ? 2.7 : 2.2;
    add("reordered", plain, turned, hard);
    auto retyped = plain;
    for (std::size_t i = 0; i < retyped.size(); i += 2) {
        auto& type = retyped[i].type;
        type = type == ScalarType::Int32     ? ScalarType::Int64
               : type == ScalarType::Float32 ? ScalarType::Float64
                                             : ScalarType::Float32;
    }
    add("half retyped", plain, retyped, hard);
    return cases;
}

/// Small whole numbers in every value: nothing is refused.
void fill(std::byte* row, const StructDefinition& layout, std::uint64_t seed) {
    for (const auto& one : layout.elements) {
        for (std::uint64_t i = 0; i < one.count(); ++i) {
            const auto number = static_cast<std::int16_t>(mix(seed++) % 10'000);
            std::byte* at = row + one.offset + i * size_of(one.type);
            const auto put = [&](auto value) { std::memcpy(at, &value, sizeof value); };
            switch (one.type) {
                case ScalarType::Int16:
                    put(number);
                    break;
                case ScalarType::Int32:
                    put(std::int32_t{number});
                    break;
                case ScalarType::Int64:
                    put(std::int64_t{number});
                    break;
                case ScalarType::Float32:
                    put(static_cast<float>(number));
                    break;
                default:
                    put(static_cast<double>(number));
                    break;
            }
        }
    }
}

double value_at(const std::byte* row, const Element& one, std::uint64_t index) {
    const std::byte* at = row + one.offset + index * size_of(one.type);
    const auto get = [&](auto value) {
        std::memcpy(&value, at, sizeof value);
        return static_cast<double>(value);
    };
    switch (one.type) {
        case ScalarType::Int16:
            return get(std::int16_t{});
        case ScalarType::Int32:
            return get(std::int32_t{});
        case ScalarType::Int64:
            return get(std::int64_t{});
        case ScalarType::Float32:
            return get(float{});
        default:
            return get(double{});
    }
}

void compare(const Case& one, const std::byte* stored, const std::byte* asked) {
    for (const auto& to : one.asked.elements) {
        const auto from = std::find_if(one.stored.elements.begin(), one.stored.elements.end(),
                                       [&](const auto& other) { return other.path == to.path; });
        for (std::uint64_t i = 0; i < to.count(); ++i) {
            const bool is_stored = from != one.stored.elements.end() && i < from->count();
            if (value_at(asked, to, i) != (is_stored ? value_at(stored, *from, i) : 0))
                give_up(one.what + ": a value of " + to.path + " is not what was stored");
        }
    }
}

}  // namespace

std::vector<ConversionFigure> measure_conversions(std::size_t rows, std::size_t pairs) {
    std::vector<ConversionFigure> figures;
    for (const std::size_t bytes : {40, 104, 200, 400}) {
        for (const auto& one : cases_of(bytes)) {
            const auto plan = ConversionPlan::make(one.stored, one.asked);
            AlignedBuffer from = AlignedBuffer::zeroed(one.stored.size * rows);
            AlignedBuffer to = AlignedBuffer::zeroed(one.asked.size * rows);
            AlignedBuffer other = AlignedBuffer::zeroed(one.asked.size * rows);
            for (std::size_t row = 0; row < rows; ++row)
                fill(from.data() + row * one.stored.size, one.stored, row * 31);
            (void)plan->run(from.data(), to.data(), rows);
            for (const auto row : {std::size_t{0}, rows / 2, rows - 1})
                compare(one, from.data() + row * one.stored.size, to.data() + row * one.asked.size);
            // memcpy reads other bytes than those just written: as many as the plan writes.
            const auto paired = measure_pairs([&] { (void)plan->run(from.data(), to.data(), rows); },
                                              [&] { std::memcpy(other.data(), to.data(), to.size()); }, pairs, 0);
            figures.push_back({one.what, paired, one.limit});
        }
    }
    return figures;
}

double measure_making_plans(std::size_t times) {
    std::vector<Element> elements;
    for (std::size_t i = 0; i < 100; ++i)
        elements.push_back(make_element(i, i % 3 == 0 ? ScalarType::Int32 : ScalarType::Float32));
    const auto stored = lay_out(elements);
    for (std::size_t i = 0; i < 100; i += 2) elements[i].type = ScalarType::Float64;
    const auto asked = lay_out(elements);
    std::vector<double> seconds;
    for (std::size_t i = 0; i < times; ++i) {
        auto work = [&] { (void)ConversionPlan::make(stored, asked); };
        seconds.push_back(seconds_of(work, 10));
    }
    return quantile(seconds, 0.5);
}

}  // namespace etalon::bench
