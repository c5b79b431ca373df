-- Statements are separated by a semicolon and an empty line.
-- Instants are UTC milliseconds since 1970; documents are the native JSON documents.

CREATE TABLE deployment (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL
);

INSERT INTO deployment (id, revision) VALUES (1, 0);

CREATE TABLE node_group (
    name TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    document TEXT NOT NULL
);

CREATE TABLE node (
    id TEXT PRIMARY KEY,
    node_group TEXT NOT NULL,
    subgroup TEXT NOT NULL,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    provider_reference TEXT NOT NULL,
    document TEXT NOT NULL
);

CREATE INDEX node_by_pool ON node (node_group, subgroup, role);

CREATE TABLE account (
    name TEXT PRIMARY KEY,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    verb TEXT NOT NULL,
    object TEXT NOT NULL,
    severity TEXT NOT NULL,
    sentence TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    request_id TEXT NOT NULL,
    revision INTEGER NOT NULL
);

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is never changed');
END;

CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is never shortened');
END;
