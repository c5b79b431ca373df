#include "ui/models/provision_draft.h"

#include "core/wire/stream_manager_provisions.h"

#include <QCoreApplication>

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

using native::Json;

const Json* memberOf(const Json& object, const char* name)
{
    const auto found = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && found != object.end() ? &*found : nullptr;
}

std::string textIn(const Json* object, const char* name)
{
    const Json* member = object ? memberOf(*object, name) : nullptr;
    return member && member->is_string() ? member->get<std::string>() : std::string();
}

const Json* firstStreamOf(const Json& document)
{
    const Json* streams = memberOf(document, "streams");
    return streams && streams->is_array() && !streams->empty() ? &streams->front() : nullptr;
}

const Json* propertiesOf(const Json& document)
{
    const Json* stream = firstStreamOf(document);
    const Json* camera = stream ? memberOf(*stream, "camParams") : nullptr;
    return camera ? memberOf(*camera, "properties") : nullptr;
}

Error wrong(std::string message, std::string remedy, std::string pointer)
{
    return {ErrorCode::InvalidArgument, std::move(message), std::move(remedy), std::move(pointer)};
}

bool hasMask(const Json& value)
{
    if (value.is_structured())
        return std::ranges::any_of(value, hasMask);
    return value.is_string() && value.get_ref<const std::string&>().ends_with(stream_manager::masked("secret"));
}

}  // namespace

QString ProvisionWay::title() const
{
    const auto words = [](const char* text) { return QCoreApplication::translate("provisions", text); };
    const std::string_view name = type;
    if (name == "rtmp-pull" || name == "rtmp-push")
        return QStringLiteral("RTMP");
    if (name == "rtsp" || name == "ipcam")
        return QStringLiteral("RTSP");
    if (name == "hls")
        return QStringLiteral("HLS");
    if (name == "file")
        return words("Files of the node");
    return name == "mpegts" ? QStringLiteral("MPEG-TS") : QStringLiteral("SRT");
}

const std::vector<ProvisionWay>& provisionWays()
{
    using enum ProvisionKind;
    static const std::vector<ProvisionWay> ways = {
        {Source, "rtmp-pull", "rtmpUri", "rtmp", "rtmp://camera.example/live/gate"},
        {Source, "rtsp", "rtspUri", "rtsp", "rtsp://camera.example/stream1"},
        {Source, "srt-pull", "srtUri", "srt://", "srt://encoder.example:9000?streamid=show"},
        {Source, "hls", "hlsUri", "http", "https://cdn.example/show/index.m3u8"},
        {Source, "file", "files", "", "opening.mp4, show.mp4"},
        {Source, "srt", nullptr, "", ""},
        {Source, "mpegts", nullptr, "", ""},
        {Source, "ipcam", nullptr, "", ""},
        {Push, "rtmp-push", "rtmpUri", "rtmp", "rtmps://live.example/app/stream-key"},
        {Push, "srt-push", "srtUri", "srt://", "srt://partner.example:9000?streamid=publish/show"}};
    return ways;
}

const ProvisionWay* wayOf(const Json& document)
{
    const std::string type = textIn(propertiesOf(document), "type");
    const auto found = std::ranges::find_if(provisionWays(), [&](const ProvisionWay& way) { return type == way.type; });
    return found == provisionWays().end() ? nullptr : &*found;
}

ProvisionKind kindOf(const Json& document)
{
    if (const ProvisionWay* way = wayOf(document))
        return way->kind;
    const Json* stream = firstStreamOf(document);
    const Json* record = stream ? memberOf(*stream, "record") : nullptr;
    const bool isRecorded = (record && *record == Json(true)) || (stream && memberOf(*stream, "cloudParams"));
    return isRecorded ? ProvisionKind::Recording : ProvisionKind::Other;
}

std::string targetOf(const Json& document)
{
    const ProvisionWay* way = wayOf(document);
    return way && way->address ? textIn(propertiesOf(document), way->address) : std::string();
}

ProvisionDraft::ProvisionDraft(NodeGroupName group, ProvisionKind kind)
    : m_group(std::move(group)),
      m_document({{"provisionGuid", ""}, {"streams", Json::array({{{"streamGuid", "live/"}}})}})
{
    setKind(kind);
}

ProvisionDraft::ProvisionDraft(const StoredProvision& stored, DraftUse use)
    : m_group(stored.nodeGroup),
      m_document(Json::parse(stored.provision.document, nullptr, false)),
      m_version(use == DraftUse::Copy ? std::nullopt : std::optional(stored.version))
{
    if (!m_document.is_object())
        m_document = Json::object();
}

Json& ProvisionDraft::firstStream()
{
    Json& streams = m_document["streams"];
    if (!streams.is_array() || streams.empty() || !streams[0].is_object())
        streams = Json::array({Json::object()});
    return streams[0];
}

std::string ProvisionDraft::guid() const
{
    return textIn(&m_document, "provisionGuid");
}

void ProvisionDraft::setGuid(const std::string& guid)
{
    m_document["provisionGuid"] = guid;
}

std::string ProvisionDraft::stream() const
{
    return textIn(firstStreamOf(m_document), "streamGuid");
}

void ProvisionDraft::setStream(const std::string& path)
{
    firstStream()["streamGuid"] = path;
}

void ProvisionDraft::setKind(ProvisionKind kind)
{
    Json& stream = firstStream();
    stream.erase("camParams");
    stream.erase("record");
    stream.erase("cloudParams");
    m_document.erase("capabilities");
    if (kind == ProvisionKind::Recording)
        stream["record"] = true;
    const auto first = std::ranges::find(provisionWays(), kind, &ProvisionWay::kind);
    if (first != provisionWays().end())
        setWay(*first);
}

void ProvisionDraft::setWay(const ProvisionWay& way)
{
    firstStream()["camParams"] = {{"properties", {{"type", way.type}}}};
    if (way.address)
        setAddress({});
    // A push reads where viewers do, and leaves the origin alone.
    if (way.kind == ProvisionKind::Push)
        m_document["capabilities"] = Json::array({"SUBSCRIBE"});
    else
        m_document.erase("capabilities");
}

void ProvisionDraft::setAddress(const std::string& address)
{
    if (const ProvisionWay* present = way(); present && present->address)
        firstStream()["camParams"]["properties"][present->address] = address;
}

bool ProvisionDraft::isLooped() const
{
    const Json* properties = propertiesOf(m_document);
    const Json* loop = properties ? memberOf(*properties, "loop") : nullptr;
    return loop && (*loop == Json(true) || *loop == Json("true"));
}

void ProvisionDraft::setLooped(bool isLooped)
{
    if (propertiesOf(m_document))
        firstStream()["camParams"]["properties"]["loop"] = isLooped;
}

std::string ProvisionDraft::text() const
{
    return m_broken ? *m_broken : m_document.dump(2, ' ', false, Json::error_handler_t::replace);
}

void ProvisionDraft::setText(const std::string& text)
{
    m_broken = text;
    auto parsed = native::parse(text);
    if (!parsed || !parsed->is_object())
        return;
    m_document = std::move(*parsed);
    m_broken.reset();
}

std::vector<Error> ProvisionDraft::problems() const
{
    std::vector<Error> problems;
    if (m_group.value.empty())
        problems.push_back(wrong("A provision belongs to a node group.", "Choose one.", "/nodeGroup"));
    if (m_broken) {
        const auto parsed = native::parse(*m_broken);
        problems.push_back(wrong(parsed ? "A provision is an object." : parsed.error().message,
                                 "The fields above show the last document that could be read.", "/document"));
        return problems;
    }
    const std::string properties = "/streams/0/camParams/properties";
    const ProvisionWay* present = way();
    if (present && present->address && address().empty())
        problems.push_back(wrong("There is no address yet.", std::string("For example ") + present->example + ".",
                                 properties + "/" + present->address));
    else if (present && present->address && !address().starts_with(present->scheme))
        problems.push_back(wrong("The address does not begin with " + std::string(present->scheme) + ".",
                                 std::string("For example ") + present->example + ".",
                                 properties + "/" + present->address));
    if (const auto read = stream_manager::provisionFromJson(m_document); !read)
        problems.push_back(read.error());
    if (isNew() && hasMask(m_document))
        problems.push_back(wrong("A secret in it is not shown, and a new provision has none to keep.",
                                 "Type it again in place of ********.",
                                 hasMask(Json(address())) ? properties : std::string("/document")));
    return problems;
}

PutProvisions ProvisionDraft::command() const
{
    auto provision = stream_manager::provisionFromJson(m_document);
    PutProvisions put{m_group, {}, isNew() ? PutMode::Create : PutMode::Replace};
    if (provision)
        put.provisions.push_back(std::move(*provision));
    return put;
}

}  // namespace headgate
