#pragma once
/// What is printed: a line for each figure, judged against its target.

#include <cstdint>
#include <string>

#include "benchmarks/pairs.h"

namespace etalon::bench {

/// `13.8 us`.
[[nodiscard]] std::string show_time(double seconds);
/// `31 k/s` of something that takes `seconds`.
[[nodiscard]] std::string show_rate(double seconds);
/// `165 B`, `1.2 MB`.
[[nodiscard]] std::string show_bytes(double bytes);

class Table {
public:
    /// `judged`: false when too little was measured to say that a target is met.
    explicit Table(bool judged) : judged_(judged) {}
    void head() const;
    /// A line with everything said by the caller; an empty target judges nothing.
    void add(const std::string& what, const std::string& engine, const std::string& first, const std::string& second,
             const Paired& paired, const std::string& target, bool met);
    /// Times of Etalon and of what it stands beside; the ratio is at most `limit` (0: no target).
    void add_times(const std::string& what, const std::string& engine, const Paired& paired, double limit);
    /// One number without pairs, at most `limit` (0: no target).
    void add_bytes(const std::string& what, const std::string& engine, double bytes, double limit);
    /// A count, at most `limit`.
    void add_count(const std::string& what, const std::string& engine, std::uint64_t count, std::uint64_t limit);
    [[nodiscard]] bool missed() const noexcept { return missed_; }

private:
    void print(const std::string& what, const std::string& engine, const std::string& first, const std::string& second,
               const Paired* paired, const std::string& target, bool met);
    bool judged_;
    bool missed_ = false;
};

}  // namespace etalon::bench
