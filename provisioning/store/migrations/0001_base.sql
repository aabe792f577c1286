-- The base: everything that a handover touches.
--
-- The same text for both engines: BIGINT, TEXT and BLOB alone; @KEY@ is the engine's 64-bit primary key. Times are
-- milliseconds since 1970 UTC, 0 = never. A reference is NULL when it points at nothing. Columns that hold sealed values are
-- BLOB and say so.

CREATE TABLE counters (name TEXT PRIMARY KEY NOT NULL, value BIGINT NOT NULL);
INSERT INTO counters (name, value) VALUES ('id', 0);
INSERT INTO counters (name, value) VALUES ('generation', 0);

CREATE TABLE layers (             -- generations of brands, models and the build
	layer TEXT NOT NULL,      -- brand, model, build
	name TEXT NOT NULL,
	generation BIGINT NOT NULL,
	mark TEXT NOT NULL,       -- build: hash over templates and profiles
	PRIMARY KEY (layer, name)
);

CREATE TABLE domains (
	id @KEY@,
	name TEXT NOT NULL UNIQUE,
	realm TEXT NOT NULL,
	reseller TEXT NOT NULL,
	description TEXT NOT NULL,
	sip_server TEXT NOT NULL,
	sip_port BIGINT NOT NULL,
	transport TEXT NOT NULL,
	proxy TEXT NOT NULL,
	timezone TEXT NOT NULL,
	language TEXT NOT NULL,
	ntp TEXT NOT NULL,
	voicemail_number TEXT NOT NULL,
	caller_id_name TEXT NOT NULL,
	caller_id_number TEXT NOT NULL,
	generation BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	modified_ms BIGINT NOT NULL
);

CREATE TABLE sites (
	id @KEY@,
	domain_id BIGINT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	name TEXT NOT NULL,
	timezone TEXT NOT NULL,
	quiet_from_min BIGINT NOT NULL,
	quiet_to_min BIGINT NOT NULL,
	generation BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	modified_ms BIGINT NOT NULL,
	UNIQUE (domain_id, name)
);

CREATE TABLE users (
	id @KEY@,
	domain_id BIGINT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	site_id BIGINT REFERENCES sites (id) ON DELETE SET NULL,
	ext TEXT NOT NULL,
	first_name TEXT NOT NULL,
	last_name TEXT NOT NULL,
	email TEXT NOT NULL,
	login TEXT NOT NULL,
	password_hash TEXT NOT NULL,
	voicemail_pin BLOB,       -- sealed
	caller_id_name TEXT NOT NULL,
	dnd BIGINT NOT NULL,
	forward_always TEXT NOT NULL,
	forward_busy TEXT NOT NULL,
	forward_no_answer TEXT NOT NULL,
	forward_offline TEXT NOT NULL,
	voicemail_email TEXT NOT NULL,
	voicemail_email_cc TEXT NOT NULL,
	scope TEXT NOT NULL,
	status TEXT NOT NULL,
	department TEXT NOT NULL,
	timezone TEXT NOT NULL,
	language TEXT NOT NULL,
	voicemail_enabled BIGINT NOT NULL,
	caller_id_number TEXT NOT NULL,
	emergency_number TEXT NOT NULL,
	emergency_address TEXT NOT NULL,
	dial_plan TEXT NOT NULL,
	dial_policy TEXT NOT NULL,
	directory_visible BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	modified_ms BIGINT NOT NULL,
	UNIQUE (domain_id, ext)
);
CREATE INDEX users_site ON users (site_id);
CREATE UNIQUE INDEX users_login ON users (lower(login)) WHERE login <> '';

CREATE TABLE phones (
	id @KEY@,
	mac TEXT NOT NULL UNIQUE,
	domain_id BIGINT REFERENCES domains (id) ON DELETE CASCADE,
	site_id BIGINT REFERENCES sites (id) ON DELETE SET NULL,
	brand TEXT NOT NULL,
	model TEXT NOT NULL,
	state TEXT NOT NULL,
	notes TEXT NOT NULL,
	transport TEXT NOT NULL,
	prov_password BLOB,          -- sealed
	prov_password_previous BLOB, -- sealed
	prov_password_seen_ms BIGINT NOT NULL,
	admin_password BLOB,         -- sealed
	user_password BLOB,          -- sealed
	pair_until_ms BIGINT NOT NULL,
	generation BIGINT NOT NULL,
	acked BIGINT NOT NULL,
	acked_ms BIGINT NOT NULL,
	user_agent TEXT NOT NULL,
	firmware TEXT NOT NULL,
	address TEXT NOT NULL,
	last_pull_ms BIGINT NOT NULL,
	contact TEXT NOT NULL,
	contact_state TEXT NOT NULL,
	contact_ms BIGINT NOT NULL,
	replaced_by BIGINT REFERENCES phones (id) ON DELETE SET NULL,
	created_ms BIGINT NOT NULL,
	modified_ms BIGINT NOT NULL
);
CREATE INDEX phones_domain ON phones (domain_id, mac);
CREATE INDEX phones_site ON phones (site_id);
CREATE INDEX phones_replaced ON phones (replaced_by);

CREATE TABLE phone_files (
	phone_id BIGINT NOT NULL REFERENCES phones (id) ON DELETE CASCADE,
	kind TEXT NOT NULL,
	first_ms BIGINT NOT NULL,
	last_ms BIGINT NOT NULL,
	delivered BIGINT NOT NULL,
	delivered_ms BIGINT NOT NULL,
	hash TEXT NOT NULL,
	etag TEXT NOT NULL,
	sent BIGINT NOT NULL,
	PRIMARY KEY (phone_id, kind)
);

CREATE TABLE devices (
	id @KEY@,
	domain_id BIGINT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
	phone_id BIGINT REFERENCES phones (id) ON DELETE CASCADE, -- idle line of this phone
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	password BLOB NOT NULL,   -- sealed
	revision BIGINT NOT NULL,
	allowed_user_agent TEXT NOT NULL,
	push_enabled BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	modified_ms BIGINT NOT NULL,
	UNIQUE (domain_id, name)
);
CREATE INDEX devices_user ON devices (user_id);
CREATE UNIQUE INDEX devices_phone ON devices (phone_id) WHERE phone_id IS NOT NULL;

CREATE TABLE lines (
	id @KEY@,
	phone_id BIGINT NOT NULL REFERENCES phones (id) ON DELETE CASCADE,
	slot BIGINT NOT NULL,
	device_id BIGINT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
	shared BIGINT NOT NULL,
	label TEXT NOT NULL,
	created_ms BIGINT NOT NULL,
	UNIQUE (phone_id, slot)
);
CREATE INDEX lines_device ON lines (device_id);

CREATE TABLE pkeys (
	id @KEY@,
	phone_id BIGINT NOT NULL REFERENCES phones (id) ON DELETE CASCADE,
	module BIGINT NOT NULL,
	place BIGINT NOT NULL,
	type TEXT NOT NULL,
	slot BIGINT NOT NULL,
	value TEXT NOT NULL,
	label TEXT NOT NULL,
	pickup TEXT NOT NULL,
	owner TEXT NOT NULL,
	user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
	ref_user_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
	own_label BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	UNIQUE (phone_id, module, place)
);
CREATE INDEX pkeys_user ON pkeys (user_id);
CREATE INDEX pkeys_ref ON pkeys (ref_user_id);

CREATE TABLE overrides (
	id @KEY@,
	layer TEXT NOT NULL,
	target TEXT NOT NULL,
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	created_ms BIGINT NOT NULL,
	UNIQUE (layer, target, name)
);

CREATE TABLE softphones (
	id @KEY@,
	domain_id BIGINT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	user_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
	device_id BIGINT REFERENCES devices (id) ON DELETE SET NULL,
	token_hash BLOB NOT NULL UNIQUE,
	kind TEXT NOT NULL,
	label TEXT NOT NULL,
	blanked BIGINT NOT NULL,
	slots_ever BIGINT NOT NULL,
	generation BIGINT NOT NULL,
	acked BIGINT NOT NULL,
	acked_ms BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	blanked_ms BIGINT NOT NULL,
	last_pull_ms BIGINT NOT NULL,
	user_agent TEXT NOT NULL
);
CREATE INDEX softphones_domain ON softphones (domain_id);
CREATE INDEX softphones_user ON softphones (user_id);
CREATE INDEX softphones_device ON softphones (device_id);

CREATE TABLE tokens (
	id @KEY@,
	phone_id BIGINT NOT NULL REFERENCES phones (id) ON DELETE CASCADE,
	token_hash BLOB NOT NULL UNIQUE,
	created_ms BIGINT NOT NULL,
	expires_ms BIGINT NOT NULL,
	used_ms BIGINT NOT NULL,
	uses BIGINT NOT NULL
);
CREATE INDEX tokens_phone ON tokens (phone_id);

CREATE TABLE sessions (
	id @KEY@,
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	token_hash BLOB NOT NULL UNIQUE,
	address TEXT NOT NULL,
	created_ms BIGINT NOT NULL,
	seen_ms BIGINT NOT NULL,
	expires_ms BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE links (
	id @KEY@,
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	token_hash BLOB NOT NULL UNIQUE,
	purpose TEXT NOT NULL,
	created_ms BIGINT NOT NULL,
	expires_ms BIGINT NOT NULL,
	used_ms BIGINT NOT NULL
);
CREATE INDEX links_user ON links (user_id);

CREATE TABLE apikeys (
	id @KEY@,
	key_hash BLOB NOT NULL UNIQUE,
	name TEXT NOT NULL,
	prefix TEXT NOT NULL,
	scope TEXT NOT NULL,
	domain_id BIGINT REFERENCES domains (id) ON DELETE CASCADE,
	reseller TEXT NOT NULL,
	sites TEXT NOT NULL,
	user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
	created_ms BIGINT NOT NULL,
	expires_ms BIGINT NOT NULL,
	used_ms BIGINT NOT NULL,
	revoked_ms BIGINT NOT NULL
);
CREATE INDEX apikeys_domain ON apikeys (domain_id);
CREATE INDEX apikeys_user ON apikeys (user_id);

CREATE TABLE jobs (
	id @KEY@,
	domain_id BIGINT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	options TEXT NOT NULL,
	payload BLOB,             -- sealed
	who TEXT NOT NULL,
	address TEXT NOT NULL,
	at_ms BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	started_ms BIGINT NOT NULL,
	ended_ms BIGINT NOT NULL
);
CREATE INDEX jobs_domain ON jobs (domain_id, id);
CREATE INDEX jobs_open ON jobs (id) WHERE ended_ms = 0;

CREATE TABLE job_users (
	id @KEY@,
	job_id BIGINT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
	domain_id BIGINT NOT NULL,
	user_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
	ext TEXT NOT NULL,
	state TEXT NOT NULL,
	error TEXT NOT NULL,
	steps TEXT NOT NULL,
	form BLOB,                -- sealed
	form_pending BIGINT NOT NULL,
	begun_ms BIGINT NOT NULL,
	ended_ms BIGINT NOT NULL,
	UNIQUE (job_id, user_id)
);
CREATE INDEX job_users_job ON job_users (job_id, id);
CREATE UNIQUE INDEX job_users_held ON job_users (user_id) WHERE ended_ms = 0; -- two jobs never hold the same user

CREATE TABLE records (            -- no reference: a record outlives what it is about
	id @KEY@,
	job_id BIGINT,
	kind TEXT NOT NULL,
	domain_id BIGINT,
	user_id BIGINT,
	phone_id BIGINT,
	device_id BIGINT,
	softphone_id BIGINT,
	mac TEXT NOT NULL,
	slot BIGINT NOT NULL,
	device TEXT NOT NULL,
	ext TEXT NOT NULL,
	domain TEXT NOT NULL,
	who TEXT NOT NULL,
	why TEXT NOT NULL,
	generation_before BIGINT NOT NULL,
	generation_after BIGINT NOT NULL,
	revision_before BIGINT NOT NULL,
	revision_after BIGINT NOT NULL,
	keeps_line BIGINT NOT NULL,
	state TEXT NOT NULL,
	open BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	closed_ms BIGINT NOT NULL
);
CREATE INDEX records_domain ON records (domain_id, id);
CREATE INDEX records_job ON records (job_id, id);
CREATE INDEX records_phone ON records (phone_id, id);
CREATE INDEX records_device ON records (device_id, id);
CREATE INDEX records_softphone ON records (softphone_id, id);
CREATE INDEX records_open ON records (id) WHERE open = 1;

CREATE TABLE facts (
	record_id BIGINT NOT NULL REFERENCES records (id) ON DELETE CASCADE,
	fact TEXT NOT NULL,
	at_ms BIGINT NOT NULL,
	evidence TEXT NOT NULL,
	PRIMARY KEY (record_id, fact)
);

CREATE TABLE served (
	phone_id BIGINT NOT NULL REFERENCES phones (id) ON DELETE CASCADE,
	slot BIGINT NOT NULL,
	device_id BIGINT NOT NULL,
	revision BIGINT NOT NULL,
	device TEXT NOT NULL,
	password BLOB,            -- sealed
	generation_first BIGINT NOT NULL,
	generation_last BIGINT NOT NULL,
	first_ms BIGINT NOT NULL,
	last_ms BIGINT NOT NULL,
	PRIMARY KEY (phone_id, slot, device_id, revision)
);

CREATE TABLE snapshots (
	phone_id BIGINT NOT NULL REFERENCES phones (id) ON DELETE CASCADE,
	kind TEXT NOT NULL,
	generation BIGINT NOT NULL,
	body BLOB NOT NULL,       -- sealed
	created_ms BIGINT NOT NULL,
	PRIMARY KEY (phone_id, kind, generation)
);

CREATE TABLE uploads (
	phone_id BIGINT NOT NULL REFERENCES phones (id) ON DELETE CASCADE,
	kind TEXT NOT NULL,
	body BLOB NOT NULL,       -- sealed
	generation BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	PRIMARY KEY (phone_id, kind)
);

CREATE TABLE unclaimed (
	mac TEXT PRIMARY KEY NOT NULL,
	vendor TEXT NOT NULL,
	model TEXT NOT NULL,
	user_agent TEXT NOT NULL,
	address TEXT NOT NULL,
	first_ms BIGINT NOT NULL,
	last_ms BIGINT NOT NULL,
	knocks BIGINT NOT NULL
);
CREATE INDEX unclaimed_last ON unclaimed (last_ms);

CREATE TABLE idempotency (
	principal TEXT NOT NULL,
	key TEXT NOT NULL,
	request TEXT NOT NULL,
	status BIGINT NOT NULL,
	location TEXT NOT NULL,
	body BLOB,                -- sealed
	created_ms BIGINT NOT NULL,
	PRIMARY KEY (principal, key)
);
CREATE INDEX idempotency_age ON idempotency (created_ms);

CREATE TABLE projection (
	identity TEXT PRIMARY KEY NOT NULL,
	domain_id BIGINT,
	device_id BIGINT,
	realm TEXT NOT NULL,
	ha1 BLOB,                 -- sealed
	revision BIGINT NOT NULL,
	wanted_ha1 BLOB,          -- sealed
	wanted_revision BIGINT NOT NULL,
	waiting BIGINT NOT NULL,
	wanted_ms BIGINT NOT NULL,
	flipped_ms BIGINT NOT NULL
);
CREATE INDEX projection_waiting ON projection (identity) WHERE waiting = 1;

CREATE TABLE audit (
	id @KEY@,
	at_ms BIGINT NOT NULL,
	who TEXT NOT NULL,
	address TEXT NOT NULL,
	client TEXT NOT NULL,
	action TEXT NOT NULL,
	domain TEXT NOT NULL,
	target_user TEXT NOT NULL,
	object TEXT NOT NULL,
	before TEXT NOT NULL,
	after TEXT NOT NULL,
	detail TEXT NOT NULL
);
CREATE INDEX audit_domain ON audit (domain, id);

CREATE TABLE timeline (
	id @KEY@,
	at_ms BIGINT NOT NULL,
	phone_id BIGINT REFERENCES phones (id) ON DELETE CASCADE,
	mac TEXT NOT NULL,
	event TEXT NOT NULL,
	detail TEXT NOT NULL,
	generation BIGINT NOT NULL,
	record_id BIGINT,
	job_id BIGINT
);
CREATE INDEX timeline_phone ON timeline (phone_id, id);

CREATE TABLE alerts (
	id @KEY@,
	at_ms BIGINT NOT NULL,
	domain_id BIGINT,
	phone_id BIGINT,
	record_id BIGINT,
	kind TEXT NOT NULL,
	text TEXT NOT NULL,
	cleared_ms BIGINT NOT NULL
);
CREATE INDEX alerts_domain ON alerts (domain_id, id);
CREATE INDEX alerts_open ON alerts (phone_id, kind) WHERE cleared_ms = 0;

CREATE TABLE outbox (
	id @KEY@,
	kind TEXT NOT NULL,
	key TEXT NOT NULL,
	payload TEXT NOT NULL,
	state TEXT NOT NULL,      -- due, claimed
	due_ms BIGINT NOT NULL,
	attempts BIGINT NOT NULL,
	error TEXT NOT NULL,
	created_ms BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (due_ms, id) WHERE state = 'due';
CREATE INDEX outbox_key ON outbox (key, kind);
CREATE INDEX outbox_claimed ON outbox (key) WHERE state = 'claimed';
