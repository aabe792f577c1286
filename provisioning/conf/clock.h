/* A clock for waiting and measuring: it counts from some moment before the start and never jumps. What is stored and
 * shown is store_clock_ms() (store/store.h); the two must not be compared. */
#ifndef PROVISIONING_CONF_CLOCK_H
#define PROVISIONING_CONF_CLOCK_H

#include <stdint.h>

int64_t clock_steady_ms(void);
int64_t clock_steady_us(void);

#endif
