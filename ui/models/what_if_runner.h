#pragma once

#include "core/plan/what_if.h"
#include "ui/models/background_job.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <atomic>
#include <memory>
#include <optional>

namespace headgate {

// Answers what is asked beside the GUI thread, one question after the other. Of those that wait only the newest is
// kept, and it ends a run that takes longer than 500 ms, so that answers follow a drag.
class WhatIfRunner : public QObject
{
    Q_OBJECT

public:
    explicit WhatIfRunner(WhatIfRun run, QObject* parent = nullptr);
    ~WhatIfRunner() override;

    void ask(WhatIfQuestion question);
    // Forgets what was asked.
    void stop();
    bool isBusy() const { return m_job.isBusy() || m_waiting; }

Q_SIGNALS:
    void answered(const headgate::Result<headgate::WhatIfAnswer>& answer);
    void progressed(double share);  // of a run that takes longer than 500 ms

private:
    // Shared with the thread that runs.
    struct Run
    {
        std::atomic<bool> isEnded = false;
        std::atomic<double> share = 0;
    };

    void begin();
    void watch();

    WhatIfRun m_answer;
    std::optional<WhatIfQuestion> m_waiting;
    std::shared_ptr<Run> m_run;
    QElapsedTimer m_since;
    QTimer m_delay;
    QTimer m_watch;
    BackgroundJob m_job;
};

}  // namespace headgate
