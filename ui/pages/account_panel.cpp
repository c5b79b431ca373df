#include "ui/pages/account_panel.h"

#include "ui/format.h"

#include <QHBoxLayout>

namespace headgate {

AccountPanel::AccountPanel(Report report, QWidget* parent)
    : QWidget(parent), m_report(std::move(report)), m_actions(new QWidget), m_actionRow(new QHBoxLayout(m_actions))
{
    m_actionRow->setContentsMargins(0, 0, 0, 0);
    m_actionRow->setSpacing(8);
}

void AccountPanel::look(ControlPlane* plane)
{
    m_plane = plane;
    m_isRead = false;
    clear();
    updateActions();
}

Result<native::ShellLines> AccountPanel::asCommand(const native::AccountWish& wish) const
{
    return native::shellLines(wish, m_apiUrl ? format::utf8(*m_apiUrl) : std::string());
}

void AccountPanel::setReadOnly(const QString& why)
{
    m_whyReadOnly = why;
    updateActions();
}

}  // namespace headgate
