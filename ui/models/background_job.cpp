#include "ui/models/background_job.h"

#include <utility>

namespace headgate {

BackgroundJob::BackgroundJob(QObject* parent) : QObject(parent)
{
    m_pool.setMaxThreadCount(1);
}

BackgroundJob::~BackgroundJob()
{
    m_pool.waitForDone();
}

void BackgroundJob::run(std::function<Finish()> work)
{
    ++m_question;
    if (m_isBusy)
        m_waiting = std::move(work);
    else
        start(std::move(work));
}

void BackgroundJob::drop()
{
    ++m_question;
    m_waiting = nullptr;
}

void BackgroundJob::start(std::function<Finish()> work)
{
    m_isBusy = true;
    m_pool.start([this, work = std::move(work), question = m_question] {
        Finish finish = work();
        QMetaObject::invokeMethod(this, [this, finish = std::move(finish), question] {
            m_isBusy = false;
            if (question == m_question)
                finish();
            if (m_waiting && !m_isBusy)
                start(std::exchange(m_waiting, nullptr));
        });
    });
}

}  // namespace headgate
