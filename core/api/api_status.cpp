#include "core/api/api_status.h"

#include "core/base/check.h"

namespace headgate {

int httpStatus(ErrorCode code)
{
    switch (code) {
    case ErrorCode::InvalidArgument:
        return 400;
    case ErrorCode::NotFound:
        return 404;
    case ErrorCode::AlreadyExists:
    case ErrorCode::Conflict:
        return 409;
    case ErrorCode::VersionMismatch:
        return 412;
    case ErrorCode::Unauthenticated:
        return 401;
    case ErrorCode::PermissionDenied:
        return 403;
    case ErrorCode::ResourceExhausted:
    case ErrorCode::Unavailable:
        return 503;
    case ErrorCode::Unsupported:
        return 501;
    case ErrorCode::Internal:
        return 500;
    }
    unreachable();
}

}  // namespace headgate
