#pragma once

#include "core/media/net/bytes.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace headgate::rtsp {

// What a URL of RTSP names: "rtsp://user@host:8554/live/show1?token=x".
struct Target
{
    std::string base;   // with scheme, host and port, without a name or password
    std::string path;   // decoded, without the slashes around it
    std::string query;  // as it came

    bool operator==(const Target&) const = default;
};

// None if it is no URL of RTSP; "*" is one without anything.
std::optional<Target> parseTarget(std::string_view url);

struct Request
{
    std::string method;
    std::string url;
    bool isVersion1 = true;
    std::map<std::string, std::string, std::less<>> fields;  // by names in lower case; the first of each
    std::string body;

    // Empty if there is none.
    std::string_view field(std::string_view name) const;
};

// Takes apart what a client of RTSP 1.0 (RFC 2326) sends: requests, and packets between them (10.12).
class MessageReader
{
public:
    static constexpr std::size_t largestHead = 16 * 1024;
    static constexpr std::size_t largestBody = 64 * 1024;
    static constexpr std::size_t mostFields = 64;

    enum class State
    {
        NeedsMore,
        HasRequest,
        HasPacket,
        Malformed,
        TooLarge
    };

    void append(ByteView bytes);
    std::size_t waitingBytes() const { return m_buffer.size() - m_begin; }

    // The next message, which is there until the next call. Nothing comes after Malformed and TooLarge.
    State next();
    const Request& request() const { return m_request; }
    int channel() const { return m_channel; }
    ByteView packet() const { return m_packet; }

private:
    State readPacket();
    State readRequest();
    bool readHead(std::string_view head);
    bool readFields(std::string_view fields);
    std::string_view rest() const { return std::string_view(m_buffer).substr(m_begin); }

    std::string m_buffer;
    std::size_t m_begin = 0;
    Request m_request;
    int m_channel = 0;
    ByteView m_packet;
};

// "RTSP/1.0 200 OK", and what follows up to the body. `fields` are whole lines.
std::string responseText(int status, std::string_view sequence, std::string_view fields, std::string_view body = {});

bool isSameWord(std::string_view text, std::string_view lowerCase);
std::string_view trimmed(std::string_view text);

// The next piece of a list, which it leaves.
std::string_view takePiece(std::string_view& list, char separator);

}  // namespace headgate::rtsp
