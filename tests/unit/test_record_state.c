/* The state of a record as a function of its facts: the printed table is the specification, the code must agree with it
 * on every kind with every combination of facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "provisioning/reset/record.h"

struct row {
	unsigned kinds, need, lack;
	enum record_state state;
};

static struct row table[64];
static unsigned nrows;

/* Next cell of a Markdown row, trimmed; NULL at the end. */
static char *cell(char **rest)
{
	char *start = *rest, *bar = strchr(start, '|'), *end;

	if (bar == NULL)
		return NULL;
	*rest = bar + 1;
	while (*start == ' ')
		start++;
	for (end = bar; end > start && end[-1] == ' '; end--)
		;
	*end = '\0';
	return start;
}

static unsigned read_kinds(char *text)
{
	unsigned kinds = 0;
	enum record_kind kind;
	char *save, *word;

	if (strcmp(text, "any") == 0)
		return (1u << RECORD_KIND_COUNT) - 1;
	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		assert_true(record_kind_read(word, &kind));
		kinds |= 1u << kind;
	}
	return kinds;
}

static unsigned read_facts(char *text)
{
	unsigned facts = 0;
	enum record_fact fact;
	char *save, *word;

	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		assert_true(record_fact_read(word, &fact));
		facts |= fact;
	}
	return facts;
}

/* The rows between the header "| kind | all of |" and the next empty line. */
static int read_table(void **state)
{
	FILE *f = fopen("provisioning/reset/README.md", "r");
	char line[512], *rest, *kinds, *need, *lack, *end;
	int inside = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "| kind | all of |", 17) == 0) {
			inside = 1;
			continue;
		}
		if (!inside || strncmp(line, "|---", 4) == 0)
			continue;
		if (line[0] != '|')
			break;
		rest = line + 1;
		kinds = cell(&rest);
		need = cell(&rest);
		lack = cell(&rest);
		end = cell(&rest);
		assert_non_null(end);
		table[nrows].kinds = read_kinds(kinds);
		table[nrows].need = read_facts(need);
		table[nrows].lack = read_facts(lack);
		assert_true(record_state_read(end, &table[nrows].state));
		nrows++;
	}
	fclose(f);
	return nrows == 0;
}

static void test_every_combination_is_as_printed(void **state)
{
	unsigned kind, has, i;

	(void)state;
	for (kind = 0; kind < RECORD_KIND_COUNT; kind++)
		for (has = 0; has < 1u << FACT_BITS; has++) {
			struct facts facts = { (enum record_kind)kind, has };

			for (i = 0; i < nrows; i++)
				if ((table[i].kinds >> kind & 1) && (has & table[i].need) == table[i].need &&
					(has & table[i].lack) == 0)
					break;
			assert_true(i < nrows);
			if (record_state(&facts) != table[i].state)
				fail_msg("%s with facts %#x is %s, the table says %s", record_kind_word(facts.kind),
					has, record_state_word(record_state(&facts)),
					record_state_word(table[i].state));
		}
}

static void test_every_row_is_reached(void **state)
{
	unsigned n, kind, has, i;
	const struct record_rule *rules = record_rules(&n);
	unsigned char hit[64] = { 0 };

	(void)state;
	assert_int_equal(n, nrows);
	for (kind = 0; kind < RECORD_KIND_COUNT; kind++)
		for (has = 0; has < 1u << FACT_BITS; has++)
			for (i = 0; i < n; i++)
				if ((rules[i].kinds >> kind & 1) && (has & rules[i].need) == rules[i].need &&
					!(has & rules[i].lack)) {
					hit[i] = 1;
					break;
				}
	for (i = 0; i < n; i++)
		if (!hit[i])
			fail_msg("row %u of the table can never apply", i);
}

/* The sentences of the specification, by hand. */
static void test_the_sentences(void **state)
{
	static const struct {
		enum record_kind kind;
		unsigned has;
		enum record_state state;
	} rows[] = {
		{ RECORD_UNASSIGNED, 0, STATE_OPEN },
		{ RECORD_UNASSIGNED, FACT_TOLD, STATE_TOLD },
		{ RECORD_UNASSIGNED, FACT_TOLD | FACT_TOLD_FAILED, STATE_UNREACHABLE },
		{ RECORD_UNASSIGNED, FACT_TOLD_FAILED, STATE_UNREACHABLE },
		/* Flipped alone is not cut off: the old binding still rings. */
		{ RECORD_UNASSIGNED, FACT_TOLD | FACT_FLIPPED, STATE_TOLD },
		{ RECORD_UNASSIGNED, FACT_TOLD | FACT_FLIPPED | FACT_UNBOUND, STATE_CUT_OFF },
		{ RECORD_UNASSIGNED, FACT_TOLD_FAILED | FACT_FLIPPED | FACT_UNBOUND, STATE_CUT_OFF },
		{ RECORD_UNASSIGNED, FACT_FETCHED | FACT_FLIPPED | FACT_UNBOUND, STATE_FETCHED },
		/* A phone that comes by itself needs no NOTIFY for its proof. */
		{ RECORD_UNASSIGNED, FACT_FETCHED | FACT_FLIPPED | FACT_UNBOUND | FACT_APPLIED, STATE_CONFIRMED },
		{ RECORD_UNASSIGNED, FACT_TOLD_FAILED | FACT_FETCHED | FACT_FLIPPED | FACT_UNBOUND | FACT_APPLIED,
			STATE_CONFIRMED },
		{ RECORD_UNASSIGNED, FACT_FETCHED | FACT_FLIPPED | FACT_UNBOUND | FACT_APPLIED | FACT_RESIDUE,
			STATE_FETCHED },
		/* Everything but the delivery. */
		{ RECORD_UNASSIGNED, FACT_TOLD | FACT_FLIPPED | FACT_UNBOUND | FACT_APPLIED, STATE_CUT_OFF },
		{ RECORD_REKEYED, FACT_FETCHED | FACT_FLIPPED | FACT_APPLIED, STATE_CONFIRMED },
		{ RECORD_REKEYED, FACT_FETCHED | FACT_FLIPPED, STATE_FETCHED },
		{ RECORD_SOFTPHONE, FACT_FLIPPED | FACT_UNBOUND, STATE_CUT_OFF },
		{ RECORD_SOFTPHONE, FACT_FETCHED | FACT_FLIPPED | FACT_UNBOUND, STATE_CONFIRMED },
		{ RECORD_SOFTPHONE, FACT_FETCHED, STATE_FETCHED },
		{ RECORD_RELABELLED, FACT_TOLD, STATE_TOLD },
		{ RECORD_RELABELLED, FACT_FETCHED, STATE_CONFIRMED },
		{ RECORD_UNASSIGNED, FACT_FETCHED | FACT_FLIPPED | FACT_UNBOUND | FACT_APPLIED | FACT_NO_REGISTRAR,
			STATE_FETCHED },
		{ RECORD_UNASSIGNED, FACT_WRITTEN_OFF, STATE_WRITTEN_OFF },
		/* Re-opened: what was taken back is missing, and the dead line does not hide it. */
		{ RECORD_UNASSIGNED, FACT_FLIPPED | FACT_UNBOUND | FACT_REOPENED, STATE_OPEN },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct facts facts = { rows[i].kind, rows[i].has };

		if (record_state(&facts) != rows[i].state)
			fail_msg("sentence %zu: %s with %#x is %s, not %s", i, record_kind_word(rows[i].kind),
				rows[i].has, record_state_word(record_state(&facts)), record_state_word(rows[i].state));
	}
}

static void test_only_the_proof_and_a_decision_end_a_record(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < RECORD_STATE_COUNT; i++)
		assert_int_equal(record_ended((enum record_state)i), i == STATE_CONFIRMED || i == STATE_WRITTEN_OFF);
}

static void test_words_read_back(void **state)
{
	enum record_state st;
	enum record_kind kind;
	enum record_fact fact;
	unsigned i;

	(void)state;
	for (i = 0; i < RECORD_STATE_COUNT; i++) {
		assert_true(record_state_read(record_state_word((enum record_state)i), &st));
		assert_int_equal(st, i);
	}
	for (i = 0; i < RECORD_KIND_COUNT; i++) {
		assert_true(record_kind_read(record_kind_word((enum record_kind)i), &kind));
		assert_int_equal(kind, i);
	}
	for (i = 0; i < FACT_BITS; i++) {
		assert_true(record_fact_read(record_fact_word((enum record_fact)(1u << i)), &fact));
		assert_int_equal(fact, 1u << i);
	}
	assert_false(record_state_read("nearly", &st));
}

/* Something is missing exactly as long as the record is open, and without a registrar it says so. */
static void test_what_is_missing_is_said_as_long_as_a_record_is_open(void **state)
{
	struct arena a;
	unsigned kind, has;

	(void)state;
	for (kind = 0; kind < RECORD_KIND_COUNT; kind++)
		for (has = 0; has < 1u << FACT_BITS; has++) {
			struct facts facts = { (enum record_kind)kind, has };
			const char *text;

			arena_init(&a, 0);
			text = record_missing(&facts, &a);
			assert_non_null(text);
			if ((*text == '\0') != record_ended(record_state(&facts)))
				fail_msg("%s with %#x is %s and lacks \"%s\"", record_kind_word(facts.kind), has,
					record_state_word(record_state(&facts)), text);
			if (*text)
				assert_int_equal(
					strstr(text, RECORD_NO_REGISTRAR) != NULL, (has & FACT_NO_REGISTRAR) != 0);
			arena_release(&a);
		}
}

static void test_what_is_missing_is_named(void **state)
{
	static const struct {
		enum record_kind kind;
		unsigned has;
		const char *lacks, *not ;
	} rows[] = {
		{ RECORD_UNASSIGNED, 0, "has not fetched its new file", "residue" },
		{ RECORD_UNASSIGNED, FACT_FETCHED, "still accepts the old secret", "has not fetched" },
		{ RECORD_UNASSIGNED, FACT_FETCHED | FACT_FLIPPED, "without the old registration", "old secret" },
		{ RECORD_UNASSIGNED, FACT_FETCHED | FACT_FLIPPED | FACT_UNBOUND, "uses its new file",
			"old registration" },
		{ RECORD_REKEYED, FACT_FETCHED | FACT_FLIPPED, "uses its new file", "old registration" },
		{ RECORD_RELABELLED, 0, "has not fetched its new file", "old secret" },
		{ RECORD_SOFTPHONE, FACT_FLIPPED | FACT_UNBOUND, "has not fetched its blanks", "uses its new file" },
		{ RECORD_RELABELLED, FACT_FETCHED | FACT_RESIDUE, "something of the person", "fetched" },
	};
	struct arena a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct facts facts = { rows[i].kind, rows[i].has };
		const char *text;

		arena_init(&a, 0);
		text = record_missing(&facts, &a);
		if (strstr(text, rows[i].lacks) == NULL || strstr(text, rows[i].not ))
			fail_msg("row %zu: \"%s\"", i, text);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_combination_is_as_printed),
		cmocka_unit_test(test_every_row_is_reached),
		cmocka_unit_test(test_the_sentences),
		cmocka_unit_test(test_only_the_proof_and_a_decision_end_a_record),
		cmocka_unit_test(test_words_read_back),
		cmocka_unit_test(test_what_is_missing_is_said_as_long_as_a_record_is_open),
		cmocka_unit_test(test_what_is_missing_is_named),
	};

	return cmocka_run_group_tests(tests, read_table, NULL);
}
