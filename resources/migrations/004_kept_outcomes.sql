CREATE TABLE kept_outcome (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    kept_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    UNIQUE (account, idempotency_key)
);

CREATE INDEX kept_outcome_by_time ON kept_outcome (kept_at);
