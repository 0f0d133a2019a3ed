package jukvm.cli.net;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.error.ConfigException;

/**
 * The TAP interfaces of this network namespace that are ours, which their aliases tell. What is
 * done for NAT is a table of nftables for each, by the same name, and forwarding by the two
 * interfaces alone; that of the TAP ends with it.
 */
final class HostTaps {
    private static final Pattern LINK = Pattern.compile("[0-9]+: ([^:@ ]+)[:@].*");
    private static final Pattern ALIAS = Pattern.compile("\\\\ *alias ([^\\\\]*)");
    private static final Pattern INET = Pattern.compile(" inet ([0-9.]+/[0-9]+) ");
    private static final Pattern DEFAULT_ROUTE = Pattern.compile("default .*?\\bdev ([^ ]+)");
    private static final int LAST_TRIED = 255;

    private HostTaps() {}

    /** Returns ours by name. */
    static Map<String, HostTap> all() {
        Map<String, HostTap> ours = new TreeMap<>();
        links().forEach(
                        (name, alias) ->
                                HostTap.ofAlias(alias).ifPresent(own -> ours.put(name, own)));
        return ours;
    }

    // All interfaces with their aliases, empty where there is none.
    private static Map<String, String> links() {
        Map<String, String> links = new TreeMap<>();
        for (String line : Program.IP.run("-o", "link", "show").split("\n", -1)) {
            Matcher link = LINK.matcher(line);
            if (link.matches()) {
                Matcher alias = ALIAS.matcher(line);
                links.put(link.group(1), alias.find() ? alias.group(1).strip() : "");
            }
        }
        return links;
    }

    /** Returns where the default route leads. */
    static String uplink() {
        Matcher route = DEFAULT_ROUTE.matcher(Program.IP.run("-o", "-4", "route", "show"));
        if (!route.find()) {
            throw new ConfigException("--nat: the host has no default route that it could lead to");
        }
        return route.group(1);
    }

    /** Returns an address in a network that no interface is in yet: 10.0.0.1/24 if that is so. */
    static Ipv4Network freeAddress() {
        List<Ipv4Network> taken = new ArrayList<>();
        Matcher inet = INET.matcher(Program.IP.run("-o", "-4", "addr", "show").replace('\n', ' '));
        while (inet.find()) {
            taken.add(Ipv4Network.parse(inet.group(1)));
        }
        for (int i = 0; i <= LAST_TRIED; i++) {
            Ipv4Network free = Ipv4Network.parse("10.0." + i + ".1/24");
            if (taken.stream().noneMatch(free::overlaps)) {
                return free;
            }
        }
        throw new ConfigException("all of 10.0.0.0/16 is taken; give an address by --address");
    }

    /**
     * Makes an interface so, or does all of it again if it is so already. If that fails, nothing of
     * a new one is left.
     *
     * @throws ConfigException if there is another by this name, or a program refuses
     */
    static void up(String name, HostTap wanted) {
        Map<String, String> links = links();
        Optional<HostTap> found = find(links, name);
        boolean isOurs = found.map(HostTap::forwards).orElse(false);
        if (found.isPresent() && !found.get().withForwards(false).equals(wanted)) {
            throw new ConfigException(
                    name
                            + " is up already, "
                            + found.get()
                            + ". Take it down first: jukvm net down "
                            + name);
        }
        wanted.bridge().ifPresent(bridge -> requireLink(links, bridge));
        wanted.uplink().ifPresent(uplink -> Program.NFT.path());
        try {
            if (found.isEmpty()) {
                String user = wanted.user();
                Program.IP.run("tuntap", "add", "dev", name, "mode", "tap", "user", user);
                mark(name, wanted);
            }
            wanted.address()
                    .ifPresent(own -> Program.IP.run("addr", "replace", own + "", "dev", name));
            wanted.bridge()
                    .ifPresent(to -> Program.IP.run("link", "set", "dev", name, "master", to));
            Program.IP.run("link", "set", "dev", name, "up");
            wanted.uplink().ifPresent(uplink -> translate(name, wanted, isOurs));
        } catch (ConfigException e) {
            if (found.isEmpty()) {
                undo(name, e);
            }
            throw e;
        }
    }

    private static void undo(String name, ConfigException cause) {
        try {
            down(name);
        } catch (ConfigException e) {
            cause.addSuppressed(e);
        }
    }

    private static void requireLink(Map<String, String> links, String bridge) {
        if (!links.containsKey(bridge)) {
            throw new ConfigException(
                    "--bridge: "
                            + bridge
                            + " does not exist. Make it: ip link add "
                            + bridge
                            + " type bridge");
        }
    }

    private static Optional<HostTap> find(Map<String, String> links, String name) {
        if (!links.containsKey(name)) {
            return Optional.empty();
        }
        Optional<HostTap> found = HostTap.ofAlias(links.get(name));
        if (found.isEmpty()) {
            throw new ConfigException(
                    name + ": is an interface that jukvm net did not make; name another");
        }
        return found;
    }

    private static void mark(String name, HostTap settings) {
        Program.IP.run("link", "set", "dev", name, "alias", settings.alias());
    }

    // Guests are not reached from elsewhere just because the uplink forwards now.
    private static void translate(String name, HostTap settings, boolean isOurs) {
        String uplink = settings.uplink().orElseThrow();
        Ipv4Network own = settings.address().orElseThrow();
        if (!isOurs && !forwards(uplink)) {
            mark(name, settings.withForwards(true));
            forward(uplink, true);
        }
        forward(name, true);
        Program.NFT.feed(
                """
                add table ip TABLE
                delete table ip TABLE
                table ip TABLE {
                    chain postrouting {
                        type nat hook postrouting priority srcnat;
                        ip saddr NETWORK oifname "UPLINK" masquerade
                    }
                    chain forward {
                        type filter hook forward priority filter;
                        oifname "NAME" ct state established,related accept
                        oifname "NAME" drop
                    }
                }
                """
                        .replace("TABLE", table(name))
                        .replace("NETWORK", own.toString())
                        .replace("UPLINK", uplink)
                        .replace("NAME", name),
                "-f",
                "-");
    }

    private static String table(String name) {
        return "jukvm-" + name;
    }

    /** Removes one of ours and all that was done for it; if there is none by this name, nothing. */
    static void down(String name) {
        Map<String, String> links = links();
        Optional<HostTap> found = find(links, name);
        if (found.isEmpty()) {
            return;
        }
        HostTap own = found.get();
        own.uplink().ifPresent(uplink -> Program.NFT.path());
        try {
            own.uplink().ifPresent(uplink -> translateNoMore(name, uplink, own.forwards()));
        } finally {
            Program.IP.run("link", "delete", "dev", name);
        }
    }

    private static void translateNoMore(String name, String uplink, boolean isOurs) {
        if (isOurs) {
            handOver(name, uplink);
        }
        // It is not there if up failed before.
        String table = table(name);
        Program.NFT.feed("add table ip " + table + "\ndelete table ip " + table, "-f", "-");
    }

    // Forwarding ends with the last that needs it.
    private static void handOver(String name, String uplink) {
        for (Map.Entry<String, HostTap> other : all().entrySet()) {
            HostTap settings = other.getValue();
            if (!other.getKey().equals(name) && settings.uplink().equals(Optional.of(uplink))) {
                mark(other.getKey(), settings.withForwards(true));
                return;
            }
        }
        if (Files.exists(forwarding(uplink))) {
            forward(uplink, false);
        }
    }

    private static Path forwarding(String link) {
        return Path.of("/proc/sys/net/ipv4/conf", link, "forwarding");
    }

    private static boolean forwards(String link) {
        try {
            return Files.readString(forwarding(link)).strip().equals("1");
        } catch (IOException e) {
            throw new ConfigException(forwarding(link) + ": " + e.getMessage());
        }
    }

    private static void forward(String link, boolean isOn) {
        try {
            Files.writeString(forwarding(link), isOn ? "1" : "0");
        } catch (IOException e) {
            throw new ConfigException("forwarding by " + link + ": " + e.getMessage());
        }
    }
}
