#pragma once

#include <QFrame>

#include <vector>

class QVBoxLayout;

namespace headgate {

class TestStreams;

// The test streams that this console publishes, each with its state and a way to stop it. Hidden while there is none.
class TestStreamTray : public QFrame
{
    Q_OBJECT

public:
    explicit TestStreamTray(TestStreams& testStreams, QWidget* parent = nullptr);

private:
    void rebuild();

    TestStreams& m_testStreams;
    QVBoxLayout* m_rows = nullptr;
};

}  // namespace headgate
