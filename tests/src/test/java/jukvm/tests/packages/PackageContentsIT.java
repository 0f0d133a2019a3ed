package jukvm.tests.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the packages, and that the same sources give the same bytes. */
@RequiresPackages
final class PackageContentsIT {
    private static final Pattern COMPONENT =
            Pattern.compile(
                    "\"purl\" : \"pkg:maven/[^/]+/([^@]+)@([^?]+)\\?(?:classifier=([^&]+)&)?type=jar\"");
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    @TempDir Path folder;

    private void unpack() throws Exception {
        Path archive = Packages.archive(Guests.ROOT);
        String unpack = "tar -xzf " + archive + " --strip-components=1 -C " + folder;
        assertEquals(0, Command.shell(unpack).status());
    }

    @Test
    void shouldListWhatIsShipped() throws Exception {
        unpack();
        String list = Files.readString(folder.resolve("jukvm-sbom.json"));
        Set<String> listed = new TreeSet<>();
        for (Matcher found = COMPONENT.matcher(list); found.find(); ) {
            String classifier = found.group(3) == null ? "" : "-" + found.group(3);
            listed.add(found.group(1) + "-" + found.group(2) + classifier + ".jar");
        }
        Set<String> shipped = new TreeSet<>();
        for (Path jar : jars()) {
            String name = jar.getFileName().toString();
            shipped.add(name);
            // That one is compiled here, from its authors' sources.
            assertTrue(name.startsWith("picocli-") || list.contains(sha256(jar)), name);
        }
        assertTrue(listed.removeIf(name -> name.startsWith("jukvm-cli-")), list);
        assertEquals(shipped, listed);
    }

    @Test
    void shouldNameTheLicenceOfAllThatIsShipped() throws Exception {
        unpack();
        List<PathMatcher> named =
                Files.readAllLines(folder.resolve("copyright")).stream()
                        .filter(line -> line.startsWith("Files: lib/"))
                        .flatMap(line -> Stream.of(line.substring(7).split(" ", -1)))
                        .map(glob -> FileSystems.getDefault().getPathMatcher("glob:" + glob))
                        .toList();
        for (Path jar : jars()) {
            Path inFolder = folder.relativize(jar);
            boolean isOurs = inFolder.toString().startsWith("lib/jukvm-");
            assertTrue(isOurs || named.stream().anyMatch(glob -> glob.matches(inFolder)), "" + jar);
        }
    }

    @Test
    void shouldHaveAManualThatFormatsWithoutWarnings() throws Exception {
        Path manual = Guests.ROOT.resolve("cli/src/main/man/jukvm.1");
        String compare =
                "dpkg-deb --fsys-tarfile "
                        + Packages.deb(Guests.ROOT)
                        + " | tar -xO ./usr/share/man/man1/jukvm.1.gz | gzip -dc | cmp - "
                        + manual;
        assertEquals(new Command(0, "", ""), Command.shell(compare));
        String format = "! command -v groff >/dev/null || groff -man -Tutf8 -ww -z " + manual;
        assertEquals(new Command(0, "", ""), Command.shell(format));
    }

    private List<Path> jars() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("lib"))) {
            return files.filter(file -> file.toString().endsWith(".jar")).toList();
        }
    }

    private static String sha256(Path file) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        return HexFormat.of().formatHex(digest);
    }

    @Test
    void shouldBeTheSameBytesWhenBuiltAgain() throws Exception {
        SourceCopy.of(Guests.ROOT, folder);
        Map<String, String> environment =
                Map.of("JAVA_HOME", System.getProperty("java.home"), "TZ", "Asia/Tokyo");
        String build =
                "cd \"$0\" && exec mvn -q -B -Pdist -Dquick -Dmaven.test.skip=true"
                        + " -pl cli -am package";
        Command built =
                Command.program(PATIENCE, environment, "sh", "-c", build, folder.toString());
        assertEquals(0, built.status(), built.stdout());
        assertEquals(sha256(Packages.deb(Guests.ROOT)), sha256(Packages.deb(folder)));
        assertEquals(sha256(Packages.archive(Guests.ROOT)), sha256(Packages.archive(folder)));
    }
}
