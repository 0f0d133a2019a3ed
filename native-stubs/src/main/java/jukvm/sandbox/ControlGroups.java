package jukvm.sandbox;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Control groups for processes that this one starts, where it may make any: one for each, in one
 * for all. So each has its limits, and those that want all processors have the same share of them,
 * together as much as a thread for each processor would. Thread-safe. Source: cgroups(7).
 *
 * <p>What a process that was killed has left of them is removed by the next that makes some in the
 * same place.
 */
public final class ControlGroups implements AutoCloseable {
    private static final String PREFIX = "jukvm-";
    private static final Pattern NAMES = Pattern.compile(PREFIX + "([0-9]+)-[0-9]+");
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int WEIGHT = 100;
    private static final int MOST_WEIGHT = 10_000;
    private static final int SHARES = 1024;
    private static final int MOST_SHARES = 262_144;

    private final Map<Controller, Path> folders;
    private final boolean isUnified;
    private final String missing;

    // Under this.
    private final Set<ControlGroup> ended = new LinkedHashSet<>();
    private long count;

    private ControlGroups(Map<Controller, Path> folders, boolean isUnified, String missing) {
        this.folders = folders;
        this.isUnified = isUnified;
        this.missing = missing;
    }

    /** Makes the one for all, as far as the host lets this process. */
    public static ControlGroups open() {
        return open(Path.of("/proc"), Path.of("/run/systemd/system"));
    }

    /**
     * Makes it in another place.
     *
     * @param proc as proc(5) has it
     * @param systemd a folder that is there if systemd has made the groups
     */
    static ControlGroups open(Path proc, Path systemd) {
        GroupFolders places = GroupFolders.find(proc.resolve("self"), systemd);
        if (!places.missing().isEmpty()) {
            return new ControlGroups(Map.of(), false, places.missing());
        }
        new HashSet<>(places.byController().values()).forEach(place -> removeOrphans(place, proc));
        String name = PREFIX + ProcessHandle.current().pid() + "-" + System.nanoTime();
        Map<Controller, Path> folders = new EnumMap<>(Controller.class);
        places.byController()
                .forEach((controller, place) -> folders.put(controller, place.resolve(name)));
        ControlGroups groups = new ControlGroups(folders, places.isUnified(), "");
        try {
            groups.make();
            return groups;
        } catch (IOException e) {
            groups.close();
            return new ControlGroups(Map.of(), false, "cgroup: " + e.getMessage());
        }
    }

    private void make() throws IOException {
        for (Path folder : each()) {
            Files.createDirectory(folder);
        }
        Path cpu = folders.get(Controller.CPU);
        int processors = Runtime.getRuntime().availableProcessors();
        if (isUnified) {
            Path switches = each().iterator().next().resolve(GroupFolders.SWITCHES);
            Files.writeString(switches, GroupFolders.switches(folders.keySet()));
        }
        if (cpu != null && isUnified) {
            int weight = Math.min(WEIGHT * processors, MOST_WEIGHT);
            Files.writeString(cpu.resolve("cpu.weight"), "" + weight);
        } else if (cpu != null) {
            int shares = Math.min(SHARES * processors, MOST_SHARES);
            Files.writeString(cpu.resolve("cpu.shares"), "" + shares);
        }
    }

    private Set<Path> each() {
        return new HashSet<>(folders.values());
    }

    // Names have the process and a number. A group that is in use cannot be removed.
    private static void removeOrphans(Path place, Path proc) {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(place, PREFIX + "*")) {
            for (Path folder : left) {
                Matcher name = NAMES.matcher(folder.getFileName().toString());
                if (name.matches() && !Files.exists(proc.resolve(name.group(1)))) {
                    removeAll(folder);
                }
            }
        } catch (IOException e) {
            // They stay.
        }
    }

    private static void removeAll(Path folder) throws IOException {
        try (DirectoryStream<Path> within = Files.newDirectoryStream(folder, Files::isDirectory)) {
            for (Path group : within) {
                Files.delete(group);
            }
        }
        Files.delete(folder);
    }

    /** Returns why there are none, empty if there are. */
    public String missing() {
        return missing;
    }

    /** Returns whether use of processors can be limited. */
    public boolean boundProcessors() {
        return folders.containsKey(Controller.CPU);
    }

    /** Returns in words what they limit, and where they are; not if there are none. */
    public String words() {
        return folders.keySet().stream().map(Controller::word).collect(Collectors.joining(", "))
                + String.format(
                        Locale.ROOT,
                        ", generation %d, in %s",
                        isUnified ? 2 : 1,
                        each().iterator().next().getParent());
    }

    /** Makes one for a process that is about to be started; {@link #give} takes it back. */
    public synchronized ControlGroup take(ControlGroup.Limits limits) {
        if (!missing.isEmpty()) {
            return ControlGroup.none(missing);
        }
        String name = "" + count++;
        Map<Controller, Path> own = new EnumMap<>(Controller.class);
        folders.forEach((controller, folder) -> own.put(controller, folder.resolve(name)));
        return ControlGroup.make(own, isUnified, limits);
    }

    /** Takes one back, whose process has ended; it is removed as soon as the kernel lets it be. */
    public synchronized void give(ControlGroup group) {
        ended.add(group);
        ended.removeIf(ControlGroup::remove);
    }

    /**
     * Removes all, which have been given back; not what a process that was sealed since may not.
     */
    @Override
    public void close() {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!removed() && Sandbox.startsPrograms() && System.nanoTime() < end) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private synchronized boolean removed() {
        ended.removeIf(ControlGroup::remove);
        if (!ended.isEmpty()) {
            return false;
        }
        try {
            for (Path folder : each()) {
                Files.deleteIfExists(folder);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
