-- How much there is.

-- name: numbers_outbox
SELECT kind, COUNT(*) AS waiting, SUM(CASE WHEN due_ms <= $now_ms THEN 1 ELSE 0 END) AS due,
	SUM(CASE WHEN error <> '' THEN 1 ELSE 0 END) AS failing,
	COALESCE(MIN(CASE WHEN due_ms <= $now_ms THEN due_ms END), 0) AS oldest_due_ms
FROM outbox GROUP BY kind ORDER BY kind;

-- name: numbers_jobs
SELECT state AS name, COUNT(*) AS n FROM jobs GROUP BY state ORDER BY state;
