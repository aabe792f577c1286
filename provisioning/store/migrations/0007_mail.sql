-- Mails to people, and what they say. A mail's text and its recipient stand nowhere: both are made when it leaves.

CREATE TABLE mails (
	id @KEY@,
	domain_id BIGINT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	job_id BIGINT,
	lane BIGINT NOT NULL,     -- which server it goes out by: 0 = ours, else the domain's own
	letter TEXT NOT NULL,     -- welcome, password-reset
	subject TEXT NOT NULL,    -- instead of the letter's own; '' = that
	state TEXT NOT NULL,      -- waiting, sent, failed, cancelled, replaced; link, shown
	link_id BIGINT NOT NULL,  -- the row of links
	link BLOB,                -- sealed: its secret, as long as somebody has yet to get it
	who TEXT NOT NULL,
	attempts BIGINT NOT NULL,
	due_ms BIGINT NOT NULL,
	code BIGINT NOT NULL,     -- the server's last reply
	error TEXT NOT NULL,
	created_ms BIGINT NOT NULL,
	ended_ms BIGINT NOT NULL
);
CREATE INDEX mails_user ON mails (user_id, id);
CREATE INDEX mails_domain ON mails (domain_id, id);
CREATE INDEX mails_job ON mails (job_id, id) WHERE job_id IS NOT NULL;
CREATE INDEX mails_due ON mails (lane, due_ms, id) WHERE state = 'waiting';
CREATE INDEX mails_failed ON mails (domain_id) WHERE state = 'failed';

CREATE TABLE letters (            -- instead of those that come with the program: a domain's, or a reseller's
	id @KEY@,
	domain_id BIGINT REFERENCES domains (id) ON DELETE CASCADE, -- NULL: the reseller's
	reseller TEXT NOT NULL,
	name TEXT NOT NULL,
	subject TEXT NOT NULL,
	body_text TEXT NOT NULL,
	body_html TEXT NOT NULL,
	who TEXT NOT NULL,
	modified_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX letters_domain ON letters (domain_id, name) WHERE domain_id IS NOT NULL;
CREATE UNIQUE INDEX letters_reseller ON letters (reseller, name) WHERE domain_id IS NULL;

CREATE TABLE domain_mail (        -- whom a domain's mails come from, and its own server where it has one
	domain_id BIGINT PRIMARY KEY NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	from_address TEXT NOT NULL,
	host TEXT NOT NULL,
	port BIGINT NOT NULL,
	login TEXT NOT NULL,
	password BLOB             -- sealed
);
