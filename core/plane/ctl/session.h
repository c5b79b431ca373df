#pragma once

#include "core/base/result.h"
#include "core/domain/command.h"
#include "core/plane/ctl/arguments.h"
#include "core/plane/remote_client.h"

#include <memory>
#include <optional>
#include <string>

namespace headgate::ctl {

enum class ExitStatus
{
    Done = 0,
    Refused = 1,
    WrongUsage = 2,
    NotReachable = 3,
    NotSignedIn = 4
};

struct Failure
{
    ExitStatus status = ExitStatus::Refused;
    Error error;
};

template <typename T>
using Outcome = tl::expected<T, Failure>;

tl::unexpected<Failure> wrongUsage(std::string message, std::string remedy = {});

// "90", "90s", "10m" or "2h" as seconds; none if the option was not given.
Outcome<std::optional<int>> secondsOf(const Arguments& arguments, const std::string& option);

// Where the token is kept between two runs: the option, the environment, or below the home directory.
std::string tokenFileOf(const Arguments& arguments);

// Readable by the owner only; missing directories are made.
Outcome<void> writeToken(const std::string& path, const std::string& token);

// First line of the file, "-" is standard input.
Outcome<std::string> readSecret(const std::string& path);

// Whole file, "-" is standard input; at most 16 MiB.
Outcome<std::string> readFile(const std::string& path);

// Calls the control plane and waits for each answer.
class Session
{
public:
    // NotSignedIn if there is no token and one is needed.
    static Outcome<std::unique_ptr<Session>> open(const Arguments& arguments, native::Access access);

    // The body, an object.
    Outcome<nlohmann::json> get(const native::HttpCall& call);
    Outcome<HttpAnswer> call(const native::HttpCall& call);
    Outcome<CommandOutcome> submit(const Command& command, Execution execution,
                                   std::optional<std::uint64_t> ifVersion = {});
    Outcome<std::string> signIn(const std::string& user, const std::string& password);

    // See RemoteClient::lastWaiting().
    const std::optional<WaitingPlace>& lastWaiting() const { return m_client.lastWaiting(); }

    std::string server() const { return m_client.server().toString().toStdString(); }

private:
    Session(QUrl server, std::string token, native::Access access)
        : m_access(access), m_client(std::move(server), std::move(token))
    {}
    Failure failure(Error error) const;

    native::Access m_access;
    RemoteClient m_client;
};

}  // namespace headgate::ctl
