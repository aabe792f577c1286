/* The public HTTP API, used as any program outside would: HTTPS with the CA checked, JSON in and out. */
#ifndef PROVISIONING_DEMO_CLIENT_H
#define PROVISIONING_DEMO_CLIENT_H

#include <jansson.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"
#include "provisioning/demo/proc.h"

struct client;

/* base: "https://127.0.0.1:9443/api/v1". ca: PEM file. */
enum err_code client_new(const char *base, const char *ca, struct client **out, struct err *err);
void client_free(struct client *c);

/* One call. body may be NULL; its reference is taken. An answer of 2xx puts the JSON (or NULL when there is none) into
 * *out, which the caller derefs; out may be NULL. Any other answer is an error that quotes the problem's detail.
 * *status (may be NULL) gets the HTTP status, 0 when nobody answered. */
enum err_code client_call(struct client *c, const char *method, const char *path, json_t *body, int *status,
	json_t **out, struct err *err);

/* Waits until /healthz answers 200. ERR_IO after ms, or when the server has ended. */
enum err_code client_wait(struct client *c, struct proc *server, unsigned ms, struct err *err);
/* A session by cookie, as the portal has it. */
enum err_code client_login(struct client *c, const char *login, const char *password, struct err *err);

#endif
