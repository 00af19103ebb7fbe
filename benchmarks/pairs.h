#pragma once
/// Timing two pieces of work against each other on a machine with noise: in turns (A B B A ...), and the median of the
/// ratios of neighbours. What disturbs the machine for longer than a turn disturbs both.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

namespace etalon::bench {

struct Paired {
    double first = 0;  ///< median seconds per call
    double second = 0;
    double ratio = 0;  ///< median over the pairs of first / second
    double low = 0;    ///< quartiles of those ratios
    double high = 0;
    double quiet = 0;  ///< ratio of the first deciles of both: what it is when nothing disturbs
};

template <class Work>
double seconds_of(Work& work, std::size_t calls) {
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < calls; ++i) work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / static_cast<double>(calls);
}

inline double quantile(std::vector<double> values, double part) {
    const auto at = static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1) + 0.5);
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
}

/// Seconds of two pieces of work that were done in turns.
inline Paired pair_up(const std::vector<double>& firsts, const std::vector<double>& seconds) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < firsts.size(); ++i) ratios.push_back(firsts[i] / seconds[i]);
    return {quantile(firsts, 0.5),  quantile(seconds, 0.5), quantile(ratios, 0.5),
            quantile(ratios, 0.25), quantile(ratios, 0.75), quantile(firsts, 0.1) / quantile(seconds, 0.1)};
}

/// `turn` is how long one turn of `second` should take at least; both are called equally often. At least one pair.
template <class First, class Second>
Paired measure_pairs(First first, Second second, std::size_t pairs, double turn) {
    std::size_t calls = 1;
    if (turn > 0) {
        first();
        while (seconds_of(second, calls) * static_cast<double>(calls) < turn && calls < (std::size_t{1} << 30))
            calls *= 2;
    }
    std::vector<double> firsts;
    std::vector<double> seconds;
    for (std::size_t i = 0; i < pairs; ++i) {
        double a = 0;
        double b = 0;
        if (i % 2 == 0) {
            a = seconds_of(first, calls);
            b = seconds_of(second, calls);
        } else {
            b = seconds_of(second, calls);
            a = seconds_of(first, calls);
        }
        firsts.push_back(a);
        seconds.push_back(b);
    }
    return pair_up(firsts, seconds);
}

}  // namespace etalon::bench
