// The chunk codec: what goes in comes out, and what was damaged is noticed.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstring>
#include <random>

#include "schema/random_definitions.h"
#include "store/chunk.h"
#include "store/support.h"

using namespace etalon;
using namespace etalon::store;
using etalon::test::element;
using etalon::test::error_of;
using etalon::test::natural;

namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

DefinitionPtr canonical_of(const StructDefinition& definition) {
    return std::make_shared<const StructDefinition>(schema::packed(definition));
}

/// Encodes and decodes every chunk; returns the encoded size, or -1 when something came back otherwise.
std::int64_t round_trip(const StructDefinition& canonical, const schema::RowBlock& rows) {
    std::int64_t stored = 0;
    std::uint64_t covered = 0;
    const auto count = chunk_count(canonical, rows.num_rows);
    for (std::uint64_t chunk = 0; chunk < count; ++chunk) {
        const auto range = chunk_range(canonical, rows.num_rows, chunk);
        if (range.first != covered || range.last <= range.first || range.last - range.first > kMiB) return -1;
        covered = range.last;
        const auto raw = rows.data.bytes().subspan(range.first, range.last - range.first);
        const auto encoded = encode_chunk(canonical, chunk, raw);
        if (encoded.size() > raw.size() + 16) return -1;
        stored += static_cast<std::int64_t>(encoded.size());
        Bytes back(raw.size(), std::byte{0xa5});
        decode_chunk(canonical, chunk, encoded, back);
        if (std::memcmp(back.data(), raw.data(), raw.size()) != 0) return -1;
    }
    return covered == canonical.size * rows.num_rows ? stored : -1;
}

int method_of(const Bytes& encoded) {
    return static_cast<int>(encoded.at(1));
}

}  // namespace

TEST_CASE("random rows of random layouts survive the codec") {
    CHECK(rc::check("codec round trip", [] {
        const auto canonical = canonical_of(etalon::test::random_definition());
        std::mt19937_64 random(etalon::test::pick(0, 1'000'000));
        const auto rows = etalon::test::random_rows(canonical, etalon::test::pick(1, 200), random);
        RC_ASSERT(round_trip(*canonical, rows) > 0);
    }));
}

TEST_CASE("each method is used where it is the smallest") {
    const auto smooth = canonical_of(natural({element("x", ScalarType::Float64), element("n", ScalarType::Int32)}));
    schema::RowBlock rows{smooth, AlignedBuffer::zeroed(smooth->size * 4000), 4000};
    for (std::uint64_t row = 0; row < rows.num_rows; ++row) {
        const double x = std::sin(static_cast<double>(row) * 1e-4);
        const auto n = static_cast<std::int32_t>(row * 37);
        std::memcpy(rows.row(row), &x, 8);
        std::memcpy(rows.row(row) + 8, &n, 4);
    }
    const auto shuffled = encode_chunk(*smooth, 0, rows.data.bytes());
    CHECK(method_of(shuffled) == 2);
    CHECK(shuffled.size() < rows.data.size());

    std::mt19937_64 random(5);
    const auto noise = canonical_of(natural({element("b", ScalarType::UInt8, {1000})}));
    auto noisy = etalon::test::random_rows(noise, 100, random);
    for (std::size_t i = 0; i < noisy.data.size(); ++i) noisy.data.data()[i] = static_cast<std::byte>(random());
    CHECK(method_of(encode_chunk(*noise, 0, noisy.data.bytes())) == 0);

    const auto text = canonical_of(natural({element("t", ScalarType::Char, {64})}));
    const schema::RowBlock zeros{text, AlignedBuffer::zeroed(64 * 1000), 1000};
    CHECK(method_of(encode_chunk(*text, 0, zeros.data.bytes())) == 1);
    for (const schema::RowBlock* each : {&std::as_const(rows), &std::as_const(noisy), &zeros})
        CHECK(round_trip(*each->layout, *each) > 0);
}

TEST_CASE("a row longer than a chunk is cut, also in the middle of a value") {
    // 3 + 8n bytes: pieces of 1 MiB begin inside doubles.
    const auto canonical = canonical_of([] {
        StructDefinition d =
            natural({element("head", ScalarType::UInt8, {3}), element("x", ScalarType::Float64, {300'000}),
                     element("y", ScalarType::Int16, {7}), element("tail", ScalarType::Float64)});
        return d;
    }());
    REQUIRE(canonical->size > 2 * kMiB);
    std::mt19937_64 random(1);
    const auto rows = etalon::test::random_rows(canonical, 3, random);
    CHECK(chunk_size(*canonical) == kMiB);
    CHECK(chunk_count(*canonical, 3) == (3 * canonical->size + kMiB - 1) / kMiB);
    CHECK(round_trip(*canonical, rows) > 0);
}

TEST_CASE("rows around the size of a chunk") {
    for (const std::uint64_t size : {kMiB - 1, kMiB, kMiB + 1}) {
        CAPTURE(size);
        const auto canonical = canonical_of(natural({element("b", ScalarType::UInt8, {size})}));
        std::mt19937_64 random(size);
        for (const std::uint64_t rows : {1U, 2U, 3U})
            CHECK(round_trip(*canonical, etalon::test::random_rows(canonical, rows, random)) > 0);
    }
}

TEST_CASE("many small rows fill whole chunks") {
    const auto canonical = canonical_of(natural({element("a", ScalarType::Int16), element("b", ScalarType::UInt8)}));
    REQUIRE(canonical->size == 3);
    CHECK(chunk_size(*canonical) == kMiB / 3 * 3);
    std::mt19937_64 random(2);
    CHECK(round_trip(*canonical, etalon::test::random_rows(canonical, 1'000'000, random)) > 0);
    CHECK(chunk_count(*canonical, 0) == 0);
    CHECK(chunk_count(*canonical, kMiB / 3) == 1);
    CHECK(chunk_count(*canonical, kMiB / 3 + 1) == 2);
}

TEST_CASE("every damaged byte of a chunk is noticed") {
    const auto canonical =
        canonical_of(natural({element("x", ScalarType::Float64), element("t", ScalarType::Char, {8})}));
    std::mt19937_64 random(3);
    const auto noisy = etalon::test::random_rows(canonical, 20, random);
    schema::RowBlock plain{canonical, AlignedBuffer::zeroed(canonical->size * 200), 200};
    for (std::uint64_t row = 0; row < 200; ++row) {
        const double x = 1.0 + static_cast<double>(row) * 0.001;
        std::memcpy(plain.row(row), &x, 8);
    }
    for (const schema::RowBlock* rows : {&noisy, &std::as_const(plain)}) {
        const auto encoded = encode_chunk(*canonical, 0, rows->data.bytes());
        CAPTURE(method_of(encoded));
        Bytes back(rows->data.size());
        std::size_t unnoticed = 0;
        for (std::size_t at = 0; at < encoded.size(); ++at) {
            if (at == 2 || at == 3) continue;  // reserved
            for (const int flip : {0x01, 0x80, 0xff}) {
                auto damaged = encoded;
                damaged[at] ^= static_cast<std::byte>(flip);
                try {
                    decode_chunk(*canonical, 0, damaged, back);
                    // zstd ignores a few bits of its frame header; then the values are right all the same.
                    if (std::memcmp(back.data(), rows->data.data(), back.size()) != 0) ++unnoticed;
                } catch (const Error& error) {
                    REQUIRE(error.code() == ErrorCode::Corrupt);
                }
            }
        }
        CHECK(unnoticed == 0);
        for (std::size_t size = 0; size < encoded.size(); ++size) {
            CHECK(error_of([&] { decode_chunk(*canonical, 0, std::span(encoded).first(size), back); }).code() ==
                  ErrorCode::Corrupt);
        }
        auto longer = encoded;
        longer.push_back(std::byte{0});
        CHECK(error_of([&] { decode_chunk(*canonical, 0, longer, back); }).code() == ErrorCode::Corrupt);
        Bytes other(rows->data.size() - 1);
        CHECK(error_of([&] { decode_chunk(*canonical, 0, encoded, other); }).code() == ErrorCode::Corrupt);
    }
}
