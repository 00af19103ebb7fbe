#pragma once
/// The comparison of references, and what comes of it.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "differences/rows.h"
#include "differences/side.h"
#include "etalon/diff.h"

namespace etalon::differences {

/// Counts differences by member and hands them on.
class Collector {
public:
    explicit Collector(const DiffVisitor& visit) : visit_(visit) {}

    /// Counts a difference and calls the visitor.
    void tell(const Difference& difference);
    /// Whether anybody wants to see them.
    [[nodiscard]] bool has_visitor() const noexcept { return static_cast<bool>(visit_); }
    /// The members of a layout under a path, in its order, for count() and measure().
    [[nodiscard]] std::vector<std::size_t> members_of(const std::string& path, const StructDefinition& layout);
    void add_values(std::size_t member, std::uint64_t values) { stats_[member].values += values; }
    /// Counts a value that differs by so much, without telling it.
    void measure(std::size_t member, const DiffNumber& difference);
    /// Adds what was read for a side.
    void add_sides(const DiffSideReport& before, const DiffSideReport& after);
    /// The report; once.
    [[nodiscard]] DiffReport finish();
    [[nodiscard]] DiffReport& report() noexcept { return report_; }

private:
    struct Stats {
        std::string path;
        std::string member;
        std::uint64_t values = 0;
        std::uint64_t differ = 0;
        std::uint64_t measured = 0;
        bool is_integer = false;
        std::uint64_t largest = 0;  ///< of integers, exactly
        std::uint64_t sum_low = 0;  ///< of integers, 128 bits
        std::uint64_t sum_high = 0;
        double largest_float = 0;
        long double sum = 0;
    };

    const DiffVisitor& visit_;
    DiffReport report_;
    std::vector<Stats> stats_;
    std::map<std::pair<std::string, std::string>, std::size_t> known_;
    std::array<bool, 2> mixed_{};  ///< references of that side were read as of several commits
};

/// Compares references and collects what differs.
class Engine {
public:
    Engine(const DiffOptions& options, const DiffVisitor& visit, const Progress& progress)
        : options_(options), progress_(progress), collector_(visit) {}

    /// Throws Error(Usage) for tolerances and keys that fit none of the layouts.
    void check_options(std::span<const DefinitionPtr> layouts) const;
    /// Compares two references; `path` is what the differences are told under. Throws as find_differences.
    void compare(SideReader& before, SideReader& after, const std::string& path);
    [[nodiscard]] Collector& collector() noexcept { return collector_; }
    /// The report. Throws Error(Usage) for a tolerance that fits no member that was compared.
    [[nodiscard]] DiffReport finish();
    /// Work on so many parts goes on with one of them.
    void begin_part(std::uint64_t part, std::uint64_t parts);

private:
    /// A stretch, or several neighbours with the same differences.
    struct Pending {
        Aligned pair;
        std::shared_ptr<const RowComparison> rows;  ///< null unless both sides have rows
        Interval stretch;
        Sha256 digest{};
        std::uint64_t count = 0;  ///< differences
    };
    struct Walk {
        const std::string& path;
        std::int64_t element;
        Aligner& aligner;
        std::optional<Pending> pending;
        std::optional<std::pair<Slice, Slice>> last;  ///< contents of the last stretch
    };

    void compare_at(SideReader& before, SideReader& after, const std::string& path, Aligner& aligner);
    void compare_range(SideReader& before, SideReader& after, const std::string& path, Aligner& aligner);
    void add_stretch(Walk& walk, const Slice& before, const Slice& after, const Interval& stretch);
    [[nodiscard]] std::shared_ptr<const RowComparison> comparison_of(const Aligned& pair);
    /// Tells all differences of a pair.
    void tell(const Aligned& pair, const RowComparison* rows, const std::string& path, std::int64_t element,
              const std::optional<Interval>& stretch, bool count_values);
    void flush(Walk& walk);
    void tick() const;

    const DiffOptions& options_;
    const Progress& progress_;
    Collector collector_;
    std::vector<bool> used_;
    bool compared_ = false;
    std::set<std::string> layouts_;  ///< names of structs that were compared
    std::string version_;            ///< chain of the references that are compared now, when it is one
    std::uint64_t part_ = 0;
    std::uint64_t parts_ = 0;
    // The last comparison: neighbours mostly have the same layout and the same absent values.
    std::shared_ptr<const RowComparison> comparison_;
    std::array<std::vector<std::string>, 2> absent_;
};

/// Throws Error(Usage) unless two references have one struct and one axis.
void check_alike(const SideReader& before, const SideReader& after);

inline constexpr std::string_view kFirstSide = "the first side";
inline constexpr std::string_view kSecondSide = "the second side";

}  // namespace etalon::differences
