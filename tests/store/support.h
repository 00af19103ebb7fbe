#pragma once
/// Tables of the store and rows of random bits.

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <string>

#include "backends/ddl.h"
#include "backends/each_engine.h"
#include "schema/build.h"
#include "schema/definition.h"
#include "schema/rows.h"
#include "store/catalog.h"
#include "store/payload.h"
#include "store/tables.h"

namespace etalon::test {

inline void create_store(backends::Connection& connection) {
    const auto tx = connection.begin(backends::TransactionMode::Write);
    tx->execute_script(backends::immutability_functions(tx->engine()) + store::create_tables(tx->engine()));
    tx->commit();
}

/// A struct with its first schema version.
struct Registered {
    store::StructRecord record;
    std::vector<store::SchemaPtr> schemas;
};

inline Registered register_struct(backends::Transaction& tx, const StructDefinition& definition) {
    Registered made;
    made.record = store::insert_struct(tx, definition, {0, 1});
    made.schemas.push_back(store::insert_schema(tx, made.record, {}, definition, {0, 1}));
    return made;
}

/// Canonical rows of random raw bits: NaNs of every kind, infinities, -0.0 and extremes among them. `bool` is 0 or 1,
/// text ends at its first NUL.
inline schema::RowBlock random_rows(const DefinitionPtr& canonical, std::uint64_t num_rows, std::mt19937_64& random) {
    schema::RowBlock rows{canonical, AlignedBuffer::zeroed(canonical->size * num_rows), num_rows};
    static const std::uint64_t kFloat64[] = {0x8000000000000000, 0x7ff0000000000000, 0xfff0000000000000,
                                             0x7ff8000000000000, 0xfff8000000000000, 0x7ff0000000000001,
                                             0xfff8dead0000beef, 0x7fefffffffffffff, 1,
                                             0x3fb999999999999a};
    static const std::uint32_t kFloat32[] = {0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001,
                                             0x7f800001, 0x7f7fffff, 1,          0x3dcccccd};
    static const std::uint64_t kIntegers[] = {0, 1, ~0ULL, 1ULL << 63, (1ULL << 63) - 1, (1ULL << 53) + 1, 1ULL << 31};
    for (std::uint64_t row = 0; row < num_rows; ++row) {
        for (const auto& element : canonical->elements) {
            std::byte* at = rows.row(row) + element.offset;
            const auto width = size_of(element.type);
            if (element.is_text()) {
                const auto capacity = element.dims.back();
                for (std::uint64_t text = 0; text < element.count() / capacity; ++text) {
                    const auto length = random() % (capacity + 1);
                    const bool ascii = random() % 2 == 0;
                    for (std::uint64_t i = 0; i < length; ++i) {
                        at[text * capacity + i] =
                            static_cast<std::byte>(ascii ? 0x20 + random() % 0x5f : 1 + random() % 255);
                    }
                }
                continue;
            }
            for (std::uint64_t i = 0; i < element.count(); ++i, at += width) {
                if (is_identity(element.type)) {
                    const bool is_null = random() % 4 == 0;
                    std::generate_n(at, width,
                                    [&] { return is_null ? std::byte{0} : static_cast<std::byte>(random()); });
                    continue;
                }
                std::uint64_t bits = random();
                if (element.type == ScalarType::Bool) bits &= 1;
                if (random() % 2 == 0) {
                    if (element.type == ScalarType::Float64) bits = kFloat64[random() % std::size(kFloat64)];
                    if (element.type == ScalarType::Float32) bits = kFloat32[random() % std::size(kFloat32)];
                    if (is_integer(element.type)) bits = kIntegers[random() % std::size(kIntegers)];
                }
                std::memcpy(at, &bits, width);
            }
        }
    }
    return rows;
}

inline bool same_bytes(const schema::RowBlock& a, const schema::RowBlock& b) {
    return a.num_rows == b.num_rows && a.data.size() == b.data.size() &&
           (a.data.size() == 0 || std::memcmp(a.data.data(), b.data.data(), a.data.size()) == 0);
}

inline schema::RowBlock copy_of(const schema::RowBlock& rows) {
    schema::RowBlock copy{rows.layout, AlignedBuffer(rows.data.size()), rows.num_rows};
    if (rows.data.size() != 0) std::memcpy(copy.data.data(), rows.data.data(), rows.data.size());
    return copy;
}

inline store::PendingPayload pending(const Registered& of, std::size_t schema, Storage encoding,
                                     const schema::RowBlock& rows) {
    store::PendingPayload payload;
    payload.schema = of.schemas.at(schema);
    payload.encoding = encoding;
    payload.table_name = of.record.table_name;
    payload.canonical = copy_of(rows);
    return payload;
}

}  // namespace etalon::test
