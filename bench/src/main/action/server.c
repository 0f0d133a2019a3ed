/*
 * The least server of HTTP as a process: prints the port of the loopback interface that it listens at, answers one request and ends.
 * What nobody asks in time is ended. Static and without libc, as the action is.
 */
static long call(long number, long a, long b, long c, long d, long e)
{
    register long fourth __asm__("r10") = d, fifth __asm__("r8") = e;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth)
                     : "rcx", "r11", "memory");
    return result;
}

enum {
    SYS_READ = 0, SYS_WRITE = 1, SYS_ALARM = 37, SYS_SOCKET = 41, SYS_ACCEPT = 43, SYS_BIND = 49, SYS_LISTEN = 50,
    SYS_GETSOCKNAME = 51, SYS_SETSOCKOPT = 54, SYS_EXIT = 60,
    STDOUT = 1, AF_INET = 2, SOCK_STREAM = 1, SOL_SOCKET = 1, SO_REUSEADDR = 2,
    PATIENCE_SECONDS = 20, LONGEST_REQUEST = 4096, DIGITS = 5
};

struct address {
    unsigned short family;
    unsigned char port[2], ip[4], padding[8];
};

/* What the guest http answers. */
static const char ANSWER[] =
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 25\r\n\r\nHello from a jukvm guest\n";

static char request[LONGEST_REQUEST];

__attribute__((noreturn)) static void end(long status)
{
    for (;;)
        call(SYS_EXIT, status, 0, 0, 0, 0);
}

static long need(long result)
{
    if (result < 0) end(1);
    return result;
}

static long listen_somewhere(void)
{
    struct address address = {.family = AF_INET, .ip = {127, 0, 0, 1}};
    int size = sizeof address, yes = 1;
    long listener = need(call(SYS_SOCKET, AF_INET, SOCK_STREAM, 0, 0, 0));
    /* Ports of connections before, which the kernel remembers for a minute, count as free. */
    need(call(SYS_SETSOCKOPT, listener, SOL_SOCKET, SO_REUSEADDR, (long)&yes, sizeof yes));
    need(call(SYS_BIND, listener, (long)&address, size, 0, 0));
    need(call(SYS_LISTEN, listener, 1, 0, 0, 0));
    need(call(SYS_GETSOCKNAME, listener, (long)&address, (long)&size, 0, 0));
    char line[DIGITS + 1];
    unsigned port = address.port[0] << 8 | address.port[1];
    for (int i = DIGITS; i--; port /= 10)
        line[i] = (char)('0' + port % 10);
    line[DIGITS] = '\n';
    need(call(SYS_WRITE, STDOUT, (long)line, sizeof line, 0, 0) - (long)sizeof line);
    return listener;
}

static int is_whole(long length)
{
    return length >= 4 && request[length - 4] == '\r' && request[length - 3] == '\n' && request[length - 2] == '\r'
        && request[length - 1] == '\n';
}

__attribute__((noreturn, used)) static void start(void)
{
    call(SYS_ALARM, PATIENCE_SECONDS, 0, 0, 0, 0);
    long connection = need(call(SYS_ACCEPT, listen_somewhere(), 0, 0, 0, 0));
    for (long length = 0; !is_whole(length);) {
        long got = need(call(SYS_READ, connection, (long)request + length, sizeof request - length, 0, 0));
        if (!got) end(1);
        length += got;
    }
    long size = sizeof ANSWER - 1;
    end(call(SYS_WRITE, connection, (long)ANSWER, size, 0, 0) != size);
}

__asm__(".globl _start\n_start:\n\tand $-16, %rsp\n\tcall start\n");
