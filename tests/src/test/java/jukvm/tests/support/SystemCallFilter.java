package jukvm.tests.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.junit.Required;
import org.jspecify.annotations.Nullable;

/**
 * A program that starts another under a filter, as of a container engine that does not know the
 * newest system calls: {@code filter ERRNO CALLS COMMAND...}. Source: seccomp(2).
 */
public final class SystemCallFilter {
    private static final String SOURCE =
            """
            #include <linux/filter.h>
            #include <linux/seccomp.h>
            #include <stddef.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/prctl.h>
            #include <sys/syscall.h>
            #include <unistd.h>

            enum { CLONE3 = 435, STATX = 332, MEMFD_CREATE = 319, IOCTL = 16 };
            enum { SECCOMP = 317, LANDLOCK = 444 };
            static const unsigned PAGEMAP_SCAN = 0xc0606610;
            static struct sock_filter filter[32];
            static unsigned short length;

            static void add(unsigned short code, unsigned char yes, unsigned char no, unsigned k)
            {
                filter[length++] = (struct sock_filter){code, yes, no, k};
            }

            static void load(unsigned offset) { add(BPF_LD | BPF_W | BPF_ABS, 0, 0, offset); }

            static void refuse(unsigned number, unsigned error)
            {
                add(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, number);
                add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | error);
            }

            int main(int count, char **words)
            {
                if (count < 4)
                    return 2;
                unsigned error = (unsigned)atoi(words[1]);
                load(offsetof(struct seccomp_data, nr));
                if (strstr(words[2], "statx"))
                    refuse(STATX, error);
                if (strstr(words[2], "clone3"))
                    refuse(CLONE3, error);
                if (strstr(words[2], "memfd_create"))
                    refuse(MEMFD_CREATE, error);
                if (strstr(words[2], "seccomp"))
                    refuse(SECCOMP, error);
                if (strstr(words[2], "landlock"))
                    refuse(LANDLOCK, error);
                if (strstr(words[2], "PAGEMAP_SCAN")) {
                    add(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, IOCTL);
                    load(offsetof(struct seccomp_data, args[1]));
                    refuse(PAGEMAP_SCAN, error);
                }
                add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
                struct sock_fprog program = {length, filter};
                if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, 2, &program))
                    return 3;
                execvp(words[3], words + 3);
                return 4;
            }
            """;

    private SystemCallFilter() {}

    /** Builds it; returns null where there is no gcc, unless one is required. */
    public static @Nullable Path build(Path folder) throws Exception {
        if (Command.shell("command -v gcc").status() != 0 && !Required.names("gcc")) {
            return null;
        }
        Path source = Files.writeString(folder.resolve("filter.c"), SOURCE);
        Path filter = folder.resolve("filter");
        Command built = Command.shell("exec gcc -O -Wall -o " + filter + " " + source);
        assertEquals(0, built.status(), built::stderr);
        return filter;
    }
}
