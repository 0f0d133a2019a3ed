package jukvm.cli.net;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a TAP interface of ours is like. It is written to the interface itself, as its alias, so
 * there is no file that could tell otherwise, and none that could be left.
 *
 * @param user who may attach to it, a name or number
 * @param address the host's on it, if it has one of its own
 * @param bridge that it is plugged into, if it is
 * @param uplink where what comes from it goes out by NAT, if it does
 * @param forwards whether the uplink forwards only since we said so
 */
record HostTap(
        String user,
        Optional<Ipv4Network> address,
        Optional<String> bridge,
        Optional<String> uplink,
        boolean forwards) {
    private static final String MARK = "jukvm";
    private static final String FORWARDS = "forwards";
    private static final Pattern WORDS = Pattern.compile(MARK + "( [a-z]+=[^ =]+)+");

    /** Returns the same, with the uplink's forwarding as ours to end or not. */
    HostTap withForwards(boolean isOurs) {
        return new HostTap(user, address, bridge, uplink, isOurs);
    }

    /** Returns the settings that an interface's alias tells; empty if it is not of ours. */
    static Optional<HostTap> ofAlias(String alias) {
        if (!WORDS.matcher(alias).matches()) {
            return Optional.empty();
        }
        Map<String, String> words = new TreeMap<>();
        for (String word : alias.substring(MARK.length() + 1).split(" ", -1)) {
            int end = word.indexOf('=');
            words.put(word.substring(0, end), word.substring(end + 1));
        }
        try {
            return Optional.ofNullable(words.get("user"))
                    .map(
                            user ->
                                    new HostTap(
                                            user,
                                            Optional.ofNullable(words.get("address"))
                                                    .map(Ipv4Network::parse)
                                                    .map(Ipv4Network::requireHost),
                                            Optional.ofNullable(words.get("bridge")),
                                            Optional.ofNullable(words.get("uplink")),
                                            words.containsKey(FORWARDS)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Returns the alias that tells them. */
    String alias() {
        return MARK
                + (" user=" + user)
                + address.map(own -> " address=" + own).orElse("")
                + bridge.map(name -> " bridge=" + name).orElse("")
                + uplink.map(name -> " uplink=" + name).orElse("")
                + (forwards ? " " + FORWARDS + "=ours" : "");
    }

    /** Returns them as the operator reads them. */
    @Override
    public String toString() {
        return ("of user " + user)
                + address.map(own -> ", " + own).orElse("")
                + bridge.map(name -> ", on bridge " + name).orElse("")
                + uplink.map(name -> ", NAT by " + name).orElse("");
    }

    /** Returns what to say to {@code run}. */
    String usage(String tap) {
        return "jukvm run --net:NAME="
                + tap
                + " GUEST"
                + address.map(own -> " --ipv4=" + own.neighbour() + " --ipv4-gateway=" + own.host())
                        .orElse("");
    }
}
