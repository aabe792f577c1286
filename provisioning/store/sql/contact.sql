-- Contacts: of a user, or shared by the domain.

-- name: contact_load
SELECT * FROM contacts WHERE id = $id;

-- name: contact_list
SELECT * FROM contacts WHERE user_id = $user_id ORDER BY last_name, first_name, id LIMIT $limit OFFSET $start;

-- name: contact_list_shared
SELECT * FROM contacts WHERE domain_id = $domain_id AND user_id IS NULL
ORDER BY last_name, first_name, id LIMIT $limit OFFSET $start;

-- name: contact_list_both
SELECT * FROM contacts WHERE domain_id = $domain_id AND (user_id = $user_id OR user_id IS NULL)
ORDER BY last_name, first_name, id LIMIT $limit OFFSET $start;

-- name: contact_count
SELECT COUNT(*) FROM contacts WHERE user_id = $user_id;

-- name: contact_count_shared
SELECT COUNT(*) FROM contacts WHERE domain_id = $domain_id AND user_id IS NULL;

-- name: contact_named
SELECT * FROM contacts WHERE domain_id = $domain_id AND user_id IS NULL AND last_name = $last_name AND first_name = $first_name
ORDER BY id;

-- name: contact_add
INSERT INTO contacts (id, domain_id, user_id, first_name, middle_name, last_name, email, company, work, cell, fax, home,
	tags, created_ms, modified_ms)
VALUES ($id, $domain_id, $user_id, $first_name, $middle_name, $last_name, $email, $company, $work, $cell, $fax, $home,
	$tags, $created_ms, $modified_ms);

-- name: contact_save
UPDATE contacts SET first_name = $first_name, middle_name = $middle_name, last_name = $last_name, email = $email,
	company = $company, work = $work, cell = $cell, fax = $fax, home = $home, tags = $tags, modified_ms = $modified_ms
WHERE id = $id;

-- name: contact_delete
DELETE FROM contacts WHERE id = $id;

-- name: contact_delete_user
DELETE FROM contacts WHERE user_id = $user_id;
