#pragma once

#include "ui/models/plan_outlook.h"
#include "ui/widgets/timeline_painter.h"

#include <QWidget>

class QVBoxLayout;

namespace headgate {

class CopyButton;
class KeyValueList;
class TextLabel;

// The windows as "Sat 26 Jun" and "20:15 – 23:45 CEST", in both zones.
std::vector<struct KeyValue> windowRows(const std::vector<ItemWindow>& windows, const AxisZone& event,
                                        const AxisZone& mine);

// What a draft leads to: changes against now, next windows in both zones, conflicts. All of it can be copied as text.
class ForecastView : public QWidget
{
    Q_OBJECT

public:
    explicit ForecastView(QWidget* parent = nullptr);

    void showForecast(const PlanForecast& forecast, const AxisZone& event, const AxisZone& mine);
    // Rules are broken: there is nothing to tell.
    void showNothing();

    const QString& text() const { return m_text; }

private:
    void showConflicts(const PlanForecast& forecast, const AxisZone& event);

    QString m_text;
    TextLabel* m_changesTitle = nullptr;
    TextLabel* m_noChange = nullptr;
    KeyValueList* m_changes = nullptr;
    TextLabel* m_windowsTitle = nullptr;
    KeyValueList* m_windows = nullptr;
    QVBoxLayout* m_conflicts = nullptr;
    CopyButton* m_copy = nullptr;
};

}  // namespace headgate
