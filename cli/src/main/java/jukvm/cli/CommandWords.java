package jukvm.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import jukvm.error.ConfigException;
import jukvm.text.HostText;

/**
 * The words of the command line as their bytes were. The JVM makes text of them by the locale, and
 * what that lacks becomes another character: a name would be that of another file.
 */
final class CommandWords {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private CommandWords() {}

    /**
     * Returns the words as {@link HostText} has them.
     *
     * @param args as the JVM gives them
     * @throws ConfigException if a word cannot be known
     */
    static String[] of(String[] args) {
        String encoding = System.getProperty("sun.jnu.encoding", "");
        return Arrays.stream(args).allMatch(word -> isCertain(word, encoding))
                ? args
                : of(args, commandLine(), encoding);
    }

    // A JVM that knows ASCII alone makes question marks of all else.
    private static boolean isCertain(String word, String encoding) {
        boolean isUtf8 = encoding.equals("UTF-8");
        return word.chars().allMatch(c -> c < 0x80 && (isUtf8 || c != '?'));
    }

    /**
     * Returns the words.
     *
     * @param commandLine of the process, each word with a zero byte; empty if it is not known
     * @param encoding that the JVM has read the words by
     */
    static String[] of(String[] args, byte[] commandLine, String encoding) {
        List<String> words = split(commandLine);
        int first = words.size() - args.length;
        if (first > 0 && areSame(args, words.subList(first, words.size()), encoding)) {
            return words.subList(first, words.size()).toArray(String[]::new);
        }
        for (int i = 0; i < args.length; i++) {
            boolean isText = encoding.equals("UTF-8") && args[i].indexOf('\ufffd') < 0;
            if (!isText && !isCertain(args[i], encoding)) {
                throw new ConfigException(
                        "word "
                                + (i + 1)
                                + " of the command line has characters that the locale lacks, and"
                                + " /proc does not show them; mount it, or set LC_ALL=C.UTF-8");
            }
        }
        return args;
    }

    private static boolean areSame(String[] args, List<String> words, String encoding) {
        return IntStream.range(0, args.length)
                .allMatch(i -> !isCertain(args[i], encoding) || args[i].equals(words.get(i)));
    }

    private static List<String> split(byte[] commandLine) {
        List<String> words = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < commandLine.length; i++) {
            if (commandLine[i] == 0) {
                words.add(HostText.decode(Arrays.copyOfRange(commandLine, from, i)));
                from = i + 1;
            }
        }
        return words;
    }

    private static byte[] commandLine() {
        try {
            return Files.readAllBytes(COMMAND_LINE);
        } catch (IOException e) {
            return new byte[0];
        }
    }
}
