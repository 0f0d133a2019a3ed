/*
 * floor: the least a tender has to do, timed. It is what `jukvm bench` measures jukvm against, on the same host in the same run.
 *
 *   floor [--ring 0|3] [--mode cold|shell] [--mem MIB] [-n RUNS | --seconds S | --serve] [--exits] GUEST [ARGUMENTS]
 *
 * Runs hvt guests of ABI version 2 that need no device, over and over. It believes every byte of them: a guest can do to this
 * process what it likes, so run only your own.
 *
 *   --ring 3     the guest at privilege level 3, its privileged instructions emulated (the default); 0: as solo5-hvt runs it
 *   --mode cold  each run in a new VM, with its image read anew, and all of it freed after (the default); shell: VM and vCPU are
 *                kept, and each run begins by mapping the laid-out memory anew, copy-on-write, which cleans it and nothing else
 *   -n RUNS      prints medians of so many runs; --seconds S: runs for so long and prints how often it did in a second
 *   --exits      prints how long a guest that does nothing else takes from leaving the VM to being back
 *   --serve      answers lines on stdin until that ends: "run N" with the times of N runs, "seconds S" with what --seconds prints
 *
 * Each answer is a JSON object on a line. Times are in microseconds.
 */
#include "floor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct options options = {.arguments = "", .memory = 512 * 1048576ull, .ring = 3, .runs = 1};

/* The laid-out memory of a kept machine; -1 before there is one. */
static int template = -1;

/* Ports of hypercalls. */
enum { WALLTIME = 0x501, PUTS = 0x502, POLL = 0x503, HALT = 0x508 };

enum phase { CREATE, LOAD, BOOT, DESTROY, TOTAL, PHASES };
static const char *const phase_names[PHASES] = {"create", "load", "boot", "destroy", "total"};
struct times { double us[PHASES]; };

/* How the last run went. */
static struct { int status; u64 exits, traps; } last;

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void sleep_until(u64 *call)
{
    struct timespec time = {.tv_sec = (time_t)(call[0] / 1000000000), .tv_nsec = (long)(call[0] % 1000000000)};
    nanosleep(&time, NULL);
    call[1] = 0;
    *(u32 *)&call[2] = 0;
}

/* Does what the guest asks for; returns whether it goes on. What it prints is dropped. */
static bool serve_port(void)
{
    unsigned port = machine.run->io.port;
    u64 *call = at(*(u32 *)((u8 *)machine.run + machine.run->io.data_offset));
    if (port == WALLTIME) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        *call = (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
    } else if (port == POLL) {
        sleep_until(call);
    } else if (port == HALT) {
        last.status = *(int *)&call[1];
        return false;
    } else if (port != PUTS) {
        fail("%s: writes to port 0x%x", options.guest, port);
    }
    return true;
}

static void run_to_end(void)
{
    bool goes_on = true;
    last.status = 1;
    last.exits = last.traps = 0;
    guest.gates = 0;
    while (goes_on) {
        must(ioctl(machine.vcpu, KVM_RUN, 0), "KVM_RUN");
        last.exits++;
        if (machine.run->exit_reason != KVM_EXIT_IO) fail("%s: exit reason %u", options.guest, machine.run->exit_reason);
        unsigned vector = machine.run->io.port - TRAP_PORT;
        if (vector < VECTORS) last.traps++;
        goes_on = vector < VECTORS ? trap(vector) : serve_port();
    }
}

/* Makes the machine that serves all runs, and keeps what its memory is like before a run. */
static void make_template(void)
{
    create_machine();
    lay_out();
    template = (int)must(memfd_create("floor", MFD_CLOEXEC), "memfd_create");
    must(ftruncate(template, (off_t)options.memory), "ftruncate");
    if (pwrite(template, machine.memory, options.memory, 0) != (ssize_t)options.memory) fail("memfd: %s", strerror(errno));
}

static void map_template(void)
{
    int flags = MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE;
    must_map(mmap(machine.memory, options.memory, PROT_READ | PROT_WRITE, flags, template, 0), "template");
}

/* In a kept machine creating and destroying take no time, and loading is mapping the template. */
static struct times run_once(void)
{
    if (options.keep && template < 0) make_template();
    double start = microseconds();
    if (!options.keep) create_machine();
    double created = microseconds();
    if (options.keep) map_template();
    else lay_out();
    set_registers();
    double loaded = microseconds();
    run_to_end();
    double ended = microseconds();
    if (!options.keep) destroy_machine();
    double freed = microseconds();
    return (struct times){{created - start, loaded - created, ended - loaded, freed - ended, freed - start}};
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_value);
    return values[count / 2];
}

static void *must_allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL) fail("no memory for %zu runs", count);
    return memory;
}

static void print_place(void)
{
    printf("{\"ring\":%d,\"mode\":\"%s\",\"mem_mib\":%llu", options.ring, options.keep ? "shell" : "cold",
           (unsigned long long)(options.memory / MIB));
}

static void print_last(void)
{
    unsigned long long exits = last.exits, traps = last.traps;
    printf(",\"status\":%d,\"exits\":%llu,\"traps\":%llu", last.status, exits, traps);
}

static void answer_medians(void)
{
    int runs = options.runs;
    double *columns[PHASES], *exits = must_allocate((size_t)runs, sizeof *exits);
    for (int phase = 0; phase < PHASES; phase++) columns[phase] = must_allocate((size_t)runs, sizeof(double));
    for (int i = 0; i < runs; i++) {
        struct times times = run_once();
        for (int phase = 0; phase < PHASES; phase++) columns[phase][i] = times.us[phase];
        exits[i] = times.us[BOOT] / (double)last.exits;
    }
    print_place();
    printf(",\"runs\":%d", runs);
    print_last();
    for (int phase = 0; phase < PHASES; phase++) printf(",\"%s_us\":%.1f", phase_names[phase], median(columns[phase], runs));
    if (options.exits) printf(",\"exit_us\":%.3f", median(exits, runs));
    puts("}");
}

static void answer_rate(double seconds)
{
    long runs = 0;
    int failed = 0;
    double start = microseconds(), now = start;
    for (; now - start < seconds * 1e6; now = microseconds()) {
        run_once();
        runs++;
        failed += last.status != 0;
    }
    print_place();
    printf(",\"runs\":%ld,\"failed\":%d,\"seconds\":%.6f,\"per_second\":%.1f}\n", runs, failed, (now - start) / 1e6,
           (double)runs * 1e6 / (now - start));
    fflush(stdout);
}

/* The times are collected first, so that no run waits for a reader. */
static void answer_runs(int runs)
{
    struct times *all = must_allocate((size_t)runs, sizeof *all);
    int failed = 0;
    for (int i = 0; i < runs; i++) {
        all[i] = run_once();
        failed += last.status != 0;
    }
    print_place();
    printf(",\"runs\":%d,\"failed\":%d", runs, failed);
    print_last();
    for (int phase = 0; phase < PHASES; phase++) {
        printf(",\"%s_us\":[", phase_names[phase]);
        for (int i = 0; i < runs; i++) printf("%s%.2f", i > 0 ? "," : "", all[i].us[phase]);
        printf("]");
    }
    puts("}");
    fflush(stdout);
    free(all);
}

static void serve(void)
{
    enum { MOST = 1000000 };
    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL) {
        int runs = 0;
        double seconds = 0;
        if (sscanf(line, "run %d", &runs) == 1 && runs > 0 && runs <= MOST) answer_runs(runs);
        else if (sscanf(line, "seconds %lf", &seconds) == 1 && seconds > 0) answer_rate(seconds);
        else fail("not a request: %s", line);
    }
}

static long number(const char *option, const char *text, long least, long most)
{
    char *end;
    long value = text == NULL ? least - 1 : strtol(text, &end, 10);
    if (text == NULL || end == text || *end != '\0' || value < least || value > most)
        fail("%s: need a number from %ld to %ld", option, least, most);
    return value;
}

static bool takes_value(char **argument)
{
    const char *name = argument[0], *value = argument[1];
    if (strcmp(name, "--ring") == 0) {
        options.ring = (int)number(name, value, 0, 3);
        if (options.ring % 3 != 0) fail("--ring: need 0 or 3");
    } else if (strcmp(name, "--mode") == 0) {
        options.keep = value != NULL && strcmp(value, "shell") == 0;
        if (!options.keep && (value == NULL || strcmp(value, "cold") != 0)) fail("--mode: need cold or shell");
    } else if (strcmp(name, "--mem") == 0) {
        options.memory = (u64)number(name, value, 2, 1024) / 2 * 2 * MIB;
    } else if (strcmp(name, "-n") == 0) {
        options.runs = (int)number(name, value, 1, 10000000);
    } else if (strcmp(name, "--seconds") == 0) {
        char *end = NULL;
        options.seconds = value == NULL ? 0 : strtod(value, &end);
        if (options.seconds <= 0 || *end != '\0') fail("--seconds: need a number above 0");
    } else {
        return false;
    }
    return true;
}

static void parse(char **arguments)
{
    static char joined[LONGEST_COMMAND_LINE];
    for (; *arguments != NULL && **arguments == '-'; arguments++) {
        if (strcmp(*arguments, "--exits") == 0) options.exits = true;
        else if (strcmp(*arguments, "--serve") == 0) options.serve = true;
        else if (takes_value(arguments)) arguments++;
        else fail("unknown option %s", *arguments);
    }
    options.guest = *arguments;
    if (options.guest == NULL) fail("no guest is named");
    for (arguments++; *arguments != NULL; arguments++) {
        if (strlen(joined) + strlen(*arguments) + 2 > sizeof joined) fail("too many arguments");
        if (*joined != '\0') strcat(joined, " ");
        strcat(joined, *arguments);
    }
    options.arguments = joined;
}

int main(int count, char **arguments)
{
    (void)count;
    parse(arguments + 1);
    open_kvm();
    if (options.serve) serve();
    else if (options.seconds > 0) answer_rate(options.seconds);
    else answer_medians();
    return last.status;
}
