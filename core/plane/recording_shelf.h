#pragma once

#include "core/domain/recording.h"
#include "core/domain/snapshot.h"
#include "core/storage/recording_manifest.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headgate {

// The recordings of all groups, on the disk of this machine and in their stores. From any thread; each call reads disks
// and asks stores, which may take seconds.
class RecordingShelf
{
public:
    // Recordings looked at for one page, when a query lets few of them through.
    static constexpr int mostLooks = 5000;

    RecordingShelf(std::string dataDir, std::string sealKey)
        : m_dataDir(std::move(dataDir)), m_sealKey(std::move(sealKey))
    {}

    // InvalidArgument for a limit out of range.
    Result<RecordingPage> read(const Snapshot& snapshot, const RecordingQuery& query);
    Result<void> remove(const Snapshot& snapshot, const RecordingKey& key);
    // See ControlPlane.
    Result<void> test(const Snapshot& snapshot, const NodeGroupName& group, S3Settings store) const;

private:
    struct Place
    {
        const NodeGroup* group = nullptr;
        std::string id;
        bool isOnDisk = false;

        std::string key() const { return id + "/" + group->name.value; }
    };

    std::string folderOf(const NodeGroup& group) const;
    Result<std::vector<Place>> places(const Snapshot& snapshot, const RecordingQuery& query) const;
    std::optional<S3Settings> storeOf(const NodeGroup& group) const;
    Result<Recording> look(const Place& place);

    const std::string m_dataDir;
    const std::string m_sealKey;
    std::mutex m_mutex;
    std::map<std::string, Recording> m_known;  // complete ones, by place; guarded by m_mutex
};

}  // namespace headgate
