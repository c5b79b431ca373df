#include "ui/pages/deployment_questions.h"

#include "ui/format.h"
#include "ui/models/outcome_words.h"

namespace headgate {

namespace {

ConfirmationQuestion questionAbout(const QString& name, const CommandOutcome& preview)
{
    ConfirmationQuestion question;
    question.losses = words::consequences(preview, words::SessionFate::Moves);
    question.typeLabel = TypedConfirmation::tr("Type the deployment's name to confirm");
    question.name = name;
    return question;
}

}  // namespace

ConfirmationQuestion stopQuestion(const Deployment& deployment, const CommandOutcome& preview)
{
    const QString name = format::text(deployment.name);
    ConfirmationQuestion question = questionAbout(name, preview);
    question.title = TypedConfirmation::tr("Stop deployment %1?").arg(name);
    question.losses << TypedConfirmation::tr(
        "Its nodes drain: nobody joins any more, and each ends when its last session has left.");
    question.kept = TypedConfirmation::tr("Its node groups and their plan stay. Start brings the nodes back.");
    question.keepText = TypedConfirmation::tr("Keep it running");
    question.actText = TypedConfirmation::tr("Stop deployment");
    return question;
}

ConfirmationQuestion restartQuestion(const Deployment& deployment, const CommandOutcome& preview)
{
    const QString name = format::text(deployment.name);
    const bool isUsed = preview.viewersAffected + preview.publishersAffected > 0;
    ConfirmationQuestion question = questionAbout(isUsed ? name : QString(), preview);
    question.title = TypedConfirmation::tr("Restart deployment %1?").arg(name);
    question.losses << TypedConfirmation::tr(
        "Every node is replaced, few at a time: the new one is ready before the old one drains.");
    question.kept = TypedConfirmation::tr("Who publishes or watches stays until they leave by themselves.");
    question.keepText = TypedConfirmation::tr("Leave it as it is");
    question.actText = TypedConfirmation::tr("Restart deployment");
    return question;
}

ConfirmationQuestion deletionQuestion(const Deployment& deployment, const CommandOutcome& preview)
{
    const QString name = format::text(deployment.name);
    ConfirmationQuestion question = questionAbout(name, preview);
    question.title = TypedConfirmation::tr("Delete deployment %1?").arg(name);
    question.losses << TypedConfirmation::tr(
        "Its node groups, schedules and overlays are deleted with it. This cannot be undone.");
    question.kept = TypedConfirmation::tr("What was measured and its audit trail stay.");
    question.keepText = TypedConfirmation::tr("Keep it");
    question.actText = TypedConfirmation::tr("Delete deployment");
    return question;
}

}  // namespace headgate
