#pragma once

#include <QDialog>

#include <functional>
#include <optional>

class QCheckBox;
class QSpinBox;

namespace headgate {

// Whether a drain waits for everybody or has an end.
class DrainDialog : public QDialog
{
    Q_OBJECT

public:
    DrainDialog(const QString& node, int sessions, QWidget* parent = nullptr);

    // None: it waits for everybody.
    std::optional<int> deadlineSeconds() const;

    static void ask(QWidget* parent, const QString& node, int sessions,
                    std::function<void(std::optional<int> deadlineSeconds)> confirmed);

private:
    QCheckBox* m_hasDeadline = nullptr;
    QSpinBox* m_minutes = nullptr;
};

}  // namespace headgate
