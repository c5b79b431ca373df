#include "ui/pages/measurement_strip.h"

#include "ui/format.h"
#include "ui/models/node_image_rows.h"
#include "ui/widgets/labels.h"

#include <QHBoxLayout>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

MeasurementStrip::MeasurementStrip(Start start, QWidget* parent)
    : QFrame(parent),
      m_start(std::move(start)),
      m_headline(new TextLabel({}, TextRole::BodyStrong)),
      m_detail(new TextLabel({}, TextRole::Small, TextTone::Secondary)),
      m_progress(new QProgressBar),
      m_keep(makeButton({}, ButtonKind::Primary)),
      m_cancel(makeButton(tr("Cancel")))
{
    setProperty("card", true);
    m_detail->setWordWrap(true);
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(6);
    m_progress->setAccessibleName(tr("Time of the measurement that has passed"));
    m_keep->setObjectName(QStringLiteral("keepMeasurement"));
    m_cancel->setObjectName(QStringLiteral("cancelMeasurement"));
    auto* words = new QVBoxLayout;
    words->setSpacing(4);
    words->addWidget(m_headline);
    words->addWidget(m_progress);
    words->addWidget(m_detail);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 12, 16, 12);
    row->setSpacing(12);
    row->addLayout(words, 1);
    row->addWidget(m_keep);
    row->addWidget(m_cancel);
    hide();
    connect(m_cancel, &QPushButton::clicked, this, &MeasurementStrip::cancel);
    connect(m_keep, &QPushButton::clicked, this, [this] {
        if (m_found)
            Q_EMIT keepRequested(*m_found);
    });
}

void MeasurementStrip::begin()
{
    if (m_run)
        return;
    m_found.reset();
    m_run = m_start();
    connect(m_run.get(), &NodeMeasurement::progressed, this, &MeasurementStrip::showProgress);
    connect(m_run.get(), &NodeMeasurement::finished, this, &MeasurementStrip::showFound);
    connect(m_run.get(), &NodeMeasurement::failed, this, &MeasurementStrip::showFailure);
    m_headline->setText(tr("Measuring this machine"));
    m_detail->setText(tr("A node of its own starts, and viewers join it until its core is four fifths busy. It takes "
                         "half a minute and slows down what runs here."));
    m_progress->setValue(0);
    updateButtons();
    show();
    Q_EMIT stateChanged();
}

void MeasurementStrip::cancel()
{
    m_run.reset();
    m_found.reset();
    hide();
    Q_EMIT stateChanged();
}

void MeasurementStrip::setImage(const QString& name, const QString& whyNot)
{
    m_image = name;
    m_whyNot = whyNot;
    updateButtons();
}

void MeasurementStrip::showProgress(double share, int viewers)
{
    m_progress->setValue(static_cast<int>(share * 1000));
    m_headline->setText(tr("Measuring this machine with %n viewer(s)", nullptr, viewers));
}

void MeasurementStrip::showFound(const CapacityMeasurement& found, bool isLowerBound)
{
    m_run.release()->deleteLater();  // it is the sender
    m_found = found;
    const QString viewers = format::count(found.viewersPerCore);
    m_headline->setText(isLowerBound ? tr("One core carries at least %1 viewers").arg(viewers)
                                     : tr("One core carries %1 viewers").arg(viewers));
    QString detail = tr("At %1, merge window %2. %3.")
                         .arg(format::rate(found.streamBitsPerSecond).joined(),
                              rows::mergeWindowWords(found.mergeWindow), format::text(found.machine));
    if (isLowerBound)
        detail += tr(" The load or the time was the limit, not the node.");
    m_detail->setText(detail);
    updateButtons();
    Q_EMIT stateChanged();
}

void MeasurementStrip::showFailure(const Error& error)
{
    m_run.release()->deleteLater();
    m_headline->setText(tr("This machine could not be measured"));
    m_detail->setText(format::errorLine(error));
    updateButtons();
    Q_EMIT stateChanged();
}

void MeasurementStrip::updateButtons()
{
    m_progress->setVisible(isMeasuring());
    m_keep->setVisible(m_found.has_value());
    m_keep->setText(m_image.isEmpty() ? tr("Keep") : tr("Keep for %1").arg(m_image));
    m_keep->setEnabled(m_whyNot.isEmpty());
    m_keep->setToolTip(m_whyNot);
    m_cancel->setText(isMeasuring() ? tr("Cancel") : m_found ? tr("Discard") : tr("Close"));
}

}  // namespace headgate
