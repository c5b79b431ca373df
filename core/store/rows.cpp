#include "core/store/rows.h"

#include "core/store/columns.h"
#include "core/wire/stream_manager_provisions.h"

namespace headgate::rows {

Result<QSqlQuery> run(StoreConnection& connection, const char* statement, const QVariantList& values)
{
    auto query = connection.prepare(QString::fromLatin1(statement));
    if (!query)
        return query;
    for (const QVariant& value : values)
        query->addBindValue(value);
    if (auto ran = connection.execute(*query); !ran)
        return tl::unexpected(ran.error());
    return query;
}

Result<void> change(StoreConnection& connection, const char* statement, const QVariantList& values)
{
    if (auto ran = run(connection, statement, values); !ran)
        return tl::unexpected(ran.error());
    return {};
}

tl::unexpected<Error> damagedRow(const std::string& table, const std::string& key, const Error& cause)
{
    return fail(ErrorCode::Internal,
                "The row \"" + key + "\" of the table " + table + " in the store cannot be read: " + cause.message,
                "Put a backup of the store in its place; keep the damaged one.");
}

namespace {

Severity severityOf(const std::string& word)
{
    for (const Severity severity : {Severity::Critical, Severity::Warning}) {
        if (native::toWord(severity) == word)
            return severity;
    }
    return Severity::Info;
}

}  // namespace

Result<std::uint64_t> readRevision(StoreConnection& connection)
{
    auto query = run(connection, "SELECT revision FROM control_plane WHERE id = 1");
    if (!query)
        return tl::unexpected(query.error());
    return query->next() ? numberAt(*query, 0) : 0;
}

Result<void> writeRevision(StoreConnection& connection, std::uint64_t revision)
{
    return change(connection, "UPDATE control_plane SET revision = ? WHERE id = 1", {number(revision)});
}

Result<std::vector<StoredNodeGroup>> readNodeGroups(StoreConnection& connection)
{
    auto query =
        run(connection,
            "SELECT name, version, created_at, updated_at, updated_by, document, uid, created_by FROM node_group "
            "ORDER BY name");
    if (!query)
        return tl::unexpected(query.error());
    std::vector<StoredNodeGroup> groups;
    while (query->next()) {
        auto group = decode(textAt(*query, 5), native::nodeGroupFromJson);
        if (!group)
            return damagedRow("node_group", textAt(*query, 0), group.error());
        groups.push_back({std::move(*group), numberAt(*query, 1), instantAt(*query, 2), instantAt(*query, 3),
                          textAt(*query, 4), originAt(*query, 6)});
    }
    return groups;
}

Result<void> putNodeGroup(StoreConnection& connection, const StoredNodeGroup& stored)
{
    return change(
        connection,
        "INSERT INTO node_group (name, version, created_at, updated_at, updated_by, document, uid, created_by) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version, "
        "created_at = excluded.created_at, updated_at = excluded.updated_at, "
        "updated_by = excluded.updated_by, document = excluded.document, uid = excluded.uid, created_by = "
        "excluded.created_by",
        {text(stored.group.name.value), number(stored.version), instant(stored.createdAt), instant(stored.updatedAt),
         text(stored.updatedBy), text(native::write(native::toJson(stored.group))), text(stored.origin.uid),
         text(stored.origin.createdBy)});
}

Result<void> removeNodeGroup(StoreConnection& connection, const NodeGroupName& name)
{
    return change(connection, "DELETE FROM node_group WHERE name = ?", {text(name.value)});
}

Result<std::vector<Node>> readNodes(StoreConnection& connection)
{
    auto query = run(connection, "SELECT id, provider_reference, document FROM node ORDER BY id");
    if (!query)
        return tl::unexpected(query.error());
    std::vector<Node> nodes;
    while (query->next()) {
        auto node = decode(textAt(*query, 2), native::nodeFromJson);
        if (!node)
            return damagedRow("node", textAt(*query, 0), node.error());
        node->providerReference = textAt(*query, 1);
        nodes.push_back(std::move(*node));
    }
    return nodes;
}

Result<void> putNode(StoreConnection& connection, const Node& node)
{
    return change(connection,
                  "INSERT INTO node (id, node_group, subgroup, role, state, provider_reference, document) "
                  "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET node_group = excluded.node_group, "
                  "subgroup = excluded.subgroup, role = excluded.role, state = excluded.state, "
                  "provider_reference = excluded.provider_reference, document = excluded.document",
                  {text(node.id.value), text(node.pool.nodeGroup.value), text(node.pool.subgroup), text(node.pool.role),
                   text(native::toWord(node.state)), text(node.providerReference),
                   text(native::write(native::toJson(node)))});
}

Result<void> removeNode(StoreConnection& connection, const NodeId& id)
{
    return change(connection, "DELETE FROM node WHERE id = ?", {text(id.value)});
}

Result<std::vector<StoredNodeImage>> readNodeImages(StoreConnection& connection)
{
    auto query =
        run(connection,
            "SELECT name, version, created_at, updated_at, updated_by, document, uid, created_by FROM node_image "
            "ORDER BY name");
    if (!query)
        return tl::unexpected(query.error());
    std::vector<StoredNodeImage> images;
    while (query->next()) {
        auto record = decode(textAt(*query, 5), native::nodeImageRecordFromJson);
        if (!record)
            return damagedRow("node_image", textAt(*query, 0), record.error());
        images.push_back({std::move(*record), numberAt(*query, 1), instantAt(*query, 2), instantAt(*query, 3),
                          textAt(*query, 4), originAt(*query, 6)});
    }
    return images;
}

Result<void> putNodeImage(StoreConnection& connection, const StoredNodeImage& stored)
{
    return change(
        connection,
        "INSERT INTO node_image (name, version, created_at, updated_at, updated_by, document, uid, created_by) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version, "
        "created_at = excluded.created_at, updated_at = excluded.updated_at, "
        "updated_by = excluded.updated_by, document = excluded.document, uid = excluded.uid, created_by = "
        "excluded.created_by",
        {text(stored.record.name), number(stored.version), instant(stored.createdAt), instant(stored.updatedAt),
         text(stored.updatedBy), text(native::write(native::toJson(stored.record))), text(stored.origin.uid),
         text(stored.origin.createdBy)});
}

Result<void> removeNodeImage(StoreConnection& connection, const std::string& name)
{
    return change(connection, "DELETE FROM node_image WHERE name = ?", {text(name)});
}

Result<StoredProvisions> readProvisions(StoreConnection& connection)
{
    auto query = run(connection, "SELECT node_group, version, created_at, updated_at, updated_by, distributed_at, "
                                 "document, uid, created_by FROM provision ORDER BY node_group, guid");
    if (!query)
        return tl::unexpected(query.error());
    StoredProvisions provisions;
    while (query->next()) {
        auto provision = decode(textAt(*query, 6), stream_manager::provisionFromJson);
        if (!provision)
            return damagedRow("provision", textAt(*query, 0), provision.error());
        StoredProvision& stored = provisions.emplace_back();
        stored.nodeGroup = NodeGroupName(textAt(*query, 0));
        stored.provision = std::move(*provision);
        stored.version = numberAt(*query, 1);
        stored.createdAt = instantAt(*query, 2);
        stored.updatedAt = instantAt(*query, 3);
        stored.updatedBy = textAt(*query, 4);
        if (!query->isNull(5))
            stored.distributedAt = instantAt(*query, 5);
        stored.origin = originAt(*query, 7);
    }
    return provisions;
}

Result<void> putProvision(StoreConnection& connection, const StoredProvision& stored)
{
    return change(connection,
                  "INSERT INTO provision (node_group, guid, version, created_at, updated_at, updated_by, "
                  "distributed_at, document, uid, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT "
                  "(node_group, guid) DO UPDATE "
                  "SET version = excluded.version, created_at = excluded.created_at, updated_at = excluded.updated_at, "
                  "updated_by = excluded.updated_by, distributed_at = excluded.distributed_at, "
                  "document = excluded.document, uid = excluded.uid, created_by = excluded.created_by",
                  {text(stored.nodeGroup.value), text(stored.provision.guid), number(stored.version),
                   instant(stored.createdAt), instant(stored.updatedAt), text(stored.updatedBy),
                   stored.distributedAt ? instant(*stored.distributedAt) : QVariant(), text(stored.provision.document),
                   text(stored.origin.uid), text(stored.origin.createdBy)});
}

Result<void> removeProvision(StoreConnection& connection, const ProvisionKey& key)
{
    return change(connection, "DELETE FROM provision WHERE node_group = ? AND guid = ?",
                  {text(key.nodeGroup.value), text(key.guid)});
}

Result<std::vector<AuditRecord>> readAudit(StoreConnection& connection, std::int64_t before, int limit,
                                           const QString& likePattern)
{
    auto query =
        run(connection,
            "SELECT sequence, at, actor, verb, object, severity, sentence, before, after, request_id, revision "
            "FROM audit WHERE (? = 0 OR sequence < ?) AND (sentence LIKE ? ESCAPE '\\' OR actor LIKE ? ESCAPE "
            "'\\' OR verb LIKE ? ESCAPE '\\' OR object LIKE ? ESCAPE '\\') ORDER BY sequence DESC LIMIT ?",
            {QVariant(static_cast<qlonglong>(before)), QVariant(static_cast<qlonglong>(before)), likePattern,
             likePattern, likePattern, likePattern, limit});
    if (!query)
        return tl::unexpected(query.error());
    std::vector<AuditRecord> records;
    while (query->next()) {
        AuditRecord record;
        record.sequence = query->value(0).toLongLong();
        record.at = instantAt(*query, 1);
        record.actor = textAt(*query, 2);
        record.verb = textAt(*query, 3);
        record.object = textAt(*query, 4);
        record.severity = severityOf(textAt(*query, 5));
        record.sentence = textAt(*query, 6);
        record.before = textAt(*query, 7);
        record.after = textAt(*query, 8);
        record.requestId = RequestId(textAt(*query, 9));
        record.revision = numberAt(*query, 10);
        records.push_back(std::move(record));
    }
    return records;
}

Result<std::int64_t> readLastAuditSequence(StoreConnection& connection)
{
    auto query = run(connection, "SELECT coalesce(max(sequence), 0) FROM audit");
    if (!query)
        return tl::unexpected(query.error());
    return query->next() ? query->value(0).toLongLong() : 0;
}

}  // namespace headgate::rows
