#pragma once

#include <nlohmann/json.hpp>

#include <span>
#include <string_view>

// What the Stream Manager dialect offers, for its description and for the test that proves the description.
namespace headgate::stream_manager {

enum class Sign
{
    Token,  // Authorization: Bearer
    Basic,
    None
};

struct Operation
{
    std::string_view service;  // which description it is in: auth, admin, streams or autoscale
    std::string_view method;   // lower case
    std::string_view path;     // {streamGuid} and {provisionGuid} may hold slashes
    std::string_view summary;
    std::string_view answer;      // a schema, with [] behind it for a list; empty: no body
    std::string_view query = {};  // "stats:boolean endpoints:integer", with ! behind it what must be there
    std::string_view body = {};   // a schema, or "text"
    int status = 200;             // of success
    Sign sign = Sign::Token;
};

std::span<const Operation> operations();

// OpenAPI 3.0.1 of one service, as its v3/api-docs tells it; null if there is no such service.
nlohmann::json apiDocument(std::string_view service);

}  // namespace headgate::stream_manager
