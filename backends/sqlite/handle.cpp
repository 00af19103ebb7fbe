#include "backends/sqlite/handle.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string_view>
#include <thread>

#include "backends/sqlite/errors.h"
#include "etalon/error.h"

namespace etalon::backends::sqlite {
namespace {

namespace fs = std::filesystem;

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

/// True when a process has the WAL open: it holds a shared lock on byte 128 of `-shm` (walindex format, "DMS"). Read
/// from /proc/locks: opening and closing the file here would drop this process's own locks on it.
bool log_is_live(const std::string& path) {
    struct stat info{};
    if (stat((path + "-shm").c_str(), &info) != 0) return false;
    const std::string inode = ':' + std::to_string(info.st_ino);
    std::ifstream locks("/proc/locks");
    std::string line;
    while (std::getline(locks, line)) {
        std::istringstream words(line);
        std::string number, kind, advisory, access, pid, file, begin, end;
        words >> number >> kind >> advisory;
        if (kind == "->") continue;  // a waiter
        words >> access >> pid >> file >> begin >> end;
        if (file.ends_with(inode) && begin == "128" && end == "128") return true;
    }
    return false;
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

FileState observe(const std::string& path, const std::string& place) {
    struct stat info{};
    if (stat(path.c_str(), &info) != 0) {
        fail(ErrorCode::Backend, std::string("cannot read the SQLite file: ") + std::strerror(errno), place,
             "check the path");
    }
    FileState state{.device = info.st_dev,
                    .inode = info.st_ino,
                    .size = info.st_size,
                    .modified = info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec,
                    .has_log = false};
    state.has_log = stat((path + "-wal").c_str(), &info) == 0 && info.st_size > 0;
    return state;
}

Patience::Patience() : random_(static_cast<std::minstd_rand::result_type>(getpid())) {}

bool Patience::wait() {
    const auto now = std::chrono::steady_clock::now();
    if (tries_ == 0) start_ = now;
    if (now - start_ > kLimit) return false;
    ++tries_;
    // 0.1 ms at first, then 0.5 to 2 ms.
    const auto pause = tries_ < 10 ? 100 + random_() % 100 : 500 + random_() % 1500;
    std::this_thread::sleep_for(std::chrono::microseconds(pause));
    return true;
}

Handle::Handle(const std::string& path, const std::string& place, bool create) : path_(path), place_(place) {
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
        } else {
            open_unwritable();
        }
        configure();
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
    if (code == SQLITE_OK) return;
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
    open_file(path_, SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0));
    (void)header_says_wal();
}

void Handle::open_unwritable() {
    state_ = observe(path_, place_);
    // A writer that is just leaving lets go of its lock before it removes the log.
    for (int tries = 0; tries < 20 && state_.has_log && !log_is_live(path_); ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        state_ = observe(path_, place_);
    }
    if (state_.has_log && !log_is_live(path_)) {
        fail(ErrorCode::Backend,
             "the SQLite file cannot be written, and beside it stands a write-ahead log (" + path_ +
                 "-wal) with commits that are not in it yet",
             place_,
             "open it once where it can be written (for example `sqlite3 FILE 'PRAGMA journal_mode=DELETE'`), then "
             "copy it again");
    }
    access_ = Access::ReadOnly;
    open_file(path_, SQLITE_OPEN_READONLY);
    if (!header_says_wal() || state_.has_log) return;
    close();
    access_ = Access::Immutable;
    open_file("file:" + escape_uri(path_) + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

void Handle::close() noexcept {
    sqlite3_close_v2(db_);
    db_ = nullptr;
}

bool Handle::header_says_wal() {
    // Read through SQLite's own file: opening and closing the file here would drop this process's locks on it.
    sqlite3_file* file = nullptr;
    sqlite3_file_control(db_, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    sqlite3_int64 size = 0;
    if (file == nullptr || file->pMethods == nullptr || file->pMethods->xFileSize(file, &size) != SQLITE_OK) {
        fail(ErrorCode::Backend, "cannot read the SQLite file", place_, "check the permissions");
    }
    if (size == 0) return false;
    char header[20] = {};
    const int code = file->pMethods->xRead(file, header, sizeof header, 0);
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) throw make_error(db_, code, place_);
    // SQLite itself would take any file below 512 bytes for an empty database.
    if (std::string_view(header, kMagic.size()) != kMagic) {
        fail(ErrorCode::Format, "the file is not an SQLite database", place_, "check the path");
    }
    return header[18] == 2 || header[19] == 2;
}

void Handle::configure() {
    sqlite3_busy_handler(db_, busy_handler, &patience_);
    // A misspelt "name" must be an error, as in PostgreSQL, not a text.
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    run("PRAGMA foreign_keys=OFF;"
        "PRAGMA recursive_triggers=ON;"  // an INSERT OR REPLACE fires the triggers that refuse to delete
        "PRAGMA synchronous=FULL;"       // a commit that was reported is on the disk
        "PRAGMA cache_size=-32768;"      // 32 MB
        "PRAGMA temp_store=MEMORY;"      // sorting needs no place to write
        "PRAGMA mmap_size=1073741824");  // up to 1 GB is read without copying
    if (access_ == Access::ReadWrite) run("PRAGMA page_size=16384");  // takes effect before the first table only
    run("PRAGMA schema_version");  // the first read: finds damage, and finishes what a crash left behind
}

void Handle::check_in_place() {
    if (path_.empty()) return;
    int moved = 0;
    sqlite3_file* file = nullptr;
    sqlite3_int64 size = 0;
    sqlite3_file_control(db_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    sqlite3_file_control(db_, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (moved != 0) {
        fail(ErrorCode::Backend, "the SQLite file was removed or replaced while it was open", place_,
             "nothing was read or written: open it again");
    }
    if (file == nullptr || file->pMethods == nullptr || file->pMethods->xFileSize(file, &size) != SQLITE_OK) {
        fail(ErrorCode::Backend, "cannot read the SQLite file", place_, "check the disk and the permissions");
    }
    // What was cut off may still be mapped, and reading it there would end the process.
    if (size < size_) run("PRAGMA mmap_size=0");
    size_ = size;
}

void Handle::run(const char* sql) {
    const int code = try_run(sql);
    if (code != SQLITE_OK) throw make_error(db_, code, place_, sql);
}

int Handle::try_run(const char* sql) noexcept {
    return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
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

void Handle::leave_one_file() noexcept {
    if (db_ == nullptr || access_ != Access::ReadWrite) return;
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
