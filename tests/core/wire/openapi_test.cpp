#include "core/wire/access_table.h"
#include "core/wire/json_writer.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_fields.h"
#include "core/wire/native_list.h"
#include "core/wire/native_routes.h"
#include "core/wire/plan_codec.h"
#include "tests/support/random_domain.h"

#include <QFile>
#include <QtTest/QTest>

#include <cctype>
#include <map>
#include <set>
#include <string>

using namespace headgate;

namespace {

using Names = std::set<std::string>;

// The outline of the document: every key in block style with the path of keys above it.
class Outline
{
public:
    explicit Outline(const QByteArray& text)
    {
        std::vector<std::pair<int, std::string>> above;
        for (const QByteArray& line : text.split('\n')) {
            const QByteArray content = line.trimmed();
            const auto indent = static_cast<int>(line.indexOf(content));
            const auto colon = content.startsWith('\'') ? content.indexOf("':") + 1 : keyEnd(content);
            if (content.isEmpty() || content.startsWith("- ") || colon <= 0)
                continue;
            while (!above.empty() && above.back().first >= indent)
                above.pop_back();
            std::string path;
            for (const auto& [depth, key] : above)
                path += key + "|";
            const std::string key = content.left(colon).replace("'", "").toStdString();
            m_children[path].insert(key);
            above.emplace_back(indent, key);
        }
    }

    Names below(const std::string& path) const
    {
        const auto found = m_children.find(path);
        return found == m_children.end() ? Names() : found->second;
    }

private:
    static qsizetype keyEnd(const QByteArray& content)
    {
        const auto colon = content.indexOf(':');
        const bool isKey = colon > 0 && (colon + 1 == content.size() || content[colon + 1] == ' ') &&
                           !content.left(colon).contains(' ');
        return isKey ? colon : -1;
    }

    std::map<std::string, Names> m_children;
};

Names keysOf(const native::Json& object)
{
    Names names;
    for (const auto& member : object.items())
        names.insert(member.key());
    return names;
}

template <typename T>
Names membersOf(const T& value)
{
    return keysOf(native::Encode::value(value));
}

std::string listed(const Names& names)
{
    std::string text;
    for (const std::string& name : names)
        text += name + " ";
    return text;
}

}  // namespace

// The document that is served must say what the code does.
class OpenApiTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QFile file(qEnvironmentVariable("HEADGATE_SOURCE_DIR", ".") + "/resources/openapi.yaml");
        QVERIFY(file.open(QIODevice::ReadOnly));
        m_text = file.readAll();
        m_outline = std::make_unique<Outline>(m_text);
    }

    void everyNativeRouteIsDescribed()
    {
        Names described;
        for (const std::string& path : m_outline->below("paths|")) {
            for (const std::string& method : m_outline->below("paths|" + path + "|")) {
                if (path.starts_with("/api/v1/"))
                    described.insert(method + " " + path);
            }
        }
        Names wanted;
        for (const native::RouteRow& row : native::routeTable()) {
            std::string method(native::toWord(row.method));
            std::ranges::transform(method, method.begin(),
                                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            wanted.insert(method + " " + std::string(row.path));
            const std::string operation = "paths|" + std::string(row.path) + "|" + method + "|";
            QVERIFY2(m_outline->below(operation + "responses|").contains(std::to_string(row.successStatus)),
                     operation.c_str());
            QVERIFY2(m_outline->below(operation).contains("security") ==
                         (accessRule(row.route, row.kind).permission == Permission::Open),
                     operation.c_str());
        }
        QCOMPARE(listed(described), listed(wanted));
    }

    void listsTakeWhatIsDescribed()
    {
        int lists = 0;
        for (const native::RouteRow& row : native::routeTable()) {
            using enum native::Route;
            const std::set<native::Route> all{ListNodes,   ListStreams,     ListNodeGroups, ListNodeImages,
                                              ListRegions, ListDeployments, ListPlanItems,  ListUsers};
            if (!all.contains(row.route))
                continue;
            std::string filters;
            std::string up;
            std::string down;
            for (const native::ListField& field : native::shapeOf(row.route, row.kind).fields) {
                const std::string name(field.name);
                filters += (filters.empty() ? "" : ", ") + name + ": { type: string }";
                up += name + ", ";
                down += (down.empty() ? "-" : ", -") + name;
            }
            const auto path =
                m_text.indexOf(QByteArray("  " + QByteArray::fromStdString(std::string(row.path)) + ":\n"));
            const QByteArray operation = m_text.mid(path, m_text.indexOf("responses:", path) - path);
            QVERIFY2(operation.contains(("properties: { " + filters + " }").c_str()), operation.constData());
            QVERIFY2(operation.contains(("enum: [" + up + down + "]").c_str()), operation.constData());
            ++lists;
        }
        QCOMPARE(lists, 12);
    }

    void theLimitsOfBodiesAreStated()
    {
        for (const std::string& path : m_outline->below("paths|")) {
            for (const std::string& method : m_outline->below("paths|" + path + "|")) {
                const Names members = m_outline->below("paths|" + path + "|" + method + "|");
                const Names answers = m_outline->below("paths|" + path + "|" + method + "|responses|");
                QVERIFY2(members.contains("requestBody") == answers.contains("413"), (method + " " + path).c_str());
            }
        }
        for (const native::RouteRow& row : native::routeTable()) {
            std::string method(native::toWord(row.method));
            std::ranges::transform(method, method.begin(),
                                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            const Names members = m_outline->below("paths|" + std::string(row.path) + "|" + method + "|");
            QVERIFY2(members.contains("x-most-body-bytes") == (native::mostBodyBytes(row.route) > (1 << 20)),
                     std::string(row.path).c_str());
        }
    }

    void everyNativeDocumentHasExactlyTheMembersDescribed()
    {
        testing::RandomDomain domain(5);
        NodeImage image = domain.image();
        image.extensions = "{\"a\":1}";
        Role role = domain.role();
        role.extensions = image.extensions;
        ScaleRule rule = domain.rule();
        rule.extensions = image.extensions;
        Subgroup subgroup = domain.subgroup(0);
        subgroup.extensions = image.extensions;
        NodeGroup group = domain.nodeGroup();
        group.extensions = image.extensions;
        matches("NodeImage", membersOf(image));
        matches("Role", membersOf(role));
        matches("ScaleRule", membersOf(rule));
        matches("Subgroup", membersOf(subgroup));
        matches("NodeGroup", membersOf(group));
        matches("PoolKey", membersOf(PoolKey()));
        matches("PoolStatus", membersOf(PoolStatus()));
        matches("NodeGroupStatus", membersOf(NodeGroupStatus()));
        matches("NodeEndpoints", membersOf(NodeEndpoints()));
        matches("NodeLoad", membersOf(NodeLoad()));
        matches("Node", membersOf(Node()));
        matches("NodeStatus", membersOf(NodeStatus()));
        matches("NodeLimits", membersOf(NodeLimits()));
        matches("MediaSettings", membersOf(MediaSettings()));
        matches("AccessSettings", membersOf(AccessSettings()));
        matches("Recording", membersOf(Recording()));
        matches("RoundTripSettings", membersOf(RoundTripSettings()));
        matches("JwtSettings", membersOf(JwtSettings()));
        matches("WebhookSettings", membersOf(WebhookSettings()));
        matches("CapacityMeasurement", membersOf(CapacityMeasurement()));
        matches("NodeImageRecord", membersOf(NodeImageRecord()));
        matches("NodeImageUse", membersOf(NodeImageUse()));
        matches("NodeImageStatus", membersOf(NodeImageStatus()));
        matches("StreamReport", membersOf(StreamReport()));
        matches("StreamHop", membersOf(StreamHop()));
        matches("StreamStatus", membersOf(StreamStatus()));
        matches("StreamTrack", membersOf(StreamTrack()));
        matches("StreamTiming", membersOf(StreamTiming()));
        matches("StreamViewer", membersOf(StreamViewer()));
        matches("StreamDetails", membersOf(StreamDetails()));
        matches("RouteTarget", membersOf(RouteTarget()));
        matches("AuditRecord", membersOf(AuditRecord()));
        matches("FieldChange", membersOf(FieldChange()));
        matches("CommandOutcome", membersOf(CommandOutcome()));
        matches("MetricKey", membersOf(MetricKey()));
        matches("MetricSample", membersOf(MetricSample()));
        matches("MetricSeries", membersOf(MetricSeries()));
        matches("ClusterTotals", membersOf(ClusterTotals()));
        matches("Snapshot", membersOf(Snapshot()));
        matches("PlanWindow", membersOf(PlanWindow()));
        matches("PlanChange", membersOf(PlanChange()));
        matches("PlanFinding", membersOf(PlanFinding()));
        matches("PlanOutcome", membersOf(PlanOutcome()));
        matches("Region", membersOf(Region()));
        matches("RegionStatus", membersOf(RegionStatus()));
        matches("RegionDemand", membersOf(RegionDemand()));
        matches("PriceBook", membersOf(PriceBook()));
        matches("Deployment", membersOf(Deployment()));
        matches("DeploymentStatus", membersOf(DeploymentStatus()));
        matches("StoredPlan", keysOf(native::toJson(StoredPlan())));
        matches("StoredPlanItem", keysOf(native::toJson(StoredPlanItem())));
    }

    void aChangeAndAProblemHaveTheMembersDescribed()
    {
        matches("SnapshotChange", keysOf(native::changeBetween(Snapshot(), Snapshot())));
        const Error error{ErrorCode::Conflict, "What.", "Next.", "/a"};
        matches("Problem", keysOf(native::problem(error, 409, RequestId("r"))));
    }

private:
    void matches(const std::string& schema, const Names& members)
    {
        const std::string described = listed(m_outline->below("components|schemas|" + schema + "|properties|"));
        QVERIFY2(described == listed(members), (schema + ": " + described + "/ " + listed(members)).c_str());
    }

    QByteArray m_text;
    std::unique_ptr<Outline> m_outline;
};

QTEST_GUILESS_MAIN(OpenApiTest)
#include "openapi_test.moc"
