package jukvm.cli.device;

import java.io.PrintWriter;
import java.util.regex.Pattern;
import jukvm.cli.invoker.OneLine;

/**
 * What the library's messages ask for, in the command's words: they name the library's methods, its
 * users have options. Only what is said of a failure passes here.
 */
public final class Remedies {
    private static final Pattern ATTACH =
            Pattern.compile("GuestSpec\\.(\\w+)\\(\"(\\w*)\", \\.{3}\\)");

    private Remedies() {}

    /** Prints one line for the operator. */
    public static void say(PrintWriter err, String line) {
        err.println("jukvm: " + OneLine.of(asOptions(line)));
        err.flush();
    }

    /** Returns the message, with the options for the methods that it names. */
    public static String asOptions(String message) {
        if (!message.contains("GuestSpec.")
                && !message.contains("FetchLimits.")
                && !message.contains("PrivilegeMode.")) {
            return message;
        }
        return ATTACH.matcher(message)
                .replaceAll(
                        call ->
                                AskedDevice.having(call.group(1))
                                        .map(kind -> kind.attaching(call.group(2)))
                                        .orElse(call.group()))
                .replace("GuestSpec.memory", "--mem")
                .replace("GuestSpec.dialect", "--dialect")
                .replace("FetchLimits.time", "--fetch-timeout")
                .replace("FetchLimits.bytes", "--fetch-limit")
                .replace("PrivilegeMode.RING_3", "--ring 3");
    }
}
