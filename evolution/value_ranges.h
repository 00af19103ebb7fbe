#pragma once
/// Some of the values of an element: which ones, and how people read it. Pure.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "etalon/definition.h"

namespace etalon::evolution {

/// Values (texts) of one element from `begin` up to before `end`, row-major.
struct ValueRange {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    friend bool operator==(const ValueRange&, const ValueRange&) = default;
};

/// Values (texts) of an element.
[[nodiscard]] std::uint64_t number_of_values(const Element& element);
/// The indices of one value, and the reverse; row-major. An index outside the dimensions has no value: the number of
/// values.
[[nodiscard]] std::vector<std::uint64_t> index_of(const Element& element, std::uint64_t value);
[[nodiscard]] std::uint64_t value_at(const Element& element, const std::vector<std::uint64_t>& index);

/// In order, those that touch as one.
[[nodiscard]] std::vector<ValueRange> merged(std::vector<ValueRange> ranges);
/// Those of `count` values that are in none of the ranges; in order.
[[nodiscard]] std::vector<ValueRange> others(std::vector<ValueRange> ranges, std::uint64_t count);

/// As few names as possible for some values: `v` for all, `v[3]`, `v[3:]` from 3 on (also when that is the last one,
/// unless other names stand before it), `v[1:4]` up to before 4, `m[:][2:]`.
[[nodiscard]] std::vector<std::string> names_of(const Element& element, std::vector<ValueRange> ranges);

/// Calls `use(in_a, in_b, number)` for runs of values that arrays of `rank` dimensions `a` and `b` have in common, in
/// order: the first value of the run in either, row-major. Values keep their indices in every dimension.
template <class Use>
void for_each_common_run(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b, std::size_t rank,
                         Use use) {
    std::size_t differing = rank;  // dimensions up to the last one that differs
    std::uint64_t inner = 1;
    while (differing > 0 && a[differing - 1] == b[differing - 1]) inner *= b[--differing];
    if (differing == 0) return use(0, 0, inner);
    const std::uint64_t run = std::min(a[differing - 1], b[differing - 1]) * inner;
    std::vector<std::uint64_t> index(differing - 1, 0);
    while (true) {
        std::uint64_t in_a = 0;
        std::uint64_t in_b = 0;
        for (std::size_t d = 0; d < differing - 1; ++d) {
            in_a = (in_a + index[d]) * a[d + 1];
            in_b = (in_b + index[d]) * b[d + 1];
        }
        use(in_a * inner, in_b * inner, run);
        std::size_t d = differing - 1;
        while (d > 0 && ++index[d - 1] == std::min(a[d - 1], b[d - 1])) index[--d] = 0;
        if (d == 0) return;
    }
}

}  // namespace etalon::evolution
