#include "benchmarks/measures.h"

#include <fmt/format.h>

#include <cstring>
#include <map>

namespace etalon::bench {

volatile float sink = 0;

Size make_quick_size() {
    Size size;
    size.points = {100};
    size.nodes = 10;
    size.intervals = 5;
    size.types = 10;
    size.type_intervals = 5;
    size.bulk = 50;
    size.analyze_points = 200;
    size.pairs = 1;
    size.bulk_pairs = 1;
    size.writers = {2};
    size.commits = 6;
    size.converted = 100;
    size.converted_pairs = 1;
    size.turn = 0;
    size.growth = {50, 100, 200};
    size.growth_base = 100;
    size.size_commits = 2;
    size.single_commits = 5;
    size.proof_rows = 100;
    size.proof_commit = 20;
    size.proof_pairs = 1;
    size.diff_rows = 1000;
    size.diff_pairs = 1;
    size.parallel_points = 200;
    size.field_rows = 200;
    size.field_pairs = 1;
    size.object_rows = 500;
    size.parallel_pairs = 1;
    size.parallel_turn = 0;
    return size;
}

Database open_cold(const std::string& url) {
    OpenOptions options;
    options.cache_bytes = 0;
    return Database::open(url, options);
}

Database& add_cold(Federation& federation, const std::string& url) {
    OpenOptions options;
    options.cache_bytes = 0;
    return federation.add(url, options);
}

void check_point(const AnswerData& answer, const PointAnswer& expected, bool end_known) {
    const bool same = answer.num_rows == 1 && answer.layout->size == sizeof expected.row &&
                      answer.validity.begin == expected.begin && (!end_known || answer.validity.end == expected.end) &&
                      std::memcmp(answer.data.get(), &expected.row, sizeof expected.row) == 0;
    if (!same) give_up(fmt::format("another answer for {} than expected at {}", answer.name, expected.begin));
}

void check_tree(const Configuration& configuration, const std::vector<NodeAnswer>& expected, std::size_t nodes,
                bool end_known) {
    std::map<std::string, const NodeAnswer*> by_name;
    for (const auto& node : expected) by_name[node_name(node.name)] = &node;
    std::size_t seen = 0;
    for (const auto& node : configuration.nodes) {
        if (!node.answer) continue;
        ++seen;
        const auto& answer = **node.answer;
        const auto found = by_name.find(answer.name);
        const bool same = found != by_name.end() && answer.num_rows == 1 &&
                          answer.validity.begin == found->second->begin &&
                          (!end_known || answer.validity.end == found->second->end) &&
                          answer.layout->size == found->second->row.size() &&
                          std::memcmp(answer.data.get(), found->second->row.data(), answer.layout->size) == 0;
        if (!same) give_up("another answer than expected at node " + node.node.path);
    }
    if (seen != nodes || expected.size() != nodes) give_up(fmt::format("{} and {} nodes", seen, expected.size()));
}

std::vector<std::int64_t> tree_times(std::size_t names, std::size_t intervals) {
    auto times = random_times(intervals - 1, 512);
    for (auto& at : times) at += static_cast<std::int64_t>(names);
    return times;
}

Configuration fetch_tree(Federation& federation, std::int64_t at) {
    ConfigurationRequest request;
    request.time = Time{at};
    request.provenance = false;  // nor does the bare code read it
    return federation.fetch_configuration("Bench", "", request);
}

}  // namespace etalon::bench
