package jukvm.image;

import java.util.ArrayList;
import java.util.List;
import jukvm.abi.Dialect;
import jukvm.error.ImageException;
import jukvm.memory.GuestMemory;

/**
 * Checks the PT_LOAD headers of a file by the rules of its dialect, as far as the file alone can
 * break them. What depends on the guest's memory size is {@link GuestImage#requireFits}.
 */
final class SegmentReader {
    // Guests have a handful. Each may cost a memory slot at ring 0 and two page tables at ring 3,
    // of which there are enough for this many.
    static final int MAX_SEGMENTS = 64;

    private final ElfFile file;
    private final Dialect dialect;
    private final List<Segment> segments = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private long end;

    SegmentReader(ElfFile file, Dialect dialect) {
        this.file = file;
        this.dialect = dialect;
    }

    List<Segment> read() {
        List<ProgramHeader> headers = new ArrayList<>();
        for (int i = 0; i < file.programHeaders(); i++) {
            ProgramHeader header = file.programHeader(i);
            // An empty TLS image is a PT_LOAD of no size at address 0: there is nothing to check.
            boolean isEmpty = header.fileSize() == 0 && header.memorySize() == 0;
            if (header.type() == ElfFile.PT_LOAD && !isEmpty) {
                headers.add(header);
            }
        }
        if (headers.isEmpty()) {
            throw ImageException.invalid("has no loadable segment (PT_LOAD): nothing to load");
        }
        if (!dialect.isMarked()) {
            // In any order, as a linker script may say: their monitors did not look at it.
            headers.sort((one, other) -> Long.compareUnsigned(one.paddr(), other.paddr()));
        }
        for (ProgramHeader header : headers) {
            add(header);
        }
        return List.copyOf(segments);
    }

    /** Returns what is odd about those read, a sentence each. */
    List<String> warnings() {
        return warnings;
    }

    private void add(ProgramHeader header) {
        long gpa = address(header);
        checkSizes(header);
        checkEnd(header, gpa);
        // Memory the file gives nothing for is zero anyway, may share a page with its neighbour,
        // and is a guest's or not by where it lies: solo5-hvt does not look at its header.
        if (header.fileSize() != 0) {
            checkAddress(header, gpa);
            checkRights(header);
        }
        Segment segment =
                new Segment(
                        header.index(),
                        gpa,
                        header.fileSize() == 0 ? 0 : (int) header.offset(),
                        (int) header.fileSize(),
                        header.memorySize(),
                        header.has(ProgramHeader.WRITE),
                        header.has(ProgramHeader.EXECUTE));
        if (header.fileSize() != 0) {
            checkPages(header, segment);
            end = segment.pageEnd();
        }
        if (segments.size() == MAX_SEGMENTS) {
            throw ImageException.invalid(
                    "has more than " + MAX_SEGMENTS + " loadable segments; link it with fewer");
        }
        segments.add(segment);
    }

    /** Guests before Solo5 0.6 are placed by p_paddr, later ones by p_vaddr. */
    private long address(ProgramHeader header) {
        return dialect.isMarked() ? header.vaddr() : header.paddr();
    }

    private void checkSizes(ProgramHeader header) {
        long fileSize = header.fileSize();
        long memorySize = header.memorySize();
        if (Long.compareUnsigned(fileSize, memorySize) > 0) {
            throw invalid(
                    header,
                    "has "
                            + Long.toUnsignedString(fileSize)
                            + " bytes in the file but "
                            + Long.toUnsignedString(memorySize)
                            + " in memory");
        }
        if (Long.compareUnsigned(memorySize, GuestMemory.MAX_SIZE) > 0) {
            throw invalid(
                    header,
                    "takes "
                            + Long.toUnsignedString(memorySize)
                            + " bytes of memory, a guest has at most "
                            + GuestMemory.MAX_SIZE);
        }
        long offset = header.offset();
        boolean inside = offset >= 0 && fileSize <= file.size() && offset <= file.size() - fileSize;
        if (fileSize != 0 && !inside) {
            throw invalid(
                    header,
                    "lies outside the file: offset "
                            + Long.toUnsignedString(offset)
                            + ", "
                            + fileSize
                            + " bytes, file "
                            + file.size()
                            + " bytes");
        }
    }

    private static void checkEnd(ProgramHeader header, long gpa) {
        if (Long.compareUnsigned(gpa, GuestMemory.MAX_SIZE) >= 0
                || gpa + header.memorySize() > GuestMemory.MAX_SIZE) {
            throw invalid(
                    header,
                    "takes "
                            + header.memorySize()
                            + " bytes from 0x"
                            + hex(gpa)
                            + ", a guest ends at 0x"
                            + hex(GuestMemory.MAX_SIZE)
                            + " at most");
        }
    }

    // Guests before Solo5 0.6 may have any alignment, 0 being none.
    private void checkAddress(ProgramHeader header, long gpa) {
        if (Long.compareUnsigned(gpa, GuestImage.LOWEST) < 0) {
            throw invalid(header, "is at 0x" + hex(gpa) + ", below 0x" + hex(GuestImage.LOWEST));
        }
        long align = header.align();
        if (dialect.isMarked() && Long.bitCount(align) != 1) {
            throw invalid(
                    header,
                    "has alignment " + Long.toUnsignedString(align) + ", need a power of two");
        }
    }

    private void checkRights(ProgramHeader header) {
        if ((header.flags() & 7) == 0) {
            throw invalid(header, "has no permissions (p_flags is 0), need at least read");
        }
        if (!header.has(ProgramHeader.WRITE) || !header.has(ProgramHeader.EXECUTE)) {
            return;
        }
        String fact = "requests WRITE and EXEC permissions";
        if (dialect.isMarked()) {
            throw invalid(header, fact + "; link it with separate ones");
        }
        warnings.add(about(header, fact)); // As ukvm 0.3 did, whose guests could have both.
    }

    private void checkPages(ProgramHeader header, Segment segment) {
        if (dialect.isMarked()) {
            checkAlignment(header, segment);
        }
        if (segment.pageStart() < end) {
            throw invalid(
                    header,
                    "starts at 0x"
                            + hex(segment.pageStart())
                            + ", inside or before the one that ends at 0x"
                            + hex(end)
                            + ": segments must ascend and not share pages");
        }
    }

    private static void checkAlignment(ProgramHeader header, Segment segment) {
        long align = header.align();
        long start = segment.gpa() & -align;
        if (Long.compareUnsigned(align, GuestMemory.PAGE) < 0
                && segment.gpa() % GuestMemory.PAGE != 0) {
            throw invalid(
                    header,
                    "is at 0x"
                            + hex(segment.gpa())
                            + " with alignment "
                            + align
                            + ": not page aligned (4096 bytes)");
        }
        if (Long.compareUnsigned(start, GuestImage.LOWEST) < 0) {
            throw invalid(
                    header,
                    "starts at 0x"
                            + hex(start)
                            + " when aligned to "
                            + Long.toUnsignedString(align)
                            + " bytes, below 0x"
                            + hex(GuestImage.LOWEST)
                            + "; link with -z max-page-size=0x1000");
        }
    }

    private static ImageException invalid(ProgramHeader header, String fact) {
        return ImageException.invalid(about(header, fact));
    }

    private static String about(ProgramHeader header, String fact) {
        return "segment " + header.index() + " " + fact;
    }

    private static String hex(long value) {
        return Long.toHexString(value);
    }
}
