#pragma once

#include "core/api/http_message.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace headgate::http {

// Who asks again over the same connection sends the same header, only the target of the request line differs. What was
// read from it the first time holds for the same bytes, and is not read again: with a token in it that is a fifth of
// what a short answer costs. One thread.
class RepeatedHeader
{
public:
    // After `text`, a whole header without a body, was read as `request`.
    void remember(std::string_view text, Request request)
    {
        const std::size_t line = text.find(lineEnd);
        if (request.method != Method::Get || text.size() > maxBytes || m_attempts >= maxAttempts ||
            !text.starts_with(method) || line < method.size() || line == std::string_view::npos)
            return;
        ++m_attempts;
        m_rest = text.substr(line);
        m_request = std::move(request);
    }

    // If `text` begins with the header that was remembered, but for its target: how long it is, and its request is in
    // request(). Otherwise 0, and the text has to be read.
    std::size_t match(std::string_view text)
    {
        if (m_rest.empty() || !text.starts_with(method))
            return 0;
        const std::string_view target = text.substr(method.size(), text.find(' ', method.size()) - method.size());
        const std::size_t size = method.size() + target.size();
        if (text.substr(size, m_rest.size()) != m_rest || !target.starts_with('/') ||
            !std::ranges::all_of(target, isVisible))
            return 0;
        const std::size_t mark = target.find('?');
        m_request.path = target.substr(0, mark);
        m_request.query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
        m_attempts = 0;
        return size + m_rest.size();
    }

    const Request& request() const { return m_request; }

private:
    static constexpr std::string_view method = "GET ";
    static constexpr std::string_view lineEnd = " HTTP/1.1\r\n";
    static constexpr std::size_t maxBytes = 4096;
    static constexpr int maxAttempts = 4;  // in a row that never came again

    // Others are left to the parser.
    static bool isVisible(char c) { return c > ' ' && c < '\x7f'; }

    std::string m_rest;  // from the end of the target on
    Request m_request;
    int m_attempts = 0;
};

}  // namespace headgate::http
