#include "benchmarks/writers.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <vector>

#include "benchmarks/bare.h"

namespace etalon::bench {

namespace {

/// One way from one process to others; a byte is a signal.
class Pipe {
public:
    Pipe() {
        if (pipe(ends_.data()) != 0) give_up("no pipe");
    }
    ~Pipe() {
        close(ends_[0]);
        if (ends_[1] >= 0) close(ends_[1]);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    void signal() {
        const char byte = 0;
        if (write(ends_[1], &byte, 1) != 1) give_up("a pipe is broken");
    }
    /// False when nobody can signal any more.
    bool wait() {
        char byte = 0;
        return read(ends_[0], &byte, 1) == 1;
    }
    void stop_signalling() {
        close(ends_[1]);
        ends_[1] = -1;
    }

private:
    std::array<int, 2> ends_{};
};

[[noreturn]] void run_child(std::size_t number, std::size_t commits, const Writer& writer, Pipe& go, Pipe& said) {
    go.stop_signalling();  // only the parent does, so that its end ends the waiting
    try {
        const auto commit = writer(number);
        said.signal();
        if (!go.wait()) _exit(3);
        for (std::size_t i = 0; i < commits; ++i) commit(i);
        said.signal();
        _exit(0);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "etalon_bench: a writer: %s\n", error.what());
        _exit(3);
    }
}

}  // namespace

double seconds_of_writers(std::size_t writers, std::size_t commits, const Writer& writer) {
    Pipe go;
    std::fflush(stdout);
    struct Child {
        pid_t id = 0;
        std::unique_ptr<Pipe> said;
    };
    std::vector<Child> children(writers);
    for (std::size_t i = 0; i < writers; ++i) {
        auto& child = children[i];
        child.said = std::make_unique<Pipe>();
        child.id = fork();
        if (child.id < 0) give_up("cannot fork");
        if (child.id == 0) run_child(i, commits, writer, go, *child.said);
        child.said->stop_signalling();  // only the child does, so that its end ends the waiting
    }
    const auto wait_for_all = [&] {
        for (auto& child : children) {
            if (!child.said->wait()) give_up("a writer has failed");
        }
    };
    wait_for_all();
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < writers; ++i) go.signal();
    wait_for_all();
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (const auto& child : children) {
        int status = 0;
        if (waitpid(child.id, &status, 0) != child.id || status != 0) give_up("a writer has failed");
    }
    return seconds;
}

}  // namespace etalon::bench
