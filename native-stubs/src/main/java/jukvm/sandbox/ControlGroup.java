package jukvm.sandbox;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A control group for one process, in each hierarchy one; where none can be made all of this does
 * nothing. Thread-safe. Source: cgroup-v2.rst and cgroup-v1/memory.rst of the kernel's
 * documentation.
 */
public final class ControlGroup {
    private static final int PERIOD_MICROS = 100_000;

    /**
     * What the process may have.
     *
     * @param memory in bytes, also of the kernel on its behalf; nothing of it is swapped out where
     *     that can be said
     * @param threads at a time
     * @param processors it may use, 0 for any number
     */
    public record Limits(long memory, int threads, double processors) {}

    private final Map<Controller, Path> folders;
    private final boolean isUnified;
    private String missing;
    private long memory;
    private @Nullable RandomAccessFile memoryFile;

    private ControlGroup(Map<Controller, Path> folders, boolean isUnified, String missing) {
        this.folders = folders;
        this.isUnified = isUnified;
        this.missing = missing;
    }

    /** Returns one that is not there. */
    static ControlGroup none(String why) {
        return new ControlGroup(Map.of(), false, why);
    }

    /**
     * Makes one in folders of its own.
     *
     * @param folders that are not there yet
     */
    static ControlGroup make(Map<Controller, Path> folders, boolean isUnified, Limits limits) {
        ControlGroup group = new ControlGroup(folders, isUnified, "");
        try {
            for (Path folder : group.folders()) {
                Files.createDirectory(folder);
            }
            group.limit(limits);
            return group;
        } catch (IOException e) {
            group.remove();
            return none("cgroup: " + e.getMessage());
        }
    }

    private Set<Path> folders() {
        return new HashSet<>(folders.values());
    }

    private synchronized void limit(Limits limits) throws IOException {
        set(Controller.PIDS, "pids.max", "" + limits.threads());
        Path file = file(Controller.MEMORY, isUnified ? "memory.max" : "memory.limit_in_bytes");
        // Open from now on, for one day this process may be able to open no file to write.
        memoryFile = new RandomAccessFile(file.toFile(), "rw");
        write(limits.memory());
        if (isUnified) {
            setIfThere("memory.swap.max", "0");
            setIfThere("memory.oom.group", "1");
        }
        if (limits.processors() > 0) {
            long quota = Math.max(1000, (long) (limits.processors() * PERIOD_MICROS));
            if (isUnified) {
                set(Controller.CPU, "cpu.max", quota + " " + PERIOD_MICROS);
            } else {
                set(Controller.CPU, "cpu.cfs_period_us", "" + PERIOD_MICROS);
                set(Controller.CPU, "cpu.cfs_quota_us", "" + quota);
            }
        }
    }

    private Path file(Controller controller, String name) {
        return Objects.requireNonNull(folders.get(controller)).resolve(name);
    }

    private void set(Controller controller, String name, String value) throws IOException {
        Files.writeString(file(controller, name), value);
    }

    private void setIfThere(String name, String value) throws IOException {
        if (Files.exists(file(Controller.MEMORY, name))) {
            set(Controller.MEMORY, name, value);
        }
    }

    private void write(long bytes) throws IOException {
        RandomAccessFile file = memoryFile;
        if (file != null) {
            file.seek(0);
            file.write(("" + bytes).getBytes(StandardCharsets.US_ASCII));
            memory = bytes;
        }
    }

    /** Moves a process into it; what it has used before stays where that was. */
    public synchronized void add(long process) {
        try {
            for (Path folder : folders()) {
                Files.writeString(folder.resolve("cgroup.procs"), "" + process);
            }
        } catch (IOException e) {
            missing = "cgroup: " + e.getMessage(); // Or the process has ended.
        }
    }

    /** Returns why its limits do not hold, empty if they do. */
    public synchronized String missing() {
        return missing;
    }

    /** Lets the process have so much memory, in bytes, unless it may have more already. */
    public synchronized void allow(long bytes) {
        try {
            if (bytes > memory) {
                write(bytes);
            }
        } catch (IOException e) {
            missing = "cgroup: " + e.getMessage(); // It may have less, and ends if it needs more.
        }
    }

    /** Returns the memory that it may have, in bytes. */
    public synchronized long memory() {
        return memory;
    }

    /** Returns whether the kernel has ended the process because it wanted more memory. */
    public boolean isOutOfMemory() {
        if (folders.isEmpty()) {
            return false;
        }
        String name = isUnified ? "memory.events" : "memory.oom_control";
        try {
            List<String> lines = Files.readAllLines(file(Controller.MEMORY, name));
            return lines.stream().anyMatch(line -> line.matches("oom_kill [1-9][0-9]*"));
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Removes it, once its process has ended.
     *
     * @return false if the kernel is not done with the process, so that it is to be tried again
     */
    synchronized boolean remove() {
        boolean isGone = true;
        try {
            if (memoryFile != null) {
                memoryFile.close();
                memoryFile = null;
            }
        } catch (IOException e) {
            // As good as closed.
        }
        for (Path folder : folders()) {
            try {
                Files.deleteIfExists(folder);
            } catch (IOException e) {
                isGone = false;
            }
        }
        return isGone;
    }
}
