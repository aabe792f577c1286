-- Counters and versions.

-- name: counter_add
UPDATE counters SET value = value + $n WHERE name = $name RETURNING value;

-- name: counter_get
SELECT value FROM counters WHERE name = $name;

-- name: counter_bump
INSERT INTO counters (name, value) VALUES ($name, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1;

-- name: counter_list
SELECT name, value AS n FROM counters ORDER BY name;

-- name: version_list
SELECT version, name, hash FROM versions ORDER BY version;

-- name: version_add
INSERT INTO versions (version, name, hash, at_ms) VALUES ($version, $name, $hash, $at_ms);

-- The first statement of every snapshot: fixes what it sees.
-- name: snap_pin
SELECT value FROM counters WHERE name = 'generation';
