/* Runs a fuzz target on files, and on every file of folders, without libFuzzer. Says which input it is at before it
 * runs it, so that a crash names it. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 4 * 1024 * 1024, PATH_LEN_MAX = 4096 };

static unsigned long inputs;

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *all, *exact;
	size_t n;

	if (f == NULL) {
		fprintf(stderr, "replay: cannot open %s\n", path);
		return 1;
	}
	all = malloc(INPUT_MAX);
	n = all ? fread(all, 1, INPUT_MAX, f) : 0;
	fclose(f);
	/* A block of just that size, so that reading one byte too far is seen. */
	exact = malloc(n ? n : 1);
	if (all == NULL || exact == NULL) {
		fprintf(stderr, "replay: out of memory at %s\n", path);
		exit(1);
	}
	memcpy(exact, all, n);
	free(all);
	printf("%s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	inputs++;
	return 0;
}

static int replay(const char *path)
{
	char below[PATH_LEN_MAX];
	struct dirent *e;
	struct stat st;
	int bad = 0;
	DIR *d;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return replay_file(path);
	d = opendir(path);
	if (d == NULL) {
		fprintf(stderr, "replay: cannot open %s\n", path);
		return 1;
	}
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		if (snprintf(below, sizeof(below), "%s/%s", path, e->d_name) >= (int)sizeof(below))
			bad = 1;
		else
			bad |= replay(below);
	}
	closedir(d);
	return bad;
}

int main(int argc, char **argv)
{
	int i, bad = 0;

	for (i = 1; i < argc; i++)
		bad |= replay(argv[i]);
	printf("%lu inputs\n", inputs);
	return bad || inputs == 0;
}
