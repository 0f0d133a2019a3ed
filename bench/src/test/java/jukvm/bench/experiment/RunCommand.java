package jukvm.bench.experiment;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import jukvm.bench.action.Levels;
import jukvm.image.FetchLimits;
import jukvm.image.GuestImage;
import jukvm.monitor.Monitor;
import jukvm.monitor.Tender;

/** As much of the command {@code jukvm run} as the experiment asks for, without its module. */
final class RunCommand {
    private RunCommand() {}

    /** Runs the guest named by the third word with the fourth as its argument. */
    public static void main(String[] words) throws InterruptedException {
        if (words.length < 4) {
            return; // It was asked for its version.
        }
        GuestImage image =
                words[2].startsWith("http:")
                        ? GuestImage.fetch(URI.create(words[2]), FetchLimits.DEFAULT)
                        : GuestImage.read(Path.of(words[2]));
        try (Monitor monitor = Monitor.open(0)) {
            Tender.builder(monitor, image)
                    .memory((long) Levels.MEMORY_MIB << 20)
                    .arguments(words[3])
                    .console(RunCommand::print)
                    .build()
                    .run();
        }
    }

    private static void print(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        System.out.write(copy, 0, copy.length);
        System.out.flush();
    }
}
