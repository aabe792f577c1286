-- Encrypted files as an option per phone: the key, since which generation its file carries it, and since when the phone is known to have it.
ALTER TABLE phones ADD COLUMN file_key BLOB; -- sealed; none: its files are plain
ALTER TABLE phones ADD COLUMN file_key_generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE phones ADD COLUMN file_key_seen_ms BIGINT NOT NULL DEFAULT 0;
