#include "ui/pages/recording_removal.h"

#include "ui/format.h"

#include <QPointer>

namespace headgate {

ConfirmationQuestion RecordingRemoval::question(const std::vector<Recording>& doomed, int growing)
{
    Duration length{};
    std::int64_t bytes = 0;
    for (const Recording& recording : doomed) {
        length += recording.length;
        bytes += recording.bytes;
    }
    const Recording& first = doomed.front();
    const bool isOne = doomed.size() == 1;
    const QString count = format::count(static_cast<std::int64_t>(doomed.size()));
    const QString what = tr("%1 of %2").arg(format::duration(length), format::bytes(bytes));
    ConfirmationQuestion question;
    question.title = isOne ? tr("Delete the recording of %1?").arg(format::text(first.stream.path()))
                           : tr("Delete %1 recordings?").arg(count);
    question.losses
        << (isOne
                ? tr("%1, which began %2, are gone from disk and store.").arg(what, format::dateClock(first.startedAt))
                : tr("%1 are gone from disk and store.").arg(what))
        << tr("This cannot be undone.");
    if (growing > 0)
        question.kept = tr("%n selected recording(s) may be growing still and stay.", nullptr, growing);
    question.keepText = isOne ? tr("Keep it") : tr("Keep them");
    question.actText = isOne ? tr("Delete recording") : tr("Delete %1 recordings").arg(count);
    return question;
}

void RecordingRemoval::start(ControlPlane* plane, std::vector<Recording> doomed)
{
    forget();
    m_plane = plane;
    m_doomed = std::move(doomed);
    m_kept.clear();
    m_tried = 0;
    next();
}

void RecordingRemoval::forget()
{
    ++m_round;
    m_plane = nullptr;
}

void RecordingRemoval::next()
{
    if (m_plane == nullptr)
        return;
    if (m_tried == m_doomed.size()) {
        Q_EMIT ended();
        return;
    }
    const Recording& recording = m_doomed[m_tried];
    const QPointer<RecordingRemoval> self(this);
    m_plane->deleteRecording({recording.nodeGroup, recording.id}, [self, round = m_round](const Result<void>& result) {
        if (!self || round != self->m_round)
            return;
        if (!result)
            self->m_kept.emplace_back(self->m_doomed[self->m_tried], result.error());
        ++self->m_tried;
        self->next();
    });
}

}  // namespace headgate
