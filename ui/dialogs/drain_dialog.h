#pragma once

#include "ui/models/shell_command.h"

#include <QDialog>

#include <functional>
#include <optional>

class QCheckBox;
class QHBoxLayout;
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

    // Offers what `source` says as a command.
    void setShell(std::function<Result<native::ShellLines>(std::optional<int> deadlineSeconds)> source);

private:
    QCheckBox* m_hasDeadline = nullptr;
    QSpinBox* m_minutes = nullptr;
    QHBoxLayout* m_buttons = nullptr;
};

}  // namespace headgate
