#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <xxhash.h>

#include <chrono>

#include "base/bytes.h"
#include "etalon/error.h"

namespace etalon {
namespace {

void require(bool done, const char* what) {
    if (!done) throw Error(ErrorCode::Internal, {what, "OpenSSL", {}, {}, {}});
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
    require(context_->digest != nullptr && EVP_DigestInit_ex(context_->digest.get(), EVP_sha256(), nullptr) == 1,
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
