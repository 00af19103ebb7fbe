#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#define XXH_INLINE_ALL  // small inputs are hashed without a call
#include <xxhash.h>

#include <algorithm>
#include <chrono>

#include "base/bytes.h"
#include "etalon/error.h"

namespace etalon {
namespace {

void require(bool done, const char* what) {
    if (!done) throw Error(ErrorCode::Internal, {what, "OpenSSL", {}, {}, {}});
}

/// EVP_sha256() is looked up anew for each digest, which takes as long as a digest of 200 bytes.
const EVP_MD* sha256_method() {
    static const EVP_MD* const kMethod = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    require(kMethod != nullptr, "no SHA-256");
    return kMethod;
}

}  // namespace

struct Sha256Builder::Context {
    struct Free {
        void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_MD_CTX, Free> digest{EVP_MD_CTX_new()};
    bool finished = false;
};

Sha256Builder::Sha256Builder() : context_(std::make_unique<Context>()) {
    require(context_->digest != nullptr && EVP_DigestInit_ex(context_->digest.get(), sha256_method(), nullptr) == 1,
            "cannot start a SHA-256");
}

Sha256Builder::~Sha256Builder() = default;

void Sha256Builder::add(std::span<const std::byte> bytes) {
    require(!context_->finished, "a SHA-256 that is finished takes no more bytes");
    if (bytes.empty()) return;
    require(EVP_DigestUpdate(context_->digest.get(), bytes.data(), bytes.size()) == 1, "cannot extend a SHA-256");
}

void Sha256Builder::add(std::uint64_t number) {
    add(std::as_bytes(std::span(&number, 1)));
}

void Sha256Builder::add_text(std::string_view text) {
    add(static_cast<std::uint64_t>(text.size()));
    add(as_bytes(text));
}

Sha256 Sha256Builder::finish() {
    require(!context_->finished, "a SHA-256 is finished once");
    context_->finished = true;
    Sha256 digest;
    unsigned int length = 0;
    require(EVP_DigestFinal_ex(context_->digest.get(), reinterpret_cast<unsigned char*>(digest.data()), &length) == 1 &&
                length == digest.size(),
            "cannot finish a SHA-256");
    return digest;
}

Sha256 sha256(std::span<const std::byte> bytes) {
    Sha256Builder builder;
    builder.add(bytes);
    return builder.finish();
}

std::uint64_t xxh3(std::span<const std::byte> bytes) noexcept {
    return XXH3_64bits(bytes.data(), bytes.size());
}

std::int64_t RowDigest::finish() const noexcept {
    return static_cast<std::int64_t>(large_.empty() ? XXH3_64bits(small_.data(), used_)
                                                    : XXH3_64bits(large_.data(), large_.size()));
}

struct Xxh3Builder::State {
    XXH3_state_t state;
};

Xxh3Builder::Xxh3Builder() : state_(new State) {
    reset();
}

Xxh3Builder::~Xxh3Builder() = default;

void Xxh3Builder::add(std::span<const std::byte> bytes) noexcept {
    (void)XXH3_64bits_update(&state_->state, bytes.data(), bytes.size());
}

std::uint64_t Xxh3Builder::finish() const noexcept {
    return XXH3_64bits_digest(&state_->state);
}

void Xxh3Builder::reset() noexcept {
    (void)XXH3_64bits_reset(&state_->state);
}

namespace {

Sha256 hash_parts(std::byte tag, std::span<const std::byte> first, std::span<const std::byte> second) {
    Sha256Builder builder;
    builder.add({&tag, 1});
    builder.add(first);
    builder.add(second);
    return builder.finish();
}

}  // namespace

Sha256 merkle_root(std::vector<std::vector<std::byte>>& items) {
    if (items.empty()) return sha256({});
    std::sort(items.begin(), items.end());
    std::vector<Sha256> level;
    level.reserve(items.size());
    for (const auto& item : items) level.push_back(hash_parts(std::byte{0}, item, {}));
    // Pairing neighbours level by level, the odd one out moving up as it is, cuts each list at the largest power of two
    // below its length, as the RFC does.
    while (level.size() > 1) {
        std::size_t to = 0;
        for (std::size_t from = 0; from < level.size(); from += 2) {
            level[to++] =
                from + 1 < level.size() ? hash_parts(std::byte{1}, level[from], level[from + 1]) : level[from];
        }
        level.resize(to);
    }
    return level.front();
}

std::array<std::byte, 16> make_uid() {
    std::array<std::byte, 16> uid;
    require(RAND_bytes(reinterpret_cast<unsigned char*>(uid.data()), static_cast<int>(uid.size())) == 1,
            "cannot get random bytes");
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    const auto milliseconds =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
    for (unsigned i = 0; i < 6; ++i) uid[i] = static_cast<std::byte>((milliseconds >> (8 * (5 - i))) & 0xFFU);
    uid[6] = (uid[6] & std::byte{0x0F}) | std::byte{0x70};  // version 7
    uid[8] = (uid[8] & std::byte{0x3F}) | std::byte{0x80};  // variant of RFC 9562
    return uid;
}

}  // namespace etalon
