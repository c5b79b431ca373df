-- The secrets in a document are sealed.

CREATE TABLE provision (
    node_group TEXT NOT NULL,
    guid TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    distributed_at INTEGER,
    document TEXT NOT NULL,
    PRIMARY KEY (node_group, guid)
);
