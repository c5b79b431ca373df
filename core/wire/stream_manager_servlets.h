#pragma once

#include "core/base/result.h"
#include "core/domain/job.h"
#include "core/domain/provision.h"
#include "core/domain/recording.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

// What nodes of Stream Manager 2.0 answer at paths of their own, and the control plane here in their stead: forwards to
// social media, restreamers, and lists of what was recorded.
namespace headgate::stream_manager {

using Json = nlohmann::json;

enum class Servlet
{
    None,
    SocialPusher,  // socialpusher/api
    Restreamer,    // {app}/restream
    MediaFiles,    // {app}/mediafiles
    Playlists      // {app}/playlists
};

struct ServletPlace
{
    Servlet servlet = Servlet::None;
    std::string app;  // may have several segments
};

// `path` is decoded and begins with '/'.
ServletPlace servletAt(std::string_view path);

enum class ServletAction
{
    Create,
    Delete,
    List
};

// "provision.create", "create"; "provision.delete", "delete", "kill"; "provision.list", "list". Unsupported for
// "update", InvalidArgument for all else.
Result<ServletAction> servletActionFromWord(std::string_view word);

// A provision that somebody asked a servlet for, and how that servlet's clients write it, without secrets.
struct ServletOrder
{
    Provision provision;
    Json shown;
};

// {"provisions": [{"guid","level","context","name","parameters":{"destURI"}}]}. Clients give all of them one guid, so
// what they are called here follows from stream and target: the same request names the same provision. `key` keeps
// targets from being guessed by that name.
Result<std::vector<ServletOrder>> socialPushesFromJson(const Json& json, std::string_view key);

// {"guid","level","context","name","parameters":{"action","type",...}}
struct RestreamerCall
{
    std::string action;  // as it stands there; "list" if it does not
    ServletOrder order;  // of "create" and "kill"; of the latter the guid alone counts
};
Result<RestreamerCall> restreamerCallFromJson(const Json& json);

// What shown orders are, of a provision whose document has no secrets; null if it was made by no such call.
Json socialPushOf(const Json& document);
Json restreamOf(const Json& document);

// Whoever asks for one of its jobs wants to know what becomes of it: "immediate" of its properties.
bool isImmediate(std::string_view document);

// WAIT, LIVE or ERROR; empty for a job that has ended.
std::string_view stateWord(JobState state);

// "mediafiles" or "playlists", each {"name","url","lastModified"}: what can be had in one piece, or played by HLS.
Json mediaFilesOf(const std::vector<Recording>& recordings);
Json playlistsOf(const std::vector<Recording>& recordings);

}  // namespace headgate::stream_manager
