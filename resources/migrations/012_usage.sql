-- What nodes did, by day in UTC. Bytes are estimated from the rates that nodes report.
CREATE TABLE usage (
    day TEXT NOT NULL,
    deployment TEXT NOT NULL,
    role TEXT NOT NULL,
    node_seconds INTEGER NOT NULL,
    bytes_in INTEGER NOT NULL,
    bytes_out INTEGER NOT NULL,
    bytes_delivered INTEGER NOT NULL,
    PRIMARY KEY (day, deployment, role)
) WITHOUT ROWID;

ALTER TABLE control_plane ADD COLUMN usage_until INTEGER NOT NULL DEFAULT 0;
