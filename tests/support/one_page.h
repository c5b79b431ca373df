#pragma once

#include "tests/support/page_stage.h"
#include "ui/dialogs/typed_confirmation.h"
#include "ui/pages/table_pane.h"

#include <QPushButton>
#include <QTest>

#include <concepts>
#include <memory>
#include <utility>
#include <vector>

namespace headgate::test {

// One page on a stage, shown with the sample cluster. A test opens it in init() and closes it in cleanup().
template <typename PageType>
class OnePage
{
protected:
    void open(QSize size, SnapshotPtr snapshot)
    {
        m_stage = std::make_unique<PageStage>();
        if constexpr (std::constructible_from<PageType, PageContext&, TestStreams&>)
            m_page = std::make_unique<PageType>(m_stage->context, m_stage->testStreams);
        else
            m_page = std::make_unique<PageType>(m_stage->context);
        m_page->resize(size);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        m_stage->put(*m_page, std::move(snapshot));
    }
    void open(QSize size) { open(size, sampleCluster().build()); }
    void close()
    {
        m_page.reset();
        m_stage.reset();
    }

    QPushButton* button(const char* name) const { return m_page->template findChild<QPushButton*>(name); }
    void click(const char* name) const { QTest::mouseClick(button(name), Qt::LeftButton); }

    const std::vector<TableRow>& rows() const { return model().rows(); }
    const TableRow& row(const QString& key) const { return rows()[static_cast<std::size_t>(model().rowOf(key))]; }

    const CommandRequest& sent() const { return m_stage->plane.requests.back(); }
    template <typename CommandType>
    const CommandType* sentAs() const
    {
        return m_stage->plane.requests.empty() ? nullptr : std::get_if<CommandType>(&sent().command);
    }

    // The question that is open, if one is; the newest of several that were asked.
    TypedConfirmation* question() const
    {
        const QList<TypedConfirmation*> all = m_page->template findChildren<TypedConfirmation*>();
        for (auto each = all.rbegin(); each != all.rend(); ++each)
            if ((*each)->isVisible())
                return *each;
        return nullptr;
    }
    void confirm() const { QTest::mouseClick(question()->template findChild<QPushButton*>("act"), Qt::LeftButton); }

    std::unique_ptr<PageStage> m_stage;
    std::unique_ptr<PageType> m_page;

private:
    const SnapshotTableModel& model() const { return m_page->template findChild<TablePane*>()->model(); }
};

}  // namespace headgate::test
