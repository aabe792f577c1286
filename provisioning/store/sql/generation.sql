-- Generations of domains, sites, brands, models and the build.

-- name: generation_domain
UPDATE domains SET generation = $generation WHERE id = $id;

-- name: generation_site
UPDATE sites SET generation = $generation WHERE id = $id;

-- name: generation_layer
INSERT INTO layers (layer, name, generation, mark) VALUES ($layer, $name, $generation, $mark)
ON CONFLICT (layer, name) DO UPDATE SET generation = excluded.generation, mark = excluded.mark;

-- name: generation_mark
SELECT COUNT(*) FROM layers WHERE layer = 'build' AND name = '' AND mark = $mark;
