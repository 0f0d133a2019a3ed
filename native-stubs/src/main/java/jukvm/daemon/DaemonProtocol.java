package jukvm.daemon;

import java.nio.ByteBuffer;
import jukvm.libc.SocketMessage;

/** The messages between client and daemon. Source: daemon.h, which draws them. */
final class DaemonProtocol {
    static final int HELLO = 0x6a6b0001;
    static final int ANSWER = 1;
    static final int SIGNAL = 2;
    static final int STOP = 3;
    static final int STATUS = 4;
    static final int RETIRE = 5;
    static final int CORE = 6;
    static final int ENTER = 7;

    static final int GO_COLD = 16;
    static final int STALE = 17;
    static final int END = 18;
    static final int OPEN = 19;
    static final int SOCKET = 20;
    static final int INHERITED = 21;
    static final int IOCTL = 22;
    static final int BEGUN = 23;
    static final int CONNECT = 24;
    static final int LISTEN = 25;
    static final int UNLINK = 26;
    static final int START = 27;
    static final int KEPT = 28;
    static final int FILL = 29;
    static final int ENTERED = 30;

    /** Of every message. */
    static final int KIND = 0;

    /** Of hello. */
    static final int WORDS = 4; // u32

    static final int BEGAN = 8; // u64, CLOCK_MONOTONIC in ns
    static final int BUILD = 16; // four u64
    static final int KVM = 48; // i32
    static final int GUEST = 52; // i32
    static final int GUEST_WORD = 56; // u32
    static final int WORDS_FROM = 64; // each with a zero byte
    static final int LONGEST_HELLO = 65536;

    /** Of a question, and of the end. */
    static final int A = 4; // i32

    static final int B = 8; // i32
    static final int REQUEST = 16; // u64
    static final int QUESTION_ARGUMENT = 24;
    static final int TEXT = 72;
    static final int LONGEST_PATH = 4095; // without its zero byte

    /** Of an answer. */
    static final int RESULT = 4; // i32

    static final int ANSWER_ARGUMENT = 8;
    static final int ANSWER_SIZE = 56;
    static final int ARGUMENT_SIZE = 48;

    /** Of the notice of a signal. */
    static final int NUMBER = 4; // i32

    static final int NOTICE_SIZE = 8;

    // Source: asm/signal.h. All others are told of only if they end the client.
    static final int SIGCONT = 18;
    static final int SIGTSTP = 20;
    static final int SIGTTIN = 21;
    static final int SIGTTOU = 22;

    private DaemonProtocol() {}

    /** Returns the kind of the message just received; 0 if there was none, or none so long. */
    static int kind(SocketMessage from) {
        ByteBuffer bytes = from.bytes();
        return bytes.limit() >= Integer.BYTES ? bytes.getInt(KIND) : 0;
    }
}
