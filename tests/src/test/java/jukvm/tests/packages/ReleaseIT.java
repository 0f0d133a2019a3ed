package jukvm.tests.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** A release, made as CONTRIBUTING says: what Maven Central asks for, and all a newcomer needs. */
@RequiresPackages
@RequiresKvm
@RequiresProgram(value = "gpg", byRoot = false)
final class ReleaseIT {
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final String REPOSITORY = System.getProperty("jukvm.repository", "/");
    private static final Set<String> LIBRARY =
            Set.of("jukvm-native-stubs", "jukvm-hypercalls", "jukvm-monitor", "jukvm-junit");
    private static final Set<String> POMS = Set.of("jukvm-parent", "jukvm-bom");
    private static final Map<String, String> JARS =
            Map.of(
                    ".jar", "module-info.class",
                    "-sources.jar", "module-info.java",
                    "-javadoc.jar", "index.html");
    private static final Map<String, String> CHECKSUMS = Map.of(".md5", "MD5", ".sha1", "SHA-1");
    private static final List<String> INHERITED =
            List.of(
                    "url",
                    "licenses/license/name",
                    "licenses/license/url",
                    "developers/developer/name",
                    "scm/connection",
                    "scm/developerConnection",
                    "scm/url");

    // Without what gcc makes, of which nothing is released.
    private static final String RELEASE =
            """
            sed -i 's/-SNAPSHOT</</' */pom.xml pom.xml
            mkdir -m 700 "$GNUPGHOME"
            trap 'gpgconf --kill all' EXIT
            gpg -q --batch --passphrase '' --quick-gen-key release@jukvm.invalid
            mvn -B -Prelease -Dgpg.keyname=release@jukvm.invalid -Dquick -Dmaven.test.skip=true \\
                -Dexec.skip=true -Dmaven.install.skip=true -Dmaven.repo.local="$REPOSITORY" deploy
            """;

    // What is not ours comes from this build's repository, as if that were Maven Central.
    private static final String SETTINGS =
            """
            <settings>
              <mirrors>
                <mirror><id>here</id><mirrorOf>central</mirrorOf><url>file://HERE</url></mirror>
              </mirrors>
              <profiles>
                <profile>
                  <id>jukvm</id>
                  <repositories>
                    <repository><id>jukvm</id><url>file://RELEASE</url></repository>
                  </repositories>
                </profile>
              </profiles>
              <activeProfiles><activeProfile>jukvm</activeProfile></activeProfiles>
            </settings>
            """;

    private static final String NEWCOMER =
            """
            mkdir -p newcomer/guest-images
            cp -r tree/examples newcomer
            cp -r tree/guest-images/prebuilt newcomer/guest-images
            cd newcomer/examples
            mvn() { command mvn -B -s ../../settings.xml -Dmaven.repo.local="$PWD/../own" "$@"; }
            java() { "$JAVA_HOME/bin/java" "$@"; }
            """;

    @TempDir private static Path folder;
    private static Path released = Path.of("");
    private static String version = "";

    @BeforeAll
    static void release() throws Exception {
        Path tree = folder.resolve("tree");
        SourceCopy.of(Guests.ROOT, tree);
        sh(tree, RELEASE);
        released = tree.resolve("target/release");
        version = value(tree.resolve("bom/pom.xml"), "version");
    }

    private static String sh(Path in, String script) throws Exception {
        Map<String, String> environment =
                Map.of(
                        "JAVA_HOME",
                        System.getProperty("java.home"),
                        "MAVEN_OPTS",
                        "-XX:TieredStopAtLevel=1",
                        "GNUPGHOME",
                        folder.resolve("gnupg").toString(),
                        "REPOSITORY",
                        REPOSITORY);
        String all = "cd \"$0\"\n" + script;
        Command run = Command.program(PATIENCE, environment, "sh", "-ec", all, in.toString());
        List<String> said = (run.stdout() + run.stderr()).lines().toList();
        String last = String.join("\n", said.subList(Math.max(0, said.size() - 40), said.size()));
        assertEquals(0, run.status(), last);
        return run.stdout();
    }

    private static Path file(String artifact, String suffix) {
        String name = artifact + "-" + version + suffix;
        return released.resolve("io/github/jukvm").resolve(artifact).resolve(version).resolve(name);
    }

    private static String find(Path pom, String path) throws Exception {
        Document parsed =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile());
        return XPathFactory.newInstance().newXPath().evaluate("/project/" + path, parsed).strip();
    }

    private static String value(Path pom, String path) throws Exception {
        String value = find(pom, path);
        assertNotEquals("", value, pom + " has no " + path);
        return value;
    }

    private static void assertInherits(Path pom, String path) throws Exception {
        if (find(pom, path).isEmpty()) {
            assertInherits(file(value(pom, "parent/artifactId"), ".pom"), path);
        }
    }

    @Test
    void shouldHaveTheLibraryAndNothingElse() throws Exception {
        Set<Path> expected = new TreeSet<>();
        POMS.forEach(artifact -> expected.add(file(artifact, ".pom")));
        for (String artifact : LIBRARY) {
            expected.add(file(artifact, ".pom"));
            for (Map.Entry<String, String> jar : JARS.entrySet()) {
                Path file = file(artifact, jar.getKey());
                expected.add(file);
                try (ZipFile zip = new ZipFile(file.toFile())) {
                    assertNotNull(zip.getEntry(jar.getValue()), file.toString());
                }
            }
        }
        assertEquals(expected, files());
    }

    /** Returns what is released, without checksums, signatures and what Maven notes of versions. */
    private static Set<Path> files() throws Exception {
        try (Stream<Path> files = Files.walk(released)) {
            return files.filter(file -> file.toString().matches(".*\\.(jar|pom)"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void shouldHaveChecksumsAndSignatures() throws Exception {
        for (Path file : files()) {
            for (Map.Entry<String, String> checksum : CHECKSUMS.entrySet()) {
                byte[] digest =
                        MessageDigest.getInstance(checksum.getValue())
                                .digest(Files.readAllBytes(file));
                String said = Files.readString(Path.of(file + checksum.getKey()));
                assertEquals(HexFormat.of().formatHex(digest), said, file.toString());
            }
            sh(folder, "gpg -q --verify " + file + ".asc " + file);
        }
    }

    @Test
    void shouldDescribeEachArtifact() throws Exception {
        for (Path pom : files().stream().filter(file -> ("" + file).endsWith(".pom")).toList()) {
            value(pom, "name");
            value(pom, "description");
            for (String path : INHERITED) {
                assertInherits(pom, path);
            }
            assertFalse(Files.readString(pom).contains("SNAPSHOT"), pom.toString());
        }
    }

    @Test
    void shouldListTheLibraryInTheBom() throws Exception {
        Path bom = file("jukvm-bom", ".pom");
        String managed = "dependencyManagement/dependencies/dependency";
        for (String artifact : LIBRARY) {
            String listed = value(bom, managed + "[artifactId='" + artifact + "']/version");
            assertEquals("${project.version}", listed);
        }
        assertEquals("", find(bom, managed + "[" + (LIBRARY.size() + 1) + "]"));
    }

    @Test
    void shouldBeAllThatANewcomerNeeds() throws Exception {
        String settings =
                SETTINGS.replace("HERE", REPOSITORY).replace("RELEASE", released.toString());
        Files.writeString(folder.resolve("settings.xml"), settings);
        String readme =
                Files.readAllLines(Guests.ROOT.resolve("examples/README.md")).stream()
                        .filter(line -> line.startsWith("    "))
                        .collect(Collectors.joining("\n"));
        String said = sh(folder, NEWCOMER + readme + "\nmvn test\n");
        String hello =
                """
                Hello from a jukvm guest (hvt 2)
                command line: Hello
                guest exited with status 0
                """;
        assertTrue(said.contains(hello), said);
        assertTrue(said.contains("Tests run: 2, Failures: 0, Errors: 0, Skipped: 0"), said);
    }
}
