-- Keys that show no user of ours but carry a label: the few among many that may name somebody (key_list_labelled).
CREATE INDEX pkeys_labelled ON pkeys (ref_user_id, phone_id) WHERE label <> '';
