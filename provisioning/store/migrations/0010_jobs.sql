-- Jobs that are scheduled, that delete, and that many watch.

-- One more at each recycle: a job that was ordered for one person never touches the next one.
ALTER TABLE users ADD COLUMN person BIGINT NOT NULL DEFAULT 0;

-- What a job holds: 0 nothing, 1 promised (scheduled, and it changes who sits there), 2 held (queued or running).
ALTER TABLE job_users ADD COLUMN hold BIGINT NOT NULL DEFAULT 2;
ALTER TABLE job_users ADD COLUMN person BIGINT NOT NULL DEFAULT 0;
DROP INDEX job_users_held;
CREATE UNIQUE INDEX job_users_held ON job_users (user_id) WHERE ended_ms = 0 AND hold = 2;
CREATE UNIQUE INDEX job_users_promised ON job_users (user_id) WHERE ended_ms = 0 AND hold = 1;
CREATE INDEX job_users_open ON job_users (job_id, id) WHERE ended_ms = 0;
CREATE INDEX job_users_user ON job_users (user_id);
CREATE INDEX job_users_pending ON job_users (domain_id, id) WHERE form_pending = 1;

-- Counts that stand when a job has ended, so that lists of jobs count nothing.
ALTER TABLE jobs ADD COLUMN users_all BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN users_done BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN users_failed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN records_all BIGINT NOT NULL DEFAULT 0;
UPDATE jobs SET users_all = (SELECT COUNT(*) FROM job_users u WHERE u.job_id = jobs.id),
	users_done = (SELECT COUNT(*) FROM job_users u WHERE u.job_id = jobs.id AND u.state = 'done'),
	users_failed = (SELECT COUNT(*) FROM job_users u WHERE u.job_id = jobs.id AND u.state = 'failed'),
	records_all = (SELECT COUNT(*) FROM records r WHERE r.job_id = jobs.id);

-- News: a number that grows with every change, for those who ask what is new since.
ALTER TABLE jobs ADD COLUMN news BIGINT NOT NULL DEFAULT 0;
ALTER TABLE job_users ADD COLUMN news BIGINT NOT NULL DEFAULT 0;
ALTER TABLE records ADD COLUMN news BIGINT NOT NULL DEFAULT 0;
CREATE INDEX job_users_news ON job_users (job_id, news);
CREATE INDEX records_news ON records (job_id, news);
CREATE INDEX records_job_open ON records (job_id) WHERE open = 1;
-- Most records are of no softphone, and many of no device that is still there.
DROP INDEX records_softphone;
DROP INDEX records_device;
CREATE INDEX records_softphone ON records (softphone_id, id) WHERE softphone_id IS NOT NULL;
CREATE INDEX records_device ON records (device_id, id) WHERE device_id IS NOT NULL;

-- The words of labels that name no user of ours: who is looked for among ten thousand labels is found by one.
CREATE TABLE key_words (
	word TEXT NOT NULL,
	key_id BIGINT NOT NULL REFERENCES pkeys (id) ON DELETE CASCADE,
	PRIMARY KEY (word, key_id)
);
CREATE INDEX key_words_key ON key_words (key_id);
INSERT INTO key_words (word, key_id)
WITH RECURSIVE walk (key_id, label, i, part, word) AS (
	SELECT id, lower(label) || ' ', 1, '', '' FROM pkeys WHERE ref_user_id IS NULL AND label <> ''
	UNION ALL
	SELECT key_id, label, i + 1,
		CASE WHEN substr(label, i, 1) BETWEEN 'a' AND 'z' OR substr(label, i, 1) BETWEEN '0' AND '9' OR substr(label, i, 1) > '~'
			THEN part || substr(label, i, 1) ELSE '' END,
		CASE WHEN substr(label, i, 1) BETWEEN 'a' AND 'z' OR substr(label, i, 1) BETWEEN '0' AND '9' OR substr(label, i, 1) > '~'
			THEN '' ELSE part END
	FROM walk WHERE i <= length(label)
)
SELECT DISTINCT word, key_id FROM walk WHERE word <> '';
DROP INDEX pkeys_labelled;
