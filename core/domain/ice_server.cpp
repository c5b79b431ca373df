#include "core/domain/ice_server.h"

namespace headgate {

void changeSecrets(std::vector<IceServer>& servers,
                   const std::function<std::string(const std::string& secret, const char* pointer)>& change)
{
    for (std::size_t i = 0; i < servers.size(); ++i) {
        if (!servers[i].secret.empty())
            servers[i].secret = change(servers[i].secret, ("/" + std::to_string(i) + "/secret").c_str());
    }
}

std::vector<Error> validate(const std::vector<IceServer>& servers)
{
    std::vector<Error> errors;
    const auto complain = [&errors](std::string message, std::string pointer) {
        errors.push_back({ErrorCode::InvalidArgument, std::move(message), {}, std::move(pointer)});
    };
    if (servers.size() > IceServer::mostOfGroup)
        complain("A node group names at most 8 ICE servers.", "");
    for (std::size_t i = 0; i < servers.size(); ++i) {
        const IceServer& server = servers[i];
        const std::string at = "/" + std::to_string(i);
        const bool isTurn = server.url.starts_with("turn:") || server.url.starts_with("turns:");
        if (!isTurn && !server.url.starts_with("stun:") && !server.url.starts_with("stuns:"))
            complain("An ICE server's address begins with stun:, stuns:, turn: or turns:.", at + "/url");
        if (isTurn && server.credential == IceCredential::None)
            complain("A TURN server wants a credential.", at + "/credential");
        if (server.credential == IceCredential::Static && server.username.empty())
            complain("A static credential wants a name.", at + "/username");
        if (server.credential != IceCredential::None && server.secret.empty())
            complain("The credential of an ICE server is missing.", at + "/secret");
    }
    return errors;
}

}  // namespace headgate
