#include "ui/widgets/card.h"

#include "ui/widgets/labels.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace headgate {

Card::Card(const QString& title, QWidget* parent) : QFrame(parent)
{
    setProperty("card", true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 12, 16, 14);
    column->setSpacing(10);
    m_header = new QHBoxLayout;
    m_header->setSpacing(8);
    m_title = new TextLabel(title, TextRole::Section);
    m_note = new ElidedLabel({}, TextRole::Small, TextTone::Secondary);
    m_title->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    m_header->addWidget(m_title);
    m_header->addWidget(m_note, 1);
    column->addLayout(m_header);
    m_body = new QVBoxLayout;
    m_body->setContentsMargins(0, 0, 0, 0);
    m_body->setSpacing(8);
    column->addLayout(m_body, 1);
    setTitle(title);
}

void Card::setTitle(const QString& title)
{
    m_title->setText(title);
    m_title->setVisible(!title.isEmpty());
    m_note->setVisible(!title.isEmpty());
}

void Card::setNote(const QString& note)
{
    m_note->setText(note);
}

void Card::addHeaderWidget(QWidget* widget)
{
    m_header->addWidget(widget);
}

}  // namespace headgate
