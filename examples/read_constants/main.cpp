/// A job that reads constants: asks once, then follows the time of its events.
///
///     read_constants sqlite:Calibrations_tpc.db 2019-06-09T13:20:47Z 2019-06-09T13:20:48Z ...

#include <cstdio>
#include <span>

#include "etalon/etalon.h"
#include "tpcElectronics.traits.h"

namespace {

void use(const tpcElectronics& row) {
    std::printf("  %d time bins, %g MHz, shaping time %g ns\n", row.numberOfTimeBins, row.samplingFrequency,
                row.shapingTime);
}

void print(const etalon::Rows<tpcElectronics>& rows) {
    const auto& validity = rows.validity();
    std::printf("  %s, valid from %s until %s\n", std::string(name_of(rows.status())).c_str(),
                etalon::format_time({validity.begin}).c_str(),
                validity.end ? etalon::format_time({*validity.end}).c_str() : "superseded");
    if (!rows) return;
    for (const auto& element : rows.absent()) std::printf("  not stored: %s\n", element.c_str());
    for (const tpcElectronics& row : rows) use(row);
}

int run(const char* url, std::span<char* const> times) {
    auto db = etalon::Database::open(url);
    auto rows = db.fetch<tpcElectronics>("tpcElectronics", etalon::parse_time(times[0]));
    std::printf("%s\n", times[0]);
    print(rows);
    for (const char* time : times.subspan(1)) {
        // Inside the interval of the last answer no statement is sent.
        const bool changed = rows.refresh(etalon::parse_time(time));
        std::printf("%s: %s\n", time, changed ? "other values" : "the same values");
        if (changed) print(rows);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: read_constants URL TIME...\n");
        return 2;
    }
    try {
        return run(argv[1], std::span(argv + 2, static_cast<std::size_t>(argc - 2)));
    } catch (const etalon::Error& error) {
        std::fprintf(stderr, "read_constants: %s\n", error.what());
        return 3;
    }
}
