#pragma once

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace headgate {

// The closed set of ways in which something that may fail does fail. The HTTP status of each is in core/api,
// the sentence that a person reads is built in ui/format; both are exhaustive switches.
enum class ErrorCode
{
    InvalidArgument,    // the request or document is wrong; `pointer` names the field
    NotFound,           // the named object does not exist
    AlreadyExists,      // an object of that name exists
    VersionMismatch,    // If-Match named another version than the one in force
    Conflict,           // the object's state forbids the wish
    Unauthenticated,    // no credentials, or credentials that do not hold
    PermissionDenied,   // known, but not allowed
    ResourceExhausted,  // a stated limit is reached
    Unavailable,        // cannot be done now; may work later
    Unsupported,        // understood, and not offered by this build or platform
    Internal            // a fault on our side
};

// Stable lower-case word for logs and problem documents, for example "already-exists".
std::string_view toWord(ErrorCode code);

struct Error
{
    ErrorCode code = ErrorCode::Internal;
    std::string message;  // what happened and why, one or two English sentences, each with its full stop
    std::string remedy;   // what to do next; may be empty
    std::string pointer;  // JSON Pointer (RFC 6901) to the offending field; empty if none

    bool operator==(const Error&) const = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string remedy = {},
                                  std::string pointer = {})
{
    return tl::unexpected<Error>(Error{code, std::move(message), std::move(remedy), std::move(pointer)});
}

}  // namespace headgate
