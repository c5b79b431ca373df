#pragma once

#include "core/media/net/connection.h"
#include "core/media/net/tcp_listener.h"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace headgate::tests {

// A service on the test's own loop that is called by POST and answers what the test wants.
class HttpService
{
public:
    struct Call
    {
        std::string head;
        std::string body;

        nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }

        // Of a header, by its name as the caller spells it; empty if it is absent.
        std::string header(const std::string& name) const
        {
            const std::size_t at = head.find("\r\n" + name + ": ");
            if (at == std::string::npos)
                return {};
            const std::size_t from = at + name.size() + 4;
            return head.substr(from, head.find("\r\n", from) - from);
        }
    };

    explicit HttpService(EventLoop& loop, std::uint16_t port = 0) : m_loop(loop)
    {
        m_listener = std::make_unique<TcpListener>(loop, *listenOn(SocketAddress{"127.0.0.1", port, {}}),
                                                   [this](Socket socket) { accept(std::move(socket)); });
    }

    std::uint16_t port() const { return m_listener->address().port; }
    std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port()) + path; }

    // A whole answer; empty: none at all. Asked for each call.
    std::function<std::string(const Call&)> answer = [](const Call&) { return reply(200, R"({"result":true})"); };
    std::vector<Call> calls;

    static std::string reply(int status, const std::string& body, const std::string& fields = {})
    {
        return "HTTP/1.1 " + std::to_string(status) + " Said\r\n" + fields +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    // The values of "event" in the order of arrival.
    std::vector<std::string> events() const
    {
        std::vector<std::string> names;
        for (const Call& call : calls)
            names.push_back(call.json().value("event", ""));
        return names;
    }

private:
    class Client final : public ConnectionOwner
    {
    public:
        Client(HttpService& service, Socket socket)
            : m_service(service), m_connection(service.m_loop, std::move(socket), Connection::Origin::Accepted, *this)
        {}

    private:
        void bytesReceived(ByteView bytes) override
        {
            m_text += textOf(bytes);
            for (std::size_t end; (end = m_text.find("\r\n\r\n")) != std::string::npos;) {
                const std::string head = m_text.substr(0, end + 2);
                const std::size_t at = head.find("Content-Length: ");
                const std::size_t size =
                    at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 16, nullptr, 10);
                if (m_text.size() < end + 4 + size)
                    return;
                m_service.calls.push_back({head, m_text.substr(end + 4, size)});
                m_text.erase(0, end + 4 + size);
                const std::string said = m_service.answer(m_service.calls.back());
                const ByteView view = viewOf(said);
                if (!said.empty())
                    m_connection.send(Bytes(view.begin(), view.end()));
            }
        }
        void connectionEnded(std::string_view) override {}

        HttpService& m_service;
        std::string m_text;
        Connection m_connection;
    };

    void accept(Socket socket) { m_clients.push_back(std::make_unique<Client>(*this, std::move(socket))); }

    EventLoop& m_loop;
    std::unique_ptr<TcpListener> m_listener;
    std::vector<std::unique_ptr<Client>> m_clients;
};

}  // namespace headgate::tests
