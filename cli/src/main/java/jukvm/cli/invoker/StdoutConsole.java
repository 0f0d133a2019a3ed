package jukvm.cli.invoker;

import java.nio.ByteBuffer;
import jukvm.device.Console;
import jukvm.stream.StandardOutput;

/** The guest's console as the invoker's standard output. */
record StdoutConsole(StandardOutput stdout) implements Console {
    @Override
    public void write(ByteBuffer bytes) {
        stdout.write(bytes);
    }

    @Override
    public void stop() {
        stdout.stop();
    }
}
