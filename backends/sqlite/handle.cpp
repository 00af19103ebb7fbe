#include "backends/sqlite/handle.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include "backends/sqlite/errors.h"
#include "backends/sqlite/functions.h"
#include "backends/sqlite/lock_holders.h"
#include "etalon/error.h"

namespace etalon::backends::sqlite {
namespace {

namespace fs = std::filesystem;

/// More than any SQLite maps; it takes its own limit.
constexpr std::int64_t kLargestMap = std::int64_t{1} << 46;

constexpr std::string_view kMagic{"SQLite format 3", 16};

[[noreturn]] void fail(ErrorCode code, std::string what, const std::string& place, std::string advice) {
    throw Error(code, {std::move(what), place, "", "", std::move(advice)});
}

/// Whether this process may write, asked of the system, which also knows about read-only media. A file or directory
/// without any write permission counts as read-only for the superuser too: somebody meant it so.
bool can_write(const std::string& path) {
    struct stat info{};
    if (stat(path.c_str(), &info) != 0 || (info.st_mode & 0222) == 0) return false;
    return faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

/// The directory in which SQLite would put `-wal`.
std::string directory_of(const std::string& path) {
    const fs::path parent = fs::path(path).parent_path();
    return parent.empty() ? "." : parent.string();
}

/// True when a process has the WAL open: it holds a shared lock on byte 128 of `-shm` (walindex format, "DMS").
bool log_is_live(const std::string& path) {
    constexpr std::uint64_t kUsers = 128;
    return std::ranges::any_of(find_locks(path + "-shm"),
                               [](const auto& lock) { return lock.first == kUsers && lock.last == kUsers; });
}

std::int64_t nanoseconds(const timespec& time) noexcept {
    return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

FileState::Stamp stamp_of(const struct stat& info) {
    return {info.st_ino, info.st_size, nanoseconds(info.st_mtim)};
}

/// SQLite's own open file. What reads the file or asks for its locks goes through it: opening and closing the file a
/// second time would drop this process's locks on it.
sqlite3_file* file_of(sqlite3* db) noexcept {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    return file == nullptr || file->pMethods == nullptr ? nullptr : file;
}

/// The lock of a reader, which keeps the file as it is for as long as nobody uses a write-ahead log.
class SharedLock {
public:
    explicit SharedLock(sqlite3_file* file) : file_(file), code_(file->pMethods->xLock(file, SQLITE_LOCK_SHARED)) {}
    ~SharedLock() { file_->pMethods->xUnlock(file_, SQLITE_LOCK_NONE); }
    SharedLock(const SharedLock&) = delete;
    SharedLock& operator=(const SharedLock&) = delete;
    [[nodiscard]] int code() const noexcept { return code_; }

private:
    sqlite3_file* file_;
    int code_;
};

/// A directory for nobody else, which goes with what is in it.
class PrivateDirectory {
public:
    PrivateDirectory() {
        std::error_code ignored;
        std::string pattern = (fs::temp_directory_path(ignored) / "etalon.XXXXXX").string();
        if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    }
    ~PrivateDirectory() {
        std::error_code ignored;  // a copy that is left behind is nothing that the reader could mend
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    PrivateDirectory(const PrivateDirectory&) = delete;
    PrivateDirectory& operator=(const PrivateDirectory&) = delete;
    /// A path that cannot be made when the directory could not.
    [[nodiscard]] std::string file(const std::string& name) const {
        return path_.empty() ? std::string() : path_ + '/' + name;
    }

private:
    std::string path_;
};

/// Writes what `read(bytes, at)` gives, `size` bytes in all, to a new file; false when that fails.
template <class Read>
bool write_copy(const std::string& path, std::int64_t size, const Read& read) {
    const int out = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out < 0) return false;
    std::vector<char> bytes(std::size_t{1} << 20);
    bool good = true;
    for (std::int64_t at = 0; good && at < size;) {
        const auto wanted = std::min<std::int64_t>(static_cast<std::int64_t>(bytes.size()), size - at);
        good = read(std::span(bytes).first(static_cast<std::size_t>(wanted)), at) &&
               write(out, bytes.data(), static_cast<std::size_t>(wanted)) == wanted;
        at += wanted;
    }
    return ::close(out) == 0 && good;
}

std::string escape_uri(const std::string& path) {
    constexpr const char* kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#') {
            out += '%';
            out += kHex[(static_cast<unsigned char>(c) >> 4) & 0xf];
            out += kHex[static_cast<unsigned char>(c) & 0xf];
        } else {
            out += c;
        }
    }
    return out;
}

int busy_handler(void* patience, int tries) {
    auto& wait = *static_cast<Patience*>(patience);
    if (tries == 0) wait.restart();
    return wait.wait() ? 1 : 0;
}

}  // namespace

std::int64_t coarse_clock() noexcept {
    timespec clock{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &clock);
    return nanoseconds(clock);
}

FileState observe(const std::string& path, const std::string& place) {
    struct stat info{};
    if (stat(path.c_str(), &info) != 0) {
        fail(ErrorCode::Backend, std::string("cannot read the SQLite file: ") + std::strerror(errno), place,
             "check the path");
    }
    FileState state;
    state.device = info.st_dev;
    state.main = stamp_of(info);
    if (stat((path + "-wal").c_str(), &info) == 0) state.log = stamp_of(info);
    if (stat((path + "-journal").c_str(), &info) == 0) state.journal = stamp_of(info);
    return state;
}

Patience::Patience(std::chrono::milliseconds limit)
    : limit_(limit), random_(static_cast<std::minstd_rand::result_type>(getpid())) {}

bool Patience::wait() {
    const auto now = std::chrono::steady_clock::now();
    if (tries_ == 0) start_ = now;
    if (now - start_ > limit_) return false;
    ++tries_;
    // 0.1 ms at first, then 0.5 to 2 ms.
    const auto pause = tries_ < 10 ? 100 + random_() % 100 : 500 + random_() % 1500;
    std::this_thread::sleep_for(std::chrono::microseconds(pause));
    return true;
}

Handle::Handle(const std::string& path, const std::string& place, bool create, std::chrono::milliseconds wait)
    : path_(path), place_(place), patience_(wait) {
    if (path_.empty()) {
        try {
            open_file(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY);
            configure();
        } catch (...) {
            close();
            throw;
        }
        return;
    }
    std::error_code ignored;
    if (fs::is_directory(path_, ignored)) {
        fail(ErrorCode::Backend, "the path is a directory, not an SQLite file", place_, "give the path of a file");
    }
    const bool exists = fs::exists(path_, ignored);
    if (!exists && !create) {
        fail(ErrorCode::Backend, "there is no such SQLite file", place_,
             "check the path, or run 'etalon -d " + place_ + " init'");
    }
    if (exists) {
        const auto resolved = fs::canonical(path_, ignored);  // -wal stands beside the file that a link points to
        if (!ignored) path_ = resolved.string();
    }
    // ":memory:" and "file:..." mean something else to SQLite; here every path is a file.
    if (path_.front() != '/') path_ = "./" + path_;
    const std::string directory = directory_of(path_);
    if (!exists && !fs::is_directory(directory, ignored)) {
        fail(ErrorCode::Backend, "the directory of the SQLite file does not exist", place_,
             "create the directory " + directory);
    }
    try {
        if (!exists || (can_write(path_) && can_write(directory))) {
            open_writable(create);
            configure();
        } else {
            open_unwritable();
        }
    } catch (...) {
        close();
        throw;
    }
}

Handle::~Handle() {
    leave_one_file();
    close();
}

void Handle::open_file(const std::string& name, int flags) {
    const int code = sqlite3_open_v2(name.c_str(), &db_, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    if (code == SQLITE_OK) return add_functions(db_);
    Error error = make_error(db_, code, place_);
    const int system = db_ == nullptr ? 0 : sqlite3_system_errno(db_);
    close();
    if (system == 0) throw error;
    ErrorInfo info = error.info();
    info.what += std::string(" (") + std::strerror(system) + ')';
    throw Error(error.code(), std::move(info));
}

void Handle::open_writable(bool create) {
    access_ = Access::ReadWrite;
    std::error_code no_log;
    found_log_ = fs::file_size(path_ + "-wal", no_log) > 0 && !no_log;
    open_file(path_, SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0));
    struct stat info{};
    int moved = 0;
    std::error_code ignored;
    const auto resolved = fs::canonical(path_, ignored);  // also after a change of the working directory
    if (!ignored) path_ = resolved.string();
    sqlite3_file_control(db_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (stat(path_.c_str(), &info) != 0 || moved != 0) {
        fail(ErrorCode::Backend, "the SQLite file was removed or replaced while it was opened", place_,
             "open it again");
    }
    // SQLite takes a file of one byte for an empty one.
    if (info.st_size == 1) fail(ErrorCode::Format, "the file is not an SQLite database", place_, "check the path");
    place_on_disk_ = {info.st_dev, info.st_ino};
    if (!watch_.open(path_)) {
        fail(ErrorCode::Backend, "the SQLite file was removed or replaced while it was opened", place_,
             "open it again");
    }
    (void)read_header();
}

void Handle::open_unwritable() {
    patience_.restart();
    while (!open_once()) {
        close();
        if (patience_.wait()) continue;
        Error error(ErrorCode::Backend, {"the SQLite file is being changed or held by others all the time", place_, "",
                                         "", "another process holds the file: try again when it has finished"});
        error.set_retryable(true).set_obstacle(Obstacle::Locked);
        throw error;
    }
}

bool Handle::open_once() {
    access_ = Access::ReadOnly;
    is_settled_ = false;
    // Who may not write does not write to `-shm` either, also as the superuser.
    const std::string name = "file:" + escape_uri(path_);
    open_file(name + "?readonly_shm=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    sqlite3_file* file = file_of(db_);
    if (file == nullptr) fail(ErrorCode::Backend, "cannot read the SQLite file", place_, "check the permissions");
    std::optional<PrivateDirectory> directory;
    {
        // Excludes whoever is just leaving, too: the log is removed under an exclusive lock.
        const SharedLock lock(file);
        if ((lock.code() & 0xff) == SQLITE_BUSY) return false;
        if (lock.code() != SQLITE_OK) throw make_error(db_, lock.code(), place_);
        state_ = observe(path_, place_);
        const Header header = read_header();
        const bool journal = has_left_journal();
        const std::string suffix = journal ? "-journal" : "-wal";
        if (journal || (state_.has_log() && !log_is_live(path_))) {
            is_settled_ = true;
            const auto flaw = journal ? find_flaw_of_journal(path_ + suffix, header.main)
                                      : find_flaw_of_log(path_ + suffix, header.main);
            if (flaw && is_changed()) return false;
            if (flaw) refuse_leftover(suffix, *flaw);
            if (!journal && state_.log.size == kLogHeader) {
                access_ = Access::Immutable;  // nothing is in it; SQLite 3.40 fails on such a log without an index
            } else if (journal || faccessat(AT_FDCWD, (path_ + "-shm").c_str(), R_OK, AT_EACCESS) != 0) {
                directory.emplace();
                if (!copy_to(directory->file("copy.db"), header.main, suffix)) return false;
                access_ = Access::Copy;
            }  // else SQLite makes an index in memory and, through `-shm`, keeps off writers that come meanwhile
        } else if (header.wal && !state_.has_log()) {
            is_settled_ = true;
            access_ = Access::Immutable;
        }
    }
    if (access_ == Access::Immutable) {
        close();
        open_file(name + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    } else if (access_ == Access::Copy) {
        close();
        open_file(directory->file("copy.db"), SQLITE_OPEN_READWRITE);
        run("PRAGMA journal_mode=DELETE");  // takes in what was left
    }
    try {
        configure();
    } catch (const Error&) {
        if (!is_changed() && (!follows_live_log() || log_is_live(path_))) throw;
        return false;
    }
    return !is_settled_ || !is_changed();
}

bool Handle::copy_to(const std::string& copy, const MainFile& main, const std::string& suffix) {
    // A copy is made at each opening: a larger file is better mended.
    constexpr std::int64_t kLimit = std::int64_t{1} << 30;
    const auto& left = suffix == "-wal" ? state_.log : state_.journal;
    if (main.size + left.size > kLimit) refuse_leftover(suffix, "the file is too large to be read from a mended copy");
    sqlite3_file* file = file_of(db_);
    const auto read_main = [&](std::span<char> bytes, std::int64_t at) {
        return file->pMethods->xRead(file, bytes.data(), static_cast<int>(bytes.size()), at) == SQLITE_OK;
    };
    std::ifstream source(path_ + suffix, std::ios::binary);
    const auto read_left = [&](std::span<char> bytes, std::int64_t) {
        return static_cast<bool>(source.read(bytes.data(), static_cast<std::streamsize>(bytes.size())));
    };
    const bool copied = write_copy(copy, main.size, read_main) && write_copy(copy + suffix, left.size, read_left);
    if (is_changed()) return false;
    if (!copied) refuse_leftover(suffix, "a mended copy cannot be made in the directory for temporary files");
    return true;
}

void Handle::refuse_leftover(const std::string& suffix, const std::string& why) const {
    const std::string what = suffix == "-wal" ? "a write-ahead log" : "the rollback journal of a commit";
    fail(ErrorCode::Backend,
         "the SQLite file cannot be written, and beside it a killed writer left " + what + " (" + path_ + suffix +
             ") from which the last commit cannot be told: " + why,
         place_, advise_to_mend(path_));
}

bool Handle::is_changed() const {
    const FileState now = observe(path_, place_);
    if (is_settled_) return now != state_;
    return now.device != state_.device || now.main != state_.main || now.has_log() != state_.has_log();
}

void Handle::check_unchanged() const {
    if (access_ != Access::Immutable || !is_changed()) return;
    Error error(ErrorCode::Backend, {"the SQLite file was changed while it was read", place_, "", "", "try again"});
    error.set_retryable(true);
    throw error;
}

bool Handle::has_left_journal() const noexcept {
    sqlite3_file* file = file_of(db_);
    int reserved = 0;
    if (file == nullptr || is_settled_ || !is_hot_journal(path_ + "-journal")) return false;
    return file->pMethods->xCheckReservedLock(file, &reserved) == SQLITE_OK && reserved == 0;
}

void Handle::close() noexcept {
    sqlite3_close_v2(db_);
    db_ = nullptr;
}

Handle::Header Handle::read_header() {
    sqlite3_file* file = file_of(db_);
    Header header;
    sqlite3_int64 size = 0;
    if (file == nullptr || file->pMethods->xFileSize(file, &size) != SQLITE_OK) {
        fail(ErrorCode::Backend, "cannot read the SQLite file", place_, "check the permissions");
    }
    header.main.size = size;
    if (size == 0) return header;
    unsigned char bytes[20] = {};
    const int code = file->pMethods->xRead(file, bytes, sizeof bytes, 0);
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) throw make_error(db_, code, place_);
    // SQLite itself would take any file below 512 bytes for an empty database.
    if (std::memcmp(bytes, kMagic.data(), kMagic.size()) != 0) {
        fail(ErrorCode::Format, "the file is not an SQLite database", place_, "check the path");
    }
    header.main.page_size = static_cast<std::uint32_t>(bytes[16]) << 8 | bytes[17];
    if (header.main.page_size == 1) header.main.page_size = 65536;
    header.wal = bytes[18] == 2 || bytes[19] == 2;
    return header;
}

void Handle::configure() {
    sqlite3_busy_handler(db_, busy_handler, &patience_);
    // A misspelt "name" must be an error, as in PostgreSQL, not a text.
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    // A file from somebody else: no SQL in it writes to the schema table or damages the file.
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    if (access_ != Access::ReadWrite) {
        sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);  // the log stays where it is
        sqlite3_db_config(db_, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);    // nothing is written that would fire one
    }
    run("PRAGMA foreign_keys=OFF;"
        "PRAGMA recursive_triggers=ON;"  // an INSERT OR REPLACE fires the triggers that refuse to delete
        "PRAGMA synchronous=FULL;"       // a commit that was reported is on the disk
        "PRAGMA cache_size=-32768;"      // 32 MB
        "PRAGMA temp_store=MEMORY");     // sorting needs no place to write
    // The whole file is read without copying, up to what this SQLite can map (2 GB): SQLite maps what is there, and
    // maps anew when another process has made it longer.
    run(("PRAGMA mmap_size=" + std::to_string(kLargestMap)).c_str());
    if (access_ == Access::ReadWrite) run("PRAGMA page_size=16384");  // takes effect before the first table only
    check_cells(true);
    run("PRAGMA schema_version");  // the first read: finds damage, and finishes what a crash left behind
}

bool Handle::Watch::open(const std::string& path) noexcept {
    close();
    file_ = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    return file_ >= 0;
}

void Handle::Watch::close() noexcept {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
}

void Handle::check_in_place(bool to_write) {
    if (path_.empty()) return;
    struct stat held{};
    // Renaming, removing, cutting and writing all change the time of the last change of the file.
    if (fstat(watch_.get(), &held) != 0 || to_write || nanoseconds(held.st_ctim) != changed_ || is_path_check_due()) {
        struct stat info{};
        if (stat(path_.c_str(), &info) != 0 || info.st_ino != place_on_disk_.inode ||
            info.st_dev != place_on_disk_.device) {
            fail(ErrorCode::Backend, "the SQLite file was removed or replaced while it was open", place_,
                 "nothing was read or written: open it again");
        }
        changed_ = nanoseconds(held.st_ctim);
        looked_ = coarse_clock();
        held.st_size = info.st_size;
    }
    // What was cut off may still be mapped, and reading it there would end the process.
    if (held.st_size < size_) run("PRAGMA mmap_size=0");
    size_ = held.st_size;
}

void Handle::run(const char* sql) {
    const int code = try_run(sql);
    if (code != SQLITE_OK) throw make_error(db_, code, place_, sql);
}

int Handle::try_run(const char* sql) noexcept {
    return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
}

void Handle::let_go() noexcept {
    sqlite3_int64 limit = -1;  // asks
    if (sqlite3_file_control(db_, "main", SQLITE_FCNTL_MMAP_SIZE, &limit) != SQLITE_OK || limit <= 0) return;
    // SQLite maps anew when the limit changes: which of the two it is makes no difference to a file. More than its own
    // largest, an odd number of steps, would change nothing.
    constexpr sqlite3_int64 kStep = 1 << 16;
    sqlite3_int64 other = (limit / kStep) % 2 == 0 ? limit + kStep : limit - kStep;
    (void)sqlite3_file_control(db_, "main", SQLITE_FCNTL_MMAP_SIZE, &other);
}

bool Handle::is_wal() {
    bool wal = false;
    const auto row = [](void* out, int count, char** values, char**) {
        *static_cast<bool*>(out) = count > 0 && values[0] != nullptr && std::string_view(values[0]) == "wal";
        return 0;
    };
    const int code = sqlite3_exec(db_, "PRAGMA journal_mode", row, &wal, nullptr);
    if (code != SQLITE_OK) throw make_error(db_, code, place_, "PRAGMA journal_mode");
    return wal;
}

bool Handle::is_path_check_due() const noexcept {
    return coarse_clock() - looked_ >= std::chrono::nanoseconds(kPathCheck).count();
}

std::uint32_t* Handle::find_log_index() {
    if (path_.empty() || access_ != Access::ReadWrite) return nullptr;
    if (!has_used_log_) {
        // Without a log nothing stands open beside the file between two reads; that is quicker to see than the mode.
        sqlite3_file* beside = nullptr;
        sqlite3_file_control(db_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &beside);
        if (beside == nullptr || beside->pMethods == nullptr || !is_wal()) return nullptr;
        has_used_log_ = true;  // and nobody takes the file out of WAL mode while this connection is open
    }
    sqlite3_file* file = file_of(db_);
    if (file == nullptr || file->pMethods->iVersion < 2) return nullptr;
    constexpr int kBlock = 32768;  // of the index, by its format
    void volatile* index = nullptr;
    if (file->pMethods->xShmMap(file, 0, kBlock, 0, &index) != SQLITE_OK) return nullptr;
    return static_cast<std::uint32_t*>(const_cast<void*>(index));
}

void Handle::check_cells(bool checked) {
    if (checks_cells_ == checked) return;
    run(checked ? "PRAGMA cell_size_check=ON" : "PRAGMA cell_size_check=OFF");
    checks_cells_ = checked;
}

void Handle::leave_untouched(bool untouched) noexcept {
    is_untouched_ = untouched;
    if (access_ != Access::ReadWrite) return;  // they never change anything
    // An empty log that opening has made goes again.
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, untouched && found_log_ ? 1 : 0, nullptr);
}

void Handle::leave_one_file() noexcept {
    if (db_ == nullptr || access_ != Access::ReadWrite || is_untouched_) return;
    try {
        // Who else has the file open will do it in its turn: the last one finds nobody in its way.
        sqlite3_busy_handler(db_, nullptr, nullptr);
        if (is_wal()) (void)try_run("PRAGMA journal_mode=DELETE");
    } catch (const Error&) {
        // A destructor cannot report it, and nothing is lost: every commit is in the -wal, and the next to open the
        // file reads it.
        return;
    }
}

}  // namespace etalon::backends::sqlite
