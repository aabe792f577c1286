-- Domains and sites.

-- name: domain_load
SELECT * FROM domains WHERE id = $id;

-- name: domain_by_name
SELECT * FROM domains WHERE name = $name;

-- name: domain_list
SELECT * FROM domains WHERE CAST($reseller AS TEXT) = '' OR reseller = $reseller
ORDER BY name LIMIT $limit OFFSET $start;

-- name: domain_count
SELECT COUNT(*) FROM domains WHERE CAST($reseller AS TEXT) = '' OR reseller = $reseller;

-- name: domain_add
INSERT INTO domains (id, name, realm, reseller, description, sip_server, sip_port, transport, proxy, timezone, language,
	ntp, voicemail_number, caller_id_name, caller_id_number, extra, ways_off, generation, created_ms,
	modified_ms)
VALUES ($id, $name, $realm, $reseller, $description, $sip_server, $sip_port, $transport, $proxy, $timezone, $language,
	$ntp, $voicemail_number, $caller_id_name, $caller_id_number, $extra, $ways_off, $generation, $created_ms,
	$modified_ms);

-- name: domain_save
UPDATE domains SET name = $name, realm = $realm, reseller = $reseller, description = $description,
	sip_server = $sip_server, sip_port = $sip_port, transport = $transport, proxy = $proxy, timezone = $timezone,
	language = $language, ntp = $ntp, voicemail_number = $voicemail_number, caller_id_name = $caller_id_name,
	caller_id_number = $caller_id_number, extra = $extra, ways_off = $ways_off, modified_ms = $modified_ms
WHERE id = $id;

-- name: domain_delete
DELETE FROM domains WHERE id = $id;

-- name: site_load
SELECT * FROM sites WHERE id = $id;

-- name: site_by_name
SELECT * FROM sites WHERE domain_id = $domain_id AND name = $name;

-- name: site_list
SELECT * FROM sites WHERE domain_id = $domain_id ORDER BY name;

-- name: site_add
INSERT INTO sites (id, domain_id, name, timezone, quiet_from_min, quiet_to_min, generation, created_ms, modified_ms)
VALUES ($id, $domain_id, $name, $timezone, $quiet_from_min, $quiet_to_min, $generation, $created_ms, $modified_ms);

-- name: site_save
UPDATE sites SET name = $name, timezone = $timezone, quiet_from_min = $quiet_from_min, quiet_to_min = $quiet_to_min,
	modified_ms = $modified_ms
WHERE id = $id;

-- name: site_delete
DELETE FROM sites WHERE id = $id;
