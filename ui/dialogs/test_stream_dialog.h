#pragma once

#include "core/domain/snapshot.h"

#include <QDialog>

class QComboBox;
class QLineEdit;
class QPushButton;

namespace headgate {

class TestStreams;
class TextLabel;

// Group and name of a test stream to start, with defaults that work as they are.
class TestStreamDialog : public QDialog
{
    Q_OBJECT

public:
    // `snapshot` and `testStreams` outlive the constructor only.
    TestStreamDialog(const Snapshot& snapshot, const TestStreams& testStreams, QWidget* parent = nullptr);

Q_SIGNALS:
    void chosen(const headgate::NodeGroupName& nodeGroup, const headgate::StreamKey& stream);

private:
    void checkName();
    Result<StreamKey> typedKey() const;

    std::vector<std::pair<NodeGroupName, StreamKey>> m_taken;
    QComboBox* m_group = nullptr;
    QLineEdit* m_name = nullptr;
    TextLabel* m_problem = nullptr;
    QPushButton* m_start = nullptr;
};

}  // namespace headgate
