#include "core/plan/plan_merge.h"
#include "core/wire/plan_import.h"
#include "ui/format.h"
#include "ui/pages/import_panel.h"
#include "ui/pages/plan_editor.h"
#include "ui/pages/timeline_page.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"

#include <QBuffer>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMenu>
#include <QPainter>
#include <QPdfWriter>
#include <QPushButton>
#include <QSaveFile>
#include <QTimeZone>

#include <algorithm>

// The plan as files, and files as plans.
namespace headgate {

namespace {

constexpr int pictureWidth = 1600;
constexpr int mostPictureHeight = 16'000;
constexpr double pictureScale = 2;
constexpr double pdfMargin = 10;  // mm

}  // namespace

void TimelinePage::buildFilesMenu()
{
    auto* files = makeButton(tr("Export..."), ButtonKind::Normal, QStringLiteral("download"));
    files->setObjectName(QStringLiteral("export"));
    auto* menu = new QMenu(files);
    const auto add = [&](const QString& text, const QString& suffix, PlanFormat format) {
        menu->addAction(text, this,
                        [this, suffix, format] { save(suffix, [this, format] { return exported(format); }); });
    };
    add(tr("Headgate (JSON)"), QStringLiteral("json"), PlanFormat::Native);
    add(tr("Stream Manager 2.0 (JSON)"), QStringLiteral("json"), PlanFormat::StreamManager);
    add(tr("Calendar (iCalendar)"), QStringLiteral("ics"), PlanFormat::Calendar);
    add(tr("Windows as table (CSV)"), QStringLiteral("csv"), PlanFormat::Csv);
    menu->addSeparator();
    menu->addAction(tr("Picture (PNG)"), this, [this] {
        save(QStringLiteral("png"), [this]() -> Result<QByteArray> {
            QByteArray bytes;
            QBuffer buffer(&bytes);
            buffer.open(QIODevice::WriteOnly);
            picture().save(&buffer, "PNG");
            return bytes;
        });
    });
    menu->addAction(tr("Picture (PDF)"), this,
                    [this] { save(QStringLiteral("pdf"), [this]() -> Result<QByteArray> { return pdf(); }); });
    files->setMenu(menu);
    m_import = makeButton(tr("Import..."), ButtonKind::Normal, QStringLiteral("import"));
    m_import->setObjectName(QStringLiteral("import"));
    actions()->addWidget(files);
    actions()->addWidget(m_import);
    needsData(files);
    needsFreshData(m_import, Ability::WriteOverlays);
    connect(m_import, &QPushButton::clicked, this, &TimelinePage::openImport);
}

Result<QByteArray> TimelinePage::exported(PlanFormat format) const
{
    const SnapshotPtr snapshot = present();
    if (!m_plan || !snapshot)
        return fail(ErrorCode::Unavailable, "The plan has not come yet.", "Try again in a moment.");
    const TimeAxis& axis = m_view->axis();
    const auto file = exportPlan(toDocument(*m_plan, *snapshot), format,
                                 {m_zones, instantOf(snapshot->takenAt), axis.from(), axis.to()});
    if (!file)
        return tl::unexpected(file.error());
    if (!file->notes.empty() && m_context.toast)
        m_context.toast({format::text(file->notes.front()), {}});
    return QByteArray::fromStdString(file->text);
}

QImage TimelinePage::picture() const
{
    const QSize size(scaled(pictureWidth), std::min(m_view->wholeHeight(), mostPictureHeight));
    QImage image(size * pictureScale, QImage::Format_RGB32);
    image.setDevicePixelRatio(pictureScale);
    image.fill(lightTokens().surface);
    QPainter painter(&image);
    m_view->paintWhole(painter, lightTokens(), size);
    return image;
}

// One page as high as the rows need, as wide as A4 lies.
QByteArray TimelinePage::pdf() const
{
    const QSize size(scaled(pictureWidth), std::min(m_view->wholeHeight(), mostPictureHeight));
    const double width = 297;
    const double height = (width - 2 * pdfMargin) * size.height() / size.width() + 2 * pdfMargin;
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    writer.setTitle(identity().title);
    writer.setCreator(QStringLiteral("Headgate"));
    writer.setPageSize(QPageSize(QSizeF(width, height), QPageSize::Millimeter));
    writer.setPageMargins(QMarginsF(pdfMargin, pdfMargin, pdfMargin, pdfMargin), QPageLayout::Millimeter);
    QPainter painter(&writer);
    const double scale = static_cast<double>(writer.width()) / size.width();
    painter.scale(scale, scale);
    m_view->paintWhole(painter, lightTokens(), size);
    painter.end();
    return bytes;
}

void TimelinePage::save(const QString& suffix, const std::function<Result<QByteArray>()>& make)
{
    const QString wish = QStringLiteral("plan.") + suffix;
    const QString path =
        QFileDialog::getSaveFileName(this, tr("Export the plan"), wish, QStringLiteral("*.%1").arg(suffix));
    if (path.isEmpty())
        return;
    const Result<QByteArray> bytes = make();
    if (!bytes) {
        report(format::errorLine(bytes.error()));
        return;
    }
    QSaveFile file(path);
    const bool isSaved = file.open(QIODevice::WriteOnly) && file.write(*bytes) == bytes->size() && file.commit();
    report(isSaved ? tr("Written to %1").arg(path) : tr("%1 could not be written: %2").arg(path, file.errorString()));
}

void TimelinePage::openImport()
{
    const QString path =
        QFileDialog::getOpenFileName(this, tr("Import a plan"), {}, tr("Plans (*.json *.ics);;All files (*)"));
    if (path.isEmpty())
        return;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        report(tr("%1 could not be read: %2").arg(path, file.errorString()));
        return;
    }
    importText(file.read(static_cast<qint64>(tooLargePlan) + 1), QFileInfo(path).fileName());
}

void TimelinePage::importText(const QByteArray& text, const QString& fileName)
{
    const SnapshotPtr snapshot = present();
    if (!m_plan || !snapshot)
        return;
    if (m_editor->isEditing() && m_editor->isChanged()) {
        report(tr("Apply or discard the draft first; nothing was changed."));
        return;
    }
    closeEditor();
    ImportOptions options;
    options.zones = m_zones;
    options.ianaNameOf = [](const std::string& windowsName) {
        return QTimeZone::windowsIdToDefaultIanaId(QByteArray::fromStdString(windowsName)).toStdString();
    };
    options.calendarGroup = rowForNew().nodeGroup;
    options.present = toDocument(*m_plan, *snapshot);
    auto document = planDocumentFromText(text.toStdString(), options);
    showSide(Side::Import);
    if (!document) {
        m_importPanel->showUnreadable(fileName, document.error());
        return;
    }
    m_importPanel->showDocument(fileName, *document, options.present);
    submit(ImportPlan{std::move(*document)}, Execution::DryRun,
           [this](const Result<CommandOutcome>& outcome) { m_importPanel->showOutcome(outcome); });
}

void TimelinePage::applyImport()
{
    if (!m_importPanel->document() || !whyReadOnly().isEmpty() || m_changes.isBusy())
        return;
    m_done = tr("Imported. %1").arg(m_importPanel->summary());
    m_changes.import(m_importPanel->fileName(), *m_importPanel->document(), {m_plan, present()});
}

}  // namespace headgate
