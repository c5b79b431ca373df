#include "core/base/result.h"

#include "core/base/check.h"

namespace headgate {

std::string_view toWord(ErrorCode code)
{
    switch (code) {
    case ErrorCode::InvalidArgument:
        return "invalid-argument";
    case ErrorCode::NotFound:
        return "not-found";
    case ErrorCode::AlreadyExists:
        return "already-exists";
    case ErrorCode::VersionMismatch:
        return "version-mismatch";
    case ErrorCode::Conflict:
        return "conflict";
    case ErrorCode::Unauthenticated:
        return "unauthenticated";
    case ErrorCode::PermissionDenied:
        return "permission-denied";
    case ErrorCode::ResourceExhausted:
        return "resource-exhausted";
    case ErrorCode::Unavailable:
        return "unavailable";
    case ErrorCode::Unsupported:
        return "unsupported";
    case ErrorCode::Internal:
        return "internal";
    }
    unreachable();
}

}  // namespace headgate
