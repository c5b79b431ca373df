#pragma once

#include "core/engine/model.h"
#include "core/wire/native_codec.h"

#include <string>
#include <vector>

namespace headgate {

// What a wish leads to while it is put together. Nothing of it counts if the command is refused.
class CommandDraft
{
public:
    CommandDraft(const EngineModel& model, const CommandRequest& request, TimePoint now);

    const EngineModel& model() const { return m_model; }
    const std::string& actor() const { return m_request.actor.name; }
    const RequestId& requestId() const { return m_request.requestId; }
    TimePoint now() const { return m_now; }
    Transaction& transaction() { return m_result.step.transaction; }
    CommandOutcome& outcome() { return m_result.outcome; }

    // VersionMismatch if the caller saw another version of `what` ("Node group eu-live").
    Result<void> checkVersion(std::uint64_t version, const std::string& what) const;

    // The configuration gets the next revision, and the object this version.
    void changeConfiguration(std::uint64_t version);

    void putNode(const NodeRecord& record, NodeState state);

    // Its sessions will end or have to move.
    void affect(const NodeRecord& record);

    void run(Effect effect) { m_result.step.effects.push_back(std::move(effect)); }
    void foresee(std::string sentence) { m_result.outcome.effects.push_back(std::move(sentence)); }

    // The record of the audit trail, with the effects so far as its further sentences; each command has one. Empty
    // objects stand for what is not there, and texts of more than 64 KiB are left out.
    void audit(std::string verb, std::string object, std::string sentence, const native::Json& before,
               const native::Json& after);

    // As audit(); the difference of the two documents is that of the outcome.
    void record(std::string verb, std::string object, std::string sentence, const native::Json& before,
                const native::Json& after);

    // A dry run has no step.
    CommandStep take();

private:
    const EngineModel& m_model;
    const CommandRequest& m_request;
    TimePoint m_now;
    CommandStep m_result;
};

// The first of them, which says how many more there are.
Result<void> firstOf(std::vector<Error> errors);

}  // namespace headgate
