-- Overrides per brand, model, domain, site and phone.

-- name: override_list
SELECT * FROM overrides WHERE layer = $layer AND target = $target ORDER BY name;

-- name: override_list_phone
SELECT * FROM overrides WHERE (layer = 'brand' AND target = $brand) OR (layer = 'model' AND target = $model)
OR (layer = 'domain' AND target = $domain) OR (layer = 'site' AND target = $site) OR (layer = 'phone' AND target = $phone)
ORDER BY CASE layer WHEN 'brand' THEN 1 WHEN 'model' THEN 2 WHEN 'domain' THEN 3 WHEN 'site' THEN 4 ELSE 5 END, name;

-- name: override_put
INSERT INTO overrides (id, layer, target, name, value, created_ms)
VALUES ($id, $layer, $target, $name, $value, $created_ms)
ON CONFLICT (layer, target, name) DO UPDATE SET value = excluded.value;

-- name: override_delete
DELETE FROM overrides WHERE layer = $layer AND target = $target AND name = $name;

-- name: override_clear
DELETE FROM overrides WHERE layer = $layer AND target = $target;
