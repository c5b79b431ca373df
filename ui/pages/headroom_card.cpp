#include "ui/pages/headroom_card.h"

#include "ui/format.h"
#include "ui/frame/page.h"
#include "ui/models/places.h"
#include "ui/shell/stale.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/status_glyph.h"

#include <QPainter>
#include <QPushButton>
#include <QStringList>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr int rowPx = 26;
constexpr int glyphPx = 14;
constexpr int barPx = 96;
constexpr int figurePx = 116;
constexpr std::size_t mostRows = 6;

QString nameOf(const LossCase& loss)
{
    switch (loss.what) {
    case LossCase::What::OneEdge:
        return LossList::tr("Any 1 edge");
    case LossCase::What::OneOrigin:
        return LossList::tr("Any 1 origin");
    case LossCase::What::Region:
        return LossList::tr("Region %1").arg(regionName(loss.region));
    }
    return {};
}

Status statusOf(const LossCase& loss)
{
    return loss.effect == LossEffect::Cuts ? Status::Critical : Status::Ok;
}

QString effectOf(const LossCase& loss)
{
    const int sessions = loss.viewers + loss.publishers;
    switch (loss.effect) {
    case LossEffect::Nothing:
        return LossList::tr("nobody moves");
    case LossEffect::Moves:
        return LossList::tr("%1 move").arg(format::count(sessions));
    case LossEffect::Cuts:
        return sessions > 0 ? LossList::tr("%1 cut off").arg(format::count(sessions)) : LossList::tr("no node left");
    }
    return {};
}

const LossCase* firstCut(const std::vector<LossCase>& losses, LossCase::What what)
{
    const auto found = std::find_if(losses.begin(), losses.end(), [what](const LossCase& loss) {
        return loss.what == what && loss.effect == LossEffect::Cuts;
    });
    return found == losses.end() ? nullptr : &*found;
}

QString cutDetail(const LossCase& loss)
{
    const QString viewers = HeadroomCard::tr("%n viewer(s)", nullptr, loss.viewers);
    const QString publishers = HeadroomCard::tr("%n publisher(s)", nullptr, loss.publishers);
    if (loss.viewers > 0 && loss.publishers > 0)
        return HeadroomCard::tr("Losing it leaves %1 and %2 without a node").arg(viewers, publishers);
    if (loss.viewers + loss.publishers > 0)
        return HeadroomCard::tr("Losing it leaves %1 without a node").arg(loss.viewers > 0 ? viewers : publishers);
    return HeadroomCard::tr("Nobody is on it now; until its replacement is ready nobody can join");
}

}  // namespace

LossList::LossList(QWidget* parent) : QWidget(parent)
{
    setAccessibleName(tr("Losses"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void LossList::setLosses(std::vector<LossCase> losses, int sessions)
{
    if (losses.size() > mostRows)
        losses.resize(mostRows);
    if (losses == m_losses && sessions == m_sessions)
        return;
    const bool resized = losses.size() != m_losses.size();
    m_losses = std::move(losses);
    m_sessions = sessions;
    QStringList lines;
    for (const LossCase& loss : m_losses)
        lines << QStringLiteral("%1: %2").arg(nameOf(loss), effectOf(loss));
    setAccessibleDescription(lines.join(QStringLiteral("; ")));
    if (resized)
        updateGeometry();
    update();
}

QSize LossList::sizeHint() const
{
    return {scaled(320), scaled(rowPx) * static_cast<int>(m_losses.size())};
}

QSize LossList::minimumSizeHint() const
{
    return {scaled(220), sizeHint().height()};
}

void LossList::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& tokens = tokensOf(this);
    const bool isStale = showsStale(this);
    const int height = scaled(rowPx);
    const int figureLeft = width() - scaled(figurePx);
    const int barLeft = figureLeft - scaled(barPx);
    int top = 0;
    for (const LossCase& loss : m_losses) {
        const bool cuts = loss.effect == LossEffect::Cuts;
        const Status status = isStale ? Status::Off : statusOf(loss);
        paintGlyph(painter, QRectF(0, top + (height - glyphPx) / 2.0, glyphPx, glyphPx), status, tokens);
        painter.setFont(textFont(TextRole::SmallStrong));
        painter.setPen(isStale ? tokens.text2 : tokens.text1);
        const QRectF nameBox(glyphPx + 8, top, barLeft - glyphPx - 16, height);
        painter.drawText(
            nameBox, Qt::AlignLeft | Qt::AlignVCenter,
            painter.fontMetrics().elidedText(nameOf(loss), Qt::ElideRight, static_cast<int>(nameBox.width())));
        const QRectF track(barLeft, top + height / 2.0 - 3, scaled(barPx) - 12, 6);
        painter.setPen(Qt::NoPen);
        painter.setBrush(tokens.sunken);
        painter.drawRoundedRect(track, 3, 3);
        const double share = m_sessions > 0 ? std::min(1.0, double(loss.viewers + loss.publishers) / m_sessions) : 0.0;
        if (share > 0) {
            painter.setBrush(cuts && !isStale ? tokens.critical.text : tokens.bar);
            painter.drawRoundedRect(QRectF(track.left(), track.top(), std::max(6.0, track.width() * share), 6), 3, 3);
        }
        painter.setFont(textFont(TextRole::Small));
        painter.setPen(cuts && !isStale ? tokens.critical.text : tokens.text2);
        drawFigures(painter, QRectF(figureLeft, top, scaled(figurePx), height), Qt::AlignRight | Qt::AlignVCenter,
                    effectOf(loss));
        top += height;
    }
}

HeadroomVerdict headroomVerdict(const std::vector<LossCase>& losses)
{
    if (losses.empty())
        return {Status::Off, HeadroomCard::tr("No node is ready"),
                HeadroomCard::tr("There is nothing to lose and nothing to serve with")};
    const LossCase* edge = firstCut(losses, LossCase::What::OneEdge);
    const LossCase* origin = firstCut(losses, LossCase::What::OneOrigin);
    const LossCase* region = firstCut(losses, LossCase::What::Region);
    if (edge && origin)
        return {Status::Warning, HeadroomCard::tr("Does not survive the loss of a node"), cutDetail(*edge)};
    if (edge)
        return {Status::Warning, HeadroomCard::tr("Survives 1 origin, not 1 edge"), cutDetail(*edge)};
    if (origin)
        return {Status::Warning, HeadroomCard::tr("Survives 1 edge, not its origin"), cutDetail(*origin)};
    if (region)
        return {Status::Warning, HeadroomCard::tr("Survives 1 node, not region %1").arg(regionName(region->region)),
                cutDetail(*region)};
    return {Status::Ok, HeadroomCard::tr("Survives 1 node or 1 region"),
            HeadroomCard::tr("Others of the same group take over")};
}

QString seatsText(const Seats& seats)
{
    if (seats.nodes == 0)
        return HeadroomCard::tr("No seats: no node that takes viewers is ready");
    const QString source = seats.measured == seats.nodes ? HeadroomCard::tr("as measured")
                           : seats.measured == 0         ? HeadroomCard::tr("not measured: 2,000 a node are assumed")
                                                         : HeadroomCard::tr("%1 of %2 nodes measured")
                                                       .arg(format::count(seats.measured), format::count(seats.nodes));
    return HeadroomCard::tr("%1 of %2 seats taken, %3")
        .arg(format::count(seats.taken), format::count(seats.all), source);
}

HeadroomCard::HeadroomCard(QWidget* parent)
    : Card(tr("Headroom"), parent),
      m_verdict(new Notice),
      m_list(new LossList),
      m_seats(new TextLabel({}, TextRole::Small, TextTone::Secondary))
{
    m_seats->setWordWrap(true);
    body()->addWidget(m_verdict);
    body()->addSpacing(4);
    body()->addWidget(m_list);
    body()->addSpacing(4);
    body()->addWidget(m_seats);
    auto* whatIf = makeLink(tr("What if one is lost?"));
    whatIf->setObjectName(QStringLiteral("whatIf"));
    whatIf->setAccessibleName(tr("Simulate what happens if a node is lost"));
    body()->addWidget(whatIf, 0, Qt::AlignLeft);
    body()->addStretch();
    connect(whatIf, &QPushButton::clicked, this, &HeadroomCard::whatIfRequested);
}

void HeadroomCard::setSnapshot(const Snapshot& snapshot)
{
    const std::vector<LossCase> losses = lossCases(snapshot);
    const HeadroomVerdict verdict = headroomVerdict(losses);
    m_verdict->setContent(verdict.status, verdict.headline, verdict.detail);
    m_list->setLosses(losses, snapshot.totals.viewers + snapshot.totals.publishers);
    m_seats->setText(seatsText(seatsOf(snapshot)));
    int ready = 0;
    for (const NodeGroupStatus& group : snapshot.nodeGroups)
        for (const PoolStatus& pool : group.pools)
            ready += pool.ready;
    setNote(tr("if lost now, %n ready node(s)", nullptr, ready));
}

}  // namespace headgate
