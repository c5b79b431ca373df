#include "ui/models/what_if_runner.h"

#include <utility>

namespace headgate {

namespace {

constexpr int delayMs = 40;
constexpr int watchMs = 100;
constexpr int longRunMs = 500;

}  // namespace

WhatIfRunner::WhatIfRunner(WhatIfRun run, QObject* parent) : QObject(parent), m_answer(std::move(run))
{
    m_delay.setSingleShot(true);
    m_delay.setInterval(delayMs);
    m_watch.setInterval(watchMs);
    connect(&m_delay, &QTimer::timeout, this, &WhatIfRunner::begin);
    connect(&m_watch, &QTimer::timeout, this, &WhatIfRunner::watch);
}

WhatIfRunner::~WhatIfRunner()
{
    stop();
}

void WhatIfRunner::ask(WhatIfQuestion question)
{
    m_waiting = std::move(question);
    if (!m_delay.isActive())
        m_delay.start();
}

void WhatIfRunner::stop()
{
    m_waiting.reset();
    if (m_run)
        m_run->isEnded = true;
}

void WhatIfRunner::watch()
{
    if (!m_run || m_since.elapsed() < longRunMs)
        return;
    Q_EMIT progressed(m_run->share);
    if (m_waiting)
        m_run->isEnded = true;
}

void WhatIfRunner::begin()
{
    if (!m_waiting || m_job.isBusy())
        return;
    m_run = std::make_shared<Run>();
    m_since.start();
    m_watch.start();
    m_job.run([this, run = m_run, answer = m_answer, question = *std::exchange(m_waiting, std::nullopt)] {
        auto result = std::make_shared<Result<WhatIfAnswer>>(answer(question, [run](double share) {
            run->share = share;
            return !run->isEnded;
        }));
        return BackgroundJob::Finish([this, run, result] {
            m_watch.stop();
            if (!run->isEnded)
                Q_EMIT answered(*result);
            m_run.reset();
            begin();
        });
    });
}

}  // namespace headgate
