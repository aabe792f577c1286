-- Domains may share a SIP realm; then no two of them may have the same device (device_realm_taken).
CREATE INDEX domains_realm ON domains (realm);

-- Phone numbers: the inventory of a domain, and where each one leads.
CREATE TABLE numbers (
	id @KEY@,
	number TEXT NOT NULL UNIQUE,          -- E.164 without the plus
	domain_id BIGINT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	enabled BIGINT NOT NULL,
	application TEXT NOT NULL,            -- dial-rule-application
	user_id BIGINT REFERENCES users (id) ON DELETE SET NULL, -- whose it is
	straight BIGINT NOT NULL,             -- calls ring that user's devices: a reset may free it
	device TEXT NOT NULL,                 -- the one device that rings; empty = all of the user's
	destination_user TEXT NOT NULL,
	destination_host TEXT NOT NULL,
	parameter TEXT NOT NULL,
	source_name TEXT NOT NULL,
	description TEXT NOT NULL,
	extra TEXT NOT NULL,                  -- JSON object: fields of a client that Rekey has no use for
	created_ms BIGINT NOT NULL,
	modified_ms BIGINT NOT NULL
);
CREATE INDEX numbers_domain ON numbers (domain_id, number);
CREATE INDEX numbers_user ON numbers (user_id);
