#include "ui/widgets/code_block.h"

#include "ui/widgets/copy_button.h"
#include "ui/widgets/labels.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QVBoxLayout>

namespace headgate {

namespace {

constexpr int codeMargin = 8;

}  // namespace

CodeBlock::CodeBlock(QWidget* parent)
    : QFrame(parent),
      m_title(new TextLabel({}, TextRole::Section)),
      m_note(new TextLabel({}, TextRole::Small, TextTone::Secondary)),
      m_copy(new CopyButton(tr("Copy"))),
      m_code(new QPlainTextEdit)
{
    m_note->setWordWrap(true);
    m_code->setReadOnly(true);
    m_code->setProperty("code", true);
    m_code->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_code->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_code->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_code->setTabChangesFocus(true);
    m_code->document()->setDocumentMargin(codeMargin);
    auto* titles = new QVBoxLayout;
    titles->setSpacing(2);
    titles->addWidget(m_title);
    titles->addWidget(m_note);
    auto* head = new QHBoxLayout;
    head->setSpacing(12);
    head->addLayout(titles, 1);
    head->addWidget(m_copy, 0, Qt::AlignBottom);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addLayout(head);
    column->addWidget(m_code);
    fitHeight();
}

void CodeBlock::setContent(const QString& title, const QString& note, const QString& code)
{
    m_title->setText(title);
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
    m_code->setAccessibleName(title);
    m_copy->setAccessibleName(tr("Copy “%1”").arg(title));
    m_copy->setCopied(code);
    if (code == m_code->toPlainText())
        return;
    m_code->setPlainText(code);
    fitHeight();
}

void CodeBlock::setCopied(const QString& text)
{
    m_copy->setCopied(text);
}

QString CodeBlock::title() const
{
    return m_title->text();
}

QString CodeBlock::code() const
{
    return m_code->toPlainText();
}

void CodeBlock::fitHeight()
{
    m_code->setFont(textFont(TextRole::Mono));
    const int lines = m_code->blockCount() * m_code->fontMetrics().lineSpacing();
    const bool isTooLong = m_code->document()->idealWidth() + 2 > m_code->width();
    const int bar = isTooLong ? m_code->horizontalScrollBar()->sizeHint().height() : 0;
    m_code->setFixedHeight(lines + 2 * codeMargin + bar + 2);
}

void CodeBlock::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    fitHeight();
}

void CodeBlock::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::ApplicationFontChange || event->type() == QEvent::StyleChange)
        fitHeight();
}

}  // namespace headgate
