#include "core/plane/ctl/token_place.h"

#include "core/plane/secret_store.h"

#include <QDir>
#include <QEventLoop>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <QTimer>

#include <algorithm>
#include <optional>

namespace headgate::ctl {
namespace {

constexpr qint64 maxFileBytes = 16LL * 1024 * 1024;
constexpr int keychainPatienceMs = 120'000;  // somebody may have to type its password

QString qPath(const std::string& path)
{
    return QString::fromStdString(path);
}

QString keychainService()
{
    return QStringLiteral("headgatectl");
}

// Waits for what `start` asks of the keychain; none if it does not answer.
template <typename T, typename Start>
std::optional<T> fromKeychain(const Start& start)
{
    std::optional<T> result;
    QEventLoop loop;
    SecretStore keychain(keychainService());
    QTimer::singleShot(keychainPatienceMs, &loop, &QEventLoop::quit);
    start(keychain, [&](T answer) {
        result = std::move(answer);
        loop.quit();
    });
    if (!result)
        loop.exec();
    return result;
}

std::string textOf(const KeptTokens& tokens)
{
    return tokens.access + "\n" + tokens.refresh + "\n";
}

// None without a first line.
std::optional<KeptTokens> tokensIn(const std::string& text)
{
    const std::string access = text.substr(0, text.find_first_of("\r\n"));
    if (access.empty())
        return std::nullopt;
    const auto begin = text.find_first_not_of("\r\n", access.size());
    if (begin == std::string::npos)
        return KeptTokens{access, {}};
    return KeptTokens{access, text.substr(begin, text.find_first_of("\r\n", begin) - begin)};
}

Outcome<void> writeFile(const std::string& path, const KeptTokens& tokens)
{
    const QFileInfo place(qPath(path));
    QDir().mkpath(place.absolutePath());
    QSaveFile file(place.filePath());
    const bool isWritten = file.open(QIODevice::WriteOnly) &&
                           file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) &&
                           file.write(QByteArray::fromStdString(textOf(tokens))) > 0 && file.commit();
    if (!isWritten) {
        return wrongUsage("The token cannot be written to " + path + ": " + file.errorString().toStdString() + ".",
                          "Name another file with --token-file.");
    }
    return {};
}

Failure notSignedIn(std::string message)
{
    return {ExitStatus::NotSignedIn, {ErrorCode::Unauthenticated, std::move(message), "Run headgatectl login.", {}}};
}

}  // namespace

tl::unexpected<Failure> wrongUsage(std::string message, std::string remedy)
{
    return tl::unexpected<Failure>(
        Failure{ExitStatus::WrongUsage, {ErrorCode::InvalidArgument, std::move(message), std::move(remedy), {}}});
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

TokenPlace::TokenPlace(const Arguments& arguments, const QUrl& server) : m_file(tokenFileOf(arguments))
{
    if (!arguments.has("token-file") && qEnvironmentVariableIsEmpty("HEADGATE_TOKEN_FILE"))
        m_server = server.toString(QUrl::StripTrailingSlash);
}

// What the keychain takes ends the file: where there is one, it is newer.
Outcome<KeptTokens> TokenPlace::read() const
{
    if (QFileInfo::exists(qPath(m_file))) {
        const auto text = readFile(m_file);
        if (!text)
            return tl::unexpected(text.error());
        const auto tokens = tokensIn(*text);
        if (!tokens)
            return wrongUsage("The first line of " + m_file + " is empty, and it should be the token.",
                              "Run headgatectl login.");
        return *tokens;
    }
    if (m_server.isEmpty())
        return tl::unexpected(notSignedIn("You are not signed in: " + m_file + " is not there."));
    const auto text = fromKeychain<QString>([&](SecretStore& keychain, auto done) { keychain.read(m_server, done); });
    const auto tokens = text ? tokensIn(text->toStdString()) : std::nullopt;
    if (!tokens)
        return tl::unexpected(notSignedIn("You are not signed in to " + m_server.toStdString() +
                                          ": neither the keychain of this machine nor " + m_file + " has a token."));
    return *tokens;
}

Outcome<std::string> TokenPlace::write(const KeptTokens& tokens) const
{
    std::string why;
    if (!m_server.isEmpty()) {
        struct Answer
        {
            SecretKept kept;
            SecretStoreStatus status;
        };
        const auto answer = fromKeychain<Answer>([&](SecretStore& keychain, auto done) {
            keychain.write(m_server, QString::fromStdString(textOf(tokens)),
                           [done](SecretKept kept, const SecretStoreStatus& status) {
                               done({kept, status});
                           });
        });
        if (answer && answer->kept == SecretKept::InKeychain) {
            QFile::remove(qPath(m_file));
            return std::string("in the keychain of this machine");
        }
        why = !answer                                            ? "the keychain does not answer"
              : answer->status.state == SecretStoreState::Locked ? "the keychain is locked"
                                                                 : "there is no keychain here";
        if (answer && !answer->status.reason.isEmpty())
            why += ": " + answer->status.reason.toStdString();
        why = ", which only you can read (" + why + ")";
    }
    if (const auto written = writeFile(m_file, tokens); !written)
        return tl::unexpected(written.error());
    return "in " + m_file + why;
}

}  // namespace headgate::ctl
