#pragma once

#include "ui/models/intent.h"
#include "ui/models/shell_command.h"

#include <QTimer>
#include <QWidget>

#include <functional>
#include <optional>

class QPushButton;

namespace headgate {

class CodeBlock;
class TextLabel;

// Below a form: what a dry run says of what is typed, and the command line that does the same.
class ChangePreview : public QWidget
{
    Q_OBJECT

public:
    using Answer = std::function<void(Result<CommandOutcome>)>;
    using DryRun = std::function<void(const Intent&, Answer)>;

    explicit ChangePreview(QWidget* parent = nullptr);

    // How a dry run is asked for; without one nothing is previewed.
    void setDryRun(DryRun dryRun) { m_dryRun = std::move(dryRun); }

    // How the command is made; without it there is none.
    void setShell(ShellMaker shell) { m_shell = std::move(shell); }

    // Asks a quarter of a second later, unless something else is typed by then. `more` is said below the answer.
    // A document of the command is a file named after `stem` where it is shown.
    void show(Intent intent, const QString& stem, const QString& more = {});
    // The form says nothing that could be done.
    void clear();

    // The control plane would refuse it.
    bool isRefused() const { return m_isRefused; }

Q_SIGNALS:
    void answered();

private:
    void ask();
    void take(const Result<CommandOutcome>& outcome);

    DryRun m_dryRun;
    ShellMaker m_shell;
    std::optional<Intent> m_intent;
    QString m_more;
    quint64 m_question = 0;  // answers to older ones are dropped
    bool m_isRefused = false;
    QTimer m_delay;
    TextLabel* m_words = nullptr;
    CodeBlock* m_command = nullptr;
    QPushButton* m_both = nullptr;
};

}  // namespace headgate
