#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

// The messages with which clients of a Stream Manager, before version 15 of its SDKs, signal WebRTC over a WebSocket:
// objects of JSON, told apart by which member names the stream. Where they are known from stands in docs/webrtc.md.
namespace headgate::stream_manager {

struct SignallingMessage
{
    enum class Kind
    {
        IsAvailable,
        HandleOffer,   // the SDP of a publisher
        RequestOffer,  // a viewer wants ours
        HandleAnswer,  // the SDP of a viewer
        HandleCandidate,
        Begin,  // the connection stands
        End
    };

    Kind kind = Kind::IsAvailable;
    std::string stream{};     // as the client calls it
    std::string sdp{};        // of an offer or an answer
    std::string candidate{};  // the lines of an SDP fragment (RFC 8840)

    bool operator==(const SignallingMessage&) const = default;
};

Result<SignallingMessage> signallingMessageIn(std::string_view text);

// What is said to the client.
std::string availableMessage(bool isAvailable);
std::string descriptionMessage(std::string_view type, std::string_view sdp);
std::string statusMessage(std::string_view code, std::string_view text);
std::string errorMessage(const Error& error, int httpStatus);
std::string metadataMessage();
std::string unpublishedMessage();

}  // namespace headgate::stream_manager
