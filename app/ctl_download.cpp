#include "app/ctl_download.h"

#include "app/ctl_stream_pass.h"
#include "core/plane/ctl/answer.h"
#include "core/plane/ctl/file_download.h"

#include <QFileInfo>
#include <QUrl>

#include <charconv>

namespace headgate::ctl {
namespace {

using nlohmann::json;

// "GROUP/ID", or the id alone.
Outcome<json> findRecording(Session& session, const std::string& name)
{
    const std::size_t slash = name.find('/');
    const std::string id = slash == std::string::npos ? name : name.substr(slash + 1);
    RecordingQuery query;
    query.nodeGroup = NodeGroupName(slash == std::string::npos ? "" : name.substr(0, slash));
    query.limit = RecordingQuery::most;
    do {
        const auto page = session.get(native::callFor(query));
        if (!page)
            return tl::unexpected(page.error());
        for (const json& recording : page->value("recordings", json::array())) {
            if (recording.value("id", "") == id)
                return recording;
        }
        query.after = page->value("nextCursor", "");
    } while (!query.after.empty());
    return tl::unexpected(Failure{ExitStatus::Refused,
                                  {ErrorCode::NotFound,
                                   "There is no recording \"" + name + "\".",
                                   "headgatectl get recordings shows what there is.",
                                   {}}});
}

// The node that an address leads to; empty if it is none of the cluster.
Outcome<NodeId> nodeAt(Session& session, const QUrl& url)
{
    const auto body = session.get(native::callTo(native::Route::ListNodes));
    if (!body)
        return tl::unexpected(body.error());
    for (const json& node : body->value("nodes", json::array())) {
        if (at(node, "/node/endpoints/address") == url.host().toStdString() &&
            numberAt(node, "/node/endpoints/httpPort") == url.port(80))
            return NodeId(at(node, "/node/id"));
    }
    return NodeId();
}

Outcome<int> partOf(const Arguments& arguments)
{
    const std::string text = arguments.value("part").value_or("0");
    int part = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), part);
    if (error != std::errc() || end != text.data() + text.size() || part < 0 || (part == 0 && arguments.has("part")))
        return wrongUsage("--part " + text + " is not a number from 1 on.");
    return part;
}

}  // namespace

Outcome<void> runDownload(const Desk& desk)
{
    const auto part = partOf(desk.arguments);
    if (!part)
        return tl::unexpected(part.error());
    auto opened = Session::open(desk.arguments, Authorization::Token);
    if (!opened)
        return tl::unexpected(std::move(opened.error()));
    Session& session = **opened;
    const std::string& name = desk.arguments.words[0];
    FileDownload download;
    download.part = *part;
    // A node that serves it now; it may be another one at the next try.
    download.url = [&](int number) -> Outcome<std::string> {
        const auto recording = findRecording(session, name);
        if (!recording)
            return tl::unexpected(recording.error());
        const std::string url = recording->value("downloadUrl", "");
        if (url.empty())
            return tl::unexpected(Failure{ExitStatus::Refused,
                                          {ErrorCode::Unavailable,
                                           "No node serves this recording at present.",
                                           "Start a node of its group that serves viewers.",
                                           {}}});
        const auto node = nodeAt(session, QUrl(QString::fromStdString(url)));
        if (!node)
            return tl::unexpected(node.error());
        RouteTarget target;
        target.node = *node;
        target.pool.nodeGroup = NodeGroupName(recording->value("nodeGroup", ""));
        const auto passed = withPass(session, RoutePurpose::Subscribe, target, recording->value("stream", ""), url);
        if (!passed || number == 0)
            return passed;
        return *passed + (passed->find('?') == std::string::npos ? "?part=" : "&part=") + std::to_string(number);
    };
    const auto url = download.url(0);
    if (!url)
        return tl::unexpected(url.error());
    const QString suffix = QFileInfo(QUrl(QString::fromStdString(*url)).path()).suffix();
    download.path =
        desk.arguments.value("output-file").value_or(name.substr(name.find('/') + 1) + "." + suffix.toStdString());
    return fetch(download, desk.out, desk.notes);
}

}  // namespace headgate::ctl
