#include "cli/input/arguments.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace etalon::cli {
namespace {

constexpr std::array<std::string_view, 3> kReadsHeaders = {"register", "check", "traits"};
constexpr std::array<std::string_view, 9> kGlobalWithValue = {
    "-d", "--database", "--config", "--format", "--db", "--write-to", "--wait", "--at-least", "--files"};
constexpr std::array<std::string_view, 18> kMayBeNegative = {
    "--begin",      "--end",    "--at",      "--from",    "--to",        "--entered-from",
    "--entered-to", "--as-of",  "--created", "--element", "--run",       "--schema",
    "--limit",      "--at-run", "--at-time", "--wait",    "--tolerance", "--relative"};

template <class List>
bool contains(const List& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

bool is_negative_value(std::string_view text) {
    if (text.size() < 2 || text[0] != '-') return false;
    return (text[1] >= '0' && text[1] <= '9') || text.substr(1, 3) == "inf";
}

/// Where the command stands: the first argument that is neither a global option nor its value.
std::size_t find_command(const std::vector<std::string>& args) {
    std::size_t i = 0;
    while (i < args.size() && args[i].starts_with('-')) i += contains(kGlobalWithValue, args[i]) ? 2 : 1;
    return i;
}

}  // namespace

Arguments prepare_arguments(std::vector<std::string> args) {
    Arguments result;
    const auto command = find_command(args);
    if (command < args.size()) result.command = args[command];
    if (contains(kReadsHeaders, result.command)) {
        const auto dashes = std::find(args.begin(), args.end(), "--");
        if (dashes != args.end()) {
            result.clang_args.assign(dashes + 1, args.end());
            args.erase(dashes, args.end());
        }
    }
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (args[i] == "--") {
            result.args.insert(result.args.end(), args.begin() + static_cast<std::ptrdiff_t>(i), args.end());
            break;
        }
        if (contains(kMayBeNegative, args[i]) && i + 1 < args.size() && is_negative_value(args[i + 1])) {
            result.args.push_back(args[i] + "=" + args[i + 1]);
            ++i;
        } else {
            result.args.push_back(args[i]);
        }
    }
    result.command_index = std::min(find_command(result.args), result.args.size());
    return result;
}

}  // namespace etalon::cli
