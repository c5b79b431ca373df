#include "ui/models/account_rows.h"

#include "ui/format.h"
#include "ui/models/cells.h"

#include <QCoreApplication>
#include <QStringList>

namespace headgate::rows {

namespace {

QString words(const char* source)
{
    return QCoreApplication::translate("rows", source);
}

Cell instantCell(TimePoint at, const QString& otherwise)
{
    const bool isThere = at != TimePoint();
    Cell cell = plain(isThere ? format::dateClock(at) : otherwise);
    cell.sort = static_cast<qlonglong>(toEpochMs(at));
    return cell;
}

}  // namespace

QString roleWord(AccountRole role)
{
    switch (role) {
    case AccountRole::Viewer:
        return words("Viewer");
    case AccountRole::Operator:
        return words("Operator");
    case AccountRole::Scheduler:
        return words("Scheduler");
    case AccountRole::Admin:
        return words("Admin");
    }
    return {};
}

QString roleEffect(AccountRole role)
{
    switch (role) {
    case AccountRole::Viewer:
        return words("Sees everything and changes nothing.");
    case AccountRole::Operator:
        return words(
            "Drains and stops nodes, ends sessions, starts and stops deployments, overrides sizes for a time.");
    case AccountRole::Scheduler:
        return words("Plans: schedules, overlays, limits.");
    case AccountRole::Admin:
        return words("Does everything, users included.");
    }
    return {};
}

QString scopeWords(const std::vector<std::string>& deployments)
{
    QStringList names;
    for (const std::string& name : deployments)
        names << format::text(name);
    return names.isEmpty() ? words("everything") : names.join(QStringLiteral(", "));
}

std::vector<TableColumn> userColumns()
{
    return {{words("User"), 200, ColumnAlign::Left, true},
            {words("Role"), 110},
            {words("May see and change"), 220, ColumnAlign::Left, true, 2},
            {words("Sessions"), 80, ColumnAlign::Right, false, 3},
            {words("Tokens"), 80, ColumnAlign::Right, false, 4},
            {words("Changed"), 240, ColumnAlign::Left, false, 5}};
}

std::vector<TableRow> users(const std::vector<native::UserSummary>& all, const std::string& own)
{
    std::vector<TableRow> rows;
    for (const native::UserSummary& user : all) {
        TableRow row;
        row.key = format::text(user.name);
        Cell name = plain(row.key, TextTone::Primary);
        name.isStrong = true;
        const bool isDisabled = user.state == AccountState::Disabled;
        if (user.name == own || isDisabled)
            name.second = isDisabled ? words("disabled") : words("this is you");
        row.cells = {name,
                     plain(roleWord(user.role)),
                     plain(scopeWords(user.deployments)),
                     figure(format::count(user.sessions), user.sessions),
                     figure(format::count(user.tokens), user.tokens),
                     instantCell(user.updatedAt, format::unknown())};
        row.cells.back().second = format::text(user.updatedBy);
        row.facets = {QStringLiteral("role:") + roleWord(user.role)};
        row.isQuiet = isDisabled;
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<TableColumn> tokenColumns()
{
    return {{words("Token"), 220, ColumnAlign::Left, true},
            {words("Role"), 110},
            {words("Last used"), 220},
            {words("Expires"), 220, ColumnAlign::Left, false, 1},
            {words("Made"), 220, ColumnAlign::Left, false, 2}};
}

std::vector<TableRow> tokens(const std::vector<PersonalToken>& all, TimePoint now)
{
    std::vector<TableRow> rows;
    for (const PersonalToken& token : all) {
        TableRow row;
        row.key = format::text(token.id);
        Cell name = plain(format::text(token.name), TextTone::Primary);
        name.isStrong = true;
        name.second = QStringLiteral("hgp_%1_…").arg(row.key);
        const bool isOver = token.expiresAt != TimePoint() && token.expiresAt <= now;
        Cell expiry = instantCell(token.expiresAt, words("never"));
        if (isOver) {
            expiry.glyph = Status::Off;
            expiry.second = words("expired");
        }
        row.cells = {name, plain(roleWord(token.role)), instantCell(token.lastUsedAt, words("not yet")), expiry,
                     instantCell(token.createdAt, format::unknown())};
        row.isQuiet = isOver;
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string lastAdmin(const std::vector<native::UserSummary>& users)
{
    std::string last;
    int admins = 0;
    for (const native::UserSummary& user : users) {
        if (user.role == AccountRole::Admin && user.deployments.empty() && user.state == AccountState::Enabled) {
            last = user.name;
            ++admins;
        }
    }
    return admins == 1 ? last : std::string();
}

}  // namespace headgate::rows
