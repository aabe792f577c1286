-- First access: which ways of proving which phone it is are off in a domain. 1 certificate, 2 token, 4 pairing window; the phone's
-- own password is always good.
ALTER TABLE domains ADD COLUMN ways_off BIGINT NOT NULL DEFAULT 0;
