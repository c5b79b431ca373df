#pragma once

#include <QFrame>

class QPlainTextEdit;

namespace headgate {

class CopyButton;
class TextLabel;

// A text to copy into another program: title, note, the text in full height, copy button. Long lines scroll sideways.
class CodeBlock : public QFrame
{
    Q_OBJECT

public:
    explicit CodeBlock(QWidget* parent = nullptr);
    void setContent(const QString& title, const QString& note, const QString& code);
    // What Copy gives in place of the text shown, until there is other content.
    void setCopied(const QString& text);
    QString title() const;
    QString code() const;

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void fitHeight();

    TextLabel* m_title = nullptr;
    TextLabel* m_note = nullptr;
    CopyButton* m_copy = nullptr;
    QPlainTextEdit* m_code = nullptr;
};

}  // namespace headgate
