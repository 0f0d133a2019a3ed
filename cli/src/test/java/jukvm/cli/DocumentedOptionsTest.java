package jukvm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.cli.device.DeviceOptions;
import jukvm.cli.image.ImageCommand;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.net.NetCommand;
import jukvm.cli.run.RunCommand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The manual page, the completions for bash, zsh and fish, and the pages of docs know the options
 * and commands that there are.
 */
class DocumentedOptionsTest {
    // Of docker, and of jukvm-runtime, which is no command of jukvm.
    private static final Set<String> OF_OTHERS =
            Set.of("-t", "--low-level", "--jvm", "--daemon", "--input");

    private static final Path MANUAL = Path.of("src/main/man/jukvm.1");
    private static final Path COMPLETIONS = Path.of("src/main/completion");
    private static final List<Path> GUIDE =
            List.of(Path.of("../docs/running.md"), Path.of("../docs/devices.md"));
    private static final List<String> NAMELESS = List.of("--disk=", "--net=", "--net-mac=");

    private static final Invoker NOBODY = new RefusedInvoker();

    private static Map<String, CommandSpec> models() {
        Map<String, CommandSpec> models = new TreeMap<>();
        Main.commandLine(new String[0], NOBODY)
                .getSubcommands()
                .forEach((name, line) -> models.put(name, line.getCommandSpec()));
        return models;
    }

    /** Returns the options of a command as they are typed: what takes a value ends with = or :. */
    private static Set<String> options(CommandSpec model) {
        Set<String> options = new TreeSet<>();
        List<OptionSpec> all = new ArrayList<>(model.options());
        model.subcommands().values().forEach(sub -> all.addAll(sub.getCommandSpec().options()));
        for (OptionSpec option : all) {
            for (String name : option.names()) {
                boolean isAttached = option.arity().max() > 0 && name.startsWith("--");
                options.add(isAttached ? name + "=" : name);
            }
        }
        if (List.of("run", "snapshot").contains(model.name())) {
            options.addAll(NAMELESS);
            DeviceOptions.usages().keySet().forEach(name -> options.add(name + ":"));
            options.remove("--disk:");
        }
        return options;
    }

    @Test
    void shouldKnowWhichDeviceOptionsNeedNoName() {
        for (String option : NAMELESS) {
            String value = option.equals("--net-mac=") ? "02:00:00:00:00:01" : "value";
            assertTrue(new DeviceOptions().add(option + value));
        }
    }

    @Test
    void shouldExplainAllOptionsInTheManual() throws IOException {
        String manual = Files.readString(MANUAL).replace("\\-", "-");
        Set<String> explained = new TreeSet<>();
        Matcher found = Pattern.compile("--?[a-zA-Z][a-z-]*(?=[^a-z])").matcher(manual);
        while (found.find()) {
            boolean isOption = " \n\"".indexOf(manual.charAt(found.start() - 1)) >= 0;
            if (isOption && !OF_OTHERS.contains(found.group())) {
                explained.add(found.group());
            }
        }
        Set<String> expected = new TreeSet<>();
        for (CommandSpec model : models().values()) {
            options(model).forEach(option -> expected.add(option.replaceAll("[=:]$", "")));
        }
        assertEquals(expected, explained);
        for (String command : models().keySet()) {
            assertTrue(manual.contains("\n.B jukvm " + command + "\n"), command);
        }
    }

    @Test
    void shouldExplainAllOptionsInTheGuide() throws IOException {
        StringBuilder guide = new StringBuilder();
        for (Path page : GUIDE) {
            guide.append(Files.readString(page));
        }
        Set<String> named = new TreeSet<>();
        Matcher found =
                Pattern.compile("(?<=[` ])(--[a-z][a-z-]*|-[a-zA-Z](?![a-zA-Z]))").matcher(guide);
        while (found.find()) {
            named.add(found.group());
        }
        Set<String> expected = new TreeSet<>();
        for (CommandSpec model : models().values()) {
            options(model).forEach(option -> expected.add(option.replaceAll("[=:]$", "")));
        }
        assertEquals(expected, named);
        for (String command : models().keySet()) {
            assertTrue(guide.indexOf("jukvm " + command) >= 0, command);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"jukvm", "_jukvm", "jukvm.fish"})
    void shouldCompleteAllOptions(String shell) throws IOException {
        for (CommandSpec model : models().values()) {
            Set<String> offered = words(shell, "_jukvm_of_all");
            if (!options(model).equals(offered)) {
                offered.addAll(words(shell, "_jukvm_" + model.name()));
            }
            assertEquals(options(model), offered, model.name());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"jukvm", "_jukvm", "jukvm.fish"})
    void shouldCompleteAllCommands(String shell) throws IOException {
        assertEquals(new TreeSet<>(models().keySet()), words(shell, "_jukvm_commands"));
        assertEquals(
                new TreeSet<>(List.of("start", "stop", "status", "serve")),
                words(shell, "_jukvm_daemons"));
        for (String command : words(shell, "_jukvm_daemons")) {
            assertTrue(Files.readString(MANUAL).contains("daemon " + command));
        }
        assertEquals(new NetCommand().model().subcommands().keySet(), words(shell, "_jukvm_nets"));
        for (String command : words(shell, "_jukvm_nets")) {
            assertTrue(Files.readString(MANUAL).contains("net " + command));
        }
        assertEquals(
                new ImageCommand(NOBODY).model().subcommands().keySet(),
                words(shell, "_jukvm_images"));
        for (String command : words(shell, "_jukvm_images")) {
            assertTrue(Files.readString(MANUAL).contains("image " + command));
        }
        for (String command : words(shell, "_jukvm_elftool")) {
            assertTrue(Files.readString(MANUAL).replace("\\-", "-").contains("elftool " + command));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"jukvm", "_jukvm", "jukvm.fish"})
    void shouldCompleteValuesThatAreTaken(String shell) throws IOException {
        Matcher offers =
                Pattern.compile("run:(--[a-z]+=)\\*(?:\\)|';) _jukvm_offer '([^']*)'")
                        .matcher(Files.readString(COMPLETIONS.resolve(shell)));
        int count = 0;
        while (offers.find()) {
            for (String value : offers.group(2).split(" ", -1)) {
                new CommandLine(new RunCommand(NOBODY).model())
                        .parseArgs(offers.group(1) + value, "x");
                count++;
            }
        }
        assertEquals(11, count);
    }

    /** Returns the words that the variable of a name has in the completion for a shell. */
    private static Set<String> words(String shell, String variable) throws IOException {
        Matcher assigned =
                Pattern.compile("^(?:set -g )?" + variable + "[= ]'([^']*)'", Pattern.MULTILINE)
                        .matcher(Files.readString(COMPLETIONS.resolve(shell)));
        assertTrue(assigned.find(), variable);
        return new TreeSet<>(List.of(assigned.group(1).trim().split("\\s+", -1)));
    }
}
