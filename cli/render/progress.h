#pragma once
/// A progress bar on standard error, only when that is a terminal.

#include <chrono>
#include <cstdint>
#include <string>

#include "etalon/database.h"

namespace etalon::cli {

/// Draws `label [####....]  45% 12/30` at most ten times a second; the line is wiped when the bar is destroyed. Does
/// nothing at all when standard error is no terminal.
class ProgressBar {
public:
    explicit ProgressBar(std::string label);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void show(std::uint64_t done, std::uint64_t total);
    /// A callback for work that reports progress; must not outlive the bar.
    [[nodiscard]] Progress callback();

private:
    std::string label_;
    bool active_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point last_{};
};

}  // namespace etalon::cli
