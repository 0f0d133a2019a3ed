package jukvm.cli.net;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import jukvm.cli.invoker.CommandModel;
import jukvm.cli.invoker.ExitStatus;
import jukvm.error.ConfigException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;

/** {@code jukvm net}: makes TAP interfaces ready for a user, and removes them again. */
public final class NetCommand implements Runnable {
    public static final String NAME = "net";

    // What the kernel, /proc/sys, nftables and an alias take alike.
    private static final String WORD = "[A-Za-z0-9_][A-Za-z0-9_.-]*";
    private static final int LONGEST_NAME = 15;
    private static final List<String> NO_NAMES = List.of("all", "default");

    private final OptionSpec user =
            CommandModel.text("--user", "USER")
                    .description("Who may attach guests; who called sudo if not given, or root.")
                    .build();
    private final OptionSpec address =
            CommandModel.text("--address", "ADDRESS/BITS")
                    .description("The host's address; the first of 10.0.N.1/24 that is free.")
                    .build();
    private final OptionSpec bridge =
            CommandModel.text("--bridge", "BRIDGE")
                    .description("Plug it into a bridge that exists, without an address.")
                    .build();
    private final OptionSpec nat =
            OptionSpec.builder("--nat")
                    .arity("0")
                    .type(Boolean.class)
                    .description("Let guests reach what the default route leads to, by NAT.")
                    .build();
    private final CommandSpec spec = CommandModel.of(NAME, this);

    /** Returns the command as picocli knows it. */
    public CommandSpec model() {
        add("up", "1..*", "Make TAP interfaces ready.", this::up, user, address, bridge, nat);
        add("down", "1..*", "Remove them, and all that was done for them.", this::down);
        add("list", "0..*", "Tell of those there are, all if none is named.", this::list);
        spec.usageMessage()
                .synopsisSubcommandLabel("COMMAND")
                .description(
                        "Make TAP interfaces ready for a user who may not make any, by iproute2 and"
                                + " nftables. It is root's to do; they last until the host goes"
                                + " down.");
        return spec;
    }

    private void add(
            String name,
            String names,
            String does,
            Callable<Integer> action,
            OptionSpec... options) {
        CommandSpec model = CommandModel.of(name, action, options);
        model.addPositional(
                PositionalParamSpec.builder()
                        .index("0..*")
                        .arity(names)
                        .required(names.startsWith("1"))
                        .paramLabel("NAME")
                        .type(List.class)
                        .auxiliaryTypes(String.class)
                        .description("An interface of the host.")
                        .build());
        model.usageMessage().description(does);
        spec.addSubcommand(name, model);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing COMMAND");
    }

    private List<String> names(String command) {
        CommandSpec model =
                Objects.requireNonNull(spec.subcommands().get(command)).getCommandSpec();
        List<String> names = model.positionalParameters().get(0).getValue();
        List<String> given = Objects.requireNonNullElse(names, List.of());
        for (String name : given) {
            require(name, "the name of an interface");
            if (name.length() > LONGEST_NAME || NO_NAMES.contains(name)) {
                throw new ConfigException("'" + name + "' is not the name of an interface");
            }
        }
        return given;
    }

    private static String require(String word, String what) {
        if (!word.matches(WORD)) {
            throw new ConfigException("'" + word + "' is not " + what);
        }
        return word;
    }

    private static Optional<String> value(OptionSpec option) {
        return Optional.ofNullable(option.getValue());
    }

    private int up() {
        List<String> names = names("up");
        Optional<Ipv4Network> given = value(address).map(NetCommand::network);
        Optional<String> plugged = value(bridge).map(name -> require(name, "a bridge"));
        boolean translates = Boolean.TRUE.equals(nat.<Boolean>getValue());
        if (plugged.isPresent() && (given.isPresent() || translates)) {
            throw new ConfigException(
                    "--bridge: what is on a bridge has neither --address nor --nat of its own");
        }
        if (given.isPresent() && names.size() > 1) {
            throw new ConfigException("--address: is for one interface; name one");
        }
        Optional<String> uplink = translates ? Optional.of(HostTaps.uplink()) : Optional.empty();
        for (String name : names) {
            HostTap wanted = new HostTap(owner(), given, plugged, uplink, false);
            if (given.isEmpty() && plugged.isEmpty()) {
                wanted = withAddress(name, wanted);
            }
            HostTaps.up(name, wanted);
            say(name + ": " + wanted);
            say(wanted.usage(name));
        }
        return 0;
    }

    // The one that it has already, if it is up.
    private static HostTap withAddress(String name, HostTap wanted) {
        Optional<Ipv4Network> own =
                Optional.ofNullable(HostTaps.all().get(name)).flatMap(HostTap::address);
        return new HostTap(
                wanted.user(),
                Optional.of(own.orElseGet(HostTaps::freeAddress)),
                wanted.bridge(),
                wanted.uplink(),
                false);
    }

    private static Ipv4Network network(String text) {
        try {
            return Ipv4Network.parse(text).requireHost();
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--address: " + e.getMessage());
        }
    }

    private String owner() {
        String caller = Objects.requireNonNullElse(System.getenv("SUDO_UID"), "root");
        return require(value(user).orElse(caller), "a user");
    }

    private int down() {
        names("down").forEach(HostTaps::down);
        return 0;
    }

    private int list() {
        List<String> names = names("list");
        Map<String, HostTap> all = HostTaps.all();
        for (Map.Entry<String, HostTap> tap : all.entrySet()) {
            if (names.isEmpty() || names.contains(tap.getKey())) {
                say(tap.getKey() + ": " + tap.getValue());
            }
        }
        return all.keySet().containsAll(names) ? 0 : ExitStatus.FAILURE;
    }

    private void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
