#include "core/plane/ctl/session.h"

#include "core/plane/server_trust.h"
#include "core/wire/native_codec.h"

#include <QDir>
#include <QEventLoop>
#include <QFileInfo>
#include <QLockFile>
#include <QSaveFile>

#include <array>
#include <charconv>
#include <chrono>
#include <thread>
#include <tuple>

namespace headgate::ctl {
namespace {

constexpr int lockPatienceMs = 30'000;
constexpr std::array retryPauses = {std::chrono::milliseconds(250), std::chrono::milliseconds(1000),
                                    std::chrono::milliseconds(2000)};

QString qPath(const std::string& path)
{
    return QString::fromStdString(path);
}

// Lets `start` begin something and waits until it has given its result.
template <typename T, typename Start>
Result<T> await(const Start& start)
{
    std::optional<Result<T>> result;
    QEventLoop loop;
    start([&](Result<T> answer) {
        result = std::move(answer);
        loop.quit();
    });
    if (!result)
        loop.exec();
    return std::move(*result);
}

std::string keptAuthorities(const Arguments& arguments)
{
    return tokenFileOf(arguments) + ".ca";
}

KeptTokens tokensIn(const nlohmann::json& answer)
{
    return {answer.value("accessToken", std::string()), answer.value("refreshToken", std::string())};
}

}  // namespace

Outcome<std::optional<int>> secondsOf(const Arguments& arguments, const std::string& option)
{
    const auto text = arguments.value(option);
    if (!text)
        return std::optional<int>();
    constexpr int longestValue = 1'000'000;
    int value = 0;
    const char* const end = text->data() + text->size();
    const auto [rest, error] = std::from_chars(text->data(), end, value);
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    const int factor = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
    if (error != std::errc() || factor == 0 || value < 1 || value > longestValue)
        return wrongUsage("--" + option + " " + *text + " is no length of time.",
                          "Write a number of seconds, or 90s, 10m, 2h.");
    return std::optional(value * factor);
}

Outcome<std::string> authoritiesOf(const Arguments& arguments)
{
    const std::string fromEnvironment = qEnvironmentVariable("HEADGATE_CA").toStdString();
    const std::string kept = keptAuthorities(arguments);
    std::string path = arguments.value("ca").value_or(fromEnvironment);
    if (path.empty() && QFileInfo::exists(qPath(kept)))
        path = kept;
    if (path.empty())
        return std::string();
    auto pem = readFile(path);
    if (pem && !sslTrusting(*pem))
        return wrongUsage("There is no certificate in PEM in " + path + ".",
                          "Name authority.pem of the server's data directory with --ca.");
    return pem;
}

Outcome<void> keepAuthorities(const Arguments& arguments)
{
    if (!arguments.has("ca") && qEnvironmentVariableIsEmpty("HEADGATE_CA"))
        return {};
    const auto pem = authoritiesOf(arguments);
    if (!pem)
        return tl::unexpected(pem.error());
    const std::string path = keptAuthorities(arguments);
    QDir().mkpath(QFileInfo(qPath(path)).absolutePath());
    QSaveFile file(qPath(path));
    const bool isWritten =
        file.open(QIODevice::WriteOnly) && file.write(QByteArray::fromStdString(*pem)) > 0 && file.commit();
    if (!isWritten)
        return wrongUsage(path + " cannot be written: " + file.errorString().toStdString() + ".");
    return {};
}

Outcome<std::unique_ptr<Session>> Session::open(const Arguments& arguments, Authorization authorization)
{
    const std::string fallback =
        qEnvironmentVariable("HEADGATE_SERVER", QStringLiteral("http://127.0.0.1:5080")).toStdString();
    auto server = serverUrl(arguments.value("server").value_or(fallback));
    if (!server)
        return tl::unexpected(Failure{ExitStatus::WrongUsage, std::move(server.error())});
    const auto authorities = authoritiesOf(arguments);
    if (!authorities)
        return tl::unexpected(authorities.error());
    TokenPlace place(arguments, *server);
    KeptTokens tokens;
    const std::string given = arguments.has("token-file") ? "" : qEnvironmentVariable("HEADGATE_TOKEN").toStdString();
    if (authorization == Authorization::Token && !given.empty()) {
        tokens.access = given;
    } else if (authorization == Authorization::Token) {
        auto kept = place.read();
        if (!kept)
            return tl::unexpected(std::move(kept.error()));
        tokens = std::move(*kept);
    }
    std::unique_ptr<Session> session(
        new Session(std::move(*server), std::move(tokens), std::move(place), authorization));
    session->m_client.useTrust(sslTrusting(*authorities).value());
    return session;
}

Failure Session::failure(Error error) const
{
    if (error.code == ErrorCode::Unauthenticated && m_authorization == Authorization::Token) {
        error.remedy = "Run headgatectl login.";
        return {ExitStatus::NotSignedIn, std::move(error)};
    }
    const bool isReached = m_client.lastStatus() != 0;
    return {isReached ? ExitStatus::Refused : ExitStatus::NotReachable, std::move(error)};
}

Result<HttpAnswer> Session::ask(const native::HttpCall& call)
{
    return await<HttpAnswer>([&](RemoteClient::Done done) { m_client.call(call, newRequestId(), std::move(done)); });
}

// Under a lock, since each refresh token may be used once.
Result<void> Session::renew()
{
    const QString lockFile = qPath(m_place.file() + ".lock");
    QDir().mkpath(QFileInfo(lockFile).absolutePath());
    QLockFile lock(lockFile);
    if (!lock.tryLock(lockPatienceMs))
        return fail(ErrorCode::Unavailable, "Another program renews the token for " + server() + ".", "Try again.");
    const auto present = m_place.read();
    if (present && present->access != m_tokens.access) {
        m_tokens = *present;
        m_client.useToken(m_tokens.access);
        return {};
    }
    native::HttpCall call = native::callTo(native::Route::RenewSession);
    call.body = native::write({{"refreshToken", m_tokens.refresh}});
    const auto answer = ask(call);
    if (!answer)
        return tl::unexpected(answer.error());
    m_tokens = tokensIn(answer->body);
    m_client.useToken(m_tokens.access);
    if (const auto written = m_place.write(m_tokens); !written)
        return tl::unexpected(written.error().error);
    return {};
}

Outcome<HttpAnswer> Session::call(const native::HttpCall& call)
{
    auto answer = ask(call);
    const bool isExpired = !answer && answer.error().code == ErrorCode::Unauthenticated && !m_tokens.refresh.empty();
    if (isExpired && renew())
        answer = ask(call);
    if (!answer)
        return tl::unexpected(failure(std::move(answer.error())));
    return std::move(*answer);
}

QNetworkRequest Session::requestTo(const native::HttpCall& wanted)
{
    // Whether it went well, the request itself will tell.
    std::ignore = call(native::callTo(native::Route::ReadProfile));
    return m_client.requestTo(wanted, newRequestId());
}

Outcome<HttpAnswer> Session::callOnce(native::HttpCall wanted)
{
    wanted.idempotencyKey = newRequestId().value;
    auto answer = call(wanted);
    for (const auto pause : retryPauses) {
        if (answer || answer.error().status != ExitStatus::NotReachable)
            break;
        std::this_thread::sleep_for(pause);
        answer = call(wanted);
    }
    return answer;
}

Outcome<nlohmann::json> Session::get(const native::HttpCall& wanted)
{
    auto answer = call(wanted);
    if (!answer)
        return tl::unexpected(std::move(answer.error()));
    if (!answer->body.is_object()) {
        return tl::unexpected(Failure{ExitStatus::Refused,
                                      {ErrorCode::Internal,
                                       server() + " answered with something that this program does not understand.",
                                       "Check that this is the address of a control plane of the same version.",
                                       {}}});
    }
    return std::move(answer->body);
}

Outcome<CommandOutcome> Session::submit(const Command& command, Execution execution,
                                        std::optional<std::uint64_t> ifVersion)
{
    auto wanted = native::callFor(CommandRequest{command, {}, {}, ifVersion, execution});
    if (!wanted)
        return tl::unexpected(Failure{ExitStatus::Refused, wanted.error()});
    const auto answer = callOnce(std::move(*wanted));
    if (!answer)
        return tl::unexpected(answer.error());
    auto outcome = native::commandOutcomeFromJson(answer->body);
    if (!outcome)
        return tl::unexpected(Failure{ExitStatus::Refused, std::move(outcome.error())});
    return std::move(*outcome);
}

Outcome<KeptTokens> Session::signIn(const std::string& user, const std::string& password)
{
    native::HttpCall call = native::callTo(native::Route::SignIn);
    call.body = native::write({{"username", user}, {"password", password}});
    const auto answer = ask(call);
    if (answer)
        return tokensIn(answer->body);
    Error error = answer.error();
    if (error.code != ErrorCode::Unauthenticated)
        return tl::unexpected(failure(std::move(error)));
    return tl::unexpected(Failure{ExitStatus::NotSignedIn,
                                  {ErrorCode::Unauthenticated,
                                   "The control plane does not take this user name and password.",
                                   "Check both and try again.",
                                   {}}});
}

}  // namespace headgate::ctl
