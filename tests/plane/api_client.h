#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace headgate::test {

using Fields = std::vector<std::pair<std::string, std::string>>;

// One answer as it came over the wire; status 0 if none came.
struct Answer
{
    int status = 0;
    std::map<std::string, std::string> fields;  // names in lower case
    std::string body;

    std::string field(const std::string& name) const
    {
        const auto found = fields.find(name);
        return found == fields.end() ? std::string() : found->second;
    }
    nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
};

// A blocking HTTP connection that sends exactly the bytes it is given; every wait ends after a minute.
class RawConnection
{
public:
    // `from`: the loopback address to come from, like 127.0.0.5.
    explicit RawConnection(std::uint16_t port, const char* from = nullptr)
        : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        const timeval patience{60, 0};
        ::setsockopt(m_socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(m_socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        sockaddr plain{};
        sockaddr_in address{};
        address.sin_family = AF_INET;
        if (from != nullptr && ::inet_pton(AF_INET, from, &address.sin_addr) == 1) {
            std::memcpy(&plain, &address, sizeof plain);
            ::bind(m_socket, &plain, sizeof address);
        }
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        std::memcpy(&plain, &address, sizeof plain);
        m_isOpen = ::connect(m_socket, &plain, sizeof address) == 0;
    }
    ~RawConnection() { ::close(m_socket); }
    RawConnection(const RawConnection&) = delete;
    RawConnection& operator=(const RawConnection&) = delete;

    bool isOpen() const { return m_isOpen; }

    void send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    // It is open, and nothing has come that was not read yet.
    bool isSilent() const
    {
        char byte = 0;
        return m_received.empty() && ::recv(m_socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
    }

    // True if the other side closes before anything else comes.
    bool isClosedByPeer() { return m_received.empty() && !receive(); }

    enum class Body
    {
        Expected,
        None  // the answer to HEAD
    };

    Answer read(Body expectation = Body::Expected)
    {
        Answer answer;
        std::size_t end = 0;
        while ((end = m_received.find("\r\n\r\n")) == std::string::npos) {
            if (!receive())
                return answer;
        }
        parseHead(m_received.substr(0, end), answer);
        m_received.erase(0, end + 4);
        if (expectation == Body::None || answer.field("content-length").empty())
            return answer;
        answer.body = take(std::stoul(answer.field("content-length")));
        return answer;
    }

    // One text frame of a WebSocket, masked with zeroes.
    void sendFrame(std::string_view text)
    {
        std::string head = "\x81";
        const bool isLong = text.size() > 65535;
        if (text.size() < 126) {
            head += static_cast<char>(0x80 | text.size());
        } else {
            head += static_cast<char>(0x80 | (isLong ? 127 : 126));
            for (int shift = isLong ? 56 : 8; shift >= 0; shift -= 8)
                head += static_cast<char>(text.size() >> shift & 0xff);
        }
        send(head.append(4, '\0').append(text));
    }

    // One unmasked text frame of a WebSocket; pings are stepped over. Empty if the connection ended.
    std::string readFrame()
    {
        for (;;) {
            const std::string head = take(2);
            if (head.size() < 2)
                return {};
            std::size_t size = static_cast<unsigned char>(head[1]) & 0x7f;
            const std::size_t extra = size == 126 ? 2 : size == 127 ? 8 : 0;
            if (extra > 0) {
                size = 0;
                for (const char c : take(extra))
                    size = size << 8 | static_cast<unsigned char>(c);
            }
            std::string payload = take(size);
            if ((head[0] & 0x0f) == 1)
                return payload;
            if ((head[0] & 0x0f) == 8)
                return {};
        }
    }

    // What comes before `end`, which is taken as well. Empty if the connection ended.
    std::string readUntil(std::string_view end)
    {
        std::size_t at = 0;
        while ((at = m_received.find(end)) == std::string::npos) {
            if (!receive())
                return {};
        }
        std::string text = m_received.substr(0, at);
        m_received.erase(0, at + end.size());
        return text;
    }

private:
    static void parseHead(const std::string& head, Answer& answer)
    {
        answer.status = std::stoi(head.substr(9, 3));
        for (std::size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
            const std::string line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
            const auto colon = line.find(": ");
            std::string name = line.substr(0, colon);
            std::ranges::transform(name, name.begin(),
                                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            std::string& value = answer.fields[name];
            value += (value.empty() ? "" : ", ") + line.substr(colon + 2);
        }
    }

    std::string take(std::size_t size)
    {
        while (m_received.size() < size && receive())
            continue;
        std::string bytes = m_received.substr(0, size);
        m_received.erase(0, bytes.size());
        return bytes;
    }

    bool receive()
    {
        char bytes[65536];
        ssize_t count = 0;
        do
            count = ::recv(m_socket, bytes, sizeof bytes, 0);
        while (count < 0 && errno == EINTR);
        if (count <= 0)
            return false;
        m_received.append(bytes, static_cast<std::size_t>(count));
        return true;
    }

    int m_socket;
    bool m_isOpen = false;
    std::string m_received;
};

// True once `condition` holds, false if it has not within a minute. Unlike QTRY_VERIFY it asks no more after a yes.
template <typename Condition>
bool becomesTrue(Condition condition)
{
    const auto giveUpAt = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > giveUpAt)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

inline std::string requestText(const std::string& method, const std::string& target, const Fields& fields = {},
                               const std::string& body = {})
{
    std::string text = method + " " + target + " HTTP/1.1\r\n";
    bool hasHost = false;
    for (const auto& [name, value] : fields) {
        text += name + ": " + value + "\r\n";
        hasHost = hasHost || name == "Host";
    }
    if (!hasHost)
        text += "Host: 127.0.0.1\r\n";
    if (!body.empty())
        text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + body;
}

inline Answer call(std::uint16_t port, const std::string& method, const std::string& target, const Fields& fields = {},
                   const std::string& body = {})
{
    RawConnection connection(port);
    connection.send(requestText(method, target, fields, body));
    return connection.read(method == "HEAD" ? RawConnection::Body::None : RawConnection::Body::Expected);
}

inline Fields webSocketFields(const Fields& more = {})
{
    Fields fields{{"Upgrade", "websocket"},
                  {"Connection", "Upgrade"},
                  {"Sec-WebSocket-Version", "13"},
                  {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
}

}  // namespace headgate::test
