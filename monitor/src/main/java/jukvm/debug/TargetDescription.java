package jukvm.debug;

/**
 * What gdb is told of a guest's registers, in the order in which {@link GuestState} has them.
 * Source: the GDB manual, "Target Descriptions", "i386 Features".
 */
final class TargetDescription {
    private static final String[] GENERAL = {
        "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp",
        "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
    };
    private static final String[] SEGMENTS = {"cs", "ss", "ds", "es", "fs", "gs"};
    private static final String[] FLOAT = {
        "fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop"
    };
    private static final String[] FLAGS = {
        "CF:0", ":1", "PF:2", "AF:4", "ZF:6", "SF:7", "TF:8", "IF:9", "DF:10", "OF:11", "NT:14",
        "RF:16", "VM:17", "AC:18", "VIF:19", "VIP:20", "ID:21"
    };

    private TargetDescription() {}

    /**
     * Returns it as XML.
     *
     * @param hasAvx whether there are AVX registers
     */
    static String xml(boolean hasAvx) {
        StringBuilder xml = new StringBuilder();
        xml.append("<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target>");
        xml.append("<architecture>i386:x86-64</architecture>");
        xml.append("<feature name=\"org.gnu.gdb.i386.core\">");
        xml.append("<flags id=\"i386_eflags\" size=\"4\">");
        for (String flag : FLAGS) {
            int colon = flag.indexOf(':');
            String bit = flag.substring(colon + 1);
            String name = flag.substring(0, colon);
            xml.append(String.format("<field name='%s' start='%s' end='%s'/>", name, bit, bit));
        }
        xml.append("</flags>");
        for (String name : GENERAL) {
            boolean isPointer = name.equals("rbp") || name.equals("rsp");
            register(xml, name, 64, isPointer ? "data_ptr" : "int64");
        }
        register(xml, "rip", 64, "code_ptr");
        register(xml, "eflags", 32, "i386_eflags");
        for (String name : SEGMENTS) {
            register(xml, name, 32, "int32");
        }
        for (int i = 0; i < 8; i++) {
            register(xml, "st" + i, 80, "i387_ext");
        }
        for (String name : FLOAT) {
            register(xml, name, 32, "int' group='float");
        }
        xml.append("</feature><feature name=\"org.gnu.gdb.i386.sse\">");
        xml.append("<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>");
        xml.append("<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>");
        xml.append("<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>");
        xml.append("<vector id=\"v8i16\" type=\"int16\" count=\"8\"/>");
        xml.append("<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>");
        xml.append("<vector id=\"v2i64\" type=\"int64\" count=\"2\"/>");
        xml.append("<union id=\"vec128\"><field name=\"v4_float\" type=\"v4f\"/>");
        xml.append("<field name=\"v2_double\" type=\"v2d\"/>");
        xml.append("<field name=\"v16_int8\" type=\"v16i8\"/>");
        xml.append("<field name=\"v8_int16\" type=\"v8i16\"/>");
        xml.append("<field name=\"v4_int32\" type=\"v4i32\"/>");
        xml.append("<field name=\"v2_int64\" type=\"v2i64\"/>");
        xml.append("<field name=\"uint128\" type=\"uint128\"/></union>");
        for (int i = 0; i < 16; i++) {
            register(xml, "xmm" + i, 128, "vec128");
        }
        register(xml, "mxcsr", 32, "int");
        xml.append("</feature><feature name=\"org.gnu.gdb.i386.segments\">");
        register(xml, "fs_base", 64, "int");
        register(xml, "gs_base", 64, "int");
        if (hasAvx) {
            xml.append("</feature><feature name=\"org.gnu.gdb.i386.avx\">");
            for (int i = 0; i < 16; i++) {
                register(xml, "ymm" + i + "h", 128, "uint128");
            }
        }
        return xml.append("</feature></target>").toString();
    }

    private static void register(StringBuilder xml, String name, int bits, String type) {
        xml.append(String.format("<reg name='%s' bitsize='%d' type='%s'/>", name, bits, type));
    }
}
