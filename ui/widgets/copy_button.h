#pragma once

#include <QPushButton>
#include <QTimer>

namespace headgate {

// Puts a text on the clipboard and says so in its own place for two seconds.
class CopyButton : public QPushButton
{
    Q_OBJECT

public:
    // `what` is its accessible name: "Copy the RTMP address".
    explicit CopyButton(const QString& what, QWidget* parent = nullptr);

    void setCopied(const QString& text) { m_text = text; }
    QSize sizeHint() const override;  // does not change with the word

private:
    void copy();
    void showWhatItDoes();

    QString m_text;
    QString m_what;
    QTimer m_back;
};

}  // namespace headgate
