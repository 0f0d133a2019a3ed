package jukvm.kvm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * What CPUID tells the guests of a host: the table that every vCPU is given. Immutable. Source: SDM
 * volume 2, CPUID; AMD APM volume 3, appendix E.
 *
 * <p>Encoded, an entry is six words of 32 bits: leaf, subleaf, EAX, EBX, ECX, EDX.
 */
public final class Cpuid {
    private static final int WORDS = 6;
    private static final int[] FIELDS = {
        KvmCpuid2.FUNCTION,
        KvmCpuid2.INDEX,
        KvmCpuid2.EAX,
        KvmCpuid2.EBX,
        KvmCpuid2.ECX,
        KvmCpuid2.EDX
    };

    // Where a word stands in an entry.
    private static final int EAX = 2;
    private static final int EBX = 3;
    private static final int ECX = 4;
    private static final int EDX = 5;
    private static final String[] NAMES = {"eax", "ebx", "ecx", "edx"};

    // Of leaf 1 in ECX, and what leaf 0xd says of its state: length in EAX, place in EBX.
    private static final int AVX = 1 << 28;
    private static final int AVX_STATE = 2;

    // Of leaf 1 and 7 in ECX, what control register 4 says: OSXSAVE and OSPKE.
    private static final int OSXSAVE = 1 << 27;
    private static final int OSPKE = 1 << 4;

    // A model is one whatever its stepping.
    private static final int MODEL = 0x0fff3ff0;

    /** Words that must be equal, and words of which each bit that is set says that one can. */
    private static final List<Word> COMPARED =
            List.of(
                    new Word(0, 0, EBX, -1, true),
                    new Word(0, 0, ECX, -1, true),
                    new Word(0, 0, EDX, -1, true),
                    new Word(1, 0, EAX, MODEL, true),
                    new Word(1, 0, ECX, ~OSXSAVE, false),
                    new Word(1, 0, EDX, -1, false),
                    new Word(7, 0, EBX, -1, false),
                    new Word(7, 0, ECX, ~OSPKE, false),
                    new Word(7, 0, EDX, -1, false),
                    new Word(7, 1, EAX, -1, false),
                    new Word(0xd, 0, EAX, -1, false),
                    new Word(0xd, 0, EDX, -1, false),
                    new Word(0xd, 1, EAX, -1, false),
                    new Word(0x40000001, 0, EAX, -1, false),
                    new Word(0x80000001, 0, ECX, -1, false),
                    new Word(0x80000001, 0, EDX, -1, false),
                    new Word(0x80000008, 0, EBX, -1, false));

    private final int[] words;

    /**
     * A word of the table that is compared.
     *
     * @param mask the bits that count
     * @param isWhole whether they must be equal, and not only all there
     */
    private record Word(int leaf, int subleaf, int field, int mask, boolean isWhole) {}

    private Cpuid(int[] words) {
        this.words = words;
    }

    static Cpuid of(KvmCpuid2 table) {
        int[] words = new int[table.entries() * WORDS];
        for (int i = 0; i < words.length; i++) {
            words[i] = table.get(i / WORDS, FIELDS[i % WORDS]);
        }
        return new Cpuid(words);
    }

    /**
     * Reads an encoded table.
     *
     * @param bytes hostile
     * @throws IllegalArgumentException if it is none, or longer than any kernel's
     */
    public static Cpuid decode(ByteBuffer bytes) {
        int entry = WORDS * Integer.BYTES;
        if (bytes.remaining() % entry != 0
                || bytes.remaining() > KvmCpuid2.MAX_ENTRIES * entry
                || !bytes.hasRemaining()) {
            throw new IllegalArgumentException(bytes.remaining() + " bytes of CPUID");
        }
        int[] words = new int[bytes.remaining() / Integer.BYTES];
        bytes.asIntBuffer().get(words);
        return new Cpuid(words);
    }

    /** Returns it encoded, in an array of little-endian words. */
    public byte[] encode() {
        ByteBuffer bytes =
                ByteBuffer.allocate(words.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(words);
        return bytes.array();
    }

    /**
     * Returns what a guest that was shown this would miss on a host that shows something else, in
     * words; nothing if it can go on there. Caches, names and numbers of processors may differ.
     */
    public List<String> missingOn(Cpuid host) {
        List<String> missing = new ArrayList<>();
        for (Word word : COMPARED) {
            int wanted = find(word).orElse(0) & word.mask();
            int there = host.find(word).orElse(0) & word.mask();
            if (word.isWhole() ? wanted != there : (wanted & ~there) != 0) {
                missing.add(describe(word, wanted, there));
            }
        }
        return missing;
    }

    private static String describe(Word word, int wanted, int there) {
        String place =
                "CPUID leaf 0x"
                        + Integer.toHexString(word.leaf())
                        + (word.subleaf() == 0 ? " " : "." + word.subleaf() + " ")
                        + NAMES[word.field() - EAX];
        return word.isWhole()
                ? place + " is 0x" + hex(there) + ", not 0x" + hex(wanted)
                : place + " lacks 0x" + hex(wanted & ~there);
    }

    private static String hex(int word) {
        return Integer.toHexString(word);
    }

    /**
     * Returns where in the area of XSAVE the upper halves of the AVX registers are, in bytes; none
     * if guests are told of no AVX.
     */
    public OptionalInt avxPlace() {
        boolean isShown = (find(1, 0, ECX).orElse(0) & AVX) != 0;
        boolean isKept = find(0xd, AVX_STATE, EAX).orElse(0) == Xsave.AVX_SIZE;
        OptionalInt place = find(0xd, AVX_STATE, EBX);
        boolean fits = place.orElse(0) <= VcpuState.XSAVE_SIZE - Xsave.AVX_SIZE;
        return isShown && isKept && fits ? place : OptionalInt.empty();
    }

    private OptionalInt find(int leaf, int subleaf, int field) {
        return find(new Word(leaf, subleaf, field, -1, false));
    }

    private OptionalInt find(Word wanted) {
        for (int at = 0; at < words.length; at += WORDS) {
            if (words[at] == wanted.leaf() && words[at + 1] == wanted.subleaf()) {
                return OptionalInt.of(words[at + wanted.field()]);
            }
        }
        return OptionalInt.empty();
    }
}
