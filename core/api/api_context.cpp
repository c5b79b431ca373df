#include "core/api/api_context.h"

#include "core/api/api_status.h"
#include "core/base/check.h"
#include "core/base/text.h"
#include "core/wire/account_document.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_routes.h"
#include "core/wire/stream_manager_codec.h"

#include <algorithm>
#include <charconv>

namespace headgate {

namespace {

http::Response withFields(http::Response response, const CallRefusal& refusal)
{
    response.headers.insert(response.headers.end(), refusal.fields.begin(), refusal.fields.end());
    return response;
}

}  // namespace

QueryParameters::QueryParameters(std::string_view query)
{
    while (!query.empty()) {
        const std::string_view entry = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), entry.size() + 1));
        const auto equals = entry.find('=');
        auto name = native::percentDecoded(entry.substr(0, equals));
        auto value =
            native::percentDecoded(equals == std::string_view::npos ? std::string_view() : entry.substr(equals + 1));
        if (name && value && !name->empty())
            m_entries.emplace_back(std::move(*name), std::move(*value));
    }
}

std::optional<std::string> QueryParameters::find(std::string_view name) const
{
    for (const auto& [entryName, value] : m_entries) {
        if (isSameName(entryName, name))
            return value;
    }
    return std::nullopt;
}

std::string QueryParameters::value(std::string_view name, std::string otherwise) const
{
    return find(name).value_or(std::move(otherwise));
}

Result<bool> QueryParameters::flag(std::string_view name, bool otherwise) const
{
    const auto text = find(name);
    if (!text)
        return otherwise;
    if (*text == "true" || *text == "1")
        return true;
    if (*text == "false" || *text == "0")
        return false;
    return fail(ErrorCode::InvalidArgument, "The query parameter " + std::string(name) + " is true or false.");
}

Result<std::int64_t> QueryParameters::number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                                             std::int64_t most) const
{
    const auto text = find(name);
    if (!text)
        return otherwise;
    std::int64_t number = 0;
    const char* last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, number);
    if (error == std::errc() && end == last && number >= least && number <= most)
        return number;
    return fail(ErrorCode::InvalidArgument, "The query parameter " + std::string(name) + " is an integer from " +
                                                std::to_string(least) + " to " + std::to_string(most) + ".");
}

std::string_view methodWord(http::Method method)
{
    switch (method) {
    case http::Method::Get:
        return "GET";
    case http::Method::Head:
        return "HEAD";
    case http::Method::Post:
        return "POST";
    case http::Method::Put:
        return "PUT";
    case http::Method::Patch:
        return "PATCH";
    case http::Method::Delete:
        return "DELETE";
    case http::Method::Options:
        return "OPTIONS";
    case http::Method::Other:
        return {};
    }
    unreachable();
}

Result<CommandRequest> commandOf(const std::string& ifMatch, const QueryParameters& query, Actor actor,
                                 RequestId requestId)
{
    CommandRequest command;
    command.actor = std::move(actor);
    command.requestId = std::move(requestId);
    if (!ifMatch.empty()) {
        const auto version = native::versionOfIfMatch(ifMatch);
        if (!version)
            return tl::unexpected(version.error());
        command.ifVersion = *version;
    }
    const auto isDryRun = query.flag("dryRun", false);
    if (!isDryRun)
        return tl::unexpected(isDryRun.error());
    command.execution = *isDryRun ? Execution::DryRun : Execution::Commit;
    return command;
}

http::Response jsonResponse(int status, const nlohmann::json& body)
{
    http::Response response;
    response.status = status;
    response.body = native::write(body);
    return response;
}

http::Response nativeFailure(const Error& error, const RequestId& requestId)
{
    return nativeFailure(error, httpStatus(error.code), requestId);
}

http::Response nativeFailure(const Error& error, int status, const RequestId& requestId)
{
    http::Response response = jsonResponse(status, native::problem(error, status, requestId));
    response.contentType = "application/problem+json";
    if (status == 401)
        response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

http::Response streamManagerFailure(const Error& error)
{
    return streamManagerFailure(error, httpStatus(error.code));
}

http::Response streamManagerFailure(const Error& error, int status)
{
    http::Response response = jsonResponse(status, stream_manager::errorBody(error, status));
    if (status == 401)
        response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

http::Response nativeFailure(const CallRefusal& refusal, const RequestId& requestId)
{
    return withFields(nativeFailure(refusal.error, refusal.status, requestId), refusal);
}

http::Response streamManagerFailure(const CallRefusal& refusal)
{
    return withFields(streamManagerFailure(refusal.error, refusal.status), refusal);
}

http::Response withWaiting(http::Response response, const RouteRefusal& refusal)
{
    if (!refusal.waiting)
        return response;
    const auto wait = std::chrono::ceil<std::chrono::seconds>(refusal.waiting->retryAfter);
    response.headers.emplace_back("Retry-After", std::to_string(wait.count()));
    if (refusal.waiting->ticket.empty())
        return response;
    response.headers.emplace_back("Headgate-Ticket", refusal.waiting->ticket);
    response.headers.emplace_back("Headgate-Ahead", std::to_string(refusal.waiting->ahead));
    return response;
}

std::vector<std::string> commaList(const std::string& text)
{
    std::vector<std::string> words;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        if (end > begin)
            words.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

}  // namespace headgate
