#include "ui/frame/bars.h"

#include "ui/format.h"
#include "ui/frame/production_guard.h"
#include "ui/frame/stage_tag.h"
#include "ui/shell/icon.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/status_glyph.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

namespace headgate {

namespace {

// "14:32".
QString countdown(Duration left)
{
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(left).count();
    return QStringLiteral("%1:%2").arg(seconds / 60).arg(seconds % 60, 2, 10, QLatin1Char('0'));
}

// Looks like a field, opens the palette.
class SearchButton : public QAbstractButton
{
public:
    SearchButton()
    {
        setFixedSize(scaled(290), scaled(30));
        setFocusPolicy(Qt::StrongFocus);
        setAccessibleName(TopBar::tr("Search or run a command"));
        setToolTip(TopBar::tr("Search or run a command (Ctrl+K)"));
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Tokens& t = tokensOf(this);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const qreal inset = hasFocus() ? 1 : 0.5;
        painter.setPen(hasFocus() ? QPen(t.accent, 2) : QPen(t.borderStrong));
        painter.setBrush(t.surface);
        painter.drawRoundedRect(QRectF(rect()).adjusted(inset, inset, -inset, -inset), 6, 6);
        paintIcon(painter, QRectF(9, (height() - 16) / 2.0, 16, 16), "search", t.text2);
        painter.setFont(textFont(TextRole::Small));
        painter.setPen(t.text2);
        painter.drawText(QRectF(33, 0, width() - 100, height()), Qt::AlignVCenter, accessibleName());
        painter.setFont(textFont(TextRole::CaptionStrong));
        const QString keys = TopBar::tr("Ctrl K");
        const qreal wide = painter.fontMetrics().horizontalAdvance(keys) + 14;
        const QRectF key(width() - wide - 6, 6, wide, height() - 12);
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.off.pill);
        painter.drawRoundedRect(key, 4, 4);
        painter.setPen(t.text2);
        painter.drawText(key, Qt::AlignCenter, keys);
    }
};

}  // namespace

TopBar::TopBar(QWidget* parent) : QWidget(parent)
{
    setFixedHeight(scaled(48));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(20, 0, 14, 0);
    row->setSpacing(8);
    m_name = new TextLabel({}, TextRole::Section);
    row->addWidget(m_name);
    m_stage = new StageTag;
    m_stage->setObjectName(QStringLiteral("stage"));
    row->addWidget(m_stage);
    m_onAir = new StatusPill;
    m_onAir->hide();
    row->addWidget(m_onAir);
    m_lock = makeButton({}, ButtonKind::Ghost, QStringLiteral("lock"));
    m_lock->setObjectName(QStringLiteral("arming"));
    m_lock->hide();
    row->addWidget(m_lock);
    auto* frozen = new StatusPill;
    frozen->setStatus(Status::Pending, tr("Frozen, Ctrl+. goes on"), StatusPill::Shape::WordOnly);
    m_frozen = frozen;
    m_frozen->hide();
    row->addWidget(m_frozen);
    row->addStretch(1);
    auto* search = new SearchButton;
    row->addWidget(search);
    QToolButton* help = makeIconButton("help", tr("Keyboard (Shift+F1)"));
    m_theme = makeIconButton("moon", tr("Dark theme"));
    for (QToolButton* button : {help, m_theme})
        button->setIconSize({18, 18});
    row->addWidget(help);
    row->addWidget(m_theme);
    connect(m_stage, &QAbstractButton::clicked, this, &TopBar::chooseStage);
    connect(m_lock, &QPushButton::clicked, this, &TopBar::armingToggled);
    connect(search, &QAbstractButton::clicked, this, &TopBar::searchRequested);
    connect(help, &QToolButton::clicked, this, &TopBar::helpRequested);
    connect(m_theme, &QToolButton::clicked, this, &TopBar::themeToggled);
}

void TopBar::setDeployment(const QString& name)
{
    if (m_name->text() != name)
        m_name->setText(name);
}

void TopBar::chooseStage()
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const ClusterStage stage : {ClusterStage::Lab, ClusterStage::Staging, ClusterStage::Production}) {
        QAction* action = menu->addAction(stage == ClusterStage::Production ? tr("Production, read-only until armed")
                                                                            : wordOf(stage));
        action->setCheckable(true);
        action->setChecked(stage == m_stage->stage());
        connect(action, &QAction::triggered, this, [this, stage] { Q_EMIT stageChosen(stage); });
    }
    menu->popup(m_stage->mapToGlobal(m_stage->rect().bottomLeft()));
}

void TopBar::showGuard(const ProductionGuard& guard, int streamsOnAir)
{
    const bool isProduction = guard.stage() == ClusterStage::Production;
    m_stage->setStage(guard.stage());
    m_onAir->setStatus(Status::OnAir, tr("%n stream(s) on air", nullptr, streamsOnAir));
    m_onAir->setVisible(isProduction && streamsOnAir > 0);
    m_lock->setVisible(isProduction);
    m_lock->setText(guard.isArmed() ? tr("Armed %1").arg(countdown(guard.remaining())) : tr("Read-only"));
    m_lock->setToolTip(guard.isArmed()
                           ? tr("Make it read-only again (Ctrl+Shift+A)")
                           : tr("Arm changes for %1 (Ctrl+Shift+A)").arg(format::duration(ProductionGuard::armedFor)));
}

void TopBar::setFrozen(bool frozen)
{
    m_frozen->setVisible(frozen);
}

void TopBar::setDarkTheme(bool dark)
{
    m_theme->setIcon(themedIcon(dark ? "sun" : "moon"));
    m_theme->setAccessibleName(dark ? tr("Light theme") : tr("Dark theme"));
    m_theme->setToolTip(m_theme->accessibleName());
}

void TopBar::paintEvent(QPaintEvent*)
{
    const Tokens& t = tokensOf(this);
    QPainter painter(this);
    painter.fillRect(rect(), t.window);
    painter.fillRect(QRect(0, height() - 1, width(), 1), t.border);
}

StatusBar::StatusBar(QWidget* parent) : QWidget(parent)
{
    setFixedHeight(scaled(26));
    setAccessibleName(tr("Status"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(14, 0, 14, 0);
    row->setSpacing(6);
    m_glyph = new StatusGlyph(Status::Pending);
    m_glyph->setSide(13);
    m_connection = new TextLabel({}, TextRole::Small);
    m_age = new FigureLabel(TextRole::Small);
    m_revision = new FigureLabel(TextRole::Small);
    m_problem = new TextLabel({}, TextRole::Small, TextTone::Critical);
    m_clocks = new FigureLabel(TextRole::Small);
    row->addWidget(m_glyph);
    row->addWidget(m_connection);
    row->addSpacing(14);
    row->addWidget(m_age);
    row->addSpacing(14);
    row->addWidget(m_revision);
    row->addSpacing(14);
    row->addWidget(m_problem, 1);
    row->addWidget(m_clocks);
}

void StatusBar::setLink(const Link& link)
{
    const format::StatusWord word = format::linkState(link);
    m_glyph->setStatus(word.status);
    m_connection->setText(word.word);
}

void StatusBar::setConnectionNote(const QString& note)
{
    m_connection->setToolTip(note);
    m_glyph->setToolTip(note);
}

void StatusBar::setFigures(const Snapshot* snapshot, TimePoint now, TimePoint lastHeard)
{
    m_age->setText(snapshot == nullptr ? QString() : tr("Data %1 old").arg(format::ageOf(now - lastHeard)));
    m_revision->setText(snapshot == nullptr
                            ? QString()
                            : tr("Revision %1").arg(format::count(static_cast<std::int64_t>(snapshot->revision))));
    m_problem->setText(snapshot == nullptr || snapshot->storeFailure.empty()
                           ? QString()
                           : tr("Nothing can be saved: %1").arg(format::text(snapshot->storeFailure)));
}

void StatusBar::setClocks(TimePoint now, const QTimeZone& deploymentZone)
{
    QStringList clocks{format::dateClock(now, deploymentZone)};
    for (const QTimeZone& zone : {format::userZone(), QTimeZone::utc()}) {
        const QString clock = format::clockSeconds(now, zone);
        if (!clocks.join(' ').contains(clock))
            clocks << clock;
    }
    m_clocks->setText(clocks.join(QStringLiteral("   ")));
}

void StatusBar::paintEvent(QPaintEvent*)
{
    const Tokens& t = tokensOf(this);
    QPainter painter(this);
    painter.fillRect(rect(), t.rail);
    painter.fillRect(QRect(0, 0, width(), 1), t.border);
}

}  // namespace headgate
