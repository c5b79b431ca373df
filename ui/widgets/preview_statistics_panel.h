#pragma once

#include "core/domain/latency_history.h"
#include "ui/shell/media_services.h"

#include <QString>
#include <QStringList>
#include <QWidget>

#include <array>

class QPushButton;

namespace headgate {

class FigureLabel;
class KeyValueList;
class Sparkline;
class TextLabel;

// What a player knows at one instant.
struct PlayerReport
{
    PreviewStatistics statistics;
    qint64 shownFrames = 0;
    const LatencyHistory& glassToGlass;  // from drawing the test picture to having painted it here
    const LatencyHistory& toDecoder;     // from drawing it to having decoded it here
};

// The figures of a player: format, rates, delays, losses, and the latencies of a stamped stream with their last 5 min.
// Follows the theme; copies itself as text.
class PreviewStatisticsPanel : public QWidget
{
    Q_OBJECT

public:
    explicit PreviewStatisticsPanel(QWidget* parent = nullptr);

    void setReport(const PlayerReport& report);

    // What is shown, one figure a line.
    QString text() const { return m_text.join('\n'); }
    void copy();

private:
    enum Figure
    {
        Now,
        Least,
        Median,
        P95,
        Most,
        FigureCount
    };
    using LatencyRow = std::array<FigureLabel*, FigureCount>;

    QWidget* buildLatency();
    static void showFigures(const LatencyRow& row, const LatencyHistory& history);
    void showLatency(const PlayerReport& report);

    KeyValueList* m_facts = nullptr;
    QWidget* m_latency = nullptr;
    LatencyRow m_glassToGlass{};
    LatencyRow m_toDecoder{};
    Sparkline* m_chart = nullptr;
    TextLabel* m_scale = nullptr;
    TextLabel* m_noLatency = nullptr;
    QPushButton* m_copy = nullptr;
    QStringList m_text;
};

}  // namespace headgate
