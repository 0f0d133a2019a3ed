package jukvm.libc;

import java.nio.ByteBuffer;
import java.util.List;
import jukvm.error.HostException;
import jukvm.text.HostText;

/**
 * Lists of strings in native memory, as execve(2) takes them: each string ends with a zero byte,
 * each list is an array of their addresses that ends with a zero address. Thread-safe, but for
 * {@link #close}.
 */
public final class NativeStrings implements AutoCloseable {
    private final Mapping memory;
    private final long[] arrays;
    private final long[] first;

    private NativeStrings(Mapping memory, List<List<byte[]>> lists) {
        this.memory = memory;
        this.arrays = new long[lists.size()];
        this.first = new long[lists.size()];
        ByteBuffer pointers = memory.window(0, memory.length());
        ByteBuffer strings = memory.window(0, memory.length()).position(pointersSize(lists));
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = memory.address() + pointers.position();
            first[i] = memory.address() + strings.position();
            for (byte[] string : lists.get(i)) {
                pointers.putLong(memory.address() + strings.position());
                strings.put(string).put((byte) 0);
            }
            pointers.putLong(0);
        }
    }

    /**
     * Lays out lists of strings, as {@link HostText} has them.
     *
     * @throws IllegalArgumentException if a string has a zero character
     * @throws HostException if the host has no memory for them
     */
    public static NativeStrings of(List<List<String>> lists) {
        List<List<byte[]>> encoded =
                lists.stream()
                        .map(list -> list.stream().map(NativeStrings::encoded).toList())
                        .toList();
        long size = pointersSize(encoded);
        for (List<byte[]> list : encoded) {
            size += list.stream().mapToLong(string -> string.length + 1L).sum();
        }
        return new NativeStrings(Mapping.anonymous(size), encoded);
    }

    private static byte[] encoded(String string) {
        if (string.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a zero character in '" + string + "'");
        }
        return HostText.encode(string);
    }

    private static int pointersSize(List<List<byte[]>> lists) {
        return lists.stream().mapToInt(list -> (list.size() + 1) * Long.BYTES).sum();
    }

    /** Returns the host address of a list's array. */
    public long array(int list) {
        return arrays[list];
    }

    /** Returns the host address of a list's first string. */
    public long first(int list) {
        return first[list];
    }

    @Override
    public void close() {
        memory.close();
    }
}
