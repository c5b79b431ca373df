-- Rows that are there already stay without a link of their own; the first new one covers them.
ALTER TABLE audit ADD COLUMN chain TEXT NOT NULL DEFAULT '';

ALTER TABLE control_plane ADD COLUMN audit_head TEXT NOT NULL DEFAULT '';
