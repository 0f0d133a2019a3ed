package jukvm.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GdbPacketsTest {
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    private GdbPackets packets(byte[] bytes) {
        return new GdbPackets(new ByteArrayInputStream(bytes), sent);
    }

    private GdbPackets packets(String bytes) {
        return packets(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void shouldAcknowledgePacketsUntilItIsNotWanted() throws IOException {
        GdbPackets packets = packets("+$g#67$m0,4#fd");
        assertEquals("g", packets.next());
        packets.stopAcknowledging();
        assertEquals("m0,4", packets.next());
        packets.send("OK");
        assertEquals("+$OK#9a", sent.toString(StandardCharsets.ISO_8859_1));
    }

    @Test
    void shouldAskAgainForWhatWasSpoilt() throws IOException {
        GdbPackets packets = packets("$g#68$?#zz$abc$g#67");
        assertEquals("g", packets.next());
        assertEquals("--+", sent.toString(StandardCharsets.ISO_8859_1));
        assertThrows(EOFException.class, packets::next);
    }

    @Test
    void shouldReadInterruptsAndEscapedBytes() throws IOException {
        GdbPackets packets = packets("\003$X0,1:}\003#9f");
        assertEquals(GdbPackets.INTERRUPT, packets.next());
        assertEquals("X0,1:#", packets.next());
    }

    @Test
    void shouldRefuseAPacketThatIsTooLong() {
        GdbPackets packets = packets("$" + "x".repeat(GdbPackets.MAX_PAYLOAD + 1) + "#00");
        assertTrue(assertThrows(IOException.class, packets::next).toString().contains("16384"));
    }

    /**
     * Packets without a guest's registers: what is answered is bounded, and nothing else is thrown.
     */
    @FuzzTest(maxDuration = "2m")
    void shouldAnswerOrRefuseWhateverIsSent(byte @Nullable [] bytes) {
        if (bytes == null) {
            return;
        }
        try (GuestMemory memory = GuestMemory.allocate(2 << 20)) {
            GuestStops stops = new GuestStops(memory);
            GdbPackets packets = packets(bytes);
            while (true) {
                String packet = packets.next();
                if (packet.matches("(?s)[mMXZzqQvHT?].*") && !packet.startsWith("vCont;")) {
                    String answer = commands(stops).answer(packet, "T05thread:1;");
                    assertTrue(answer == null || answer.length() <= GdbPackets.MAX_PAYLOAD);
                }
            }
        } catch (IOException e) {
            assertTrue(sent.size() <= bytes.length, "more acknowledgements than packets");
        }
    }

    /** A run that is asked and never stopped. */
    private static final class Run implements DebuggedRun {
        @Override
        public boolean isStopped() {
            return false;
        }

        @Override
        public void kill() {}

        @Override
        public void waits(boolean isAlone) {}

        @Override
        public String answer(String command) {
            return command;
        }
    }

    @SuppressWarnings("NullAway") // Without registers, and nobody connects.
    private static GdbCommands commands(GuestStops stops) {
        return new GdbCommands(null, stops, new GdbPeer(null), new Run(), true);
    }

    @Test
    void shouldHideBreakpointsAndKeepThem() {
        try (GuestMemory memory = GuestMemory.allocate(2 << 20)) {
            memory.owned(0x1000, 4).putInt(0, 0x04030201);
            GuestStops stops = new GuestStops(memory);
            GdbCommands commands = commands(stops);
            assertEquals("OK", commands.answer("Z0,1001,1", ""));
            assertEquals("OK", commands.answer("Z1,1001,1", ""));
            assertEquals(0xcc, memory.u8(0x1001));
            assertEquals("01020304", commands.answer("m1000,4", ""));
            assertEquals("OK", commands.answer("M1000,4:05060708", ""));
            assertEquals("05060708", commands.answer("m1000,4", ""));
            assertEquals(0xcc, memory.u8(0x1001));
            assertEquals("OK", commands.answer("z0,1001,1", ""));
            assertEquals("hwbreak:;", stops.reason(0x1001));
            assertEquals("OK", commands.answer("z1,1001,1", ""));
            assertEquals(6, memory.u8(0x1001));
            assertEquals("OK", commands.answer("qRcmd,68656c70", ""));
            assertEquals("E01", commands.answer("qRcmd,6", ""));
            assertEquals("E01", commands.answer("Z0,ffffffffffffffff,1", ""));
            assertEquals("E01", commands.answer("m200000,4", ""));
            assertEquals("", commands.answer("Z3,1000,4", ""));
            assertEquals("", commands.answer("Z4,1000,4", ""));
            assertEquals("OK", commands.answer("Z2,1000,4", ""));
            memory.putU32(0x1000, 1);
            assertEquals(new GuestStops.Range(0x1000, 4), stops.changed());
        }
    }
}
