#pragma once

#include "core/plane/ctl/arguments.h"
#include "core/plane/ctl/failure.h"

#include <QString>
#include <QUrl>

#include <string>

namespace headgate::ctl {

// First line of the file, "-" is standard input.
Outcome<std::string> readSecret(const std::string& path);

// Whole file, "-" is standard input; at most 16 MiB.
Outcome<std::string> readFile(const std::string& path);

// What a sign-in gave.
struct KeptTokens
{
    std::string access;   // or a personal token
    std::string refresh;  // empty: it cannot be renewed
};

// The token file: the option, the environment, or below the home directory.
std::string tokenFileOf(const Arguments& arguments);

// Where the tokens for a server are kept between two runs: in the file that was named, else in the keychain of this
// machine, and in the file below the home directory only where there is none. Only the owner can read the file.
class TokenPlace
{
public:
    TokenPlace(const Arguments& arguments, const QUrl& server);

    // NotSignedIn if there are none.
    Outcome<KeptTokens> read() const;

    // Tells where they are now, and why not in the keychain: "in the keychain of this machine".
    Outcome<std::string> write(const KeptTokens& tokens) const;

    const std::string& file() const { return m_file; }

private:
    std::string m_file;
    QString m_server;  // empty: a file was named
};

}  // namespace headgate::ctl
