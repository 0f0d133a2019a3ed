package jukvm.cli.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import jukvm.image.ImageNotes;
import jukvm.monitor.Snapshot;

/**
 * The guest that a container is to run, if it is to run one: its entry point is a Solo5 executable,
 * or annotations of urunc's name one. The configuration is the engine's; what is in the container's
 * root is hostile.
 *
 * @param path of the guest in the container's root, without links
 * @param arguments of the guest
 */
record GuestChoice(String path, List<String> arguments) {
    private static final int MAX_FILE = 64 << 10;
    private static final String COMMAND_LINE = "cmdline";

    /**
     * Returns the guest, if the container is to run one.
     *
     * @param root the container's root file system
     * @param config of its bundle
     * @throws ConfigException if its annotations ask for what jukvm does not run
     * @throws IOException if the host cannot read a file
     */
    static Optional<GuestChoice> of(Path root, JsonObject config) throws IOException {
        List<String> words = config.object("process").texts("args");
        Map<String, String> urunc = annotations(root, config);
        String binary = urunc.getOrDefault(Urunc.BINARY, "");
        if (binary.isEmpty()) {
            return words.isEmpty()
                    ? Optional.empty()
                    : entryPoint(root, config, words.get(0))
                            .map(path -> new GuestChoice(path, words.subList(1, words.size())));
        }
        String hypervisor = urunc.getOrDefault(Urunc.HYPERVISOR, Urunc.HVT);
        if (!hypervisor.equals(Urunc.HVT)) {
            throw new ConfigException(
                    "annotation "
                            + Urunc.PREFIX
                            + Urunc.HYPERVISOR
                            + " is '"
                            + hypervisor
                            + "', but jukvm runs guests of 'hvt' only");
        }
        RootPath path = RootPath.of(root, binary);
        if (!isThere(path)) {
            throw new ConfigException(
                    binary
                            + ": annotation "
                            + Urunc.PREFIX
                            + Urunc.BINARY
                            + " names no file of the image");
        }
        if (isAt(root, words, path.inside())) {
            return Optional.of(new GuestChoice(path.inside(), words.subList(1, words.size())));
        }
        String line = urunc.getOrDefault(COMMAND_LINE, "");
        return Optional.of(new GuestChoice(path.inside(), line.isEmpty() ? words : List.of(line)));
    }

    // An image for us and for urunc: what follows the guest are its arguments, as in any container.
    private static boolean isAt(Path root, List<String> words, String guest) {
        return !words.isEmpty()
                && words.get(0).startsWith("/")
                && RootPath.of(root, words.get(0)).inside().equals(guest);
    }

    /**
     * Returns whether there is such a file.
     *
     * @throws ConfigException if it is a snapshot
     */
    private static boolean isThere(RootPath path) throws IOException {
        Optional<FileChannel> found = path.open();
        if (found.isEmpty()) {
            return false;
        }
        try (FileChannel file = found.get()) {
            requireNoSnapshot(path, file);
            return true;
        }
    }

    // Its memory is in it, and so are the addresses of its interfaces, which are no container's.
    private static void requireNoSnapshot(RootPath path, FileChannel file) throws IOException {
        ByteBuffer beginning = ByteBuffer.allocate(Snapshot.BEGINNING);
        while (beginning.hasRemaining() && file.read(beginning, beginning.position()) >= 0) {
            // Until all is read, or the file ends.
        }
        if (Snapshot.isBeginning(beginning.flip())) {
            throw new ConfigException(
                    path.inside()
                            + ": is a snapshot, and a container's guest begins at its image; jukvm"
                            + " run goes on from it");
        }
    }

    // A name with a slash leads from the working directory, any other is looked for on PATH, as by
    // the low-level runtime.
    private static Optional<String> entryPoint(Path root, JsonObject config, String word)
            throws IOException {
        JsonObject process = config.object("process");
        String cwd = process.text("cwd").orElse("/");
        if (word.contains("/")) {
            return guest(RootPath.of(root, word.startsWith("/") ? word : cwd + "/" + word));
        }
        for (String variable : process.texts("env")) {
            if (variable.startsWith("PATH=")) {
                for (String folder : variable.substring("PATH=".length()).split(":", -1)) {
                    RootPath path = RootPath.of(root, folder + "/" + word);
                    if (isThere(path)) {
                        return guest(path);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** Returns the path inside the root if the file there is a Solo5 executable of any kind. */
    private static Optional<String> guest(RootPath path) throws IOException {
        Optional<FileChannel> found = path.open();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (FileChannel file = found.get()) {
            requireNoSnapshot(path, file);
            return ImageNotes.of(file).abi().map(note -> path.inside());
        } catch (ImageException e) {
            return Optional.empty(); // A script, a program for Linux, or damaged: not for us.
        }
    }

    /**
     * Returns urunc's annotations without their common beginning: the container's, else the
     * image's.
     */
    static Map<String, String> annotations(Path root, JsonObject config) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        Optional<FileChannel> found = RootPath.of(root, Urunc.FILE).open();
        if (found.isPresent()) {
            try (FileChannel file = found.get()) {
                JsonObject document = read(file);
                for (String key : document.keys()) {
                    put(values, key, document.text(key).map(GuestChoice::decoded).orElse(""));
                }
            }
        }
        Map<String, String> given = new LinkedHashMap<>();
        JsonObject annotations = config.object("annotations");
        for (String key : annotations.keys()) {
            put(given, key, annotations.text(key).orElse(""));
        }
        // Those of an image, which its tools encode, or what somebody has typed.
        boolean isEncoded = given.values().stream().allMatch(text -> decode(text).isPresent());
        given.forEach((key, value) -> values.put(key, isEncoded ? decoded(value) : value));
        return values;
    }

    private static void put(Map<String, String> values, String key, String value) {
        if (key.startsWith(Urunc.PREFIX)) {
            values.put(key.substring(Urunc.PREFIX.length()), value);
        }
    }

    private static JsonObject read(FileChannel file) throws IOException {
        byte[] bytes = Channels.newInputStream(file).readNBytes(MAX_FILE + 1);
        if (bytes.length > MAX_FILE) {
            throw new ConfigException(Urunc.FILE + ": longer than " + MAX_FILE + " bytes");
        }
        try {
            return JsonObject.read(bytes);
        } catch (IOException e) {
            throw new ConfigException(Urunc.FILE + ": not a JSON object");
        }
    }

    private static String decoded(String value) {
        return decode(value)
                .orElseThrow(
                        () ->
                                new ConfigException(
                                        Urunc.FILE + ": '" + value + "' is not text in base64"));
    }

    private static Optional<String> decode(String value) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(value));
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
        } catch (IllegalArgumentException | IOException e) {
            return Optional.empty();
        }
    }
}
