#pragma once
/// How content lies in a folder of files, and how it is opened without following a link.

#include <optional>
#include <string>
#include <string_view>

#include "etalon/ref.h"
#include "files/descriptor.h"

namespace etalon::files {

inline constexpr std::size_t kSubfolderDigits = 2;
inline constexpr std::size_t kNameDigits = 62;
/// What a put writes begins so, until it is renamed.
inline constexpr std::string_view kPartPrefix = ".part-";

/// `ab` and `cdef...` of a hash.
struct PlaceInRoot {
    std::string subfolder;
    std::string name;
};
[[nodiscard]] PlaceInRoot place_of(const unsigned char (&sha256)[32]);
[[nodiscard]] bool is_subfolder_name(std::string_view name) noexcept;
[[nodiscard]] bool is_content_name(std::string_view name) noexcept;

/// A folder, which may itself be named through links; not open when there is none. Throws for anything else.
[[nodiscard]] Descriptor open_root(const std::string& root);

/// How something below a folder was found.
struct Found {
    Descriptor opened;    ///< when it is what was looked for
    std::string problem;  ///< when it is there, but something else: what it is
    [[nodiscard]] bool is_absent() const noexcept { return !opened.is_open() && problem.empty(); }
};
/// A folder below an open one. A link, or what is no folder, is a problem; what the system refuses throws.
[[nodiscard]] Found open_subfolder(const Descriptor& root, const std::string& name, const std::string& path);
/// A regular file likewise.
[[nodiscard]] Found open_content(const Descriptor& subfolder, const std::string& name, const std::string& path);

}  // namespace etalon::files
