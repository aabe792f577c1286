-- Programmable keys.

-- name: key_list
SELECT k.*, p.mac AS mac, p.domain_id AS domain_id FROM pkeys k JOIN phones p ON p.id = k.phone_id
WHERE k.phone_id = $phone_id ORDER BY k.module, k.place;

-- name: key_list_showing
SELECT k.*, p.mac AS mac, p.domain_id AS domain_id FROM pkeys k JOIN phones p ON p.id = k.phone_id
WHERE k.ref_user_id = $ref_user_id ORDER BY p.mac, k.module, k.place;

-- name: key_list_person
SELECT k.*, p.mac AS mac, p.domain_id AS domain_id FROM pkeys k JOIN phones p ON p.id = k.phone_id
WHERE k.user_id = $user_id ORDER BY p.mac, k.module, k.place;

-- name: key_list_value
SELECT k.*, p.mac AS mac, p.domain_id AS domain_id FROM pkeys k JOIN phones p ON p.id = k.phone_id
WHERE k.value = $value AND k.value <> '' AND p.domain_id = $domain_id ORDER BY p.mac, k.module, k.place;

-- name: key_list_labelled
SELECT k.*, p.mac AS mac, p.domain_id AS domain_id
FROM key_words w JOIN pkeys k ON k.id = w.key_id JOIN phones p ON p.id = k.phone_id
WHERE w.word = $word AND p.domain_id = $domain_id
ORDER BY p.mac, k.module, k.place;

-- name: key_word_add
INSERT INTO key_words (word, key_id) VALUES ($word, $key_id) ON CONFLICT DO NOTHING;

-- name: key_words_drop
DELETE FROM key_words WHERE key_id = $key_id;

-- name: key_add
INSERT INTO pkeys (id, phone_id, module, place, type, slot, value, label, pickup, owner, user_id, ref_user_id,
	own_label, created_ms)
VALUES ($id, $phone_id, $module, $place, $type, $slot, $value, $label, $pickup, $owner, $user_id, $ref_user_id,
	$own_label, $created_ms);

-- name: key_save
UPDATE pkeys SET module = $module, place = $place, type = $type, slot = $slot, value = $value, label = $label,
	pickup = $pickup, owner = $owner, user_id = $user_id, ref_user_id = $ref_user_id, own_label = $own_label
WHERE id = $id;

-- name: key_delete
DELETE FROM pkeys WHERE id = $id;

-- name: key_delete_line
DELETE FROM pkeys WHERE phone_id = $phone_id AND owner = 'line' AND slot = $slot;

-- name: key_delete_person
DELETE FROM pkeys WHERE user_id = $user_id AND owner = 'person';
