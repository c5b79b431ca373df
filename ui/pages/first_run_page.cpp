#include "ui/pages/first_run_page.h"

#include "core/plane/secret_store.h"
#include "ui/format.h"
#include "ui/models/test_streams.h"
#include "ui/pages/brand_panel.h"
#include "ui/pages/choice_card.h"
#include "ui/pages/first_run_forms.h"
#include "ui/pages/machine_card.h"
#include "ui/pages/step_list.h"
#include "ui/shell/media_services.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"

#include <QHBoxLayout>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <array>

namespace headgate {

namespace {

constexpr int brandWidth = 460;
constexpr int narrowBrandWidth = 320;
constexpr int narrowPage = 1320;
constexpr int formWidth = 800;

}  // namespace

class FirstRunPage::Private
{
public:
    explicit Private(FirstRunServices given) : services(std::move(given)) {}

    FirstRunServices services;
    MachineFacts facts;
    std::unique_ptr<ClusterStart> start;
    bool isBusy = false;

    BrandPanel* brand = nullptr;
    std::array<ChoiceCard*, 3> ways{};
    QStackedWidget* forms = nullptr;
    LocalClusterForm* local = nullptr;
    ConnectForm* connection = nullptr;
    DemoCard* demo = nullptr;
    StepList* steps = nullptr;
    MachineCard* machine = nullptr;
    Notice* failure = nullptr;
    QPushButton* go = nullptr;
};

FirstRunPage::FirstRunPage(FirstRunServices services, QWidget* parent)
    : QWidget(parent), m_d(std::make_unique<Private>(std::move(services)))
{
    setAccessibleName(tr("Set up Headgate"));
    m_d->brand = new BrandPanel;
    m_d->brand->setFixedWidth(scaled(brandWidth));
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto* inner = new QWidget;
    auto* around = new QHBoxLayout(inner);
    around->setContentsMargins(32, 24, 32, 24);
    around->addStretch(1);
    around->addWidget(buildChoice(), 100);
    around->addStretch(1);
    scroll->setWidget(inner);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_d->brand);
    row->addWidget(scroll, 1);
    setWay(Way::LocalCluster);
    checkMachine();
}

FirstRunPage::~FirstRunPage() = default;

QWidget* FirstRunPage::buildChoice()
{
    auto* panel = new QWidget;
    panel->setMaximumWidth(scaled(formWidth));
    auto* column = new QVBoxLayout(panel);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addStretch(1);
    column->addWidget(new TextLabel(tr("Set up Headgate"), TextRole::Display));
    column->addSpacing(2);
    column->addWidget(new TextLabel(tr("Where should your cluster run? You can add more later, and move between them."),
                                    TextRole::Body, TextTone::Secondary));
    column->addSpacing(20);
    column->addLayout(buildWays());
    column->addSpacing(20);
    m_d->failure = new Notice;
    m_d->failure->setObjectName(QStringLiteral("failure"));
    m_d->failure->hide();
    column->addWidget(m_d->failure);
    column->addSpacing(4);
    column->addLayout(buildForms());
    column->addSpacing(20);
    column->addLayout(buildFooter());
    column->addStretch(1);
    return panel;
}

QHBoxLayout* FirstRunPage::buildWays()
{
    m_d->ways = {new ChoiceCard(QStringLiteral("laptop"), tr("Start a local cluster"),
                                tr("A real cluster of local nodes. Ready in about 10 s.")),
                 new ChoiceCard(QStringLiteral("link"), tr("Connect to a control plane"),
                                tr("Look at one that already runs, and manage it.")),
                 new ChoiceCard(QStringLiteral("play"), tr("Open the demo"),
                                tr("Two regions and a test stream, started for you."))};
    const std::array<const char*, 3> names = {"wayLocal", "wayConnect", "wayDemo"};
    auto* row = new QHBoxLayout;
    row->setSpacing(12);
    for (std::size_t i = 0; i < m_d->ways.size(); ++i) {
        m_d->ways[i]->setObjectName(QString::fromLatin1(names[i]));
        row->addWidget(m_d->ways[i], 1);
        connect(m_d->ways[i], &QAbstractButton::toggled, this, [this, i](bool isOn) {
            if (isOn)
                setWay(static_cast<Way>(i));
        });
    }
    return row;
}

QHBoxLayout* FirstRunPage::buildForms()
{
    m_d->local = new LocalClusterForm;
    m_d->connection = new ConnectForm;
    m_d->demo = new DemoCard;
    m_d->steps = new StepList;
    m_d->forms = new QStackedWidget;
    for (QWidget* form : std::initializer_list<QWidget*>{m_d->local, m_d->connection, m_d->demo, m_d->steps})
        m_d->forms->addWidget(form);
    m_d->machine = new MachineCard;
    auto* row = new QHBoxLayout;
    row->setSpacing(12);
    row->addWidget(m_d->forms, 1);
    row->addWidget(m_d->machine, 1);
    connect(m_d->local, &LocalClusterForm::edited, this, &FirstRunPage::updateButton);
    connect(m_d->connection, &ConnectForm::edited, this, &FirstRunPage::updateButton);
    connect(m_d->machine, &MachineCard::checkAgainRequested, this, &FirstRunPage::checkMachine);
    connect(m_d->steps, &StepList::retryRequested, this, [this] {
        if (m_d->start)
            m_d->start->retry();
    });
    return row;
}

QHBoxLayout* FirstRunPage::buildFooter()
{
    m_d->go = makeButton(tr("Start cluster"), ButtonKind::Primary, QStringLiteral("play"));
    m_d->go->setObjectName(QStringLiteral("go"));
    m_d->go->setMinimumWidth(scaled(140));
    m_d->go->setDefault(true);
    auto* row = new QHBoxLayout;
    row->addWidget(
        new TextLabel(tr("Nothing leaves this machine until you connect it."), TextRole::Small, TextTone::Secondary));
    row->addStretch();
    row->addWidget(m_d->go);
    connect(m_d->go, &QPushButton::clicked, this, &FirstRunPage::choose);
    return row;
}

void FirstRunPage::setWay(Way way)
{
    m_way = way;
    m_d->ways[static_cast<std::size_t>(way)]->setChecked(true);
    m_d->failure->hide();
    if (!m_d->start)
        m_d->forms->setCurrentIndex(static_cast<int>(way));
    updateButton();
}

void FirstRunPage::updateButton()
{
    const bool isConnect = m_way == Way::Connect;
    bool isReady = true;
    switch (m_way) {
    case Way::LocalCluster:
        m_d->go->setText(tr("Start cluster"));
        isReady = m_d->local->isComplete();
        break;
    case Way::Connect:
        m_d->go->setText(tr("Connect"));
        isReady = m_d->connection->isComplete();
        break;
    case Way::Demo:
        m_d->go->setText(tr("Open the demo"));
        break;
    }
    if (m_d->isBusy)
        m_d->go->setText(isConnect ? tr("Connecting") : tr("Starting"));
    m_d->go->setEnabled(isReady && !m_d->isBusy);
    for (ChoiceCard* card : m_d->ways)
        card->setEnabled(!m_d->isBusy);
    m_d->local->setEnabled(!m_d->isBusy);
    m_d->connection->setEnabled(!m_d->isBusy);
}

void FirstRunPage::choose()
{
    m_d->failure->hide();
    m_d->isBusy = true;
    updateButton();
    switch (m_way) {
    case Way::LocalCluster:
        Q_EMIT localClusterChosen(m_d->local->choice());
        return;
    case Way::Connect:
        Q_EMIT connectionChosen(m_d->connection->choice());
        return;
    case Way::Demo:
        Q_EMIT demoChosen(demoChoice());
        return;
    }
}

void FirstRunPage::followStart(ControlPlane& plane)
{
    const LocalClusterChoice choice = m_way == Way::Demo ? demoChoice() : m_d->local->choice();
    m_d->isBusy = true;
    m_d->start = std::make_unique<ClusterStart>(plane, m_d->services.testStreams, choice);
    connect(m_d->start.get(), &ClusterStart::stepsChanged, this, [this] { m_d->steps->setSteps(m_d->start->steps()); });
    connect(m_d->start.get(), &ClusterStart::finished, this, &FirstRunPage::finished);
    m_d->forms->setCurrentWidget(m_d->steps);
    updateButton();
    m_d->start->begin();
}

void FirstRunPage::showFailure(const Error& error)
{
    m_d->isBusy = false;
    m_d->start.reset();
    const format::ErrorWords words = format::error(error);
    const bool isRefused = error.code == ErrorCode::Unauthenticated;
    m_d->failure->setContent(Status::Critical, isRefused ? tr("The sign-in was refused") : words.title,
                             tr("%1 Nothing was changed.").arg(format::errorLine(error)));
    m_d->forms->setCurrentIndex(static_cast<int>(m_way));
    m_d->failure->show();
    updateButton();
}

void FirstRunPage::checkMachine()
{
    m_d->facts = examineMachine(m_d->services.localNetwork, m_d->services.media.ffmpegVersion);
    m_d->machine->setFacts(m_d->facts);
    const QPointer<FirstRunPage> self(this);
    m_d->services.secrets.probe([self](SecretStoreStatus status) {
        if (!self)
            return;
        self->m_d->facts.keychain = status;
        self->m_d->facts.isKeychainKnown = true;
        self->m_d->machine->setFacts(self->m_d->facts);
        self->m_d->connection->setKeychain(status);
    });
}

void FirstRunPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_d->brand->setFixedWidth(scaled(width() < scaled(narrowPage) ? narrowBrandWidth : brandWidth));
}

}  // namespace headgate
