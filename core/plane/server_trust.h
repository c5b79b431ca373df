#pragma once

#include "core/base/result.h"
#include "core/plane/control_plane.h"

#include <QList>
#include <QSslConfiguration>
#include <QSslError>

#include <optional>
#include <string>

namespace headgate {

// How a client over HTTPS knows that it talks to the right server: by the authorities in PEM and nobody else, or by
// those of the system if the text is empty. InvalidArgument if it holds no certificate.
Result<QSslConfiguration> sslTrusting(const std::string& authorities);

// Why the server at `address` is not believed, and what to do about it. One sentence for the worst of `errors`.
Error distrust(const std::string& address, const QList<QSslError>& errors);

// The authority at the end of what the server shows, if that is not trusted and nothing else is wrong.
std::optional<PresentedAuthority> untrustedAuthority(const QList<QSslError>& errors,
                                                     const QList<QSslCertificate>& chain);

}  // namespace headgate
