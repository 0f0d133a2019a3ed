package jukvm.guest;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The general registers of a guest at its end.
 *
 * @param values by lower-case name, {@code rax} to {@code r15}, {@code rip} and {@code rflags}, in
 *     this order
 */
public record Registers(Map<String, Long> values) {
    /** Makes registers of a map that may still change. */
    public Registers {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Returns the address of the instruction. */
    public long rip() {
        return values.getOrDefault("rip", 0L);
    }
}
