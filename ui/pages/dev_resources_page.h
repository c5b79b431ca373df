#pragma once

#include "ui/frame/page.h"
#include "ui/models/node_wish.h"
#include "ui/models/snippets.h"

#include <optional>
#include <vector>

class QComboBox;
class QPushButton;
class QTabBar;
class QVBoxLayout;

namespace headgate {

class Card;
class CodeBlock;
class CopyButton;
class Notice;
class Segmented;
class TestStreams;
class TextLabel;

// How do I connect to this?
class DevResourcesPage : public Page
{
    Q_OBJECT

public:
    DevResourcesPage(PageContext& context, TestStreams& testStreams, QWidget* parent = nullptr);

    void focusFilter() override;
    void reveal(const QString& key) override;  // rows::streamRowKey of a live stream: how to watch it

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;

private:
    struct AddressRow
    {
        QWidget* widget = nullptr;
        TextLabel* protocol = nullptr;
        TextLabel* url = nullptr;
        CopyButton* copy = nullptr;
    };

    QWidget* buildChoices();
    QWidget* buildAnswer();
    void offerStreams(const Snapshot& snapshot);
    void offerGroups(const Snapshot& snapshot);
    void offerWishes(const Snapshot& snapshot);
    void offerTools();
    void followStream();
    void answer();
    void showAddresses(const snippets::Target& target, const NodeStatus& node);
    void showSnippets();
    void showProblem(Status status, const QString& headline, const QString& text);
    void showLiveness(const Snapshot& snapshot, const StreamKey& stream);
    RoutePurpose purpose() const;
    NodeGroupName group() const;
    NodeWish wish() const;

    PageContext& m_context;
    TestStreams& m_testStreams;
    bool m_hasChosen = false;  // the first stream was put in, or one was asked for
    std::vector<NodeWishChoice> m_wishes;
    NodeId m_node;
    std::optional<snippets::Target> m_target;
    Segmented* m_purpose = nullptr;
    QComboBox* m_stream = nullptr;
    QComboBox* m_group = nullptr;
    QComboBox* m_wish = nullptr;
    Notice* m_notice = nullptr;
    QWidget* m_answer = nullptr;
    Card* m_addresses = nullptr;
    QPushButton* m_openTestPage = nullptr;
    std::vector<AddressRow> m_addressRows;
    QTabBar* m_tools = nullptr;
    QVBoxLayout* m_snippets = nullptr;
    std::vector<CodeBlock*> m_blocks;
    TextLabel* m_noApi = nullptr;
};

}  // namespace headgate
