/* The command as it was called, and the launcher that it becomes if the daemon does not take it. */
#ifndef COMMAND_H
#define COMMAND_H

#include "daemon.h"

#include <stdbool.h>

enum { FAILURE = 1 };

/*
 * Script is the launcher, which is given the words that cold is; in a container there is none, and it is empty. Folder is this
 * program's, with a slash at its end, or empty. Keeping is what a container runtime says to leave a descriptor open; null if this
 * is none.
 */
extern struct command {
    char **arguments, **environment, **cold, *keeping;
    const char *name;
    char script[LONGEST_PATH], folder[LONGEST_PATH];
} command;

/* JUKVM_DAEMON, JUKVM_JAVA_OPTIONS, PATH and XDG_RUNTIME_DIR; empty if not set, or for the last no whole path. */
extern struct settings { const char *daemon, *java_options, *path, *runtime; } settings;

extern uint64_t blocked; /* the signals that are */
extern int passed_on; /* the last signal to end by that the daemon was told of, 0 if none */

_Noreturn void leave(int status);

/* Prints a line of both and ends the process. */
_Noreturn void fail(const char *what, const char *name);

/* Becomes the launcher, which is told how to go on: "off" or "replace". */
_Noreturn void go_cold(const char *daemon);

/* Becomes the low-level runtime; the container has what follows its own descriptors as one more, if the daemon keeps its run. */
_Noreturn void become_low_level(bool is_kept);

/* Returns the number that a word is. */
int number_of(const char *word);

/* A closed one would be given to the next file opened, and written to as if it were the terminal. */
void fill_standard_descriptors(void);

void read_environment(void);

/* Finds the folder of this program, the launcher, name and arguments. */
void find_launcher(char **words);

bool is_for_daemon(void);

/* Whether this is a container runtime, which the launcher gives its words so: six for the daemon and two for us before those of
   its own. */
bool is_runtime(void);

/* Whether a command is called by a name of Solo5's tender. */
bool is_solo5_hvt(const char *name);

#endif
