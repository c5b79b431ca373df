#include "core/plan/preview.h"

#include <algorithm>
#include <array>
#include <set>

namespace headgate {
namespace {

constexpr std::array<std::string_view, 8> codeWords = {"C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8"};

// The segments of one cell; one that is inactive all the time if the preview does not have the cell.
std::vector<Segment> segmentsOf(const Preview& preview, const PlanCell& cell)
{
    const auto index = std::ranges::find(preview.cells, cell) - preview.cells.begin();
    std::vector<Segment> segments;
    std::ranges::copy_if(preview.segments, std::back_inserter(segments),
                         [&](const Segment& segment) { return segment.cell == index; });
    if (segments.empty())
        segments.push_back({0, preview.from, preview.to, {}, {}, {}});
    return segments;
}

std::string nameOf(const Conflict& conflict, const Preview& preview, std::size_t which)
{
    const PlanSource& source = preview.sources[static_cast<std::size_t>(conflict.sources[which])];
    const std::string& name = source.name.empty() ? source.id : source.name;
    switch (source.kind) {
    case SourceKind::Schedule:
        return "the schedule \"" + name + "\"";
    case SourceKind::Overlay:
        return "the overlay \"" + name + "\"";
    case SourceKind::Limit:
        return "the limit \"" + name + "\"";
    case SourceKind::Configuration:
        return "the configuration \"" + name + "\"";
    case SourceKind::Outside:
        break;
    }
    return name;
}

std::string asSentence(std::string text)
{
    text.front() = text.front() == 't' ? 'T' : text.front();
    return text + ".";
}

}  // namespace

std::vector<PlanDifference> difference(const Preview& before, const Preview& after)
{
    std::set<PlanCell> cells(before.cells.begin(), before.cells.end());
    cells.insert(after.cells.begin(), after.cells.end());
    std::vector<PlanDifference> differences;
    for (const PlanCell& cell : cells) {
        const auto old = segmentsOf(before, cell), fresh = segmentsOf(after, cell);
        for (std::size_t i = 0, k = 0; i < old.size() && k < fresh.size();) {
            const Instant start = std::max(old[i].start, fresh[k].start), end = std::min(old[i].end, fresh[k].end);
            if (start < end && old[i].bounds != fresh[k].bounds)
                differences.push_back({cell, start, end, old[i].bounds, fresh[k].bounds});
            const bool isOldOver = old[i].end == end, isFreshOver = fresh[k].end == end;
            i += isOldOver ? 1 : 0;
            k += isFreshOver ? 1 : 0;
        }
    }
    return differences;
}

std::string_view toWord(ConflictCode code)
{
    return codeWords[static_cast<std::size_t>(code)];
}

std::string describe(const Conflict& conflict, const Preview& preview)
{
    const std::string first = nameOf(conflict, preview, 0);
    const std::string second = conflict.sources.size() > 1 ? nameOf(conflict, preview, 1) : std::string();
    switch (conflict.code) {
    case ConflictCode::ContradictoryReplace:
        if (preview.sources[static_cast<std::size_t>(conflict.sources[0])].kind == SourceKind::Configuration)
            return asSentence(first + " holds over " + second + ", which is open at the same time but began earlier");
        return asSentence(first + " and " + second + " set different bounds at one priority; the larger ones hold");
    case ConflictCode::FloorAboveCeiling:
        return asSentence(first + " wants more than " + second + " allows at one priority; the ceiling holds");
    case ConflictCode::NoEffect:
        return asSentence(first + " changes nothing in its whole interval");
    case ConflictCode::OnInactive:
        return asSentence(first + " adds nodes where nothing else is active");
    case ConflictCode::ShorterThanLead:
        return asSentence(first + " begins sooner, or is shorter, than nodes take to be ready");
    case ConflictCode::AboveLimit:
        if (preview.sources[static_cast<std::size_t>(conflict.sources[0])].kind == SourceKind::Limit)
            return asSentence(first + " cuts what is wanted");
        return asSentence(first + " asks for more nodes in one place than a plan counts, which is 10000 for expected "
                                  "viewers and 1000000 for a shift; it gets so many");
    case ConflictCode::EndsLiveStreams:
        return asSentence(first + " deactivates while streams are live; their nodes drain and are not cut");
    case ConflictCode::MovedByClocks:
        break;
    }
    return asSentence(first + " has a window that a change of the clocks moves or drops");
}

}  // namespace headgate
