#pragma once

#include <QStringList>
#include <QWidget>

#include <vector>

class QAbstractButton;
class QButtonGroup;

namespace headgate {

// The tabs of a form: words with a line below the current one; a tab with an error carries the critical glyph.
class FormTabs : public QWidget
{
    Q_OBJECT

public:
    explicit FormTabs(const QStringList& titles, QWidget* parent = nullptr);
    int currentIndex() const;
    void setCurrentIndex(int index);
    void setErrorCount(int index, int errors);

Q_SIGNALS:
    void currentChanged(int index);

private:
    class Tab;

    QButtonGroup* m_group = nullptr;
    std::vector<Tab*> m_tabs;
};

}  // namespace headgate
