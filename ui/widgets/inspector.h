#pragma once

#include "ui/shell/tokens.h"

#include <QFrame>
#include <QSplitter>

#include <utility>
#include <vector>

class QHBoxLayout;
class QVBoxLayout;

namespace headgate {

class ElidedLabel;
class Settings;

// The panel on the right that shows the selected object; the list beside it stays alive.
class Inspector : public QFrame
{
    Q_OBJECT

public:
    explicit Inspector(QWidget* parent = nullptr);
    void setTitle(const QString& title);

    struct Pill
    {
        Status status;
        QString word;
        bool hasGlyph = true;
        bool operator==(const Pill&) const = default;
    };
    void setPills(const std::vector<Pill>& pills);

    void addHeaderButton(QWidget* button);            // left of the close button
    QVBoxLayout* body() const { return m_body; }      // scrolls
    QHBoxLayout* footer() const { return m_footer; }  // fixed at the bottom

    // While nothing in it can be done there is no footer.
    void hideFooter();
    void showFooter();

    // A section title with a hairline above it, appended to the body; returns the layout for its content.
    QVBoxLayout* addSection(const QString& title, const QString& note = {});

Q_SIGNALS:
    void closeRequested();

private:
    ElidedLabel* m_title = nullptr;
    QHBoxLayout* m_header = nullptr;
    QHBoxLayout* m_pillRow = nullptr;
    std::vector<Pill> m_pills;
    QVBoxLayout* m_body = nullptr;
    QHBoxLayout* m_footer = nullptr;
    QWidget* m_footerLine = nullptr;
    QWidget* m_footerFrame = nullptr;
};

// Page on the left, inspector on the right, 344 to 392 wide at first; remembers the width per page.
class InspectorSplitter : public QSplitter
{
    Q_OBJECT

public:
    InspectorSplitter(QWidget* main, QWidget* inspector, QWidget* parent = nullptr);
    void rememberIn(Settings& settings, const QString& pageId);
};

}  // namespace headgate
