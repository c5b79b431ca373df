#pragma once

#include "core/base/time.h"
#include "core/domain/recording_settings.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Requests to a store that speaks S3, signed as its "Signature Version 4" wants.
namespace headgate::s3 {

using Parameters = std::vector<std::pair<std::string, std::string>>;

struct Request
{
    std::string method;
    std::string key;          // of the object; empty: the bucket
    Parameters query{};       // not encoded
    std::string_view body{};  // must outlive it
    std::string type{};       // of the body; empty: none is told
};

struct SignedRequest
{
    std::string url;
    std::vector<std::string> headers;  // "Name: value"
};

// Everything but unreserved characters as %XX, slashes only if they are wanted so.
std::string encoded(std::string_view text, bool keepsSlashes);

// InvalidArgument for an endpoint that is no address.
Result<SignedRequest> sign(const S3Settings& store, const Request& request, TimePoint now);

}  // namespace headgate::s3
