#pragma once

#include "core/base/result.h"

#include <functional>
#include <string>
#include <vector>

namespace headgate {

enum class IceCredential
{
    None,    // a STUN server
    Static,  // one name and password for all
    Rest     // made for each session from a shared secret, as draft-uberti-behave-turn-rest-00 has it
};

// A STUN or TURN server that WHIP and WHEP clients of a group are told of.
struct IceServer
{
    static constexpr std::size_t mostOfGroup = 8;

    std::string url;  // "turn:host:port?transport=udp"
    IceCredential credential = IceCredential::None;
    std::string username;  // of Static
    std::string secret;    // password or shared secret; sealed

    bool operator==(const IceServer&) const = default;
};

// Puts change(secret, pointer) in the place of each secret that is not empty ("/0/secret").
void changeSecrets(std::vector<IceServer>& servers,
                   const std::function<std::string(const std::string& secret, const char* pointer)>& change);

// All violations; pointers are relative to the list.
std::vector<Error> validate(const std::vector<IceServer>& servers);

}  // namespace headgate
