#include "core/plane/ctl/session.h"

#include "core/plane/control_plane.h"
#include "core/wire/native_codec.h"

#include <QDir>
#include <QEventLoop>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

#include <charconv>

namespace headgate::ctl {
namespace {

constexpr qint64 maxFileBytes = 16LL * 1024 * 1024;

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

}  // namespace

tl::unexpected<Failure> wrongUsage(std::string message, std::string remedy)
{
    return tl::unexpected<Failure>(
        Failure{ExitStatus::WrongUsage, {ErrorCode::InvalidArgument, std::move(message), std::move(remedy), {}}});
}

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

std::string tokenFileOf(const Arguments& arguments)
{
    if (const auto option = arguments.value("token-file"))
        return *option;
    const QString fromEnvironment = qEnvironmentVariable("HEADGATE_TOKEN_FILE");
    if (!fromEnvironment.isEmpty())
        return fromEnvironment.toStdString();
    const QString config = qEnvironmentVariable("XDG_CONFIG_HOME", QDir::homePath() + QStringLiteral("/.config"));
    return (config + QStringLiteral("/headgate/token")).toStdString();
}

Outcome<void> writeToken(const std::string& path, const std::string& token)
{
    const QFileInfo place(qPath(path));
    QDir().mkpath(place.absolutePath());
    QSaveFile file(place.filePath());
    const bool isWritten = file.open(QIODevice::WriteOnly) &&
                           file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) &&
                           file.write(QByteArray::fromStdString(token + "\n")) > 0 && file.commit();
    if (!isWritten) {
        return wrongUsage("The token cannot be written to " + path + ": " + file.errorString().toStdString() + ".",
                          "Name another file with --token-file.");
    }
    return {};
}

Outcome<std::string> readFile(const std::string& path)
{
    QFile file(qPath(path));
    const bool isOpen = path == "-" ? file.open(stdin, QIODevice::ReadOnly) : file.open(QIODevice::ReadOnly);
    if (!isOpen)
        return wrongUsage(path + " cannot be read: " + file.errorString().toStdString() + ".", "Check its name.");
    QByteArray text = file.read(maxFileBytes + 1);
    // A pipe gives what it has at the moment.
    for (QByteArray more = file.read(maxFileBytes); !more.isEmpty() && text.size() <= maxFileBytes;
         more = file.read(maxFileBytes))
        text += more;
    if (text.size() > maxFileBytes)
        return wrongUsage(path + " is larger than 16 MiB.");
    return text.toStdString();
}

Outcome<std::string> readSecret(const std::string& path)
{
    auto text = readFile(path);
    if (!text)
        return text;
    std::string line = text->substr(0, text->find('\n'));
    if (line.ends_with('\r'))
        line.pop_back();
    if (line.empty())
        return wrongUsage("The first line of " + path + " is empty, and it should be the secret.");
    return line;
}

Outcome<std::unique_ptr<Session>> Session::open(const Arguments& arguments, native::Access access)
{
    const std::string fallback =
        qEnvironmentVariable("HEADGATE_SERVER", QStringLiteral("http://127.0.0.1:5080")).toStdString();
    auto server = serverUrl(arguments.value("server").value_or(fallback));
    if (!server)
        return tl::unexpected(Failure{ExitStatus::WrongUsage, std::move(server.error())});
    std::string token;
    if (access == native::Access::SignedIn) {
        const std::string path = tokenFileOf(arguments);
        if (!QFileInfo::exists(qPath(path))) {
            return tl::unexpected(Failure{ExitStatus::NotSignedIn,
                                          {ErrorCode::Unauthenticated,
                                           "You are not signed in: " + path + " is not there.",
                                           "Run headgatectl login.",
                                           {}}});
        }
        auto kept = readSecret(path);
        if (!kept)
            return tl::unexpected(std::move(kept.error()));
        token = std::move(*kept);
    }
    return std::unique_ptr<Session>(new Session(std::move(*server), std::move(token), access));
}

Failure Session::failure(Error error) const
{
    if (error.code == ErrorCode::Unauthenticated && m_access == native::Access::SignedIn) {
        error.remedy = "Run headgatectl login.";
        return {ExitStatus::NotSignedIn, std::move(error)};
    }
    const bool isReached = m_client.lastStatus() != 0;
    return {isReached ? ExitStatus::Refused : ExitStatus::NotReachable, std::move(error)};
}

Outcome<HttpAnswer> Session::call(const native::HttpCall& call)
{
    auto answer =
        await<HttpAnswer>([&](RemoteClient::Done done) { m_client.call(call, newRequestId(), std::move(done)); });
    if (!answer)
        return tl::unexpected(failure(std::move(answer.error())));
    return std::move(*answer);
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
    const auto wanted = native::callFor(CommandRequest{command, {}, {}, ifVersion, execution});
    if (!wanted)
        return tl::unexpected(Failure{ExitStatus::Refused, wanted.error()});
    const auto answer = call(*wanted);
    if (!answer)
        return tl::unexpected(answer.error());
    auto outcome = native::commandOutcomeFromJson(answer->body);
    if (!outcome)
        return tl::unexpected(Failure{ExitStatus::Refused, std::move(outcome.error())});
    return std::move(*outcome);
}

Outcome<std::string> Session::signIn(const std::string& user, const std::string& password)
{
    QObject context;
    auto token = await<std::string>([&](std::function<void(Result<std::string>)> done) {
        headgate::signIn(&context, server(), user, password, std::move(done));
    });
    if (token)
        return std::move(*token);
    const ExitStatus status = token.error().code == ErrorCode::Unauthenticated ? ExitStatus::NotSignedIn
                              : token.error().code == ErrorCode::Unavailable   ? ExitStatus::NotReachable
                                                                               : ExitStatus::Refused;
    return tl::unexpected(Failure{status, std::move(token.error())});
}

}  // namespace headgate::ctl
