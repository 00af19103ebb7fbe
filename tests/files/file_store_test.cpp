#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "etalon/error.h"
#include "etalon/files.h"
#include "support/children.h"
#include "support/temp_directory.h"

using namespace etalon;
namespace fs = std::filesystem;

namespace {

constexpr const char* kObject = "5f0e31bd6a0c4f1f8e8d2b9f3f1c7a60";

/// A folder for files, and what is put beside it.
struct Folder {
    test::TempDirectory temp;
    std::string root = temp.file("root");
    FileStore store{{root}};

    Folder() { fs::create_directory(root); }
    [[nodiscard]] std::string write(const std::string& name, std::string_view content) const {
        const auto path = temp.file(name);
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }
};

std::string digits_of(const File& file) {
    return to_hex(std::as_bytes(std::span(file.sha256)));
}

std::string place_of(const std::string& root, const File& file) {
    const auto digits = digits_of(file);
    return root + "/" + digits.substr(0, 2) + "/" + digits.substr(2);
}

std::string content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Overwrites what may only be read.
void overwrite(const std::string& path, std::string_view content) {
    fs::permissions(path, fs::perms::owner_write, fs::perm_options::add);
    std::ofstream(path, std::ios::binary) << content;
}

/// All regular files and links below a folder, relative to it.
std::set<std::string> all_below(const std::string& root) {
    std::set<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (!entry.is_directory()) found.insert(fs::relative(entry.path(), root).string());
    }
    return found;
}

/// What a call throws; the test fails when it throws nothing.
template <class Call>
Error error_of(const Call& call) {
    try {
        call();
    } catch (const Error& error) {
        return error;
    }
    FAIL("nothing was thrown");
    return {ErrorCode::Internal, {}};
}

std::string random_content(std::size_t size, unsigned seed) {
    std::mt19937_64 random(seed);
    std::string content(size, '\0');
    for (std::size_t i = 0; i + 8 <= size; i += 8) {
        const auto word = random();
        std::memcpy(content.data() + i, &word, 8);
    }
    return content;
}

/// An old time on a file.
void age(const std::string& path, std::chrono::hours hours) {
    fs::last_write_time(path, fs::file_time_type::clock::now() - hours);
}

}  // namespace

TEST_CASE("a file lies under the hash of its content and is read back as it was") {
    Folder folder;
    const auto content = random_content(25'000'000, 1);
    const auto path = folder.write("array", content);
    std::uint64_t last = 0;
    const auto file = folder.store.put(path, [&](std::uint64_t done, std::uint64_t total) {
        CHECK(done >= last);
        CHECK(total == 50'000'000);
        last = done;
    });
    CHECK(last == 50'000'000);
    CHECK(file.size == content.size());
    CHECK(digits_of(file) == to_hex(sha256(as_bytes(content))));
    const auto place = place_of(folder.root, file);
    CHECK(folder.store.find(file) == place);
    CHECK(all_below(folder.root) == std::set<std::string>{fs::relative(place, folder.root).string()});
    const auto bytes = folder.store.read(file);
    CHECK(as_text(bytes) == content);

    const auto opened = folder.store.open(file);
    CHECK(opened.path() == place);
    CHECK(opened.file() == file);
    std::vector<std::byte> piece(1000);
    CHECK(opened.read(12'345'678, piece) == 1000);
    CHECK(as_text(piece) == content.substr(12'345'678, 1000));
    CHECK(opened.read(content.size() - 10, piece) == 10);
    CHECK(opened.read(content.size(), piece) == 0);
    CHECK(opened.read(~std::uint64_t{0}, piece) == 0);
    const auto copy = folder.temp.file("copy");
    opened.copy_to(copy);
    CHECK(content_of(copy) == content);
}

TEST_CASE("a file is examined without being kept") {
    Folder folder;
    const auto path = folder.write("a", "abc");
    const auto file = FileStore::examine(path);
    CHECK(all_below(folder.root).empty());
    CHECK(file == folder.store.put(path));
    CHECK(error_of([&] { (void)FileStore::examine(folder.root); }).code() == ErrorCode::BadInput);
}

TEST_CASE("an empty file is a file, and not null") {
    Folder folder;
    const auto file = folder.store.put(folder.write("empty", ""));
    CHECK(file.size == 0);
    CHECK_FALSE(file.is_null());
    CHECK(digits_of(file) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(folder.store.read(file).empty());
    const auto error = error_of([&] { (void)folder.store.open(File{}, {"ab12", "pixels"}); });
    CHECK(error.code() == ErrorCode::BadInput);
    CHECK(std::string(error.what()).find("member pixels") != std::string::npos);
    CHECK_FALSE(folder.store.find(File{}));
}

TEST_CASE("what is kept is readable as the umask says, and written by nobody") {
    Folder folder;
    const auto before = ::umask(027);
    const auto file = folder.store.put(folder.write("a", "abc"));
    ::umask(before);
    struct stat state{};
    REQUIRE(::stat(place_of(folder.root, file).c_str(), &state) == 0);
    CHECK((state.st_mode & 07777) == 0440);
}

TEST_CASE("the same content from two names is kept once, whoever puts it") {
    Folder folder;
    const auto a = folder.store.put(folder.write("a", "abc"));
    const auto place = place_of(folder.root, a);
    struct stat first{};
    REQUIRE(::stat(place.c_str(), &first) == 0);
    const auto b = folder.store.put(folder.write("b", "abc"));
    const auto c = folder.store.put(as_bytes("abc"));
    CHECK(a == b);
    CHECK(a == c);
    struct stat second{};
    REQUIRE(::stat(place.c_str(), &second) == 0);
    CHECK(first.st_ino == second.st_ino);
    CHECK(first.st_mtim.tv_nsec == second.st_mtim.tv_nsec);
    CHECK(all_below(folder.root).size() == 1);
}

TEST_CASE("writers in many threads put the same and other content at once") {
    Folder folder;
    std::vector<std::string> contents;
    std::vector<std::string> paths;
    for (unsigned i = 0; i < 5; ++i) {
        contents.push_back(random_content(100'000 + i, i));
        paths.push_back(folder.write("source" + std::to_string(i), contents.back()));
    }
    std::vector<std::thread> threads;
    std::vector<std::string> problems(8);
    for (std::size_t t = 0; t < problems.size(); ++t) {
        threads.emplace_back([&, t] {
            try {
                for (std::size_t i = 0; i < 20; ++i) {
                    const auto n = (t + i) % paths.size();
                    if (as_text(folder.store.read(folder.store.put(paths[n]))) != contents[n]) problems[t] = "differs";
                }
            } catch (const std::exception& error) {
                problems[t] = error.what();
            }
        });
    }
    for (auto& thread : threads) thread.join();
    for (const auto& problem : problems) CHECK(problem == "");
    CHECK(all_below(folder.root).size() == 5);
    CHECK(folder.store.check().findings.empty());
}

TEST_CASE("a file that is missing is told with the object, member and hash that need it") {
    Folder folder;
    const auto file = folder.store.put(folder.write("a", "abc"));
    fs::remove(place_of(folder.root, file));
    CHECK_FALSE(folder.store.find(file));
    const auto error = error_of([&] { (void)folder.store.open(file, {kObject, "frames[3]"}); });
    CHECK(error.code() == ErrorCode::Unknown);
    const std::string text = error.what();
    for (const auto& part :
         {std::string("object ") + kObject, std::string("member frames[3]"), format_file(file), folder.root}) {
        CAPTURE(part);
        CHECK(text.find(part) != std::string::npos);
    }
}

TEST_CASE("a file of the same size with other content is an error wherever it is opened, and is never overwritten") {
    Folder folder;
    const auto source = folder.write("a", "abc");
    const auto file = folder.store.put(source);
    const auto place = place_of(folder.root, file);
    overwrite(place, "abX");
    CHECK(folder.store.find(file) == place);  // by its size alone
    for (const auto& error : {error_of([&] { (void)folder.store.open(file, {kObject, "pixels"}); }),
                              error_of([&] { (void)folder.store.read(file, {kObject, "pixels"}); })}) {
        CHECK(error.code() == ErrorCode::Corrupt);
        const std::string text = error.what();
        for (const auto& part :
             {std::string("object ") + kObject, std::string("member pixels"), format_file(file), place}) {
            CAPTURE(part);
            CHECK(text.find(part) != std::string::npos);
        }
    }
    CHECK(error_of([&] { (void)folder.store.open_hash(digits_of(file)); }).code() == ErrorCode::Corrupt);
    CHECK(error_of([&] { (void)folder.store.put(source); }).code() == ErrorCode::Corrupt);
    CHECK(content_of(place) == "abX");
    const auto report = folder.store.check();
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].fault == FileFault::Damaged);
    CHECK(report.findings[0].path == place);
    CHECK(report.files == 0);
}

TEST_CASE("a file of another size is an error, and is not found") {
    Folder folder;
    const auto source = folder.write("a", "abc");
    const auto file = folder.store.put(source);
    const auto place = place_of(folder.root, file);
    overwrite(place, "ab");
    CHECK_FALSE(folder.store.find(file));
    CHECK(error_of([&] { (void)folder.store.open(file); }).code() == ErrorCode::Corrupt);
    const auto error = error_of([&] { (void)folder.store.put(source); });
    CHECK(error.code() == ErrorCode::Corrupt);
    CHECK(error.info().found == "2 bytes");
    CHECK(content_of(place) == "ab");
    // A reference that says another size than the content has is no less wrong.
    overwrite(place, "abc");
    auto other = file;
    other.size = 4;
    CHECK(error_of([&] { (void)folder.store.open(other); }).code() == ErrorCode::Corrupt);
    CHECK(folder.store.open_hash(digits_of(file)).file() == file);
}

TEST_CASE("a change behind an open file is seen by the next read") {
    Folder folder;
    const auto file = folder.store.put(folder.write("a", "abcdef"));
    const auto place = place_of(folder.root, file);
    const auto opened = folder.store.open(file);
    std::vector<std::byte> piece(3);
    CHECK(opened.read(0, piece) == 3);
    // One more name, or another time, is no change of content.
    fs::create_hard_link(place, folder.temp.file("link"));
    age(place, std::chrono::hours(1));
    CHECK(opened.read(0, piece) == 3);
    CHECK(as_text(piece) == "abc");
    overwrite(place, "abcdeX");
    CHECK(error_of([&] { (void)opened.read(0, piece); }).code() == ErrorCode::Corrupt);
    CHECK(error_of([&] { (void)opened.read_all(); }).code() == ErrorCode::Corrupt);
    CHECK(error_of([&] { opened.copy([](auto) {}); }).code() == ErrorCode::Corrupt);
    const auto target = folder.temp.file("copy");
    CHECK(error_of([&] { opened.copy_to(target); }).code() == ErrorCode::Corrupt);
    CHECK_FALSE(fs::exists(target));
    for (const auto& entry : fs::directory_iterator(folder.temp.path())) {
        CHECK(entry.path().string().find(".part-") == std::string::npos);
    }
}

TEST_CASE("a source that changes while it is put is refused") {
    Folder folder;
    const auto path = folder.write("a", std::string(3 << 20, 'a'));
    bool is_changed = false;
    const auto error = error_of([&] {
        (void)folder.store.put(path, [&](std::uint64_t done, std::uint64_t total) {
            if (!is_changed && done == total / 2) {
                is_changed = true;
                std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).write("b", 1);
            }
        });
    });
    CHECK(error.code() == ErrorCode::BadInput);
    CHECK(all_below(folder.root).empty());
}

TEST_CASE("a put that is killed leaves nothing that is taken for content") {
    Folder folder;
    const auto content = random_content(64 << 20, 3);
    const auto path = folder.write("a", content);
    const auto ready = folder.temp.file("ready");
    test::Child child([&] {
        (void)folder.store.put(path, [&](std::uint64_t done, std::uint64_t total) {
            if (done < total * 3 / 4) return;
            std::ofstream(ready) << "x";
            for (;;) ::pause();
        });
    });
    while (!fs::exists(ready)) ::usleep(1000);
    child.kill();
    CHECK(child.was_killed());
    const auto left = all_below(folder.root);
    REQUIRE(left.size() == 1);
    CHECK(left.begin()->substr(2, 7) == "/.part-");
    const auto file = *parse_file("sha256:" + to_hex(sha256(as_bytes(content))) + ":" + std::to_string(content.size()));
    CHECK_FALSE(folder.store.find(file));
    CHECK(error_of([&] { (void)folder.store.open(file); }).code() == ErrorCode::Unknown);

    auto report = folder.store.check({.clean = true});
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].fault == FileFault::HalfWritten);
    CHECK_FALSE(report.findings[0].removable);
    CHECK(all_below(folder.root) == left);

    // The next put works, and leaves the rest alone.
    CHECK(folder.store.put(path) == file);
    CHECK(as_text(folder.store.read(file)) == content);
    CHECK(all_below(folder.root).size() == 2);

    age(folder.root + "/" + *left.begin(), std::chrono::hours(25));
    report = folder.store.check();
    CHECK(report.files == 1);
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].removable);
    report = folder.store.check({.clean = true, .dry_run = true});
    CHECK_FALSE(report.findings.at(0).removed);
    CHECK(all_below(folder.root).size() == 2);
    report = folder.store.check({.clean = true});
    CHECK(report.findings.at(0).removed);
    CHECK(all_below(folder.root).size() == 1);
    CHECK(folder.store.check().findings.empty());
}

TEST_CASE("a full disk is an error that leaves nothing") {
    Folder folder;
    const auto path = folder.write("a", random_content(4 << 20, 5));
    test::Child child([&] {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1 << 20, 1 << 20};
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
        const auto error = error_of([&] { (void)folder.store.put(path); });
        if (error.code() != ErrorCode::Backend) throw std::runtime_error(error.what());
        if (error.info().where.find(folder.root) == std::string::npos) throw std::runtime_error(error.what());
    });
    CHECK(child.succeeded());
    CHECK(all_below(folder.root).empty());
}

TEST_CASE("several folders are searched in order, and the first is written to") {
    Folder folder;
    const auto old_root = folder.temp.file("old");
    fs::create_directory(old_root);
    const auto a = folder.write("a", "abc");
    const auto file = FileStore({old_root}).put(a);
    const FileStore both({folder.root, old_root});
    CHECK(both.find(file) == place_of(old_root, file));
    CHECK(as_text(both.read(file)) == "abc");
    // What another folder has is not kept twice.
    CHECK(both.put(a) == file);
    CHECK(all_below(folder.root).empty());
    const auto other = both.put(folder.write("b", "other"));
    CHECK(both.find(other) == place_of(folder.root, other));
    CHECK(both.check().files == 2);
    // What is damaged there is put into the first one, and read from it.
    overwrite(place_of(old_root, file), "abX");
    CHECK(error_of([&] { (void)both.open(file); }).code() == ErrorCode::Corrupt);
    CHECK(both.put(a) == file);
    CHECK(both.open(file).path() == place_of(folder.root, file));
    // A folder that does not exist is told by whoever looks for something.
    const auto missing = error_of([&] { (void)FileStore({folder.root, folder.temp.file("none")}).open(File{{1}, 3}); });
    CHECK(std::string(missing.what()).find("none (does not exist)") != std::string::npos);
}

TEST_CASE("folders are given by name, and never made") {
    Folder folder;
    CHECK(FileStore::parse_roots("a:/b/c") == std::vector<std::string>{"a", "/b/c"});
    for (const char* bad : {"", ":", "a:", ":a", "a::b", "a:b:a"}) {
        CAPTURE(bad);
        CHECK(error_of([&] { (void)FileStore::parse_roots(bad); }).code() == ErrorCode::Usage);
    }
    const auto source = folder.write("a", "abc");
    CHECK(error_of([&] { (void)FileStore().put(source); }).code() == ErrorCode::Usage);
    CHECK(error_of([&] { (void)FileStore().open(File{{1}, 3}); }).code() == ErrorCode::Usage);
    CHECK(error_of([&] { (void)FileStore().check(); }).code() == ErrorCode::Usage);
    const FileStore nowhere({folder.temp.file("none")});
    CHECK(error_of([&] { (void)nowhere.put(source); }).code() == ErrorCode::Unknown);
    CHECK(error_of([&] { (void)nowhere.check(); }).code() == ErrorCode::Unknown);
    CHECK_FALSE(fs::exists(folder.temp.file("none")));
    const FileStore file({source});
    CHECK(error_of([&] { (void)file.put(source); }).code() == ErrorCode::Usage);
    CHECK(error_of([&] { (void)file.find(File{{1}, 3}); }).code() == ErrorCode::Usage);
}

TEST_CASE("a folder that may not be written to is an error that says so") {
    Folder folder;
    const auto source = folder.write("a", "abc");
    fs::permissions(folder.root, fs::perms::owner_read | fs::perms::owner_exec);
    fs::permissions(folder.temp.path(), fs::perms::all);
    test::Child child([&] {
        // Nobody: root may write everywhere.
        if (::getuid() == 0 && ::setuid(65534) != 0) throw std::runtime_error("cannot become nobody");
        const auto error = error_of([&] { (void)folder.store.put(source); });
        const auto expected = ::access(folder.root.c_str(), R_OK) == 0 ? ErrorCode::ReadOnly : ErrorCode::Backend;
        if (error.code() != expected) throw std::runtime_error(error.what());
    });
    CHECK(child.succeeded());
    fs::permissions(folder.root, fs::perms::owner_all);
}

TEST_CASE("no path leads outside of the folders") {
    Folder folder;
    const auto source = folder.write("a", "abc");
    const auto outside = folder.temp.file("outside");
    fs::create_directory(outside);
    const auto file = FileStore({outside}).put(source);
    const auto digits = digits_of(file);

    SUBCASE("through a subfolder that is a link") {
        fs::create_directory_symlink(outside + "/" + digits.substr(0, 2), folder.root + "/" + digits.substr(0, 2));
        CHECK_FALSE(folder.store.find(file));
        CHECK(error_of([&] { (void)folder.store.open(file); }).code() == ErrorCode::Corrupt);
        CHECK(error_of([&] { (void)folder.store.put(source); }).code() == ErrorCode::Refused);
        const auto report = folder.store.check();
        REQUIRE(report.findings.size() == 1);
        CHECK(report.findings[0].fault == FileFault::Foreign);
        CHECK(report.files == 0);
    }
    SUBCASE("through a link in the place of content") {
        fs::create_directory(folder.root + "/" + digits.substr(0, 2));
        fs::create_symlink(place_of(outside, file), place_of(folder.root, file));
        CHECK_FALSE(folder.store.find(file));
        CHECK(error_of([&] { (void)folder.store.open(file); }).code() == ErrorCode::Corrupt);
        CHECK(error_of([&] { (void)folder.store.put(source); }).code() == ErrorCode::Corrupt);
        CHECK(folder.store.check().findings.at(0).fault == FileFault::Foreign);
    }
    SUBCASE("when a folder, a pipe or a file lies in the place") {
        fs::create_directory(folder.root + "/" + digits.substr(0, 2));
        SUBCASE("folder") {
            fs::create_directory(place_of(folder.root, file));
        }
        SUBCASE("pipe") {
            REQUIRE(::mkfifo(place_of(folder.root, file).c_str(), 0666) == 0);
        }
        CHECK_FALSE(folder.store.find(file));
        CHECK(error_of([&] { (void)folder.store.open(file); }).code() == ErrorCode::Corrupt);
        CHECK(error_of([&] { (void)folder.store.put(source); }).code() == ErrorCode::Corrupt);
        CHECK(folder.store.check().findings.at(0).fault == FileFault::Foreign);
    }
    SUBCASE("when a file lies in the place of a subfolder") {
        std::ofstream(folder.root + "/" + digits.substr(0, 2)) << "x";
        CHECK_FALSE(folder.store.find(file));
        CHECK(error_of([&] { (void)folder.store.open(file); }).code() == ErrorCode::Corrupt);
        CHECK(error_of([&] { (void)folder.store.put(source); }).code() == ErrorCode::Refused);
        CHECK(folder.store.check().findings.at(0).fault == FileFault::Foreign);
    }
    CHECK(content_of(place_of(outside, file)) == "abc");
    CHECK(all_below(outside).size() == 1);
}

TEST_CASE("only regular files are put, and names mean nothing") {
    Folder folder;
    const auto pipe = folder.temp.file("pipe");
    REQUIRE(::mkfifo(pipe.c_str(), 0666) == 0);
    for (const auto& bad : {pipe, folder.root, std::string("/dev/zero"), folder.temp.file("none"), std::string()}) {
        CAPTURE(bad);
        CHECK(error_of([&] { (void)folder.store.put(bad); }).code() == ErrorCode::BadInput);
    }
    CHECK(all_below(folder.root).empty());
    const auto file = folder.store.put(as_bytes("abc"));
    for (const char* name : {" ", "..x", "-rf", "a\nb", "\xff\xfe", "$(x)", "a:b", "*"}) {
        CAPTURE(name);
        CHECK(folder.store.put(folder.write(name, "abc")) == file);
    }
    fs::create_symlink(folder.temp.file("*"), folder.temp.file("link"));
    CHECK(folder.store.put(folder.temp.file("link")) == file);
    CHECK(all_below(folder.root).size() == 1);
    for (const char* bad : {"", "ab", "../../../../etc/passwd", "zz",
                            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85/"}) {
        CAPTURE(bad);
        CHECK(error_of([&] { (void)folder.store.open_hash(bad); }).code() == ErrorCode::BadInput);
    }
}

TEST_CASE("a copy replaces a regular file only") {
    Folder folder;
    const auto opened = folder.store.open(folder.store.put(as_bytes("abc")));
    const auto target = folder.write("target", "before");
    opened.copy_to(target);
    CHECK(content_of(target) == "abc");
    const auto link = folder.temp.file("link");
    fs::create_symlink(target, link);
    for (const auto& bad : {link, folder.root, std::string("/dev/null")}) {
        CAPTURE(bad);
        CHECK(error_of([&] { opened.copy_to(bad); }).code() == ErrorCode::Refused);
    }
    CHECK(error_of([&] { opened.copy_to(folder.temp.file("none/x")); }).code() == ErrorCode::Backend);
}

TEST_CASE("a check tells what is there, what is not, and what nothing refers to") {
    Folder folder;
    const auto good = folder.store.put(as_bytes("good"));
    const auto gone = folder.store.put(as_bytes("gone"));
    const auto bad = folder.store.put(as_bytes("bad"));
    const auto extra = folder.store.put(as_bytes("extra"));
    fs::remove(place_of(folder.root, gone));
    overwrite(place_of(folder.root, bad), "BAD");
    std::ofstream(folder.root + "/README") << "nobody's business";
    std::ofstream(fs::path(place_of(folder.root, good)).parent_path() / "other") << "x";
    auto longer = good;
    longer.size = 5;
    FileCheckOptions options;
    options.references = {
        {good, {"1", "a"}}, {gone, {"2", "b"}}, {bad, {"3", "c"}}, {File{}, {"4", "d"}}, {longer, {"5", "e"}}};
    std::uint64_t calls = 0;
    const auto report = folder.store.check(options, [&](std::uint64_t done, std::uint64_t total) {
        CHECK(done <= total);
        ++calls;
    });
    CHECK(calls > 0);
    CHECK(report.files == 2);
    CHECK(report.bytes == 9);
    std::vector<std::string> told;
    for (const auto& finding : report.findings) {
        told.push_back(std::string(name_of(finding.fault)) + " " + finding.use.object + finding.use.member);
    }
    std::sort(told.begin(), told.end());
    CHECK(told ==
          std::vector<std::string>{"damaged ", "foreign ", "missing 2b", "missing 3c", "missing 5e", "unreferred "});
    for (const auto& finding : report.findings) {
        if (finding.fault == FileFault::Unreferred) CHECK(finding.path == place_of(folder.root, extra));
        if (finding.use.object == "2") CHECK(finding.found == "nothing");
        if (finding.use.object == "3") CHECK(finding.found.find(place_of(folder.root, bad)) != std::string::npos);
        if (finding.use.object == "5") CHECK(finding.found == "4 bytes of that hash");
    }
    // By names and sizes alone, the damaged one is as large as it was.
    options.content = false;
    const auto quick = folder.store.check(options);
    CHECK(quick.files == 3);
    told.clear();
    for (const auto& finding : quick.findings) {
        told.push_back(std::string(name_of(finding.fault)) + " " + finding.use.object + finding.use.member);
    }
    std::sort(told.begin(), told.end());
    CHECK(told == std::vector<std::string>{"foreign ", "missing 2b", "missing 5e", "unreferred "});
}

TEST_CASE("stored files of random sizes come back, from one folder or from several") {
    Folder folder;
    std::mt19937_64 random(20);
    for (int i = 0; i < 50; ++i) {
        const auto content = random_content(random() % (i < 45 ? 3000 : 3'000'000), static_cast<unsigned>(i));
        const auto file = folder.store.put(as_bytes(content));
        CHECK(as_text(folder.store.read(file)) == content);
        CHECK(folder.store.open_hash(digits_of(file)).file() == file);
    }
    CHECK(folder.store.check().findings.empty());
}
