package jukvm.debug;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Answers what gdb asks of a guest that is stopped. Whatever cannot be meant is answered by an
 * error, whatever is not known by an empty packet. Source: the GDB manual, appendix "GDB Remote
 * Serial Protocol", "Packets". Belongs to the vCPU's thread.
 */
final class GdbCommands {
    private static final String OK = "OK";
    private static final String ERROR = "E01";
    private static final String UNKNOWN = "";
    private static final int LONGEST_READ = GdbPackets.MAX_PAYLOAD / 4;
    private static final HexFormat HEX = HexFormat.of();

    /** What becomes of the guest after a packet. */
    enum Next {
        STAY,
        CONTINUE,
        STEP,
        BACK,
        STEP_BACK,
        DETACH,
        KILL
    }

    private final GuestState state;
    private final GuestStops stops;
    private final GdbPeer peer;
    private final DebuggedRun run;
    private final boolean hasAvx;
    private final int registers;
    private Next next = Next.STAY;
    private boolean goesBack;

    GdbCommands(GuestState state, GuestStops stops, GdbPeer peer, DebuggedRun run, boolean hasAvx) {
        this.hasAvx = hasAvx;
        this.registers = GuestState.count(hasAvx);
        this.state = state;
        this.stops = stops;
        this.peer = peer;
        this.run = run;
    }

    /** Says that the guest can go back, too. */
    void goesBack() {
        goesBack = true;
    }

    /** Returns what becomes of the guest after the last packet. */
    Next next() {
        return next;
    }

    /**
     * Returns the answer to a packet, null if there is none now.
     *
     * @param packet its payload; hostile
     * @param stop why the guest is stopped, as a stop reply
     */
    @Nullable String answer(String packet, String stop) {
        next = Next.STAY;
        if (packet.isEmpty()) {
            return UNKNOWN;
        }
        String rest = packet.substring(1);
        try {
            return switch (packet.charAt(0)) {
                case '?' -> stop;
                case 'g' -> allRegisters();
                case 'G' -> setAllRegisters(rest);
                case 'p' -> register(number(rest));
                case 'P' -> setRegister(rest);
                case 'm' -> memory(rest);
                case 'M' -> setMemory(rest, HEX.parseHex(after(rest, ':')));
                case 'X' -> setMemory(rest, after(rest, ':').getBytes(StandardCharsets.ISO_8859_1));
                case 'Z' -> stop(rest, true);
                case 'z' -> stop(rest, false);
                case 'c', 's' -> resume(packet.charAt(0), rest);
                case 'C', 'S' -> resume((char) (packet.charAt(0) | 0x20), "");
                case 'b' -> goesBack ? back(rest) : UNKNOWN;
                case 'H', 'T' -> OK;
                case 'D' -> become(Next.DETACH, OK);
                case 'k' -> become(Next.KILL, null);
                case 'q', 'Q' -> query(packet);
                case 'v' -> verbose(packet);
                default -> UNKNOWN;
            };
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return ERROR; // What should be numbers is not.
        }
    }

    private @Nullable String become(Next what, @Nullable String answer) {
        next = what;
        return answer;
    }

    private @Nullable String resume(char how, String address) {
        if (!address.isEmpty()) {
            state.setRip(number(address));
        }
        return become(how == 's' ? Next.STEP : Next.CONTINUE, null);
    }

    private @Nullable String back(String how) {
        return switch (how) {
            case "c" -> become(Next.BACK, null);
            case "s" -> become(Next.STEP_BACK, null);
            default -> UNKNOWN;
        };
    }

    private @Nullable String verbose(String packet) {
        if (packet.equals("vCont?")) {
            return "vCont;c;C;s;S";
        }
        if (packet.startsWith("vCont;")) {
            char how = Character.toLowerCase(packet.charAt("vCont;".length()));
            return how == 'c' || how == 's' ? resume(how, "") : ERROR;
        }
        return packet.startsWith("vKill") ? become(Next.KILL, OK) : UNKNOWN;
    }

    private String query(String packet) {
        if (packet.startsWith("qSupported")) {
            return "PacketSize="
                    + Integer.toHexString(GdbPackets.MAX_PAYLOAD)
                    + ";qXfer:features:read+;QStartNoAckMode+;swbreak+;hwbreak+;vContSupported+"
                    + (goesBack ? ";ReverseStep+;ReverseContinue+" : "");
        }
        if (packet.startsWith("qXfer:features:read:target.xml:")) {
            return part(
                    TargetDescription.xml(hasAvx), packet.substring(packet.lastIndexOf(':') + 1));
        }
        if (packet.startsWith("qRcmd,")) {
            return monitor(HEX.parseHex(after(packet, ',')));
        }
        return switch (packet) {
            case "QStartNoAckMode" -> {
                peer.stopAcknowledging();
                yield OK;
            }
            case "qAttached" -> "1";
            case "qC" -> "QC1";
            case "qfThreadInfo" -> "m1";
            case "qsThreadInfo" -> "l";
            default -> UNKNOWN;
        };
    }

    // The answer comes before the reply, in as many packets as it takes.
    private String monitor(byte[] command) {
        byte[] text =
                run.answer(new String(command, StandardCharsets.UTF_8))
                        .getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < text.length; at += LONGEST_READ) {
            int end = Math.min(text.length, at + LONGEST_READ);
            peer.send("O" + HEX.formatHex(text, at, end));
        }
        return OK;
    }

    private static String part(String text, String range) {
        int from = (int) number(before(range, ','));
        int length = Math.min((int) number(after(range, ',')), LONGEST_READ);
        if (from < 0 || length < 0) {
            return ERROR;
        }
        int start = Math.min(from, text.length());
        int end = (int) Math.min((long) start + length, text.length());
        return (end == text.length() ? "l" : "m") + text.substring(start, end);
    }

    private String allRegisters() {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < registers; i++) {
            all.append(HEX.formatHex(state.read(i)));
        }
        return all.toString();
    }

    private String setAllRegisters(String hex) {
        byte[] bytes = HEX.parseHex(hex);
        int at = 0;
        for (int i = 0; i < registers && at < bytes.length; i++) {
            byte[] value = new byte[GuestState.size(i)];
            System.arraycopy(bytes, at, value, 0, value.length);
            at += value.length;
            state.write(i, value); // Those that cannot be changed stay.
        }
        return OK;
    }

    private String register(long number) {
        return number >= 0 && number < registers ? HEX.formatHex(state.read((int) number)) : ERROR;
    }

    private String setRegister(String rest) {
        long number = number(before(rest, '='));
        byte[] value = HEX.parseHex(after(rest, '='));
        boolean isSet = number >= 0 && number < registers && state.write((int) number, value);
        return isSet ? OK : ERROR;
    }

    private String memory(String range) {
        long gpa = number(before(range, ','));
        long length = Math.min(number(after(range, ',')), LONGEST_READ);
        // What is asked for may go on beyond what there is: gdb takes what it gets.
        while (length > 0 && !stops.isGuests(gpa, (int) length)) {
            length /= 2;
        }
        return length > 0 ? HEX.formatHex(stops.read(gpa, (int) length)) : ERROR;
    }

    private String setMemory(String rest, byte[] bytes) {
        long gpa = number(before(rest, ','));
        if (bytes.length == 0) {
            return OK; // By which gdb tries whether there is X.
        }
        if (!stops.isGuests(gpa, bytes.length)) {
            return ERROR;
        }
        stops.write(gpa, bytes);
        return OK;
    }

    // TYPE,ADDRESS,KIND
    private String stop(String rest, boolean isAdded) {
        String[] words = rest.split("[,;]", 4);
        long address = number(words[1]);
        int kind = (int) number(words[2]);
        boolean isHardware = words[0].equals("1");
        switch (words[0]) {
            case "0", "1" -> {
                if (isAdded) {
                    return stops.add(address, isHardware) ? OK : ERROR;
                }
                stops.remove(address, isHardware);
                return OK;
            }
            case "2" -> {
                GuestStops.Range range = new GuestStops.Range(address, kind);
                if (isAdded) {
                    return stops.watch(range) ? OK : ERROR;
                }
                stops.unwatch(range);
                return OK;
            }
            case "4" -> {
                return reads(new GuestStops.Range(address, kind), isAdded);
            }
            default -> {
                return UNKNOWN; // Reads alone: gdb then asks for these and for writes.
            }
        }
    }

    private String reads(GuestStops.Range range, boolean isAdded) {
        if (!stops.seeReads()) {
            return UNKNOWN;
        }
        if (isAdded) {
            return stops.watchReads(range) ? OK : ERROR;
        }
        stops.unwatchReads(range);
        return OK;
    }

    private static long number(String hex) {
        return Long.parseUnsignedLong(hex, 16);
    }

    private static String before(String text, char separator) {
        return text.substring(0, text.indexOf(separator));
    }

    private static String after(String text, char separator) {
        int at = text.indexOf(separator);
        if (at < 0) {
            throw new IllegalArgumentException("no " + separator);
        }
        return text.substring(at + 1);
    }
}
