#pragma once
/// Who holds locks on an SQLite file, as far as this machine can tell.

#include <string>

namespace etalon::backends::sqlite {

/// `etalon (process 4711) writes`, several separated by commas; empty when nobody is seen: a lock that has gone
/// meanwhile, one of another machine, or of a process that one may not see. `path`: the file's real one.
[[nodiscard]] std::string describe_lock_holders(const std::string& path);

}  // namespace etalon::backends::sqlite
