package jukvm.cli.solo5;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import jukvm.abi.AbiNote;
import jukvm.abi.Manifest;
import jukvm.abi.ManifestEntry;
import jukvm.cli.invoker.ExitStatus;
import jukvm.cli.invoker.OneLine;
import jukvm.cli.invoker.Version;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import jukvm.error.JukvmException;
import jukvm.image.ImageNotes;
import jukvm.io.FileId;
import jukvm.io.Requester;
import jukvm.stream.OutputFile;
import jukvm.text.HostText;

/**
 * Writes manifests and reads the notes of executables, with the outputs, messages and statuses of
 * solo5-elftool. Source: Solo5 elftool/elftool.c.
 */
public final class Elftool {
    /** The name of the tool it stands in for. */
    public static final String NAME = "solo5-elftool";

    /** The longest manifest source, in bytes: many times what 63 devices need. */
    static final int MAX_SOURCE = 1 << 20;

    private static final String STANDARD = "-";

    private final String program;
    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;

    /**
     * @param program what messages begin with
     * @param in what {@code -} reads
     * @param out where results go
     * @param err where messages go
     */
    public Elftool(String program, InputStream in, PrintStream out, PrintStream err) {
        this.program = program;
        this.in = in;
        this.out = out;
        this.err = err;
    }

    /** Does what the words ask for and returns the exit status. */
    public int run(List<String> words) {
        try {
            switch (words.isEmpty() ? "" : words.get(0) + " " + words.size()) {
                case "gen-manifest 3" -> generate(words.get(1), words.get(2));
                case "query-abi 2" -> query(words.get(1), Elftool::abi);
                case "query-manifest 2" -> query(words.get(1), Elftool::manifest);
                default -> {
                    usage();
                    return ExitStatus.FAILURE;
                }
            }
            return 0;
        } catch (JukvmException e) {
            err.println(program + ": " + OneLine.of(e.getMessage()));
            return ExitStatus.FAILURE;
        }
    }

    private void usage() {
        err.println("usage: " + program + " COMMAND ...");
        err.println(program + " version " + Version.get());
        err.println();
        err.println("COMMAND is:");
        err.println("    gen-manifest SOURCE OUTPUT:");
        err.println("        Turn the manifest SOURCE, in JSON, into the C source OUTPUT;");
        err.println("        - is standard input or output.");
        err.println("    query-abi BINARY:");
        err.println("        Print which target and ABI version BINARY is built for.");
        err.println("    query-manifest BINARY:");
        err.println("        Print the devices that BINARY declares.");
    }

    private void generate(String source, String output) {
        Manifest manifest = ManifestSource.parse(source, read(source));
        String code = code(manifest);
        if (output.equals(STANDARD)) {
            FileId.of(1).ifPresent(file -> requireOther(source, "standard output", file));
            print(code);
        } else {
            write(source, output, code.getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static void requireOther(String source, String output, FileId file) {
        Optional<FileId> read =
                source.equals(STANDARD) ? FileId.of(0) : FileId.of(Requester.self(), source);
        if (file.isKept() && read.filter(file::equals).isPresent()) {
            throw new ConfigException(
                    output + ": is the same file as " + source + "; name another");
        }
    }

    private byte[] read(String source) {
        byte[] document;
        try (InputStream file =
                source.equals(STANDARD) ? in : Channels.newInputStream(open(source))) {
            document = file.readNBytes(MAX_SOURCE + 1);
        } catch (FileSystemException e) {
            throw new ConfigException(source + ": Could not open for reading: " + reason(e));
        } catch (IOException e) {
            throw new ConfigException(source + ": Could not read: " + e.getMessage());
        }
        if (document.length > MAX_SOURCE) {
            throw new ConfigException(source + ": longer than " + MAX_SOURCE + " bytes");
        }
        return document;
    }

    private static void write(String source, String output, byte[] code) {
        Consumer<FileId> check = file -> requireOther(source, output, file);
        try (OutputFile file = new OutputFile(Requester.self(), output, check)) {
            file.write(code);
        } catch (FileNotFoundException e) {
            throw new ConfigException(
                    output + ": Could not open for writing: " + reason(output, e));
        } catch (IOException e) {
            discard(HostText.path(output));
            throw new ConfigException(output + ": Could not write: " + e.getMessage());
        }
    }

    // Half a manifest must not pass for one.
    private static void discard(Path output) {
        try {
            if (Files.isRegularFile(output)) {
                Files.delete(output);
            }
        } catch (IOException e) {
            // It stays, and the failure to write it is what the operator must hear of.
        }
    }

    private static FileChannel open(String name) throws IOException {
        Path path = HostText.path(name);
        if (Files.isDirectory(path)) { // Which can be opened, but not read.
            throw new FileSystemException(name, null, "Is a directory");
        }
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    private static String reason(FileSystemException e) {
        if (e instanceof NoSuchFileException) {
            return "No such file or directory";
        }
        return e instanceof AccessDeniedException
                ? "Permission denied"
                : String.valueOf(e.getReason());
    }

    // The message is the path, and the host's words in parentheses.
    private static String reason(String path, FileNotFoundException e) {
        String message = String.valueOf(e.getMessage());
        String start = path + " (";
        return message.startsWith(start) && message.endsWith(")")
                ? message.substring(start.length(), message.length() - 1)
                : message;
    }

    private String code(Manifest manifest) {
        int entries = manifest.devices().size() + 1;
        StringBuilder code = new StringBuilder();
        code.append("/* Generated by ").append(program);
        code.append(" version ").append(Version.get()).append(", do not edit */\n\n");
        code.append("#define MFT_ENTRIES ").append(entries).append('\n');
        code.append("#include \"mft_abi.h\"\n\n");
        code.append("MFT1_NOTE_DECLARE_BEGIN\n{\n");
        code.append("  .version = MFT_VERSION, .entries = ").append(entries).append(",\n");
        code.append("  .e = {\n");
        code.append("    { .name = \"\", .type = MFT_RESERVED_FIRST },\n");
        for (Manifest.Device device : manifest.devices()) {
            code.append("    { .name = \"").append(device.name());
            code.append("\", .type = MFT_DEV_").append(device.type().name()).append(" },\n");
        }
        return code.append("  }\n}\nMFT1_NOTE_DECLARE_END\n").toString();
    }

    private interface Query {
        String of(ImageNotes notes) throws IOException;
    }

    private void query(String binary, Query query) {
        FileId.of(1).ifPresent(file -> requireOther(binary, "standard output", file));
        String answer;
        try (FileChannel file = open(binary)) {
            answer = query.of(ImageNotes.of(file));
        } catch (FileSystemException e) {
            throw ImageException.unreadable(binary + ": Could not open: " + reason(e));
        } catch (IOException e) {
            throw ImageException.unreadable(binary + ": Could not read: " + e.getMessage());
        } catch (ImageException e) {
            throw e.about(binary);
        }
        print(answer);
    }

    private static String abi(ImageNotes notes) throws IOException {
        AbiNote abi = notes.abi().orElseThrow(() -> absent("ABI information"));
        return "{\n  \"type\": \"solo5.abi\",\n  \"target\": \""
                + (abi.target() >= 1 && abi.target() <= 6 ? abi.targetName() : "unknown")
                + "\",\n  \"version\": "
                + Integer.toUnsignedString(abi.version())
                + "\n}\n";
    }

    private static String manifest(ImageNotes notes) throws IOException {
        ByteBuffer content = notes.manifest().orElseThrow(() -> absent("manifest"));
        List<ManifestEntry> entries = entries(content);
        StringBuilder json = new StringBuilder();
        json.append("{\n  \"type\": \"solo5.manifest\",\n  \"version\": 1,\n  \"devices\": [\n");
        for (int i = 0; i < entries.size(); i++) {
            ManifestEntry entry = entries.get(i);
            if (!entry.isReserved()) {
                json.append("    { \"name\": \"").append(escaped(entry.name()));
                json.append("\", \"type\": \"").append(entry.typeName());
                json.append(i == entries.size() - 1 ? "\" }\n" : "\" },\n");
            }
        }
        return json.append("  ]\n}\n").toString();
    }

    // In the words of the tool that this stands for.
    private static List<ManifestEntry> entries(ByteBuffer content) {
        try {
            return ManifestEntry.list(content);
        } catch (ImageException e) {
            throw ImageException.invalid("Manifest validation failed");
        }
    }

    // As JSON has it: a name that the toolchain did not make must not read as anything else.
    private static String escaped(String name) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
            text.append(plain ? String.valueOf(c) : String.format("\\u%04x", (int) c));
        }
        return text.toString();
    }

    private static ImageException absent(String what) {
        return ImageException.invalid("No Solo5 " + what + " found in executable");
    }

    private void print(String text) {
        out.print(text);
        if (out.checkError()) {
            throw new ConfigException("standard output: Could not write");
        }
    }
}
