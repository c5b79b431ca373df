ALTER TABLE deployment RENAME TO control_plane;

ALTER TABLE control_plane ADD COLUMN plan_revision INTEGER NOT NULL DEFAULT 0;

ALTER TABLE control_plane ADD COLUMN plan_followed_until INTEGER;

ALTER TABLE control_plane ADD COLUMN default_region TEXT NOT NULL DEFAULT '';

CREATE TABLE plan_item (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (kind, id)
);

CREATE TABLE region (
    name TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    document TEXT NOT NULL
);

CREATE TABLE deployment (
    name TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    power TEXT NOT NULL,
    restarted_at INTEGER NOT NULL,
    document TEXT NOT NULL
);
