#include "reflect/guarded_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <variant>

#include "etalon/error.h"
#include "reflect/clang_reader.h"

namespace etalon::reflect {
namespace {

using Clock = std::chrono::steady_clock;

/// How often the child is looked at.
constexpr int kLook = 20;  // ms
constexpr int kDone = 0;

/// A child process, which does not outlive this.
class Child {
public:
    explicit Child(pid_t pid) : pid_(pid) {}
    ~Child() {
        if (pid_ <= 0) return;
        kill(pid_, SIGKILL);
        (void)wait();
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Bytes of memory that it uses; 0 when it has ended.
    [[nodiscard]] std::uint64_t memory() const {
        std::ifstream in(fmt::format("/proc/{}/statm", pid_));
        std::uint64_t all = 0;
        std::uint64_t resident = 0;
        in >> all >> resident;
        return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    }
    /// Waits for its end; the status as waitpid() gives it.
    int wait() {
        int status = -1;
        while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = 0;
        return status;
    }

private:
    pid_t pid_;
};

/// Ends with this process's part in it.
class Descriptor {
public:
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const noexcept { return descriptor_; }
    void close() noexcept {
        if (descriptor_ >= 0) ::close(descriptor_);
        descriptor_ = -1;
    }

private:
    int descriptor_;
};

bool write_all(int out, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto done = write(out, bytes.data(), bytes.size());
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(done));
    }
    return true;
}

/// The child: parses, hands over, and leaves without what the parent would do at its end.
[[noreturn]] void run_child(int out, const std::vector<NamedHeader>& headers, bool as_c,
                            const std::vector<std::string>& arguments, const ReadingLimits& limits) {
    const auto seconds = static_cast<rlim_t>(limits.processor.count());
    const rlimit processor{seconds, seconds};
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CPU, &processor);
    setrlimit(RLIMIT_CORE, &no_core);
    // Clang's last words about its own end are none for the user.
    if (const int nowhere = open("/dev/null", O_WRONLY); nowhere >= 0) dup2(nowhere, STDERR_FILENO);
    signal(SIGPIPE, SIG_DFL);
    for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGXCPU, SIGTERM, SIGINT})
        signal(number, SIG_DFL);
    _exit(write_all(out, to_bytes(read_with_clang(headers, as_c, arguments))) ? kDone : 1);
}

/// What a child said, or why it said nothing.
struct NoAnswer {
    std::string expected;
    std::string found;
};

std::variant<std::string, NoAnswer> listen(Child& child, int in, const ReadingLimits& limits) {
    const auto end = Clock::now() + limits.clock;
    std::string bytes;
    std::array<char, 65536> piece{};
    while (true) {
        pollfd waiting{in, POLLIN, 0};
        if (poll(&waiting, 1, kLook) > 0) {
            const auto got = read(in, piece.data(), piece.size());
            if (got == 0) break;
            if (got < 0 && errno != EINTR) return NoAnswer{"records", std::strerror(errno)};
            if (got > 0) bytes.append(piece.data(), static_cast<std::size_t>(got));
        }
        if (child.memory() > limits.memory || bytes.size() > limits.memory / 4) {
            return NoAnswer{fmt::format("at most {} MB of memory for reading them", limits.memory >> 20), "more"};
        }
        if (Clock::now() > end) {
            return NoAnswer{fmt::format("at most {} s for reading them", limits.clock.count()), "longer"};
        }
    }
    const int status = child.wait();
    if (WIFEXITED(status) && WEXITSTATUS(status) == kDone) return bytes;
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL)) {
        return NoAnswer{fmt::format("at most {} s of a processor for reading them", limits.processor.count()),
                        "longer"};
    }
    return NoAnswer{"declarations that Clang can read",
                    "Clang ended without an answer, as it does when they nest too deeply"};
}

std::variant<std::string, NoAnswer> ask_child(const std::vector<NamedHeader>& headers, bool as_c,
                                              const std::vector<std::string>& arguments, const ReadingLimits& limits) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw Error(ErrorCode::Internal, {"no pipe to the reader of headers", std::strerror(errno), "", "", ""});
    }
    Descriptor in(ends[0]);
    Descriptor out(ends[1]);
    std::fflush(nullptr);
    const pid_t pid = fork();
    if (pid < 0) {
        throw Error(ErrorCode::Internal, {"no process for the reader of headers", std::strerror(errno), "", "", ""});
    }
    if (pid == 0) run_child(out.get(), headers, as_c, arguments, limits);
    Child child(pid);
    out.close();
    return listen(child, in.get(), limits);
}

}  // namespace

RawUnit read_guarded(const std::vector<NamedHeader>& headers, bool as_c, const std::vector<std::string>& arguments,
                     const ReadingLimits& limits) {
    auto answer = ask_child(headers, as_c, arguments, limits);
    if (const auto* bytes = std::get_if<std::string>(&answer)) return from_bytes(*bytes);
    // Which one is it?
    const auto* at_fault = &headers.front();
    for (const auto& header : headers) {
        if (headers.size() == 1) break;
        auto alone = ask_child({header}, as_c, arguments, limits);
        if (!std::holds_alternative<NoAnswer>(alone)) continue;
        at_fault = &header;
        answer = std::move(alone);
        break;
    }
    auto& none = std::get<NoAnswer>(answer);
    throw Error(ErrorCode::BadInput,
                {"the header cannot be read", at_fault->spelling, std::move(none.expected), std::move(none.found),
                 "look for macros that expand into each other, and for declarations and expressions that nest"});
}

}  // namespace etalon::reflect
