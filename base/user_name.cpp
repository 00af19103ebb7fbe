#include "base/user_name.h"

#include <pwd.h>

#include <array>

namespace etalon {

std::optional<std::string> find_user_name(uid_t user) {
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return std::nullopt;
    return found->pw_name;
}

}  // namespace etalon
