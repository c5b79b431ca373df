#include "ui/widgets/notice.h"

#include "ui/widgets/labels.h"
#include "ui/widgets/status_glyph.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

Notice::Notice(QWidget* parent) : QFrame(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 8, 12, 8);
    row->setSpacing(10);
    m_glyph = new StatusGlyph(m_status);
    m_glyph->setSide(16);
    row->addWidget(m_glyph, 0, Qt::AlignTop);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(2);
    m_headline = new TextLabel({}, TextRole::Section);
    m_headline->setWordWrap(true);
    m_text = new TextLabel({}, TextRole::Small, TextTone::Secondary);
    m_text->setWordWrap(true);
    texts->addWidget(m_headline);
    texts->addWidget(m_text);
    row->addLayout(texts, 1);
    m_links = new QHBoxLayout;
    row->addLayout(m_links);
}

void Notice::setContent(Status status, const QString& headline, const QString& text)
{
    m_status = status;
    m_glyph->setStatus(status);
    m_headline->setText(headline);
    m_text->setText(text);
    m_text->setVisible(!text.isEmpty());
    setAccessibleName(headline);
    setAccessibleDescription(text);
    update();
}

void Notice::setAction(const QString& text, std::function<void()> run)
{
    while (QLayoutItem* item = m_links->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    if (text.isEmpty())
        return;
    QPushButton* link = makeLink(text);
    connect(link, &QPushButton::clicked, this, std::move(run));
    m_links->addWidget(link);
}

void Notice::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(tokensOf(this).of(m_status).pill);
    painter.drawRoundedRect(rect(), 6, 6);
}

}  // namespace headgate
