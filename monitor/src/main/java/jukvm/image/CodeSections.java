package jukvm.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Finds the code of an image. Source: elf(5); section headers as {@link Symbols} has them, sh_flags
 * u64 @8.
 */
final class CodeSections {
    private static final int SHT_PROGBITS = 1;
    private static final long SHF_EXECINSTR = 4;

    private CodeSections() {}

    /**
     * Returns the executable sections of each executable segment, or all of it if there are none,
     * ascending and without overlaps; each as a segment of its own.
     *
     * @param file hostile
     */
    static List<Segment> of(byte[] file, List<Segment> segments) {
        ByteBuffer at = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        List<Segment> code = new ArrayList<>();
        for (Segment segment : segments) {
            if (segment.executable() && segment.fileSize() > 0) {
                List<Segment> sections = sections(at, segment);
                code.addAll(sections.isEmpty() ? List.of(segment) : sections);
            }
        }
        return List.copyOf(code);
    }

    private static List<Segment> sections(ByteBuffer file, Segment segment) {
        List<Segment> found = new ArrayList<>();
        Symbols.eachSection(file, header -> add(file, header, segment, found));
        found.sort(Comparator.comparingInt(Segment::fileOffset));
        int[] end = {0};
        found.removeIf(
                section -> {
                    boolean overlaps = section.fileOffset() < end[0];
                    end[0] = overlaps ? end[0] : section.fileOffset() + section.fileSize();
                    return overlaps;
                });
        return found;
    }

    private static void add(ByteBuffer file, int header, Segment in, List<Segment> to) {
        long offset = file.getLong(header + 24) - in.fileOffset();
        long length = file.getLong(header + 32);
        boolean isCode =
                file.getInt(header + 4) == SHT_PROGBITS
                        && (file.getLong(header + 8) & SHF_EXECINSTR) != 0;
        if (isCode && offset >= 0 && length > 0 && length <= in.fileSize() - offset) {
            to.add(
                    new Segment(
                            in.index(),
                            in.gpa() + offset,
                            in.fileOffset() + (int) offset,
                            (int) length,
                            length,
                            in.writable(),
                            true));
        }
    }
}
