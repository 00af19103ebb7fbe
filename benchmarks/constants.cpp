#include "benchmarks/constants.h"

#include <cstring>

#include "bench_structs.traits.h"
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

std::uint64_t mix(std::uint64_t number) noexcept {  // splitmix64
    number += 0x9e3779b97f4a7c15;
    number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
    number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
    return number ^ (number >> 31);
}

void fill_row(const StructDefinition& of_struct, std::uint64_t seed, std::byte* row) {
    std::uint64_t state = mix(seed);
    for (const auto& element : of_struct.elements) {
        state = mix(state);
        const auto number = static_cast<std::int32_t>(state & 0xffffff);
        auto* at = row + element.offset;
        if (element.type == ScalarType::Int32) {
            std::memcpy(at, &number, sizeof number);
        } else if (element.type == ScalarType::Float32) {
            const auto value = static_cast<float>(number) / 4096;
            std::memcpy(at, &value, sizeof value);
        } else if (element.type == ScalarType::Float64) {
            const auto value = static_cast<double>(state >> 11) / 65536;
            std::memcpy(at, &value, sizeof value);
        } else {
            give_up("an element of a type that the bare readers do not know: " + element.path);
        }
    }
}

Database create_database(const std::string& url) {
    OpenOptions create;
    create.create = true;
    auto db = Database::open(url, create);
    (void)db.register_structs(definitions());
    return db;
}

std::vector<PutRecord> gain_records(const DefinitionPtr& layout, std::int64_t begin, std::size_t count,
                                    std::uint64_t seed) {
    const auto block = std::shared_ptr<std::byte[]>(new std::byte[count * layout->size]);
    std::vector<PutRecord> records(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto* row = block.get() + i * layout->size;
        fill_row(*layout, seed + i, row);
        auto& record = records[i];
        record.name = "BenchGain";
        record.begin = begin + static_cast<std::int64_t>(i) * kStep;
        record.layout = layout;
        record.rows = std::shared_ptr<const std::byte>(block, row);
        record.num_rows = 1;
    }
    return records;
}

BulkRows gain_bulk(const DefinitionPtr& layout, std::int64_t begin, std::size_t count, std::uint64_t seed) {
    BulkRows bulk;
    bulk.begin = begin;
    bulk.step = kStep;
    bulk.rows.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto* row = reinterpret_cast<std::byte*>(&bulk.rows[i]);
        fill_row(*layout, seed + i, row);
        bulk.hashes.push_back(schema::content_hash(schema::to_canonical(*layout, {row, layout->size}, 1)));
        bulk.uids.push_back(make_uid());
    }
    return bulk;
}

void fill_points(Database& db, std::size_t count) {
    constexpr std::size_t kCommit = 20'000;
    const auto layout = db.get_definition("BenchGain");
    for (std::size_t done = 0; done < count; done += kCommit) {
        const auto records = gain_records(layout, kFirstBegin + static_cast<std::int64_t>(done) * kStep,
                                          std::min(kCommit, count - done), done);
        (void)db.commit(records);
    }
}

void fill_tree(Database& db, std::size_t nodes, std::size_t intervals) {
    std::vector<NameSpec> names;
    std::vector<PutRecord> records;
    std::vector<NodeSpec> specs;
    std::uint64_t seed = 0;
    for (std::size_t i = 0; i < nodes; ++i) {
        const auto& of_struct = definitions()[i % definitions().size()];
        const auto layout = db.get_definition(of_struct.name);
        const auto name = "Node" + std::to_string(i);
        names.push_back({name, of_struct.name, {}, {}, {}});
        for (std::size_t k = 0; k < intervals; ++k) {
            const auto row = std::shared_ptr<std::byte[]>(new std::byte[layout->size]());
            fill_row(*layout, ++seed, row.get());
            PutRecord record;
            record.name = name;
            record.begin = kFirstBegin + static_cast<std::int64_t>(k) * kStep + static_cast<std::int64_t>(i);
            record.layout = layout;
            record.rows = std::shared_ptr<const std::byte>(row, row.get());
            record.num_rows = 1;
            records.push_back(std::move(record));
        }
        NodeSpec spec;
        spec.path = "Bench/Dir" + std::to_string(i / 10) + "/" + name;
        specs.push_back(std::move(spec));
    }
    (void)db.commit(records, {}, names);
    (void)db.add_nodes(specs);
    (void)db.advance();
}

}  // namespace etalon::bench
