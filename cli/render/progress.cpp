#include "cli/render/progress.h"

#include <unistd.h>

#include <cstdio>

#include "base/passwords.h"
#include "base/printable.h"

namespace etalon::cli {

ProgressBar::ProgressBar(std::string label)
    : label_(printable(without_passwords(label))), active_(isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
    // Back to the first column and erase to the end of the line (ECMA-48 EL).
    if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void ProgressBar::show(std::uint64_t done, std::uint64_t total) {
    if (!active_) return;
    const auto now = std::chrono::steady_clock::now();
    if (drawn_ && done < total && now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = true;
    if (total == 0) {
        std::fprintf(stderr, "\r\x1b[K%s ...", label_.c_str());
        return;
    }
    constexpr int kWidth = 30;
    const double part = done >= total ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
    const int filled = static_cast<int>(part * kWidth);
    const std::string bar = std::string(static_cast<std::size_t>(filled), '#') +
                            std::string(static_cast<std::size_t>(kWidth - filled), '.');
    std::fprintf(stderr, "\r\x1b[K%s [%s] %3d%% %llu/%llu", label_.c_str(), bar.c_str(), static_cast<int>(part * 100),
                 static_cast<unsigned long long>(done), static_cast<unsigned long long>(total));
}

Progress ProgressBar::callback() {
    if (!active_) return {};
    return [this](std::uint64_t done, std::uint64_t total) { show(done, total); };
}

}  // namespace etalon::cli
