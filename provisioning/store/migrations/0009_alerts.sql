-- Alerts that say what they are about and who has seen them; what happened to them, in order; webhooks that are told.

ALTER TABLE alerts ADD COLUMN mark TEXT NOT NULL DEFAULT '';       -- kind and what it is about: once while uncleared
ALTER TABLE alerts ADD COLUMN times BIGINT NOT NULL DEFAULT 1;     -- raised so often while uncleared
ALTER TABLE alerts ADD COLUMN last_ms BIGINT NOT NULL DEFAULT 0;   -- the last time of those
ALTER TABLE alerts ADD COLUMN cleared_by TEXT NOT NULL DEFAULT ''; -- empty: by itself
ALTER TABLE alerts ADD COLUMN cleared_why TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN seen_ms BIGINT NOT NULL DEFAULT 0;   -- acknowledged
ALTER TABLE alerts ADD COLUMN seen_by TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN seen_why TEXT NOT NULL DEFAULT '';
UPDATE alerts SET last_ms = at_ms, mark = kind || '/' || CAST(id AS TEXT);
CREATE UNIQUE INDEX alerts_mark ON alerts (mark) WHERE cleared_ms = 0;
CREATE INDEX alerts_record ON alerts (record_id) WHERE cleared_ms = 0;
CREATE INDEX alerts_uncleared ON alerts (domain_id, id) WHERE cleared_ms = 0;
CREATE INDEX alerts_kind ON alerts (kind) WHERE cleared_ms = 0;

CREATE TABLE alert_events (
	id @KEY@,
	alert_id BIGINT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
	domain_id BIGINT,
	what TEXT NOT NULL,       -- raised, acknowledged, cleared
	who TEXT NOT NULL,
	why TEXT NOT NULL,
	at_ms BIGINT NOT NULL
);
CREATE INDEX alert_events_alert ON alert_events (alert_id);
CREATE INDEX alert_events_domain ON alert_events (domain_id, id);

CREATE TABLE webhooks (
	id @KEY@,
	domain_id BIGINT REFERENCES domains (id) ON DELETE CASCADE, -- none: alerts of every domain, and of the server
	url BLOB NOT NULL,             -- sealed: many receivers know their callers by it alone
	secret BLOB NOT NULL,          -- sealed
	secret_previous BLOB,          -- sealed; signs beside the new one until secret_until_ms
	secret_until_ms BIGINT NOT NULL,
	description TEXT NOT NULL,
	kinds TEXT NOT NULL,           -- words with a blank around each; empty: every kind
	enabled BIGINT NOT NULL,
	disabled_why TEXT NOT NULL,
	created_by TEXT NOT NULL,
	failures BIGINT NOT NULL,      -- in a row
	failing_since_ms BIGINT NOT NULL,
	last_ms BIGINT NOT NULL,       -- the last call, how it ended, and how long it took
	last_status BIGINT NOT NULL,
	last_error TEXT NOT NULL,
	last_took_ms BIGINT NOT NULL,
	last_good_ms BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	modified_ms BIGINT NOT NULL
);
CREATE INDEX webhooks_domain ON webhooks (domain_id, id);

CREATE TABLE webhook_calls (           -- what each webhook is still to be told, in this order
	id @KEY@,
	webhook_id BIGINT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
	event_id BIGINT NOT NULL, -- of alert_events; 0: a test, which goes first
	tries BIGINT NOT NULL,
	at_ms BIGINT NOT NULL
);
CREATE INDEX webhook_calls_next ON webhook_calls (webhook_id, event_id, id);

-- A first-access address that two places used: where it was used first, and since when it gives nothing any more.
ALTER TABLE tokens ADD COLUMN first_address TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN dead_ms BIGINT NOT NULL DEFAULT 0;

-- Records that are open for too long are looked at once each; how many are open, by state and age. Open ones of a domain, and
-- those of one device, are read by an index of their own: flips and registrations ask for them all the time.
ALTER TABLE records ADD COLUMN overdue_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE records ADD COLUMN closed_by TEXT NOT NULL DEFAULT ''; -- who wrote it off
DROP INDEX records_open;
CREATE INDEX records_open ON records (domain_id, id) WHERE open = 1;
CREATE INDEX records_named ON records (domain_id, device, id);
CREATE INDEX records_overdue ON records (overdue_ms, created_ms, state) WHERE open = 1;
INSERT INTO counters (name, value) SELECT 'handovers ' || state, COUNT(*) FROM records WHERE open = 0 GROUP BY state;
