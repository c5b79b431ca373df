#pragma once

#include <QObject>
#include <QThreadPool>

#include <functional>

namespace headgate {

// Works something out beside the GUI thread, one question after the other; of those that wait only the newest is kept.
class BackgroundJob : public QObject
{
    Q_OBJECT

public:
    // What to do with the answer, on the GUI thread.
    using Finish = std::function<void()>;

    explicit BackgroundJob(QObject* parent = nullptr);
    ~BackgroundJob() override;  // waits for the work that is going on

    // `work` runs on another thread and owns all it needs. Answers to older questions are dropped.
    void run(std::function<Finish()> work);

    // The answer that is awaited does not count any more.
    void drop();
    bool isBusy() const { return m_isBusy; }

private:
    void start(std::function<Finish()> work);

    QThreadPool m_pool;
    std::function<Finish()> m_waiting;
    quint64 m_question = 0;
    bool m_isBusy = false;
};

}  // namespace headgate
