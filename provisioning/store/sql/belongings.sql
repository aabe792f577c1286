-- What a user has that an option of a reset clears, counted in one statement.

-- name: belongings_count
SELECT (SELECT COUNT(*) FROM answer_rules WHERE user_id = $user_id) AS rules,
	(SELECT COUNT(*) FROM timeframes WHERE user_id = $user_id) AS timeframes,
	(SELECT COUNT(*) FROM contacts WHERE user_id = $user_id) AS contacts;
