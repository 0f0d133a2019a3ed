package jukvm.bench.fetch;

import java.net.URI;
import java.util.Optional;
import jukvm.bench.action.ExpectedConsole;
import jukvm.bench.action.Levels;
import jukvm.bench.action.Action;
import jukvm.image.FetchLimits;
import jukvm.image.GuestImage;
import jukvm.monitor.RunResult;
import org.jspecify.annotations.Nullable;

/** A guest that this JVM fetches into its memory and runs in a new VM. For one thread. */
final class EmbeddedFetch {
    private final Levels levels;
    private final URI address;
    private final ExpectedConsole console = new ExpectedConsole(Levels.GREETING);
    private @Nullable GuestImage image;

    EmbeddedFetch(Levels levels, URI address) {
        this.levels = levels;
        this.address = address;
    }

    void fetch() throws InterruptedException {
        image = GuestImage.fetch(address, FetchLimits.DEFAULT);
    }

    Action run() throws InterruptedException {
        GuestImage fetched = image;
        if (fetched == null) {
            throw new IllegalStateException("nothing was fetched");
        }
        console.restart();
        long requested = System.nanoTime();
        RunResult result = levels.runCold(fetched, console);
        long done = System.nanoTime();
        return new Action(
                requested,
                result.timeline().firstConsoleByte(),
                done,
                done,
                console.failure(result),
                Optional.empty());
    }
}
