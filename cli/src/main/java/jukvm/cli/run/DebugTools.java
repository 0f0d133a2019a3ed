package jukvm.cli.run;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.Outputs;
import jukvm.error.ConfigException;
import jukvm.monitor.CoreDumps;
import jukvm.monitor.Debugger;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Recorder;
import jukvm.sandbox.Use;
import org.jspecify.annotations.Nullable;

/**
 * What looks into one guest on behalf of a command: its trace, its recording, its profile, its
 * core, and where gdb connects.
 */
public final class DebugTools implements AutoCloseable {
    private final @Nullable Debugger debugger;
    private final @Nullable CoreDumps cores;
    private final @Nullable Profile profile;
    private final @Nullable Trace trace;
    private final @Nullable Recorder recorder;

    /** What is asked for; nothing at first. */
    public static final class Wanted {
        Trace.@Nullable Wanted trace;
        Profile.@Nullable Wanted profile;
        @Nullable String gdbOnFault;
        @Nullable String recording;

        /** Where gdb connects to a guest that waits for it, as {@link Debugger#atEntry} has it. */
        public @Nullable String gdb;

        /** Folder of cores. */
        public @Nullable String coreFolder;

        /** What cores are of, in their names. */
        public String program = "jukvm";
    }

    /**
     * Opens what is asked for.
     *
     * @throws jukvm.error.ConfigException if it cannot be had
     */
    DebugTools(Wanted wanted, Invoker invoker, Outputs outputs) {
        try {
            this.debugger = debugger(wanted);
            this.cores =
                    wanted.coreFolder == null
                            ? null
                            : CoreDumps.in(invoker.caller(), wanted.coreFolder, wanted.program);
            this.profile = wanted.profile == null ? null : new Profile(wanted.profile, outputs);
            this.trace = wanted.trace == null ? null : Trace.open(invoker, outputs, wanted.trace);
            this.recorder = wanted.recording == null ? null : recorder(wanted.recording, outputs);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static Recorder recorder(String path, Outputs outputs) {
        try {
            return Recorder.to(outputs.open("--record", path));
        } catch (IOException e) {
            throw new ConfigException("--record: cannot write: " + e.getMessage());
        }
    }

    private static @Nullable Debugger debugger(Wanted wanted) {
        if (wanted.gdb != null) {
            return Debugger.atEntry(wanted.gdb);
        }
        return wanted.gdbOnFault == null ? null : Debugger.onFault(wanted.gdbOnFault);
    }

    /** Returns what they need while the guest runs, beyond what is open. */
    Set<Use> uses() {
        Set<Use> uses = EnumSet.noneOf(Use.class);
        if (cores != null) {
            uses.add(Use.WRITING);
        }
        if (debugger != null) {
            uses.add(Use.LISTENING);
        }
        return uses;
    }

    /** Returns a guest that is looked into. */
    GuestSpec on(GuestSpec guest) {
        GuestSpec seen = trace == null ? guest : guest.trace(trace);
        seen = recorder == null ? seen : seen.record(recorder);
        seen = profile == null ? seen : seen.profile(profile.profiler());
        seen = cores == null ? seen : seen.coreDumps(cores);
        return debugger == null ? seen : seen.debugger(debugger);
    }

    /** Ends them when the guest has ended, and tells what could not be written of it. */
    void end(Consumer<String> operator) {
        close();
        if (profile != null) {
            profile.failure().ifPresent(operator);
        }
        if (trace != null) {
            trace.failure().ifPresent(operator);
        }
    }

    /** Waits no more for whoever reads what is written; from any thread. */
    void stopWaiting() {
        if (profile != null) {
            profile.stopWaiting();
        }
        if (trace != null) {
            trace.stopWaiting();
        }
        if (recorder != null) {
            recorder.stopWaiting();
        }
    }

    @Override
    public void close() {
        if (trace != null) {
            trace.close();
        }
        if (recorder != null) {
            recorder.close();
        }
        if (profile != null) {
            profile.close();
        }
        if (cores != null) {
            cores.close();
        }
        if (debugger != null) {
            debugger.close();
        }
    }
}
