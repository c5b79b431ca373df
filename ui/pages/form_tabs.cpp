#include "ui/pages/form_tabs.h"

#include "ui/shell/theme.h"
#include "ui/shell/tokens.h"
#include "ui/widgets/status_glyph.h"

#include <QAbstractButton>
#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPainter>

namespace headgate {

namespace {

constexpr int stripPx = 36;
constexpr int glyphPx = 14;
constexpr int glyphGap = 6;
constexpr int tabGap = 24;
constexpr int linePx = 2;

}  // namespace

class FormTabs::Tab : public QAbstractButton
{
public:
    explicit Tab(const QString& title)
    {
        setText(title);
        setCheckable(true);
        setAccessibleName(title);
        setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    }

    void setErrorCount(int errors)
    {
        if (errors == m_errors)
            return;
        m_errors = errors;
        setAccessibleDescription(errors > 0 ? FormTabs::tr("%n error(s)", nullptr, errors) : QString());
        updateGeometry();
        update();
    }

    QSize sizeHint() const override
    {
        const int words = QFontMetrics(textFont(TextRole::BodyStrong)).horizontalAdvance(text());
        return {words + (m_errors > 0 ? glyphGap + glyphPx : 0), scaled(stripPx)};
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const Tokens& tokens = tokensOf(this);
        painter.setFont(textFont(TextRole::BodyStrong));
        painter.setPen(isChecked() || underMouse() ? tokens.text1 : tokens.text2);
        painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter, text());
        if (m_errors > 0)
            paintGlyph(painter, QRectF(width() - glyphPx, (height() - glyphPx) / 2.0, glyphPx, glyphPx),
                       Status::Critical, tokens);
        if (isChecked())
            painter.fillRect(QRectF(0, height() - linePx, width(), linePx), tokens.accent);
        if (hasFocus()) {
            painter.setPen(QPen(tokens.accent, 2));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(QRectF(rect()).adjusted(1, 5, -1, -5), 4, 4);
        }
    }

private:
    int m_errors = 0;
};

FormTabs::FormTabs(const QStringList& titles, QWidget* parent) : QWidget(parent), m_group(new QButtonGroup(this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(tabGap);
    for (const QString& title : titles) {
        auto* tab = new Tab(title);
        m_group->addButton(tab, static_cast<int>(m_tabs.size()));
        m_tabs.push_back(tab);
        row->addWidget(tab);
    }
    row->addStretch();
    m_tabs.front()->setChecked(true);
    connect(m_group, &QButtonGroup::idToggled, this, [this](int id, bool isOn) {
        if (isOn)
            Q_EMIT currentChanged(id);
    });
}

int FormTabs::currentIndex() const
{
    return m_group->checkedId();
}

void FormTabs::setCurrentIndex(int index)
{
    m_tabs[static_cast<std::size_t>(index)]->setChecked(true);
}

void FormTabs::setErrorCount(int index, int errors)
{
    m_tabs[static_cast<std::size_t>(index)]->setErrorCount(errors);
}

}  // namespace headgate
