#include "reflect/clang_module.h"

#include <dlfcn.h>

#include <cstring>
#include <filesystem>
#include <system_error>

#include "etalon/error.h"

namespace etalon::reflect {

std::string find_clang_module() {
    constexpr int kLevels = 3;
    constexpr const char* kFile = "etalon/libetalon_headers.so";
    std::error_code failure;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", failure);
    std::string looked;
    auto folder = program.parent_path();
    for (int level = 0; level < kLevels && folder.has_relative_path(); ++level, folder = folder.parent_path()) {
        for (const auto* libraries : {"lib", ETALON_LIBRARIES}) {
            const auto file = folder / libraries / kFile;
            if (std::filesystem::exists(file, failure)) return file.string();
        }
        looked += (looked.empty() ? "" : ", ") + (folder / "lib" / "etalon").string();
    }
    throw Error(ErrorCode::Internal, {"the part of Etalon that reads headers is missing", "libetalon_headers.so",
                                      "in one of " + looked, "none", "install Etalon whole: cmake --install"});
}

std::unique_ptr<HeaderParser> load_header_parser(const std::string& module, const std::vector<NamedHeader>& headers,
                                                 std::string& why) {
    void* const library = dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL);
    void* const symbol = library == nullptr ? nullptr : dlsym(library, kMakeHeaderParser);
    if (symbol == nullptr) {
        const char* const said = dlerror();
        why = said != nullptr ? said : module;
        return nullptr;
    }
    MakeHeaderParser make = nullptr;
    std::memcpy(&make, &symbol, sizeof make);
    return std::unique_ptr<HeaderParser>(make(headers));
}

}  // namespace etalon::reflect
