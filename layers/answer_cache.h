#pragma once
/// The in-process cache: answers found again by their interval of validity, without a statement.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/answer.h"
#include "etalon/definition.h"
#include "etalon/interval.h"
#include "etalon/open.h"
#include "etalon/request.h"

namespace etalon::layers {

/// Everything that selects an answer, but the position.
struct AnswerKeyParts {
    std::string name;                    ///< the named reference
    std::vector<std::int64_t> elements;  ///< in the order asked for
    std::string version;                 ///< the version chain
    std::vector<std::int64_t> snapshot;  ///< what is read as of: the number of the snapshot taken, or the commit of
                                         ///< each layer and whether they are settled
    LayerUnit layer_unit = LayerUnit::Element;
    std::int64_t schema = 0;
    bool strict = false;
    bool lenient = false;
    bool any_position = false;
    bool provenance = true;
    Axis axis = Axis::Time;  ///< of the positions
    DefinitionPtr layout;    ///< the requested one, compared as a pointer and kept alive; null: as stored
    friend bool operator==(const AnswerKeyParts&, const AnswerKeyParts&) = default;
};

/// The same, to look for: what others own.
struct AnswerKeyView {
    std::string_view name;
    std::span<const std::int64_t> elements;
    std::string_view version;
    std::span<const std::int64_t> snapshot;
    LayerUnit layer_unit = LayerUnit::Element;
    std::int64_t schema = 0;
    bool strict = false;
    bool lenient = false;
    bool any_position = false;
    bool provenance = true;
    Axis axis = Axis::Time;
    const StructDefinition* layout = nullptr;

    [[nodiscard]] static AnswerKeyView of(const AnswerKeyParts& parts) noexcept;
    /// Copies; `shared` is the owner of `layout`.
    [[nodiscard]] AnswerKeyParts own(DefinitionPtr shared) const;
    /// Of equal ones the same.
    [[nodiscard]] std::size_t hash() const noexcept;
};
[[nodiscard]] bool operator==(const AnswerKeyView& a, const AnswerKeyView& b) noexcept;

/// AnswerKeyParts with their hash, computed once.
class AnswerKey {
public:
    explicit AnswerKey(AnswerKeyParts parts);
    [[nodiscard]] const AnswerKeyParts& parts() const noexcept { return parts_; }
    [[nodiscard]] std::size_t hash() const noexcept { return hash_; }
    friend bool operator==(const AnswerKey& a, const AnswerKey& b) noexcept {
        return a.hash_ == b.hash_ && a.parts_ == b.parts_;
    }

private:
    AnswerKeyParts parts_;
    std::size_t hash_;
};

/// Shared, immutable answers by key and interval, gaps and holes like any other. At most `max_bytes` of rows and
/// bookkeeping (as bytes_of counts them); beyond, the least recently used go first, approximately (CLOCK). Intervals of
/// one key never overlap. All calls may come from any thread; a hit takes a shared lock that only threads on the same
/// processor share, and allocates nothing but, once, a copy of the answer's count for another processor.
///
/// A load takes generation() before it begins, so that what was read before an invalidate() is not put back after it:
///
///     if (auto answer = cache.find(key, at)) return *answer;
///     const auto generation = cache.generation();
///     Answer answer = load(...);
///     cache.insert(key, answer, generation);
class AnswerCache {
public:
    /// 0 keeps nothing.
    explicit AnswerCache(std::uint64_t max_bytes);
    ~AnswerCache();
    AnswerCache(const AnswerCache&) = delete;
    AnswerCache& operator=(const AnswerCache&) = delete;

    /// The kept answer whose interval contains the position; counts a hit. At plus infinity that is one without an end.
    /// What was asked for at any position is found at all of them.
    [[nodiscard]] std::optional<Answer> find(const AnswerKeyView& key, std::int64_t at) const;
    [[nodiscard]] std::optional<Answer> find(const AnswerKey& key, std::int64_t at) const {
        return find(AnswerKeyView::of(key.parts()), at);
    }
    /// Keeps an answer that was loaded for the key since generation(); counts a load, kept or not. Kept ones of the key
    /// that overlap its interval go. It is not kept when its name was invalidated meanwhile, when it is larger than the
    /// bound (with its key), or when its interval is empty or on another axis than the key's.
    void insert(const AnswerKey& key, const Answer& answer, std::uint64_t generation);
    /// False: nothing is ever kept, so that no key needs to be made.
    [[nodiscard]] bool keeps_any() const noexcept;
    /// Counts a load of an answer that nobody asked to keep.
    void count_load() noexcept;
    /// Forgets all answers for a named reference.
    void invalidate(std::string_view name);
    /// Forgets all answers. Counters go on.
    void clear();
    /// The number to give to insert(), taken before the load begins.
    [[nodiscard]] std::uint64_t generation() const noexcept;
    [[nodiscard]] CacheCounters counters() const;

    /// What counts against the bound: rows, texts and records of the answer, and the bookkeeping for it. The first
    /// answer of a key also pays for the key. The requested layout is shared and costs nothing.
    [[nodiscard]] static std::uint64_t bytes_of(const Answer& answer) noexcept;
    [[nodiscard]] static std::uint64_t bytes_of(const AnswerKey& key) noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace etalon::layers
