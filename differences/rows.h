#pragma once
/// Rows of two sides in one layout, compared value by value. Pure.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "differences/tolerances.h"
#include "etalon/definition.h"
#include "etalon/diff.h"

namespace etalon::differences {

/// Which sides have stored a value.
enum class Stored : std::uint8_t { Both = 0, After = 1, Before = 2, Neither = 3 };

/// A member, made ready for one pair of answers.
struct MemberPlan {
    const Element* element = nullptr;
    std::uint64_t count = 0;       ///< values of a row
    std::uint64_t compared = 0;    ///< of these, those that one side at least has stored
    std::uint64_t value_size = 0;  ///< bytes
    std::vector<Stored> stored;    ///< of each value; empty: both have all
    bool has_limits = false;       ///< some tolerance is not 0
    Limits absolute;
    Limits relative;
};

/// Rows of one side.
struct RowsOfSide {
    std::shared_ptr<const std::byte> data;  ///< may be null when there are none
    std::size_t first_byte = 0;             ///< of the first row in data
    std::uint64_t num_rows = 0;
    std::span<const std::string> absent;  ///< as ElementAnswer::absent
    std::string_view what;                ///< which side, for errors: `the first side`

    [[nodiscard]] const std::byte* begin() const noexcept { return data.get() + first_byte; }
};

/// A value of two rows that differs.
struct ValueFound {
    std::size_t member = 0;   ///< index of MemberPlan
    std::uint64_t value = 0;  ///< of the member
    std::uint64_t row = 0;
    std::uint64_t other_row = 0;
    const std::byte* before = nullptr;  ///< the value; of a number also when it is absent
    const std::byte* after = nullptr;
    const std::byte* key_row = nullptr;  ///< a row that has the key
    Stored stored = Stored::Both;
};

/// Takes what is found.
class RowSink {
public:
    RowSink() = default;
    RowSink(const RowSink&) = delete;
    RowSink& operator=(const RowSink&) = delete;
    virtual ~RowSink() = default;
    virtual void value(const ValueFound& found) = 0;
    /// A row of one side: RowAdded or RowRemoved.
    virtual void row(DiffKind kind, std::uint64_t row, const std::byte* at) = 0;
};

/// The comparison of two answers of one layout.
class RowComparison {
public:
    /// `used`: of each absolute, then each relative tolerance, whether it matched something; they are set. Throws
    /// Error(Usage) for a key that does not fit, or that a side has not stored.
    RowComparison(DefinitionPtr layout, const RowsOfSide& before, const RowsOfSide& after, const DiffOptions& options,
                  std::vector<bool>& used);

    [[nodiscard]] const std::vector<MemberPlan>& members() const noexcept { return members_; }
    [[nodiscard]] const std::vector<const Element*>& key() const noexcept { return key_; }
    [[nodiscard]] const DefinitionPtr& layout() const noexcept { return layout_; }
    /// Compares rows that lie as those that it was made with; returns how many rows stood beside each other. Throws
    /// Error(Usage) for rows of one side with equal keys.
    std::uint64_t run(const RowsOfSide& before, const RowsOfSide& after, RowSink& sink) const;

private:
    std::uint64_t run_by_position(const RowsOfSide& before, const RowsOfSide& after, RowSink& sink) const;
    /// What the struct declares behind `key:`, when both sides have stored it.
    void take_declared_key();
    std::uint64_t run_by_key(const RowsOfSide& before, const RowsOfSide& after, RowSink& sink) const;
    void compare(const std::byte* a, const std::byte* b, std::uint64_t row, std::uint64_t other, RowSink& sink) const;

    DefinitionPtr layout_;
    std::vector<MemberPlan> members_;
    std::vector<const Element*> key_;
    bool same_stored_ = true;  ///< no value is stored on one side only: equal bytes are equal
};

/// A value of a row as a variant.
[[nodiscard]] DiffValue load_value(const Element& element, const std::byte* at);
/// after - before; none where that means nothing.
[[nodiscard]] DiffNumber difference_of(const Element& element, const std::byte* before, const std::byte* after);

}  // namespace etalon::differences
