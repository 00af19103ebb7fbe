#pragma once
/// Where a test stores: every engine with every storage.

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "etalon/database.h"
#include "support/postgres.h"
#include "support/temp_directory.h"

namespace etalon::test {

struct StoragePlace {
    std::string engine;
    std::string url;
    Storage storage = Storage::Columns;

    [[nodiscard]] std::string text() const { return engine + ", " + std::string(name_of(storage)); }
};

/// A fresh place for each storage on SQLite, and on PostgreSQL when a test server is there.
inline std::vector<StoragePlace> fresh_places(const TempDirectory& directory) {
    std::vector<StoragePlace> places;
    for (const auto storage : {Storage::Columns, Storage::Bytes}) {
        const std::string file = std::string(name_of(storage)) + ".db";
        places.push_back({"SQLite", "sqlite:" + directory.file(file), storage});
    }
    for (const auto storage : {Storage::Columns, Storage::Bytes}) {
        if (auto url = find_fresh_postgres_place()) places.push_back({"PostgreSQL", *url, storage});
    }
    return places;
}

/// Another seed each run; ETALON_TEST_SEED repeats one.
inline std::uint64_t choose_seed() {
    const char* text = std::getenv("ETALON_TEST_SEED");
    return text != nullptr && *text != '\0' ? std::stoull(text) : std::random_device{}();
}

}  // namespace etalon::test
