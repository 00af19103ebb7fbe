#pragma once
/// Typed rows: `db.fetch<T>(...)`.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "etalon/answer.h"
#include "etalon/key_index.h"
#include "etalon/traits.h"

namespace etalon {

namespace detail {
/// The part of a request that refresh() needs to ask again. Owned by the Rows; outlives its Database only to fail
/// politely.
class Source {
public:
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    virtual ~Source() = default;
    /// Reads the same request at another position.
    virtual Answer ask(Position at) = 0;
    /// Reads which record answered for an element.
    virtual Provenance find_provenance(const ElementAnswer& element) = 0;
    /// Grows each time the database takes a new snapshot; lives as long as the source.
    const std::atomic<std::uint64_t>& epoch;

protected:
    explicit Source(const std::atomic<std::uint64_t>& counter) : epoch(counter) {}
};
/// Throws Error(Unknown): indexing an answer that has no rows.
[[noreturn]] void throw_no_rows(const AnswerData& answer);
/// Throws Error(Usage): row index out of range.
[[noreturn]] void throw_bad_index(const AnswerData& answer, std::size_t index);
/// True when status, rows or elements differ (not merely the interval or the record).
[[nodiscard]] bool rows_differ(const AnswerData& a, const AnswerData& b) noexcept;
}  // namespace detail

/// The rows of a named reference at a position, as `T` was compiled. Iterating or indexing a Gap or an Incomplete
/// answer throws with its interval; a Hole is empty. Reading is thread-safe; refresh() is not.
template <class T>
class Rows {
public:
    Rows(Answer answer, std::shared_ptr<detail::Source> source, std::uint64_t epoch)
        : answer_(std::move(answer)), source_(std::move(source)), epoch_(epoch) {
        remember();
    }

    [[nodiscard]] Status status() const noexcept { return answer_->status; }
    /// True when there are rows to use.
    [[nodiscard]] explicit operator bool() const noexcept { return answer_->status == Status::Found; }
    /// The largest interval around the asked position in which the answer stays the same.
    [[nodiscard]] const Interval& validity() const noexcept { return answer_->validity; }
    /// Elements of T that were not stored and hold their default, or zero: `name`, or `name[3:]` of an array that was
    /// shorter; of several elements all that any lacks (elements() has those of each). Default or zero without being
    /// listed here was stored.
    [[nodiscard]] const std::vector<std::string>& absent() const noexcept { return answer_->absent; }
    /// Arrays that were longer than T has them: `name[3:]`.
    [[nodiscard]] const std::vector<std::string>& truncated() const noexcept { return answer_->truncated; }
    [[nodiscard]] std::vector<std::int64_t> missing() const { return answer_.missing(); }
    [[nodiscard]] std::vector<std::int64_t> holes() const { return answer_.holes(); }
    /// Status, interval and rows of each element asked for; its record when FetchOptions::provenance is true.
    [[nodiscard]] const std::vector<ElementAnswer>& elements() const noexcept { return answer_->elements; }
    /// The record of the first element that has one; throws on a Gap. Asks the store unless FetchOptions::provenance
    /// said that it shall be read with the rows.
    [[nodiscard]] Provenance provenance() const {
        for (const auto& element : answer_->elements) {
            if (element.provenance) return *element.provenance;
            if (element.status != Status::Gap) return source_->find_provenance(element);
        }
        detail::throw_no_rows(*answer_);
    }
    [[nodiscard]] const Answer& answer() const noexcept { return answer_; }

    [[nodiscard]] std::size_t size() const { return span().size(); }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] const T& operator[](std::size_t index) const {
        const auto rows = span();
        if (index >= rows.size()) detail::throw_bad_index(*answer_, index);
        return rows[index];
    }
    [[nodiscard]] const T* begin() const { return span().data(); }
    [[nodiscard]] const T* end() const { return span().data() + span().size(); }
    /// All rows, those of the first element first. Valid as long as this object, or a copy of answer(), lives.
    [[nodiscard]] std::span<const T> span() const {
        if (answer_->status == Status::Gap || answer_->status == Status::Incomplete) detail::throw_no_rows(*answer_);
        return {reinterpret_cast<const T*>(answer_->data.get()), answer_->num_rows};
    }
    /// The rows of one of the elements asked for; empty when it has none.
    [[nodiscard]] std::span<const T> of_element(std::int64_t element) const {
        for (const auto& one : answer_->elements) {
            if (one.element == element) {
                return {reinterpret_cast<const T*>(answer_->data.get()) + one.first_row, one.num_rows};
            }
        }
        return {};
    }

    /// The row with that key, or null: `rows.find(sector, pad)`, one argument for each member of T that is declared as
    /// key, in their order (numbers, enumerations, truth values, text). The index is made by the first call, and again
    /// after a refresh(); a call takes the same time however many rows there are. Throws Error(Usage) when T declares
    /// no keys, other ones, or several elements were asked for (find_in), Error(Refused) when several rows have the
    /// key, and as span().
    template <class... K>
    [[nodiscard]] const T* find(const K&... key) const {
        if (answer_->elements.size() > 1) detail::throw_several_elements(*answer_);
        return find_in(answer_->elements.empty() ? 0 : answer_->elements.front().element, key...);
    }
    /// The same among the rows of one of the elements asked for.
    template <class... K>
    [[nodiscard]] const T* find_in(std::int64_t element, const K&... key) const {
        const auto rows = span();
        const std::array<detail::KeyValue, sizeof...(K)> parts{detail::key_value(key)...};
        const auto row = keys_.get(*answer_).find(element, parts);
        return row ? &rows[*row] : nullptr;
    }

    /// Moves to another position. Inside the interval, and while the database has not advanced its snapshot, nothing is
    /// asked. Returns true when the rows (or the status) changed. On an Error the old rows stay.
    bool refresh(Position at) {
        if (at.value >= begin_ && at.value <= last_ && at.axis == answer_->validity.axis &&
            source_->epoch.load(std::memory_order_relaxed) == epoch_) [[likely]] {
            return false;
        }
        return reload(at);
    }

private:
    bool reload(Position at) {
        const auto epoch = source_->epoch.load();
        Answer next = source_->ask(at);
        const bool changed = detail::rows_differ(*answer_, *next);
        answer_ = std::move(next);
        keys_.forget();
        epoch_ = epoch;
        remember();
        return changed;
    }
    /// The interval as an inclusive range: the common case of refresh() is two comparisons.
    void remember() noexcept {
        begin_ = answer_->validity.begin;
        last_ = answer_->validity.end ? *answer_->validity.end - 1 : kPlusInfinity;
    }

    Answer answer_;
    detail::LazyKeyIndex keys_;
    std::shared_ptr<detail::Source> source_;
    std::uint64_t epoch_ = 0;
    std::int64_t begin_ = 0;
    std::int64_t last_ = 0;
};

}  // namespace etalon
