#pragma once
/// An open SQLite file: how it is opened (writable, read-only, immutable), how long it waits, how it is left behind.

#include <chrono>
#include <cstdint>
#include <random>
#include <string>

#include "backends/sqlite/leftover.h"

struct sqlite3;

namespace etalon::backends::sqlite {

enum class Access : std::uint8_t {
    ReadWrite,
    ReadOnly,   ///< the file or its directory cannot be written; ordinary locks keep readers and a live writer apart
    Immutable,  ///< as ReadOnly, and the header says WAL but there is none: SQLite would want to create one
    Copy,       ///< as ReadOnly, and what a killed writer left can only be taken in where it can be written
};

/// What tells that an unwritable file was changed by somebody else.
struct FileState {
    /// Of a file beside it; zeros when there is none.
    struct Stamp {
        std::uint64_t inode = 0;
        std::int64_t size = 0;
        std::int64_t modified = 0;  ///< nanoseconds
        bool operator==(const Stamp&) const = default;
    };
    std::uint64_t device = 0;
    Stamp main;
    Stamp log;      ///< `-wal`
    Stamp journal;  ///< `-journal`
    bool operator==(const FileState&) const = default;
    [[nodiscard]] bool has_log() const noexcept { return log.size > 0; }
};

/// Nanoseconds of the monotonic clock, exact to some milliseconds, without a system call.
[[nodiscard]] std::int64_t coarse_clock() noexcept;

/// The file's state now; throws Error(Backend) when it is gone.
[[nodiscard]] FileState observe(const std::string& path, const std::string& place);

/// Repeats what another process held up, for a bounded time: short sleeps with jitter, because SQLite gives a lock to
/// whoever asks in the right moment, and long sleeps starve.
class Patience {
public:
    explicit Patience(std::chrono::milliseconds limit);
    /// Sleeps a little; false when the time is up.
    [[nodiscard]] bool wait();
    void restart() noexcept { tries_ = 0; }

private:
    std::chrono::milliseconds limit_;
    std::chrono::steady_clock::time_point start_;
    std::minstd_rand random_;  ///< seeded by the process, so that processes do not ask in step
    std::uint32_t tries_ = 0;
};

/// Owns one sqlite3*.
class Handle {
public:
    /// Opens `path`; with `create`, a missing file is created (empty). An empty path is a database in memory that
    /// nobody else sees. What others hold is waited for as long as `wait`. Throws Error.
    Handle(const std::string& path, const std::string& place, bool create, std::chrono::milliseconds wait);
    ~Handle();
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    [[nodiscard]] sqlite3* get() const noexcept { return db_; }
    /// The file's real path (a link resolved).
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] Access access() const noexcept { return access_; }
    /// A `-wal` stood beside the unwritable file when it was opened.
    [[nodiscard]] bool has_log() const noexcept { return state_.has_log(); }
    /// Others were at work on the unwritable file when it was opened, through that `-wal`.
    [[nodiscard]] bool follows_live_log() const noexcept { return has_log() && !is_settled_; }
    /// Somebody changed the unwritable file since it was opened in a way that asks for opening it again. Throws
    /// Error(Backend) when it is gone.
    [[nodiscard]] bool is_changed() const;
    /// Looks, after a step of a statement, whether a file that no lock protects (Immutable) is still as it was opened:
    /// the rows may be those of two commits otherwise. Throws Error(Backend), retryable.
    void check_unchanged() const;
    /// Beside the file stands the rollback journal of a writer that is not at work any more.
    [[nodiscard]] bool has_left_journal() const noexcept;

    /// Looks, before a transaction begins, whether the file still stands where it was opened: SQLite would go on with
    /// the removed one, lose what is written to it, and apply the log of another file to it. Before a reading one the
    /// path is followed only when something was done to the file, or after kPathCheck: what happens to a directory
    /// above is not seen in the file. Throws Error(Backend).
    void check_in_place(bool to_write);
    static constexpr std::chrono::milliseconds kPathCheck{100};
    /// True when the path was not followed for so long.
    [[nodiscard]] bool is_path_check_due() const noexcept;

    /// Whether every page is looked at as it is loaded, as it is after opening (cell_size_check). Reading small answers
    /// takes a quarter longer with it; every stored byte that such a read uses is proved anyway.
    void check_cells(bool checked);
    /// While true, closing takes in no log of others and leaves the journal mode as it is.
    void leave_untouched(bool untouched) noexcept;

    /// Runs one or more statements; throws Error.
    void run(const char* sql);
    /// As run, but returns SQLite's result code.
    [[nodiscard]] int try_run(const char* sql) noexcept;
    /// Gives back the memory of mapped pages, if no cursor is open; they are mapped anew when they are read.
    void let_go() noexcept;
    /// The journal mode that the open file is in is WAL. Does not touch the disk.
    [[nodiscard]] bool is_wal();
    /// The index of the write-ahead log, which all that have the file open map; null when the file has none, or is not
    /// written by this process. It begins with the header of SQLite's "WAL-Index Format". Mapped until the connection
    /// is closed.
    [[nodiscard]] std::uint32_t* find_log_index();

private:
    /// What the first bytes say.
    struct Header {
        MainFile main;
        bool wal = false;  ///< false: a rollback journal
    };

    void open_writable(bool create);
    /// As open_once, until nobody changes the file meanwhile.
    void open_unwritable();
    /// Chooses how to read the unwritable file and opens it so; false when it changed meanwhile or others hold it.
    [[nodiscard]] bool open_once();
    /// Copies the file and what a killed writer left beside it; false when they changed meanwhile.
    [[nodiscard]] bool copy_to(const std::string& copy, const MainFile& main, const std::string& suffix);
    void open_file(const std::string& name, int flags);
    void close() noexcept;
    void configure();
    /// Throws Error(Format) when it is no database.
    [[nodiscard]] Header read_header();
    /// Refuses to read beside what a killed writer left.
    [[noreturn]] void refuse_leftover(const std::string& suffix, const std::string& why) const;
    /// Back to one complete file, if nobody else has it open; no waiting.
    void leave_one_file() noexcept;

    sqlite3* db_ = nullptr;
    std::string path_;
    std::string place_;
    Access access_ = Access::ReadWrite;
    FileState state_;
    bool checks_cells_ = false;
    bool is_untouched_ = false;
    bool found_log_ = false;   ///< a writable file had a `-wal` with something in it when it was opened
    bool is_settled_ = false;  ///< nobody was at work: what stands beside the file may not change either
    struct {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
    } place_on_disk_;  ///< of a writable file
    /// The file itself, opened as a mere place (O_PATH): closing that leaves the locks of the process alone.
    class Watch {
    public:
        Watch() = default;
        ~Watch() { close(); }
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;
        /// False when it cannot be opened.
        [[nodiscard]] bool open(const std::string& path) noexcept;
        void close() noexcept;
        [[nodiscard]] int get() const noexcept { return file_; }

    private:
        int file_ = -1;
    } watch_;
    std::int64_t changed_ = 0;  ///< when something was done to the file, as of the last look at its path, nanoseconds
    std::int64_t looked_ = 0;   ///< when that was, nanoseconds of the monotonic clock
    std::int64_t size_ = 0;     ///< of the file, when it was last looked at
    bool has_used_log_ = false;
    Patience patience_;
};

}  // namespace etalon::backends::sqlite
