-- What has become of a user's sound files in a job: '' none, waiting, moved, deleted.
ALTER TABLE job_users ADD COLUMN voicemail TEXT NOT NULL DEFAULT '';
