-- Phones and their files.

-- name: phone_load
SELECT p.*, d.name AS domain, d.ways_off AS ways_off, s.name AS site, d.generation AS domain_generation, s.generation AS site_generation,
	b.generation AS brand_generation, m.generation AS model_generation, r.generation AS build_generation
FROM phones p LEFT JOIN domains d ON d.id = p.domain_id LEFT JOIN sites s ON s.id = p.site_id
LEFT JOIN layers b ON b.layer = 'brand' AND b.name = p.brand LEFT JOIN layers m ON m.layer = 'model' AND m.name = p.model
LEFT JOIN layers r ON r.layer = 'build' AND r.name = ''
WHERE p.mac = $mac;

-- name: phone_by_id
SELECT p.*, d.name AS domain, d.ways_off AS ways_off, s.name AS site, d.generation AS domain_generation, s.generation AS site_generation,
	b.generation AS brand_generation, m.generation AS model_generation, r.generation AS build_generation
FROM phones p LEFT JOIN domains d ON d.id = p.domain_id LEFT JOIN sites s ON s.id = p.site_id
LEFT JOIN layers b ON b.layer = 'brand' AND b.name = p.brand LEFT JOIN layers m ON m.layer = 'model' AND m.name = p.model
LEFT JOIN layers r ON r.layer = 'build' AND r.name = ''
WHERE p.id = $id;

-- name: phone_list
SELECT p.*, d.name AS domain, d.ways_off AS ways_off, s.name AS site, d.generation AS domain_generation, s.generation AS site_generation,
	b.generation AS brand_generation, m.generation AS model_generation, r.generation AS build_generation
FROM phones p LEFT JOIN domains d ON d.id = p.domain_id LEFT JOIN sites s ON s.id = p.site_id
LEFT JOIN layers b ON b.layer = 'brand' AND b.name = p.brand LEFT JOIN layers m ON m.layer = 'model' AND m.name = p.model
LEFT JOIN layers r ON r.layer = 'build' AND r.name = ''
WHERE (CAST($domain_id AS BIGINT) = 0 OR p.domain_id = $domain_id) AND (CAST($site_id AS BIGINT) = 0 OR p.site_id = $site_id)
AND (CAST($model AS TEXT) = '' OR p.model = $model) AND (CAST($state AS TEXT) = '' OR p.state = $state)
AND (CAST($behind AS BIGINT) = 0 OR p.generation > p.acked)
ORDER BY p.mac LIMIT $limit OFFSET $start;

-- name: phone_count
SELECT COUNT(*) FROM phones p WHERE (CAST($domain_id AS BIGINT) = 0 OR p.domain_id = $domain_id) AND (CAST($site_id AS BIGINT) = 0 OR p.site_id = $site_id)
AND (CAST($model AS TEXT) = '' OR p.model = $model) AND (CAST($state AS TEXT) = '' OR p.state = $state)
AND (CAST($behind AS BIGINT) = 0 OR p.generation > p.acked);

-- name: phone_find
SELECT p.*, d.name AS domain, d.ways_off AS ways_off, s.name AS site, d.generation AS domain_generation, s.generation AS site_generation,
	b.generation AS brand_generation, m.generation AS model_generation, r.generation AS build_generation
FROM phones p LEFT JOIN domains d ON d.id = p.domain_id LEFT JOIN sites s ON s.id = p.site_id
LEFT JOIN layers b ON b.layer = 'brand' AND b.name = p.brand LEFT JOIN layers m ON m.layer = 'model' AND m.name = p.model
LEFT JOIN layers r ON r.layer = 'build' AND r.name = ''
WHERE (CAST($domain_id AS BIGINT) = 0 OR p.domain_id = $domain_id) AND (CAST($site_id AS BIGINT) = 0 OR p.site_id = $site_id)
AND (CAST($model AS TEXT) = '' OR p.model = $model) AND (CAST($state AS TEXT) = '' OR p.state = $state)
AND (CAST($behind AS BIGINT) = 0 OR p.generation > p.acked)
AND (CAST($open AS BIGINT) = 0 OR EXISTS (SELECT 1 FROM records r WHERE r.phone_id = p.id AND r.open = 1))
AND (p.mac LIKE $mac_like OR lower(p.model) LIKE $like ESCAPE '~' OR lower(p.notes) LIKE $like ESCAPE '~'
	OR p.site_id IN (SELECT i.id FROM sites i WHERE lower(i.name) LIKE $like ESCAPE '~')
	OR EXISTS (SELECT 1 FROM lines l JOIN devices v ON v.id = l.device_id LEFT JOIN users u ON u.id = v.user_id
		WHERE l.phone_id = p.id AND (lower(v.name) LIKE $like ESCAPE '~'
			OR lower(u.first_name || ' ' || u.last_name) LIKE $like ESCAPE '~')))
ORDER BY CASE WHEN CAST($down AS BIGINT) = 0 THEN CASE CAST($sort AS TEXT) WHEN 'model' THEN p.model WHEN 'site' THEN s.name
	WHEN 'state' THEN p.state WHEN 'firmware' THEN p.firmware END END,
CASE WHEN CAST($down AS BIGINT) = 1 THEN CASE CAST($sort AS TEXT) WHEN 'model' THEN p.model WHEN 'site' THEN s.name
	WHEN 'state' THEN p.state WHEN 'firmware' THEN p.firmware WHEN 'mac' THEN p.mac END END DESC,
CASE WHEN CAST($sort AS TEXT) = 'pull' THEN CASE WHEN CAST($down AS BIGINT) = 1 THEN -p.last_pull_ms ELSE p.last_pull_ms END END,
p.mac LIMIT $limit OFFSET $start;

-- name: phone_find_count
SELECT COUNT(*) FROM phones p WHERE (CAST($domain_id AS BIGINT) = 0 OR p.domain_id = $domain_id) AND (CAST($site_id AS BIGINT) = 0 OR p.site_id = $site_id)
AND (CAST($model AS TEXT) = '' OR p.model = $model) AND (CAST($state AS TEXT) = '' OR p.state = $state)
AND (CAST($behind AS BIGINT) = 0 OR p.generation > p.acked)
AND (CAST($open AS BIGINT) = 0 OR EXISTS (SELECT 1 FROM records r WHERE r.phone_id = p.id AND r.open = 1))
AND (p.mac LIKE $mac_like OR lower(p.model) LIKE $like ESCAPE '~' OR lower(p.notes) LIKE $like ESCAPE '~'
	OR p.site_id IN (SELECT i.id FROM sites i WHERE lower(i.name) LIKE $like ESCAPE '~')
	OR EXISTS (SELECT 1 FROM lines l JOIN devices v ON v.id = l.device_id LEFT JOIN users u ON u.id = v.user_id
		WHERE l.phone_id = p.id AND (lower(v.name) LIKE $like ESCAPE '~'
			OR lower(u.first_name || ' ' || u.last_name) LIKE $like ESCAPE '~')));

-- name: phone_list_user
SELECT p.*, d.name AS domain, d.ways_off AS ways_off, s.name AS site, d.generation AS domain_generation, s.generation AS site_generation,
	b.generation AS brand_generation, m.generation AS model_generation, r.generation AS build_generation
FROM phones p LEFT JOIN domains d ON d.id = p.domain_id LEFT JOIN sites s ON s.id = p.site_id
LEFT JOIN layers b ON b.layer = 'brand' AND b.name = p.brand LEFT JOIN layers m ON m.layer = 'model' AND m.name = p.model
LEFT JOIN layers r ON r.layer = 'build' AND r.name = ''
WHERE p.id IN (SELECT l.phone_id FROM lines l JOIN devices v ON v.id = l.device_id WHERE v.user_id = $user_id)
ORDER BY p.mac;

-- name: phone_list_logins
SELECT p.id, p.mac, p.domain_id, p.model, p.state, p.prov_password, p.prov_password_previous, p.prov_password_seen_ms,
	p.pair_until_ms, p.paired_ms, d.ways_off AS ways_off,
	CASE WHEN EXISTS (SELECT 1 FROM tokens t WHERE t.phone_id = p.id AND t.dead_ms = 0 AND t.uses > 0) THEN 1 ELSE 0 END AS given
FROM phones p LEFT JOIN domains d ON d.id = p.domain_id WHERE p.id > $after ORDER BY p.id LIMIT $limit;

-- name: phone_add
INSERT INTO phones (id, mac, domain_id, site_id, brand, model, state, notes, transport, prov_password,
	prov_password_previous, prov_password_seen_ms, admin_password, user_password, pair_until_ms, generation, acked,
	acked_ms, user_agent, firmware, address, last_pull_ms, contact, contact_state, contact_ms, replaced_by,
	after_drop, domain_since_ms, extra, created_ms, modified_ms)
VALUES ($id, $mac, $domain_id, $site_id, $brand, $model, $state, $notes, $transport, $prov_password,
	$prov_password_previous, $prov_password_seen_ms, $admin_password, $user_password, $pair_until_ms, $generation,
	$acked, $acked_ms, $user_agent, $firmware, $address, $last_pull_ms, $contact, $contact_state, $contact_ms,
	$replaced_by, $after_drop, $domain_since_ms, $extra, $created_ms, $modified_ms);

-- name: phone_save
UPDATE phones SET mac = $mac, domain_id = $domain_id, site_id = $site_id, brand = $brand, model = $model,
	state = $state, notes = $notes, transport = $transport, admin_password = $admin_password, user_password = $user_password, replaced_by = $replaced_by,
	after_drop = $after_drop, domain_since_ms = $domain_since_ms, extra = $extra, modified_ms = $modified_ms
WHERE id = $id;

-- name: phone_set_state
UPDATE phones SET state = $state, modified_ms = $modified_ms WHERE id = $id;

-- name: phone_delete
DELETE FROM phones WHERE id = $id;

-- name: phone_outlive
UPDATE phones SET domain_id = NULL, site_id = NULL, notes = '', extra = '', modified_ms = $now_ms
WHERE domain_id = $domain_id AND state = 'retired' AND after_drop = ''
AND NOT EXISTS (SELECT 1 FROM records r WHERE r.phone_id = phones.id AND r.open = 1);

-- name: phone_bump
UPDATE phones SET generation = $generation WHERE id = $id;

-- name: phone_ack
UPDATE phones SET acked = $acked, acked_ms = $acked_ms WHERE id = $id AND acked < $acked;

-- name: phone_seen
UPDATE phones SET user_agent = $user_agent, firmware = $firmware, address = $address, last_pull_ms = $last_pull_ms
WHERE id = $id;

-- name: phone_contact
UPDATE phones SET contact = $contact, contact_state = $contact_state, contact_ms = $contact_ms WHERE id = $id;

-- name: phone_rekey
UPDATE phones SET prov_password = $prov_password, prov_password_previous = $prov_password_previous,
	prov_password_seen_ms = 0, modified_ms = $modified_ms
WHERE id = $id;

-- name: phone_password_seen
UPDATE phones SET prov_password_previous = NULL, prov_password_seen_ms = $seen_ms, pair_until_ms = 0, paired_ms = 0,
	file_key_seen_ms = CASE WHEN file_key IS NOT NULL AND file_key_seen_ms = 0 THEN $seen_ms ELSE file_key_seen_ms END
WHERE id = $id AND prov_password_seen_ms = 0;

-- name: phone_pair
UPDATE phones SET pair_until_ms = $until_ms, paired_ms = 0, paired_from = '' WHERE id = $id;

-- name: phone_pair_used
UPDATE phones SET paired_ms = $now_ms, paired_from = $from WHERE id = $id AND pair_until_ms > $now_ms AND paired_ms = 0;

-- name: phone_pair_lost
UPDATE phones SET paired_ms = 0, paired_from = '' WHERE id = $id AND paired_ms = $paired_ms;

-- name: phone_contacts_since
UPDATE phones SET contacts_since = $generation WHERE id = $id;

-- name: phone_file_key
UPDATE phones SET file_key = $file_key, file_key_generation = $file_key_generation, file_key_seen_ms = 0
WHERE id = $id;

-- name: phone_file_list
SELECT * FROM phone_files WHERE phone_id = $phone_id ORDER BY kind;

-- name: phone_file_note
INSERT INTO phone_files (phone_id, kind, first_ms, last_ms, delivered, delivered_ms, hash, etag, sent)
VALUES ($phone_id, $kind, $at_ms, $at_ms, 0, 0, '', '', $sent)
ON CONFLICT (phone_id, kind) DO UPDATE SET last_ms = excluded.last_ms,
	sent = CASE WHEN excluded.sent = 1 THEN 1 ELSE phone_files.sent END;

-- name: phone_file_delivered
INSERT INTO phone_files (phone_id, kind, first_ms, last_ms, delivered, delivered_ms, hash, etag, sent)
VALUES ($phone_id, $kind, $at_ms, $at_ms, $delivered, $at_ms, $hash, $etag, 0)
ON CONFLICT (phone_id, kind) DO UPDATE SET last_ms = excluded.last_ms, delivered = excluded.delivered,
	delivered_ms = excluded.delivered_ms, hash = excluded.hash, etag = excluded.etag
WHERE phone_files.delivered <= excluded.delivered;

-- name: phone_file_again
UPDATE phone_files SET last_ms = $at_ms, delivered_ms = $at_ms
WHERE phone_id = $phone_id AND kind = $kind AND delivered = $delivered AND hash = $hash;
