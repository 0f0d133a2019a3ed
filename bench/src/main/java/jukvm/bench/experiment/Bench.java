package jukvm.bench.experiment;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import jukvm.bench.BenchFiles;
import jukvm.bench.Progress;
import jukvm.bench.report.ReportWriter;
import jukvm.bench.report.SummaryTable;
import jukvm.bench.result.ResultDirectory;
import jukvm.bench.result.Results;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.monitor.Monitor;
import org.apache.commons.io.file.PathUtils;

/** One run of the experiment, from its checks to its report. */
public final class Bench {
    private static final String LOCK = "jukvm-bench.lock";

    private final BenchFiles files;
    private final Path temporary;
    private final Progress progress;
    private final PrintWriter out;

    /**
     * Makes one.
     *
     * @param out for the summary
     */
    public Bench(BenchFiles files, Progress progress, PrintWriter out) {
        this(files, Path.of(System.getProperty("java.io.tmpdir")), progress, out);
    }

    /** Makes one that has its temporary files, and the lock, in a folder of the caller's. */
    Bench(BenchFiles files, Path temporary, Progress progress, PrintWriter out) {
        this.files = files;
        this.temporary = temporary;
        this.progress = progress;
        this.out = out;
    }

    /**
     * Runs it and writes its results. Ended early, it writes what it has.
     *
     * @param directory for the results
     * @return whether all was measured and no action failed
     * @throws HostException if the host cannot run guests
     * @throws ConfigException if the results cannot be written, or another run is under way
     */
    @SuppressWarnings("try") // The lock is only held.
    public boolean run(Plan plan, Path directory) throws InterruptedException {
        files.requireGuests();
        Monitor.open().close();
        try (FileChannel lock = lock();
                Interruption interruption = Interruption.ofThisThread()) {
            ResultDirectory.make(directory);
            Path work = Files.createTempDirectory(temporary, "jukvm-bench-");
            try {
                return run(plan, directory, work, interruption);
            } finally {
                progress.end();
                PathUtils.deleteDirectory(work);
            }
        } catch (IOException e) {
            throw new ConfigException("temporary files: " + e);
        }
    }

    private boolean run(Plan plan, Path directory, Path work, Interruption interruption)
            throws InterruptedException {
        Experiment experiment = new Experiment(plan, files, progress);
        Results results = experiment.run(work, interruption);
        progress.end();
        // On the terminal first: it stays if the disk is full.
        out.print(SummaryTable.of(results, directory));
        out.flush();
        ReportWriter.write(directory, results, experiment.rawFiles());
        return results.partial().isEmpty() && results.failed() == 0;
    }

    // Two at once would measure each other.
    private FileChannel lock() throws IOException {
        FileChannel channel = lockFile();
        if (channel.tryLock() == null) {
            channel.close();
            throw new ConfigException(
                    "another jukvm bench is running on this host. Wait for its end.");
        }
        return channel;
    }

    // It stays, and is for all users: not even root may open another's there to create it.
    private FileChannel lockFile() throws IOException {
        Path file = temporary.resolve(LOCK);
        try {
            return FileChannel.open(file, WRITE, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            FileChannel made = FileChannel.open(file, CREATE, WRITE, LinkOption.NOFOLLOW_LINKS);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
            return made;
        }
    }
}
