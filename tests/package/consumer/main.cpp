// Prints what it gets as `key=value` words on one line per time.
#include <etalon/etalon.h>
#include <cstdio>

#include "my_reco_structs.h"

template <class T>
void print(const etalon::Rows<T>& rows) {
    std::printf("status=%s", std::string(name_of(rows.status())).c_str());
    for (const auto& one : rows.absent()) std::printf(" absent=%s", one.c_str());
    for (const auto& one : rows.truncated()) std::printf(" truncated=%s", one.c_str());
    if (rows.status() != etalon::Status::Found) return;
    for (const T& row : rows) {
        std::printf(" gains=%d gain0=%g last=%g channel=%lld label=%s", static_cast<int>(std::size(row.gain)),
                    double(row.gain[0]), double(row.gain[std::size(row.gain) - 1]), static_cast<long long>(row.channel),
                    row.label);
        if constexpr (requires { row.status; }) std::printf(" status=%d", row.status);
        if constexpr (requires { row.pedestal; }) std::printf(" pedestal=%g", row.pedestal);
    }
}

int main(int argc, char** argv) try {
    auto db = etalon::Database::open(argv[1]);
    for (int i = 2; i < argc; ++i) {
        print(db.fetch<gains>("gains", etalon::parse_time(argv[i])));
        std::printf("\n");
    }
    return 0;
} catch (const etalon::Error& error) {
    std::fprintf(stderr, "my_reco: %s\n", error.what());
    return 3;
}
