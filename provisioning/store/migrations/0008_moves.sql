-- Moves of hardware: what becomes of a phone once nothing of it is open, first access by a pairing window, who gives a phone to another domain.
ALTER TABLE phones ADD COLUMN after_drop TEXT NOT NULL DEFAULT '';         -- '', 'retire', 'delete': when its last record has ended
ALTER TABLE phones ADD COLUMN domain_since_ms BIGINT NOT NULL DEFAULT 0;   -- it came from another domain then
ALTER TABLE phones ADD COLUMN paired_ms BIGINT NOT NULL DEFAULT 0;         -- the window gave its first file then; 0 once its login was used
ALTER TABLE phones ADD COLUMN paired_from TEXT NOT NULL DEFAULT '';        -- to this address
ALTER TABLE phones ADD COLUMN contacts_since BIGINT NOT NULL DEFAULT 0;    -- contacts made on it are removed from this generation on; 0 = they stay

-- A secret stood in a file for an identity of this domain; the phone may have moved since.
ALTER TABLE served ADD COLUMN domain TEXT NOT NULL DEFAULT '';
UPDATE served SET domain = COALESCE((SELECT d.name FROM phones p JOIN domains d ON d.id = p.domain_id WHERE p.id = served.phone_id), '');

CREATE TABLE transfers (          -- a phone offered to another domain: both must want it
	id @KEY@,
	phone_id BIGINT REFERENCES phones (id) ON DELETE SET NULL,
	mac TEXT NOT NULL,
	model TEXT NOT NULL,
	domain_id BIGINT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	domain TEXT NOT NULL,
	to_domain TEXT NOT NULL,  -- a name: nobody is told whether there is such a domain
	who TEXT NOT NULL,
	address TEXT NOT NULL,
	state TEXT NOT NULL,      -- waiting, accepted, declined, withdrawn, expired
	answered_by TEXT NOT NULL,
	created_ms BIGINT NOT NULL,
	expires_ms BIGINT NOT NULL,
	ended_ms BIGINT NOT NULL
);
CREATE INDEX transfers_from ON transfers (domain_id, id);
CREATE INDEX transfers_to ON transfers (to_domain, id);
CREATE UNIQUE INDEX transfers_open ON transfers (phone_id) WHERE ended_ms = 0;

CREATE INDEX pkeys_value ON pkeys (value) WHERE value <> ''; -- who watches or dials a number that goes
