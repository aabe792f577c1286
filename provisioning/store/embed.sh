#!/bin/sh
# Turns named SQL blocks and migrations into C: sh provisioning/store/embed.sh FILE.sql... > sql_text.c
#
# In a block, $word is a parameter. It becomes $1, $2, ... by first appearance; the words are kept beside the text, so that C
# binds by word. Comments and line ends go. A name given twice for one engine is an error. With --plain the blocks come out
# as `name|engine|text`, one a line, for tests that prepare them elsewhere.
set -eu

plain=0
if [ "${1:-}" = --plain ]; then
	plain=1
	shift
fi

LC_ALL=C exec awk -v plain="$plain" '
function fail(msg)
{
	printf "%s:%d: %s\n", FILENAME, FNR, msg > "/dev/stderr"
	failed = 1
	exit 1
}

function quote(s)
{
	if (s ~ /\\/)
		fail("a backslash means different things to different engines")
	gsub(/"/, "\\\"", s)
	gsub(/\t/, " ", s)
	return "\"" s "\""
}

# Numbers the parameters of text; leaves the words in `words`, as C initialisers.
function number(text,    out, word, seen, n)
{
	out = ""
	n = 0
	words = ""
	split("", seen)
	while (match(text, /\$[a-z_][a-z0-9_]*/)) {
		word = substr(text, RSTART + 1, RLENGTH - 1)
		if (!(word in seen)) {
			seen[word] = ++n
			words = words quote(word) ", "
		}
		out = out substr(text, 1, RSTART - 1) "$" seen[word]
		text = substr(text, RSTART + RLENGTH)
	}
	nwords = n
	return out text
}

function finish(    key)
{
	if (name == "")
		return
	sub(/[ ;]+$/, "", text)
	if (text == "")
		fail("block " name " is empty")
	if (text ~ /;/)
		fail("block " name " holds more than one statement")
	key = name " " engine
	if (key in have)
		fail("block " name " stands twice")
	have[key] = 1
	count++
	names[count] = key
	texts[count] = number(text)
	params[count] = words
	nparams[count] = nwords
	name = ""
}

function flush_migration()
{
	if (migration != "")
		mtext[nmigrations] = mbody
	migration = ""
}

FNR == 1 {
	finish()
	flush_migration()
	if (FILENAME ~ /migrations\/[0-9][0-9][0-9][0-9]_[a-z0-9_]+\.sql$/) {
		migration = FILENAME
		sub(/.*\//, "", migration)
		sub(/\.sql$/, "", migration)
		mname[++nmigrations] = migration
		mbody = ""
	}
}

migration != "" {
	sub(/--.*/, "")
	sub(/^[ \t]+/, "")
	sub(/[ \t]+$/, "")
	if ($0 != "")
		mbody = mbody "\n\t  " quote($0 " ")
	next
}

/^-- name: / {
	finish()
	name = $3
	engine = ""
	text = ""
	next
}
/^-- engine: / {
	engine = $3
	next
}
{
	sub(/--.*/, "")
	gsub(/[ \t]+/, " ")
	sub(/^ /, "")
	sub(/ $/, "")
	if ($0 == "")
		next
	if (name == "")
		fail("SQL outside a named block")
	text = text (text == "" ? "" : " ") $0
}

END {
	if (failed)
		exit 1
	finish()
	flush_migration()
	if (plain) {
		for (i = 1; i <= count; i++) {
			sub(/ /, "|", names[i])
			print names[i] "|" texts[i]
		}
		exit 0
	}
	# In order of name, so that C can search by halves.
	for (i = 2; i <= count; i++)
		for (j = i; j > 1 && names[j - 1] > names[j]; j--) {
			t = names[j]; names[j] = names[j - 1]; names[j - 1] = t
			t = texts[j]; texts[j] = texts[j - 1]; texts[j - 1] = t
			t = params[j]; params[j] = params[j - 1]; params[j - 1] = t
			t = nparams[j]; nparams[j] = nparams[j - 1]; nparams[j - 1] = t
		}
	print "/* Made by provisioning/store/embed.sh from the .sql files. */"
	print "#include \"provisioning/store/sql_text.h\""
	print ""
	for (i = 1; i <= count; i++)
		if (nparams[i] > 0)
			printf "static const char *const params_%d[] = { %s};\n", i, params[i]
	print "\nconst struct sql_block sql_blocks[] = {"
	for (i = 1; i <= count; i++) {
		split(names[i], part, " ")
		printf("\t{ %s, %s, %s, %s, %d },\n", quote(part[1]), quote(part[2]), quote(texts[i]),
			(nparams[i] > 0 ? "params_" i : "0"), nparams[i])
	}
	print "\t{ \"\", \"\", \"\", 0, 0 }\n};"
	printf "const size_t sql_block_count = %d;\n", count
	print "\nconst struct sql_migration sql_migrations[] = {"
	for (i = 1; i <= nmigrations; i++)
		printf "\t{ %d, %s,%s },\n", substr(mname[i], 1, 4) + 0, quote(mname[i]), mtext[i]
	print "\t{ 0, \"\", \"\" }\n};"
	printf "const size_t sql_migration_count = %d;\n", nmigrations
}
' "$@"
