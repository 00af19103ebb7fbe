#include "reflect/guarded_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <list>
#include <new>
#include <optional>
#include <thread>

#include "etalon/error.h"
#include "reflect/clang_module.h"

namespace etalon::reflect {
namespace {

using Clock = std::chrono::steady_clock;

/// How often the child is looked at.
constexpr int kLook = 20;  // ms
constexpr int kDone = 0;
constexpr int kNoClang = 2;  // exit status of a child: the library cannot be loaded

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

/// Memory that a child shares with this process.
class SharedPlace {
public:
    SharedPlace() {
        void* memory = mmap(nullptr, sizeof(ReadingPlace), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            throw Error(ErrorCode::Internal, {"no memory for the reader of headers", std::strerror(errno), "", "", ""});
        }
        place_ = new (memory) ReadingPlace;
    }
    ~SharedPlace() { munmap(place_, sizeof(ReadingPlace)); }
    SharedPlace(const SharedPlace&) = delete;
    SharedPlace& operator=(const SharedPlace&) = delete;
    [[nodiscard]] ReadingPlace& operator*() const noexcept { return *place_; }

private:
    ReadingPlace* place_;
};

/// Processor time is limited header by header.
void allow_another(std::chrono::seconds more) {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    rlimit processor{};
    getrlimit(RLIMIT_CPU, &processor);
    const auto wanted = static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec + more.count());
    processor.rlim_cur = std::min(wanted, processor.rlim_max);
    setrlimit(RLIMIT_CPU, &processor);
}

/// The child: parses every `step`th task from `first`, hands each over, and leaves without what the parent would do at
/// its end.
[[noreturn]] void run_child(int out, const std::string& module, const std::vector<NamedHeader>& headers,
                            const std::vector<ParseTask>& tasks, std::size_t first, std::size_t step,
                            const ReadingLimits& limits, ReadingPlace& place) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    // Clang's last words about its own end are none for the user.
    if (const int nowhere = open("/dev/null", O_WRONLY); nowhere >= 0) dup2(nowhere, STDERR_FILENO);
    signal(SIGPIPE, SIG_DFL);
    for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGXCPU, SIGTERM, SIGINT})
        signal(number, SIG_DFL);
    std::string why;
    const auto reader = load_header_parser(module, headers, why);
    if (!reader) {
        (void)write_all(out, why);
        _exit(kNoClang);
    }
    for (std::size_t i = first; i < tasks.size(); i += step) {
        allow_another(limits.processor);
        const auto bytes = to_bytes(reader->read(headers[tasks[i].header], tasks[i].as_c, tasks[i].arguments, place));
        const std::uint64_t size = bytes.size();
        if (!write_all(out, {reinterpret_cast<const char*>(&size), sizeof size}) || !write_all(out, bytes)) _exit(1);
    }
    _exit(kDone);
}

/// Why a child said nothing.
struct NoAnswer {
    std::string expected;
    std::string found;
};

/// A child at work: which tasks are its, and what it has said so far.
class Worker {
public:
    Worker(const std::string& module, const std::vector<NamedHeader>& headers, const std::vector<ParseTask>& tasks,
           std::size_t first, std::size_t step, const ReadingLimits& limits)
        : limits_(limits), next_(first), step_(step), end_(tasks.size()) {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) {
            throw Error(ErrorCode::Internal, {"no pipe to the reader of headers", std::strerror(errno), "", "", ""});
        }
        in_.emplace(ends[0]);
        Descriptor out(ends[1]);
        std::fflush(nullptr);
        const pid_t pid = fork();
        if (pid < 0) {
            throw Error(ErrorCode::Internal,
                        {"no process for the reader of headers", std::strerror(errno), "", "", ""});
        }
        if (pid == 0) run_child(out.get(), module, headers, tasks, first, step, limits, *place_);
        child_.emplace(pid);
        until_ = Clock::now() + limits.clock;
    }

    [[nodiscard]] int descriptor() const noexcept { return in_->get(); }
    [[nodiscard]] std::size_t task() const noexcept { return next_; }  ///< that it is at
    [[nodiscard]] const ReadingPlace& place() const noexcept { return *place_; }
    [[nodiscard]] bool is_done() const noexcept { return next_ >= end_; }

    /// Takes what the child has said. Something when it will say no more than that though tasks are left.
    std::optional<NoAnswer> listen(std::vector<RawUnit>& units) {
        std::array<char, 65536> piece{};
        const auto got = read(descriptor(), piece.data(), piece.size());
        if (got < 0 && errno != EINTR) return NoAnswer{"records", std::strerror(errno)};
        if (got == 0) return why_ended(child_->wait());
        if (got > 0) bytes_.append(piece.data(), static_cast<std::size_t>(got));
        std::uint64_t size = 0;
        while (bytes_.size() >= sizeof size) {
            std::memcpy(&size, bytes_.data(), sizeof size);
            if (bytes_.size() - sizeof size < size) break;
            units[next_] = from_bytes(std::string_view(bytes_).substr(sizeof size, size));
            bytes_.erase(0, sizeof size + size);
            next_ += step_;
            until_ = Clock::now() + limits_.clock;
        }
        return std::nullopt;
    }
    /// Something when it has taken more than it may.
    [[nodiscard]] std::optional<NoAnswer> exceeds() const {
        if (child_->memory() > limits_.memory || bytes_.size() > limits_.memory / 4) {
            return NoAnswer{fmt::format("at most {} MB of memory for reading it", limits_.memory >> 20), "more"};
        }
        if (Clock::now() > until_) {
            return NoAnswer{fmt::format("at most {} s for reading it", limits_.clock.count()), "longer"};
        }
        return std::nullopt;
    }

private:
    [[nodiscard]] NoAnswer why_ended(int status) const {
        if (WIFEXITED(status) && WEXITSTATUS(status) == kNoClang) {
            throw Error(ErrorCode::Internal, {"the part of Etalon that reads headers cannot be loaded", "",
                                              "libetalon_headers.so with libclang-cpp19 and libllvm19", bytes_,
                                              "install what is missing, or Etalon again"});
        }
        if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL)) {
            return {fmt::format("at most {} s of a processor for reading it", limits_.processor.count()), "longer"};
        }
        return {"declarations that Clang can read",
                "Clang ended without an answer, as it does when they nest too deeply"};
    }

    SharedPlace place_;
    ReadingLimits limits_;
    std::size_t next_;
    std::size_t step_;
    std::size_t end_;
    std::optional<Descriptor> in_;
    std::optional<Child> child_;
    Clock::time_point until_;
    std::string bytes_;
};

/// `file:line` that a parse had come to; the header when it had not begun.
std::string line_of(const ReadingPlace& place, const NamedHeader& header) {
    std::ifstream in(place.name(), std::ios::binary);
    if (place.name().empty() || !in) return header.spelling;
    std::string text(place.offset(), '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return fmt::format("{}:{}", place.name(), 1 + std::count(text.begin(), text.end(), '\n'));
}

[[noreturn]] void fail(const Worker& worker, const NamedHeader& header, NoAnswer why) {
    const auto where = line_of(worker.place(), header);
    const bool is_inside = where.starts_with(header.spelling);
    throw Error(ErrorCode::BadInput,
                {"the header cannot be read", is_inside ? where : header.spelling + ", at " + where,
                 std::move(why.expected), std::move(why.found),
                 "look for macros that expand into each other, and for declarations and expressions that nest"});
}

}  // namespace

std::vector<RawUnit> read_guarded(const std::vector<NamedHeader>& headers, const std::vector<ParseTask>& tasks,
                                  const ReadingLimits& limits) {
    std::vector<RawUnit> units(tasks.size());
    // A process is worth it for some headers only.
    constexpr std::size_t kFew = 8;
    const auto processors = std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
    const auto number = std::min(processors, (tasks.size() + kFew - 1) / kFew);
    const auto module = find_clang_module();
    std::list<Worker> workers;
    for (std::size_t i = 0; i < number; ++i) workers.emplace_back(module, headers, tasks, i, number, limits);
    while (!workers.empty()) {
        std::vector<pollfd> waiting;
        for (const auto& worker : workers) waiting.push_back({worker.descriptor(), POLLIN, 0});
        const bool any = poll(waiting.data(), waiting.size(), kLook) > 0;
        std::size_t i = 0;
        for (auto worker = workers.begin(); worker != workers.end(); ++i) {
            std::optional<NoAnswer> none;
            if (any && waiting[i].revents != 0) none = worker->listen(units);
            if (!none && !worker->is_done()) none = worker->exceeds();
            if (none) fail(*worker, headers[tasks[worker->task()].header], std::move(*none));
            worker = worker->is_done() ? workers.erase(worker) : std::next(worker);
        }
    }
    return units;
}

}  // namespace etalon::reflect
