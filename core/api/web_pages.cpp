#include "core/api/web_pages.h"

#include "core/base/check.h"

#include <QFile>

#include <algorithm>
#include <array>

namespace headgate {

namespace {

struct Page
{
    std::string_view path;
    const char* file;
    const char* type;
    const char* policy;
};

constexpr const char* html = "text/html; charset=utf-8";
constexpr const char* inOnePiece =
    "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
constexpr const char* inParts =
    "default-src 'none'; connect-src 'self'; script-src 'self'; style-src 'self'; img-src data:; media-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

constexpr std::array pages = {Page{"/swagger-ui.html", ":/api_browser.html", html, inOnePiece},
                              Page{"/swagger-ui/index.html", ":/api_browser.html", html, inOnePiece},
                              Page{"/test", ":/test_page/index.html", html, inParts},
                              Page{"/test/", ":/test_page/index.html", html, inParts},
                              Page{"/test/page.css", ":/test_page/page.css", "text/css; charset=utf-8", inParts},
                              Page{"/test/page.js", ":/test_page/page.js", "text/javascript; charset=utf-8", inParts}};

}  // namespace

std::optional<http::Response> webPage(std::string_view path)
{
    const auto page = std::ranges::find(pages, path, &Page::path);
    if (page == pages.end())
        return std::nullopt;
    QFile file(QString::fromLatin1(page->file));
    HG_CHECK(file.open(QIODevice::ReadOnly));
    http::Response response;
    response.contentType = page->type;
    response.body = file.readAll().toStdString();
    response.headers = {{"Content-Security-Policy", page->policy}, {"Cache-Control", "no-cache"}};
    return response;
}

}  // namespace headgate
