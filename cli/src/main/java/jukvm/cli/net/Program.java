package jukvm.cli.net;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import jukvm.error.ConfigException;

/** A program of the host's that is asked to do something, by its name and its package's. */
enum Program {
    /** Of iproute2. */
    IP("ip", "iproute2"),
    /** Of nftables. */
    NFT("nft", "nftables");

    // Where they are, and what an ordinary user's PATH often lacks.
    private static final String MORE = ":/usr/sbin:/sbin";

    private static final String DENIED =
            ". Run it as root, by sudo; --net:NAME=user needs no rights";

    private final String program;
    private final String contents;

    Program(String program, String contents) {
        this.program = program;
        this.contents = contents;
    }

    /** Runs it to its end, which must be a good one; returns what it printed. */
    String run(String... words) {
        return feed("", words);
    }

    /** The same with something to read. */
    String feed(String input, String... words) {
        List<String> line = new ArrayList<>(List.of(path()));
        line.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        try {
            Process process = builder.start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It has ended already, and says why.
            }
            byte[] output = process.getInputStream().readAllBytes();
            String text = new String(output, StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status == 0) {
                return text;
            }
            throw refused(words, text.isBlank() ? "status " + status : text);
        } catch (IOException e) {
            throw new ConfigException(program + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConfigException(program + ": was interrupted");
        }
    }

    private ConfigException refused(String[] words, String output) {
        String said = output.strip().replaceAll("\\s+", " ");
        boolean isDenied = said.contains("not permitted") || said.contains("ermission denied");
        String remedy = isDenied ? DENIED : "";
        return new ConfigException(program + " " + String.join(" ", words) + ": " + said + remedy);
    }

    /**
     * Returns where it is.
     *
     * @throws ConfigException if it is not installed
     */
    String path() {
        String all = Objects.requireNonNullElse(System.getenv("PATH"), "") + MORE;
        for (String folder : all.split(":", -1)) {
            Path path = Path.of(folder, program);
            if (path.isAbsolute() && Files.isExecutable(path)) {
                return path.toString();
            }
        }
        throw new ConfigException(program + ": is not on PATH. Install " + contents);
    }
}
