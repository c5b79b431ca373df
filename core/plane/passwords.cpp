#include "core/plane/passwords.h"

#include "core/base/check.h"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

namespace headgate {

namespace {

constexpr std::uint32_t passes = 3;
constexpr std::uint32_t memoryKib = 64 * 1024;
constexpr std::uint32_t lanes = 1;
constexpr std::size_t saltBytes = 16;
constexpr std::size_t hashBytes = 32;

std::string hexOf(const unsigned char* bytes, std::size_t size)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < size; ++i)
        text += {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
    return text;
}

bool isAcceptableName(const std::string& name)
{
    const auto isRefused = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == ':'; };
    return !name.empty() && name.size() <= 64 && std::ranges::none_of(name, isRefused);
}

}  // namespace

Result<std::string> hashPassword(const std::string& password)
{
    std::array<unsigned char, saltBytes> salt{};
    HG_CHECK(RAND_bytes(salt.data(), static_cast<int>(salt.size())) == 1);
    std::array<char, 256> text{};
    const int error = argon2id_hash_encoded(passes, memoryKib, lanes, password.data(), password.size(), salt.data(),
                                            salt.size(), hashBytes, text.data(), text.size());
    if (error == ARGON2_OK)
        return std::string(text.data());
    return fail(ErrorCode::Internal, std::string("The password cannot be hashed: ") + argon2_error_message(error) + ".",
                "Free some memory; one check takes 64 MiB.");
}

bool isPasswordOf(const std::string& password, const std::string& passwordHash)
{
    return argon2id_verify(passwordHash.c_str(), password.data(), password.size()) == ARGON2_OK;
}

std::string hashOfNothing()
{
    return "$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
}

Result<std::string> hashNewPassword(const std::string& password)
{
    if (password.size() < minPasswordLength || password.size() > maxPasswordLength)
        return fail(ErrorCode::InvalidArgument,
                    "A password has at least " + std::to_string(minPasswordLength) + " characters and at most " +
                        std::to_string(maxPasswordLength) + ".",
                    "Three or four random words are easy to remember.", "/password");
    return hashPassword(password);
}

Result<Account> makeAccount(const std::string& name, const std::string& password, AccountRole role)
{
    if (!isAcceptableName(name))
        return fail(ErrorCode::InvalidArgument,
                    "A user name has 1 to 64 characters, without control characters and colons.", {}, "/username");
    auto hash = hashNewPassword(password);
    if (!hash)
        return tl::unexpected(hash.error());
    return Account{name, std::move(*hash), {}, role};
}

Result<Account> makeAccount(const native::NewUser& user)
{
    auto account = makeAccount(user.name, user.password, user.role);
    if (account)
        account->deployments = user.deployments;
    else if (account.error().pointer == "/username")
        account.error().pointer = "/name";
    return account;
}

std::string randomHex(std::size_t bytes)
{
    std::string raw(bytes, '\0');
    auto* data = reinterpret_cast<unsigned char*>(raw.data());
    HG_CHECK(RAND_bytes(data, static_cast<int>(raw.size())) == 1);
    return hexOf(data, raw.size());
}

std::string sha256Hex(const std::string& text)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    HG_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
    return hexOf(digest.data(), size);
}

bool isSameSecret(const std::string& a, const std::string& b)
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace headgate
