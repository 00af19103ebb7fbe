#pragma once
/// An open SQLite file: how it is opened (writable, read-only, immutable), how long it waits, how it is left behind.

#include <chrono>
#include <cstdint>
#include <random>
#include <string>

struct sqlite3;

namespace etalon::backends::sqlite {

enum class Access : std::uint8_t {
    ReadWrite,
    ReadOnly,   ///< the file or its directory cannot be written; ordinary locks keep readers and a live writer apart
    Immutable,  ///< as ReadOnly, and the header says WAL but there is none: SQLite would want to create one
};

/// What tells that an unwritable file was changed by somebody else.
struct FileState {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified = 0;  ///< nanoseconds
    bool has_log = false;       ///< a `-wal` with content stands beside it
    bool operator==(const FileState&) const = default;
};

/// The file's state now; throws Error(Backend) when it is gone.
[[nodiscard]] FileState observe(const std::string& path, const std::string& place);

/// Repeats what another process held up, for a bounded time: short sleeps with jitter, because SQLite gives a lock to
/// whoever asks in the right moment, and long sleeps starve.
class Patience {
public:
    static constexpr std::chrono::seconds kLimit{15};

    Patience();
    /// Sleeps a little; false when the time is up.
    [[nodiscard]] bool wait();
    void restart() noexcept { tries_ = 0; }

private:
    std::chrono::steady_clock::time_point start_;
    std::minstd_rand random_;  ///< seeded by the process, so that processes do not ask in step
    std::uint32_t tries_ = 0;
};

/// Owns one sqlite3*.
class Handle {
public:
    /// Opens `path`; with `create`, a missing file is created (empty). An empty path is a database in memory that nobody else
    /// sees. Throws Error.
    Handle(const std::string& path, const std::string& place, bool create);
    ~Handle();
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    [[nodiscard]] sqlite3* get() const noexcept { return db_; }
    /// The file's real path (a link resolved).
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] Access access() const noexcept { return access_; }
    /// The state that the file was in when opened (unwritable files only).
    [[nodiscard]] const FileState& state() const noexcept { return state_; }

    /// Looks, before a transaction begins, whether the file still stands where it was opened: SQLite would go on with the
    /// removed one, lose what is written to it, and apply the log of another file to it. Throws Error(Backend).
    void check_in_place();

    /// Runs one or more statements; throws Error.
    void run(const char* sql);
    /// As run, but returns SQLite's result code.
    [[nodiscard]] int try_run(const char* sql) noexcept;
    /// The journal mode that the open file is in is WAL. Does not touch the disk.
    [[nodiscard]] bool is_wal();

private:
    void open_writable(bool create);
    void open_unwritable();
    void open_file(const std::string& name, int flags);
    void close() noexcept;
    void configure();
    /// Reads the header: true for WAL, false for a rollback journal; throws Error(Format) when it is no database.
    [[nodiscard]] bool header_says_wal();
    /// Back to one complete file, if nobody else has it open; no waiting.
    void leave_one_file() noexcept;

    sqlite3* db_ = nullptr;
    std::string path_;
    std::string place_;
    Access access_ = Access::ReadWrite;
    FileState state_;
    std::int64_t size_ = 0;  ///< of the file, when it was last looked at
    Patience patience_;
};

}  // namespace etalon::backends::sqlite
