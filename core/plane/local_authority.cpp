#include "core/plane/local_authority.h"

#include "core/base/check.h"
#include "core/base/digest.h"
#include "core/plane/seal.h"
#include "core/provider/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace headgate {

namespace {

constexpr std::chrono::days authorityLifetime{3650};
constexpr std::chrono::minutes clockTolerance{10};  // of those who look at a new certificate

tl::unexpected<Error> unusable(const std::string& file, const char* what, int error)
{
    return fail(ErrorCode::Unavailable, file + " cannot be " + what + ": " + std::strerror(error) + ".",
                "Check the owner of the directory and the free space on the disk.");
}

Result<std::string> readWhole(const std::string& file)
{
    auto text = readWholeFile(file);
    if (!text)
        return unusable(file, "read", errno);
    return std::move(*text);
}

// Whole or not at all, whenever the machine goes down.
Result<void> writeWhole(const std::string& file, const std::string& text, mode_t mode)
{
    const std::string draft = file + ".new";
    ::unlink(draft.c_str());
    const int descriptor = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor < 0)
        return unusable(file, "made", errno);
    const bool isWritten =
        ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(descriptor) == 0;
    const int error = errno;
    ::close(descriptor);
    if (!isWritten)
        return unusable(file, "made", error);
    if (::rename(draft.c_str(), file.c_str()) != 0)
        return unusable(file, "made", errno);
    return {};
}

Result<KeyedCertificate> makeOwn(TimePoint now)
{
    KeyedCertificate own;
    own.key = newPrivateKey();
    // Two authorities of one name confuse who trusts both.
    const std::string tag = toHex(sha256(toPem(own.key))).substr(0, 8);
    auto certificate = issueCertificate(
        {CertificateUse::Authority, "Headgate authority " + tag, {}, now - clockTolerance, now + authorityLifetime},
        own.key, nullptr);
    if (!certificate)
        return tl::unexpected(certificate.error());
    own.certificate = std::move(*certificate);
    return own;
}

Result<KeyedCertificate> readOwn(const std::string& certificateFile, const std::string& keyFile,
                                 const std::string& sealKey)
{
    const auto pem = readWhole(certificateFile);
    const auto secret = readWhole(keyFile);
    if (!pem || !secret)
        return tl::unexpected(!pem ? pem.error() : secret.error());
    const auto clear = opened(sealKey, *secret);
    auto key = clear ? privateKeyFromPem(*clear) : tl::unexpected(Error{});
    auto certificate = certificateFromPem(*pem);
    if (!key || !certificate || !belongTogether(*key, *certificate))
        return fail(ErrorCode::Conflict,
                    keyFile + " is not the key of " + certificateFile + ", or was sealed under another key file.",
                    "Put back both files and the file \"key\" of one backup; or remove both, and let everybody "
                    "trust the authority that is made then.");
    return KeyedCertificate{std::move(*key), std::move(*certificate)};
}

}  // namespace

Result<std::shared_ptr<const LocalAuthority>> LocalAuthority::open(const std::string& dataDir,
                                                                   const std::string& sealKey, TimePoint now)
{
    const std::string certificateFile = dataDir + "/authority.pem";
    const std::string keyFile = dataDir + "/authority.key";
    std::error_code ignored;
    const bool isNew = !std::filesystem::exists(certificateFile, ignored) && !std::filesystem::exists(keyFile, ignored);
    auto own = isNew ? makeOwn(now) : readOwn(certificateFile, keyFile, sealKey);
    if (!own)
        return tl::unexpected(own.error());
    if (isNew) {
        for (const auto& written : {writeWhole(keyFile, sealed(sealKey, toPem(own->key)), 0600),
                                    writeWhole(certificateFile, toPem(own->certificate), 0644)}) {
            if (!written)
                return tl::unexpected(written.error());
        }
    }
    return std::shared_ptr<const LocalAuthority>(new LocalAuthority(certificateFile, std::move(*own)));
}

Result<KeyedCertificate> LocalAuthority::issueForServer(const std::vector<std::string>& names, TimePoint now) const
{
    KeyedCertificate made;
    made.key = newPrivateKey();
    auto certificate = issueCertificate({CertificateUse::Server, "headgated", names, now - clockTolerance,
                                         std::min(now + serverLifetime, expiryOf(m_own.certificate))},
                                        made.key, &m_own);
    if (!certificate)
        return tl::unexpected(certificate.error());
    made.certificate = std::move(*certificate);
    return made;
}

std::string LocalAuthority::issueForNode(const NodeId& node, TimePoint now) const
{
    const PrivateKey key = newPrivateKey();
    const auto certificate = issueCertificate(
        {CertificateUse::Node, "headgate-node", {node.value}, now - clockTolerance, now + nodeLifetime}, key, &m_own);
    HG_CHECK(certificate.has_value());  // ids of nodes are our own
    return toPem(key) + toPem(*certificate) + toPem(m_own.certificate);
}

}  // namespace headgate
