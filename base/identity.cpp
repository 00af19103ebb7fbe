#include "base/identity.h"

#include <algorithm>
#include <cstring>

#include "base/numbers.h"
#include "etalon/ref.h"

namespace etalon {
namespace {

static_assert(sizeof(ObjectId) == size_of(ScalarType::Ref) && sizeof(Uid) == size_of(ScalarType::Uid));
static_assert(sizeof(File) == size_of(ScalarType::File) && alignof(File) == alignment_of(ScalarType::File));

}  // namespace

bool is_null_identity(ScalarType type, const std::byte* at) noexcept {
    return std::all_of(at, at + size_of(type), [](std::byte byte) { return byte == std::byte{0}; });
}

std::string identity_text(ScalarType type, const std::byte* at) {
    if (is_null_identity(type, at)) return {};
    return type == ScalarType::File ? format_file(load_number<File>(at)) : format_id(load_number<ObjectId>(at));
}

bool parse_identity(ScalarType type, std::string_view text, std::byte* out) noexcept {
    if (type == ScalarType::File) {
        const auto file = parse_file(text);
        if (!file) return false;
        std::memcpy(out, &*file, sizeof *file);
        return true;
    }
    const auto id = text.empty() ? std::optional<ObjectId>(ObjectId{}) : parse_id(text);
    if (!id) return false;
    std::memcpy(out, &*id, sizeof *id);
    return true;
}

}  // namespace etalon
