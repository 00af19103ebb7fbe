#pragma once
/// Other processes of a test: they end in bounded time, whatever hangs, and none is left behind.
///
/// Have no database open while starting one: the child would share its locks and its connection.

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <functional>
#include <utility>

namespace etalon::test {

/// A process that runs `work` and exits with 0, or with 1 and a message when that throws.
class Child {
public:
    /// The alarm clock kills a child that is at it for longer.
    static constexpr unsigned kLimitSeconds = 240;

    explicit Child(const std::function<void()>& work, unsigned limit_seconds = kLimitSeconds) : id_(fork()) {
        REQUIRE(id_ >= 0);
        if (id_ != 0) return;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        alarm(limit_seconds);
        try {
            work();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "child: %s\n", error.what());
            _exit(1);
        } catch (...) {  // a REQUIRE that does not hold has said so
            _exit(1);
        }
        _exit(0);
    }
    ~Child() {
        if (id_ <= 0) return;
        ::kill(id_, SIGKILL);
        (void)wait();
    }
    Child(Child&& other) noexcept : id_(std::exchange(other.id_, 0)) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    Child& operator=(Child&&) = delete;

    void kill() const { REQUIRE(::kill(id_, SIGKILL) == 0); }
    /// Waits for its end; true when it exited with 0.
    [[nodiscard]] bool succeeded() {
        const int status = wait();
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    /// Waits for its end; true when kill() ended it.
    [[nodiscard]] bool was_killed() {
        const int status = wait();
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    }

private:
    int wait() {
        int status = 0;
        if (waitpid(std::exchange(id_, 0), &status, 0) < 0) return -1;
        return status;
    }
    pid_t id_;
};

}  // namespace etalon::test
