#pragma once

#include "core/base/result.h"
#include "core/base/time.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;
struct x509_st;

namespace headgate {

// Certificates of X.509 (RFC 5280) and their keys, which are on the curve P-256 if made here. Never null, never
// changed: from any thread.
using PrivateKey = std::shared_ptr<evp_pkey_st>;
using Certificate509 = std::shared_ptr<x509_st>;

struct KeyedCertificate
{
    PrivateKey key;
    Certificate509 certificate;
};

enum class CertificateUse : std::uint8_t
{
    Authority,  // signs others, which sign nobody
    Server,
    Node
};

struct CertificateWish
{
    CertificateUse use = CertificateUse::Server;
    std::string commonName;          // at most 64 bytes
    std::vector<std::string> names;  // of a server its host names and addresses, of a node its id
    TimePoint from;
    TimePoint until;
};

PrivateKey newPrivateKey();

// Signed by `issuer`, or by the key itself if there is none. InvalidArgument if a name is neither a host name
// nor an address, or longer than 64 bytes in the wrong place.
Result<Certificate509> issueCertificate(const CertificateWish& wish, const PrivateKey& key,
                                        const KeyedCertificate* issuer);

std::string toPem(const PrivateKey& key);  // not encrypted
std::string toPem(const Certificate509& certificate);

// InvalidArgument if the text is none.
Result<PrivateKey> privateKeyFromPem(std::string_view pem);
Result<Certificate509> certificateFromPem(std::string_view pem);

bool belongTogether(const PrivateKey& key, const Certificate509& certificate);

// SHA-256 in capital hexadecimal with colons, as browsers and openssl show it.
std::string fingerprintOf(const Certificate509& certificate);
std::string commonNameOf(const Certificate509& certificate);
TimePoint expiryOf(const Certificate509& certificate);

// The node that a certificate made here is for; empty if it is for none.
std::string nodeIn(const x509_st* certificate);

}  // namespace headgate
