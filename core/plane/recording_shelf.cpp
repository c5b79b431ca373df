#include "core/plane/recording_shelf.h"

#include "core/plane/seal.h"
#include "core/plane/sealed_commands.h"
#include "core/storage/recording_folder.h"
#include "core/storage/stored_recordings.h"

#include <algorithm>
#include <optional>

namespace headgate {

namespace {

Error noRecording(const std::string& id)
{
    return {ErrorCode::NotFound, "There is no recording \"" + id + "\".", "Look at the list of recordings.", {}};
}

// Where viewers of the group's recordings are served; empty if nowhere.
std::string playServer(const Snapshot& snapshot, const NodeGroup& group)
{
    for (const NodeStatus& status : snapshot.nodes) {
        const Node& node = status.node;
        if (node.pool.nodeGroup != group.name || node.state != NodeState::InService)
            continue;
        const auto role = std::ranges::find(group.roles, node.pool.role, &Role::name);
        if (role == group.roles.end() || !role->can(Capability::Subscribe))
            continue;
        const std::string& address = node.endpoints.address;
        const bool isIpv6 = address.find(':') != std::string::npos;
        return "http://" + (isIpv6 ? "[" + address + "]" : address) + ":" + std::to_string(node.endpoints.httpPort);
    }
    return {};
}

// `downloadUrl` is its last part alone.
Recording recordingOf(const RecordingManifest& manifest, const NodeGroupName& group, std::string place)
{
    Recording recording;
    recording.nodeGroup = group;
    recording.stream = manifest.stream;
    recording.id = manifest.id;
    recording.place = std::move(place);
    recording.startedAt = manifest.startedAt;
    recording.length = manifest.length();
    recording.bytes = manifest.bytes();
    recording.isComplete = manifest.isComplete;
    recording.downloadUrl = manifest.format == RecordingFormat::Flv ? "download.flv" : "download.mp4";
    return recording;
}

}  // namespace

std::string RecordingShelf::folderOf(const NodeGroup& group) const
{
    return recording_folder::ofGroup(m_dataDir, group.name);
}

// As its nodes are told: each group has a folder of its own there.
std::optional<S3Settings> RecordingShelf::storeOf(const NodeGroup& group) const
{
    std::optional<S3Settings> store = withOpenSecrets(group.recording, m_sealKey).store;
    if (store)
        store->prefix += group.name.value + "/";
    return store;
}

// The newest first. What a store has is left out if it does not answer, unless nothing else is there.
Result<std::vector<RecordingShelf::Place>> RecordingShelf::places(const Snapshot& snapshot,
                                                                  const RecordingQuery& query) const
{
    std::vector<Place> places;
    std::optional<Error> failure;
    for (const NodeGroupStatus& status : snapshot.nodeGroups) {
        if (!query.nodeGroup.isEmpty() && status.group.name != query.nodeGroup)
            continue;
        for (std::string& id : recording_folder::list(folderOf(status.group)))
            places.push_back({&status.group, std::move(id), true});
        const auto store = storeOf(status.group);
        const auto ids = store ? stored_recordings::list(*store) : Result<std::vector<std::string>>();
        if (!ids)
            failure = ids.error();
        for (std::size_t i = 0; ids && i < ids->size(); ++i)
            places.push_back({&status.group, (*ids)[i], false});
    }
    if (places.empty() && failure)
        return tl::unexpected(*failure);
    // What is in both places stands once, as on the disk.
    std::ranges::sort(places, [](const Place& one, const Place& other) {
        return std::pair(one.key(), one.isOnDisk) > std::pair(other.key(), other.isOnDisk);
    });
    const auto repeated = std::ranges::unique(places, {}, &Place::key);
    places.erase(repeated.begin(), repeated.end());
    return places;
}

Result<Recording> RecordingShelf::look(const Place& place)
{
    {
        const std::lock_guard lock(m_mutex);
        if (const auto known = m_known.find(place.key()); known != m_known.end())
            return known->second;
    }
    const auto store = storeOf(*place.group);
    const auto manifest = place.isOnDisk || !store ? recording_folder::readManifest(folderOf(*place.group), place.id)
                                                   : stored_recordings::readManifest(*store, place.id);
    if (!manifest)
        return tl::unexpected(manifest.error());
    Recording recording = recordingOf(*manifest, place.group->name, manifest->isStored ? "store" : "disk");
    constexpr std::size_t mostKnown = 20'000;
    const std::lock_guard lock(m_mutex);
    if (m_known.size() >= mostKnown)
        m_known.clear();
    if (manifest->isStored)
        m_known.emplace(place.key(), recording);
    return recording;
}

Result<RecordingPage> RecordingShelf::read(const Snapshot& snapshot, const RecordingQuery& query)
{
    if (query.limit < 1 || query.limit > RecordingQuery::most)
        return fail(ErrorCode::InvalidArgument, "A page has 1 to 1000 recordings.", {}, "/limit");
    RecordingPage page;
    std::map<NodeGroupName, std::string> servers;
    int looks = 0;
    std::string last;
    const auto all = places(snapshot, query);
    if (!all)
        return tl::unexpected(all.error());
    for (const Place& place : *all) {
        const std::string key = place.key();
        if (!query.after.empty() && key >= query.after)
            continue;
        if (static_cast<int>(page.recordings.size()) == query.limit || looks++ == mostLooks) {
            page.next = last;
            break;
        }
        last = key;
        auto recording = look(place);
        if (!recording || recording->stream.path().find(query.stream) == std::string::npos)
            continue;
        const auto [server, isNew] = servers.try_emplace(place.group->name);
        if (isNew)
            server->second = playServer(snapshot, *place.group);
        const std::string folder = server->second + "/vod/" + recording->stream.path() + "/" + recording->id + "/";
        recording->playUrl = server->second.empty() ? "" : folder + "index.m3u8";
        recording->downloadUrl = server->second.empty() ? "" : folder + recording->downloadUrl;
        page.recordings.push_back(std::move(*recording));
    }
    return page;
}

Result<void> RecordingShelf::remove(const Snapshot& snapshot, const RecordingKey& key)
{
    const NodeGroupStatus* status = snapshot.findNodeGroup(key.nodeGroup);
    if (!status || !isRecordingId(key.id))
        return tl::unexpected(noRecording(key.id));
    {
        const std::lock_guard lock(m_mutex);
        m_known.erase(Place{&status->group, key.id}.key());
    }
    const std::string folder = folderOf(status->group);
    const bool isOnDisk = recording_folder::readManifest(folder, key.id).has_value();
    if (isOnDisk) {
        const auto claim = recording_folder::Claim::take(folder, key.id);
        if (!claim)
            return fail(ErrorCode::Unavailable, "The recording " + key.id + " still grows, or is being uploaded.",
                        "Wait until its stream is over, then delete it.");
        if (auto removed = recording_folder::remove(folder, key.id); !removed)
            return removed;
    }
    const auto store = storeOf(status->group);
    const auto removed = store ? stored_recordings::remove(*store, key.id) : Result<int>(0);
    if (!removed)
        return tl::unexpected(removed.error());
    return isOnDisk || *removed > 0 ? Result<void>() : Result<void>(tl::unexpected(noRecording(key.id)));
}

Result<void> RecordingShelf::test(const Snapshot& snapshot, const NodeGroupName& group, S3Settings store) const
{
    const NodeGroupStatus* status = snapshot.findNodeGroup(group);
    if (!status)
        return fail(ErrorCode::NotFound, "There is no node group \"" + group.value + "\".");
    RecordingSettings settings;
    settings.store = store;
    if (const auto errors = validate(settings); !errors.empty())
        return tl::unexpected(errors.front());
    const auto present = storeOf(status->group);
    if (store.secretKey.starts_with(sealedPrefix))
        store.secretKey = opened(m_sealKey, store.secretKey).value_or("");
    if (store.secretKey.empty() && present)
        store.secretKey = present->secretKey;
    store.prefix += group.value + "/";
    return stored_recordings::test(store);
}

}  // namespace headgate
