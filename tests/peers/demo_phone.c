/* The demo's simulated phone without the demo around it: lines of JSON in and out, see provisioning/demo/phone.h.
 * With two ports as arguments it stands behind a gateway that carries just these ports of 127.0.0.1. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "provisioning/demo/gateway.h"
#include "provisioning/demo/phone.h"

static int behind(struct gateway *g)
{
	struct err err;
	int status = 1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(gateway_enter(g) ? 1 : demo_phone_main());
	if (gateway_serve(g, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 77;
	}
	/* The phone's end comes from its input, which both hold: this one only waits. */
	close(STDIN_FILENO);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	uint16_t ports[GATEWAY_PORTS];
	struct gateway *g;
	struct err err;
	int code;

	if (argc != 3)
		return demo_phone_main();
	ports[0] = (uint16_t)strtoul(argv[1], NULL, 10);
	ports[1] = (uint16_t)strtoul(argv[2], NULL, 10);
	if (gateway_open(ports, &g, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	code = behind(g);
	gateway_close(g);
	return code;
}
