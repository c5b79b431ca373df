#include "core/wire/plan_effects.h"

namespace headgate {
namespace {

std::string boundsText(std::optional<int> min, std::optional<int> max)
{
    return (min ? ", min " + std::to_string(*min) : "") + (max ? ", max " + std::to_string(*max) : "");
}

std::string signedText(int number)
{
    return (number > 0 ? "+" : "") + std::to_string(number);
}

struct EffectText
{
    std::string operator()(const ActiveEffect& active) const { return "active" + boundsText(active.min, active.max); }
    std::string operator()(const InactiveEffect&) const { return "inactive"; }
    std::string operator()(const ExpectedEffect& expected) const
    {
        return "expect " + std::to_string(expected.viewers) + " viewers";
    }
    std::string operator()(const ReplaceBounds& bounds) const { return "replace" + boundsText(bounds.min, bounds.max); }
    std::string operator()(const Activate& active) const { return "activate" + boundsText(active.min, active.max); }
    std::string operator()(const ShiftBounds& shift) const
    {
        std::string text = "shift";
        if (shift.nodes != 0)
            text += " " + signedText(shift.nodes) + " nodes";
        return shift.percent == 0 ? text : text + " " + signedText(shift.percent) + " %";
    }
    std::string operator()(const FloorBounds& floor) const { return "floor " + std::to_string(floor.nodes); }
    std::string operator()(const CeilBounds& ceil) const { return "ceiling " + std::to_string(ceil.nodes); }
    std::string operator()(const Deactivate& off) const { return off.isHard ? "deactivate at once" : "deactivate"; }
};

}  // namespace

std::string effectText(const ScheduleEffect& effect)
{
    return std::visit(EffectText(), effect);
}

std::string effectText(const OverlayOperator& op)
{
    return std::visit(EffectText(), op);
}

std::string scopeText(const PlanScope& scope)
{
    std::string text = scope.nodeGroup.value;
    if (!scope.subgroup.empty() || !scope.role.empty())
        text += "/" + (scope.subgroup.empty() ? "*" : scope.subgroup);
    return scope.role.empty() ? text : text + "/" + scope.role;
}

}  // namespace headgate
