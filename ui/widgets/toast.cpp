#include "ui/widgets/toast.h"

#include "ui/format.h"
#include "ui/shell/icon.h"
#include "ui/shell/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>

namespace headgate {

Toast::Toast(QWidget* parent) : QWidget(parent)
{
    setAccessibleName(tr("Message"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 10, 0);
    row->addStretch(1);
    m_undo = new QPushButton(tr("Undo  Ctrl+Z"));
    m_undo->setProperty("kind", "toast");
    m_undo->setAccessibleName(tr("Undo"));
    m_close = new QPushButton(tr("Close"));
    m_close->setProperty("kind", "toast");
    m_close->setAccessibleName(tr("Close message"));
    row->addWidget(m_undo);
    row->addWidget(m_close);
    connect(m_undo, &QPushButton::clicked, this, &Toast::undo);
    connect(m_close, &QPushButton::clicked, this, &QWidget::hide);
    m_timer.setInterval(1000);
    connect(&m_timer, &QTimer::timeout, this, &Toast::tick);
    parent->installEventFilter(this);
    hide();
}

void Toast::present(ToastMessage message, int lastsSeconds)
{
    m_message = std::move(message);
    m_secondsLeft = lastsSeconds;
    setAccessibleDescription(m_message.text);
    m_undo->setVisible(m_message.undo != nullptr);
    m_close->setVisible(m_message.undo == nullptr);
    place();
    show();
    raise();
    update();
    m_timer.start();
}

bool Toast::canUndo() const
{
    return isVisible() && m_message.undo != nullptr;
}

void Toast::undo()
{
    if (!canUndo())
        return;
    const auto run = std::move(m_message.undo);
    m_message.undo = nullptr;
    hide();
    run();
}

void Toast::tick()
{
    if (!isVisible()) {
        m_timer.stop();
        return;
    }
    if (underMouse() || m_undo->hasFocus() || m_close->hasFocus())
        return;
    if (--m_secondsLeft <= 0)
        hide();
    update();
}

void Toast::place()
{
    const QSize room = parentWidget()->size();
    const int width = std::min(scaled(560), room.width() - 40);
    const int height = scaled(48);
    setGeometry((room.width() - width) / 2, room.height() - height - scaled(26) - 16, width, height);
}

bool Toast::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible())
        place();
    return QWidget::eventFilter(watched, event);
}

void Toast::paintEvent(QPaintEvent*)
{
    const Tokens& t = tokensOf(this);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(t.isDark ? QPen(t.borderStrong) : QPen(Qt::NoPen));
    painter.setBrush(t.toast);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);
    paintIcon(painter, QRectF(16, (height() - 16) / 2.0, 16, 16), m_message.undo ? "undo" : "check", t.toastText);
    const int right = m_message.undo ? m_undo->x() : m_close->x();
    painter.setPen(t.toastText);
    painter.setFont(textFont(TextRole::BodyStrong));
    const QRectF box(44, 0, right - 44 - scaled(44), height());
    painter.drawText(box, Qt::AlignVCenter | Qt::AlignLeft,
                     painter.fontMetrics().elidedText(m_message.text, Qt::ElideRight, static_cast<int>(box.width())));
    painter.setFont(textFont(TextRole::Small));
    painter.drawText(QRectF(right - scaled(44), 0, scaled(36), height()), Qt::AlignVCenter | Qt::AlignRight,
                     format::duration(std::chrono::seconds(std::max(0, m_secondsLeft))));
}

}  // namespace headgate
