#include "reflect/clang_reader.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/RecordLayout.h>
#include <clang/Basic/DiagnosticIDs.h>
#include <clang/Basic/DiagnosticSema.h>
#include <clang/Basic/FileManager.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Lex/Lexer.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Pragma.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Sema/Sema.h>
#include <clang/Tooling/Tooling.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/VirtualFileSystem.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <optional>

#include "reflect/clang_values.h"

namespace etalon::reflect {

/// The text of etalon/ref.h; its source is written when this is built.
extern const char* const kRefHeader;

namespace {

/// Where etalon/ref.h is found when no directory of the user's has it: in memory only.
constexpr std::string_view kOwnHeaders = "/.etalon-headers";
using clang::FileID;
using clang::SourceLocation;
using clang::SourceManager;

/// What the callbacks of one parse share.
struct Session {
    Session(const std::map<llvm::sys::fs::UniqueID, std::string>& names, const NamedHeader& header, ReadingPlace& where)
        : spelled(names), header_name(header.spelling), place(where) {
        llvm::sys::fs::UniqueID id;
        if (!llvm::sys::fs::getUniqueID(header.path, id)) header_id = id;
    }

    const std::map<llvm::sys::fs::UniqueID, std::string>& spelled;  ///< how the named headers are called
    std::string header_name;
    std::optional<llvm::sys::fs::UniqueID> header_id;
    ReadingPlace& place;
    std::map<FileID, std::size_t> file_index;
    std::map<FileID, std::vector<std::pair<std::uint32_t, std::uint32_t>>> comments;
    struct Warning {
        SourceLocation at;
        std::string kind;
        std::string name;
    };
    std::vector<Warning> warnings;
    SourceLocation open_pack;
    std::vector<std::pair<SourceLocation, SourceLocation>>
        swapped_regions;  ///< `#pragma scalar_storage_order big-endian`
    RawUnit unit;

    /// True in the header that is read, not in what it includes.
    bool is_header(const SourceManager& sm, FileID file) const {
        const auto entry = sm.getFileEntryRefForID(file);
        return entry && header_id && entry->getUniqueID() == *header_id;
    }
    std::string name_of(const SourceManager& sm, FileID file) const {
        const auto entry = sm.getFileEntryRefForID(file);
        if (!entry) return sm.getBufferOrFake(file).getBufferIdentifier().str();
        const auto found = spelled.find(entry->getUniqueID());
        return found == spelled.end() ? entry->getName().str() : found->second;
    }
    /// Where it is written: of text in the argument of a macro there, of other text out of a macro at its use.
    std::string display(const SourceManager& sm, SourceLocation at) const {
        if (at.isInvalid()) return {};
        const auto [file, offset] = sm.getDecomposedLoc(sm.getFileLoc(at));
        // The synthetic file is nobody's: what is wrong with its only line is wrong with the header as a whole.
        if (file == sm.getMainFileID()) return header_name + ":1:1";
        return name_of(sm, file) + ":" + std::to_string(sm.getLineNumber(file, offset)) + ":" +
               std::to_string(sm.getColumnNumber(file, offset));
    }
    std::size_t index_of(const SourceManager& sm, FileID file) {
        const auto [it, added] = file_index.emplace(file, unit.files.size());
        if (added) unit.files.push_back({name_of(sm, file), sm.getBufferData(file).str(), {}});
        return it->second;
    }
};

class DiagnosticCollector : public clang::DiagnosticConsumer {
public:
    explicit DiagnosticCollector(Session& session) : session_(session) {}

    void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& info) override {
        clang::DiagnosticConsumer::HandleDiagnostic(level, info);
        if (info.getID() == clang::diag::warn_unknown_attribute_ignored) {
            llvm::SmallString<64> text;
            info.FormatDiagnostic(text);
            session_.warnings.push_back({info.getLocation(), "attribute", quoted(text.str())});
            return;
        }
        if (info.getID() == clang::diag::ext_no_declarators) {
            session_.warnings.push_back({info.getLocation(), "no-name", ""});
        }
        if (level < clang::DiagnosticsEngine::Error) return;
        llvm::SmallString<256> text;
        info.FormatDiagnostic(text);
        RawError error;
        error.message = text.str().str();
        if (info.hasSourceManager() && info.getLocation().isValid()) {
            error.location = session_.display(info.getSourceManager(), info.getLocation());
        }
        session_.unit.errors.push_back(std::move(error));
    }

private:
    static std::string quoted(llvm::StringRef text) {
        const auto parts = text.split('\'').second.split('\'');
        return parts.first.str();
    }
    Session& session_;
};

class CommentCollector : public clang::CommentHandler {
public:
    explicit CommentCollector(Session& session) : session_(session) {}
    bool HandleComment(clang::Preprocessor& pp, clang::SourceRange range) override {
        const SourceManager& sm = pp.getSourceManager();
        const auto [file, begin] = sm.getDecomposedLoc(range.getBegin());
        const auto [end_file, end] = sm.getDecomposedLoc(range.getEnd());
        if (file == end_file) session_.comments[file].emplace_back(begin, end);
        return false;
    }

private:
    Session& session_;
};

/// `#pragma scalar_storage_order` changes the bytes that GCC writes; Clang ignores it without a word.
class StorageOrderPragma : public clang::PragmaHandler {
public:
    explicit StorageOrderPragma(Session& session) : PragmaHandler("scalar_storage_order"), session_(session) {}
    void HandlePragma(clang::Preprocessor& pp, clang::PragmaIntroducer introducer, clang::Token&) override {
        clang::Token token;
        pp.Lex(token);
        const bool swapped = token.is(clang::tok::identifier) && token.getIdentifierInfo()->isStr("big");
        auto& regions = session_.swapped_regions;
        if (!regions.empty() && regions.back().second.isInvalid()) regions.back().second = introducer.Loc;
        if (swapped) regions.emplace_back(introducer.Loc, SourceLocation());
        while (token.isNot(clang::tok::eod)) pp.Lex(token);
    }

private:
    Session& session_;
};

/// Turns declarations into records.
class RecordReader {
public:
    RecordReader(Session& session, clang::ASTContext& context)
        : session_(session), context_(context), sm_(context.getSourceManager()), policy_(context.getPrintingPolicy()) {
        policy_.SuppressTagKeyword = context.getLangOpts().CPlusPlus;
        policy_.Bool = true;
        policy_.AnonymousTagLocations = false;
    }

    void read_context(const clang::DeclContext& where) {
        for (const clang::Decl* decl : where.decls()) {
            if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(decl)) {
                read_context(*space);
            } else if (const auto* linkage = llvm::dyn_cast<clang::LinkageSpecDecl>(decl)) {
                read_context(*linkage);
            } else if (const auto* record = llvm::dyn_cast<clang::RecordDecl>(decl)) {
                read_top_level(*record);
            } else if (const auto* pattern = llvm::dyn_cast<clang::ClassTemplateDecl>(decl)) {
                if (pattern->isThisDeclarationADefinition()) read_template(*pattern);
            }
        }
    }

    void finish() {
        for (auto it = sm_.fileinfo_begin(); it != sm_.fileinfo_end(); ++it) {
            const FileID file = sm_.translateFile(it->first);
            if (file.isInvalid() || !session_.is_header(sm_, file)) continue;
            session_.unit.header = session_.index_of(sm_, file);
            session_.unit.first_struct = find_first_struct(file);
        }
        for (const auto& [location, kind, name] : session_.warnings) {
            const auto [file, offset] = sm_.getDecomposedLoc(sm_.getFileLoc(location));
            const auto [use_file, use] = sm_.getDecomposedExpansionLoc(location);
            const auto index = session_.file_index.find(file);
            if (index == session_.file_index.end()) continue;
            session_.unit.warnings.push_back(
                {kind, name, session_.display(sm_, location), index->second, offset, use_file == file ? use : offset});
        }
        session_.unit.open_pack = session_.display(sm_, session_.open_pack);
        for (const auto& [file, index] : session_.file_index) {
            auto& comments = session_.unit.files[index].comments;
            comments = session_.comments[file];
            std::sort(comments.begin(), comments.end());
            comments.erase(std::unique(comments.begin(), comments.end()), comments.end());
        }
    }

private:
    bool in_named_file(SourceLocation at) const {
        return at.isValid() && session_.is_header(sm_, sm_.getFileID(sm_.getFileLoc(at)));
    }

    /// Where the text has `struct Name {` (or `class`) first, whatever conditions say; empty when nowhere.
    std::string find_first_struct(FileID file) const {
        const auto buffer = sm_.getBufferOrNone(file);
        if (!buffer) return {};
        clang::Lexer lexer(file, *buffer, sm_, context_.getLangOpts());
        clang::Token token;
        std::string word;
        bool is_enum = false;
        int words = 0;  // behind `struct`
        SourceLocation found;
        const auto next = [&] {
            lexer.LexFromRawLexer(token);
            return token.isNot(clang::tok::eof);
        };
        while (next()) {
            if (token.is(clang::tok::raw_identifier)) {
                word = token.getRawIdentifier().str();
                ++words;
                if (!is_enum && (word == "struct" || word == "class")) {
                    found = token.getLocation();
                    words = 0;
                }
                is_enum = word == "enum";
            } else if (token.is(clang::tok::l_brace)) {
                if (found.isValid()) return session_.display(sm_, found);
            } else if (token.is(clang::tok::l_paren)) {
                // What stands between `struct` and the name: `__attribute__((packed))`, `alignas(8)`, `PACKED(4)`.
                const bool leads = words == 1;
                if (!leads) found = {};
                words = 0;
                for (int depth = 1; found.isValid() && depth > 0 && next();)
                    depth += token.is(clang::tok::l_paren) ? 1 : token.is(clang::tok::r_paren) ? -1 : 0;
            } else if (!token.isOneOf(clang::tok::colon, clang::tok::coloncolon, clang::tok::l_square,
                                      clang::tok::r_square, clang::tok::comma, clang::tok::less)) {
                found = {};
            }
        }
        return {};
    }

    /// The text of a declaration in its file. What is written as one argument of a macro (`PACKED(struct A {...})`) is
    /// there; what a macro puts together is its whole use.
    SourceSpan span_of(clang::SourceRange range) {
        SourceSpan span;
        if (range.isInvalid()) return span;
        SourceLocation first = range.getBegin();
        SourceLocation last = range.getEnd();
        const auto is_argument = [&](SourceLocation at) { return at.isMacroID() && sm_.isMacroArgExpansion(at); };
        while (first.isMacroID() || last.isMacroID()) {
            if (is_argument(first) && is_argument(last) &&
                sm_.getImmediateExpansionRange(first).getBegin() == sm_.getImmediateExpansionRange(last).getBegin()) {
                first = sm_.getImmediateSpellingLoc(first);
                last = sm_.getImmediateSpellingLoc(last);
                continue;
            }
            // Out of the deeper macro first: the other one may stand in an argument of the same use as a whole.
            if (first.isMacroID() && (!last.isMacroID() || depth_of(first) >= depth_of(last))) {
                first = sm_.getImmediateExpansionRange(first).getBegin();
            } else {
                last = sm_.getImmediateExpansionRange(last).getEnd();
            }
        }
        return span_between(first, last);
    }

    /// Macros that a location came through.
    unsigned depth_of(SourceLocation at) const {
        unsigned depth = 0;
        for (; at.isMacroID(); ++depth) {
            at = sm_.isMacroArgExpansion(at) ? sm_.getImmediateSpellingLoc(at)
                                             : sm_.getImmediateExpansionRange(at).getBegin();
        }
        return depth;
    }

    /// As span_of, with the whole use of a macro around it.
    SourceSpan reach_of(clang::SourceRange range) {
        if (range.isInvalid()) return {};
        return span_between(sm_.getExpansionLoc(range.getBegin()), sm_.getExpansionRange(range.getEnd()).getEnd());
    }

    SourceSpan span_between(SourceLocation first, SourceLocation last) {
        SourceSpan span;
        const auto [file, begin] = sm_.getDecomposedLoc(first);
        const SourceLocation behind = clang::Lexer::getLocForEndOfToken(last, 0, sm_, context_.getLangOpts());
        const auto [end_file, end] = sm_.getDecomposedExpansionLoc(behind.isValid() ? behind : last);
        span.file = session_.index_of(sm_, file);
        span.begin = begin;
        span.end = end_file == file ? std::max(begin, end) : begin;
        return span;
    }

    /// `ns::Outer::Name`; empty when the declaration has no name that a program could say.
    std::string qualified_name(const clang::NamedDecl& decl, const clang::TypedefNameDecl* alias) const {
        std::string name = decl.getName().str();
        if (name.empty() && alias != nullptr) name = alias->getName().str();
        if (name.empty() || !context_.getLangOpts().CPlusPlus) return name;
        for (const clang::DeclContext* up = decl.getDeclContext(); up != nullptr; up = up->getParent()) {
            if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(up)) {
                if (space->isAnonymousNamespace()) return {};
                if (!space->isInline()) name = space->getName().str() + "::" + name;
            } else if (const auto* outer = llvm::dyn_cast<clang::RecordDecl>(up)) {
                if (!outer->getName().empty()) name = outer->getName().str() + "::" + name;
            }
        }
        return name;
    }

    void read_template(const clang::ClassTemplateDecl& pattern) {
        const clang::CXXRecordDecl& decl = *pattern.getTemplatedDecl();
        if (!in_named_file(decl.getLocation())) return;
        RawRecord record;
        record.name = qualified_name(decl, nullptr);
        record.location = session_.display(sm_, decl.getLocation());
        record.top_level = record.named_file = true;
        record.span = span_of(pattern.getSourceRange());
        record.problems.push_back({"template", record.location, "template struct " + record.name});
        session_.unit.targets.push_back(session_.unit.records.size());
        session_.unit.records.push_back(std::move(record));
    }

    void read_top_level(const clang::RecordDecl& decl) {
        if (!decl.isThisDeclarationADefinition() || decl.isInvalidDecl() || decl.isImplicit()) return;
        if (!in_named_file(decl.getLocation())) return;
        if (llvm::isa<clang::ClassTemplateSpecializationDecl>(decl)) {
            const auto& special = llvm::cast<clang::ClassTemplateSpecializationDecl>(decl);
            if (!special.isExplicitSpecialization()) return;
        }
        // `struct {...} only_a_variable;` declares a variable, not a type that anything could ask for.
        const bool unnamed = decl.getName().empty() && decl.getTypedefNameForAnonDecl() == nullptr;
        if (unnamed && !decl.isAnonymousStructOrUnion() && !typedef_follows(decl)) return;
        const std::size_t index = read_record(decl);
        session_.unit.records[index].top_level = true;
        session_.unit.targets.push_back(index);
    }

    /// `typedef struct {...} *Pointer;`: an unnamed struct behind a typedef of something made of it.
    bool typedef_follows(const clang::RecordDecl& decl) const {
        const clang::Decl* next = decl.getNextDeclInContext();
        const auto* alias = llvm::dyn_cast_or_null<clang::TypedefNameDecl>(next);
        return alias != nullptr && sm_.isPointWithin(decl.getLocation(), alias->getBeginLoc(), alias->getEndLoc());
    }

    /// The keyword of a struct whose name alone is another type: a typedef of its name with attributes.
    std::string keyword_beside_typedef(const clang::RecordDecl& decl) const {
        if (decl.getName().empty() || decl.isInvalidDecl() || decl.isDependentType()) return {};
        for (const clang::NamedDecl* other : decl.getDeclContext()->lookup(decl.getDeclName())) {
            const auto* alias = llvm::dyn_cast<clang::TypedefNameDecl>(other);
            if (alias == nullptr) continue;
            const bool same = context_.getTypeAlign(context_.getTypedefType(alias)) ==
                              context_.getTypeAlign(context_.getRecordType(&decl));
            if (!same) return decl.getKindName().str();
        }
        return {};
    }

    std::size_t read_record(const clang::RecordDecl& decl) {
        const auto [known, added] = index_.emplace(&decl, session_.unit.records.size());
        if (!added) return known->second;
        const std::size_t index = known->second;
        session_.unit.records.emplace_back();

        RawRecord record;
        const clang::TypedefNameDecl* alias = decl.getName().empty() ? decl.getTypedefNameForAnonDecl() : nullptr;
        record.name = qualified_name(decl, alias);
        const SourceLocation at = alias != nullptr ? alias->getLocation() : decl.getLocation();
        record.location = session_.display(sm_, at);
        record.named_file = in_named_file(decl.getLocation());
        record.span = span_of(decl.getSourceRange());
        if (alias != nullptr) {
            const SourceSpan whole = span_of(alias->getSourceRange());
            if (whole.file == record.span.file && whole.begin <= record.span.begin) record.span.begin = whole.begin;
        }
        record.reach = reach_of(decl.getSourceRange());
        record.keyword = keyword_beside_typedef(decl);
        record.body = span_of(decl.getBraceRange());
        if (record.body.end > record.body.begin) {
            ++record.body.begin;
            --record.body.end;
        }
        note_problems(decl, record, at);
        if (!decl.isInvalidDecl() && !decl.isDependentType()) {
            const clang::QualType type =
                alias != nullptr ? context_.getTypedefType(alias) : context_.getRecordType(&decl);
            record.size = static_cast<std::uint64_t>(context_.getTypeSizeInChars(type).getQuantity());
            record.alignment = static_cast<std::uint64_t>(context_.getTypeAlignInChars(type).getQuantity());
            if (!decl.isUnion()) read_fields(decl, record);
        }
        session_.unit.records[index] = std::move(record);
        return index;
    }

    void note_problems(const clang::RecordDecl& decl, RawRecord& record, SourceLocation at) {
        const std::string keyword = decl.getKindName().str();
        const std::string title = record.name.empty() ? keyword : keyword + " " + record.name;
        const auto refuse = [&](std::string kind, SourceLocation where, std::string text) {
            record.problems.push_back({std::move(kind), session_.display(sm_, where), std::move(text)});
        };
        if (decl.isUnion()) {
            refuse("union", at, title);
            return;
        }
        if (!decl.isCompleteDefinition()) refuse("incomplete", at, title);
        for (const auto& [begin, end] : session_.swapped_regions) {
            const bool behind = sm_.isBeforeInTranslationUnit(begin, decl.getLocation());
            const bool before = end.isInvalid() || sm_.isBeforeInTranslationUnit(decl.getLocation(), end);
            if (behind && before) refuse("attribute", begin, "#pragma scalar_storage_order big-endian");
        }
        // Measured: GCC 12 aligns what follows to the packed width, Clang 19 to the type's.
        for (const clang::FieldDecl* field : decl.fields()) {
            if (context_.getLangOpts().PackStruct <= 1 || !field->isZeroLengthBitField(context_)) continue;
            refuse("packed-zero-bit-field", field->getBeginLoc(), field->getType().getAsString(policy_) + " : 0");
        }
        const auto* cxx = llvm::dyn_cast<clang::CXXRecordDecl>(&decl);
        if (cxx == nullptr || !cxx->hasDefinition()) return;
        if (llvm::isa<clang::ClassTemplateSpecializationDecl>(cxx)) refuse("template", at, title);
        for (const clang::CXXBaseSpecifier& base : cxx->bases()) {
            refuse("base-class", base.getBeginLoc(), title + " : " + base.getType().getAsString(policy_));
        }
        if (cxx->isDynamicClass()) {
            SourceLocation where = at;
            std::string text = title;
            for (const clang::CXXMethodDecl* method : cxx->methods()) {
                if (!method->isVirtual() || method->isImplicit()) continue;
                where = method->getLocation();
                text = "virtual " + method->getNameAsString() + "()";
                break;
            }
            if (cxx->isPolymorphic() || cxx->getNumVBases() == 0) refuse("virtual", where, text);
        } else if (cxx->getNumBases() == 0 && !cxx->isTriviallyCopyable() && all_fields_plain(*cxx)) {
            refuse("non-trivial", at, title);
        }
    }

    /// False when a member alone already makes the record uncopyable: then the member is what is refused.
    bool all_fields_plain(const clang::CXXRecordDecl& decl) const {
        return std::all_of(decl.field_begin(), decl.field_end(), [&](const clang::FieldDecl* field) {
            const clang::QualType type = context_.getBaseElementType(field->getType());
            if (type.isVolatileQualified()) return false;
            return type->isReferenceType() || type.isTriviallyCopyableType(context_);
        });
    }

    void read_fields(const clang::RecordDecl& decl, RawRecord& record) {
        const clang::ASTRecordLayout& layout = context_.getASTRecordLayout(&decl);
        for (const clang::FieldDecl* field : decl.fields()) {
            if (field->isUnnamedBitField() || field->isInvalidDecl()) continue;
            RawField raw;
            raw.name = field->getName().str();
            raw.offset = layout.getFieldOffset(field->getFieldIndex()) / 8;
            raw.location = session_.display(sm_, field->getLocation());
            // An anonymous struct or union has no declarator: its text is the type.
            const auto* body = field->isAnonymousStructOrUnion() ? field->getType()->getAsRecordDecl() : nullptr;
            raw.span = span_of(body != nullptr ? body->getSourceRange() : field->getSourceRange());
            read_type(field->getType(), raw);
            if (raw.scalar == ScalarType::Ref && raw.target.empty()) read_annotated_target(*field, raw);
            if (field->isBitField()) raw.refusal = "bit-field";
            if (raw.refusal.empty() &&
                (field->getAccess() == clang::AS_private || field->getAccess() == clang::AS_protected)) {
                raw.refusal = "access";
            }
            if (!raw.refusal.empty()) {
                raw.scalar.reset();
                raw.record = kNoRecord;
            }
            if (raw.refusal.empty()) read_initializer(*field, raw);
            raw.printed = raw.name;
            field->getType().getAsStringInternal(raw.printed, policy_);
            if (field->isBitField()) raw.printed += " : " + std::to_string(field->getBitWidthValue(context_));
            record.fields.push_back(std::move(raw));
        }
    }

    /// In C the macro says with an attribute what `etalon_ref` refers to: `etalon::Ref<Group>`, `etalon::Ref<struct
    /// Group>`.
    static void read_annotated_target(const clang::FieldDecl& field, RawField& raw) {
        constexpr llvm::StringLiteral kFront("etalon::Ref<");
        for (const auto* attribute : field.specific_attrs<clang::AnnotateAttr>()) {
            llvm::StringRef text = attribute->getAnnotation();
            if (!text.consume_front(kFront) || !text.consume_back(">")) continue;
            text = text.trim();
            if (text.consume_front("struct ")) text = text.ltrim();
            raw.target = text.str();
        }
        if (raw.target.empty()) raw.refusal = "ref-target";
    }

    /// The members of etalon/ref.h; false for every other record.
    bool read_identity(const clang::RecordDecl& decl, RawField& raw) const {
        if (decl.isInvalidDecl()) return false;
        if (!context_.getLangOpts().CPlusPlus) {
            const auto name = decl.getName();
            if (name == "etalon_ref") raw.scalar = ScalarType::Ref;
            if (name == "etalon_uid") raw.scalar = ScalarType::Uid;
            if (name == "etalon_file") raw.scalar = ScalarType::File;
            return raw.scalar.has_value();
        }
        const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(decl.getDeclContext());
        if (space == nullptr || space->getName() != "etalon" || !space->getDeclContext()->isTranslationUnit())
            return false;
        const auto name = decl.getName();
        if (const auto* special = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(&decl)) {
            if (name != "Ref" || special->getTemplateArgs().size() != 1) return false;
            const auto* tag = special->getTemplateArgs()[0].getAsType()->getAsRecordDecl();
            raw.scalar = ScalarType::Ref;
            if (tag != nullptr)
                raw.target = qualified_name(*tag, tag->getName().empty() ? tag->getTypedefNameForAnonDecl() : nullptr);
            if (raw.target.empty()) raw.refusal = "ref-target";
            return true;
        }
        if (name == "Uid") raw.scalar = ScalarType::Uid;
        if (name == "File") raw.scalar = ScalarType::File;
        return raw.scalar.has_value();
    }

    /// The wide characters of C are typedefs of integers: only their names tell.
    static bool is_wide_character(llvm::StringRef name) {
        return name == "wchar_t" || name == "char16_t" || name == "char32_t" || name == "char8_t";
    }

    void read_initializer(const clang::FieldDecl& field, RawField& raw) {
        raw.has_initializer = field.hasInClassInitializer();
        if (raw.has_initializer) raw.initial = value_of_initializer(field, context_);
    }

    /// The next inner type of an array or std::array, whose size is noted; nothing for other types.
    std::optional<clang::QualType> item_of(clang::QualType type, RawField& raw) const {
        if (const clang::ArrayType* array = context_.getAsArrayType(type)) {
            if (const auto* fixed = llvm::dyn_cast<clang::ConstantArrayType>(array)) {
                const std::uint64_t size = fixed->getSize().getLimitedValue();
                if (size == 0) raw.refusal = "zero-length-array";
                raw.dims.push_back(size);
            } else {
                raw.refusal = llvm::isa<clang::IncompleteArrayType>(array) ? "flexible-array" : "type";
            }
            return array->getElementType();
        }
        const auto* tag = type.getCanonicalType()->getAs<clang::RecordType>();
        if (tag == nullptr || !is_std_array(*tag->getDecl(), context_)) return std::nullopt;
        const auto& arguments = llvm::cast<clang::ClassTemplateSpecializationDecl>(tag->getDecl())->getTemplateArgs();
        const std::uint64_t size = arguments[1].getAsIntegral().getLimitedValue();
        if (size == 0) raw.refusal = "zero-length-array";
        raw.dims.push_back(size);
        return arguments[0].getAsType();
    }

    void read_type(clang::QualType type, RawField& raw) {
        const auto find_wide = [&](clang::QualType sugared) {
            while (const auto* alias = sugared->getAs<clang::TypedefType>()) {
                if (is_wide_character(alias->getDecl()->getName())) raw.refusal = "wchar";
                sugared = alias->desugar();
            }
        };
        find_wide(type);
        while (const auto item = item_of(type, raw)) {
            type = *item;
            find_wide(type);
        }
        raw.c_type = type.getLocalUnqualifiedType().getUnqualifiedType().getAsString(policy_);
        if (!raw.refusal.empty()) return;
        const clang::QualType canonical = type.getCanonicalType().getUnqualifiedType();
        if (const auto* tag = canonical->getAs<clang::EnumType>()) {
            read_enumeration(*tag->getDecl(), raw);
        } else if (const auto* nested = canonical->getAs<clang::RecordType>()) {
            read_nested(*nested->getDecl(), raw);
        } else if (const auto* builtin = canonical->getAs<clang::BuiltinType>()) {
            read_builtin(*builtin, raw);
        } else {
            raw.refusal = refused_kind(canonical);
        }
    }

    std::string refused_kind(clang::QualType type) const {
        if (type->isFunctionPointerType() || type->isMemberFunctionPointerType()) return "function-pointer";
        if (type->isReferenceType()) return "reference";
        if (type->isAnyPointerType() || type->isMemberPointerType() || type->isBlockPointerType()) return "pointer";
        if (type->isAnyComplexType()) return "complex";
        if (type->isVectorType() || type->isMatrixType()) return "vector";
        if (type->isAtomicType()) return "atomic";
        if (type->isBitIntType()) return "bit-int";
        return "type";
    }

    void read_nested(const clang::RecordDecl& decl, RawField& raw) {
        if (read_identity(decl, raw)) return;
        const clang::RecordDecl* definition = decl.getDefinition();
        if (definition == nullptr) {
            raw.refusal = "incomplete";
        } else if (definition->isUnion()) {
            raw.refusal = "union";
        } else if (llvm::isa<clang::ClassTemplateSpecializationDecl>(definition)) {
            raw.refusal = "template";
        } else {
            raw.record = read_record(*definition);
        }
    }

    void read_enumeration(const clang::EnumDecl& decl, RawField& raw) {
        if (raw.c_type.find("(unnamed") != std::string::npos) raw.c_type = "enum";
        const clang::EnumDecl* definition = decl.getDefinition();
        const clang::QualType under = (definition != nullptr ? definition : &decl)->getIntegerType();
        if (under.isNull()) {
            raw.refusal = "incomplete";
            return;
        }
        if (const auto* builtin = under.getCanonicalType()->getAs<clang::BuiltinType>()) read_builtin(*builtin, raw);
        // An enumeration over `char` is a number: it never becomes text.
        if (raw.scalar == ScalarType::Char) raw.scalar = raw.char_is_signed ? ScalarType::Int8 : ScalarType::UInt8;
        if (definition == nullptr) return;
        for (const clang::EnumConstantDecl* item : definition->enumerators()) {
            const llvm::APSInt& value = item->getInitVal();
            raw.enumerators.emplace_back(item->getName().str(),
                                         value.isSigned()
                                             ? value.extOrTrunc(64).getSExtValue()
                                             : static_cast<std::int64_t>(value.extOrTrunc(64).getZExtValue()));
        }
    }

    void read_builtin(const clang::BuiltinType& type, RawField& raw) {
        using Kind = clang::BuiltinType::Kind;
        const std::uint64_t bits = context_.getTypeSize(&type);
        switch (type.getKind()) {
            case Kind::Bool:
                raw.scalar = ScalarType::Bool;
                return;
            case Kind::Char_S:
            case Kind::Char_U:
                raw.scalar = ScalarType::Char;
                raw.char_is_signed = type.getKind() == Kind::Char_S;
                return;
            case Kind::WChar_S:
            case Kind::WChar_U:
            case Kind::Char8:
            case Kind::Char16:
            case Kind::Char32:
                raw.refusal = "wchar";
                return;
            case Kind::LongDouble:
                raw.refusal = "long-double";
                return;
            case Kind::Int128:
            case Kind::UInt128:
                raw.refusal = "int128";
                return;
            case Kind::Float128:
            case Kind::Ibm128:
                raw.refusal = "float128";
                return;
            case Kind::Half:
            case Kind::Float16:
            case Kind::BFloat16:
                raw.refusal = "float16";
                return;
            case Kind::NullPtr:
                raw.refusal = "pointer";
                return;
            case Kind::Float:
            case Kind::Double:
                if (bits == 32) raw.scalar = ScalarType::Float32;
                if (bits == 64) raw.scalar = ScalarType::Float64;
                break;
            default:
                break;
        }
        if (type.isInteger() && !raw.scalar) {
            const bool is_signed = type.isSignedInteger();
            switch (bits) {
                case 8:
                    raw.scalar = is_signed ? ScalarType::Int8 : ScalarType::UInt8;
                    break;
                case 16:
                    raw.scalar = is_signed ? ScalarType::Int16 : ScalarType::UInt16;
                    break;
                case 32:
                    raw.scalar = is_signed ? ScalarType::Int32 : ScalarType::UInt32;
                    break;
                case 64:
                    raw.scalar = is_signed ? ScalarType::Int64 : ScalarType::UInt64;
                    break;
                default:
                    break;
            }
        }
        if (!raw.scalar) raw.refusal = "type";
    }

    Session& session_;
    clang::ASTContext& context_;
    const SourceManager& sm_;
    clang::PrintingPolicy policy_;
    std::map<const clang::RecordDecl*, std::size_t> index_;
};

class ReadingConsumer : public clang::ASTConsumer {
public:
    ReadingConsumer(Session& session, clang::CompilerInstance& compiler) : session_(session), compiler_(compiler) {}
    void HandleTranslationUnit(clang::ASTContext& context) override {
        // The synthetic file holds no pragma: what is set at its end was left open.
        const auto& pack = compiler_.getSema().AlignPackStack;
        if (pack.hasValue()) session_.open_pack = pack.CurrentPragmaLocation;
        RecordReader reader(session_, context);
        reader.read_context(*context.getTranslationUnitDecl());
        reader.finish();
    }

private:
    Session& session_;
    clang::CompilerInstance& compiler_;
};

/// Notes which file is read: what remains known when the parse does not end.
class PlaceWatcher : public clang::PPCallbacks {
public:
    PlaceWatcher(Session& session, const SourceManager& sm) : session_(session), sm_(sm) {}
    void FileChanged(SourceLocation at, FileChangeReason, clang::SrcMgr::CharacteristicKind, FileID) override {
        const FileID file = sm_.getFileID(at);
        session_.place.enter(session_.name_of(sm_, file), sm_.getLocForStartOfFile(file).getRawEncoding(),
                             at.getRawEncoding());
    }

private:
    Session& session_;
    const SourceManager& sm_;
};

class ReadingAction : public clang::ASTFrontendAction {
public:
    explicit ReadingAction(Session& session) : session_(session), comments_(session) {}

protected:
    bool BeginSourceFileAction(clang::CompilerInstance& compiler) override {
        clang::DiagnosticsEngine& diagnostics = compiler.getDiagnostics();
        // Unknown attributes must be heard whatever the flags say; warnings must not become errors.
        diagnostics.setSuppressSystemWarnings(false);
        diagnostics.setIgnoreAllWarnings(false);
        diagnostics.setWarningsAsErrors(false);
        compiler.getFrontendOpts().SkipFunctionBodies = true;
        clang::Preprocessor& pp = compiler.getPreprocessor();
        pp.addCommentHandler(&comments_);
        pp.AddPragmaHandler(new StorageOrderPragma(session_));  // the preprocessor owns it
        // A header may silence the warning about this one attribute; the token cannot be silenced.
        pp.addPPCallbacks(std::make_unique<PlaceWatcher>(session_, compiler.getSourceManager()));
        pp.setTokenWatcher([this](const clang::Token& token) {
            if (token.getLocation().isFileID()) session_.place.move(token.getLocation().getRawEncoding());
            if (token.isNot(clang::tok::identifier)) return;
            const llvm::StringRef name = token.getIdentifierInfo()->getName();
            if (name == "scalar_storage_order" || name == "__scalar_storage_order__") {
                session_.warnings.push_back({token.getLocation(), "attribute", name.str()});
            }
        });
        return true;
    }
    std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler, llvm::StringRef) override {
        return std::make_unique<ReadingConsumer>(session_, compiler);
    }
    void EndSourceFileAction() override {
        const SourceManager& sm = getCompilerInstance().getSourceManager();
        const auto main = sm.getFileEntryRefForID(sm.getMainFileID());
        for (auto it = sm.fileinfo_begin(); it != sm.fileinfo_end(); ++it) {
            if (main && it->first == *main) continue;
            auto name = std::filesystem::path(it->first.getName().str()).lexically_normal().string();
            if (!name.starts_with(kOwnHeaders)) session_.unit.files_read.push_back(std::move(name));
        }
        auto& files = session_.unit.files_read;
        std::sort(files.begin(), files.end());
        files.erase(std::unique(files.begin(), files.end()), files.end());
    }

private:
    Session& session_;
    CommentCollector comments_;
};

}  // namespace

/// What the parses share: the files that were found, and how the headers are called.
struct ClangReader::Shared {
    std::map<llvm::sys::fs::UniqueID, std::string> spelled;
    llvm::IntrusiveRefCntPtr<llvm::vfs::InMemoryFileSystem> memory;
    llvm::IntrusiveRefCntPtr<clang::FileManager> files;
    std::size_t parses = 0;
};

ClangReader::ClangReader(const std::vector<NamedHeader>& headers) : shared_(std::make_unique<Shared>()) {
    for (const NamedHeader& header : headers) {
        llvm::sys::fs::UniqueID id;
        if (!llvm::sys::fs::getUniqueID(header.path, id)) shared_->spelled.emplace(id, header.spelling);
    }
    auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(llvm::vfs::getRealFileSystem());
    shared_->memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
    overlay->pushOverlay(shared_->memory);
    shared_->memory->addFile(std::string(kOwnHeaders) + "/etalon/ref.h", 0,
                             llvm::MemoryBuffer::getMemBufferCopy(kRefHeader));
    shared_->files = llvm::makeIntrusiveRefCnt<clang::FileManager>(clang::FileSystemOptions(), overlay);
}

ClangReader::~ClangReader() = default;

RawUnit ClangReader::read(const NamedHeader& header, bool as_c, const std::vector<std::string>& arguments,
                          ReadingPlace& place) {
    Session session(shared_->spelled, header, place);
    place.begin();

    // The synthetic file lies in the working directory of the program but only in memory. Files are known by their
    // names: each parse has its own.
    const std::string name = ".etalon-header-" + std::to_string(++shared_->parses) + (as_c ? ".c" : ".cpp");
    const std::string main_file = (std::filesystem::current_path() / name).string();
    const std::string text = "#include \"" + header.path + "\"\n";
    shared_->memory->addFile(main_file, 0, llvm::MemoryBuffer::getMemBufferCopy(text, main_file));

    std::vector<std::string> command{as_c ? "clang" : "clang++", "-fsyntax-only"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.insert(command.end(), {"-DETALON_READS_HEADERS", "-idirafter", std::string(kOwnHeaders)});
    command.insert(command.end(), {"-ferror-limit=0", "-fno-caret-diagnostics", "-Wunknown-attributes", main_file});

    DiagnosticCollector collector(session);
    clang::tooling::ToolInvocation invocation(std::move(command), std::make_unique<ReadingAction>(session),
                                              shared_->files.get());
    invocation.setDiagnosticConsumer(&collector);
    if (!invocation.run() && session.unit.errors.empty()) {
        session.unit.errors.push_back({"", "the compiler failed without a message"});
    }
    return std::move(session.unit);
}

}  // namespace etalon::reflect

extern "C" __attribute__((visibility("default"))) etalon::reflect::HeaderParser* etalon_make_header_parser(
    const std::vector<etalon::reflect::NamedHeader>& headers) {
    return std::make_unique<etalon::reflect::ClangReader>(headers).release();
}
