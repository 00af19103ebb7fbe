#include "benchmarks/constants.h"

#include <algorithm>

#include "bench_structs.traits.h"
#include "conversion/canonical.h"
#include "schema/definition.h"
#include "schema/rows.h"

namespace etalon::bench {

const std::vector<StructDefinition>& definitions() {
    static const std::vector<StructDefinition> kAll = [] {
        std::vector<StructDefinition> all;
        for (const auto text : {StructTraits<BenchGain>::kDefinition, StructTraits<BenchDrift>::kDefinition,
                                StructTraits<BenchAlign>::kDefinition, StructTraits<BenchTrigger>::kDefinition,
                                StructTraits<BenchCurrent>::kDefinition}) {
            all.push_back(schema::from_json(text, "bench_structs.h"));
        }
        return all;
    }();
    return kAll;
}

std::vector<StructDefinition> make_types(std::size_t count) {
    std::vector<StructDefinition> types;
    for (std::size_t i = 0; i < count; ++i) {
        types.push_back(definitions()[i % definitions().size()]);
        types.back().name += std::to_string(i + 1);
    }
    return types;
}

Database create_database(const std::string& url, std::span<const StructDefinition> structs) {
    OpenOptions create;
    create.create = true;
    auto db = Database::open(url, create);
    (void)db.register_structs(structs);
    return db;
}

std::vector<PutRecord> make_records(const Series& series, const std::string& name, const DefinitionPtr& layout) {
    const auto block = std::shared_ptr<std::byte[]>(new std::byte[series.count * layout->size]());
    std::vector<PutRecord> records(series.count);
    for (std::size_t i = 0; i < series.count; ++i) {
        auto* row = block.get() + i * layout->size;
        fill_row(*layout, series.seed + i, row);
        auto& record = records[i];
        record.name = name;
        record.begin = series.begin_of(i);
        record.layout = layout;
        record.rows = std::shared_ptr<const std::byte>(block, row);
        record.num_rows = 1;
    }
    return records;
}

BulkRows make_bulk(const Series& series, const StructDefinition& of_struct) {
    BulkRows bulk{series, std::vector<std::byte>(series.count * of_struct.size), {}, {}};
    for (std::size_t i = 0; i < series.count; ++i) {
        auto* row = bulk.rows.data() + i * of_struct.size;
        fill_row(of_struct, series.seed + i, row);
        bulk.hashes.push_back(schema::content_hash(conversion::to_canonical(of_struct, {row, of_struct.size}, 1)));
        bulk.uids.push_back(make_uid());
    }
    return bulk;
}

Series points_series(std::size_t count) {
    Series series;
    series.count = count;
    return series;
}

void fill_points(Database& db, std::size_t count, std::size_t commit) {
    const auto layout = db.get_definition("BenchGain");
    const auto series = points_series(count);
    for (std::size_t done = 0; done < count; done += commit) {
        (void)db.commit(make_records(series.part(done, std::min(commit, count - done)), "BenchGain", layout));
    }
}

void fill_points(Bare& bare, std::size_t count) {
    constexpr std::size_t kCommit = 20'000;
    const auto series = points_series(count);
    for (std::size_t done = 0; done < count; done += kCommit) {
        bare.import(make_bulk(series.part(done, std::min(kCommit, count - done)), definitions().front()));
    }
}

std::string node_name(std::int64_t name) {
    return "Node" + std::to_string(name);
}

void fill_tree(Database& db, std::span<const StructDefinition> structs, std::span<const Series> series) {
    constexpr std::size_t kCommit = 20'000;
    std::vector<PutRecord> records;
    std::vector<NameSpec> names;
    std::vector<NodeSpec> specs;
    const auto commit = [&] {
        if (!names.empty()) (void)db.commit(records, {}, names);
        records.clear();
        names.clear();
    };
    for (const auto& one : series) {
        const auto& of_struct = structs[one.of_struct];
        const auto name = node_name(one.name);
        names.push_back({name, of_struct.name, {}, {}, {}});
        auto made = make_records(one, name, db.get_definition(of_struct.name));
        records.insert(records.end(), std::make_move_iterator(made.begin()), std::make_move_iterator(made.end()));
        if (records.size() >= kCommit) commit();
        NodeSpec spec;
        spec.path = "Bench/Dir" + std::to_string((one.name - 1) / 10) + "/" + name;
        specs.push_back(std::move(spec));
    }
    commit();
    (void)db.add_nodes(specs);
    (void)db.advance();
}

void fill_tree(Bare& bare, std::span<const StructDefinition> structs, std::span<const Series> series) {
    std::vector<std::size_t> names;
    for (const auto& one : series) names.push_back(one.of_struct);
    bare.make_format1(structs, names);
    for (const auto& one : series) bare.import(make_bulk(one, structs[one.of_struct]));
}

}  // namespace etalon::bench
