#pragma once
/// What the benchmarks store, as numbers from which both sides make the same rows.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "etalon/definition.h"

namespace etalon::bench {

inline constexpr std::int64_t kFirstBegin = 1'500'000'000'000'000'000;  // July 2017
inline constexpr std::int64_t kStep = 600'000'000'000;                  // ten minutes

/// Records of one name (version default, element 0, one row each): record k begins at begin + k * step, has no end, and
/// holds the row of `seed + k`.
struct Series {
    std::size_t of_struct = 0;  ///< index among the structs of the benchmark
    std::int64_t name = 1;      ///< number of the name, from 1
    std::int64_t begin = kFirstBegin;
    std::int64_t step = kStep;
    std::size_t count = 0;
    std::uint64_t seed = 0;

    [[nodiscard]] std::int64_t begin_of(std::size_t k) const noexcept {
        return begin + static_cast<std::int64_t>(k) * step;
    }
    /// Exactly until when record k holds.
    [[nodiscard]] std::optional<std::int64_t> end_of(std::size_t k) const noexcept {
        return k + 1 < count ? std::optional(begin_of(k + 1)) : std::nullopt;
    }
    /// Records first, first + 1, ... as a series; `how_many` may reach behind the end, which continues it.
    [[nodiscard]] Series part(std::size_t first, std::size_t how_many) const noexcept {
        return {of_struct, name, begin_of(first), step, how_many, seed + first};
    }
};

/// Names 1 to `names` over `structs` structs in turn, with `intervals` records each; no two begin at the same time.
[[nodiscard]] std::vector<Series> spread_series(std::size_t names, std::size_t structs, std::size_t intervals);

/// Mixes a number into another that looks random.
[[nodiscard]] std::uint64_t mix(std::uint64_t number) noexcept;
/// A row whose values come from `seed`; rows of different seeds differ. Padding is left as it is. Scalars of int32,
/// float32, float64 and arrays of float64; anything else ends the program.
void fill_row(const StructDefinition& of_struct, std::uint64_t seed, std::byte* row);

/// Positions at random in `count` intervals from kFirstBegin on.
[[nodiscard]] std::vector<std::int64_t> random_times(std::size_t count, std::size_t how_many);

/// Goes round and round.
class Times {
public:
    /// Goes round from number `first` on.
    explicit Times(std::span<const std::int64_t> times, std::size_t first = 0) : times_(times), at_(first) {}
    std::int64_t next() { return times_[at_++ % times_.size()]; }

private:
    std::span<const std::int64_t> times_;
    std::size_t at_;
};

}  // namespace etalon::bench
