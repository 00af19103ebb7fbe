#pragma once
/// Rows by their natural index: what Rows::find() works with.

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "etalon/answer.h"

namespace etalon::detail {

/// One part of a key: a number, a truth value or an enumeration by its number, or text.
using KeyValue = std::variant<std::int64_t, std::uint64_t, std::string_view>;

template <class K>
[[nodiscard]] KeyValue key_value(const K& key) {
    if constexpr (std::is_enum_v<K>) {
        return key_value(static_cast<std::underlying_type_t<K>>(key));
    } else if constexpr (std::signed_integral<K> || std::same_as<K, bool>) {
        return static_cast<std::int64_t>(key);
    } else if constexpr (std::unsigned_integral<K>) {
        return static_cast<std::uint64_t>(key);
    } else if constexpr (std::is_array_v<K>) {
        // A text that fills its member has no NUL.
        return std::string_view(key, strnlen(key, std::extent_v<K>));
    } else {
        return std::string_view(key);
    }
}

/// The rows of an answer by the members of their struct that are declared as keys (docs/writing_structs.md). Immutable.
class KeyIndex {
public:
    /// Throws Error(Usage) when the layout declares no keys.
    explicit KeyIndex(const AnswerData& answer);
    /// The row with that key in the answer for an element, or nothing. Throws Error(Usage) for another number of parts
    /// or a part of another kind, Error(Refused) when several rows have it: they were stored before there were keys.
    [[nodiscard]] std::optional<std::size_t> find(std::int64_t element, std::span<const KeyValue> key) const;

private:
    [[nodiscard]] std::string describe(std::span<const KeyValue> key) const;

    struct Part {
        std::string path;
        bool is_text = false;
    };
    static constexpr std::size_t kSeveral = static_cast<std::size_t>(-1);
    std::string where_;
    std::vector<Part> parts_;
    std::unordered_map<std::string, std::size_t> rows_;  // by element and key
};

/// Made when it is first asked for. Copies share what is there; threads may ask, and copy, at once. forget() is for one
/// thread alone, as is what calls it.
class LazyKeyIndex {
public:
    LazyKeyIndex() = default;
    LazyKeyIndex(const LazyKeyIndex& other) { take(other.shared()); }
    LazyKeyIndex& operator=(const LazyKeyIndex& other) {
        take(other.shared());
        return *this;
    }
    ~LazyKeyIndex() = default;

    /// Valid until forget().
    [[nodiscard]] const KeyIndex& get(const AnswerData& answer) const {
        if (const auto* known = known_.load(std::memory_order_acquire)) return *known;
        const std::lock_guard lock(mutex_);
        if (!index_) index_ = std::make_shared<const KeyIndex>(answer);
        known_.store(index_.get(), std::memory_order_release);
        return *index_;
    }
    void forget() { take(nullptr); }

private:
    [[nodiscard]] std::shared_ptr<const KeyIndex> shared() const {
        const std::lock_guard lock(mutex_);
        return index_;
    }
    void take(std::shared_ptr<const KeyIndex> index) {
        known_.store(index.get(), std::memory_order_release);
        index_ = std::move(index);
    }

    mutable std::mutex mutex_;
    mutable std::shared_ptr<const KeyIndex> index_;
    mutable std::atomic<const KeyIndex*> known_{nullptr};  // spares the lock
};

/// Throws Error(Usage): a key alone does not tell which of several elements is meant.
[[noreturn]] void throw_several_elements(const AnswerData& answer);

}  // namespace etalon::detail
