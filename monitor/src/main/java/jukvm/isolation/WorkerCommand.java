package jukvm.isolation;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import jukvm.device.Console;
import jukvm.error.ConfigException;
import jukvm.error.JukvmException;
import jukvm.text.HostText;
import org.slf4j.Logger;

/**
 * How a worker's JVM is started: the Java of this process, the library and what it stands on, and
 * nothing else of the embedder's: not its classes, variables or options.
 */
public final class WorkerCommand {
    private static final String MAIN = "jukvm.worker.WorkerMain";
    private static final String CLASS_PATH = "jukvm.worker.classpath";

    private static final int WARNS_OF_NATIVE_CODE = 24;

    // What decides how names of files are read, and where libraries are.
    private static final List<String> VARIABLES =
            List.of("LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH");

    private final List<String> words = new ArrayList<>();
    private final Set<String> readable = new LinkedHashSet<>();
    private final List<String> writable;

    WorkerCommand(WorkerSettings settings) {
        this(settings, MAIN, classPath());
    }

    /**
     * Starts a program that stands for a worker.
     *
     * @param main its class
     * @param places of its classes
     */
    public WorkerCommand(WorkerSettings settings, String main, Set<String> places) {
        String java = System.getProperty("java.home");
        String folder =
                System.getProperty("jna.tmpdir", System.getProperty("java.io.tmpdir", "/tmp"));
        writable = List.of("/dev/kvm", folder);
        readable.addAll(List.of(java, java + "/lib", java + "/conf"));
        addTargetOf(java + "/conf/net.properties");
        addTargetOf(java + "/conf/security/java.security");
        readable.addAll(places);
        readable.addAll(List.of("/etc/ld.so.conf", "/etc/ld.so.conf.d")); // Read by jnr-ffi.
        words.add(java + "/bin/java");
        words.addAll(
                List.of(
                        "-Xms8m",
                        "-Xmx" + (settings.heapBytes() >> 10) + "k",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-XX:ErrorFile=/dev/null",
                        "-XX:+DisableAttachMechanism",
                        "-XX:+ReduceSignalUsage",
                        "-XX:+DisplayVMOutputToStderr",
                        "-Djna.tmpdir=" + folder,
                        "-Djava.util.logging.config.file=/dev/null/none",
                        "-Dslf4j.internal.verbosity=ERROR",
                        "-Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider"));
        if (Runtime.version().feature() >= WARNS_OF_NATIVE_CODE) {
            words.add("--enable-native-access=ALL-UNNAMED");
        }
        for (Map.Entry<Object, Object> property : System.getProperties().entrySet()) {
            String name = String.valueOf(property.getKey());
            if (name.startsWith("jna.") || name.equals("jukvm.native")) {
                words.add("-D" + name + "=" + property.getValue());
                readable.add(String.valueOf(property.getValue()));
            }
        }
        words.addAll(List.of("-cp", String.join(":", places), main));
        words.add(String.valueOf(ProcessHandle.current().pid()));
        words.add(String.valueOf(settings.keepBytes()));
        words.addAll(readable);
    }

    // Distributions keep the JDK's settings below /etc, and have links to them, file by file.
    private void addTargetOf(String link) {
        try {
            readable.add(String.valueOf(Path.of(link).toRealPath().getParent()));
        } catch (IOException e) {
            // This Java has none.
        }
    }

    /**
     * Returns where the classes of a worker are.
     *
     * @throws ConfigException if that cannot be told
     */
    public static Set<String> classPath() {
        Set<String> places = new LinkedHashSet<>();
        String given = System.getProperty(CLASS_PATH);
        if (given != null) {
            places.addAll(List.of(given.split(":", -1)));
            return places;
        }
        places.add(placeOf(WorkerCommand.class));
        places.add(placeOf(Console.class));
        places.add(placeOf(JukvmException.class));
        places.add(placeOf(Logger.class));
        boolean isJna = System.getProperty("jukvm.native", "jna").equals("jna");
        Optional<Class<?>> binding = isJna ? found("com.sun.jna.Native") : Optional.empty();
        binding.ifPresent(found -> places.add(placeOf(found)));
        if (binding.isEmpty()) {
            for (String property : List.of("java.class.path", "jdk.module.path")) {
                for (String place : System.getProperty(property, "").split(":", -1)) {
                    if (!place.isEmpty()) {
                        places.add(Path.of(place).toAbsolutePath().toString());
                    }
                }
            }
        }
        return places;
    }

    private static Optional<Class<?>> found(String name) {
        try {
            return Optional.of(Class.forName(name, false, JukvmException.class.getClassLoader()));
        } catch (ClassNotFoundException | LinkageError e) {
            return Optional.empty();
        }
    }

    private static String placeOf(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        URL place = source == null ? null : source.getLocation();
        if (place != null && place.getProtocol().equals("file")) {
            try {
                return HostText.of(Path.of(place.toURI()).toAbsolutePath());
            } catch (URISyntaxException | IllegalArgumentException e) {
                // It is no path.
            }
        }
        throw new ConfigException(
                "Isolation.PROCESS: "
                        + type.getName()
                        + " is in no jar of its own. Say by -D"
                        + CLASS_PATH
                        + " where the jars of jukvm, JNA and slf4j are");
    }

    List<String> words() {
        return words;
    }

    Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        for (String name : VARIABLES) {
            String value = System.getenv(name);
            if (value != null) {
                environment.put(name, value);
            }
        }
        return environment;
    }

    /** Returns what a worker's JVM reads and executes. */
    List<String> readable() {
        return List.copyOf(readable);
    }

    /** Returns what a worker opens for writing before it is sealed. */
    List<String> writable() {
        return writable;
    }
}
