/// etalon file: files that are kept outside the databases.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <memory>

#include "base/bytes.h"
#include "cli/invocation.h"
#include "cli/render/progress.h"
#include "interchange/files.h"

namespace etalon::cli {
namespace {

int put(Invocation& invocation, const std::vector<std::string>& paths) {
    const auto store = invocation.file_store();
    const bool as_text = invocation.format() == Format::Table;
    std::vector<interchange::FileAtPath> files;
    for (const auto& path : paths) {
        {
            ProgressBar bar("storing");
            files.push_back({store.put(path, bar.callback()), path});
        }
        if (as_text) invocation.out << format_file(files.back().file) << "\n";
    }
    if (!as_text) print(invocation.out, invocation.format(), interchange::file_table(files));
    return 0;
}

/// A file by `sha256:...:size`, `sha256:...` or the digits alone.
OpenedFile open(const FileStore& store, const std::string& text, const Progress& progress) {
    constexpr std::string_view kPrefix = "sha256:";
    if (const auto file = parse_file(text); file && !file->is_null()) return store.open(*file, {}, progress);
    const auto digits = text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : text;
    const bool is_hex = digits.size() == 64 && std::all_of(digits.begin(), digits.end(),
                                                           [](unsigned char c) { return std::isxdigit(c) != 0; });
    if (is_hex) return store.open_hash(digits, progress);
    throw Error(
        ErrorCode::Usage,
        {"this names no file", {}, "64 hexadecimal digits, or sha256:DIGITS:SIZE as file put prints it", text, {}});
}

struct GetOptions {
    std::string file;
    std::string output;
};

int get(Invocation& invocation, const GetOptions& options) {
    const auto store = invocation.file_store();
    ProgressBar bar("verifying");
    const auto opened = open(store, options.file, bar.callback());
    if (options.output == "-") {
        opened.copy([&](std::span<const std::byte> piece) { invocation.out << as_text(piece); });
        return 0;
    }
    if (!options.output.empty()) opened.copy_to(options.output);
    const auto& path = options.output.empty() ? opened.path() : options.output;
    if (invocation.format() == Format::Table) {
        if (options.output.empty()) invocation.out << path << "\n";
        return 0;
    }
    print(invocation.out, invocation.format(),
          interchange::file_table(std::vector{interchange::FileAtPath{opened.file(), path}}));
    return 0;
}

/// A finding for people: what is wrong, and on lines of their own what was expected, found, and is to be done.
std::string text_of(const FileFinding& finding) {
    std::string text = std::string(name_of(finding.fault)) + (finding.path.empty() ? "" : " " + finding.path) +
                       ":\n  " + finding.what + "\n";
    const auto add = [&](std::string_view label, const std::string& part) {
        if (!part.empty()) text += "  " + std::string(label) + part + "\n";
    };
    add("object    ", finding.use.object);
    add("member    ", finding.use.member);
    add("expected  ", finding.expected);
    add("found     ", finding.found);
    add("do: ", finding.removed ? std::string() : finding.advice);
    if (finding.removed) text += "  was removed\n";
    return text;
}

struct CheckOptions {
    FileCheckOptions how;
    bool references = false;
};

int check(Invocation& invocation, const CheckOptions& chosen) {
    const auto store = invocation.file_store();
    auto options = chosen.how;
    if (chosen.references) {
        auto& references = options.references.emplace();
        for (const auto& name : invocation.names()) {
            const auto more = invocation.federation().get(name).file_references();
            references.insert(references.end(), more.begin(), more.end());
        }
    }
    FileCheckReport report;
    {
        ProgressBar bar("checking");
        report = store.check(options, bar.callback());
    }
    const auto& findings = report.findings;
    if (invocation.format() != Format::Table) {
        print(invocation.out, invocation.format(), interchange::file_check_table(findings));
        return findings.empty() ? 0 : 1;
    }
    for (const auto& finding : findings) invocation.out << text_of(finding);
    invocation.out << counted(report.files, "file") << " with " << counted(report.bytes, "byte") << ": "
                   << (findings.empty() ? std::string("sound") : counted(findings.size(), "finding")) << "\n";
    if (options.clean) {
        const auto& chosen = options.dry_run ? &FileFinding::removable : &FileFinding::removed;
        const auto number =
            std::count_if(findings.begin(), findings.end(), [&](const auto& one) { return one.*chosen; });
        invocation.out << counted(static_cast<std::uint64_t>(number), "half-written file")
                       << (options.dry_run ? " would be removed\n" : " removed\n");
    }
    return findings.empty() ? 0 : 1;
}

}  // namespace

void add_file_commands(CLI::App& app, Invocation& invocation, Action& action) {
    auto* file = app.add_subcommand("file", "Files outside the databases, kept under the hash of their content");
    file->require_subcommand(1);
    file->footer(
        "Folders: --files DIR before the command, else ETALON_FILES, else files = \"DIR\" of the federation file; ':'\n"
        "between several, the first is written to.\n"
        "Example:\n"
        "  mkdir pixels\n"
        "  etalon --files pixels file put image.tif\n"
        "  etalon --files pixels file check");

    auto* put_command = file->add_subcommand("put", "Store files, and print what objects and rows name them by");
    auto paths = std::make_shared<std::vector<std::string>>();
    put_command->add_option("PATH", *paths, "Regular files")->required()->check(not_empty());
    add_format(*put_command, invocation);
    put_command->footer(
        "Prints sha256:DIGITS:SIZE, a line a file. The same content is kept once, and nothing is ever overwritten.\n"
        "Example:\n  etalon --files pixels file put image1.tif image2.tif");
    put_command->callback([&action, paths] { action = [paths](Invocation& s) { return put(s, *paths); }; });

    auto* get_command = file->add_subcommand("get", "Verify a file, and print where it lies or write a copy");
    auto options = std::make_shared<GetOptions>();
    get_command->add_option("SHA256", options->file, "64 hexadecimal digits, or sha256:DIGITS:SIZE")
        ->required()
        ->check(not_empty());
    get_command
        ->add_option("-o,--output", options->output, "Write a copy there, whole or not at all; - is standard output")
        ->type_name("PATH")
        ->check(not_empty());
    add_format(*get_command, invocation);
    get_command->footer(
        "Example:\n"
        "  etalon --files pixels file get sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855:0 -o "
        "image.tif");
    get_command->callback([&action, options] { action = [options](Invocation& s) { return get(s, *options); }; });

    auto* check_command = file->add_subcommand("check", "Whether all files are what was stored");
    auto checks = std::make_shared<CheckOptions>();
    auto* clean = check_command->add_flag("--clean", checks->how.clean,
                                          "Remove what stopped puts left and nobody has written to for a day");
    check_command->add_flag("--references", checks->references,
                            "Also tell which files the databases name that are not there, and which they do not name");
    check_command->add_flag("--dry-run", checks->how.dry_run, "Say what --clean would remove")->needs(clean);
    add_format(*check_command, invocation);
    check_command->footer(
        "Reads everything in all folders. damaged: content that does not have the hash of its name; half-written: "
        "left\n"
        "by a put that was stopped, or being written; foreign: what no put makes; with --references also missing and "
        "unreferred.\n"
        "Exit status: 0 nothing found; 1 findings, also when they were removed.\n"
        "Example:\n  etalon --files pixels file check --clean --dry-run");
    check_command->callback([&action, checks] { action = [checks](Invocation& s) { return check(s, *checks); }; });
}

}  // namespace etalon::cli
