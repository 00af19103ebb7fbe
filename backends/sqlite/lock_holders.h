#pragma once
/// Who holds locks on an SQLite file, as far as this machine can tell.

#include <cstdint>
#include <string>
#include <vector>

namespace etalon::backends::sqlite {

/// A lock that a process of this machine has on bytes of a file.
struct FileLock {
    std::int64_t process = 0;
    bool exclusive = false;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};
/// Those on a file; none when it is not there. From /proc/locks: opening and closing the file here would drop this
/// process's own locks on it.
[[nodiscard]] std::vector<FileLock> find_locks(const std::string& path);

/// `etalon (process 4711) writes`, several separated by commas; empty when nobody is seen: a lock that has gone
/// meanwhile, one of another machine, or of a process that one may not see. `path`: the file's real one.
[[nodiscard]] std::string describe_lock_holders(const std::string& path);

}  // namespace etalon::backends::sqlite
