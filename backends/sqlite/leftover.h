#pragma once
/// What a killed writer leaves beside an SQLite file: a write-ahead log with commits that are not in the file, or a
/// rollback journal of a commit that is only half in it. Who may write opens the file and SQLite mends it. Who may not
/// can still know the last commit when what was left is whole; here is decided whether it is.

#include <cstdint>
#include <optional>
#include <string>

namespace etalon::backends::sqlite {

/// Bytes of a write-ahead log before its first frame.
inline constexpr std::int64_t kLogHeader = 32;

/// What the SQLite file itself says.
struct MainFile {
    std::int64_t size = 0;        ///< bytes
    std::uint32_t page_size = 0;  ///< bytes; 0 when it cannot be told
};

/// What keeps the write-ahead log at `path` from telling the last commit, in words; nothing when it tells it. The
/// header and all frames up to the last commit have the right salts and checksums, which are chained from the header on
/// (SQLite's file format, section 4). Behind that may stand what SQLite ignores too: frames that a killed writer began,
/// and those of earlier use of the file. It may not look as if a commit stood there whose frames were damaged.
[[nodiscard]] std::optional<std::string> find_flaw_of_log(const std::string& path, const MainFile& main);

/// As above, for the rollback journal at `path`: every page that its headers promise is there with its checksum, and no
/// other file belongs to the commit.
[[nodiscard]] std::optional<std::string> find_flaw_of_journal(const std::string& path, const MainFile& main);

/// True when the rollback journal at `path` has content that SQLite would roll back if no writer is at work.
[[nodiscard]] bool is_hot_journal(const std::string& path);

/// The one command that takes in what was left, and who may run it, by name: who owns the file and its directory.
[[nodiscard]] std::string advise_to_mend(const std::string& path);

}  // namespace etalon::backends::sqlite
