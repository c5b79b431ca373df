#pragma once

#include "core/plane/control_plane.h"
#include "ui/models/cell.h"

#include <QObject>
#include <QPointer>

#include <map>
#include <set>
#include <vector>

namespace headgate {

// Small pictures of the live streams that are in sight. One is asked for at a time, each again after ten seconds, those
// out of sight not at all. Goes on only as long as show() is called.
class Thumbnails : public QObject
{
    Q_OBJECT

public:
    static constexpr int widthPx = 64;

    struct Wanted
    {
        QString key;
        NodeGroupName nodeGroup;
        StreamKey stream;
    };

    using QObject::QObject;

    void setControlPlane(ControlPlane* plane);
    // What is in sight at `now`. Streams that are not `live` any more are forgotten.
    void show(std::vector<Wanted> inSight, const std::set<QString>& live, TimePoint now);

    CellPicture picture(const QString& key) const;

Q_SIGNALS:
    void changed();

private:
    struct Entry
    {
        CellPicture picture;
        std::string tag;
        TimePoint askedAt;
    };

    void askNext();
    void take(const QString& key, Result<Thumbnail> answer);
    void put(Entry& entry, Result<Thumbnail> answer);

    QPointer<ControlPlane> m_plane;
    TimePoint m_now;
    quint64 m_round = 0;
    bool m_isAsking = false;
    std::vector<Wanted> m_inSight;
    std::map<QString, Entry> m_entries;
};

}  // namespace headgate
