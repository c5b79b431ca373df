#pragma once

#include "core/domain/command.h"

#include <QStringList>

// What a dry run foresees, a sentence each.
namespace headgate::words {

// What happens to the sessions of an outcome.
enum class SessionFate
{
    Moves,  // they leave or move, in their own time
    Ends
};

// Who is affected, then foreseen().
QStringList consequences(const CommandOutcome& outcome, SessionFate fate);

// What happens besides, in which windows the bounds of which pools become others, and the conflicts. Of windows and
// conflicts the first few; one sentence counts the rest.
QStringList foreseen(const CommandOutcome& outcome);

}  // namespace headgate::words
