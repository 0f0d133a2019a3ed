/* Programs that the client starts because the daemon asks for it. */
#define _GNU_SOURCE
#include "program.h"
#include "command.h"
#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/wait.h>
#include <signal.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LAST_SIGNAL = 64, NOT_STARTED = 127 };

static bool has_started;

/* Becomes the program, in a new process. */
static _Noreturn void become(const char *path, char **words, const int *fds)
{
    static const struct { void *handler; unsigned long flags; void *restorer; uint64_t mask; } by_default;
    for (int signal = 1; signal <= LAST_SIGNAL; signal++)
        CALL(rt_sigaction, signal, &by_default, NULL, sizeof by_default.mask, 0);
    CALL(rt_sigprocmask, SIG_SETMASK, &by_default.mask, NULL, sizeof by_default.mask, 0);
    CALL(setpgid, 0, 0, 0, 0, 0);
    long nothing = CALL(open, "/dev/null", O_RDONLY, 0, 0, 0);
    CALL(dup2, nothing, 0, 0, 0, 0);
    /* The other may have the number that this one is to get. */
    int output = (int)CALL(fcntl, fds[0], F_DUPFD, STANDARD + 1, 0, 0);
    int other = (int)CALL(fcntl, fds[1], F_DUPFD, STANDARD + 1, 0, 0);
    CALL(dup2, output, 1, 0, 0, 0);
    CALL(dup2, output, 2, 0, 0, 0);
    CALL(dup2, other, STANDARD, 0, 0, 0);
    CALL(close_range, STANDARD + 1, ~0u, 0, 0, 0);
    CALL(execve, path, words, command.environment, 0, 0);
    leave(NOT_STARTED);
}

/* Finds a program on PATH; returns 0, or the negated errno. */
static long find_program(char *path, const char *name)
{
    const char *folders = settings.path;
    for (;;) {
        char *end = path;
        while (*folders && *folders != ':' && end < path + LONGEST_PATH / 2)
            *end++ = *folders++;
        if (end > path && length_of(name) < LONGEST_PATH / 2 - 1 && (!*folders || *folders == ':')) {
            struct stat status;
            *end++ = '/';
            copy(end, name);
            if (CALL(stat, path, &status, 0, 0, 0) == 0 && S_ISREG(status.st_mode)
                && CALL(access, path, X_OK, 0, 0, 0) == 0)
                return 0;
        }
        while (*folders && *folders != ':')
            folders++;
        if (!*folders++)
            return -ENOENT;
    }
}

long start_program(char *text, int count, const int *fds)
{
    static char *words[LONGEST_PATH / 2];
    static char path[LONGEST_PATH];
    char *next = text;
    if (count < 1 || count >= LONGEST_PATH / 2)
        return -EINVAL;
    for (int i = 0; i < count; i++, next += length_of(next) + 1) {
        if (next >= text + LONGEST_PATH)
            return -EINVAL;
        words[i] = next;
    }
    words[count] = NULL;
    long found = find_program(path, words[0]);
    if (found < 0)
        return found;
    long process = CALL(fork, 0, 0, 0, 0, 0);
    if (process == 0)
        become(path, words, fds);
    has_started |= process > 0;
    return process < 0 ? process : CALL(pidfd_open, process, 0, 0, 0, 0);
}

void forget_programs(void)
{
    while (has_started && CALL(wait4, -1, NULL, WNOHANG, NULL, 0) > 0)
        ;
}
