#include "core/engine/plan_diary.h"

#include "core/engine/audit_text.h"
#include "core/engine/plan_book.h"

#include <algorithm>

namespace headgate::plan_diary {

namespace {

// Where an end that is not known yet stands.
bool isEndless(Instant t)
{
    return t == Instant::max();
}

// "12 min"
std::string lengthText(Duration length)
{
    using namespace std::chrono;
    if (length < minutes(1))
        return std::to_string(duration_cast<seconds>(length).count()) + " s";
    if (length < hours(1))
        return std::to_string(duration_cast<minutes>(length).count()) + " min";
    if (length < days(2))
        return std::to_string(duration_cast<hours>(length).count()) + " h";
    return std::to_string(duration_cast<days>(length).count()) + " days";
}

std::string objectOf(const PlanSource& source)
{
    const char* kind = source.kind == SourceKind::Schedule  ? "schedule/"
                       : source.kind == SourceKind::Overlay ? "overlay/"
                                                            : "configuration/";
    return kind + source.id;
}

std::string nameOf(const PlanSource& source)
{
    const char* kind = source.kind == SourceKind::Schedule  ? "Schedule "
                       : source.kind == SourceKind::Overlay ? "Overlay "
                                                            : "Configuration ";
    return kind + (source.name.empty() ? source.id : source.name);
}

AuditDraft edge(const char* verb, const char* word, const NodeGroupName& group, const PlanSource& source, Duration late)
{
    const std::string lateness = late > tolerated ? ", " + lengthText(late) + " late" : std::string();
    return {verb, objectOf(source), lateness.empty() ? Severity::Info : Severity::Warning,
            nameOf(source) + " " + word + " in node group " + group.value + lateness + "."};
}

AuditDraft windowMissed(const NodeGroupName& group, const PlanSource& source, const PlanSpan& span)
{
    return {"plan.miss", objectOf(source), Severity::Warning,
            nameOf(source) + " was missed in node group " + group.value + ": nothing followed the plan from " +
                toRfc3339(span.start) + " to " + toRfc3339(span.end) + "."};
}

AuditDraft windowsMissed(const NodeGroupName& group, std::size_t count)
{
    return {"plan.miss", "node-group/" + group.value, Severity::Warning,
            audit_text::counted(static_cast<int>(count), "older window") + " of the plan of node group " + group.value +
                (count == 1 ? " was" : " were") + " missed."};
}

AuditDraft itemLeftOut(const NodeGroupName& group, const UnfitItem& item)
{
    return {"plan.broken", "node-group/" + group.value, Severity::Warning,
            "Node group " + group.value + ": " + plan_book::sentenceOf(item)};
}

AuditDraft planMended(const NodeGroupName& group)
{
    return {"plan.mended", "node-group/" + group.value, Severity::Info,
            "The whole plan of node group " + group.value + " is followed again."};
}

// Compares the windows of one group's plan with what was told.
class GroupDiary
{
public:
    GroupDiary(StepWriter& writer, const NodeGroupName& group, const CapacityPlan& plan)
        : m_writer(writer), m_group(group), m_plan(plan), m_told(writer.model().planFollowedUntil.value_or(TimePoint()))
    {}

    // True if there was something to tell.
    bool tell()
    {
        const Instant until = std::chrono::floor<seconds>(m_writer.now());
        const Instant after = std::max(std::chrono::floor<seconds>(m_told), until - std::chrono::days(400));
        for (const PlanSpan& span : m_plan.spansAround(after, until))
            tell(span);
        tellMissed();
        return m_hasTold;
    }

private:
    bool isUntold(TimePoint t) const { return t > m_told && t <= m_writer.now(); }

    // An edge that was there before its item got its present form was another one's, or nobody's. But a window that is
    // open when its item is made begins then.
    void tell(const PlanSpan& span)
    {
        const PlanSource& source = m_plan.sources()[static_cast<std::size_t>(span.source)];
        const StoredPlanItem* item = itemOf(source);
        if (!item)
            return;
        const bool isNew = item->createdAt == item->updatedAt;
        const bool wasOpen =
            isNew && span.start < item->createdAt && (isEndless(span.end) || span.end > item->createdAt);
        const TimePoint start = wasOpen ? item->createdAt : TimePoint(span.start);
        const bool hasStarted = isUntold(start) && start >= item->updatedAt;
        const bool hasEnded = !isEndless(span.end) && isUntold(span.end) && span.end >= item->updatedAt;
        if (hasStarted && hasEnded)
            m_missed.push_back(span);
        else if (hasStarted)
            write(edge("plan.start", "started", m_group, source, m_writer.now() - start));
        else if (hasEnded)
            write(edge("plan.end", "ended", m_group, source, m_writer.now() - span.end));
    }

    const StoredPlanItem* itemOf(const PlanSource& source) const
    {
        const PlanItemKind kind = source.kind == SourceKind::Schedule  ? PlanItemKind::Schedule
                                  : source.kind == SourceKind::Overlay ? PlanItemKind::Overlay
                                                                       : PlanItemKind::Configuration;
        const auto& items = m_writer.model().planItems;
        const auto it = items.find({kind, source.id});
        return it != items.end() ? &it->second : nullptr;
    }

    void tellMissed()
    {
        const std::size_t older = m_missed.size() - std::min(m_missed.size(), mostMissedAtOnce);
        if (older > 0)
            write(windowsMissed(m_group, older));
        for (std::size_t i = older; i < m_missed.size(); ++i) {
            const PlanSpan& span = m_missed[i];
            write(windowMissed(m_group, m_plan.sources()[static_cast<std::size_t>(span.source)], span));
        }
    }

    void write(AuditDraft draft)
    {
        m_hasTold = true;
        m_writer.audit(std::move(draft));
    }

    StepWriter& m_writer;
    const NodeGroupName& m_group;
    const CapacityPlan& m_plan;
    TimePoint m_told;
    std::vector<PlanSpan> m_missed;
    bool m_hasTold = false;
};

void tellUnfit(StepWriter& writer, const NodeGroupName& group, PlanPage& page)
{
    const std::vector<UnfitItem>& unfit = page.followed.unfit;
    if (unfit == page.toldUnfit)
        return;
    for (const UnfitItem& item : unfit) {
        if (std::ranges::count(page.toldUnfit, item) == 0)
            writer.audit(itemLeftOut(group, item));
    }
    if (unfit.empty())
        writer.audit(planMended(group));
    page.toldUnfit = unfit;
}

}  // namespace

void advance(StepWriter& writer)
{
    EngineModel& model = writer.model();
    const TimePoint now = writer.now();
    bool hasTold = false;
    for (auto& [name, page] : model.planBook) {
        tellUnfit(writer, name, page);
        if (page.areEdgesKnown && (!page.nextEdge || now < *page.nextEdge))
            continue;
        const CapacityPlan& plan = *page.followed.plan;
        hasTold = GroupDiary(writer, name, plan).tell() || hasTold;
        const TimePoint told = std::max(now, model.planFollowedUntil.value_or(now));
        page.nextEdge = plan.nextEdgeAfter(std::chrono::floor<seconds>(told));
        page.areEdgesKnown = true;
    }
    if (hasTold)
        writer.followPlan(now);
}

}  // namespace headgate::plan_diary
