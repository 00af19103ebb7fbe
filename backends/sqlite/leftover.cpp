#include "backends/sqlite/leftover.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "base/user_name.h"

namespace etalon::backends::sqlite {
namespace {

using Flaw = std::optional<std::string>;

std::uint32_t big_endian(const unsigned char* bytes) {
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

bool is_page_size(std::uint32_t size) {
    return size >= 512 && size <= 65536 && std::has_single_bit(size);
}

/// A file that is read through a buffer. Logs and journals have no locks that closing them could drop.
class Reader {
public:
    explicit Reader(const std::string& path)
        : file_(open(path.c_str(), O_RDONLY | O_CLOEXEC)), error_(file_ < 0 ? errno : 0) {
        struct stat info{};
        if (file_ >= 0 && fstat(file_, &info) == 0) size_ = info.st_size;
    }
    ~Reader() {
        if (file_ >= 0) close(file_);
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    [[nodiscard]] std::int64_t size() const noexcept { return size_; }
    /// Why reading failed; nothing when it did not.
    [[nodiscard]] Flaw failure() const {
        if (error_ == 0) return std::nullopt;
        return std::string("it cannot be read (") + std::strerror(error_) + ')';
    }
    /// `size` bytes at `at`; null when they are not all there. They live until the next call.
    const unsigned char* find(std::int64_t at, std::size_t size) {
        if (at < 0 || at + static_cast<std::int64_t>(size) > size_) return nullptr;
        if (at < begin_ || at + static_cast<std::int64_t>(size) > begin_ + filled_) {
            constexpr std::size_t kBuffer = std::size_t{1} << 20;
            buffer_.resize(std::max(size, kBuffer));
            begin_ = at;
            filled_ = 0;
            while (filled_ < static_cast<std::int64_t>(buffer_.size())) {
                const auto got = pread(file_, buffer_.data() + filled_,
                                       buffer_.size() - static_cast<std::size_t>(filled_), begin_ + filled_);
                if (got < 0 && errno == EINTR) continue;
                if (got < 0) error_ = errno;
                if (got <= 0) break;
                filled_ += got;
            }
            if (filled_ < static_cast<std::int64_t>(size)) return nullptr;
        }
        return buffer_.data() + (at - begin_);
    }

private:
    int file_;
    int error_;
    std::int64_t size_ = 0;
    std::vector<unsigned char> buffer_;
    std::int64_t begin_ = 0;
    std::int64_t filled_ = 0;
};

/// The running checksum of a write-ahead log.
class LogChecksum {
public:
    explicit LogChecksum(bool big_endian_words)
        : swap_(big_endian_words != (std::endian::native == std::endian::big)) {}

    void add(std::span<const unsigned char> bytes) {
        for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
            first_ += word(bytes.data() + i) + second_;
            second_ += word(bytes.data() + i + 4) + first_;
        }
    }
    [[nodiscard]] bool equals(const unsigned char* stored) const {
        return first_ == big_endian(stored) && second_ == big_endian(stored + 4);
    }

private:
    [[nodiscard]] std::uint32_t word(const unsigned char* bytes) const {
        std::uint32_t value = 0;
        std::memcpy(&value, bytes, sizeof value);
        return swap_ ? __builtin_bswap32(value) : value;
    }
    bool swap_;
    std::uint32_t first_ = 0;
    std::uint32_t second_ = 0;
};

constexpr std::size_t kFrameHeader = 24;

/// Names that a shell takes as one word.
std::string quoted_for_shell(const std::string& word) {
    if (word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:+=,@") ==
        std::string::npos) {
        return word;
    }
    std::string out = "'";
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + '\'';
}

std::string name_of_user(uid_t id) {
    return find_user_name(id).value_or("the user with the number " + std::to_string(id));
}

}  // namespace

Flaw find_flaw_of_log(const std::string& path, const MainFile& main) {
    Reader log(path);
    if (auto failure = log.failure()) return failure;
    if (main.size == 0) return "the file itself is empty";
    const unsigned char* header = log.find(0, kLogHeader);
    if (header == nullptr) return log.failure().value_or("its header is cut off");
    constexpr std::uint32_t kMagic = 0x377f0682;  // the last bit: checksums of big-endian words
    constexpr std::uint32_t kVersion = 3007000;
    if ((big_endian(header) & ~1U) != kMagic) return "its header is damaged";
    LogChecksum checksum((big_endian(header) & 1U) != 0);
    checksum.add({header, 24});
    if (!checksum.equals(header + 24)) return "its header is damaged";
    if (big_endian(header + 4) != kVersion) return "a newer SQLite wrote it";
    const std::uint32_t page_size = big_endian(header + 8);
    if (!is_page_size(page_size) || page_size != main.page_size) return "its page size is not that of the file";
    std::array<unsigned char, 8> salts{};
    std::memcpy(salts.data(), header + 16, salts.size());

    const std::size_t frame_size = kFrameHeader + page_size;
    bool valid = true;
    std::int64_t at = kLogHeader;
    while (const unsigned char* frame = log.find(at, frame_size)) {
        const bool first_salt = std::memcmp(frame + 8, salts.data(), 4) == 0;
        const bool second_salt = std::memcmp(frame + 12, salts.data() + 4, 4) == 0;
        const bool commits = big_endian(frame + 4) != 0;
        if (valid) {
            valid = first_salt && second_salt && big_endian(frame) != 0;
            if (valid) {
                checksum.add({frame, 8});
                checksum.add({frame + kFrameHeader, page_size});
                valid = checksum.equals(frame + 16);
            }
        }
        // Both salts are made anew whenever the log is used from its beginning again.
        if (!valid && (first_salt != second_salt || (first_salt && commits))) {
            return "frame " + std::to_string((at - kLogHeader) / static_cast<std::int64_t>(frame_size) + 1) +
                   " or one before it is damaged";
        }
        at += static_cast<std::int64_t>(frame_size);
    }
    return log.failure();
}

namespace {

constexpr std::array<unsigned char, 8> kJournalMagic{0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
constexpr std::size_t kJournalHeader = 28;

/// True when the bytes are the pages that a journal header promises, each with its checksum (of every 200th byte).
bool has_page(Reader& journal, std::int64_t at, std::uint32_t page_size, std::uint32_t nonce) {
    const unsigned char* record = journal.find(at, page_size + 8);
    if (record == nullptr || big_endian(record) == 0) return false;
    std::uint32_t sum = nonce;
    for (auto i = static_cast<std::int64_t>(page_size) - 200; i > 0; i -= 200) sum += record[4 + i];
    return sum == big_endian(record + 4 + page_size);
}

}  // namespace

bool is_hot_journal(const std::string& path) {
    struct stat info{};
    if (stat(path.c_str(), &info) != 0 || info.st_size == 0) return false;
    Reader journal(path);
    // A journal that was finished without being removed begins with a zero. What cannot be read may be hot.
    const unsigned char* first = journal.find(0, 1);
    return first == nullptr || *first != 0;
}

Flaw find_flaw_of_journal(const std::string& path, const MainFile& main) {
    Reader journal(path);
    if (auto failure = journal.failure()) return failure;
    const unsigned char* header = journal.find(0, kJournalHeader);
    if (header == nullptr || std::memcmp(header, kJournalMagic.data(), kJournalMagic.size()) != 0) {
        return journal.failure().value_or("its header is damaged");
    }
    const std::uint32_t original_pages = big_endian(header + 16);
    const std::uint32_t sector_size = big_endian(header + 20);
    const std::uint32_t page_size = big_endian(header + 24);
    if (!is_page_size(page_size) || sector_size < 32 || sector_size > 65536 || !std::has_single_bit(sector_size)) {
        return "its header is damaged";
    }
    if (main.size == 0 && original_pages != 0) return "the file itself is empty";
    const auto record_size = static_cast<std::int64_t>(page_size) + 8;
    const unsigned char* end = journal.find(journal.size() - 8, 8);
    if (end != nullptr && std::memcmp(end, kJournalMagic.data(), kJournalMagic.size()) == 0) {
        return "the commit that it belongs to is one of several files";
    }
    // Each header says how many pages behind it were on the disk before the file itself was changed.
    std::int64_t at = 0;
    std::uint64_t number = 0;
    while (at + sector_size <= journal.size()) {
        header = journal.find(at, kJournalHeader);
        if (header == nullptr || std::memcmp(header, kJournalMagic.data(), kJournalMagic.size()) != 0) break;
        const std::uint32_t nonce = big_endian(header + 12);
        std::int64_t promised = big_endian(header + 8);
        at += sector_size;
        if (promised == 0xffffffff) promised = (journal.size() - at) / record_size;  // of a writer that never syncs
        for (std::int64_t i = 0; i < promised; ++i, at += record_size) {
            ++number;
            if (!has_page(journal, at, page_size, nonce)) {
                return journal.failure().value_or("page " + std::to_string(number) + " of it is damaged or cut off");
            }
        }
        at = (at + sector_size - 1) / sector_size * sector_size;
    }
    return journal.failure();
}

std::string advise_to_mend(const std::string& path) {
    const std::string directory = std::filesystem::path(path).parent_path().string();
    const auto open = [](const std::string& file) {
        return "etalon -d " + quoted_for_shell("sqlite:" + file) + " log";
    };
    struct statvfs system{};
    if (statvfs(path.c_str(), &system) == 0 && (system.f_flag & ST_RDONLY) != 0) {
        const std::string copy = std::filesystem::path(path).filename().string();
        return "the file system is read-only; anybody who may read it can run, in a directory of their own: cp " +
               quoted_for_shell(path) + "* . && " + open("./" + copy);
    }
    struct stat file{};
    struct stat folder{};
    if (stat(path.c_str(), &file) != 0 || stat(directory.c_str(), &folder) != 0) return "check the path";
    std::string closed;  // to their owner
    if ((file.st_mode & S_IWUSR) == 0) closed += ' ' + quoted_for_shell(path);
    if ((folder.st_mode & S_IWUSR) == 0) closed += ' ' + quoted_for_shell(directory);
    const std::string command = (closed.empty() ? "" : "chmod u+w" + closed + " && ") + open(path);
    if (file.st_uid == folder.st_uid) {
        return name_of_user(file.st_uid) + ", who owns the file and its directory, must run: " + command;
    }
    return "somebody who may write both the file (of " + name_of_user(file.st_uid) + ") and its directory (of " +
           name_of_user(folder.st_uid) + ") must run: " + command;
}

}  // namespace etalon::backends::sqlite
