// What is stored is damaged on purpose: every way of reading gives the same answer as before, or an Error.
//
// A sample of damages, by a fixed seed, is done in each run; ETALON_DAMAGE_ALL=1 does every cell and row (hours),
// ETALON_DAMAGE_SEED=N takes another sample, ETALON_DAMAGE_ONLY=TEXT those whose description begins so. A report of
// every difference goes to the file ETALON_DAMAGE_REPORT. Formats before 2 prove too little: they are damaged only with
// ETALON_DAMAGE_FORCE=1, to see that this test sees.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <iterator>

#include "backends/each_engine.h"
#include "damage/campaign.h"
#include "damage/damages.h"
#include "damage/history.h"
#include "damage/postgres_medium.h"
#include "damage/sqlite_medium.h"
#include "support/postgres.h"
#include "support/temp_directory.h"

using namespace etalon;
using namespace etalon::damage;

namespace {

constexpr const char* kSchema = "main";

/// False (and a line that says so) when the format of a place does not promise enough to be damaged.
bool is_proved(const std::string& url) {
    const auto connection = backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Existing);
    const auto major = test::ask(*connection, R"(SELECT max("major") FROM "storeFormat")");
    if (major >= 2 || is_set("ETALON_DAMAGE_FORCE")) return true;
    MESSAGE("SKIPPED: format ", major, " does not prove what is read; ETALON_DAMAGE_FORCE=1 damages it all the same");
    return false;
}

std::uint64_t seed() {
    const char* given = std::getenv("ETALON_DAMAGE_SEED");
    return given != nullptr && *given != '\0' ? std::stoull(given) : 20261203;
}

/// Asks what is right, damages, reports.
void damage_all(Campaign& campaign, const std::string& url, const std::string& engine) {
    const Places places{url, campaign.second};
    campaign.everything = is_set("ETALON_DAMAGE_ALL");
    campaign.questions = make_questions(places);
    campaign.right = ask_twice(places, campaign.questions);
    std::size_t errors = 0;
    for (const auto& got : campaign.right) errors += got.is_error ? 1 : 0;
    CHECK(errors < campaign.right.size() / 8);
    if (const auto findings = count_findings(url)) CHECK(*findings == 0);
    keep_wanted(campaign.damages);
    REQUIRE_FALSE(campaign.damages.empty());
    const auto begun = std::chrono::steady_clock::now();
    const auto outcomes = run(campaign);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    report(campaign, outcomes, engine + ", seed " + std::to_string(seed()), took.count());
}

void append(std::vector<Damage>& to, std::vector<Damage> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

TEST_CASE("an SQLite file that is damaged answers as before or with an error") {
    const test::TempDirectory directory;
    const auto path = directory.file("original.db");
    Campaign campaign;
    campaign.folder = directory.path();
    campaign.second = "sqlite:" + directory.file("second.db") + "#main";
    fill_second(campaign.second);
    fill_main("sqlite:" + path + "#main", campaign.second);
    if (!is_proved("sqlite:" + path)) return;
    const auto stored = std::make_shared<const SqliteStored>(read_sqlite(path));
    Amount amount;
    if (is_set("ETALON_DAMAGE_ALL")) amount = {0, 0, 20'000, 1'000'000, 200, true};
    append(campaign.damages, choose_rows(stored->tables, amount, seed()));
    append(campaign.damages, choose_index_entries(stored->tables, stored->indexes, amount, seed() + 1));
    append(campaign.damages, choose_file(stored->file_size, stored->page_size, amount, seed() + 2));
    campaign.make_medium = [&](std::size_t worker) {
        return make_sqlite_medium(path, directory.file("worker_" + std::to_string(worker) + ".db"), stored);
    };
    damage_all(campaign, "sqlite:" + path + "#main", "SQLite");
}

TEST_CASE("a PostgreSQL schema that is damaged answers as before or with an error") {
    const auto server = test::find_postgres();
    if (!server) return;
    const test::TempDirectory directory;
    Campaign campaign;
    campaign.folder = directory.path();
    campaign.second = "sqlite:" + directory.file("second.db") + "#main";
    fill_second(campaign.second);
    const OwnDatabase original(*server);
    const auto url = original.url(kSchema);
    fill_main(url, campaign.second);
    if (!is_proved(url)) return;
    Amount amount;
    amount.rows = 2;
    if (is_set("ETALON_DAMAGE_ALL")) amount.everything = true;
    const auto stored = read_postgres(url);
    append(campaign.damages, choose_rows(stored.tables, amount, seed()));
    append(campaign.damages, choose_index_entries(stored.tables, stored.indexes, amount, seed() + 1));
    campaign.make_medium = [&](std::size_t) { return make_postgres_medium(*server, original.name(), kSchema); };
    damage_all(campaign, url, "PostgreSQL");
}
