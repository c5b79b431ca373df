#pragma once

#include "core/plane/account_desk.h"
#include "ui/models/cell.h"

#include <QString>

#include <vector>

// Users and personal tokens as table rows, and the words for what they may do.
namespace headgate::rows {

QString roleWord(AccountRole role);    // "Operator"
QString roleEffect(AccountRole role);  // what it may do, a sentence
QString scopeWords(const std::vector<std::string>& deployments);

std::vector<TableColumn> userColumns();
// Keys are names. `own` is marked as oneself.
std::vector<TableRow> users(const std::vector<native::UserSummary>& all, const std::string& own);

std::vector<TableColumn> tokenColumns();
// Keys are ids.
std::vector<TableRow> tokens(const std::vector<PersonalToken>& all, TimePoint now);

// The one whose rights nobody may take, since no other administers everything; empty if there are more.
std::string lastAdmin(const std::vector<native::UserSummary>& users);

}  // namespace headgate::rows
