#pragma once

#include "core/domain/node.h"
#include "core/domain/route.h"
#include "core/domain/stream.h"

#include <QString>

#include <vector>

// How to connect to a stream with the tools that people use, filled in and ready to run. Pure functions.
namespace headgate::snippets {

// What the texts are made for.
struct Target
{
    RoutePurpose purpose = RoutePurpose::Subscribe;
    NodeGroupName nodeGroup;
    std::string region;  // where a node is wanted; empty = anywhere
    StreamKey stream;
    NodeEndpoints node;  // to publish to, or to watch from
    QString apiUrl;      // "http://127.0.0.1:5080"; empty if no API listens
    QString apiUser;     // who is signed in there; empty if not known

    bool operator==(const Target&) const = default;
};

enum class Tool
{
    Ffmpeg,
    Obs,
    GStreamer,
    Players,  // VLC and mpv
    Browser,
    StreamManager,  // its calls, in curl and JavaScript
    Headgatectl
};

// Those that can do it, the most used first.
std::vector<Tool> toolsFor(RoutePurpose purpose);
QString toolName(Tool tool);

struct Address
{
    QString protocol;
    QString url;

    bool operator==(const Address&) const = default;
};

std::vector<Address> addresses(const Target& target);

// Of the control plane's page to publish and watch with a browser; empty where nobody serves it, or the node cannot.
QString testPageUrl(const Target& target);

struct Snippet
{
    QString title;
    QString note;  // what to know before; may be empty
    QString code;

    bool operator==(const Snippet&) const = default;
};

// No secret stands in them: who runs one gives the password in HEADGATE_PASSWORD. Empty for calls to an API that does
// not listen.
std::vector<Snippet> snippetsFor(Tool tool, const Target& target);

}  // namespace headgate::snippets
