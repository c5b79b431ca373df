#include "core/base/check.h"
#include "core/engine/audit_text.h"
#include "core/engine/commands.h"
#include "core/wire/account_document.h"

#include <algorithm>

namespace headgate::commands {

namespace {

using native::Json;

constexpr std::size_t maxNameLength = 64;
constexpr std::size_t mostAccounts = 1000;
constexpr std::size_t mostScopes = 100;
constexpr std::chrono::hours tokenUsePrecision{24};

std::string objectOf(const Account& account)
{
    return "account/" + account.name;
}

Result<const Account*> existing(const CommandDraft& draft, const std::string& name)
{
    const auto it = draft.model().accounts.find(name);
    if (it == draft.model().accounts.end())
        return fail(ErrorCode::NotFound, "There is no user \"" + name + "\".");
    return &it->second;
}

bool administersAll(const Account& account)
{
    return account.role == AccountRole::Admin && !account.isScoped() && account.state == AccountState::Enabled;
}

// There is another one that does.
Result<void> checkAdminIsLeft(const CommandDraft& draft, const Account& account)
{
    const bool isLast = administersAll(account) && std::ranges::none_of(draft.model().accounts, [&](const auto& entry) {
                            return entry.first != account.name && administersAll(entry.second);
                        });
    if (!isLast)
        return {};
    return fail(ErrorCode::Conflict, "The user " + account.name + " is the last one who administers everything.",
                "Make another admin without deployments first.");
}

Result<void> checkRights(const CommandDraft& draft, const std::vector<std::string>& deployments)
{
    if (deployments.size() > mostScopes)
        return fail(ErrorCode::InvalidArgument, "A user has at most 100 deployments.", "None stands for all.",
                    "/deployments");
    for (std::size_t i = 0; i < deployments.size(); ++i) {
        if (!draft.model().deployments.contains(deployments[i]))
            return fail(ErrorCode::InvalidArgument, "There is no deployment \"" + deployments[i] + "\".", {},
                        "/deployments/" + std::to_string(i));
    }
    return {};
}

std::vector<std::string> normalized(std::vector<std::string> deployments)
{
    std::ranges::sort(deployments);
    const auto rest = std::ranges::unique(deployments);
    deployments.erase(rest.begin(), rest.end());
    return deployments;
}

// What does not hold any more is not carried along.
void forgetExpired(Account& account, TimePoint now)
{
    std::erase_if(account.sessions, [now](const AccountSession& session) { return session.expiresAt <= now; });
}

// Whatever bytes somebody sent as a name.
std::string printable(std::string name)
{
    name.resize(std::min(name.size(), maxNameLength));
    std::ranges::replace_if(
        name, [](char c) { return c < ' ' || c > '~'; }, '?');
    return name;
}

std::string from(const std::string& address)
{
    return address.empty() ? "" : " from " + address;
}

void recordRefusal(CommandDraft& draft, const std::string& name, const NoteRefusedSignIn& refusal)
{
    const std::string shown = printable(name);
    std::string sentence = "A sign-in as " + shown + from(refusal.address) + " was refused.";
    if (refusal.more > 0)
        sentence += " So were " + std::to_string(refusal.more) + " more before it, of any name.";
    draft.audit("account.sign-in-refused", "account/" + shown, sentence, Json::object(), Json::object());
}

// The account as it is to be, and the rest of the draft. One function for each kind of edit.
class AccountEditor
{
public:
    AccountEditor(CommandDraft& draft, const Account& before) : m_draft(draft), m_before(before), m_account(before)
    {
        forgetExpired(m_account, draft.now());
    }

    Result<void> operator()(const ChangePassword& edit)
    {
        if (!edit.passwordHash.starts_with("$argon2id$"))
            return fail(ErrorCode::InvalidArgument, "The account has no usable password.", {}, "/password");
        m_account.passwordHash = edit.passwordHash;
        std::erase_if(m_account.sessions,
                      [&](const AccountSession& session) { return session.id != edit.keptSession; });
        return recordChange("account.password", "User " + m_account.name + " got a new password.");
    }

    Result<void> operator()(const ChangeRights& edit)
    {
        m_account.role = edit.role;
        m_account.deployments = normalized(edit.deployments);
        if (auto checked = checkRights(m_draft, edit.deployments); !checked)
            return checked;
        const bool stepsDown = administersAll(m_before) && !administersAll(m_account);
        if (auto checked = stepsDown ? checkAdminIsLeft(m_draft, m_before) : Result<void>(); !checked)
            return checked;
        return recordChange("account.rights", "User " + m_account.name + " is " +
                                                  std::string(native::toWord(edit.role)) +
                                                  (m_account.isScoped() ? " of some deployments." : " of everything."));
    }

    Result<void> operator()(const ChangeAccountState& edit)
    {
        if (auto version = m_draft.checkVersion(m_before.version, "User " + m_account.name); !version)
            return version;
        const bool isDisabled = edit.state == AccountState::Disabled;
        if (m_account.state == edit.state)
            return fail(ErrorCode::Conflict,
                        "The user " + m_account.name + " is " + (isDisabled ? "disabled" : "enabled") + " already.");
        m_account.state = edit.state;
        if (auto checked = isDisabled ? checkAdminIsLeft(m_draft, m_before) : Result<void>(); !checked)
            return checked;
        if (isDisabled)
            m_account.sessions.clear();
        return recordChange(isDisabled ? "account.disable" : "account.enable",
                            "User " + m_account.name + (isDisabled ? " was disabled." : " was enabled."));
    }

    Result<void> operator()(const AddPersonalToken& edit)
    {
        std::erase_if(m_account.tokens, [now = m_draft.now()](const PersonalToken& token) {
            return token.expiresAt != TimePoint() && token.expiresAt <= now;
        });
        if (m_account.tokens.size() >= Account::mostTokens)
            return fail(ErrorCode::ResourceExhausted, "The user " + m_account.name + " has 64 tokens.",
                        "Revoke one that is not used any more.");
        if (edit.token.name.empty() || edit.token.name.size() > maxNameLength)
            return fail(ErrorCode::InvalidArgument, "A token's name has 1 to 64 characters.", {}, "/name");
        if (edit.token.expiresAt != TimePoint() && edit.token.expiresAt <= m_draft.now())
            return fail(ErrorCode::InvalidArgument, "The token would have expired already.", {}, "/expiresAt");
        m_account.tokens.push_back(edit.token);
        m_account.tokens.back().createdAt = m_draft.now();
        return note("account.token-create",
                    "User " + m_account.name + " made the token " + edit.token.name + " (" + edit.token.id + ").");
    }

    Result<void> operator()(const RevokePersonalToken& edit)
    {
        const auto token = std::ranges::find(m_account.tokens, edit.id, &PersonalToken::id);
        if (token == m_account.tokens.end())
            return fail(ErrorCode::NotFound, "The user " + m_account.name + " has no token \"" + edit.id + "\".");
        const std::string name = token->name;
        m_account.tokens.erase(token);
        return note("account.token-revoke",
                    "The token " + name + " (" + edit.id + ") of the user " + m_account.name + " was revoked.");
    }

    Result<void> operator()(const NotePersonalTokenUse& edit)
    {
        const auto token = std::ranges::find(m_account.tokens, edit.id, &PersonalToken::id);
        if (token == m_account.tokens.end() || m_draft.now() - token->lastUsedAt < tokenUsePrecision)
            return {};
        token->lastUsedAt = m_draft.now();
        return put();
    }

    Result<void> operator()(const OpenSession& edit)
    {
        if (m_account.state == AccountState::Disabled)
            return fail(ErrorCode::PermissionDenied, "The user " + m_account.name + " is disabled.");
        while (m_account.sessions.size() >= Account::mostSessions)
            m_account.sessions.erase(std::ranges::min_element(m_account.sessions, {}, &AccountSession::renewedAt));
        m_account.sessions.push_back(edit.session);
        return note("account.sign-in", "User " + m_account.name + " signed in" + from(edit.session.address) + ".");
    }

    Result<void> operator()(const RenewSession& edit)
    {
        const auto session = std::ranges::find(m_account.sessions, edit.id, &AccountSession::id);
        if (session == m_account.sessions.end())
            return fail(ErrorCode::NotFound, "The session has ended.", "Sign in again.");
        if (session->generation != edit.generation)
            return fail(ErrorCode::Conflict, "The refresh token was used before.", "Sign in again.");
        ++session->generation;
        session->renewedAt = m_draft.now();
        session->expiresAt = edit.expiresAt;
        session->address = edit.address;
        return put();
    }

    Result<void> operator()(const EndSession& edit)
    {
        const auto ended = std::erase_if(m_account.sessions, [&](const AccountSession& session) {
            return edit.id.empty() || session.id == edit.id;
        });
        if (ended == 0)
            return fail(ErrorCode::NotFound, "The user " + m_account.name + " has no such session.");
        return note("account.session-end", edit.reason);
    }

    Result<void> operator()(const NoteRefusedSignIn&) const { unreachable(); }  // needs no account

private:
    Result<void> put()
    {
        m_draft.transaction().putAccounts.push_back(std::move(m_account));
        return {};
    }

    Result<void> note(const std::string& verb, const std::string& sentence)
    {
        m_draft.audit(verb, objectOf(m_account), sentence, Json::object(), Json::object());
        return put();
    }

    // The hash stays out of the audit trail.
    Result<void> recordChange(const std::string& verb, const std::string& sentence)
    {
        if (auto version = m_draft.checkVersion(m_before.version, "User " + m_account.name); !version)
            return version;
        m_account.version = m_before.version + 1;
        m_account.updatedAt = m_draft.now();
        m_account.updatedBy = m_draft.actor();
        m_draft.changeConfiguration(m_account.version);
        m_draft.record(verb, objectOf(m_account), sentence, native::rightsDocument(m_before),
                       native::rightsDocument(m_account));
        return put();
    }

    CommandDraft& m_draft;
    const Account& m_before;
    Account m_account;
};

}  // namespace

Result<void> plan(CommandDraft& draft, const PutAccount& command)
{
    Account account = command.account;
    if (draft.model().accounts.contains(account.name))
        return plan(draft, EditAccount{account.name, ChangePassword{account.passwordHash, {}}});
    if (account.name.empty() || account.name.size() > maxNameLength)
        return fail(ErrorCode::InvalidArgument, "An account's name has 1 to 64 characters.", {}, "/name");
    if (!account.passwordHash.starts_with("$argon2id$"))
        return fail(ErrorCode::InvalidArgument, "The account has no usable password.", {}, "/password");
    if (draft.model().accounts.size() >= mostAccounts)
        return fail(ErrorCode::ResourceExhausted, "There are 1000 users, which is the most.");
    if (auto checked = checkRights(draft, account.deployments); !checked)
        return checked;
    account.deployments = normalized(std::move(account.deployments));
    account.createdAt = draft.now();
    account.updatedAt = draft.now();
    account.updatedBy = draft.actor();
    account.version = draft.model().revision + 1;
    draft.changeConfiguration(account.version);
    draft.record("account.create", objectOf(account),
                 "User " + account.name + " was made: " + std::string(native::toWord(account.role)) +
                     (account.isScoped() ? " of some deployments." : " of everything."),
                 Json::object(), native::rightsDocument(account));
    draft.transaction().putAccounts.push_back(std::move(account));
    return {};
}

Result<void> plan(CommandDraft& draft, const EditAccount& command)
{
    if (const auto* refusal = std::get_if<NoteRefusedSignIn>(&command.edit)) {
        recordRefusal(draft, command.name, *refusal);
        return {};
    }
    const auto account = existing(draft, command.name);
    if (!account)
        return tl::unexpected(account.error());
    AccountEditor editor(draft, **account);
    return std::visit(editor, command.edit);
}

Result<void> plan(CommandDraft& draft, const RotateTokenKeys&)
{
    const TokenKeys next{draft.model().tokenKeys.generation + 1, draft.now()};
    draft.changeConfiguration(draft.model().revision + 1);
    draft.transaction().tokenKeys = next;
    draft.record("token-keys.rotate", "token-keys", "Tokens are signed with new keys.",
                 {{"generation", draft.model().tokenKeys.generation}}, {{"generation", next.generation}});
    return {};
}

Result<void> plan(CommandDraft& draft, const DeleteAccount& command)
{
    const auto account = existing(draft, command.name);
    if (!account)
        return tl::unexpected(account.error());
    if (auto version = draft.checkVersion((*account)->version, "User " + command.name); !version)
        return version;
    if (auto checked = checkAdminIsLeft(draft, **account); !checked)
        return checked;
    draft.changeConfiguration(draft.model().revision + 1);
    draft.record("account.delete", objectOf(**account), "User " + command.name + " was deleted.",
                 native::rightsDocument(**account), Json::object());
    draft.transaction().removedAccounts.push_back(command.name);
    return {};
}

}  // namespace headgate::commands
