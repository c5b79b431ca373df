#include "ui/widgets/inspector.h"

#include "ui/shell/settings.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/status_glyph.h"

#include <QHBoxLayout>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

namespace headgate {

Inspector::Inspector(QWidget* parent) : QFrame(parent)
{
    setProperty("panel", true);
    setMinimumWidth(scaled(320));
    setMaximumWidth(scaled(520));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);

    m_header = new QHBoxLayout;
    m_header->setContentsMargins(20, 16, 14, 4);
    m_header->setSpacing(4);
    m_title = new ElidedLabel({}, TextRole::Heading);
    m_title->setElideMode(Qt::ElideMiddle);
    m_header->addWidget(m_title, 1);
    QToolButton* close = makeIconButton("close", tr("Close inspector"));
    connect(close, &QToolButton::clicked, this, &Inspector::closeRequested);
    m_header->addWidget(close);
    column->addLayout(m_header);

    m_pillRow = new QHBoxLayout;
    m_pillRow->setContentsMargins(20, 0, 20, 10);
    m_pillRow->setSpacing(6);
    column->addLayout(m_pillRow);

    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto* inner = new QWidget;
    inner->setObjectName("surface");
    inner->setAttribute(Qt::WA_StyledBackground);
    m_body = new QVBoxLayout(inner);
    m_body->setContentsMargins(20, 0, 20, 16);
    m_body->setSpacing(12);
    scroll->setWidget(inner);
    column->addWidget(scroll, 1);

    m_footerFrame = new QWidget;
    m_footer = new QHBoxLayout(m_footerFrame);
    m_footer->setContentsMargins(20, 12, 20, 14);
    m_footer->setSpacing(8);
    m_footerLine = makeSeparator();
    column->addWidget(m_footerLine);
    column->addWidget(m_footerFrame);
}

void Inspector::hideFooter()
{
    m_footerLine->hide();
    m_footerFrame->hide();
}

void Inspector::showFooter()
{
    m_footerLine->show();
    m_footerFrame->show();
}

void Inspector::setTitle(const QString& title)
{
    m_title->setText(title);
    setAccessibleName(title);
}

void Inspector::setPills(const std::vector<Pill>& pills)
{
    if (pills == m_pills)
        return;
    m_pills = pills;
    while (QLayoutItem* item = m_pillRow->takeAt(0)) {
        if (item->widget() != nullptr)
            item->widget()->deleteLater();
        delete item;
    }
    for (const Pill& pill : pills) {
        auto* widget = new StatusPill;
        widget->setStatus(pill.status, pill.word,
                          pill.hasGlyph ? StatusPill::Shape::WithGlyph : StatusPill::Shape::WordOnly);
        m_pillRow->addWidget(widget);
    }
    m_pillRow->addStretch(1);
}

void Inspector::addHeaderButton(QWidget* button)
{
    m_header->insertWidget(m_header->count() - 1, button);
}

QVBoxLayout* Inspector::addSection(const QString& title, const QString& note)
{
    if (m_body->count() > 0)
        m_body->addWidget(makeSeparator());
    auto* section = new QVBoxLayout;
    section->setSpacing(8);
    auto* head = new QHBoxLayout;
    head->addWidget(new TextLabel(title, TextRole::Section));
    head->addStretch(1);
    if (!note.isEmpty())
        head->addWidget(new TextLabel(note, TextRole::Caption, TextTone::Secondary));
    section->addLayout(head);
    m_body->addLayout(section);
    return section;
}

InspectorSplitter::InspectorSplitter(QWidget* main, QWidget* inspector, QWidget* parent) : QSplitter(parent)
{
    setChildrenCollapsible(false);
    setHandleWidth(1);
    main->setMinimumWidth(scaled(420));
    addWidget(main);
    addWidget(inspector);
    setStretchFactor(0, 1);
    setStretchFactor(1, 0);
    setSizes({scaled(1000), scaled(372)});
}

void InspectorSplitter::rememberIn(Settings& settings, const QString& pageId)
{
    restoreState(settings.splitterState(pageId));
    setHandleWidth(1);
    connect(this, &QSplitter::splitterMoved, this,
            [this, &settings, pageId] { settings.setSplitterState(pageId, saveState()); });
}

}  // namespace headgate
