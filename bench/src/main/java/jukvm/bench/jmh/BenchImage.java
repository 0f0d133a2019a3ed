package jukvm.bench.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import jukvm.bench.BenchFiles;

/** The guest images that benchmarks read. */
public enum BenchImage {
    /** The guest hello as it is: 9 KiB, two segments. */
    HELLO("hello.hvt"),

    /** A guest that declares as many devices as a manifest can hold. */
    MANY_DEVICES("many-devices.hvt"),

    /** The guest hello with a third segment, 4 MiB of data that is not zero. */
    HELLO_4_MIB("hello.hvt") {
        @Override
        public byte[] bytes() {
            return withData(super.bytes(), DATA);
        }
    };

    private static final int DATA = 4 << 20;
    private static final int PAGE = 4096;

    // Offsets in an ELF-64 file and its program headers; source: elf.h.
    private static final int E_PHOFF = 32;
    private static final int E_PHNUM = 56;
    private static final int PHDR_SIZE = 56;
    private static final int PT_LOAD = 1;
    private static final int PT_GNU_STACK = 0x6474e551;
    private static final int READ_AND_WRITE = 6;
    private static final long GPA = 0x200000; // Behind the segments of hello.

    private final String file;

    BenchImage(String file) {
        this.file = file;
    }

    /**
     * Returns the whole ELF file.
     *
     * @throws UncheckedIOException if it cannot be read
     */
    public byte[] bytes() {
        Path path = BenchFiles.ofThisBuild().hello().resolveSibling(file);
        try {
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // The guest has no segment for data. Its header that only speaks of the stack, which no monitor
    // reads, becomes one.
    private static byte[] withData(byte[] file, int size) {
        int offset = (file.length + PAGE - 1) / PAGE * PAGE;
        byte[] bytes = Arrays.copyOf(file, offset + size);
        Arrays.fill(bytes, offset, bytes.length, (byte) 1);
        ByteBuffer elf = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int header = (int) elf.getLong(E_PHOFF);
        for (int i = elf.getShort(E_PHNUM); elf.getInt(header) != PT_GNU_STACK; i--) {
            if (i == 1) {
                throw new IllegalStateException("no program header to use for the data");
            }
            header += PHDR_SIZE;
        }
        elf.position(header).putInt(PT_LOAD).putInt(READ_AND_WRITE).putLong(offset);
        elf.putLong(GPA).putLong(GPA).putLong(size).putLong(size).putLong(PAGE);
        return bytes;
    }
}
