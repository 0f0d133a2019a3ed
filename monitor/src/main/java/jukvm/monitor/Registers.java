package jukvm.monitor;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import jukvm.kvm.KvmRegs;
import jukvm.kvm.KvmRegs.Reg;

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

    static Registers of(KvmRegs regs) {
        Map<String, Long> values = new LinkedHashMap<>();
        for (Reg reg : Reg.values()) {
            values.put(reg.name().toLowerCase(Locale.ROOT), regs.get(reg));
        }
        return new Registers(values);
    }

    /** Returns no registers, for what no instruction did. */
    static Registers none() {
        return new Registers(Map.of());
    }

    Registers with(String name, long value) {
        Map<String, Long> changed = new LinkedHashMap<>(values);
        changed.put(name, value);
        return new Registers(changed);
    }

    /** Returns the address of the instruction. */
    public long rip() {
        return values.getOrDefault("rip", 0L);
    }
}
