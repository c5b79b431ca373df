ALTER TABLE control_plane ADD COLUMN token_generation INTEGER NOT NULL DEFAULT 0;

ALTER TABLE control_plane ADD COLUMN tokens_rotated_at INTEGER NOT NULL DEFAULT 0;
