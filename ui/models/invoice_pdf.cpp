#include "ui/format.h"
#include "ui/models/usage_table.h"
#include "ui/shell/tokens.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QFont>
#include <QFontMetricsF>
#include <QMarginsF>
#include <QPageLayout>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>

#include <array>

namespace headgate::rows {

namespace {

constexpr double marginMm = 18;
constexpr int resolution = 300;
constexpr int titlePoints = 18;
constexpr int bodyPoints = 9;
constexpr double lineFactor = 1.9;

QString words(const char* source)
{
    return QCoreApplication::translate("rows", source);
}

// Paints an invoice from top to bottom, and goes on with a new page where one is full.
class InvoicePainter
{
public:
    InvoicePainter(QPdfWriter& writer, const Invoice& invoice)
        : m_writer(writer), m_painter(&writer), m_invoice(invoice), m_width(writer.width())
    {
        m_body = m_painter.font();
        m_body.setPointSize(bodyPoints);
        m_strong = m_body;
        m_strong.setWeight(QFont::DemiBold);
        m_title = m_strong;
        m_title.setPointSize(titlePoints);
        m_line = QFontMetricsF(m_body, &writer).height() * lineFactor;
    }

    void paint(const QString& cluster)
    {
        head(cluster);
        columns();
        std::string deployment = "\n";
        for (const InvoiceLine& line : m_invoice.lines) {
            makeRoom();
            cell(0, line.deployment == deployment ? QString() : deploymentOf(line.deployment), m_strong);
            deployment = line.deployment;
            const bool isPriced = !line.currency.empty();
            const QString unit = line.item == InvoiceItem::NodeTime ? words("h") : words("GB");
            const QString quantity =
                line.item == InvoiceItem::NodeTime ? hours(line.quantity) : gigabytes(line.quantity);
            cell(1, itemWords(line), m_body);
            cell(2, quantity + QLatin1Char(' ') + unit, m_body);
            cell(3, isPriced ? format::text(priceText(line.priceMillionths)) : words("no price"), m_body);
            cell(4, isPriced ? amount(line.cents, line.currency) : format::unknown(), m_body);
            m_y += m_line;
        }
        rule();
        for (const auto& [currency, cents] : m_invoice.cents) {
            makeRoom();
            cell(3, words("Total"), m_strong);
            cell(4, amount(cents, currency), m_strong);
            m_y += m_line;
        }
        makeRoom();
        m_painter.setPen(lightTokens().text2);
        cell(0, words("Each line is rounded to the cent, half a cent up; the totals are the sums of the lines."),
             m_body, Width::Whole);
    }

private:
    enum class Width
    {
        Column,
        Whole
    };

    void head(const QString& cluster)
    {
        m_painter.setPen(lightTokens().text1);
        m_painter.setFont(m_title);
        m_painter.drawText(QRectF(0, m_y, m_width, 2 * m_line), Qt::AlignLeft | Qt::AlignVCenter,
                           words("Usage of %1").arg(cluster));
        m_y += 2 * m_line;
        cell(0,
             words("%1 to %2, days in UTC")
                 .arg(format::text(dayText(m_invoice.from)), format::text(dayText(m_invoice.to))),
             m_body, Width::Whole);
        m_y += 2 * m_line;
    }

    void columns()
    {
        m_painter.setPen(lightTokens().text2);
        const std::array titles = {words("Deployment"), words("Item"), words("Quantity"), words("Price"),
                                   words("Amount")};
        for (int column = 0; column < 5; ++column)
            cell(column, titles[static_cast<std::size_t>(column)], m_strong);
        m_painter.setPen(lightTokens().text1);
        m_y += m_line;
        rule();
    }

    void rule()
    {
        m_painter.fillRect(QRectF(0, m_y, m_width, 2), lightTokens().border);
        m_y += m_line / 4;
    }

    void makeRoom()
    {
        if (m_y + m_line < m_writer.height())
            return;
        m_writer.newPage();
        m_y = 0;
        columns();
    }

    // The last three columns are figures.
    void cell(int column, const QString& text, const QFont& font, Width width = Width::Column)
    {
        constexpr std::array edges = {0.0, 0.26, 0.54, 0.70, 0.82, 1.0};
        const auto at = static_cast<std::size_t>(column);
        const double left = edges[at] * m_width;
        const double right = width == Width::Whole ? m_width : edges[at + 1] * m_width;
        m_painter.setFont(font);
        const QString shown = QFontMetricsF(font, &m_writer).elidedText(text, Qt::ElideRight, right - left);
        m_painter.drawText(QRectF(left, m_y, right - left, m_line),
                           (column < 2 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, shown);
    }

    QPdfWriter& m_writer;
    QPainter m_painter;
    const Invoice& m_invoice;
    double m_width;
    double m_line = 0;
    double m_y = 0;
    QFont m_body, m_strong, m_title;
};

}  // namespace

QByteArray invoicePdf(const Invoice& invoice, const QString& cluster)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    writer.setResolution(resolution);
    writer.setTitle(words("Usage of %1").arg(cluster));
    writer.setCreator(QStringLiteral("Headgate"));
    writer.setPageSize(QPageSize(QPageSize::A4));
    writer.setPageMargins(QMarginsF(marginMm, marginMm, marginMm, marginMm), QPageLayout::Millimeter);
    InvoicePainter(writer, invoice).paint(cluster);
    return bytes;
}

}  // namespace headgate::rows
