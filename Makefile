# Rekey. `make run` shows the whole story, `make check` proves it; README.md says more.
#
# V=1 prints commands. SAN=address,undefined or SAN=thread or COV=1 builds beside the ordinary build, each under build/<kind>/.

.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
Q := $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-8s %s\n' '$(1)' '$(2)')

comma := ,
KIND := $(if $(COV),cov,$(if $(SAN),$(if $(findstring thread,$(SAN)),tsan,asan),$(if $(FUZZ),fuzz,dev)))
OUT := build/$(KIND)

CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
FUZZ_CC := clang
VERSION := $(shell cat .version 2>/dev/null || echo 0)
PACKAGES := libxml-2.0 jansson libcurl libidn2 sqlite3 libpq openssl libmicrohttpd inih libqrencode libpng
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla -Wno-missing-field-initializers
RE_FLAGS := -DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6 -DUSE_OPENSSL -DUSE_TLS
CPPFLAGS_ALL = -I. -I$(OUT)/gen -D_GNU_SOURCE -DREKEY_VERSION='"$(VERSION)"' $(RE_FLAGS) $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null) $(CPPFLAGS)
CFLAGS_ALL = -std=c11 -g $(if $(SAN)$(COV)$(FUZZ),-O1,-O2) -fno-omit-frame-pointer -pthread $(WARN) $(KIND_FLAGS) $(CFLAGS)
LDLIBS_ALL = $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lre -lm -pthread
KIND_FLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all) $(if $(COV),--coverage) $(if $(FUZZ),-fsanitize=fuzzer-no-link$(comma)address$(comma)undefined) $(if $(SAN)$(FUZZ)$(DEBUG_ASSERT),-DREKEY_ASSERT=1)
ifdef FUZZ
CC := $(FUZZ_CC)
endif

# Where the programs look for templates and firmware profiles when nothing else is said: the built ones in SHARE, the
# installed ones under PREFIX. Only share.c knows it, so that installing elsewhere links again and compiles nothing else.
SHARE ?= $(CURDIR)
PREFIX ?= /usr/local
INSTALLED_SHARE := $(PREFIX)/share/rekey

LIB_SRC := $(shell find phonecfg -name '*.c' -not -path 'phonecfg/tool/*' | sort)
TOOL_SRC := $(shell find phonecfg/tool -name '*.c' 2>/dev/null | sort)
SRV_SRC := $(shell find provisioning -name '*.c' -not -name main.c 2>/dev/null | sort)
MAIN_SRC := $(wildcard provisioning/main.c)
SQL := $(shell find provisioning/store/sql provisioning/store/migrations -name '*.sql' 2>/dev/null | sort)
UNIT_SRC := $(shell find tests/unit -name 'test_*.c' 2>/dev/null | sort)
UNIT_HELP := $(filter-out $(UNIT_SRC),$(shell find tests/unit -name '*.c' 2>/dev/null | sort))
FUZZ_SRC := $(shell find tests/fuzz -name 'fuzz_*.c' 2>/dev/null | sort)
# Programs main_NAME.c of tests/matrix on what lies beside them.
MATRIX_MAIN := $(shell find tests/matrix -name 'main_*.c' 2>/dev/null | sort)
MATRIX_HELP := $(filter-out $(MATRIX_MAIN),$(shell find tests/matrix -name '*.c' 2>/dev/null | sort))
PEER_SRC := $(shell find tests/peers -maxdepth 1 -name '*.c' 2>/dev/null | sort)
PULL_SRC := $(shell find tests/peers/pull -name '*.c' 2>/dev/null | sort)

obj = $(patsubst %.c,$(OUT)/obj/%.o,$(1))
LIB_OBJ := $(call obj,$(LIB_SRC))
TOOL_OBJ := $(call obj,$(TOOL_SRC))
GEN_SRC := $(if $(SQL),$(OUT)/gen/sql_text.c) $(OUT)/gen/portal_files.c
SRV_OBJ := $(call obj,$(SRV_SRC)) $(patsubst $(OUT)/gen/%.c,$(OUT)/obj/gen/%.o,$(GEN_SRC))
MAIN_OBJ := $(call obj,$(MAIN_SRC))
UNIT_BIN := $(patsubst tests/unit/%.c,$(OUT)/tests/%,$(UNIT_SRC))
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(OUT)/fuzz/%,$(FUZZ_SRC))
MATRIX_BIN := $(patsubst tests/matrix/main_%.c,$(OUT)/matrix/%,$(MATRIX_MAIN))
PEER_BIN := $(patsubst tests/peers/%.c,$(OUT)/peers/%,$(PEER_SRC))
PROGRAMS := $(if $(TOOL_SRC),$(OUT)/bin/phonecfg) $(if $(MAIN_SRC),$(OUT)/bin/rekeyd)

.PHONY: all run check soak bench fuzz lint install deps clean unit peers
all: $(PROGRAMS) $(if $(filter dev,$(KIND)),bin-links)

.PHONY: bin-links
bin-links: $(PROGRAMS)
	$(Q)mkdir -p build/bin
	$(Q)for p in $(PROGRAMS); do ln -f "$$p" build/bin/; done

# ---- compile ----
$(OUT)/flags: FORCE
	$(Q)command -v $(firstword $(CC)) >/dev/null && pkg-config --exists $(PACKAGES) || \
		{ echo "make: a compiler or a library is missing; \`make deps\` installs what the build needs" >&2; exit 1; }
	$(Q)mkdir -p $(OUT)
	$(Q)printf '%s\n' '$(CC) $(subst ','\'',$(CPPFLAGS_ALL) $(CFLAGS_ALL))' | cmp -s - $@ || printf '%s\n' '$(CC) $(subst ','\'',$(CPPFLAGS_ALL) $(CFLAGS_ALL))' > $@
.PHONY: FORCE
FORCE:

$(OUT)/obj/%.o: %.c $(OUT)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(OUT)/obj/gen/%.o: $(OUT)/gen/%.c $(OUT)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

compile_share = $(CC) $(CPPFLAGS_ALL) -DREKEY_SHARE='"$(1)"' $(CFLAGS_ALL) -MMD -MP -c -o $@ phonecfg/base/share.c
$(OUT)/obj/phonecfg/base/share.o: phonecfg/base/share.c $(OUT)/flags $(OUT)/share-built
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(call compile_share,$(SHARE))
$(OUT)/installed/share.o: phonecfg/base/share.c $(OUT)/flags $(OUT)/share-installed
	$(call say,CC,$< for $(INSTALLED_SHARE))
	$(Q)mkdir -p $(@D)
	$(Q)$(call compile_share,$(INSTALLED_SHARE))
$(OUT)/share-built: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(SHARE)' | cmp -s - $@ || echo '$(SHARE)' > $@
$(OUT)/share-installed: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(INSTALLED_SHARE)' | cmp -s - $@ || echo '$(INSTALLED_SHARE)' > $@

$(OUT)/gen/sql_text.c: provisioning/store/embed.sh $(SQL)
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)sh provisioning/store/embed.sh $(SQL) > $@

# The portal is the same for every kind of build: bundled once, in build/portal/, where npm puts what it is made of.
PORTAL_SRC := $(shell find provisioning/portal/src -type f 2>/dev/null) provisioning/portal/build.mjs
build/portal/npm-done: provisioning/portal/package.json provisioning/portal/package-lock.json
	$(call say,NPM,provisioning/portal)
	$(Q)mkdir -p $(@D) && cp $^ $(@D)/
	$(Q)command -v npm >/dev/null || { echo "make: npm is missing; \`make deps\` installs what the build needs" >&2; exit 1; }
	$(Q)cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >npm.log 2>&1 || { cat npm.log >&2; exit 1; }
	$(Q)touch $@
build/portal/portal_files.c: build/portal/npm-done $(PORTAL_SRC)
	$(call say,BUNDLE,provisioning/portal)
	$(Q)node provisioning/portal/build.mjs build/portal
$(OUT)/gen/portal_files.c: build/portal/portal_files.c
	$(Q)mkdir -p $(@D) && cp $< $@

$(OUT)/libphonecfg.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^
$(OUT)/librekeyd.a: $(SRV_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

LIBS := $(if $(SRV_SRC),$(OUT)/librekeyd.a) $(OUT)/libphonecfg.a

$(OUT)/bin/phonecfg: $(TOOL_OBJ) $(OUT)/libphonecfg.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LDLIBS_ALL)
$(OUT)/bin/rekeyd: $(MAIN_OBJ) $(LIBS)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LDLIBS_ALL)
# share.o stands before the archives, so theirs is not taken.
$(OUT)/installed/phonecfg: $(OUT)/installed/share.o $(TOOL_OBJ) $(OUT)/libphonecfg.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LDLIBS_ALL)
$(OUT)/installed/rekeyd: $(OUT)/installed/share.o $(MAIN_OBJ) $(LIBS)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LDLIBS_ALL)

# ---- tests, peers, fuzz targets ----
unit: $(UNIT_BIN)
peers: $(PEER_BIN)
$(OUT)/tests/%: tests/unit/%.c $(call obj,$(UNIT_HELP)) $(LIBS) $(OUT)/flags
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $(filter %.c %.o %.a,$^) -lcmocka $(LDLIBS_ALL)
.SECONDARY: $(call obj,$(MATRIX_HELP))
.PHONY: matrix
matrix: $(MATRIX_BIN)
$(OUT)/matrix/%: tests/matrix/main_%.c $(call obj,$(MATRIX_HELP)) $(OUT)/libphonecfg.a $(OUT)/flags
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $(filter %.c %.o %.a,$^) $(LDLIBS_ALL)
$(OUT)/peers/pull_load: $(call obj,$(PULL_SRC))
$(OUT)/peers/%: tests/peers/%.c $(LIBS) $(OUT)/flags
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $(filter %.c,$^) $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS_ALL)
# FUZZ=1 links libFuzzer; otherwise the target replays the files it is given (tests/fuzz/replay.c).
$(OUT)/fuzz/%: tests/fuzz/%.c $(if $(FUZZ),,tests/fuzz/replay.c) $(LIBS) $(OUT)/flags
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(if $(FUZZ),-fsanitize=fuzzer) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $(filter %.c %.a,$^) $(LDLIBS_ALL)
.PHONY: fuzz-bins
fuzz-bins: $(FUZZ_BIN)

# The commands below install and build by themselves; without a -j of the caller's they use every core.
cores = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))
deps:
	$(Q)sh tests/deps.sh build
check:
	$(Q)sh tests/deps.sh check
	$(Q)$(MAKE) --no-print-directory $(cores) all
	$(Q)tests/run check
soak:
	$(Q)sh tests/deps.sh check
	$(Q)$(MAKE) --no-print-directory $(cores) all
	$(Q)tests/run soak
bench:
	$(Q)sh tests/deps.sh check
	$(Q)$(MAKE) --no-print-directory $(cores) all
	$(Q)tests/run bench
fuzz:
	$(Q)sh tests/deps.sh check
	$(Q)tests/run fuzz
lint:
	$(Q)sh tests/deps.sh check
	$(Q)tests/lint/run
run:
	$(Q)sh tests/deps.sh run
	$(Q)$(MAKE) --no-print-directory $(cores) all
	$(Q)exec build/bin/rekeyd demo --dir build/run

install: $(OUT)/installed/phonecfg $(OUT)/installed/rekeyd
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(INSTALLED_SHARE)
	install -m 755 $^ $(DESTDIR)$(PREFIX)/bin/
	for f in $$(find templates firmware-profiles -type f ! -name README.md); do \
		install -D -m 644 $$f $(DESTDIR)$(INSTALLED_SHARE)/$$f || exit 1; done

clean:
	$(Q)rm -rf build

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
