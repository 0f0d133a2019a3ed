package jukvm.snapshot;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import jukvm.abi.PrivilegeLevel;
import jukvm.image.GuestImage;
import jukvm.io.NewFile;
import jukvm.io.NewFiles;
import jukvm.io.Requester;
import jukvm.kvm.Msr;
import jukvm.memory.MemoryTemplate;
import jukvm.memory.MemoryTemplate.Run;
import jukvm.vm.SnapshotOrigin;
import jukvm.vm.SnapshotState;

/**
 * Writes a snapshot to a file, whole or not at all: what is written has another name until it is
 * complete and on its disk.
 */
public final class SnapshotWriter {
    private static final int CHUNK = 1 << 20;
    private static final AtomicLong NUMBER = new AtomicLong();

    private final SnapshotState state;
    private final MemoryTemplate pages;
    private final boolean isUser;
    private final CRC32C sum = new CRC32C();
    private long end;

    private SnapshotWriter(SnapshotState state) {
        this.state = state;
        this.pages = state.template();
        this.isUser = state.privilege() == PrivilegeLevel.RING_3;
    }

    /**
     * Writes one, for its owner alone.
     *
     * @param caller with whose rights
     * @param path of the file
     * @param mayReplace whether a file that has this name loses it
     * @throws jukvm.error.HostException if it cannot be written, or there is one and none may be
     *     replaced
     * @throws IllegalStateException if the snapshot is closed
     */
    public static void write(
            SnapshotState state, Requester caller, String path, boolean mayReplace) {
        state.requireOpen();
        int slash = path.lastIndexOf('/');
        String folder = slash < 0 ? "." : slash == 0 ? "/" : path.substring(0, slash);
        String name = path.substring(slash + 1);
        try (NewFiles files = NewFiles.in(caller, folder)) {
            String begun = begin(files, state);
            try {
                if (mayReplace) {
                    files.replace(begun, name);
                } else {
                    files.name(begun, name);
                }
            } catch (RuntimeException e) {
                files.remove(begun);
                throw e;
            }
        }
    }

    // What a killed process leaves has a name that says what it is, and is in nobody's way.
    private static String begin(NewFiles files, SnapshotState state) {
        while (true) {
            String name =
                    ".jukvm-snapshot-"
                            + ProcessHandle.current().pid()
                            + "-"
                            + NUMBER.incrementAndGet();
            try (NewFile file = files.create(name)) {
                if (file != null) {
                    new SnapshotWriter(state).writeTo(file);
                    return name;
                }
            } catch (RuntimeException | Error e) {
                files.remove(name);
                throw e;
            }
        }
    }

    // The head, which knows the sum of the pages, comes last; until then it is zeroes.
    private void writeTo(NewFile file) {
        List<Run> runs = runs();
        Head.Writer head = sections(runs);
        end = head.end();
        for (Run run : runs) {
            for (long done = 0; done < run.length(); done += CHUNK) {
                int count = (int) Math.min(CHUNK, run.length() - done);
                pages.show(run.start() + done, count, bytes -> append(file, bytes));
            }
        }
        byte[] bytes = head.seal((int) sum.getValue());
        file.write(bytes, 0, bytes.length, 0);
        file.sync();
    }

    private void append(NewFile file, ByteBuffer bytes) {
        sum.update(bytes.duplicate());
        file.write(bytes, end);
        end += bytes.remaining();
    }

    // At ring 3 the monitor's own pages are made anew by whoever reads this, from the image. At
    // ring 0 they are the guest's to change, so that none is left out of those that would be made.
    private List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        if (!isUser) {
            runs.add(new Run(0, Math.min(GuestImage.LOWEST, pages.length())));
        }
        for (Run run : pages.runs()) {
            for (long at = run.start(); at < run.start() + run.length(); at += Head.PAGE) {
                boolean isOwn = isUser ? pages.isReadable(at, Head.PAGE) : at >= GuestImage.LOWEST;
                if (isOwn) {
                    add(runs, at);
                }
            }
        }
        return runs;
    }

    private static void add(List<Run> runs, long page) {
        int last = runs.size() - 1;
        if (last >= 0 && runs.get(last).start() + runs.get(last).length() == page) {
            Run run = runs.get(last);
            runs.set(last, new Run(run.start(), run.length() + Head.PAGE));
        } else {
            runs.add(new Run(page, Head.PAGE));
        }
    }

    private Head.Writer sections(List<Run> runs) {
        SnapshotOrigin origin = state.origin();
        PrivilegeLevel privilege = state.privilege();
        Facts facts =
                new Facts(
                        privilege,
                        state.memory(),
                        state.host().tscHz(),
                        state.vcpu().counter(),
                        Facts.thisBoot(),
                        state.resume());
        return new Head.Writer()
                .add(facts.encode())
                .add(origin.dialect().toString().getBytes(StandardCharsets.US_ASCII))
                .add(Registers.bytes(origin.devices()))
                .add(ports(origin.ports()))
                .add(state.host().cpuid().encode())
                .add(Registers.general(state.vcpu().regs(), privilege))
                .add(Registers.special(state.vcpu().sregs(), privilege))
                .add(state.vcpu().state())
                .add(msrs(state.vcpu().msrs()))
                .add(bytes(origin.image()))
                .add(table(runs));
    }

    private static byte[] ports(List<Integer> ports) {
        byte[] bytes = new byte[ports.size() * Short.BYTES];
        ByteBuffer at = Head.ordered(bytes);
        ports.forEach(port -> at.putShort(port.shortValue()));
        return bytes;
    }

    private static byte[] msrs(List<Msr> msrs) {
        byte[] bytes = new byte[msrs.size() * 2 * Long.BYTES];
        ByteBuffer at = Head.ordered(bytes);
        msrs.forEach(msr -> at.putLong(msr.index() & 0xffffffffL).putLong(msr.value()));
        return bytes;
    }

    private static byte[] table(List<Run> runs) {
        byte[] bytes = new byte[runs.size() * 2 * Long.BYTES];
        ByteBuffer at = Head.ordered(bytes);
        runs.forEach(run -> at.putLong(run.start()).putLong(run.length()));
        return bytes;
    }

    private static byte[] bytes(GuestImage image) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(image.size());
        try {
            image.writeTo(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // Memory throws none.
        }
        return bytes.toByteArray();
    }
}
