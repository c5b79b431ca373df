#pragma once

#include "ui/shell/node_measurement.h"

#include <QFrame>

#include <functional>
#include <memory>
#include <optional>

class QProgressBar;
class QPushButton;

namespace headgate {

class TextLabel;

// One measurement of this machine, from its start to the question whether to keep it. Hidden while there is none.
class MeasurementStrip : public QFrame
{
    Q_OBJECT

public:
    using Start = std::function<std::unique_ptr<NodeMeasurement>()>;

    explicit MeasurementStrip(Start start, QWidget* parent = nullptr);

    bool isMeasuring() const { return m_run != nullptr; }
    void begin();
    void cancel();  // also what was found and not kept

    // With what it can be kept; empty disables the button, with the reason.
    void setImage(const QString& name, const QString& whyNot);

Q_SIGNALS:
    void keepRequested(const headgate::CapacityMeasurement& found);
    void stateChanged();

private:
    void showProgress(double share, int viewers);
    void showFound(const CapacityMeasurement& found, bool isLowerBound);
    void showFailure(const Error& error);
    void updateButtons();

    Start m_start;
    std::unique_ptr<NodeMeasurement> m_run;
    std::optional<CapacityMeasurement> m_found;
    QString m_image;
    QString m_whyNot;
    TextLabel* m_headline = nullptr;
    TextLabel* m_detail = nullptr;
    QProgressBar* m_progress = nullptr;
    QPushButton* m_keep = nullptr;
    QPushButton* m_cancel = nullptr;
};

}  // namespace headgate
