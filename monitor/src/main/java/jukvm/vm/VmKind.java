package jukvm.vm;

import java.util.ArrayList;
import java.util.List;
import jukvm.abi.PrivilegeLevel;
import jukvm.image.Segment;
import org.jspecify.annotations.Nullable;

/**
 * What a VM must be like for a guest: one of the same kind can serve the next.
 *
 * @param memory in bytes
 * @param privilege of its guests: what one of ring 3 cannot reach need not be cleaned for the next
 * @param readOnly ranges of pages that the VM itself keeps a guest from writing, ascending; none at
 *     ring 3, where page tables do
 */
public record VmKind(long memory, PrivilegeLevel privilege, List<Range> readOnly) {
    /** Of a thread that has no VM. */
    static final VmKind NONE = new VmKind(0, PrivilegeLevel.RING_3, List.of());

    /** Guest-physical addresses from {@code start} to before {@code end}, whole pages. */
    record Range(long start, long end) {}

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof VmKind kind
                && memory == kind.memory
                && privilege == kind.privilege
                && readOnly.equals(kind.readOnly);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(memory) + privilege.number();
    }

    /** Returns the kind for a guest at a ring. */
    public static VmKind of(long memory, List<Segment> segments, PrivilegeLevel privilege) {
        List<Range> ranges = new ArrayList<>();
        for (Segment segment : privilege == PrivilegeLevel.RING_3 ? List.<Segment>of() : segments) {
            if (segment.isReadOnly()) {
                add(ranges, segment.pageStart(), segment.pageEnd());
            }
        }
        return new VmKind(memory, privilege, List.copyOf(ranges));
    }

    // What touches is one: each range costs the VM two slots.
    private static void add(List<Range> ranges, long start, long end) {
        int last = ranges.size() - 1;
        if (last >= 0 && ranges.get(last).end == start) {
            ranges.set(last, new Range(ranges.get(last).start, end));
        } else {
            ranges.add(new Range(start, end));
        }
    }
}
