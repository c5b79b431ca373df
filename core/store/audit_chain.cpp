#include "core/store/audit_chain.h"

#include "core/base/check.h"
#include "core/store/columns.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace headgate::audit_chain {

namespace {

constexpr const char* allRows = "SELECT sequence, at, actor, verb, object, severity, sentence, before, after, "
                                "request_id, revision, chain FROM audit ORDER BY sequence";
constexpr int saidColumns = 11;  // of those above, what a row says

std::string hmacHex(const std::string& key, const std::string& message)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
    unsigned int size = 0;
    HG_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                  reinterpret_cast<const unsigned char*>(message.data()), message.size(), code.data(), &size));
    std::string text;
    for (unsigned int i = 0; i < size; ++i)
        text += {digits[code[i] >> 4], digits[code[i] & 15]};
    return text;
}

// With their lengths, so that nothing can move from one to the next.
std::string framed(const std::vector<std::string>& fields)
{
    std::string text;
    for (const std::string& field : fields)
        text += std::to_string(field.size()) + ':' + field;
    return text;
}

std::vector<std::string> fieldsOf(std::int64_t sequence, const AuditRecord& record)
{
    return {std::to_string(sequence),
            std::to_string(toEpochMs(record.at)),
            record.actor,
            record.verb,
            record.object,
            std::string(native::toWord(record.severity)),
            record.sentence,
            record.before,
            record.after,
            record.requestId.value,
            std::to_string(record.revision)};
}

std::vector<std::string> fieldsOf(const QSqlQuery& row)
{
    std::vector<std::string> fields;
    for (int column = 0; column < saidColumns; ++column)
        fields.push_back(rows::textAt(row, column));
    return fields;
}

std::string linkOf(const std::string& key, const std::string& previous, std::vector<std::string> fields)
{
    fields.push_back(previous);
    return hmacHex(key, framed(fields));
}

std::string headOf(const std::string& key, std::int64_t sequence, const std::string& chain)
{
    return hmacHex(key, framed({"head", std::to_string(sequence), chain}));
}

bool isSame(const std::string& one, const std::string& other)
{
    return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

struct Tail
{
    std::int64_t sequence = 0;
    std::string chain;
};

// The link over all rows there are, none of which has one yet.
Result<std::string> firstLink(StoreConnection& connection, const std::string& key)
{
    auto query = rows::run(connection, allRows);
    if (!query)
        return tl::unexpected(query.error());
    std::string chain;
    while (query->next())
        chain = linkOf(key, chain, fieldsOf(*query));
    return chain;
}

Result<Tail> tailOf(StoreConnection& connection, const std::string& key)
{
    auto query = rows::run(connection, "SELECT sequence, chain FROM audit ORDER BY sequence DESC LIMIT 1");
    if (!query)
        return tl::unexpected(query.error());
    if (!query->next())
        return Tail();
    Tail tail{query->value(0).toLongLong(), rows::textAt(*query, 1)};
    if (!tail.chain.empty())
        return tail;
    auto chain = firstLink(connection, key);
    if (!chain)
        return tl::unexpected(chain.error());
    tail.chain = std::move(*chain);
    return tail;
}

Result<void> insert(StoreConnection& connection, const Tail& tail, const AuditRecord& record)
{
    using namespace rows;
    return change(connection,
                  "INSERT INTO audit (sequence, at, actor, verb, object, severity, sentence, before, after, "
                  "request_id, revision, chain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  {QVariant(static_cast<qlonglong>(tail.sequence)), instant(record.at), text(record.actor),
                   text(record.verb), text(record.object), text(native::toWord(record.severity)), text(record.sentence),
                   text(record.before), text(record.after), text(record.requestId.value), number(record.revision),
                   text(tail.chain)});
}

Result<std::string> storedHead(StoreConnection& connection)
{
    auto query = rows::run(connection, "SELECT audit_head FROM control_plane WHERE id = 1");
    if (!query)
        return tl::unexpected(query.error());
    return query->next() ? rows::textAt(*query, 0) : std::string();
}

AuditVerdict badAt(const AuditVerdict& so, std::int64_t sequence, const std::string& what)
{
    return {so.rows, sequence, "Row " + std::to_string(sequence) + " of the audit trail " + what + "."};
}

Result<AuditVerdict> walk(StoreConnection& connection, const std::string& key)
{
    const auto head = storedHead(connection);
    if (!head)
        return tl::unexpected(head.error());
    auto query = rows::run(connection, allRows);
    if (!query)
        return tl::unexpected(query.error());
    AuditVerdict verdict;
    std::string chain;
    bool isChained = false;
    while (query->next()) {
        const std::int64_t sequence = query->value(0).toLongLong();
        if (sequence != verdict.rows + 1)
            return badAt(verdict, verdict.rows + 1, "is missing");
        ++verdict.rows;
        chain = linkOf(key, chain, fieldsOf(*query));
        const std::string stored = rows::textAt(*query, saidColumns);
        if (stored.empty() && !isChained)
            continue;
        isChained = true;
        if (!isSame(stored, chain))
            return badAt(verdict, sequence, "was changed or put in, or one before it");
    }
    const bool isHeadRight = isChained ? isSame(*head, headOf(key, verdict.rows, chain)) : head->empty();
    return isHeadRight ? verdict
                       : badAt(verdict, verdict.rows + 1, "is missing, or who changed the last one lacked the key");
}

}  // namespace

Result<void> append(StoreConnection& connection, const std::string& key, const std::vector<AuditRecord>& records)
{
    if (records.empty())
        return {};
    auto tail = tailOf(connection, key);
    if (!tail)
        return tl::unexpected(tail.error());
    for (const AuditRecord& record : records) {
        ++tail->sequence;
        tail->chain = linkOf(key, tail->chain, fieldsOf(tail->sequence, record));
        if (auto inserted = insert(connection, *tail, record); !inserted)
            return inserted;
    }
    return rows::change(connection, "UPDATE control_plane SET audit_head = ? WHERE id = 1",
                        {rows::text(headOf(key, tail->sequence, tail->chain))});
}

Result<AuditVerdict> verify(StoreConnection& connection, const std::string& key)
{
    if (auto begun = connection.run(QStringLiteral("BEGIN")); !begun)
        return tl::unexpected(begun.error());
    auto verdict = walk(connection, key);
    connection.rollBack();
    return verdict;
}

}  // namespace headgate::audit_chain
