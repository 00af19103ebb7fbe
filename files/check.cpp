// Whether the folders hold what they have to.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <utility>

#include "base/bytes.h"
#include "etalon/files.h"
#include "files/layout.h"

namespace etalon {

std::string_view name_of(FileFault fault) noexcept {
    switch (fault) {
        case FileFault::Damaged:
            return "damaged";
        case FileFault::HalfWritten:
            return "half-written";
        case FileFault::Foreign:
            return "foreign";
        case FileFault::Unreadable:
            return "unreadable";
        case FileFault::Missing:
            return "missing";
        case FileFault::Unreferred:
            return "unreferred";
    }
    return "unknown";
}

namespace files {
namespace {

using Hash = std::array<unsigned char, 32>;

Hash hash_of(const File& file) noexcept {
    Hash hash;
    std::memcpy(hash.data(), file.sha256, hash.size());
    return hash;
}

std::int64_t now_ns() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

/// One walk over all folders.
class Walk {
public:
    Walk(const FileCheckOptions& options, const Progress& progress)
        : options_(options), progress_(progress), now_ns_(options.now ? options.now->ns : now_ns()) {
        if (!options.references) return;
        for (const auto& reference : *options.references) {
            if (!reference.file.is_null()) wanted_[hash_of(reference.file)];
        }
    }

    void visit(const std::vector<std::string>& roots) {
        std::vector<std::vector<std::string>> names;
        for (const auto& root : roots) {
            const auto folder = open_root(root);
            if (!folder.is_open()) {
                throw Error(ErrorCode::Unknown, {"the folder for files does not exist", root, "a folder", "nothing",
                                                 "mount what it is on, or name another with --files"});
            }
            auto here = names_in(folder, root);
            // What else lies beside the folders with content is nobody's business.
            std::erase_if(here, [](const std::string& name) { return !is_subfolder_name(name); });
            total_ += here.size();
            names.push_back(std::move(here));
        }
        for (std::size_t i = 0; i < roots.size(); ++i) {
            const auto folder = open_root(roots[i]);
            for (const auto& name : names[i]) {
                visit_subfolder(folder, name, roots[i] + (roots[i].ends_with('/') ? "" : "/") + name);
                if (progress_) progress_(++done_, total_);
            }
        }
        if (options_.references) find_missing(*options_.references);
    }

    FileCheckReport report;

private:
    /// What is known of a file that is referred to.
    struct Known {
        std::vector<std::uint64_t> sizes;  ///< of content that is right
        std::string damaged;               ///< where something else lies
    };

    FileFinding& add(FileFault fault, const std::string& path, std::string what) {
        report.findings.push_back({fault, path, std::move(what)});
        return report.findings.back();
    }

    void visit_subfolder(const Descriptor& root, const std::string& name, const std::string& path) {
        try {
            const auto found = open_subfolder(root, name, path);
            if (found.is_absent()) return;
            if (!found.opened.is_open()) {
                auto& finding = add(FileFault::Foreign, path, "this is no folder of content");
                finding.expected = "a folder";
                finding.found = found.problem;
                finding.advice = "move it away: nothing is read or written through it";
                return;
            }
            for (const auto& one : names_in(found.opened, path)) visit_file(found.opened, name, one, path + "/" + one);
        } catch (const Error& error) {
            add_unreadable(error, path);
        }
    }

    void add_unreadable(const Error& error, const std::string& path) {
        auto& finding = add(FileFault::Unreadable, path, error.info().what);
        finding.found = error.info().found;
        finding.advice = "its content was not checked";
    }

    void visit_file(const Descriptor& subfolder, const std::string& folder_name, const std::string& name,
                    const std::string& path) {
        if (name.starts_with(kPartPrefix)) {
            visit_part(subfolder, name, path);
            return;
        }
        try {
            auto found = open_content(subfolder, name, path);
            if (found.is_absent()) return;  // removed meanwhile
            const bool is_content = is_content_name(name);
            if (!is_content || !found.opened.is_open()) {
                auto& finding = add(FileFault::Foreign, path, "no put makes this");
                finding.expected = is_content ? "a regular file" : "62 hexadecimal digits";
                finding.found = is_content ? found.problem : name;
                finding.advice = "move it away";
                if (is_content) note_damaged(folder_name + name, path);
                return;
            }
            visit_content(found.opened, folder_name + name, path);
        } catch (const Error& error) {
            add_unreadable(error, path);
        }
    }

    void visit_content(const Descriptor& file, const std::string& digits, const std::string& path) {
        File content{};
        if (options_.content) {
            content = read_through(file, path, [](std::span<const std::byte>) {});
        } else {
            const auto named = parse_file("sha256:" + digits + ":" + std::to_string(state_of(file, path).size));
            content = named.value();
        }
        const auto found = to_hex(std::as_bytes(std::span(content.sha256)));
        if (found != digits) {
            auto& finding = add(FileFault::Damaged, path, "the content is not what was stored");
            finding.expected = "sha256:" + digits;
            finding.found = format_file(content);
            finding.advice = "move it away and put the file again from another copy";
            note_damaged(digits, path);
            return;
        }
        ++report.files;
        report.bytes += content.size;
        if (!options_.references) return;
        const auto known = wanted_.find(hash_of(content));
        if (known != wanted_.end()) {
            known->second.sizes.push_back(content.size);
            return;
        }
        auto& finding = add(FileFault::Unreferred, path, "nothing refers to it");
        finding.found = format_file(content);
        finding.advice = "keep it when another database refers to it";
    }

    void note_damaged(const std::string& digits, const std::string& path) {
        const auto file = parse_file("sha256:" + digits + ":0");
        if (!file) return;
        const auto known = wanted_.find(hash_of(*file));
        if (known != wanted_.end()) known->second.damaged = path;
    }

    /// What a put that was stopped left, or writes now.
    void visit_part(const Descriptor& subfolder, const std::string& name, const std::string& path) {
        struct stat state{};
        if (::fstatat(subfolder.get(), name.c_str(), &state, AT_SYMLINK_NOFOLLOW) != 0) return;  // done meanwhile
        constexpr std::int64_t kSecond = 1'000'000'000;
        const auto limit = std::chrono::duration_cast<std::chrono::nanoseconds>(options_.left_since).count();
        const auto age = now_ns_ - (static_cast<std::int64_t>(state.st_mtim.tv_sec) * kSecond + state.st_mtim.tv_nsec);
        auto& finding = add(FileFault::HalfWritten, path, "a put was stopped, or is at it now");
        finding.found = std::to_string(state.st_size) + " bytes";
        finding.removable = S_ISREG(state.st_mode) && age > limit;
        finding.advice = finding.removable
                             ? "etalon file check --clean removes it"
                             : "etalon file check --clean removes it when it has not been written to for a day";
        if (!options_.clean || options_.dry_run || !finding.removable) return;
        if (::unlinkat(subfolder.get(), name.c_str(), 0) == 0 || errno == ENOENT) {
            finding.removed = true;
            finding.advice.clear();
            return;
        }
        finding.advice = std::string("it cannot be removed: ") + std::strerror(errno);
    }

    void find_missing(const std::vector<FileReference>& references) {
        for (const auto& reference : references) {
            if (reference.file.is_null()) continue;
            const auto& known = wanted_.at(hash_of(reference.file));
            const auto& sizes = known.sizes;
            if (std::find(sizes.begin(), sizes.end(), reference.file.size) != sizes.end()) continue;
            auto& finding = add(FileFault::Missing, {}, "a file that is referred to is not there");
            finding.use = reference.use;
            finding.expected = format_file(reference.file);
            finding.found = !sizes.empty()          ? std::to_string(sizes.front()) + " bytes of that hash"
                            : known.damaged.empty() ? std::string("nothing")
                                                    : "other content in " + known.damaged;
            finding.advice = "put the file again from another copy";
        }
    }

    const FileCheckOptions& options_;
    const Progress& progress_;
    std::int64_t now_ns_;
    std::uint64_t done_ = 0;
    std::uint64_t total_ = 0;
    std::map<Hash, Known> wanted_;
};

}  // namespace
}  // namespace files

FileCheckReport FileStore::check(const FileCheckOptions& options, const Progress& progress) const {
    require_roots();
    files::Walk walk(options, progress);
    walk.visit(roots_);
    return std::move(walk.report);
}

}  // namespace etalon
