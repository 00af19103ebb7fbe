/// Members of structs that refer to objects, give a row an identity, or name a file that is kept outside
/// (docs/objects.md). For C11 and C++ (from C++17 on); needs nothing else.
///
///     struct Image { ETALON_UID uid; ETALON_REF(Session) session; ETALON_FILE pixels; double x; };
///
/// | macro         | bytes          | C           | C++              | all zero      |
/// | ETALON_REF(T) | 16, alignment 1 | etalon_ref  | etalon::Ref<T>   | refers to nothing (null) |
/// | ETALON_UID    | 16, alignment 1 | etalon_uid  | etalon::Uid      | filled in when the object is put |
/// | ETALON_FILE   | 40, alignment 8 | etalon_file | etalon::File     | no file       |
///
/// T is a struct that is recorded before, or by the same run of `etalon register`; it need not be complete.
#ifndef ETALON_REF_H
#define ETALON_REF_H

#ifdef __cplusplus
#include <cstdint>
#include <cstring>
#ifndef ETALON_READS_HEADERS  // what reads structs needs no more
#include <optional>
#include <string>
#include <string_view>
#endif

namespace etalon {

/// Which object: made from its content, the same in every database (docs/storage_format.md). All zero is null.
struct ObjectId {
    unsigned char bytes[16];

    [[nodiscard]] bool is_null() const noexcept { return *this == ObjectId{}; }
    friend bool operator==(const ObjectId& a, const ObjectId& b) noexcept {
        return std::memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
    }
    friend bool operator!=(const ObjectId& a, const ObjectId& b) noexcept { return !(a == b); }
    friend bool operator<(const ObjectId& a, const ObjectId& b) noexcept {
        return std::memcmp(a.bytes, b.bytes, sizeof(a.bytes)) < 0;
    }
};

/// A reference to an object of the struct T. Copies as bytes do; compares by which object it is.
template <class T>
struct Ref {
    unsigned char bytes[16];

    [[nodiscard]] ObjectId id() const noexcept {
        ObjectId id;
        std::memcpy(id.bytes, bytes, sizeof(bytes));
        return id;
    }
    [[nodiscard]] static Ref to(const ObjectId& id) noexcept {
        Ref ref;
        std::memcpy(ref.bytes, id.bytes, sizeof(ref.bytes));
        return ref;
    }
    [[nodiscard]] bool is_null() const noexcept { return id().is_null(); }
    friend bool operator==(const Ref& a, const Ref& b) noexcept { return a.id() == b.id(); }
};

/// 16 random bytes that make two rows of equal content two objects.
struct Uid {
    unsigned char bytes[16];

    [[nodiscard]] bool is_null() const noexcept { return *this == Uid{}; }
    friend bool operator==(const Uid& a, const Uid& b) noexcept {
        return std::memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
    }
};

/// A file that is kept outside the database: the SHA-256 of its bytes, and how many there are.
struct File {
    unsigned char sha256[32];
    std::uint64_t size;

    [[nodiscard]] bool is_null() const noexcept { return *this == File{}; }
    friend bool operator==(const File& a, const File& b) noexcept {
        return a.size == b.size && std::memcmp(a.sha256, b.sha256, sizeof(a.sha256)) == 0;
    }
};

#ifndef ETALON_READS_HEADERS
/// 32 lower-case hexadecimal digits, of null too.
[[nodiscard]] std::string format_id(const ObjectId& id);
/// Nothing when the text is not 32 hexadecimal digits (either case).
[[nodiscard]] std::optional<ObjectId> parse_id(std::string_view text) noexcept;
/// `sha256:<64 hexadecimal digits>:<size>`; empty of null.
[[nodiscard]] std::string format_file(const File& file);
/// Nothing when the text is not of that form; null of an empty one.
[[nodiscard]] std::optional<File> parse_file(std::string_view text) noexcept;
#endif

}  // namespace etalon

#define ETALON_REF(T) ::etalon::Ref<T>
#define ETALON_UID ::etalon::Uid
#define ETALON_FILE ::etalon::File

#else
#include <stdint.h>

typedef struct etalon_ref {
    unsigned char bytes[16];
} etalon_ref;
typedef struct etalon_uid {
    unsigned char bytes[16];
} etalon_uid;
typedef struct etalon_file {
    unsigned char sha256[32];
    uint64_t size;
} etalon_file;

/* What reads headers learns from the attribute which struct is meant. */
#ifdef ETALON_READS_HEADERS
#define ETALON_REF(T) __attribute__((annotate("etalon::Ref<" #T ">"))) etalon_ref
#else
#define ETALON_REF(T) etalon_ref
#endif
#define ETALON_UID etalon_uid
#define ETALON_FILE etalon_file

#endif

#endif
