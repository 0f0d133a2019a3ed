/* The command as it was called, and the launcher that it becomes if the daemon does not take it. */
#define _GNU_SOURCE
#include "command.h"
#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/stat.h>

enum { RUNTIME_WORDS = 6, OPTIONS = 3 };

struct command command = {.name = "jukvm"};
struct settings settings = {"", "", "", ""};
uint64_t blocked;
int passed_on;

_Noreturn void leave(int status)
{
    for (;;)
        CALL(exit_group, status, 0, 0, 0, 0);
}

static void say(const char *text)
{
    CALL(write, 2, text, length_of(text), 0, 0);
}

_Noreturn void fail(const char *what, const char *name)
{
    say(command.name), say(": "), say(what), say(name), say("\n");
    leave(FAILURE);
}

/* Whether both lead to one file. */
static bool are_one(const char *path, const char *other)
{
    struct stat here, there;
    return CALL(stat, path, &here, 0, 0, 0) == 0 && CALL(stat, other, &there, 0, 0, 0) == 0
        && here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

/* A signal that came meanwhile takes effect now, as it would have at once. */
static void release_signals(void)
{
    if (passed_on)
        CALL(kill, CALL(getpid, 0, 0, 0, 0, 0), passed_on, 0, 0, 0);
    CALL(rt_sigprocmask, SIG_UNBLOCK, &blocked, NULL, sizeof blocked, 0);
}

_Noreturn void go_cold(const char *daemon)
{
    if (!*command.script)
        fail("the node's daemon does not take this guest", "");
    if (are_one(command.script, "/proc/self/exe"))
        fail("there is no launcher, only another link to the client: ", command.script);
    char setting[sizeof "JUKVM_DAEMON=replace"];
    unsigned count = 0, kept = 0;
    while (command.environment[count])
        count++;
    char *environment[count + 2];
    for (unsigned i = 0; i < count; i++)
        if (!after("JUKVM_DAEMON=", command.environment[i]))
            environment[kept++] = command.environment[i];
    copy(copy(setting, "JUKVM_DAEMON="), daemon);
    environment[kept++] = setting;
    environment[kept] = NULL;

    release_signals();
    char **words = command.cold - 1; /* The place of the name. */
    words[0] = command.script;
    CALL(execve, command.script, words, environment, 0, 0);
    fail("cannot start ", command.script);
}

_Noreturn void become_low_level(bool is_kept)
{
    char *program = (char *)after("--low-level=", command.cold[0]);
    char **from = command.cold + OPTIONS, **variable = command.environment;
    unsigned count = 0;
    while (from[count])
        count++;
    char *words[count + 3];
    unsigned next = 0;
    words[next++] = program;
    for (unsigned i = 0; i < count; i++) {
        if (is_kept && i + 1 == count) /* What comes last is the container's name, and no option after it is one. */
            words[next++] = command.keeping;
        words[next++] = from[i];
    }
    words[next] = NULL;
    /* A service manager's descriptors would come before those that are kept. */
    for (char **each = variable; is_kept && *each; each++)
        if (!after("LISTEN_", *each))
            *variable++ = *each;
    if (is_kept)
        *variable = NULL;
    release_signals();
    CALL(execve, program, words, command.environment, 0, 0);
    fail("cannot start ", program);
}

int number_of(const char *word)
{
    int number = 0;
    for (; *word >= '0' && *word <= '9'; word++)
        number = number * 10 + *word - '0';
    return number;
}

void fill_standard_descriptors(void)
{
    for (int fd = 0; fd < STANDARD; fd++)
        if (CALL(fcntl, fd, F_GETFD, 0, 0, 0) == -EBADF)
            CALL(open, "/dev/null", O_RDWR, 0, 0, 0);
}

void read_environment(void)
{
    for (char **each = command.environment; *each; each++) {
        const char *value;
        if ((value = after("JUKVM_DAEMON=", *each)))
            settings.daemon = value;
        else if ((value = after("JUKVM_JAVA_OPTIONS=", *each)))
            settings.java_options = value;
        else if ((value = after("PATH=", *each)))
            settings.path = value;
        else if ((value = after("XDG_RUNTIME_DIR=", *each)) && !is_runtime())
            settings.runtime = *value == '/' ? value : "";
    }
}

/* After those for the daemon: the folder that it has its own in, the word to leave a descriptor open, the launcher's own. */
static void read_runtime_words(void)
{
    char **rest = command.arguments;
    while (*rest && rest < command.arguments + RUNTIME_WORDS + 2 + OPTIONS)
        rest++;
    if (rest < command.arguments + RUNTIME_WORDS + 2 + OPTIONS)
        fail("is started by the launcher jukvm-runtime", "");
    rest = command.arguments + RUNTIME_WORDS;
    settings.runtime = rest[0];
    command.keeping = rest[1];
    command.cold = rest + 2;
    rest[0] = NULL;
}

void find_launcher(char **words)
{
    long length = CALL(readlink, "/proc/self/exe", command.folder, sizeof command.folder - 32, 0, 0);
    if (length <= 0)
        length = 0; /* No /proc: no daemon. */
    command.folder[length] = 0;
    *(char *)last_part(command.folder) = 0;

    const char *name = words[0] ? last_part(words[0]) : "jukvm";
    bool by_launcher = is(name, "client");
    if (by_launcher && !words[1])
        fail("is started by the launcher jukvm", "");
    command.arguments = words + (by_launcher ? 2 : 1);
    command.name = by_launcher ? last_part(words[1]) : name;
    if ((by_launcher ? length_of(words[1]) : length_of(command.folder) + length_of(name)) >= sizeof command.script)
        fail("the path of the launcher is too long", "");
    if (by_launcher)
        copy(command.script, words[1]);
    else
        copy(copy(command.script, command.folder), name);
    command.cold = command.arguments;
    if (by_launcher && is(command.name, "jukvm-runtime"))
        read_runtime_words();
}

bool is_runtime(void)
{
    return command.keeping;
}

bool is_for_daemon(void)
{
    if (is_runtime())
        return *command.folder;
    bool may = !*settings.daemon || is(settings.daemon, "auto");
    const char *first = command.arguments[0];
    return may && !*settings.java_options && *command.folder
        && (is_solo5_hvt(command.name) || (first && is(first, "run")));
}

bool is_solo5_hvt(const char *name)
{
    const char *abi = after("solo5-hvt", name);
    return abi && (!*abi || is(abi, ".1") || is(abi, ".2"));
}
