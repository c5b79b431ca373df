#include "ui/frame/nav_rail.h"

#include "ui/format.h"
#include "ui/shell/icon.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/status_glyph.h"

#include <QKeyEvent>
#include <QPainter>
#include <QScrollArea>
#include <QVBoxLayout>

namespace headgate {

namespace {

constexpr int fullWidth = 208;
constexpr int narrowWidth = 56;

// Logo and name.
class Brand : public QWidget
{
public:
    Brand() { setFixedHeight(scaled(56)); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Tokens& t = tokensOf(this);
        QPainter painter(this);
        const qreal side = scaled(24);
        paintLogo(painter, QRectF(16, (height() - side) / 2, side, side), t.accentFill, t.onFill);
        if (width() < 100)
            return;
        painter.setPen(t.text1);
        painter.setFont(textFont(TextRole::Heading));
        painter.drawText(QRectF(16 + side + 11, 0, width(), height()), Qt::AlignVCenter, QStringLiteral("Headgate"));
    }
};

// Initials in a disc, name and where it is signed in.
class UserButton : public QAbstractButton
{
public:
    UserButton()
    {
        setFixedHeight(scaled(56));
        setFocusPolicy(Qt::StrongFocus);
        setAccessibleName(NavRail::tr("Connection"));
    }
    void setUser(const QString& name, const QString& second)
    {
        m_name = name;
        m_second = second;
        setAccessibleName(name + ", " + second);
        setToolTip(name + '\n' + second);
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Tokens& t = tokensOf(this);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.fillRect(QRectF(12, 0, width() - 24, 1), t.border);
        const qreal side = scaled(28);
        const QRectF disc(14, (height() - side) / 2, side, side);
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.chart[4]);
        painter.drawEllipse(disc);
        painter.setPen(t.onFill);
        painter.setFont(textFont(TextRole::CaptionStrong));
        painter.drawText(disc, Qt::AlignCenter, m_name.left(2).toUpper());
        if (hasFocus()) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(t.accent, 2));
            painter.drawRoundedRect(QRectF(rect()).adjusted(6, 4, -6, -4), 6, 6);
        }
        if (width() < 100)
            return;
        const qreal x = disc.right() + 10;
        const int room = static_cast<int>(width() - x - 12);
        painter.setFont(textFont(TextRole::SmallStrong));
        painter.setPen(t.text1);
        painter.drawText(QRectF(x, disc.top() - 2, room, scaled(16)), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(m_name, Qt::ElideRight, room));
        painter.setFont(textFont(TextRole::Caption));
        painter.setPen(t.text2);
        painter.drawText(QRectF(x, disc.top() + scaled(14), room, scaled(16)), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(m_second, Qt::ElideMiddle, room));
    }

private:
    QString m_name;
    QString m_second;
};

}  // namespace

// One page in the rail.
class NavButton : public QAbstractButton
{
public:
    explicit NavButton(const PageIdentity& identity) : m_identity(identity)
    {
        setText(identity.title);
        setCheckable(true);
        setAutoExclusive(true);
        setFocusPolicy(Qt::StrongFocus);
        setFixedHeight(scaled(34));
        setMouseTracking(true);
        setAttribute(Qt::WA_Hover);
        setBadge({});
    }
    const PageIdentity& identity() const { return m_identity; }
    const PageBadge& badge() const { return m_badge; }
    void setBadge(const PageBadge& badge)
    {
        m_badge = badge;
        setAccessibleName(badge.count > 0 ? text() + ", " + format::count(badge.count) : text());
        setToolTip(QString("%1  (G %2)").arg(text(), m_identity.goKey));
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Tokens& t = tokensOf(this);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF box = QRectF(rect()).adjusted(8, 1, -8, -1);
        if (isChecked() || underMouse()) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(isChecked() ? t.navCurrent : t.hover);
            painter.drawRoundedRect(box, 6, 6);
        }
        if (isChecked()) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(t.accent);
            painter.drawRoundedRect(QRectF(box.left() + 1, box.center().y() - 8, 3, 16), 1.5, 1.5);
        }
        if (hasFocus()) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(t.accent, 2));
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6);
        }
        const bool isNarrow = width() < 100;
        const qreal iconLeft = isNarrow ? (width() - 18) / 2.0 : 22;
        paintIcon(painter, QRectF(iconLeft, box.center().y() - 9, 18, 18), m_identity.iconName,
                  isChecked() ? t.accent : t.text2);
        if (isNarrow) {
            if (m_badge.status && m_badge.count > 0)
                paintGlyph(painter, QRectF(iconLeft + 11, box.top() + 2, 11, 11), *m_badge.status, t);
            return;
        }
        painter.setFont(textFont(isChecked() ? TextRole::Section : TextRole::BodyStrong));
        painter.setPen(isChecked() ? t.text1 : t.text2);
        painter.drawText(box.adjusted(42, 0, -40, 0), Qt::AlignVCenter, text());
        if (m_badge.count <= 0)
            return;
        painter.setFont(textFont(TextRole::Small));
        painter.setPen(t.text3);
        const QString number = format::count(m_badge.count);
        drawFigures(painter, box.adjusted(0, 0, -12, 0), Qt::AlignRight | Qt::AlignVCenter, number);
        const qreal wide = figuresWidth(number, painter.font());
        if (m_badge.status)
            paintGlyph(painter, QRectF(box.right() - 12 - wide - 19, box.center().y() - 7, 14, 14), *m_badge.status, t);
    }

private:
    PageIdentity m_identity;
    PageBadge m_badge;
};

NavRail::NavRail(QWidget* parent) : QWidget(parent)
{
    setAccessibleName(tr("Navigation"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(new Brand);
    // Where the window is too low for all pages, they scroll between brand and user.
    auto* inner = new QWidget;
    inner->setObjectName(QStringLiteral("railItems"));
    m_items = new QVBoxLayout(inner);
    m_items->setContentsMargins(0, 0, 0, 0);
    m_items->setSpacing(0);
    m_items->addStretch(1);
    m_scroll = new QScrollArea;
    m_scroll->setWidget(inner);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->viewport()->setAutoFillBackground(false);
    inner->setAutoFillBackground(false);
    column->addWidget(m_scroll, 1);
    auto* user = new UserButton;
    m_user = user;
    column->addWidget(user);
    connect(user, &QAbstractButton::clicked, this, &NavRail::userClicked);
    setRailWidth(RailWidth::Full);
}

namespace {

QString sectionTitle(RailSection section)
{
    switch (section) {
    case RailSection::Live:
        return NavRail::tr("Live");
    case RailSection::Capacity:
        return NavRail::tr("Capacity");
    case RailSection::Observe:
        return NavRail::tr("Observe");
    case RailSection::Manage:
        return NavRail::tr("Manage");
    }
    return {};
}

}  // namespace

void NavRail::setPages(const std::vector<Page*>& pages)
{
    std::optional<RailSection> last;
    for (const Page* page : pages) {
        if (last != page->identity().section) {
            last = page->identity().section;
            auto* heading = new TextLabel(sectionTitle(*last), TextRole::Small, TextTone::Secondary);
            heading->setContentsMargins(20, m_headings.empty() ? 6 : 18, 0, 6);
            m_items->insertWidget(m_items->count() - 1, heading);
            m_headings.push_back(heading);
        }
        auto* button = new NavButton(page->identity());
        connect(button, &QAbstractButton::clicked, this, [this, id = page->identity().id] { Q_EMIT pageChosen(id); });
        m_items->insertWidget(m_items->count() - 1, button);
        m_buttons.push_back(button);
    }
}

void NavRail::setCurrent(const QString& pageId)
{
    for (NavButton* button : m_buttons)
        if (button->identity().id == pageId) {
            button->setChecked(true);
            m_scroll->ensureWidgetVisible(button, 0, 0);
        }
}

void NavRail::setBadge(const QString& pageId, const PageBadge& badge)
{
    for (NavButton* button : m_buttons)
        if (button->identity().id == pageId && button->badge() != badge)
            button->setBadge(badge);
}

void NavRail::setUser(const QString& name, const QString& second)
{
    static_cast<UserButton*>(m_user)->setUser(name, second);
}

void NavRail::setRailWidth(RailWidth width)
{
    m_width = width;
    setFixedWidth(scaled(width == RailWidth::Full ? fullWidth : narrowWidth));
    for (QWidget* heading : m_headings)
        heading->setVisible(width == RailWidth::Full);
}

void NavRail::focusCurrent()
{
    for (NavButton* button : m_buttons)
        if (button->isChecked())
            button->setFocus(Qt::TabFocusReason);
}

void NavRail::paintEvent(QPaintEvent*)
{
    const Tokens& t = tokensOf(this);
    QPainter painter(this);
    painter.fillRect(rect(), t.rail);
    painter.fillRect(QRect(width() - 1, 0, 1, height()), t.border);
}

void NavRail::keyPressEvent(QKeyEvent* event)
{
    const int step = event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
    const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    for (std::size_t i = 0; i < m_buttons.size(); ++i) {
        if (!m_buttons[i]->hasFocus())
            continue;
        const auto target = static_cast<int>(i) + step;
        if (step != 0 && target >= 0 && target < static_cast<int>(m_buttons.size())) {
            m_buttons[static_cast<std::size_t>(target)]->setFocus(Qt::TabFocusReason);
            m_scroll->ensureWidgetVisible(m_buttons[static_cast<std::size_t>(target)], 0, 0);
            return;
        }
        if (isEnter) {
            m_buttons[i]->click();
            return;
        }
    }
    QWidget::keyPressEvent(event);
}

}  // namespace headgate
