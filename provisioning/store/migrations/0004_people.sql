-- What belongs to people beside their phones: answering rules, time frames, contacts. And a place for what an API client sets and Rekey has no use for.

CREATE TABLE timeframes (
	id @KEY@,
	domain_id BIGINT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	user_id BIGINT REFERENCES users (id) ON DELETE CASCADE, -- none: shared by the domain
	name TEXT NOT NULL,
	type TEXT NOT NULL,
	body TEXT NOT NULL,       -- its days and dates, JSON
	created_ms BIGINT NOT NULL,
	modified_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX timeframes_user ON timeframes (user_id, name);
CREATE UNIQUE INDEX timeframes_shared ON timeframes (domain_id, name) WHERE user_id IS NULL;
CREATE INDEX timeframes_domain ON timeframes (domain_id);

CREATE TABLE answer_rules (       -- the default rule has a row only when it was changed
	id @KEY@,
	domain_id BIGINT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	timeframe_id BIGINT REFERENCES timeframes (id), -- none: always, the default rule
	enabled BIGINT NOT NULL,
	position BIGINT NOT NULL,
	body TEXT NOT NULL,       -- its features, JSON
	created_ms BIGINT NOT NULL,
	modified_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX answer_rules_user ON answer_rules (user_id, timeframe_id);
CREATE UNIQUE INDEX answer_rules_default ON answer_rules (user_id) WHERE timeframe_id IS NULL;
CREATE INDEX answer_rules_timeframe ON answer_rules (timeframe_id);
CREATE INDEX answer_rules_domain ON answer_rules (domain_id);

CREATE TABLE answer_numbers (     -- the outside numbers in a rule, by their last digits
	rule_id BIGINT NOT NULL REFERENCES answer_rules (id) ON DELETE CASCADE,
	number TEXT NOT NULL,
	rings BIGINT NOT NULL,    -- the feature that names it is on
	domain_id BIGINT NOT NULL,
	user_id BIGINT NOT NULL,
	PRIMARY KEY (rule_id, number)
);
CREATE INDEX answer_numbers_number ON answer_numbers (domain_id, number);
CREATE INDEX answer_numbers_user ON answer_numbers (user_id);

CREATE TABLE contacts (
	id @KEY@,
	domain_id BIGINT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	user_id BIGINT REFERENCES users (id) ON DELETE CASCADE, -- none: shared by the domain
	first_name TEXT NOT NULL,
	middle_name TEXT NOT NULL,
	last_name TEXT NOT NULL,
	email TEXT NOT NULL,
	company TEXT NOT NULL,
	work TEXT NOT NULL,
	cell TEXT NOT NULL,
	fax TEXT NOT NULL,
	home TEXT NOT NULL,
	tags TEXT NOT NULL,
	created_ms BIGINT NOT NULL,
	modified_ms BIGINT NOT NULL
);
CREATE INDEX contacts_user ON contacts (user_id, last_name, first_name);
CREATE INDEX contacts_domain ON contacts (domain_id, user_id, last_name, first_name);

ALTER TABLE domains ADD COLUMN extra TEXT NOT NULL DEFAULT '';      -- JSON, as the next ones
ALTER TABLE users ADD COLUMN extra TEXT NOT NULL DEFAULT '';        -- of the desk: stays at a reset
ALTER TABLE users ADD COLUMN extra_person TEXT NOT NULL DEFAULT ''; -- of the person: goes
ALTER TABLE devices ADD COLUMN extra TEXT NOT NULL DEFAULT '';
ALTER TABLE phones ADD COLUMN extra TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN client TEXT NOT NULL DEFAULT '';    -- the id of the program that a token was given to; '' = a browser
ALTER TABLE links ADD COLUMN mark TEXT NOT NULL DEFAULT '';         -- what must be so still, for the link to be good
ALTER TABLE audit ADD COLUMN who_domain TEXT NOT NULL DEFAULT '';
