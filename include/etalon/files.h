#pragma once
/// Files that are kept outside the databases, each under the hash of its content (docs/objects.md, "Files outside").

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/progress.h"
#include "etalon/ref.h"
#include "etalon/time.h"

namespace etalon {

namespace files {
struct OpenedContent;
}

/// What refers to a file, for those who are told that it is missing or damaged. Empty parts are left out.
struct FileUse {
    std::string object = {};  ///< its id, 32 hexadecimal digits, or a named reference
    std::string member = {};  ///< `pixels`, `frames[3]`
    friend bool operator==(const FileUse&, const FileUse&) = default;
};

/// A file of a FileStore whose whole content was verified when it was opened. Movable; for one thread.
class OpenedFile {
public:
    OpenedFile(OpenedFile&&) noexcept;
    OpenedFile& operator=(OpenedFile&&) noexcept;
    ~OpenedFile();

    [[nodiscard]] const File& file() const noexcept;         ///< hash and size
    [[nodiscard]] const std::string& path() const noexcept;  ///< where it lies
    /// Reads bytes from `offset` on into `into`; returns how many, fewer than asked for at the end only. Throws
    /// Error(Corrupt) when the file was changed since it was verified.
    std::size_t read(std::uint64_t offset, std::span<std::byte> into) const;
    /// The whole content, in memory. Throws as read().
    [[nodiscard]] std::vector<std::byte> read_all() const;
    /// Hands the content on in pieces, in order, and compares it once more: throws Error(Corrupt), at the end, when
    /// what was handed on is not the content.
    void copy(const std::function<void(std::span<const std::byte>)>& sink) const;
    /// Writes a copy, whole or not at all: beside `path` first, then renamed to it. A regular file that is there is
    /// replaced, anything else is Error(Refused). Throws Error(Backend) or Error(ReadOnly) when it cannot be written.
    void copy_to(const std::string& path) const;

private:
    friend class FileStore;
    explicit OpenedFile(std::unique_ptr<files::OpenedContent> content) noexcept;
    std::unique_ptr<files::OpenedContent> content_;
};

/// What is not as it should be in the folders of a FileStore. The values are not stored.
enum class FileFault : std::uint8_t {
    Damaged,      ///< content that does not have the hash that its name says
    HalfWritten,  ///< what a put that was stopped left, or writes now
    Foreign,      ///< something that no put makes: another name, a link, a folder
    Unreadable,   ///< the system does not let it be read
    Missing,      ///< referred to, and not there with that hash and size
    Unreferred,   ///< there, and nothing refers to it
};
[[nodiscard]] std::string_view name_of(FileFault fault) noexcept;  ///< `damaged`, `half-written`, ...

/// One thing that is not as it should be.
struct FileFinding {
    FileFault fault = FileFault::Damaged;
    std::string path;  ///< empty of what is missing
    std::string what;
    std::string expected = {};
    std::string found = {};
    std::string advice = {};
    FileUse use = {};        ///< what refers to what is missing
    bool removable = false;  ///< left by a put that was stopped long ago
    bool removed = false;
    friend bool operator==(const FileFinding&, const FileFinding&) = default;
};

/// A file that something refers to.
struct FileReference {
    File file;
    FileUse use = {};
};

/// What is checked, and whether what was left is removed.
struct FileCheckOptions {
    bool content = true;   ///< reads all content; false: names and sizes alone
    bool clean = false;    ///< removes what puts that were stopped left, when it is older than `left_since`
    bool dry_run = false;  ///< with clean: removes nothing, but says what would be
    std::chrono::hours left_since{24};
    std::optional<Time> now = std::nullopt;  ///< empty: the system clock
    /// What refers to files: those that are not there are found, and files that are not among these. Empty: not
    /// checked.
    std::optional<std::vector<FileReference>> references = std::nullopt;
};

struct FileCheckReport {
    std::vector<FileFinding> findings;
    std::uint64_t files = 0;  ///< whose content is what their names say; not read: those that have such names
    std::uint64_t bytes = 0;  ///< of those
};

/// Folders that keep files, each under the hash of its content: `ab/cdef...`, 2 and 62 hexadecimal digits of its
/// SHA-256. Several are searched in order; the first is written to. A value: copies share nothing, calls may come from
/// several threads and processes at once.
///
/// Below a folder no link is followed. A folder that does not exist is never made: a disk that is not mounted must not
/// be taken for an empty one.
class FileStore {
public:
    /// Keeps nothing: every call that needs a folder throws Error(Usage) that says how to name one.
    FileStore() = default;
    /// Relative folders start at the working directory of the calls. None of them is looked at now.
    explicit FileStore(std::vector<std::string> roots);
    /// Folders as people write them: `:` between several. Throws Error(Usage) for an empty one, or one twice.
    [[nodiscard]] static std::vector<std::string> parse_roots(std::string_view text);

    [[nodiscard]] const std::vector<std::string>& roots() const noexcept { return roots_; }
    [[nodiscard]] bool empty() const noexcept { return roots_.empty(); }

    /// Stores the content of a regular file, unless one of the folders has it, and says what it is. Memory is bounded.
    /// It is written beside under a name of its own, brought to the disk, and then renamed: a kill leaves all or
    /// nothing, and nothing is ever overwritten. It can be read by whom the umask says, and written by nobody.
    /// Throws Error(BadInput) when it cannot be read or changes meanwhile, Error(Unknown) when the first folder does
    /// not exist, Error(ReadOnly) when it cannot be written, Error(Backend) for a full disk, Error(Corrupt) when it
    /// has other content under that hash. Units of the progress: bytes.
    File put(const std::string& path, const Progress& progress = {}) const;
    /// The same of bytes in memory.
    File put(std::span<const std::byte> content) const;

    /// What a put of that file would give; nothing is written, and no folder is needed. Throws as put().
    [[nodiscard]] static File examine(const std::string& path, const Progress& progress = {});

    /// Where a file lies that has the right size; its content is not read. Nothing when no folder has it.
    [[nodiscard]] std::optional<std::string> find(const File& file) const;
    /// Opens a file and verifies its content, reading all of it; of several folders, the first whose content is right.
    /// Throws Error(Unknown) when it is missing, Error(Corrupt) when what is there is not the content, Error(BadInput)
    /// for a null file; they say what refers to it. Units of the progress: bytes.
    [[nodiscard]] OpenedFile open(const File& file, const FileUse& use = {}, const Progress& progress = {}) const;
    /// The same by 64 hexadecimal digits alone, whatever size it has.
    [[nodiscard]] OpenedFile open_hash(std::string_view sha256, const Progress& progress = {}) const;
    /// The verified content. Throws as open().
    [[nodiscard]] std::vector<std::byte> read(const File& file, const FileUse& use = {}) const;

    /// Reads everything in all folders and compares it with its name. Throws Error(Unknown) for a folder that does not
    /// exist. In order of folders and names. Units of the progress: the subfolders of all folders.
    [[nodiscard]] FileCheckReport check(const FileCheckOptions& options = {}, const Progress& progress = {}) const;

private:
    struct Wanted;
    [[nodiscard]] OpenedFile open_wanted(const Wanted& wanted, const FileUse& use, const Progress& progress) const;
    void require_roots() const;

    std::vector<std::string> roots_;
};

}  // namespace etalon
