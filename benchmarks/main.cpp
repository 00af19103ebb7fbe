// etalon_bench: what Etalon costs beside the same work against the engine's C API, in the same run. Results are
// compared before they are timed.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "benchmarks/measures.h"

namespace etalon::bench {

void give_up(const std::string& what) {
    std::fprintf(stderr, "etalon_bench: %s\n", what.c_str());
    std::exit(3);
}

std::string column_list(const StructDefinition& of_struct, const std::string& prefix) {
    std::string list;
    for (const auto& element : of_struct.elements) {
        list += (list.empty() ? "" : ", ") + prefix + '"' + element.path + '"';
    }
    return list;
}

namespace {

using Measure = void (*)(Places&, const Size&, Table&);
const std::vector<std::pair<std::string, Measure>> kMeasures{
    {"point", measure_points},     {"refresh", measure_refresh}, {"tree", measure_tree},
    {"bulk", measure_bulk},        {"writers", measure_writers}, {"analyze", measure_analyze},
    {"probe", measure_probe},      {"whole", measure_whole},     {"growth", measure_growth},
    {"sizes", measure_sizes},      {"proof", measure_proof},     {"parallel", measure_parallel},
    {"diff", measure_differences}, {"fields", measure_fields},   {"objects", measure_objects}};

int run(int argc, char** argv) {
    CLI::App app("Etalon beside the same work against the engine's C API");
    bool quick = false;
    bool require = false;
    bool growth = false;
    std::vector<std::string> only;
    std::vector<std::string> engines;
    std::vector<std::size_t> points;
    std::size_t pairs = 0;
    std::size_t images = 0;
    double turn = 0;
    app.add_flag("--quick", quick, "little data, one pair: checks that everything runs and that the answers are equal");
    app.add_flag("--require", require, "exit with 1 when a target is missed");
    app.add_flag("--growth", growth, "growth also to 10,000,000 records, which takes long");
    std::vector<std::string> kinds;
    std::string listed;
    for (const auto& [kind, measure] : kMeasures) {
        kinds.push_back(kind);
        listed += kind + ", ";
    }
    kinds.emplace_back("convert");
    app.add_option("--only", only, listed + "convert")->check(CLI::IsMember(kinds));
    app.add_option("--engine", engines, "sqlite, postgres")
        ->check(CLI::IsMember(std::vector<std::string>{"sqlite", "postgres"}));
    app.add_option("--points", points, "numbers of intervals of the point reads (1000 1000000)");
    std::size_t sessions = 0;
    app.add_option("--images", images, "images with references (20000)");
    app.add_option("--sessions", sessions, "the same by sessions, of 205 or 206 images; 2891 have all 594506");
    app.add_option("--pairs", pairs, "measured pairs of turns");
    app.add_option("--turn", turn,
                   "how long the shorter turn takes at least, in microseconds (1000): others disturb short ones less");
    CLI11_PARSE(app, argc, argv);
    const bool layouts_only = only.size() == 1 && only.front() == "convert";
    Size size = quick ? make_quick_size() : Size{};
    if (!points.empty()) size.points = points;
    if (pairs != 0) size.pairs = pairs;
    if (images != 0) size.object_rows = images;
    if (sessions != 0) size.object_rows = images_of_sessions(sessions);
    if (turn > 0) size.turn = turn * 1e-6;
    if (growth) size.growth.push_back(10'000'000);
    const auto asked = [](const std::vector<std::string>& list, const std::string& one) {
        return list.empty() || std::find(list.begin(), list.end(), one) != list.end();
    };
    std::vector<std::unique_ptr<Places>> all;
    if (!layouts_only && asked(engines, "sqlite")) all.push_back(make_sqlite_places());
    if (!layouts_only && asked(engines, "postgres")) {
        if (auto postgres = find_postgres_places()) {
            all.push_back(std::move(postgres));
        } else {
            std::fputs(
                "SKIPPED: PostgreSQL, because ETALON_TEST_POSTGRES is not set; run scripts/with_postgres COMMAND\n",
                stderr);
        }
    }
    Table table(!quick);
    table.head();
    for (auto& places : all) {
        for (const auto& [kind, measure] : kMeasures) {
            if (asked(only, kind)) measure(*places, size, table);
        }
    }
    if (asked(only, "convert")) measure_layouts(size, table);
    return require && table.missed() ? 1 : 0;
}

}  // namespace
}  // namespace etalon::bench

int main(int argc, char** argv) {
    try {
        return etalon::bench::run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "etalon_bench: error: %s\n", error.what());
        return 3;
    }
}
