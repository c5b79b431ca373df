#pragma once

#include <QDialog>

namespace headgate {

enum class CloseAnswer
{
    Cancel,
    KeepNodes,
    StopNodes
};

// What a window that is being closed leaves running on this machine.
struct RunningNodes
{
    int nodes = 0;
    int publishers = 0;
    int viewers = 0;
    int testStreams = 0;  // of this console; they end with it either way
};

// Closing the window with local nodes running: keep them running, stop them, or stay.
class CloseChoice : public QDialog
{
    Q_OBJECT

public:
    explicit CloseChoice(const RunningNodes& running, QWidget* parent = nullptr);

    CloseAnswer answer() const { return m_answer; }

private:
    void answerWith(CloseAnswer answer);

    CloseAnswer m_answer = CloseAnswer::Cancel;
};

}  // namespace headgate
