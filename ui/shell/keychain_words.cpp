#include "ui/shell/keychain_words.h"

#include <QCoreApplication>

namespace headgate {

namespace {

QString words(const char* text)
{
    return QCoreApplication::translate("keychain", text);
}

}  // namespace

QString whereKept(const SecretStoreStatus& status)
{
    switch (status.state) {
    case SecretStoreState::Available:
        return words("It is kept in the keychain of this machine.");
    case SecretStoreState::Locked:
        return words("The keychain is locked: it is kept until Headgate closes.");
    case SecretStoreState::Unavailable:
        return words("There is no keychain here: it is kept until Headgate closes.");
    }
    return {};
}

}  // namespace headgate
