#pragma once

#include "ui/pages/wizard_steps.h"

#include <vector>

class QDoubleSpinBox;
class QGridLayout;
class QSpinBox;

namespace headgate {

// Who is expected in each region, what is kept free, and what nodes cost.
class AudienceForm : public WizardForm
{
    Q_OBJECT

public:
    explicit AudienceForm(DeploymentDraft& draft);
    void load(const Snapshot& snapshot) override;

private:
    struct Row
    {
        QSpinBox* publishers = nullptr;
        QSpinBox* viewers = nullptr;
        QComboBox* picture = nullptr;
        QSpinBox* frames = nullptr;
        QSpinBox* kilobits = nullptr;
    };

    void addRow(const Snapshot& snapshot, int line, std::size_t index);
    void suggestBitrate(std::size_t index);
    void copyFirst();
    void buildPrices(QVBoxLayout* column);
    void loadPrices();
    void storePrices();

    bool m_isLoading = false;
    QWidget* m_rowsWidget = nullptr;
    QGridLayout* m_grid = nullptr;
    std::vector<Row> m_rows;
    QPushButton* m_copy = nullptr;
    QSpinBox* m_headroom = nullptr;
    QComboBox* m_currency = nullptr;
    std::map<std::string, QDoubleSpinBox*> m_prices;  // by role
    QDoubleSpinBox* m_perGigabyte = nullptr;
};

}  // namespace headgate
