#include "ui/dialogs/route_dialog.h"

#include "ui/format.h"
#include "ui/widgets/labels.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include <utility>

namespace headgate {

namespace {

constexpr int dialogWidth = 860;
constexpr int dialogHeight = 560;

enum Column
{
    PlaceColumn,
    NodeColumn,
    RegionColumn,
    WhyColumn,
    ColumnCount
};

QString stepLines(const RouteExplanation& told)
{
    QStringList lines;
    for (const std::string& step : told.steps)
        lines.append(format::text(step));
    return lines.join(QLatin1Char('\n'));
}

}  // namespace

RouteDialog::RouteDialog(RouteRequest request, ControlPlane* plane, QWidget* parent)
    : QDialog(parent),
      m_request(std::move(request)),
      m_plane(plane),
      m_outcome(new TextLabel({}, TextRole::Heading)),
      m_steps(new TextLabel({}, TextRole::Small, TextTone::Secondary)),
      m_nodes(new QTableWidget(0, ColumnCount))
{
    const bool isPublish = m_request.purpose == RoutePurpose::Publish;
    setWindowTitle(tr("Routing of %1").arg(format::text(m_request.stream.path())));
    resize(scaled(dialogWidth), scaled(dialogHeight));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 20, 20, 20);
    column->setSpacing(8);
    m_outcome->setWordWrap(true);
    m_outcome->setObjectName(QStringLiteral("outcome"));
    m_steps->setWordWrap(true);
    m_steps->setObjectName(QStringLiteral("steps"));
    m_steps->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    column->addWidget(m_outcome);
    column->addWidget(new TextLabel(isPublish ? tr("What a publisher without wishes would be answered now. Nothing is "
                                                   "promised by asking here.")
                                              : tr("What a viewer without wishes would be answered now. Nothing is "
                                                   "promised by asking here."),
                                    TextRole::Small, TextTone::Tertiary));
    column->addWidget(m_steps);
    column->addWidget(m_nodes, 1);
    m_nodes->setObjectName(QStringLiteral("nodes"));
    m_nodes->setAccessibleName(tr("Nodes in the order in which they would be given"));
    m_nodes->setHorizontalHeaderLabels({tr("Place"), tr("Node"), tr("Region"), tr("Why")});
    m_nodes->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_nodes->horizontalHeader()->setStretchLastSection(true);
    m_nodes->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_nodes->verticalHeader()->hide();
    m_nodes->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_nodes->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_nodes->setShowGrid(false);
    m_nodes->setWordWrap(true);
    m_copy = makeButton(tr("Copy"));
    m_copy->setObjectName(QStringLiteral("copy"));
    auto* again = makeButton(tr("Ask again"));
    again->setObjectName(QStringLiteral("again"));
    auto* close = makeButton(tr("Close"), ButtonKind::Primary);
    close->setDefault(true);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(again);
    buttons->addStretch();
    buttons->addWidget(m_copy);
    buttons->addWidget(close);
    column->addLayout(buttons);
    connect(again, &QPushButton::clicked, this, &RouteDialog::ask);
    connect(m_copy, &QPushButton::clicked, this, &RouteDialog::copy);
    connect(close, &QPushButton::clicked, this, &QDialog::close);
    ask();
}

void RouteDialog::ask()
{
    if (!m_plane)
        return;
    m_copy->setEnabled(false);
    const QPointer<RouteDialog> self(this);
    m_plane->explainRoute(m_request, [self](const Result<RouteExplanation>& told) {
        if (self)
            self->show(told);
    });
}

void RouteDialog::show(const Result<RouteExplanation>& told)
{
    m_told = told ? *told : RouteExplanation();
    m_outcome->setText(told ? format::text(m_told.outcome) : format::errorLine(told.error()));
    m_steps->setText(stepLines(m_told));
    m_steps->setVisible(!m_told.steps.empty());
    m_nodes->setVisible(told.has_value());
    m_copy->setEnabled(told.has_value());
    m_nodes->setRowCount(static_cast<int>(m_told.options.size()));
    for (int row = 0; row < m_nodes->rowCount(); ++row) {
        const RouteOption& option = m_told.options[static_cast<std::size_t>(row)];
        const QString place = option.place > 0 ? format::count(option.place) : tr("rejected");
        m_nodes->setItem(row, PlaceColumn, new QTableWidgetItem(place));
        m_nodes->setItem(row, NodeColumn, new QTableWidgetItem(format::text(option.node.value)));
        m_nodes->setItem(row, RegionColumn, new QTableWidgetItem(format::text(option.region)));
        m_nodes->setItem(row, WhyColumn, new QTableWidgetItem(format::text(option.why)));
    }
}

void RouteDialog::copy() const
{
    QString text = m_outcome->text() + QLatin1Char('\n') + stepLines(m_told) + QLatin1Char('\n');
    for (const RouteOption& option : m_told.options)
        text += QStringLiteral("%1\t%2\t%3\t%4\n")
                    .arg(option.place)
                    .arg(format::text(option.node.value), format::text(option.region), format::text(option.why));
    QGuiApplication::clipboard()->setText(text);
}

}  // namespace headgate
