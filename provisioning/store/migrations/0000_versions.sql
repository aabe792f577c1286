-- Which migrations were applied, each with the hash of its text. Applied at every start.

CREATE TABLE IF NOT EXISTS versions (
	version BIGINT PRIMARY KEY NOT NULL,
	name TEXT NOT NULL,
	hash TEXT NOT NULL,
	at_ms BIGINT NOT NULL
);
