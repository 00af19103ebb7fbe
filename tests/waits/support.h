#pragma once
/// Others at work on the same place: sessions that hold locks, threads that measure how long they had to wait.

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "backends/each_engine.h"
#include "backends/port.h"
#include "database/support.h"
#include "etalon/database.h"

namespace etalon::test {

using Milliseconds = std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

inline Milliseconds since(SteadyClock::time_point start) {
    return std::chrono::duration_cast<Milliseconds>(SteadyClock::now() - start);
}

/// The URL with a name that pg_stat_activity shows.
inline std::string called(const std::string& url, const std::string& name) {
    const auto hash = url.find('#');
    return url.substr(0, hash) + "&application_name=" + name + url.substr(hash);
}

/// A transaction that runs something and stays open, as a person at psql may leave one.
class OpenTransaction {
public:
    OpenTransaction(const std::string& url, const std::string& sql, backends::TransactionMode mode)
        : connection_(backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Existing)),
          transaction_(connection_->begin(mode)) {
        if (mode == backends::TransactionMode::Write) {
            transaction_->execute_script(sql);
        } else {
            (void)transaction_->query(backends::Sql(sql), {})->next();
        }
    }
    void end() { transaction_.reset(); }

private:
    std::unique_ptr<backends::Connection> connection_;
    std::unique_ptr<backends::Transaction> transaction_;
};

/// Waits until something holds, for a bounded time.
inline bool eventually(const std::function<bool()>& holds, Milliseconds limit = Milliseconds(10'000)) {
    const auto start = SteadyClock::now();
    while (!holds()) {
        if (since(start) > limit) return false;
        std::this_thread::sleep_for(Milliseconds(10));
    }
    return true;
}

/// Does something again and again in a thread of its own.
class Repeated {
public:
    /// `make` runs in the thread first, and makes what is done.
    explicit Repeated(std::function<std::function<void()>()> make)
        : thread_([this, make = std::move(make)] {
              try {
                  const auto work = make();
                  while (!over_) {
                      const auto start = SteadyClock::now();
                      work();
                      const auto took = since(start).count();
                      longest_ = std::max(longest_.load(), took);
                      ++done_;
                      std::this_thread::sleep_for(Milliseconds(1));
                  }
              } catch (const std::exception& error) {
                  problem_ = error.what();
                  failed_ = true;
              }
          }) {}
    ~Repeated() { stop(); }
    Repeated(const Repeated&) = delete;
    Repeated& operator=(const Repeated&) = delete;

    void stop() {
        over_ = true;
        if (thread_.joinable()) thread_.join();
    }
    /// It goes on, whatever stands in the way of others now, and nothing took longer than that. Stops it.
    void check(Milliseconds most) {
        (void)eventually([this] { return done_ > 5 || failed_; });
        stop();
        INFO(problem_);
        CHECK_FALSE(failed_.load());
        CHECK(done_.load() > 5);
        CHECK(longest_.load() <= most.count());
    }
    [[nodiscard]] std::int64_t done() const { return done_; }
    [[nodiscard]] std::int64_t longest() const { return longest_; }

private:
    std::atomic<bool> over_{false};
    std::atomic<bool> failed_{false};
    std::atomic<std::int64_t> done_{0};
    std::atomic<std::int64_t> longest_{0};
    std::string problem_;
    std::thread thread_;
};

/// Reads of a reference, each of them sent to the place.
inline std::function<std::function<void()>()> reads_of(const std::string& url, const std::string& name) {
    return [url, name] {
        auto db = std::make_shared<Database>(Database::open(url, {.cache_bytes = 0, .wait = Milliseconds(20'000)}));
        return std::function<void()>([db, name] { CHECK(db->fetch_rows(name, Time{5})->status == Status::Found); });
    };
}

/// Commits to a reference, one behind the other.
inline std::function<std::function<void()>()> commits_to(const std::string& url, const std::string& name) {
    return [url, name] {
        auto db = std::make_shared<Database>(Database::open(url, {.wait = Milliseconds(20'000)}));
        return std::function<void()>([db, name, begin = std::int64_t{100}]() mutable {
            (void)commit(*db, {value(1.0, begin++, std::nullopt, "default", 0, name)});
        });
    };
}

}  // namespace etalon::test
