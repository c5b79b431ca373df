#include "ui/widgets/state_view.h"

#include "ui/format.h"
#include "ui/shell/icon.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/status_glyph.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

class BigIcon : public QWidget
{
public:
    explicit BigIcon(QString name) : m_name(std::move(name)) { setFixedSize(scaled(32), scaled(32)); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        paintIcon(painter, rect(), m_name, tokensOf(this).text3);
    }

private:
    QString m_name;
};

// Rows in the geometry of a table, before there is anything to put into them.
class Skeleton : public QWidget
{
public:
    explicit Skeleton(QString awaited) : m_awaited(std::move(awaited))
    {
        QTimer::singleShot(200, this, [this] {
            m_isShown = true;
            update();
        });
        QTimer::singleShot(5000, this, [this] {
            m_isLate = true;
            update();
        });
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        if (!m_isShown)
            return;
        const Tokens& tokens = tokensOf(this);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(tokens.skeleton);
        static constexpr int widths[] = {148, 114, 167, 130, 96, 150, 120};
        int y = 14;
        for (int row = 0; y + 44 < height() - 40 && row < 14; ++row, y += 44) {
            const int wide = widths[row % 7];
            painter.drawEllipse(QRectF(20, y + 4, 14, 14));
            painter.drawRoundedRect(QRectF(44, y, wide, 9), 4, 4);
            painter.drawRoundedRect(QRectF(44, y + 14, wide * 0.55, 6), 3, 3);
            painter.drawRoundedRect(QRectF(width() - 20 - 43, y + 3, 43, 9), 4, 4);
        }
        if (!m_isLate)
            return;
        painter.setPen(tokens.text2);
        painter.setFont(textFont(TextRole::Small));
        painter.drawText(QRectF(20, height() - 36, width() - 40, 20), Qt::AlignCenter, m_awaited);
    }

private:
    QString m_awaited;
    bool m_isShown = false;
    bool m_isLate = false;
};

// Text wraps at a readable width.
TextLabel* centred(const QString& text, TextRole role, TextTone tone)
{
    auto* label = new TextLabel(text, role, tone);
    label->setAlignment(Qt::AlignHCenter);
    label->setWordWrap(true);
    const int natural = QFontMetrics(textFont(role)).horizontalAdvance(text) + 8;
    const int width = std::clamp(natural, scaled(120), scaled(440));
    label->setFixedWidth(width);
    label->setMinimumHeight(label->heightForWidth(width));
    return label;
}

}  // namespace

StateView::StateView(QWidget* parent) : QWidget(parent)
{
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
}

void StateView::replaceBody(QWidget* body)
{
    if (m_body != nullptr) {
        m_body->hide();
        m_body->deleteLater();
    }
    m_body = body;
    layout()->addWidget(body);
}

QWidget* StateView::centredColumn(QWidget* picture, const QString& title, const QString& text,
                                  const std::vector<StateAction>& actions)
{
    m_changing.clear();
    auto* body = new QWidget;
    auto* column = new QVBoxLayout(body);
    column->setSpacing(4);
    column->addStretch(2);
    column->addWidget(picture, 0, Qt::AlignHCenter);
    column->addSpacing(8);
    column->addWidget(centred(title, TextRole::Heading, TextTone::Primary), 0, Qt::AlignHCenter);
    if (!text.isEmpty())
        column->addWidget(centred(text, TextRole::Body, TextTone::Secondary), 0, Qt::AlignHCenter);
    column->addSpacing(10);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addStretch(1);
    for (std::size_t i = 0; i < actions.size(); ++i) {
        QPushButton* button =
            makeButton(actions[i].text, i == 0 ? ButtonKind::Primary : ButtonKind::Normal, actions[i].iconName);
        QObject::connect(button, &QPushButton::clicked, button, actions[i].run);
        buttons->addWidget(button);
        if (actions[i].need == ActionNeed::FreshData)
            m_changing.push_back(button);
    }
    buttons->addStretch(1);
    column->addLayout(buttons);
    column->addStretch(3);
    setReadOnly(m_whyReadOnly);
    return body;
}

void StateView::setReadOnly(const QString& why)
{
    m_whyReadOnly = why;
    for (QPushButton* button : m_changing) {
        button->setEnabled(why.isEmpty());
        button->setToolTip(why);
    }
}

void StateView::showEmpty(const QString& iconName, const QString& title, const QString& text,
                          std::vector<StateAction> actions)
{
    setAccessibleName(title);
    setAccessibleDescription(text);
    replaceBody(centredColumn(new BigIcon(iconName), title, text, actions));
}

void StateView::showLoading(const QString& awaited)
{
    setAccessibleName(awaited);
    m_changing.clear();
    replaceBody(new Skeleton(awaited));
}

void StateView::showError(const QString& title, const Error& error, std::vector<StateAction> actions)
{
    const format::ErrorWords said = format::error(error);
    const QString headline = title.isEmpty() ? said.title : title;
    const QString text = said.nextStep.isEmpty() ? said.sentence : said.sentence + ' ' + said.nextStep;
    const std::string_view word = toWord(error.code);
    const QString details =
        QString("%1\n%2\n%3").arg(headline, text, QString::fromUtf8(word.data(), static_cast<qsizetype>(word.size())));
    actions.push_back({tr("Copy details"), [details] { QGuiApplication::clipboard()->setText(details); }, {}});
    setAccessibleName(headline);
    setAccessibleDescription(text);
    auto* glyph = new StatusGlyph(Status::Critical);
    glyph->setSide(28);
    replaceBody(centredColumn(glyph, headline, text, actions));
}

}  // namespace headgate
