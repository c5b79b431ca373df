#pragma once

#include "core/media/net/tls.h"

#include <QProcess>
#include <QString>
#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <string>
#include <utility>

namespace headgate::tests {

// A certificate that signs itself, made anew by make().
struct Certificate
{
    explicit Certificate(QString alternativeNames = "IP:127.0.0.1,DNS:localhost") : names(std::move(alternativeNames))
    {
        make();
    }
    void make() const
    {
        const int code = QProcess::execute(
            "openssl", {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                        "/CN=node", "-addext", "subjectAltName=" + names, "-days", "2", "-out",
                        QString::fromStdString(files.certificate), "-keyout", QString::fromStdString(files.key)});
        QVERIFY2(code == 0, "openssl makes no certificate");
    }

    QString names;
    QTemporaryDir folder;
    TlsFiles files{folder.filePath("certificate.pem").toStdString(), folder.filePath("key.pem").toStdString()};
};

// For a client of a server that shows this certificate.
inline std::unique_ptr<TlsStream> trusting(const Certificate& certificate, const std::string& host = "127.0.0.1")
{
    return TlsContext::forClient(certificate.files.certificate)->connect(host);
}

}  // namespace headgate::tests
