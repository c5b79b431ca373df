#include "core/base/check.h"
#include "core/wire/native_codec.h"

#include <array>

namespace headgate::native {
namespace {

constexpr std::string_view typePrefix = "https://headgate.dev/problems/";

constexpr std::array allCodes = {ErrorCode::InvalidArgument,  ErrorCode::NotFound,          ErrorCode::AlreadyExists,
                                 ErrorCode::VersionMismatch,  ErrorCode::Conflict,          ErrorCode::Unauthenticated,
                                 ErrorCode::PermissionDenied, ErrorCode::ResourceExhausted, ErrorCode::Unavailable,
                                 ErrorCode::Unsupported,      ErrorCode::Internal};

std::string_view titleOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::InvalidArgument:
        return "The request is not right";
    case ErrorCode::NotFound:
        return "Not found";
    case ErrorCode::AlreadyExists:
        return "It exists already";
    case ErrorCode::VersionMismatch:
        return "It was changed in the meantime";
    case ErrorCode::Conflict:
        return "Its state forbids that";
    case ErrorCode::Unauthenticated:
        return "Not signed in";
    case ErrorCode::PermissionDenied:
        return "Not allowed";
    case ErrorCode::ResourceExhausted:
        return "A limit is reached";
    case ErrorCode::Unavailable:
        return "Not possible at present";
    case ErrorCode::Unsupported:
        return "Not offered here";
    case ErrorCode::Internal:
        return "A fault in the control plane";
    }
    unreachable();
}

// For answers of something between us and the control plane, which knows nothing of our problem types.
ErrorCode codeOfStatus(int status)
{
    switch (status) {
    case 400:
    case 405:
    case 413:
    case 415:
    case 422:
        return ErrorCode::InvalidArgument;
    case 401:
        return ErrorCode::Unauthenticated;
    case 403:
        return ErrorCode::PermissionDenied;
    case 404:
        return ErrorCode::NotFound;
    case 409:
        return ErrorCode::Conflict;
    case 412:
        return ErrorCode::VersionMismatch;
    case 429:
        return ErrorCode::ResourceExhausted;
    case 501:
        return ErrorCode::Unsupported;
    case 502:
    case 503:
    case 504:
        return ErrorCode::Unavailable;
    default:
        return ErrorCode::Internal;
    }
}

std::string textMember(const Json& json, const char* name)
{
    if (!json.is_object())
        return {};
    const auto member = json.find(name);
    return member != json.end() && member->is_string() ? member->get<std::string>() : std::string();
}

}  // namespace

Json problem(const Error& error, int httpStatus, const RequestId& requestId)
{
    Json json = {{"type", std::string(typePrefix) + std::string(headgate::toWord(error.code))},
                 {"title", titleOf(error.code)},
                 {"status", httpStatus},
                 {"detail", error.message}};
    if (!error.remedy.empty())
        json["remedy"] = error.remedy;
    if (!error.pointer.empty())
        json["pointer"] = error.pointer;
    if (!requestId.isEmpty())
        json["requestId"] = requestId.value;
    return json;
}

Error errorFromProblem(const Json& json, int httpStatus)
{
    Error error;
    error.code = codeOfStatus(httpStatus);
    const std::string type = textMember(json, "type");
    for (const ErrorCode code : allCodes) {
        if (type == std::string(typePrefix) + std::string(headgate::toWord(code)))
            error.code = code;
    }
    error.message = textMember(json, "detail");
    if (error.message.empty())
        error.message = "The server answered with HTTP status " + std::to_string(httpStatus) + ".";
    error.remedy = textMember(json, "remedy");
    error.pointer = textMember(json, "pointer");
    return error;
}

}  // namespace headgate::native
