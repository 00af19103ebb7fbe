#include "cli/render/output.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <iostream>

using namespace etalon;
using namespace etalon::cli;

namespace {

/// Standard output is a pipe while this lives.
class PipedOutput {
public:
    PipedOutput() {
        std::cout.flush();
        std::fflush(stdout);
        REQUIRE(::pipe(ends_.data()) == 0);
        kept_ = ::dup(STDOUT_FILENO);
        ::dup2(ends_[1], STDOUT_FILENO);
        ::close(ends_[1]);
        before_ = std::signal(SIGPIPE, SIG_IGN);
    }
    ~PipedOutput() {
        restore();
        close_reader();
        std::signal(SIGPIPE, before_);
    }
    PipedOutput(const PipedOutput&) = delete;
    PipedOutput& operator=(const PipedOutput&) = delete;

    void close_reader() {
        if (ends_[0] >= 0) ::close(ends_[0]);
        ends_[0] = -1;
    }
    /// What was written; standard output is what it was again.
    std::string read() {
        restore();
        std::string text(1000, '\0');
        text.resize(static_cast<std::size_t>(::read(ends_[0], text.data(), text.size())));
        return text;
    }

private:
    void restore() {
        if (kept_ < 0) return;
        ::dup2(kept_, STDOUT_FILENO);
        ::close(kept_);
        kept_ = -1;
    }

    std::array<int, 2> ends_{};
    int kept_ = -1;
    void (*before_)(int) = nullptr;
};

}  // namespace

TEST_CASE("the width of a text counts code points, not bytes") {
    CHECK(display_width("abc") == 3);
    CHECK(display_width("\xC2\xB5m") == 2);
    CHECK(display_width("") == 0);
}

TEST_CASE("a shortened text never cuts a code point and stays on one line") {
    CHECK(shorten("abcdef", 6) == "abcdef");
    CHECK(shorten("abcdefg", 6) == "abc...");
    CHECK(shorten("\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5", 4) == "\xC2\xB5...");
    CHECK(shorten("a\nb\tc", 10) == "a b c");
}

TEST_CASE("what writes to the stream of the output comes in order with the rest") {
    PipedOutput pipe;
    Output out;
    out << "a";
    out.stream() << 'b' << std::string_view("c");
    out << "d";
    out.flush();
    CHECK(pipe.read() == "abcd");
}

TEST_CASE("a stream of the output tells that the reader has gone away as the output does") {
    PipedOutput pipe;
    pipe.close_reader();
    Output out;
    const std::string piece(std::size_t{1} << 16, 'x');
    CHECK_THROWS_AS(out.stream() << piece, BrokenPipe);
}
