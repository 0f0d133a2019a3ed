package jukvm.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jukvm.abi.AbiNote;
import jukvm.abi.DeviceType;
import jukvm.abi.Dialect;
import jukvm.abi.Manifest;
import jukvm.abi.SeedNote;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import jukvm.io.HostFile;
import jukvm.io.Requester;
import jukvm.memory.GuestMemory;
import jukvm.text.HostText;
import org.jspecify.annotations.Nullable;

/**
 * A guest image: an ELF file, or one compressed by gzip, read once, checked whole and never looked
 * at again.
 *
 * <p>Immutable, so that one image can start any number of guests from any thread.
 */
public final class GuestImage {
    /** The most that an image may have, in bytes: 1 GiB. */
    public static final long MAX_BYTES = ImageFile.MAX_SIZE;

    /** Where every Solo5 guest starts; below it lies what the monitor tells the guest. */
    public static final long LOWEST = 0x100000;

    // The stack grows down from the end of memory; how much of it a guest needs only it knows.
    private static final long STACK = GuestMemory.PAGE;

    // Begins as solo5-hvt's does.
    private static final String NO_ABI =
            "No Solo5 ABI information found in executable: no Solo5 ABI note";

    private static final String UNNAMED = "guest image";

    // IncludeOS's guests of ukvm begin at the first or, if their headers are no part of them, at
    // the second.
    private static final List<Long> KNOWN_PLACES = List.of(LOWEST, 0xa00000L, 0xa01000L);

    private final String name;
    private final byte[] bytes;
    private final Optional<AbiNote> abi;
    private final Dialect dialect;
    private final long entry;
    private final List<Segment> segments;
    private final Manifest manifest;
    private final Optional<SeedNote> seed;
    private final Optional<String> doubt;
    private final List<String> warnings = new ArrayList<>();
    private final long readAt;
    private volatile @Nullable Symbols symbols;

    private GuestImage(String name, byte[] bytes) {
        this.name = name;
        this.bytes = bytes;
        ElfFile file = ElfFile.of(bytes);
        Notes notes = new Notes(file);
        this.abi = notes.find(Notes.Kind.ABI).map(AbiNote::parse);
        this.dialect = abi.map(Notes::dialect).orElse(Dialect.UKVM);
        SegmentReader reader = new SegmentReader(file, dialect);
        this.segments = reader.read();
        this.doubt = abi.isEmpty() ? doubt(notes, segments) : Optional.empty();
        this.manifest = dialect.isMarked() ? notes.manifest() : Manifest.empty();
        if (notes.count(Notes.Kind.ABI) > 1) {
            warnings.add("has more than one Solo5 ABI note; the first counts");
        }
        warnings.addAll(reader.warnings());
        this.seed = notes.seed(segments);
        this.entry = file.entry();
        checkEntry();
        this.readAt = System.nanoTime();
    }

    /**
     * Reads a guest image from a file.
     *
     * @param path of a regular file of at most 1 GiB
     * @throws ImageException if it cannot be read or is not a valid guest image; the message begins
     *     with the path
     */
    public static GuestImage read(Path path) {
        return read(Requester.self(), HostText.of(path));
    }

    /** Likewise, with a caller's rights; the path is as {@link HostText} has it. */
    @SuppressWarnings("exports") // For the modules of the library.
    public static GuestImage read(Requester caller, String path) {
        return parse(path, ImageFile.read(caller, path));
    }

    /**
     * Reads a guest image from a file that is open; as {@link #read(Requester, String)}.
     *
     * @param name of the file, for messages
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public static GuestImage read(String name, HostFile file) {
        return parse(name, ImageFile.readOrSay(name, file));
    }

    /**
     * Makes a guest image of bytes already in memory.
     *
     * @param name for messages
     * @param bytes the whole file; hostile; copied
     * @throws ImageException if it is not a valid guest image; the message begins with the name
     */
    public static GuestImage of(String name, byte[] bytes) {
        return parse(name, bytes.clone());
    }

    /**
     * Makes a guest image of bytes that have come from elsewhere.
     *
     * @param name for messages
     * @param bytes the whole file; hostile; copied
     * @param limit of what is unpacked, in bytes
     * @throws ImageException if it is not a valid guest image; the message begins with the name
     */
    public static GuestImage of(String name, byte[] bytes, long limit) {
        return parse(name, bytes.clone(), limit);
    }

    /**
     * Makes a guest image of bytes already in memory, named {@code guest image} in messages.
     *
     * @param bytes the whole file; hostile; copied
     * @throws ImageException if it is not a valid guest image
     */
    public static GuestImage read(byte[] bytes) {
        return of(UNNAMED, bytes);
    }

    /**
     * Reads a guest image from a stream to its end, named {@code guest image} in messages. The
     * stream stays open.
     *
     * @param stream of at most 1 GiB; hostile
     * @throws ImageException if it cannot be read or is not a valid guest image
     */
    public static GuestImage read(InputStream stream) {
        return parse(UNNAMED, ImageFile.read(UNNAMED, stream));
    }

    static GuestImage parse(String name, byte[] bytes) {
        return parse(name, bytes, ImageFile.MAX_SIZE);
    }

    private static GuestImage parse(String name, byte[] bytes, long limit) {
        try {
            return new GuestImage(name, Gzip.is(bytes) ? Gzip.unpack(bytes, limit) : bytes);
        } catch (ImageException e) {
            throw e.about(name);
        }
    }

    // Guests before Solo5 0.6 carry no mark at all, and neither does any other program. What tells
    // them apart is that linker scripts have placed them at 1 MiB, or where IncludeOS's are. A
    // manifest came with the ABI note: who has the one and not the other has a broken note.
    private static Optional<String> doubt(Notes notes, List<Segment> segments) {
        if (notes.count(Notes.Kind.MANIFEST) > 0) {
            throw ImageException.invalid(NO_ABI + ", which a guest with a Solo5 manifest needs");
        }
        long lowest = start(segments);
        return KNOWN_PLACES.contains(lowest)
                ? Optional.empty()
                : Optional.of(
                        NO_ABI
                                + ", and placed at 0x"
                                + Long.toHexString(lowest)
                                + " where older guests are at 0x100000: not a Solo5 unikernel,"
                                + " unless GuestSpec.dialect says of which monitor");
    }

    private void checkEntry() {
        if (Long.compareUnsigned(entry, LOWEST) < 0) {
            throw ImageException.invalid(
                    "entry point 0x"
                            + Long.toHexString(entry)
                            + " is below 0x"
                            + Long.toHexString(LOWEST));
        }
        for (Segment segment : segments) {
            long offset = entry - segment.gpa();
            if (segment.executable() && offset >= 0 && offset < segment.fileSize()) {
                return;
            }
        }
        throw ImageException.invalid(
                "entry point 0x"
                        + Long.toHexString(entry)
                        + " is not inside an executable segment");
    }

    /**
     * Refuses a dialect that it cannot be of.
     *
     * @throws ConfigException if it is marked as being of another
     * @throws ImageException if neither the dialect nor anything in the image says that it is a
     *     guest at all; the message begins with the image's name
     */
    public void requireDialect(Dialect spoken) {
        if (spoken.isMarked() != dialect.isMarked()) {
            throw new ConfigException(
                    name + ": is of dialect '" + dialect + "' and cannot run as '" + spoken + "'");
        }
        if (spoken == Dialect.UKVM && doubt.isPresent()) {
            throw ImageException.invalid(doubt.get()).about(name);
        }
    }

    /**
     * Refuses a memory size that the image does not fit in.
     *
     * @param memory size of the guest in bytes
     * @throws ConfigException with the size that would do
     */
    public void requireFits(long memory) {
        if (memory > dialect.maxMemory()) {
            throw new ConfigException(
                    name
                            + ": guest memory of "
                            + (memory >> 20)
                            + " MiB exceeds the "
                            + (dialect.maxMemory() >> 20)
                            + " MiB that a guest of dialect '"
                            + dialect
                            + "' can have; lower GuestSpec.memory");
        }
        long need = end() + STACK;
        if (need > memory) {
            throw new ConfigException(
                    name
                            + ": guest needs "
                            + mebibytes(need)
                            + " MiB of memory (image up to 0x"
                            + Long.toHexString(end())
                            + " and a stack), it is given "
                            + (memory >> 20)
                            + " MiB; raise GuestSpec.memory");
        }
    }

    /**
     * Refuses devices that do not match those the guest declares.
     *
     * @param given their types by name
     * @throws ConfigException if one is missing, is of the wrong type or is not declared, with all
     *     that the guest declares and the calls that would do
     */
    public void requireDevices(Map<String, DeviceType> given) {
        new DeviceMatch(this, given).check();
    }

    private static long mebibytes(long bytes) {
        return (bytes + (1 << 20) - 1) >> 20;
    }

    /** Copies the segments to where the guest sees them; memory must be fresh, hence zero. */
    @SuppressWarnings("exports") // For the modules of the library.
    public void load(GuestMemory memory) {
        for (Segment segment : segments) {
            if (segment.fileSize() > 0) {
                memory.owned(segment.gpa(), segment.fileSize())
                        .put(0, bytes, segment.fileOffset(), segment.fileSize());
            }
        }
    }

    /** Returns the name for messages: the path or address it was read from. */
    public String name() {
        return name;
    }

    /** Returns the size of the ELF file in bytes, which was less if that came compressed. */
    public int size() {
        return bytes.length;
    }

    /** Writes the ELF file, which is not compressed even if it came so; the stream stays open. */
    public void writeTo(OutputStream out) throws IOException {
        out.write(bytes);
    }

    /** Returns the generation of the guest contract it is built for. */
    public Dialect dialect() {
        return dialect;
    }

    /** Returns its ABI note; absent in guests before Solo5 0.6. */
    public Optional<AbiNote> abi() {
        return abi;
    }

    /** Returns the guest-physical address of its first instruction. */
    public long entry() {
        return entry;
    }

    /** Returns its segments; those with bytes in the file ascend and share no page. */
    public List<Segment> segments() {
        return segments;
    }

    /** Returns the guest-physical address of its first page with bytes from the file. */
    public long start() {
        return start(segments);
    }

    private static long start(List<Segment> segments) {
        long start = Long.MAX_VALUE;
        for (Segment segment : segments) {
            if (segment.fileSize() > 0) {
                start = Math.min(start, segment.pageStart());
            }
        }
        return start;
    }

    /** Returns the guest-physical address after its last page, memory without bytes included. */
    public long end() {
        long end = 0;
        for (Segment segment : segments) {
            end = Math.max(end, segment.pageEnd());
        }
        return end;
    }

    /** Returns whether an address is of its code. */
    public boolean isCode(long gpa) {
        return Symbols.isExecutable(gpa, segments);
    }

    /** Returns its code: executable sections, where a segment has none of them all of that. */
    public List<Segment> code() {
        return CodeSections.of(bytes, segments);
    }

    /** Returns the byte at an offset of its file, 0 to 255. */
    public int u8(int fileOffset) {
        return bytes[fileOffset] & 0xff;
    }

    /** Returns the SHA-256 of the ELF file, in hexadecimal. */
    public String sha256() {
        return ImageFile.sha256(bytes);
    }

    /** Returns the names of its code, read when they are asked for first; none if stripped. */
    public Symbols symbols() {
        Symbols known = symbols;
        if (known == null) {
            known = Symbols.of(bytes, segments);
            symbols = known;
        }
        return known;
    }

    /** Returns the devices it declares. */
    public Manifest manifest() {
        return manifest;
    }

    /** Returns where in its memory the guest is to be given random bytes, if it asks for some. */
    public Optional<SeedNote> seed() {
        return seed;
    }

    /** Returns what is odd about it, a sentence each. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Returns when reading and checking had ended, by {@link System#nanoTime}. */
    public long readAt() {
        return readAt;
    }
}
