#include "ui/pages/step_rail.h"

#include "ui/shell/theme.h"
#include "ui/shell/tokens.h"
#include "ui/widgets/status_glyph.h"

#include <QAbstractButton>
#include <QPainter>
#include <QVBoxLayout>

namespace headgate {

namespace {

constexpr int stepPx = 48;
constexpr int markPx = 22;
constexpr int railWidth = 208;

}  // namespace

class StepRail::Step : public QAbstractButton
{
public:
    Step(int number, const QString& title) : m_number(number)
    {
        setText(title);
        setCheckable(true);
        setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
        setFocusPolicy(Qt::StrongFocus);
        updateName();
    }

    void setLook(bool isCurrent, bool isDone, bool isOpen)
    {
        setChecked(isCurrent);
        setEnabled(isOpen);
        m_isDone = isDone;
        updateName();
        update();
    }
    void setNote(const QString& note)
    {
        m_note = note;
        updateName();
        update();
    }
    QSize sizeHint() const override { return {scaled(railWidth), scaled(stepPx)}; }

protected:
    void nextCheckState() override {}

    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const Tokens& tokens = tokensOf(this);
        if (isChecked() || hasFocus() || (isEnabled() && underMouse())) {
            painter.setPen(hasFocus() ? QPen(tokens.accent, 2) : QPen(Qt::NoPen));
            painter.setBrush(isChecked() ? tokens.selected : tokens.hover);
            painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
        }
        const QRectF mark(10, (height() - markPx) / 2.0, markPx, markPx);
        paintMark(painter, mark, tokens);
        const double left = mark.right() + 10;
        const QRectF room(left, 0, width() - left - 8, height());
        painter.setPen(isEnabled() ? tokens.text1 : tokens.text3);
        painter.setFont(textFont(TextRole::BodyStrong));
        const int body = lineHeight(TextRole::Body);
        const int small = lineHeight(TextRole::Caption);
        const double top = m_note.isEmpty() ? (height() - body) / 2.0 : (height() - body - small) / 2.0;
        painter.drawText(QRectF(left, top, room.width(), body), Qt::AlignLeft | Qt::AlignVCenter, text());
        painter.setPen(tokens.text2);
        painter.setFont(textFont(TextRole::Caption));
        painter.drawText(QRectF(left, top + body, room.width(), small), Qt::AlignLeft | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(m_note, Qt::ElideRight, static_cast<int>(room.width())));
    }

private:
    void paintMark(QPainter& painter, const QRectF& mark, const Tokens& tokens)
    {
        if (m_isDone && !isChecked()) {
            paintGlyph(painter, mark.adjusted(3, 3, -3, -3), Status::Ok, tokens);
            return;
        }
        painter.setPen(isChecked() ? QPen(Qt::NoPen) : QPen(tokens.checkOutline, 1.5));
        painter.setBrush(isChecked() ? QBrush(tokens.accentFill) : QBrush(Qt::NoBrush));
        painter.drawEllipse(mark.adjusted(1, 1, -1, -1));
        painter.setPen(isChecked() ? tokens.onFill : isEnabled() ? tokens.text1 : tokens.text3);
        painter.setFont(textFont(TextRole::SmallStrong));
        painter.drawText(mark, Qt::AlignCenter, QString::number(m_number));
    }

    void updateName()
    {
        setAccessibleName(StepRail::tr("Step %1, %2").arg(QString::number(m_number), text()));
        setAccessibleDescription(m_isDone ? StepRail::tr("done, %1").arg(m_note) : m_note);
    }

    int m_number;
    bool m_isDone = false;
    QString m_note;
};

StepRail::StepRail(const QStringList& titles, QWidget* parent) : QWidget(parent)
{
    setAccessibleName(tr("Steps"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    for (int i = 0; i < titles.size(); ++i) {
        auto* step = new Step(i + 1, titles[i]);
        step->setObjectName(QStringLiteral("step%1").arg(i + 1));
        column->addWidget(step);
        m_steps.push_back(step);
        connect(step, &QAbstractButton::clicked, this, [this, i] { Q_EMIT chosen(i); });
    }
    column->addStretch();
}

void StepRail::setCurrent(int index, int reached)
{
    for (int i = 0; i < static_cast<int>(m_steps.size()); ++i)
        m_steps[static_cast<std::size_t>(i)]->setLook(i == index, i < reached, i <= reached);
}

void StepRail::setNote(int index, const QString& note)
{
    m_steps[static_cast<std::size_t>(index)]->setNote(note);
}

}  // namespace headgate
