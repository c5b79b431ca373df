#pragma once

#include "ui/models/shell_command.h"

#include <QDialog>
#include <QString>
#include <QStringList>

#include <functional>

class QLineEdit;
class QPushButton;

namespace headgate {

// What is lost, what is kept, and the name to type.
struct ConfirmationQuestion
{
    QString title;               // "Stop node aB3...?"
    QStringList losses;          // in numbers, each a sentence
    QString kept;                // what stays; may be empty
    QString typeLabel;           // "Type the node's name to confirm"
    QString name;                // what has to be typed; empty = no typing
    QString keepText;            // "Keep it running"; the default button
    QString actText;             // "Stop node"
    ShellSource asCommand = {};  // the same from a shell; may be empty
};

// Asks before something that cannot be undone. The act is open only when the name stands there.
class TypedConfirmation : public QDialog
{
    Q_OBJECT

public:
    explicit TypedConfirmation(ConfirmationQuestion question, QWidget* parent = nullptr);

    // Opens one that deletes itself; `confirmed` runs if the act is chosen.
    static TypedConfirmation* ask(QWidget* parent, ConfirmationQuestion question, std::function<void()> confirmed);

private:
    void checkName(const QString& typed);

    ConfirmationQuestion m_question;
    QLineEdit* m_name = nullptr;
    QPushButton* m_act = nullptr;
};

}  // namespace headgate
