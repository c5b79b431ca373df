-- What was counted before is of machines that nobody wrote down.
ALTER TABLE usage RENAME TO usage_of_before;

CREATE TABLE usage (
    day TEXT NOT NULL,
    deployment TEXT NOT NULL,
    role TEXT NOT NULL,
    instance_type TEXT NOT NULL,
    node_seconds INTEGER NOT NULL,
    bytes_in INTEGER NOT NULL,
    bytes_out INTEGER NOT NULL,
    bytes_delivered INTEGER NOT NULL,
    PRIMARY KEY (day, deployment, role, instance_type)
) WITHOUT ROWID;

INSERT INTO usage (day, deployment, role, instance_type, node_seconds, bytes_in, bytes_out, bytes_delivered)
SELECT day, deployment, role, '', node_seconds, bytes_in, bytes_out, bytes_delivered FROM usage_of_before;

DROP TABLE usage_of_before;
