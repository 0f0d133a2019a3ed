package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Code;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.TinyGuest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots of so much memory that a cold command reads each page when it is touched. */
@RequiresKvm
final class LargeSnapshotIT {
    private static final long FILLED = 4L << 20;
    private static final long BYTES = 24L << 20;
    private static final long LOOKED_AT = FILLED + BYTES / 2;
    private static final int MARK = 66;

    @TempDir private Path folder;

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    // A guest that fills memory, makes the call at which it is stopped, and ends as the code says.
    private void write(String name, Code end) throws Exception {
        Code code =
                new Code()
                        .set(Code.RDI, FILLED)
                        .set(Code.RCX, BYTES / Long.BYTES)
                        .set(Code.RAX, MARK)
                        .op("rep stosq", "f3 48 ab")
                        .call(Code.WALLTIME, TinyGuest.CALL)
                        .raw(end.bytes());
        Files.write(folder.resolve("guest.hvt"), TinyGuest.file(code.bytes()));
        Command written =
                Command.run(
                        "snapshot",
                        "--at=calls:0",
                        "--mem=32",
                        "-o",
                        path(name),
                        path("guest.hvt"));
        assertEquals(0, written.status(), written.stderr());
        assertTrue(Files.size(folder.resolve(name)) > BYTES);
    }

    private static Code looks() {
        return new Code().load(LOOKED_AT).haltWithRax();
    }

    @Test
    void shouldGoOnWithWhatIsInThePages() throws Exception {
        write("first", looks());
        Command cold = Command.run("run", path("first"));
        assertEquals("", cold.stderr());
        assertEquals(MARK, cold.status());
        Command again =
                Command.run("snapshot", "--at=calls:0", "-o", path("second"), path("first"));
        assertEquals(0, again.status(), again.stderr());
        // Whose sums the daemon looks at.
        assertEquals(MARK, DaemonFixture.quick("$J run \"$1\"", path("second")).status());
        assertEquals(MARK, Command.run("run", path("second")).status());
    }

    // What is mapped is looked at by nobody, what is copied is.
    @Test
    void shouldTellOfDamageWhereOthersHaveGuests() throws Exception {
        write("damaged", looks());
        Path file = folder.resolve("damaged");
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(bytes.length() - 1);
            bytes.write(1);
        }
        assertEquals(MARK, Command.run("run", path("damaged")).status());
        Command daemon = DaemonFixture.quick("$J run \"$1\"", path("damaged"));
        assertEquals(
                "jukvm: "
                        + path("damaged")
                        + ": snapshot is damaged: checksum of its pages is wrong\n",
                daemon.stderr());
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.setLength(bytes.length() - 4096);
        }
        assertEquals(1, Command.run("run", path("damaged")).status());
    }

    @Test
    void shouldEndBeforeSomebodyWritesToTheFile() throws Exception {
        write("waiting", new Code().puts(TinyGuest.SCRATCH, 1).spin());
        try (BackgroundCommand command =
                BackgroundCommand.start(Command.line("run", path("waiting")))) {
            command.awaitOutput("\0");
            // It waits until nobody has the file's pages any more.
            Files.write(
                    folder.resolve("waiting"), new byte[1], StandardOpenOption.TRUNCATE_EXISTING);
            Command ended = command.await();
            assertEquals(1, ended.status(), ended.stderr());
            assertEquals(
                    "jukvm: " + path("waiting") + ": guest stopped by a signal\n", ended.stderr());
        }
        assertEquals(1, Files.size(folder.resolve("waiting")));
    }

    // As a snapshot is replaced: those that go on from the old one are not concerned.
    @Test
    void shouldGoOnWhenTheFileIsReplaced() throws Exception {
        write("replaced", new Code().puts(TinyGuest.SCRATCH, 1).spin());
        try (BackgroundCommand command =
                BackgroundCommand.start(Command.line("run", path("replaced")))) {
            command.awaitOutput("\0");
            Files.delete(folder.resolve("replaced"));
            write("replaced", looks());
            assertEquals(MARK, Command.run("run", path("replaced")).status());
            assertTrue(command.isAlive());
            assertEquals(1, command.stop().status());
        }
    }
}
