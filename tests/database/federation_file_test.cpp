#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "etalon/federation.h"

using namespace etalon;

namespace {

/// A fresh folder, removed at the end.
class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "etalon_federation_XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name) << text;
        return (path_ / name).string();
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

std::string failure(const std::string& path, ErrorCode code = ErrorCode::BadInput) {
    try {
        (void)Federation::from_file(path);
    } catch (const Error& error) {
        CHECK(error.code() == code);
        return error.what();
    }
    return "no error";
}

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a federation file names databases, whose files lie beside it and are made by init") {
    const Folder folder;
    const auto file = folder.file(
        "f.toml", "[databases.Geometry_sst]\nurl = \"sqlite:sub.db\"\n[databases.A]\nurl = \"sqlite:a.db#Inner\"\n");
    OpenOptions create;
    create.create = true;
    auto federation = Federation::from_file(file, create);
    CHECK(federation.names() == std::vector<std::string>{"A", "Geometry_sst"});
    CHECK(federation.has("A"));
    CHECK_FALSE(federation.has("a"));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "sub.db"));  // opened when first needed
    CHECK(federation.get("Geometry_sst").name() == "Geometry_sst");
    CHECK(federation.get("A").name() == "Inner");
    CHECK(std::filesystem::exists(folder.path() / "sub.db"));
    CHECK(&federation.get("A") == &federation.get("A"));

    // Read again without creating: the files are found from elsewhere.
    auto again = Federation::from_file(file);
    CHECK(again.get("Geometry_sst").name() == "Geometry_sst");
}

TEST_CASE("an unknown database of a federation is an error that lists the known ones") {
    const Folder folder;
    auto federation =
        Federation::from_file(folder.file("f.toml", "[databases.Calibrations_tpc]\nurl = \"sqlite:t.db\"\n"));
    try {
        (void)federation.get("Calibration_tpc");
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::Unknown);
        CHECK(says(error.what(), "did you mean 'Calibrations_tpc'?"));
    }
}

TEST_CASE("a federation file that cannot be used is an error with its place") {
    const Folder folder;
    CHECK(says(failure((folder.path() / "none.toml").string()), "none.toml"));
    CHECK(says(failure(folder.file("a.toml", "x = [")), "a.toml:1"));
    CHECK(says(failure(folder.file("b.toml", "")), "no database"));
    const auto misspelt = failure(folder.file("c.toml", "[database.A]\nurl = \"sqlite:a.db\"\n"));
    CHECK(says(misspelt, "did you mean 'databases'?"));
    CHECK(says(misspelt, "c.toml:1"));
    const auto key = failure(folder.file("d.toml", "[databases.A]\nurl = \"sqlite:a.db\"\nulr = 3\n"));
    CHECK(says(key, "d.toml:3"));
    CHECK(says(key, "did you mean 'url'?"));
    CHECK(says(failure(folder.file("e.toml", "[databases.A]\n")), "no url"));
    CHECK(says(failure(folder.file("f.toml", "[databases.A]\nurl = 3\n")), "f.toml:2"));
    CHECK(says(failure(folder.file("g.toml", "databases = 3\n")), "g.toml"));
    CHECK(says(failure(folder.file("h.toml", "[databases]\nA = \"sqlite:a.db\"\n")), "h.toml:2"));
    CHECK(says(failure(folder.file("i.toml", "[databases.A]\nurl = \"mysql:a\"\n")), "i.toml:2"));
}

TEST_CASE("two databases of one name are refused") {
    const Folder folder;
    std::filesystem::create_directory(folder.path() / "other");
    OpenOptions create;
    create.create = true;
    Federation federation;
    federation.add("sqlite:" + (folder.path() / "a.db").string(), create);
    CHECK(federation.has("a"));
    try {
        federation.add("sqlite:" + (folder.path() / "other/a.db").string(), create);
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::Usage);
    }
    federation.add("sqlite:" + (folder.path() / "other/a.db").string(), create, "b");
    CHECK(federation.names() == std::vector<std::string>{"a", "b"});
}
