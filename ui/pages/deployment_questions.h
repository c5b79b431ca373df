#pragma once

#include "core/domain/command.h"
#include "core/domain/deployment.h"
#include "ui/dialogs/typed_confirmation.h"

// What is asked before a deployment is changed; each from the outcome of a dry run.
namespace headgate {

ConfirmationQuestion stopQuestion(const Deployment& deployment, const CommandOutcome& preview);
// Its name has to be typed only if somebody publishes or watches.
ConfirmationQuestion restartQuestion(const Deployment& deployment, const CommandOutcome& preview);
ConfirmationQuestion deletionQuestion(const Deployment& deployment, const CommandOutcome& preview);

}  // namespace headgate
