package jukvm.cli.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jukvm.abi.Manifest;
import jukvm.error.ConfigException;

/**
 * How a guest takes the place of its container on the network: a hook, which runs after the
 * engine's, leads all frames of eth0 to a TAP interface and back, and those of eth1 to another.
 * Both are in the container's network namespace, and end with it. In a namespace that others use,
 * too, as in a pod, the guest has what they do not. Source: OCI runtime specification 1.0,
 * config.md, Hooks.
 */
final class GuestNetwork {
    /** The device by which a TAP interface is attached. */
    static final String TUN = "/dev/net/tun";

    // As network.sh calls them.
    private static final String INTERFACE = "eth";
    private static final String TAP = "jukvm";

    /** Where a container has its name servers. */
    static final String RESOLV_CONF = "/etc/resolv.conf";

    // CRI-O's, whose pods need have no process of their own that tells that others come.
    private static final String POD_ANNOTATION = "io.kubernetes.cri-o.SandboxID";

    private static final Path HOST = Path.of("/proc/self/ns/net");

    private GuestNetwork() {}

    /** Returns the options of {@code jukvm run} that attach the guest's network devices. */
    static List<String> options(List<Manifest.Device> devices) {
        List<String> options = new ArrayList<>();
        for (int i = 0; i < devices.size(); i++) {
            String name = devices.get(i).name();
            options.add("--net:" + name + "=" + TAP + i);
            options.add("--net-as:" + name + "=" + INTERFACE + i);
        }
        return options;
    }

    /**
     * Adds to a container's configuration what wires so many of its interfaces.
     *
     * @param script that does, network.sh
     * @throws ConfigException if the container has no network of its own
     */
    static void wire(JsonObject config, int count, Path script) throws IOException {
        Optional<String> namespace =
                config.object("linux").objects("namespaces").stream()
                        .filter(each -> each.text("type").orElse("").equals("network"))
                        .map(each -> each.text("path").orElse(""))
                        .findFirst();
        if (namespace.isEmpty() || isHost(namespace.get())) {
            throw new ConfigException(
                    "the guest declares a network device, for which it takes its container's"
                            + " interface, and those of the host are not to be taken; give the"
                            + " container a network of its own");
        }
        String number = Integer.toString(count);
        JsonObject hooks = config.object("hooks");
        String user = Long.toString(user(config));
        String path = namespace.get();
        String pod = config.object("annotations").text(POD_ANNOTATION).orElse("");
        add(hooks, "createRuntime", script, "up", number, user, resolvConf(config), path, pod);
        if (!path.isEmpty()) { // It lasts longer than the container.
            add(hooks, "poststop", script, "down", number, path);
        }
    }

    private static boolean isHost(String namespace) throws IOException {
        Path path = Path.of(namespace);
        return !namespace.isEmpty() && Files.exists(path) && Files.isSameFile(path, HOST);
    }

    private static void add(JsonObject hooks, String when, Path script, String... words) {
        List<String> args = new ArrayList<>(List.of("sh", script.toString()));
        args.addAll(List.of(words));
        List<JsonObject> all = new ArrayList<>(hooks.objects(when));
        all.add(new JsonObject().with("path", "/bin/sh").with("args", args));
        hooks.with(when, all);
    }

    /**
     * Returns the host's file by which the container knows name servers; empty if there is none.
     */
    private static String resolvConf(JsonObject config) {
        return config.objects("mounts").stream()
                .filter(mount -> mount.text("destination").orElse("").equals(RESOLV_CONF))
                .map(mount -> mount.text("source").orElse(""))
                .reduce("", (earlier, later) -> later);
    }

    /** Returns the container's user by the host's number. */
    private static long user(JsonObject config) {
        long user = config.object("process").object("user").number("uid").orElse(0L);
        for (JsonObject mapping : config.object("linux").objects("uidMappings")) {
            long first = mapping.number("containerID").orElse(0L);
            if (user >= first && user - first < mapping.number("size").orElse(0L)) {
                return mapping.number("hostID").orElse(0L) + user - first;
            }
        }
        return user;
    }
}
