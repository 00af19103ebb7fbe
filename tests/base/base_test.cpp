#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/spool.h"
#include "etalon/error.h"

namespace {
using namespace etalon;
}

TEST_CASE("an error's message has the parts that are there, in order") {
    const auto message = [](ErrorInfo info) { return std::string(Error(ErrorCode::BadInput, std::move(info)).what()); };
    CHECK(message({"bad", "f:1", "E", "F", "do"}) == "bad, f:1; expected E, found F; do");
    CHECK(message({"bad", "", "", "", ""}) == "bad");
    CHECK(message({"bad", "f:1", "", "", ""}) == "bad, f:1");
    CHECK(message({"bad", "", "E", "", ""}) == "bad; expected E");
    CHECK(message({"bad", "", "", "F", ""}) == "bad; found F");
    CHECK(message({"bad", "f", "", "F", "do"}) == "bad, f; found F; do");
    CHECK(message({"bad", "", "", "", "do"}) == "bad; do");
    const Error error(ErrorCode::Conflict, {"a", "b", "c", "d", "e"});
    CHECK(error.code() == ErrorCode::Conflict);
    CHECK(error.info().found == "d");
    CHECK_FALSE(error.retryable());
    CHECK(Error(ErrorCode::Backend, {"x", {}, {}, {}, {}}).set_retryable(true).retryable());
}

TEST_CASE(
    "an error told further on keeps its code, its parts and whether it may be tried again, but for what is changed") {
    Error error(ErrorCode::Backend, {"what failed", "here", "this", "that", "do something"});
    error.set_retryable(true);
    const auto parts = [](const Error& one) {
        const auto& info = one.info();
        return info.what + "|" + info.where + "|" + info.expected + "|" + info.found + "|" + info.advice;
    };
    CHECK(parts(error.within("there")) == "what failed|there: here|this|that|do something");
    CHECK(parts(error.within("there", ", ")) == "what failed|there, here|this|that|do something");
    CHECK(parts(error.at("elsewhere")) == "what failed|elsewhere|this|that|do something");
    CHECK(parts(error.at({})) == "what failed||this|that|do something");
    CHECK(parts(error.at({}).within("there")) == "what failed|there|this|that|do something");
    CHECK(parts(error.about("a column")) == "a column: what failed|here|this|that|do something");
    CHECK(parts(error.advised("nothing")) == "what failed|here|this|that|nothing");
    CHECK(parts(error.as(ErrorCode::BadInput)) == parts(error));
    CHECK(error.as(ErrorCode::BadInput).code() == ErrorCode::BadInput);
    CHECK(std::string(error.at("elsewhere").what()) ==
          "what failed, elsewhere; expected this, found that; do something");
    for (const auto& one : {error.within("a"), error.at("a"), error.about("a"), error.advised("a")}) {
        CHECK(one.code() == ErrorCode::Backend);
        CHECK(one.retryable());
    }
    CHECK(error.as(ErrorCode::BadInput).retryable());
    CHECK_FALSE(error.set_retryable(false).at("a").retryable());
}

TEST_CASE("wrong input exits with 2, every failure with 3") {
    CHECK(exit_status(ErrorCode::Usage) == 2);
    CHECK(exit_status(ErrorCode::BadInput) == 2);
    CHECK(exit_status(ErrorCode::WrongAxis) == 2);
    for (const auto code :
         {ErrorCode::Unknown, ErrorCode::Conversion, ErrorCode::Refused, ErrorCode::Conflict, ErrorCode::ReadOnly,
          ErrorCode::Format, ErrorCode::Corrupt, ErrorCode::Backend, ErrorCode::Internal}) {
        CHECK(exit_status(code) == 3);
    }
}

TEST_CASE("hexadecimal text goes both ways") {
    CHECK(to_hex(as_bytes(std::string_view("\x00\x7f\xff\x0a", 4))) == "007fff0a");
    CHECK(to_hex({}).empty());
    CHECK(from_hex("").empty());
    CHECK(as_text(from_hex("C3a9")) == "\xC3\xA9");
    CHECK_THROWS_WITH((void)from_hex("abc"),
                      "not a hexadecimal text; expected an even number of hexadecimal digits, found 3 characters");
    CHECK_THROWS_WITH((void)from_hex("ab0g"),
                      "not a hexadecimal text, character 4; expected hexadecimal digits, found 'g'");
    CHECK_THROWS_WITH((void)from_hex("\n0"),
                      "not a hexadecimal text, character 1; expected hexadecimal digits, found byte 10");
    CHECK(rc::check("to_hex and from_hex are inverse",
                    [](const std::string& text) { RC_ASSERT(as_text(from_hex(to_hex(as_bytes(text)))) == text); }));
}

TEST_CASE("SHA-256 gives the values of FIPS 180-4") {
    CHECK(to_hex(sha256(as_bytes(""))) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(sha256(as_bytes("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    Sha256Builder pieces;
    const std::string thousand(1000, 'a');
    for (int i = 0; i < 1000; ++i) pieces.add(as_bytes(thousand));
    CHECK(to_hex(pieces.finish()) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("numbers are hashed as eight little-endian bytes, texts behind their length") {
    Sha256Builder a;
    a.add(std::uint64_t{3});
    a.add(as_bytes("abc"));
    Sha256Builder b;
    b.add_text("abc");
    const auto hash = a.finish();
    CHECK(hash == b.finish());
    CHECK(hash == sha256(as_bytes(std::string_view("\3\0\0\0\0\0\0\0abc", 11))));
    Sha256Builder c;
    c.add_text("ab");
    c.add_text("c");
    Sha256Builder d;
    d.add_text("a");
    d.add_text("bc");
    CHECK(c.finish() != d.finish());
}

TEST_CASE("a finished digest takes nothing more") {
    Sha256Builder builder;
    (void)builder.finish();
    CHECK_THROWS_AS(builder.add(as_bytes("x")), Error);
    CHECK_THROWS_AS((void)builder.finish(), Error);
}

TEST_CASE("XXH3-64 gives its published values") {
    CHECK(xxh3({}) == 0x2d06800538d394c2ULL);
    CHECK(xxh3(as_bytes("a")) != xxh3(as_bytes("b")));
}

TEST_CASE("unique identifiers are version 7, ordered by their clock, and never equal") {
    const auto clock_of = [](const std::array<std::byte, 16>& uid) {
        std::int64_t value = 0;
        for (int i = 0; i < 6; ++i) value = value * 256 + std::to_integer<int>(uid[static_cast<std::size_t>(i)]);
        return value;
    };
    const auto now = [] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    };
    std::set<std::array<std::byte, 16>> all;
    for (int i = 0; i < 10000; ++i) {
        const auto before = now();
        const auto uid = make_uid();
        const auto after = now();
        CHECK(clock_of(uid) >= before);
        CHECK(clock_of(uid) <= after);
        CHECK((uid[6] & std::byte{0xF0}) == std::byte{0x70});
        CHECK((uid[8] & std::byte{0xC0}) == std::byte{0x80});
        all.insert(uid);
    }
    CHECK(all.size() == 10000);
}

TEST_CASE("a buffer is aligned, and zero when asked for") {
    const auto buffer = AlignedBuffer::zeroed(1000);
    CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % AlignedBuffer::kAlignment == 0);
    CHECK(as_text(buffer.bytes()) == std::string(1000, '\0'));
    CHECK(AlignedBuffer(0).data() == nullptr);
    CHECK(AlignedBuffer(0).bytes().empty());
}

TEST_CASE("bytes in a temporary file are those that were written, also after they have left memory") {
    SpoolFile file;
    std::string expected;
    for (int i = 0; i < 1000; ++i) {
        const std::string line(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
        file.append(as_bytes(line));
        expected += line;
    }
    CHECK(file.size() == expected.size());
    const auto mapped = file.map();
    CHECK(mapped.is_mapped());
    CHECK(as_text(mapped.bytes()) == expected);
    const auto shared = share(SpoolFile::make_buffer(100'000));
    CHECK(as_text({shared.get(), 100'000}) == std::string(100'000, '\0'));

    auto buffer = SpoolFile::make_buffer(expected.size());
    std::memcpy(buffer.data(), expected.data(), expected.size());
    buffer.let_go(0, expected.size());
    const auto kept = share(std::move(buffer));
    let_go(kept, 5000, 300'000);
    CHECK(as_text({kept.get(), expected.size()}) == expected);

    CHECK(SpoolFile::make_buffer(0).bytes().empty());
    CHECK(SpoolFile().map().bytes().empty());
    auto in_memory = AlignedBuffer::zeroed(10);
    in_memory.data()[9] = std::byte{7};
    in_memory.let_go(0, 10);
    CHECK(in_memory.data()[9] == std::byte{7});
    CHECK_FALSE(in_memory.is_mapped());
}

TEST_CASE("a directory for temporary files that is not there is an error that names it") {
    const char* before = std::getenv("TMPDIR");
    const std::string kept = before != nullptr ? before : "";
    setenv("TMPDIR", "/no/such/directory", 1);
    std::string message;
    try {
        const SpoolFile file;
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::Backend);
        message = error.what();
    }
    before != nullptr ? setenv("TMPDIR", kept.c_str(), 1) : unsetenv("TMPDIR");
    CHECK(message.find("/no/such/directory") != std::string::npos);
}
