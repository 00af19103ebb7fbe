#include "benchmarks/series.h"

#include <cstring>

#include "benchmarks/give_up.h"

namespace etalon::bench {

std::vector<Series> spread_series(std::size_t names, std::size_t structs, std::size_t intervals) {
    std::vector<Series> all;
    for (std::size_t i = 0; i < names; ++i) {
        const auto number = static_cast<std::int64_t>(i);
        all.push_back({i % structs, number + 1, kFirstBegin + number, kStep, intervals, i * intervals + 1});
    }
    return all;
}

std::uint64_t mix(std::uint64_t number) noexcept {  // splitmix64
    number += 0x9e3779b97f4a7c15;
    number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
    number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
    return number ^ (number >> 31);
}

void fill_row(const StructDefinition& of_struct, std::uint64_t seed, std::byte* row) {
    std::uint64_t state = mix(seed);
    for (const auto& element : of_struct.elements) {
        state = mix(state);
        const auto number = static_cast<std::int32_t>(state & 0xffffff);
        auto* at = row + element.offset;
        if (element.type == ScalarType::Int32 && element.count() == 1) {
            std::memcpy(at, &number, sizeof number);
        } else if (element.type == ScalarType::Float32 && element.count() == 1) {
            const auto value = static_cast<float>(number) / 4096;
            std::memcpy(at, &value, sizeof value);
        } else if (element.type == ScalarType::Float64) {
            for (std::uint64_t i = 0; i < element.count(); ++i) {
                const auto value = static_cast<double>(state >> 11) / 65536;
                std::memcpy(at + i * sizeof value, &value, sizeof value);
                state = mix(state);
            }
        } else {
            give_up("an element of a type that the benchmarks do not fill: " + element.path);
        }
    }
}

std::vector<std::int64_t> random_times(std::size_t count, std::size_t how_many) {
    std::vector<std::int64_t> times;
    for (std::size_t i = 0; i < how_many; ++i) {
        times.push_back(kFirstBegin + static_cast<std::int64_t>(mix(i) % (count * static_cast<std::uint64_t>(kStep))));
    }
    return times;
}

}  // namespace etalon::bench
