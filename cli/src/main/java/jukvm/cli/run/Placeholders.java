package jukvm.cli.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jukvm.device.Ipv4Settings;
import jukvm.device.NetDevice;
import jukvm.error.ConfigException;

/**
 * Place-holders in a guest's arguments, such as {@code {ipv4}}: what its network interface has. One
 * of several interfaces is named behind a colon. {@code {hostname}} is the host's name. Other
 * braces are what they are, and <code>{{</code> stands for one.
 */
public final class Placeholders {
    private static final Pattern FORM =
            Pattern.compile("\\{\\{|\\{([a-z][a-z0-9-]*)(?::([0-9A-Za-z]*))?\\}");

    private static final Map<String, Function<NetDevice, Optional<String>>> VALUES =
            new TreeMap<>(
                    Map.of(
                            "ipv4", device -> device.ipv4().map(Ipv4Settings::address),
                            "ipv4-gateway", device -> device.ipv4().map(Ipv4Settings::gateway),
                            "dns", device -> device.ipv4().map(Ipv4Settings::nameServer),
                            "mac", device -> Optional.of(device.mac().toString()),
                            "mtu", device -> Optional.of(Integer.toString(device.mtu()))));

    private static final String HOST_NAME = "hostname";
    private static final Path HOST_NAME_FILE = Path.of("/proc/sys/kernel/hostname");

    private static final Map<String, String> MISSING =
            Map.of("ipv4-gateway", "gateway", "dns", "name server");

    private Placeholders() {}

    /** Returns whether a word in braces, such as {@code ipv4}, stands for something. */
    public static boolean isKnown(String word) {
        return VALUES.containsKey(word) || word.equals(HOST_NAME);
    }

    /** Returns an argument with a name in place of the host's; all else of it stays. */
    public static String withHostName(String argument, String name) {
        return FORM.matcher(argument)
                .replaceAll(
                        found ->
                                Matcher.quoteReplacement(
                                        found.group().equals('{' + HOST_NAME + '}')
                                                ? quoted(name)
                                                : found.group()));
    }

    /** Returns an argument, or a part of one, that stays as the text is. */
    public static String quoted(String text) {
        return text.replace("{", "{{");
    }

    /**
     * Throws unless each means something to a guest with these interfaces, whatever they are.
     *
     * @throws ConfigException if one does not
     */
    static void check(List<String> arguments, Set<String> interfaces) {
        arguments.forEach(
                argument -> {
                    Matcher found = FORM.matcher(argument);
                    while (found.find()) {
                        check(argument, found.toMatchResult(), interfaces);
                    }
                });
    }

    private static void check(String argument, MatchResult found, Set<String> interfaces) {
        String word = found.group(1);
        String name = found.group(2);
        if (word == null || found.group().equals('{' + HOST_NAME + '}')) {
            return;
        }
        if (!VALUES.containsKey(word)) {
            throw refused(
                    argument,
                    found.group()
                            + " is none of "
                            + Stream.concat(VALUES.keySet().stream(), Stream.of(HOST_NAME))
                                    .sorted()
                                    .map(known -> '{' + known + '}')
                                    .collect(Collectors.joining(", "))
                            + "; write {{ for a brace");
        }
        if (interfaces.isEmpty()) {
            throw refused(argument, "the guest has no network interface; add --net:NAME=TAP");
        }
        if (name == null && interfaces.size() > 1) {
            throw refused(
                    argument,
                    "the guest has several interfaces: "
                            + interfaces.stream()
                                    .map(known -> '{' + word + ':' + known + '}')
                                    .collect(Collectors.joining(", ")));
        }
        if (name != null && !interfaces.contains(name)) {
            throw refused(
                    argument,
                    "there is no interface '" + name + "', but " + String.join(", ", interfaces));
        }
    }

    /**
     * Returns arguments with what their place-holders stand for.
     *
     * @param interfaces those that the arguments were checked with
     * @throws ConfigException if an interface has no such thing
     */
    static String[] expand(List<String> arguments, Map<String, NetDevice> interfaces) {
        return arguments.stream()
                .map(argument -> expand(argument, interfaces))
                .toArray(String[]::new);
    }

    private static String expand(String argument, Map<String, NetDevice> interfaces) {
        return FORM.matcher(argument)
                .replaceAll(found -> Matcher.quoteReplacement(value(argument, found, interfaces)));
    }

    private static String value(
            String argument, MatchResult found, Map<String, NetDevice> interfaces) {
        String word = found.group(1);
        if (word == null) {
            return "{";
        }
        if (word.equals(HOST_NAME)) {
            return hostName();
        }
        String named = found.group(2);
        String name = named == null ? interfaces.keySet().iterator().next() : named;
        NetDevice device = interfaces.get(name);
        Function<NetDevice, Optional<String>> value = VALUES.get(word);
        if (device == null || value == null) {
            throw new IllegalStateException(argument + " was not checked");
        }
        String missing = device.ipv4().map(settings -> MISSING.get(word)).orElse("IPv4 address");
        return value.apply(device)
                .filter(known -> !known.isEmpty())
                .orElseThrow(
                        () ->
                                refused(
                                        argument,
                                        "the network of interface '"
                                                + name
                                                + "' has no "
                                                + missing
                                                + " for the guest; write the address itself"));
    }

    private static String hostName() {
        try {
            return Files.readString(HOST_NAME_FILE).strip();
        } catch (IOException e) {
            throw new ConfigException("{hostname}: " + e);
        }
    }

    private static ConfigException refused(String argument, String why) {
        return new ConfigException("argument '" + argument + "': " + why);
    }
}
