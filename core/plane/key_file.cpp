#include "core/plane/key_file.h"

#include "core/base/check.h"
#include "core/base/digest.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace headgate {

namespace {

constexpr std::size_t secretBytes = 32;

tl::unexpected<Error> unusable(const std::string& file, const std::string& what)
{
    return fail(ErrorCode::Unavailable,
                "The key file " + file + " cannot be " + what + ": " + std::strerror(errno) + ".",
                "Check the owner of the directory and the free space on the disk.");
}

Result<std::string> readSecret(int descriptor, const std::string& file)
{
    struct stat facts = {};
    if (::fstat(descriptor, &facts) != 0)
        return unusable(file, "read");
    if ((facts.st_mode & 077) != 0)
        return fail(ErrorCode::Conflict, "The key file " + file + " can be read by other users.",
                    "Close it (chmod 600), and consider every password and node credential as known to others.");
    std::string secret(secretBytes + 1, '\0');
    const ssize_t got = ::read(descriptor, secret.data(), secret.size());
    if (got < 0)
        return unusable(file, "read");
    if (got != static_cast<ssize_t>(secretBytes))
        return fail(ErrorCode::Conflict, "The key file " + file + " is not 32 bytes long.",
                    "Put a backup of it in its place.");
    secret.resize(secretBytes);
    return secret;
}

// Under another name first, so that a crash cannot leave half a key.
Result<void> makeSecret(const std::string& file)
{
    std::string secret(secretBytes, '\0');
    HG_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(secret.data()), static_cast<int>(secretBytes)) == 1);
    const std::string draft = file + ".new";
    ::unlink(draft.c_str());
    const int descriptor = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return unusable(file, "made");
    const bool isWritten = ::write(descriptor, secret.data(), secretBytes) == static_cast<ssize_t>(secretBytes) &&
                           ::fsync(descriptor) == 0;
    ::close(descriptor);
    if (!isWritten || ::rename(draft.c_str(), file.c_str()) != 0)
        return unusable(file, "made");
    return {};
}

}  // namespace

Result<KeyFile> KeyFile::open(const std::string& file)
{
    int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT) {
        if (auto made = makeSecret(file); !made)
            return tl::unexpected(made.error());
        descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    }
    if (descriptor < 0)
        return unusable(file, "read");
    Result<std::string> secret = readSecret(descriptor, file);
    ::close(descriptor);
    if (!secret)
        return tl::unexpected(secret.error());
    return KeyFile(std::move(*secret));
}

std::string KeyFile::derive(const std::string& purpose) const
{
    return hmacSha256(m_secret, purpose);
}

}  // namespace headgate
