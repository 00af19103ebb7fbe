#include "benchmarks/table.h"

#include <fmt/format.h>

#include <cstdio>

namespace etalon::bench {

namespace {

constexpr const char* kLine = "{:<50} {:<11} {:>10} {:>10} {:>7} {:>15} {:>7} {:>12}  {}\n";

}  // namespace

std::string show_time(double seconds) {
    if (seconds < 1e-6) return fmt::format("{:.2f} ns", seconds * 1e9);
    if (seconds < 1e-3) return fmt::format("{:.1f} us", seconds * 1e6);
    return fmt::format("{:.2f} ms", seconds * 1e3);
}

std::string show_rate(double seconds) {
    const double rate = 1 / seconds;
    return rate < 10'000 ? fmt::format("{:.0f} /s", rate) : fmt::format("{:.1f} k/s", rate / 1000);
}

std::string show_bytes(double bytes) {
    if (bytes < 10'000) return fmt::format("{:.0f} B", bytes);
    return bytes < 1e6 ? fmt::format("{:.0f} kB", bytes / 1e3) : fmt::format("{:.1f} MB", bytes / 1e6);
}

void Table::head() const {
    fmt::print(kLine, "what", "engine", "etalon", "beside", "ratio", "quartiles", "quiet", "target", "met");
}

void Table::print(const std::string& what, const std::string& engine, const std::string& first,
                  const std::string& second, const Paired* paired, const std::string& target, bool met) {
    fmt::print(kLine, what, engine, first, second, paired ? fmt::format("{:.2f}", paired->ratio) : "",
               paired ? fmt::format("{:.2f} .. {:.2f}", paired->low, paired->high) : "",
               paired ? fmt::format("{:.2f}", paired->quiet) : "", target,
               judged_ && !target.empty() ? (met ? "yes" : "NO") : "-");
    std::fflush(stdout);
    missed_ = missed_ || (judged_ && !target.empty() && !met);
}

void Table::add(const std::string& what, const std::string& engine, const std::string& first, const std::string& second,
                const Paired& paired, const std::string& target, bool met) {
    print(what, engine, first, second, &paired, target, met);
}

void Table::add_times(const std::string& what, const std::string& engine, const Paired& paired, double limit) {
    print(what, engine, show_time(paired.first), show_time(paired.second), &paired,
          limit > 0 ? fmt::format("<= {:.2f}", limit) : "", paired.ratio <= limit);
}

void Table::add_bytes(const std::string& what, const std::string& engine, double bytes, double limit) {
    print(what, engine, show_bytes(bytes), "", nullptr, limit > 0 ? fmt::format("<= {:.0f} B", limit) : "",
          bytes <= limit);
}

void Table::add_count(const std::string& what, const std::string& engine, std::uint64_t count, std::uint64_t limit) {
    print(what, engine, std::to_string(count), "", nullptr, fmt::format("<= {}", limit), count <= limit);
}

}  // namespace etalon::bench
