#pragma once

#include "core/plane/remote_client.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <utility>
#include <vector>

// What answers of a control plane elsewhere hold.
namespace headgate {

inline Error unexpectedAnswer()
{
    return {ErrorCode::Internal,
            "The control plane answered with a document that this program does not understand.",
            "Bring both to the same version.",
            {}};
}

template <typename T>
using Decoder = Result<T> (*)(const nlohmann::json&);

template <typename T>
Result<T> decodeOne(const Result<HttpAnswer>& answer, Decoder<T> decode)
{
    if (!answer)
        return tl::unexpected(answer.error());
    auto one = decode(answer->body);
    return one ? std::move(one) : tl::unexpected(unexpectedAnswer());
}

// The elements of the array `member` of the answer.
template <typename T>
Result<std::vector<T>> decodeList(const Result<HttpAnswer>& answer, const char* member, Decoder<T> decode)
{
    if (!answer)
        return tl::unexpected(answer.error());
    if (!answer->body.is_object() || !answer->body.contains(member) || !answer->body[member].is_array())
        return tl::unexpected(unexpectedAnswer());
    std::vector<T> elements;
    for (const nlohmann::json& json : answer->body[member]) {
        auto element = decode(json);
        if (!element)
            return tl::unexpected(unexpectedAnswer());
        elements.push_back(std::move(*element));
    }
    return elements;
}

}  // namespace headgate
