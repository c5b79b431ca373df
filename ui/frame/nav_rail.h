#pragma once

#include "ui/frame/page.h"

#include <QAbstractButton>
#include <QWidget>

#include <map>
#include <vector>

class QScrollArea;
class QVBoxLayout;

namespace headgate {

class NavButton;

enum class RailWidth
{
    Full,   // 208
    Narrow  // 56, icons only
};

// The pages in their sections, and who looks at what at the bottom. Up and Down move, Enter opens.
class NavRail : public QWidget
{
    Q_OBJECT

public:
    explicit NavRail(QWidget* parent = nullptr);
    void setPages(const std::vector<Page*>& pages);
    void setCurrent(const QString& pageId);
    void setBadge(const QString& pageId, const PageBadge& badge);
    void setUser(const QString& name, const QString& second);
    void setRailWidth(RailWidth width);
    void focusCurrent();

Q_SIGNALS:
    void pageChosen(const QString& pageId);
    void userClicked();

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    RailWidth m_width = RailWidth::Full;
    QScrollArea* m_scroll = nullptr;
    QVBoxLayout* m_items = nullptr;
    std::vector<NavButton*> m_buttons;
    std::vector<QWidget*> m_headings;
    QAbstractButton* m_user = nullptr;
};

}  // namespace headgate
