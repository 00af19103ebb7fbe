#pragma once
/// What a commit wrote, as bytes that do not depend on the place: names and hashes, never local IDs. The Merkle root
/// over them is part of the commit's hash (docs/storage_format.md gives the bytes of each kind).

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace etalon {

/// Kinds of items. Persisted: values never change.
enum class ItemKind : std::uint8_t {
    Record = 1,
    Retirement = 2,
    SchemaVersion = 3,
    Policy = 4,
    Rules = 5,
    Node = 6,
    Edge = 7,
    RetiredNode = 8,
    RetiredEdge = 9,
    Snapshot = 10,
    SnapshotEntry = 11,
    FrozenSnapshot = 12,
    Object = 13,
    NamedQuery = 14,
};

/// Puts the bytes of one item together: the kind as a byte, integers as eight little-endian bytes, texts and hashes
/// behind their length as such, what may be missing behind a byte 0 (missing) or 1.
class ItemBuilder {
public:
    explicit ItemBuilder(ItemKind kind) { bytes_.push_back(static_cast<std::byte>(kind)); }
    ItemBuilder& number(std::int64_t value) {
        append(std::as_bytes(std::span(&value, 1)));
        return *this;
    }
    ItemBuilder& number(std::optional<std::int64_t> value) {
        bytes_.push_back(static_cast<std::byte>(value.has_value()));
        return value ? number(*value) : *this;
    }
    ItemBuilder& text(std::string_view value) { return blob(as_bytes(value)); }
    ItemBuilder& blob(std::span<const std::byte> value) {
        number(static_cast<std::int64_t>(value.size()));
        append(value);
        return *this;
    }
    [[nodiscard]] Bytes finish() { return std::move(bytes_); }

private:
    void append(std::span<const std::byte> value) { bytes_.insert(bytes_.end(), value.begin(), value.end()); }
    Bytes bytes_;
};

/// The commit that is being made, for the rooms that write rows in it.
struct WriteStamp {
    std::int64_t commit = 0;
    std::int64_t entry_time = 0;          ///< nanoseconds
    std::vector<Bytes>* items = nullptr;  ///< where items go; null: nowhere

    void add(Bytes item) const {
        if (items != nullptr) items->push_back(std::move(item));
    }
};

}  // namespace etalon
