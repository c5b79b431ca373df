#pragma once

#include "core/domain/command.h"
#include "ui/models/shell_command.h"

#include <QFrame>
#include <QString>

#include <string>

class QPlainTextEdit;

namespace headgate {

class KeyValueList;
class Notice;
class TextLabel;

// "If applied now": what a dry run answered, and the command line that does the same.
class ImpactPanel : public QFrame
{
    Q_OBJECT

public:
    explicit ImpactPanel(QWidget* parent = nullptr);

    // `document`: JSON of the group after the change, to name the changed fields by.
    void showOutcome(const CommandOutcome& outcome, const std::string& document, TimePoint at);
    void showRefusal(const Error& error);
    // The form breaks a rule: nothing to preview. What was shown stays, paler.
    void showNotValid();
    void showNothingChanged();

    // A document of it is a file named after `stem` where it is shown.
    void setCommand(ShellSource source, const QString& stem);
    QString commandLine() const { return m_full; }

Q_SIGNALS:
    void copied();

private:
    TextLabel* m_when = nullptr;
    Notice* m_refusal = nullptr;
    TextLabel* m_changesTitle = nullptr;
    KeyValueList* m_changes = nullptr;
    TextLabel* m_effectTitle = nullptr;
    KeyValueList* m_effects = nullptr;
    TextLabel* m_sentences = nullptr;
    QPlainTextEdit* m_command = nullptr;
    QString m_full;
    ShellSource m_source;
};

}  // namespace headgate
