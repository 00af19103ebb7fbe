// etalon_fetch_memory URL [NAME TIME]: a program that opens a database and fetches one answer, for
// benchmarks/scaling.py, which looks at its memory from outside. Asks for the recorded layout, as a generated header
// does.

#include <cstdio>
#include <exception>

#include "etalon/database.h"

int main(int argc, char** argv) {
    if (argc != 2 && argc != 4) {
        std::fputs("usage: etalon_fetch_memory URL [NAME TIME]\n", stderr);
        return 2;
    }
    try {
        auto database = etalon::Database::open(argv[1]);
        if (argc == 2) return 0;
        const auto name = database.find_name(argv[2]);
        if (!name) {
            std::fprintf(stderr, "etalon_fetch_memory: no reference %s\n", argv[2]);
            return 1;
        }
        const auto layout = database.get_definition(name->struct_name);
        const auto answer = database.fetch_rows(argv[2], etalon::parse_time(argv[3]), {}, layout);
        // Every page is looked at, as whoever uses the rows does.
        unsigned sum = 0;
        const auto size = answer->num_rows * (answer->layout ? answer->layout->size : 0);
        for (std::size_t at = 0; at < size; at += 512) sum += static_cast<unsigned>(answer->data.get()[at]);
        std::printf("%zu rows, %u\n", answer->num_rows, sum);
        return answer->status == etalon::Status::Found ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "etalon_fetch_memory: error: %s\n", error.what());
        return 3;
    }
}
