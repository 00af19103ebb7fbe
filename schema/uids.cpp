// Identities for rows that have none yet.

#include <sys/random.h>

#include <cerrno>
#include <cstring>

#include "base/identity.h"
#include "etalon/error.h"
#include "etalon/object.h"

namespace etalon {

void fill_uids(const StructDefinition& layout, std::byte* row) {
    constexpr auto kSize = size_of(ScalarType::Uid);
    for (const auto& element : layout.elements) {
        if (element.type != ScalarType::Uid) continue;
        for (std::uint64_t i = 0; i < element.count(); ++i) {
            std::byte* const at = row + element.offset + i * kSize;
            // All zero again is as likely as any other: it would be null.
            while (is_null_identity(ScalarType::Uid, at)) {
                const auto got = getrandom(at, kSize, 0);
                if (got == static_cast<ssize_t>(kSize) || (got < 0 && errno == EINTR)) continue;
                throw Error(ErrorCode::Backend, {"the system gives no random bytes", "getrandom", "",
                                                 got < 0 ? std::strerror(errno) : "fewer than asked for", ""});
            }
        }
    }
}

}  // namespace etalon
