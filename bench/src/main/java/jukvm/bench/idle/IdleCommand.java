package jukvm.bench.idle;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jukvm.bench.BenchFiles;
import jukvm.bench.Progress;
import jukvm.bench.Version;
import jukvm.bench.experiment.Interruption;
import jukvm.bench.load.Samples;
import jukvm.bench.load.UsedMemory;
import jukvm.bench.report.Lines;
import jukvm.bench.report.Say;
import jukvm.error.HostException;
import jukvm.image.GuestImage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code jukvm bench idle}: measures how many guests that wait one JVM has room for. */
@Command(
        name = "idle",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Measure guests of 16 MiB that wait, in one JVM: how soon so many are up, how soon"
                        + " each answers a datagram on its own network, and what they take.",
        footer = {
            "",
            "The JVM's memory is what it and its guests have for themselves; the host's is with what"
                    + " the kernel keeps for them, and whatever else came and went. The exit status"
                    + " is 1 if one does not come up or answer."
        },
        sortOptions = false)
public final class IdleCommand implements Callable<Integer> {
    private static final long REST_SECONDS = 2;
    private static final double NANOS = 1e9;
    private static final double KIB = 1024;

    @Spec private CommandSpec spec;

    @Option(
            names = "--guests",
            paramLabel = "N",
            defaultValue = "10000",
            description = "How many; ${DEFAULT-VALUE} if not given.")
    private int count;

    @Option(
            names = "--booting",
            paramLabel = "N",
            defaultValue = "16",
            description = "How many may boot at once; ${DEFAULT-VALUE} if not given.")
    private int booting;

    @Override
    @SuppressWarnings("try") // The interruption is only there.
    public Integer call() throws InterruptedException {
        if (count < 1 || booting < 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    (count < 1 ? "--guests: " + count : "--booting: " + booting)
                            + " is less than 1");
        }
        BenchFiles files = BenchFiles.ofThisBuild();
        files.requireGuests();
        Progress progress = new Progress(System.err, Boolean.getBoolean("jukvm.terminal"));
        try (Interruption interruption = Interruption.ofThisThread();
                IdleGuests guests = new IdleGuests(GuestImage.read(files.echo()))) {
            measure(guests, progress);
        } finally {
            progress.end();
        }
        return 0;
    }

    private void measure(IdleGuests guests, Progress progress) throws InterruptedException {
        double before = UsedMemory.pss("self");
        double available = UsedMemory.available();
        progress.say(count + " guests start");
        long start = System.nanoTime();
        guests.start(count, booting);
        double started = (System.nanoTime() - start) / NANOS;
        progress.say("they wait");
        TimeUnit.SECONDS.sleep(REST_SECONDS);
        String own = each(UsedMemory.pss("self") - before);
        String hosts = each(available - UsedMemory.available());
        List<String> taken = List.of(inProcess("fd"), inProcess("task"), mappings());
        progress.say("each is asked");
        start = System.nanoTime();
        Samples answers = guests.ask();
        double asked = (System.nanoTime() - start) / NANOS;
        progress.end();
        Lines lines = new Lines();
        lines.table(
                List.of(
                        List.of("guests", "" + count),
                        List.of("all up, s", seconds(started)),
                        List.of("all have answered, one after another, s", seconds(asked)),
                        List.of("an answer, median, ms", Say.millis(answers.median())),
                        List.of("an answer, p99, ms", Say.millis(answers.percentile(99))),
                        List.of("the JVM's memory for each, KiB", own),
                        List.of("the host's, KiB", hosts),
                        List.of("descriptors", taken.get(0)),
                        List.of("threads", taken.get(1)),
                        List.of("mappings", taken.get(2))));
        PrintWriter out = spec.commandLine().getOut();
        out.print(lines);
        out.flush();
    }

    private String each(double mebibytes) {
        return String.format(Locale.ROOT, "%.0f", mebibytes * KIB / count);
    }

    private static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.2f", seconds);
    }

    private static String inProcess(String folder) {
        try (Stream<Path> all = Files.list(Path.of("/proc/self", folder))) {
            return "" + all.count();
        } catch (IOException e) {
            throw new HostException("/proc/self/" + folder, "cannot be read: " + e, 0, "");
        }
    }

    private static String mappings() {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return "" + maps.count();
        } catch (IOException e) {
            throw new HostException("/proc/self/maps", "cannot be read: " + e, 0, "");
        }
    }
}
