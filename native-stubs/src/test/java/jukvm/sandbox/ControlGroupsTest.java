package jukvm.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Control groups of both generations in a folder that looks like them: files are made by whoever
 * writes them, and removed here, where the kernel would make and remove them with their group.
 */
class ControlGroupsTest {
    private static final ControlGroup.Limits LIMITS = new ControlGroup.Limits(1_000_000, 100, 0.5);
    private static final long NOBODY = 999_999_999;

    @TempDir private Path folder = Path.of("");
    private Path proc = Path.of("");
    private Path systemd = Path.of("");
    private Path app = Path.of("");

    @BeforeEach
    void make() throws IOException {
        proc = Files.createDirectories(folder.resolve("proc"));
        systemd = folder.resolve("systemd");
        app = folder.resolve("unified/app");
        Files.createDirectories(proc.resolve("self"));
        Files.createDirectories(app.resolve("jvm"));
        mounts("41 31 0:38 / %s/unified rw,relatime - cgroup2 cgroup2 rw");
        own("0::/app/jvm");
        delegate(app, "cpuset cpu io memory pids", "");
        delegate(app.resolve("jvm"), "memory pids", "");
    }

    private void mounts(String... lines) throws IOException {
        List<String> all = Stream.of(lines).map(line -> String.format(line, folder)).toList();
        Files.write(proc.resolve("self/mountinfo"), all);
    }

    private void own(String... lines) throws IOException {
        Files.write(proc.resolve("self/cgroup"), List.of(lines));
    }

    private static void delegate(Path group, String controllers, String on) throws IOException {
        Files.writeString(group.resolve("cgroup.controllers"), controllers + "\n");
        Files.writeString(group.resolve("cgroup.subtree_control"), on + "\n");
        Files.writeString(group.resolve("cgroup.procs"), "");
    }

    private ControlGroups open() {
        return ControlGroups.open(proc, systemd);
    }

    private static List<Path> ours(Path place) throws IOException {
        try (Stream<Path> all = Files.list(place)) {
            return all.filter(each -> each.getFileName().toString().startsWith("jukvm-")).toList();
        }
    }

    private static String read(Path group, String file) throws IOException {
        return Files.readString(group.resolve(file));
    }

    // As the kernel does with the files of a group.
    private static void empty(Path group) throws IOException {
        try (Stream<Path> files = Files.list(group).filter(Files::isRegularFile)) {
            files.forEach(ControlGroupsTest::delete);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldBoundAProcessBesideItsOwnGroup() throws IOException {
        ControlGroups groups = open();
        assertEquals("", groups.missing());
        assertTrue(groups.boundProcessors());
        assertEquals("memory, pids, cpu, generation 2, in " + app, groups.words());
        assertEquals("+memory +pids +cpu", read(app, "cgroup.subtree_control"));
        Path all = ours(app).get(0);
        assertEquals("+memory +pids +cpu", read(all, "cgroup.subtree_control"));
        int processors = Runtime.getRuntime().availableProcessors();
        assertEquals("" + Math.min(10_000, 100 * processors), read(all, "cpu.weight"));
        ControlGroup group = groups.take(LIMITS);
        assertEquals("", group.missing());
        Path one = all.resolve("0");
        assertEquals("1000000", read(one, "memory.max"));
        assertEquals("100", read(one, "pids.max"));
        assertEquals("50000 100000", read(one, "cpu.max"));
        group.add(4242);
        assertEquals("4242", read(one, "cgroup.procs"));
        group.allow(2_000_000);
        group.allow(3);
        assertEquals("2000000", read(one, "memory.max"));
        assertEquals(2_000_000, group.memory());
        assertFalse(group.isOutOfMemory());
        Files.writeString(one.resolve("memory.events"), "oom 1\noom_kill 0\n");
        assertFalse(group.isOutOfMemory());
        Files.writeString(one.resolve("memory.events"), "oom 1\noom_kill 1\n");
        assertTrue(group.isOutOfMemory());
        groups.give(group);
        assertTrue(Files.exists(one), "its process is not gone yet");
        empty(one);
        empty(all);
        groups.close();
        assertEquals(List.of(), ours(app));
    }

    @Test
    void shouldSwitchOnWhatIsOffAlone() throws IOException {
        delegate(app, "memory pids", "memory");
        ControlGroups groups = open();
        assertEquals("", groups.missing());
        assertFalse(groups.boundProcessors());
        assertEquals("+pids", read(app, "cgroup.subtree_control"));
        ControlGroup group = groups.take(new ControlGroup.Limits(1, 1, 0));
        assertEquals("", group.missing());
        assertFalse(Files.exists(ours(app).get(0).resolve("0/cpu.max")));
    }

    @Test
    void shouldUseItsOwnGroupAtTheTop() throws IOException {
        own("0::/");
        Path top = folder.resolve("unified");
        delegate(top, "memory pids", "memory pids");
        assertEquals("", open().missing());
        assertEquals(1, ours(top).size());
    }

    @Test
    void shouldFindItsGroupInAPartOfTheTree() throws IOException {
        mounts("41 31 0:38 /docker/1 %s/unified rw - cgroup2 cgroup2 rw");
        own("0::/docker/1/app/jvm");
        assertEquals("", open().missing());
    }

    @ParameterizedTest
    @CsvSource({
        "0::/app/jvm, memory, has not both memory and pids",
        "0::/../app, memory pids, none is mounted",
        "0::/gone, memory pids, none is mounted",
        "1:cpu:/, memory pids, none is mounted",
        "'', memory pids, none is mounted"
    })
    void shouldSayWhyThereIsNone(String own, String controllers, String why) throws IOException {
        own(own);
        delegate(app, controllers, "");
        delegate(app.resolve("jvm"), controllers, "");
        ControlGroups groups = open();
        assertTrue(groups.missing().startsWith("cgroup: "), groups.missing());
        assertTrue(groups.missing().endsWith(why), groups.missing());
        assertFalse(groups.boundProcessors());
        ControlGroup none = groups.take(LIMITS);
        assertEquals(groups.missing(), none.missing());
        none.add(4242);
        none.allow(5);
        assertEquals(0, none.memory());
        assertFalse(none.isOutOfMemory());
        groups.give(none);
        groups.close();
    }

    @Test
    void shouldSayThatAGroupWithProcessesBoundsNone() throws IOException {
        for (Path group : List.of(app, app.resolve("jvm"))) {
            Files.delete(group.resolve("cgroup.subtree_control"));
            // Which nobody can write.
            Path version = Path.of("/proc/version");
            Files.createSymbolicLink(group.resolve("cgroup.subtree_control"), version);
        }
        assertTrue(open().missing().endsWith("DelegateSubgroup="), open().missing());
        assertEquals(List.of(), ours(app));
        Files.delete(app.resolve("cgroup.subtree_control"));
        Files.delete(app.resolve("jvm/cgroup.subtree_control"));
    }

    @Test
    void shouldTakeNothingOfSystemdThatIsNotMarked() throws IOException {
        Files.createDirectory(systemd);
        assertTrue(open().missing().startsWith("cgroup: " + app), open().missing());
        assertEquals(List.of(), ours(app));
        try {
            Files.getFileAttributeView(app, UserDefinedFileAttributeView.class)
                    .write("delegate", ByteBuffer.wrap(new byte[] {'1'}));
        } catch (IOException e) {
            assumeTrue(false, "no attributes here");
        }
        assertEquals("", open().missing());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRemoveWhatAKilledProcessHasLeft(boolean isAlive) throws IOException {
        Path left = app.resolve("jukvm-" + NOBODY + "-1");
        Files.createDirectories(left.resolve("0"));
        Files.createDirectories(left.resolve("1"));
        Path ofOthers = Files.createDirectory(app.resolve("jukvm-test-" + NOBODY));
        if (isAlive) {
            Files.createDirectory(proc.resolve("" + NOBODY));
        }
        assertEquals("", open().missing());
        assertEquals(isAlive, Files.exists(left));
        assertTrue(Files.exists(ofOthers));
    }

    @Test
    void shouldBoundByEachHierarchyOfTheFirstGeneration() throws IOException {
        mounts(
                "41 31 0:38 / %s/unified rw - cgroup2 cgroup2 rw",
                "35 31 0:32 / %s/memory rw - cgroup cgroup rw,memory",
                "39 31 0:36 / %s/pids rw - cgroup cgroup rw,pids",
                "32 31 0:29 / %s/cpu rw - cgroup cgroup rw,cpu,cpuacct");
        own("8:pids:/", "4:memory:/a", "1:cpu,cpuacct:/", "0::/");
        delegate(folder.resolve("unified"), "hugetlb", "");
        Path memory = Files.createDirectories(folder.resolve("memory/a"));
        Path pids = Files.createDirectories(folder.resolve("pids"));
        Path cpu = Files.createDirectories(folder.resolve("cpu"));
        ControlGroups groups = open();
        assertEquals("", groups.missing());
        ControlGroup group = groups.take(LIMITS);
        assertEquals("", group.missing());
        Path ofMemory = ours(memory).get(0).resolve("0");
        assertEquals("1000000", read(ofMemory, "memory.limit_in_bytes"));
        assertEquals("100", read(ours(pids).get(0).resolve("0"), "pids.max"));
        Path ofCpu = ours(cpu).get(0).resolve("0");
        assertEquals("100000", read(ofCpu, "cpu.cfs_period_us"));
        assertEquals("50000", read(ofCpu, "cpu.cfs_quota_us"));
        group.add(4242);
        for (Path one : List.of(ofMemory, ofCpu)) {
            assertEquals("4242", read(one, "cgroup.procs"));
        }
        Files.writeString(ofMemory.resolve("memory.oom_control"), "under_oom 0\noom_kill 2\n");
        assertTrue(group.isOutOfMemory());
    }
}
