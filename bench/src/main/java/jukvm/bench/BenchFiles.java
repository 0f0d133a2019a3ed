package jukvm.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import jukvm.error.ConfigException;

/**
 * What the measurements run.
 *
 * @param hello a guest that prints a line and ends
 * @param exits a guest that leaves the VM as often as it is told
 * @param spin a guest that computes for ever
 * @param idle a guest that waits for ever, given the word forever
 * @param http a guest that serves HTTP
 * @param frames a guest that sends frames, or receives them
 * @param floor the native floor
 * @param action the action as a process
 * @param server a process that answers one request by HTTP
 * @param command the command {@code jukvm}
 */
public record BenchFiles(
        Path hello,
        Path exits,
        Path spin,
        Path idle,
        Path http,
        Path frames,
        Path floor,
        Path action,
        Path server,
        Path command) {
    /** Returns the files of the working copy that the system property {@code jukvm.root} names. */
    public static BenchFiles ofThisBuild() {
        return of(Path.of(System.getProperty("jukvm.root", ".")).toAbsolutePath().normalize());
    }

    /** Returns the files of a working copy. */
    public static BenchFiles of(Path root) {
        Path guests = root.resolve("guest-images/prebuilt");
        return new BenchFiles(
                guests.resolve("hello.hvt"),
                guests.resolve("exits.hvt"),
                guests.resolve("spin.hvt"),
                guests.resolve("poll.hvt"),
                guests.resolve("http.hvt"),
                guests.resolve("net-throughput.hvt"),
                root.resolve("bench/target/floor"),
                root.resolve("bench/target/action"),
                root.resolve("bench/target/server"),
                root.resolve("jukvm"));
    }

    /** Returns a guest that answers datagrams. */
    public Path echo() {
        return hello.resolveSibling("echo.hvt");
    }

    /** Returns the working copy that these are of. */
    public Path root() {
        return Objects.requireNonNull(command.toAbsolutePath().getParent());
    }

    /**
     * Refuses to measure without the guests.
     *
     * @throws ConfigException if one is missing
     */
    public void requireGuests() {
        for (Path guest : new Path[] {hello, exits, spin, idle, http, frames, echo()}) {
            if (!Files.isReadable(guest)) {
                throw new ConfigException(
                        guest + ": is missing. Run this from a whole working copy: git checkout .");
            }
        }
    }

    /**
     * Refuses to measure without something to measure against.
     *
     * @throws ConfigException if it is missing
     */
    public void requireFloor() {
        if (!Files.isExecutable(floor)) {
            throw new ConfigException(
                    floor
                            + ": the native floor is not built, since there was no gcc. Install it"
                            + " (apt-get install gcc libc6-dev), then run this again.");
        }
    }
}
