-- Phones that nobody knows.

-- name: unclaimed_note
INSERT INTO unclaimed (mac, vendor, model, user_agent, address, first_ms, last_ms, knocks)
VALUES ($mac, $vendor, $model, $user_agent, $address, $now_ms, $now_ms, 1)
ON CONFLICT (mac) DO UPDATE SET vendor = excluded.vendor, model = excluded.model, user_agent = excluded.user_agent,
	address = excluded.address, last_ms = excluded.last_ms, knocks = unclaimed.knocks + 1;

-- name: unclaimed_count
SELECT COUNT(*) FROM unclaimed;

-- name: unclaimed_trim
DELETE FROM unclaimed WHERE mac IN (SELECT mac FROM unclaimed ORDER BY last_ms, mac LIMIT $n);

-- name: unclaimed_list
SELECT * FROM unclaimed ORDER BY last_ms DESC, mac LIMIT $limit OFFSET $start;

-- name: unclaimed_load
SELECT * FROM unclaimed WHERE mac = $mac;

-- name: unclaimed_delete
DELETE FROM unclaimed WHERE mac = $mac;
