// What a cold read and a commit cost when a place grows.

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "bench_structs.traits.h"
#include "benchmarks/measures.h"

namespace etalon::bench {

namespace {

constexpr std::size_t kFill = 100'000;  // records of a commit that fills
constexpr std::size_t kCommit = 100;    // records of a commit that is timed

/// A filled place of `count` records of BenchGain.
class Grown {
public:
    Grown(Places& places, std::size_t count)
        : places_(places),
          name_(fmt::format("growth_{}", count)),
          series_(points_series(count)),
          times_(random_times(count, std::min<std::size_t>(count, 4096))),
          at_(times_) {
        {
            auto db = create_database(places.url(name_));
            fill_points(db, count, kFill);
        }
        places.analyze(name_);
        db_ = std::make_unique<Database>(open_cold(places.url(name_)));
        layout_ = db_->get_definition("BenchGain");
        for (std::size_t i = 0; i < std::min<std::size_t>(count, 100); ++i) check(times_[i]);
        // Pages come into the caches before anything is timed.
        for (std::size_t i = 0; i < times_.size(); ++i) read();
    }
    ~Grown() {
        db_.reset();
        places_.drop(name_);
    }
    Grown(const Grown&) = delete;
    Grown& operator=(const Grown&) = delete;

    void read() { sink = db_->fetch<BenchGain>("BenchGain", Time{at_.next()})[0].g00; }
    /// Makes the records of `commits` calls of commit(), which appends them.
    void prepare(std::size_t commits) {
        for (std::size_t i = 0; i < commits; ++i) {
            records_.push_back(make_records(series_.part(series_.count, kCommit), "BenchGain", layout_));
            series_.count += kCommit;
        }
    }
    void commit() {
        if (db_->commit(records_.at(committed_++)).records != kCommit) give_up("records were not written");
    }
    /// What was committed is what is read.
    void check_committed() {
        (void)db_->advance();
        check(series_.begin_of(series_.count - 1));
        check(series_.begin_of(series_.count - kCommit) - 1);
    }

private:
    void check(std::int64_t at) {
        const auto k = static_cast<std::size_t>((at - series_.begin) / series_.step);
        PointAnswer expected{series_.begin_of(k), series_.end_of(k), {}};
        fill_row(*layout_, series_.seed + k, reinterpret_cast<std::byte*>(&expected.row));
        check_point(*db_->fetch<BenchGain>("BenchGain", Time{at}).answer(), expected);
    }

    Places& places_;
    std::string name_;
    Series series_;
    std::vector<std::int64_t> times_;
    Times at_;
    std::unique_ptr<Database> db_;
    DefinitionPtr layout_;
    std::vector<std::vector<PutRecord>> records_;
    std::size_t committed_ = 0;
};

}  // namespace

void measure_growth(Places& places, const Size& size, Table& table) {
    constexpr std::size_t kLargest = 10'000'000;
    const auto commits = size.proof_pairs;
    Grown base(places, size.growth_base);
    // Reads first: what is committed then changes the place that the others stand beside.
    for (const auto count : size.growth) {
        if (count == size.growth_base) continue;
        Grown grown(places, count);
        const auto reads = measure_pairs([&] { grown.read(); }, [&] { base.read(); }, size.pairs, size.turn);
        table.add_times(fmt::format("cold read, {} records beside {}", count, size.growth_base), places.engine(), reads,
                        count == kLargest ? 1.3 : 0);
        grown.prepare(commits);
        base.prepare(commits);
        const auto written = measure_pairs([&] { grown.commit(); }, [&] { base.commit(); }, commits, 0);
        grown.check_committed();
        base.check_committed();
        table.add_times(fmt::format("commit of {}, {} records beside {}", kCommit, count, size.growth_base),
                        places.engine(), written, 0);
    }
}

}  // namespace etalon::bench
