#include "ui/widgets/copy_button.h"

#include "ui/shell/icon.h"

#include <QClipboard>
#include <QGuiApplication>

#include <algorithm>

namespace headgate {

namespace {

constexpr int saidMs = 2000;
constexpr int frameAndIcon = 12 * 2 + 2 + 16 + 8;

}  // namespace

CopyButton::CopyButton(const QString& what, QWidget* parent) : QPushButton(parent), m_what(what)
{
    setAutoDefault(false);
    setIconSize({16, 16});
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    m_back.setSingleShot(true);
    m_back.setInterval(saidMs);
    connect(&m_back, &QTimer::timeout, this, &CopyButton::showWhatItDoes);
    connect(this, &QPushButton::clicked, this, &CopyButton::copy);
    showWhatItDoes();
}

QSize CopyButton::sizeHint() const
{
    const int widest =
        std::max(fontMetrics().horizontalAdvance(tr("Copy")), fontMetrics().horizontalAdvance(tr("Copied")));
    return {widest + frameAndIcon, QPushButton::sizeHint().height()};
}

void CopyButton::copy()
{
    QGuiApplication::clipboard()->setText(m_text);
    setText(tr("Copied"));
    setIcon(themedIcon(QStringLiteral("check"), IconTone::Accent));
    setAccessibleName(tr("%1: copied").arg(m_what));
    m_back.start();
}

void CopyButton::showWhatItDoes()
{
    setText(tr("Copy"));
    setIcon(themedIcon(QStringLiteral("copy")));
    setAccessibleName(m_what);
}

}  // namespace headgate
