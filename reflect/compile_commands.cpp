#include "reflect/compile_commands.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/json_reason.h"
#include "base/whole_input.h"
#include "etalon/error.h"

namespace etalon::reflect {
namespace {

namespace fs = std::filesystem;

struct Entry {
    fs::path file;
    std::string directory;
    std::vector<std::string> arguments;
};

std::string absolute(const std::string& path, const std::string& directory) {
    const fs::path given(path);
    if (given.is_absolute() || path.starts_with("=")) return path;
    return (fs::path(directory) / given).lexically_normal().string();
}

fs::path canonical_or_same(const fs::path& path) {
    std::error_code failed;
    fs::path real = fs::weakly_canonical(path, failed);
    return failed ? path : real;
}

[[noreturn]] void reject(const std::string& path, std::string what, std::string found) {
    throw Error(ErrorCode::BadInput,
                {std::move(what), path, "a list of objects with directory, file and command or arguments",
                 std::move(found), "write it with CMAKE_EXPORT_COMPILE_COMMANDS=ON or bear"});
}

std::vector<Entry> read_entries(const std::string& path) {
    constexpr std::uint64_t kLargest = std::uint64_t{256} << 20;
    constexpr int kDeepest = 8;
    std::string text;
    try {
        text = read_whole_file(path, "a compilation database", kLargest);
    } catch (const Error& error) {
        throw error.advised("check the path of compile_commands.json");
    }
    const auto watch = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
        if (depth > kDeepest) reject(path, "the compilation database is malformed", "too many levels");
        return true;
    };
    nlohmann::json root;
    try {
        root = nlohmann::json::parse(text, watch);
    } catch (const nlohmann::json::exception& error) {
        reject(path, "the compilation database is not JSON", json_reason(error.what()));
    }
    if (!root.is_array()) reject(path, "the compilation database is malformed", root.type_name());
    const std::string base = fs::absolute(path).parent_path().string();
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < root.size(); ++i) {
        const nlohmann::json& item = root[i];
        const std::string where = "entry " + std::to_string(i);
        try {
            Entry entry;
            entry.directory = absolute(item.value("directory", base), base);
            entry.file = canonical_or_same(absolute(item.at("file").get<std::string>(), entry.directory));
            if (item.contains("arguments"))
                entry.arguments = item.at("arguments").get<std::vector<std::string>>();
            else
                entry.arguments = split_command(item.at("command").get<std::string>());
            entries.push_back(std::move(entry));
        } catch (const nlohmann::json::exception& error) {
            reject(path, "the compilation database is malformed", where + ": " + error.what());
        }
    }
    if (entries.empty()) reject(path, "the compilation database has no entries", "an empty list");
    return entries;
}

/// True when a line of the source includes a file of that name.
bool includes(const fs::path& source, const std::string& file_name) {
    std::error_code failed;
    if (!fs::is_regular_file(source, failed)) return false;
    std::ifstream in(source);
    std::string line;
    while (std::getline(in, line)) {
        std::size_t at = line.find_first_not_of(" \t");
        if (at == std::string::npos || line[at] != '#') continue;
        at = line.find_first_not_of(" \t", at + 1);
        if (at == std::string::npos || line.compare(at, 7, "include") != 0) continue;
        const std::size_t name = line.find(file_name, at + 7);
        if (name == std::string::npos) continue;
        const char before = line[name - 1];
        const char behind = name + file_name.size() < line.size() ? line[name + file_name.size()] : ' ';
        if ((before == '"' || before == '<' || before == '/') && (behind == '"' || behind == '>')) return true;
    }
    return false;
}

std::size_t common_parts(const fs::path& a, const fs::path& b) {
    const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    static_cast<void>(right);
    return static_cast<std::size_t>(std::distance(a.begin(), left));
}

const Entry& choose(const std::vector<Entry>& entries, const NamedHeader& header) {
    const fs::path path = canonical_or_same(header.path);
    for (const Entry& entry : entries) {
        if (entry.file == path) return entry;
    }
    const Entry* best = nullptr;
    std::array<std::size_t, 3> best_score{};
    for (const Entry& entry : entries) {
        const std::array<std::size_t, 3> score{includes(entry.file, path.filename().string()) ? 1U : 0U,
                                               entry.file.stem() == path.stem() ? 1U : 0U,
                                               common_parts(entry.file.parent_path(), path.parent_path())};
        if (best == nullptr || score > best_score) {
            best = &entry;
            best_score = score;
        }
    }
    return *best;
}

bool is_abi_flag(std::string_view flag) {
    constexpr std::array<std::string_view, 8> kExact{"-fshort-enums",      "-fno-short-enums", "-funsigned-char",
                                                     "-fno-unsigned-char", "-fsigned-char",    "-fno-signed-char",
                                                     "-fpack-struct",      "-fms-extensions"};
    return flag.starts_with("-fpack-struct=") || std::find(kExact.begin(), kExact.end(), flag) != kExact.end();
}

/// Machine flags about code or debugging, with no meaning for a layout; GCC has many that Clang does not know.
bool is_machine_flag(std::string_view flag) {
    constexpr std::array<std::string_view, 9> kDropped{
        "-mtune",          "-mpreferred-stack-boundary", "-mindirect-branch",          "-mfunction-return",
        "-mrecord-mcount", "-mno-fp-ret-in-387",         "-maccumulate-outgoing-args", "-mfentry",
        "-mskip-rax-setup"};
    if (!flag.starts_with("-m") || flag.size() < 3) return false;
    return std::none_of(kDropped.begin(), kDropped.end(),
                        [&](std::string_view name) { return flag.starts_with(name); });
}

bool is_cxx_file(const fs::path& file) {
    constexpr std::array<std::string_view, 9> kEndings{".cc",  ".cpp", ".cxx", ".c++", ".C",
                                                       ".hpp", ".hh",  ".hxx", ".cu"};
    return std::find(kEndings.begin(), kEndings.end(), file.extension().string()) != kEndings.end();
}

}  // namespace

std::string language_of(const std::string& value) {
    if (value.starts_with("c++") || value.starts_with("gnu++")) return "c++";
    if (value == "c" || value == "c-header" || value == "cpp-output") return "c";
    const bool standard = value.starts_with("gnu") || value.starts_with("iso9899:") ||
                          (value.size() > 1 && value[0] == 'c' && value[1] >= '0' && value[1] <= '9');
    return standard ? "c" : "";
}

std::vector<std::string> split_command(const std::string& command) {
    std::vector<std::string> words;
    std::string word;
    bool open = false;
    char quote = '\0';
    for (std::size_t i = 0; i < command.size(); ++i) {
        const char c = command[i];
        if (quote == '\'') {
            if (c == '\'')
                quote = '\0';
            else
                word += c;
        } else if (c == '\\' && i + 1 < command.size()) {
            const char next = command[i + 1];
            // Between double quotes only these lose their backslash.
            if (quote == '"' && next != '"' && next != '\\' && next != '$' && next != '`') word += c;
            word += next;
            ++i;
            open = true;
        } else if (quote == '"') {
            if (c == '"')
                quote = '\0';
            else
                word += c;
        } else if (c == '"' || c == '\'') {
            quote = c;
            open = true;
        } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            if (open) words.push_back(std::move(word));
            word.clear();
            open = false;
        } else {
            word += c;
            open = true;
        }
    }
    if (open) words.push_back(std::move(word));
    return words;
}

DatabaseFlags filter_flags(const std::vector<std::string>& arguments, const std::string& directory) {
    constexpr std::array<std::string_view, 6> kPathFlags{"-isystem", "-iquote",  "-idirafter",
                                                         "-include", "-imacros", "-I"};
    DatabaseFlags flags;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        const bool has_next = i + 1 < arguments.size();
        bool taken = false;
        for (const std::string_view flag : kPathFlags) {
            if (!argument.starts_with(flag)) continue;
            std::string value = argument.substr(flag.size());
            if (value.empty() && has_next) value = arguments[++i];
            taken = true;
            if (value.empty() || value == "-") break;
            // A forced include is looked for beside the compiler's working directory first, then on the search path.
            const bool file = flag == "-include" || flag == "-imacros";
            const std::string full = absolute(value, directory);
            std::error_code failed;
            flags.arguments.emplace_back(flag);
            flags.arguments.push_back(file && !fs::exists(full, failed) ? value : full);
            break;
        }
        if (taken) continue;
        if (argument.starts_with("-D") || argument.starts_with("-U")) {
            std::string value = argument.substr(2);
            if (value.empty() && has_next) value = arguments[++i];
            if (!value.empty()) flags.arguments.push_back(argument.substr(0, 2) + value);
        } else if (argument.starts_with("-std=") || argument.starts_with("--std=")) {
            flags.standard = argument.substr(argument.find('=') + 1);
        } else if (argument.starts_with("-x")) {
            std::string value = argument.substr(2);
            if (value.empty() && has_next) value = arguments[++i];
            if (const std::string language = language_of(value); !language.empty()) flags.language = language;
        } else if (is_abi_flag(argument) || is_machine_flag(argument)) {
            flags.arguments.push_back(argument);
        } else if (argument == "-o" || argument == "-MF" || argument == "-MT" || argument == "-MQ" ||
                   argument == "-arch") {
            if (has_next) ++i;
        }
    }
    return flags;
}

std::vector<DatabaseFlags> read_compile_commands(const std::string& path, const std::vector<NamedHeader>& headers) {
    const std::vector<Entry> entries = read_entries(path);
    std::vector<DatabaseFlags> all;
    for (const NamedHeader& header : headers) {
        const Entry& entry = choose(entries, header);
        std::vector<std::string> arguments = entry.arguments;
        if (!arguments.empty()) arguments.erase(arguments.begin());
        DatabaseFlags flags = filter_flags(arguments, entry.directory);
        if (flags.language.empty()) {
            const std::string program = entry.arguments.empty() ? "" : entry.arguments.front();
            const bool cxx = is_cxx_file(entry.file) || program.ends_with("++") || language_of(flags.standard) == "c++";
            flags.language = cxx ? "c++" : "c";
        }
        all.push_back(std::move(flags));
    }
    return all;
}

}  // namespace etalon::reflect
