package jukvm.cli.solo5;

import java.io.PrintWriter;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.abi.DeviceType;
import jukvm.abi.Manifest;
import jukvm.cli.device.AskedDevice;
import jukvm.cli.device.DeviceOptions;
import jukvm.cli.device.Remedies;
import jukvm.cli.invoker.Conversions;
import jukvm.cli.invoker.ExitStatus;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.OneLine;
import jukvm.cli.invoker.Outputs;
import jukvm.cli.run.Launch;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import jukvm.error.JukvmException;
import jukvm.guest.Outcome;
import jukvm.image.GuestImage;
import jukvm.memory.GuestMemory;
import jukvm.monitor.GuestSpec;
import org.jspecify.annotations.Nullable;

/**
 * The command under the name {@code solo5-hvt}: the options, messages and exit statuses of that
 * tender, for test suites and orchestrators that know no other. Source: Solo5 0.12.1,
 * tenders/hvt/hvt_main.c and modules; 0.13 as to the network ring.
 *
 * <p>It runs more guests than that tender, which refuses those of ABI 1 and those without notes, of
 * before Solo5 0.6. As {@code solo5-hvt.1} or {@code solo5-hvt.2}, names that orchestrators look
 * for first, it is the tender of that ABI alone; as {@code solo5-hvt-debug} it has the options of
 * that program, too, and gdb connects from this host alone. It is stricter where leniency hides a
 * mistake: an option of a device that is given twice, a multicast address, trailing garbage and
 * block sizes that wrap are refused.
 */
public final class Solo5Hvt {
    public static final String NAME = "solo5-hvt";
    private static final String DEBUG = NAME + "-debug";
    private static final String SOLO5_VERSION = "v0.13.0";
    private static final int NEWEST_ABI = 2;
    private static final Pattern NAMES = Pattern.compile("solo5-hvt(?:\\.([12]))?");

    // What a number is to scanf: blanks and a sign before it, anything after it.
    private static final Pattern NUMBER = Pattern.compile("\\s*([-+]?[0-9]+).*", Pattern.DOTALL);
    private static final String MEMORY = "--mem=";
    private static final String NO_NET_RING = "--no-net-ring";
    private static final String GDB = "--gdb";
    private static final String GDB_PORT = "--gdb-port=";
    private static final String DUMP_CORE = "--dumpcore=";
    private static final int MAX_PORT = 65535;

    // The phrases of that tender that our own messages about an image begin with.
    private static final Pattern KNOWN_PHRASE =
            Pattern.compile("(No Solo5|Solo5 manifest is invalid|Executable |cannot open).*");

    private final String name;
    private final Invoker invoker;
    private final PrintWriter err;
    private final List<String> options = new ArrayList<>();
    private final List<String> arguments = new ArrayList<>();

    /** The command line ends here, with this status; what there was to say has been said. */
    private static final class Ended extends Exception {
        private static final long serialVersionUID = 1L;
        private final int status;

        Ended(int status) {
            super("", null, false, false);
            this.status = status;
        }
    }

    private Solo5Hvt(String name, Invoker invoker) {
        this.name = name;
        this.invoker = invoker;
        this.err = invoker.err();
    }

    /** Returns whether a command is called by one of the names. */
    public static boolean isName(String word) {
        return NAMES.matcher(word).matches();
    }

    /**
     * Runs the command by one of the names, and returns the status for the invoker to exit with.
     */
    public static int run(String name, String[] args, Invoker invoker) throws InterruptedException {
        return run(name, args, System.nanoTime(), invoker);
    }

    /**
     * Runs the command and returns the status for the invoker to exit with.
     *
     * @param name it was called by
     * @param requested when that was asked for, by {@link System#nanoTime}
     */
    public static int run(String name, String[] args, long requested, Invoker invoker)
            throws InterruptedException {
        Solo5Hvt command = new Solo5Hvt(name, invoker);
        try {
            return command.run(args, requested);
        } catch (Ended e) {
            return e.status;
        } catch (JukvmException e) {
            command.say(e.getMessage());
            return ExitStatus.FAILURE;
        }
    }

    private int run(String[] args, long requested) throws Ended, InterruptedException {
        String kernel = split(args);
        Outputs outputs = new Outputs(invoker, Optional.of(kernel), DeviceOptions.disks(options));
        if (!outputs.checkStreams()) {
            throw new Ended(ExitStatus.FAILURE);
        }
        GuestImage image = read(kernel);
        Launch launch = new Launch(invoker, outputs, this::say, this::sentence);
        launch.devices = DeviceOptions.solo5();
        launch.arguments = arguments;
        launch.status = ExitStatus::solo5;
        for (String option : options) {
            if (option.startsWith(MEMORY)) {
                launch.memory = memory(option.substring(MEMORY.length()));
            } else if (option.equals(NO_NET_RING)) {
                launch.netRing = false;
            } else if (!isForDebugger(option)) {
                attach(image, launch.devices, option);
            }
        }
        launch.debug.gdb = gdbPort();
        launch.debug.coreFolder = coreFolder();
        launch.debug.program = NAME;
        launch.memory = adjusted(launch.memory);
        requireAttached(image, launch.devices);
        image.warnings().forEach(warning -> say(kernel + ": Warning: " + warning));
        return launch.run(image, requested);
    }

    /** Returns the file of the guest; none if there is only something to print. */
    public static Optional<String> kernel(String[] args) {
        for (int at = 0; at < args.length; at++) {
            String word = args[at];
            if (word.equals("--help") || word.equals("--version")) {
                return Optional.empty();
            }
            if (word.equals("--")) {
                return at + 1 < args.length ? Optional.of(args[at + 1]) : Optional.empty();
            }
            if (!word.startsWith("-")) {
                return Optional.of(word);
            }
        }
        return Optional.empty();
    }

    // Help and version win over everything before the kernel, be it right or wrong.
    private String split(String[] args) throws Ended {
        int at = 0;
        while (at < args.length && args[at].startsWith("-") && !args[at].equals("--")) {
            if (args[at].equals("--help")) {
                throw usage();
            }
            if (args[at].equals("--version")) {
                err.println(name + " tender, version " + SOLO5_VERSION);
                err.println("ABI version " + abi().orElse(NEWEST_ABI));
                throw new Ended(0);
            }
            options.add(args[at++]);
        }
        if (at < args.length && args[at].equals("--")) {
            at++;
        }
        if (at == args.length) {
            say("Missing KERNEL operand");
            throw usage();
        }
        arguments.addAll(List.of(args).subList(at + 1, args.length));
        return args[at];
    }

    private GuestImage read(String kernel) throws Ended {
        try {
            GuestImage image = invoker.image(Conversions.path(kernel));
            requireAbi(image);
            return image;
        } catch (ImageException e) {
            String text = e.getMessage();
            String fact =
                    text.startsWith(kernel + ": ") ? text.substring(kernel.length() + 2) : text;
            if (!KNOWN_PHRASE.matcher(fact).lookingAt()) {
                fact = "invalid executable: " + fact;
            }
            say(kernel + ": " + fact.replaceFirst("^cannot open", "Could not open"));
            throw new Ended(ExitStatus.FAILURE);
        }
    }

    /** Returns the one ABI that its name says it is for. */
    private OptionalInt abi() {
        Matcher form = NAMES.matcher(name);
        return form.matches() && form.group(1) != null
                ? OptionalInt.of(Integer.parseInt(form.group(1)))
                : OptionalInt.empty();
    }

    private void requireAbi(GuestImage image) {
        image.requireDialect(image.dialect());
        OptionalInt only = abi();
        if (only.isEmpty()) {
            return;
        }
        int version =
                image.abi()
                        .orElseThrow(
                                () ->
                                        ImageException.invalid(
                                                "No Solo5 ABI information found in executable"))
                        .version();
        if (version != only.getAsInt()) {
            throw ImageException.invalid("Executable requests unsupported ABI version " + version);
        }
    }

    // As unsigned 64 bits, which a number that is negative or too large wraps to.
    private long memory(String word) throws Ended {
        Matcher number = NUMBER.matcher(word);
        long bytes = number.matches() ? new BigInteger(number.group(1)).longValue() << 20 : 0;
        if (bytes == 0) {
            say("Malformed argument to --mem");
            throw new Ended(ExitStatus.FAILURE);
        }
        return bytes;
    }

    private boolean isForDebugger(String option) {
        return name.equals(DEBUG)
                && (option.equals(GDB)
                        || option.startsWith(GDB_PORT)
                        || option.startsWith(DUMP_CORE));
    }

    // The last port counts, and only if there is to be a debugger.
    private @Nullable String gdbPort() throws Ended {
        if (!name.equals(DEBUG)) {
            return null;
        }
        long port = 1234;
        for (String option : options) {
            if (option.startsWith(GDB_PORT)) {
                Matcher number = NUMBER.matcher(option.substring(GDB_PORT.length()));
                port = number.matches() ? new BigInteger(number.group(1)).longValue() : -1;
                if (port < 0 || port > MAX_PORT) {
                    say("Malformed argument to --gdb-port");
                    throw new Ended(ExitStatus.FAILURE);
                }
            }
        }
        return options.contains(GDB) ? Long.toString(port) : null;
    }

    private @Nullable String coreFolder() {
        String folder = null;
        for (String option : options) {
            if (name.equals(DEBUG) && option.startsWith(DUMP_CORE)) {
                folder = Conversions.path(option.substring(DUMP_CORE.length()));
            }
        }
        return folder;
    }

    private long adjusted(long memory) throws Ended {
        long whole = memory & -GuestSpec.MEMORY_UNIT;
        long rounded = whole == 0 ? GuestSpec.MEMORY_UNIT : whole;
        String text = Long.toUnsignedString(rounded) + " bytes";
        if (rounded != memory) {
            say("adjusting memory to " + text);
        }
        if (Long.compareUnsigned(rounded, GuestMemory.MAX_SIZE) > 0) {
            say(
                    "guest memory size "
                            + text
                            + " exceeds the max size "
                            + GuestMemory.MAX_SIZE
                            + " bytes");
            throw new Ended(ExitStatus.FAILURE);
        }
        return rounded;
    }

    private void attach(GuestImage image, DeviceOptions devices, String option) throws Ended {
        AskedDevice.Form form =
                AskedDevice.Form.of(option)
                        .filter(Solo5Hvt::isKnown)
                        .orElseThrow(() -> invalid(option));
        String device = form.name();
        DeviceType type = form.kind().type();
        boolean declared =
                image.manifest().devices().stream()
                        .anyMatch(found -> found.name().equals(device) && found.type() == type);
        if (!declared) {
            say("Resource not declared in manifest: '" + device + "'");
            throw invalid(option);
        }
        try {
            devices.add(option);
        } catch (ConfigException e) {
            say(e.getMessage());
            throw invalid(option);
        }
    }

    private static boolean isKnown(AskedDevice.Form form) {
        String device = form.name();
        String value = form.value();
        return form.kind().solo5().containsKey(form.option())
                && device != null
                && Manifest.isName(device)
                && value != null
                && !value.isEmpty();
    }

    private void requireAttached(GuestImage image, DeviceOptions devices) throws Ended {
        boolean missing = false;
        for (Manifest.Device declared : image.manifest().devices()) {
            if (!devices.hasBacking(declared.name())) {
                missing = true;
                say(
                        "Device '"
                                + declared.name()
                                + "' of type "
                                + declared.type()
                                + " declared but not attached.");
            }
        }
        if (missing) {
            say("All declared devices must be attached. See --help for syntax.");
            throw new Ended(ExitStatus.FAILURE);
        }
    }

    private Optional<String> sentence(Outcome outcome, boolean bySignal) {
        if (bySignal) {
            return Optional.of("Exiting on a signal");
        }
        if (outcome.exitStatus().isPresent()) {
            return Optional.empty();
        }
        String line = outcome.message();
        return Optional.of(line.startsWith("host/guest translation fault") ? "KVM: " + line : line);
    }

    private Ended invalid(String option) {
        say("Invalid option: `" + option + "'");
        return usage();
    }

    private Ended usage() {
        err.println(
                "usage: " + name + " [ CORE OPTIONS ] [ MODULE OPTIONS ] [ -- ] KERNEL [ ARGS ]");
        err.println("KERNEL is the file of the unikernel.");
        err.println("ARGS are passed to the unikernel.");
        err.println("Core options:");
        err.println("  [ --mem=512 ] (guest memory in MiB)");
        err.println("  [ --no-net-ring ] (no ring for network frames)");
        if (name.equals(DEBUG)) {
            err.println("  [ --gdb ] (wait for gdb at the entry)");
            err.println("  [ --gdb-port=1234 ] (port of this host that gdb connects to)");
            err.println("  [ --dumpcore=DIR ] (write a core to DIR if the guest aborts or faults)");
        }
        err.println("    --help (print this)");
        err.println("    --version (print the version)");
        StringBuilder modules = new StringBuilder("core ");
        List<String> moduleOptions = new ArrayList<>();
        for (AskedDevice kind : AskedDevice.kinds()) {
            kind.solo5().keySet().stream()
                    .findFirst()
                    .ifPresent(module -> modules.append(module).append(' '));
            moduleOptions.addAll(kind.solo5().values());
        }
        err.println("Compiled-in modules: " + modules);
        err.println("Compiled-in module options:");
        moduleOptions.forEach(err::println);
        return new Ended(ExitStatus.FAILURE);
    }

    private void say(String line) {
        err.println(name + ": " + OneLine.of(Remedies.asOptions(line)));
    }
}
