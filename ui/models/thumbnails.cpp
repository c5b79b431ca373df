#include "ui/models/thumbnails.h"

#include "ui/format.h"

#include <algorithm>

namespace headgate {

namespace {

constexpr Duration renewAfter = std::chrono::seconds(10);
constexpr int sharpness = 2;  // for screens with more pixels than points

}  // namespace

void Thumbnails::setControlPlane(ControlPlane* plane)
{
    ++m_round;
    m_plane = plane;
    m_isAsking = false;
    m_inSight.clear();
    m_entries.clear();
}

void Thumbnails::show(std::vector<Wanted> inSight, const std::set<QString>& live, TimePoint now)
{
    m_inSight = std::move(inSight);
    m_now = now;
    std::erase_if(m_entries, [&live](const auto& entry) { return !live.contains(entry.first); });
    askNext();
}

CellPicture Thumbnails::picture(const QString& key) const
{
    const auto found = m_entries.find(key);
    return found == m_entries.end() ? CellPicture{{}, tr("The picture has not come yet.")} : found->second.picture;
}

// The one that was asked for the longest ago.
void Thumbnails::askNext()
{
    if (m_isAsking || !m_plane || m_inSight.empty())
        return;
    const auto askedAt = [this](const Wanted& wanted) {
        const auto found = m_entries.find(wanted.key);
        return found == m_entries.end() ? TimePoint() : found->second.askedAt;
    };
    const Wanted& oldest = *std::ranges::min_element(m_inSight, {}, askedAt);
    if (m_now - askedAt(oldest) < renewAfter)
        return;
    Entry& entry = m_entries.try_emplace(oldest.key, Entry{picture(oldest.key), {}, {}}).first->second;
    entry.askedAt = m_now;
    m_isAsking = true;
    ThumbnailQuery query;
    query.nodeGroup = oldest.nodeGroup;
    query.stream = oldest.stream;
    query.width = widthPx * sharpness;
    query.knownTag = entry.tag;
    const QPointer<Thumbnails> self(this);
    m_plane->readThumbnail(query, [self, key = oldest.key, round = m_round](Result<Thumbnail> answer) {
        if (self && round == self->m_round)
            self->take(key, std::move(answer));
    });
}

void Thumbnails::take(const QString& key, Result<Thumbnail> answer)
{
    m_isAsking = false;
    const auto found = m_entries.find(key);
    const bool isSame = answer && answer->jpeg.empty();
    if (found != m_entries.end() && !isSame)
        put(found->second, std::move(answer));
    askNext();
}

void Thumbnails::put(Entry& entry, Result<Thumbnail> answer)
{
    if (answer) {
        entry.tag = answer->tag;
        entry.picture = {QImage::fromData(reinterpret_cast<const uchar*>(answer->jpeg.data()),
                                          static_cast<int>(answer->jpeg.size()), "JPEG"),
                         {}};
        if (entry.picture.image.isNull())
            entry.picture.whyNone = tr("The picture that came could not be read.");
    } else {
        entry.tag.clear();
        entry.picture = {{}, format::errorLine(answer.error())};
    }
    Q_EMIT changed();
}

}  // namespace headgate
