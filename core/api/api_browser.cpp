#include "core/api/api_browser.h"

#include "core/base/check.h"

#include <QFile>

namespace headgate {

bool isApiBrowserPath(std::string_view path)
{
    return path == "/swagger-ui.html" || path == "/swagger-ui/index.html";
}

http::Response apiBrowserPage()
{
    QFile file(QStringLiteral(":/api_browser.html"));
    HG_CHECK(file.open(QIODevice::ReadOnly));
    http::Response response;
    response.contentType = "text/html; charset=utf-8";
    response.body = file.readAll().toStdString();
    response.headers = {{"Content-Security-Policy",
                         "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; "
                         "style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"}};
    return response;
}

}  // namespace headgate
