#pragma once

#include "core/plan/invoice.h"
#include "ui/frame/page.h"

#include <QByteArray>

#include <functional>

class QComboBox;
class QDoubleSpinBox;
class QGridLayout;
class QToolButton;

namespace headgate {

class Card;
class MetricChart;
class TablePane;
class TextLabel;

// What did it take, and what does it cost?
class UsagePage : public Page
{
    Q_OBJECT

public:
    explicit UsagePage(PageContext& context, QWidget* parent = nullptr);

    std::vector<PaletteAction> paletteActions() const override;
    void focusFilter() override;
    void refresh() override;

    const Invoice& invoice() const { return m_invoice; }
    QByteArray csv() const;
    QByteArray pdf() const;

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;

private:
    void buildInvoice();
    void offerMonths(UsageDay today);
    UsageQuery period() const;
    void read();
    void take(Result<UsageReport> answer);
    void showCharts();
    void showInvoice();
    void save(const QString& suffix, const std::function<QByteArray()>& make);

    PageContext& m_context;
    UsageReport m_report;
    UsageQuery m_period;  // of the report
    Invoice m_invoice;
    std::map<std::string, InvoicePrices> m_prices;
    bool m_isRead = false;
    bool m_isReading = false;
    quint64 m_question = 0;
    TimePoint m_readAt;
    UsageDay m_today;
    QComboBox* m_month = nullptr;
    QDoubleSpinBox* m_perGigabyte = nullptr;
    MetricChart* m_hours = nullptr;
    MetricChart* m_delivered = nullptr;
    TablePane* m_table = nullptr;
    Card* m_card = nullptr;
    QGridLayout* m_lines = nullptr;
    TextLabel* m_counted = nullptr;
};

}  // namespace headgate
