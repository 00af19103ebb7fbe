#include "backends/sqlite/lock_holders.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "base/number_text.h"

namespace etalon::backends::sqlite {
namespace {

// Bytes that SQLite locks: of the file (os_unix.c, "PENDING_BYTE"), and of the index of the write-ahead log (wal.c,
// "WALINDEX_LOCK_OFFSET").
constexpr std::uint64_t kPending = 0x40000000;
constexpr std::uint64_t kReserved = kPending + 1;
constexpr std::uint64_t kLogWrite = 120;
constexpr std::uint64_t kLogRecover = 122;

/// What somebody does who holds that; the stronger is the larger.
enum class Holding : std::uint8_t { Nothing, Reads, Writes };

Holding holding_of(bool is_log, bool exclusive, std::uint64_t first, std::uint64_t last) {
    const auto has = [&](std::uint64_t byte) { return first <= byte && byte <= last; };
    if (is_log) return exclusive && (has(kLogWrite) || has(kLogRecover)) ? Holding::Writes : Holding::Nothing;
    if (exclusive && (has(kPending) || has(kReserved))) return Holding::Writes;
    if (last < kPending) return Holding::Nothing;
    return exclusive ? Holding::Writes : Holding::Reads;
}

std::string name_of_process(std::int64_t process) {
    if (process == getpid()) return fmt::format("this process ({})", process);
    std::ifstream file(fmt::format("/proc/{}/comm", process));
    std::string name;
    if (process <= 0 || !std::getline(file, name)) return fmt::format("process {}", process);
    return fmt::format("{} (process {})", name, process);
}

}  // namespace

std::vector<FileLock> find_locks(const std::string& path) {
    struct stat info{};
    if (stat(path.c_str(), &info) != 0) return {};
    const auto inode = ':' + std::to_string(info.st_ino);
    std::vector<FileLock> found;
    std::ifstream locks("/proc/locks");
    std::string line;
    while (std::getline(locks, line)) {
        std::istringstream words(line);
        std::string number, kind, advisory, access, process, file, begin, end;
        words >> number >> kind >> advisory;
        if (kind == "->") continue;  // a waiter
        words >> access >> process >> file >> begin >> end;
        if (!file.ends_with(inode)) continue;
        const auto first = parse_integer<std::uint64_t>(begin);
        const auto last = end == "EOF" ? std::optional(UINT64_MAX) : parse_integer<std::uint64_t>(end);
        const auto pid = parse_integer<std::int64_t>(process);
        if (first && last && pid) found.push_back({*pid, access == "WRITE", *first, *last});
    }
    return found;
}

std::string describe_lock_holders(const std::string& path) {
    std::map<std::int64_t, Holding> holders;
    for (const bool is_log : {false, true}) {
        for (const auto& lock : find_locks(is_log ? path + "-shm" : path)) {
            const auto holding = holding_of(is_log, lock.exclusive, lock.first, lock.last);
            if (holding == Holding::Nothing) continue;
            auto& known = holders[lock.process];
            known = std::max(known, holding);
        }
    }
    std::string text;
    // Readers matter only where nobody writes.
    for (const auto wanted : {Holding::Writes, Holding::Reads}) {
        for (const auto& [process, holding] : holders) {
            if (holding != wanted) continue;
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name_of_process(process),
                                wanted == Holding::Writes ? "writes" : "reads");
        }
        if (!text.empty()) break;
    }
    return text;
}

}  // namespace etalon::backends::sqlite
