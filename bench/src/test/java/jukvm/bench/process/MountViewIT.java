package jukvm.bench.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import jukvm.bench.Required;
import jukvm.error.HostException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A view of the host without one mount. */
class MountViewIT {
    private static final int EINVAL = 22;
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Executor NEW_THREAD = body -> new Thread(body, "viewer").start();

    @TempDir private Path mount;
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        Required.mounts();
        assertEquals(0, run("mount", "-t", "tmpfs", "tmpfs", mount.toString()).status());
        mounted = true;
        Files.createFile(mount.resolve("file"));
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertEquals(0, run("umount", mount.toString()).status());
        }
    }

    private static ChildEnd run(String name, String... arguments) throws InterruptedException {
        List<String> all = new ArrayList<>(List.of("sh", "-c", "exec \"$0\" \"$@\""));
        all.add(name);
        all.addAll(List.of(arguments));
        List<String> environment = List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
        try (Child child = Program.of(Path.of("/bin/sh"), all, environment).start()) {
            return child.await(PATIENCE);
        }
    }

    private String list() {
        try {
            return run("ls", mount.toString()).output();
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this thread", e);
        }
    }

    @Test
    void shouldHideTheMountFromThoseWhoEnterAlone() throws Exception {
        try (MountView view = MountView.without(mount)) {
            assertEquals("file\n", list());
            for (int i = 0; i < 2; i++) {
                String seen =
                        CompletableFuture.supplyAsync(
                                        () -> {
                                            view.enter();
                                            assertTrue(Files.notExists(mount.resolve("file")));
                                            return list();
                                        },
                                        NEW_THREAD)
                                .join();
                assertEquals("", seen);
            }
            assertEquals("file\n", list());
            assertTrue(Files.exists(mount.resolve("file")));
        }
    }

    @Test
    void shouldTellThatNothingIsMountedThere() throws Exception {
        Path folder = Files.createDirectory(mount.resolve("folder"));
        HostException e = assertThrows(HostException.class, () -> MountView.without(folder));
        assertEquals(EINVAL, e.errno());
        assertEquals(folder + ": umount2: Invalid argument", e.getMessage());
    }
}
