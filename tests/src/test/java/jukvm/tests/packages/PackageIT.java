package jukvm.tests.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Refusal;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The packages, installed in a Debian that has nothing but a JRE. */
@RequiresPackages
@RequiresKvm
final class PackageIT {
    private static final String INSTALL = "dpkg -i /root/jukvm.deb";
    private static final String HELLO = "/usr/share/jukvm/hello.ukvm";
    private static final String RUN = "jukvm run " + HELLO + " Hello";
    private static final String GREETING =
            "Hello from a jukvm guest (ukvm 0.2)\ncommand line: Hello\n";
    private static final String JVM = "/usr/lib/jvm/java-17-openjdk-amd64";
    private static final String PREPARED = "find /var/cache/jukvm -type f -size +1M";

    private static CleanRoot root;

    @BeforeAll
    static void make() throws Exception {
        root = CleanRoot.make();
        root.add(Packages.deb(Guests.ROOT), "/root/jukvm.deb");
        root.add(Packages.archive(Guests.ROOT), "/home/anna/jukvm.tar.gz");
        root.add(Guests.prebuilt("fault.hvt"), "/home/anna/fault.hvt");
    }

    @AfterAll
    static void remove() throws Exception {
        root.remove();
    }

    @BeforeEach
    void install() throws Exception {
        root.succeed(INSTALL);
    }

    @AfterEach
    void purge() throws Exception {
        root.succeed("[ ! -e /usr/lib/jukvm ] || dpkg -P jukvm");
    }

    private static void assertRuns(String expected, Command run) {
        assertEquals(new Command(0, expected, ""), run);
    }

    @Test
    void shouldRunForRootAndForAnOrdinaryUser() throws Exception {
        assertRuns(GREETING, root.run(RUN));
        assertRuns(GREETING, root.runAsAnna(RUN));
        assertTrue(root.runAsAnna("jukvm --version").stdout().startsWith("jukvm "));
    }

    @ParameterizedTest
    @CsvSource({"fault.hvt, 255, ABORT", "nothing.hvt, 1, nothing.hvt"})
    void shouldEndWithTheStatusOfTheRun(String guest, int status, String fact) throws Exception {
        Command run = root.runAsAnna("jukvm run " + guest);
        assertEquals(status, run.status());
        assertTrue((run.stdout() + run.stderr()).contains(fact), run.toString());
    }

    @Test
    void shouldGiveAnOrdinaryUserTheClassesPreparedAtInstallation() throws Exception {
        String prepared = root.succeed(PREPARED);
        assertTrue(prepared.endsWith("/usr/lib/jukvm/run\n"), prepared);
        assertEquals(JVM + "\n", root.succeed("cat /var/cache/jukvm/.java"));
        String before = root.files();
        for (String java : new String[] {"", "JAVA_HOME=/usr/lib/jvm/java-1.17.0-openjdk-amd64 "}) {
            Command run = root.runAsAnna(java + "JUKVM_JAVA_OPTIONS=-Xlog:class+load " + RUN);
            String own =
                    run.stdout()
                            .lines()
                            .filter(line -> line.contains(" jukvm.cli.run.RunCommand source: "))
                            .findFirst()
                            .orElseThrow();
            assertTrue(own.contains("shared objects file"), own);
        }
        assertEquals(before, root.files());
    }

    @Test
    void shouldPrepareWhatAHostWithoutKvmUses() throws Exception {
        root.succeed("dpkg -P jukvm && mv /dev/kvm /root/kvm");
        try {
            root.succeed(INSTALL);
            String prepared = root.succeed(PREPARED);
            assertTrue(prepared.endsWith("/usr/lib/jukvm/refusal\n"), prepared);
            Refusal.assertRefused(root.runAsAnna(RUN), "/dev/kvm");
        } finally {
            root.succeed("mv /root/kvm /dev/kvm");
        }
    }

    @Test
    void shouldPrepareAgainWhenAJavaComesOrGoes() throws Exception {
        String before = root.succeed("find /var/cache/jukvm | sort");
        root.succeed(
                "mkdir -p /root/other/DEBIAN /root/other/usr/lib/jvm"
                        + " && ln -s java-17-openjdk-amd64 /root/other/usr/lib/jvm/other"
                        + " && printf '%s\\n' 'Package: other' 'Version: 1' 'Architecture: all'"
                        + " 'Maintainer: nobody <nobody@nowhere.invalid>' 'Description: a Java'"
                        + " >/root/other/DEBIAN/control"
                        + " && dpkg-deb -b /root/other /root/other.deb && dpkg -i /root/other.deb");
        assertEquals(JVM + "/bin\n", root.succeed("readlink -f /usr/lib/jvm/other/bin"));
        assertEquals(
                "java-17-openjdk-amd64\n",
                root.succeed("readlink /var/cache/jukvm/usr/lib/jvm/other"));
        root.succeed("dpkg -P other");
        assertEquals(before, root.succeed("find /var/cache/jukvm | sort"));
    }

    @Test
    void shouldAnswerToTheNamesOfSolo5() throws Exception {
        assertRuns(GREETING, root.runAsAnna("solo5-hvt " + HELLO + " Hello"));
        Command asked = root.runAsAnna("solo5-elftool query-abi fault.hvt");
        assertEquals(0, asked.status(), asked.stderr());
        assertTrue(asked.stdout().contains("\"hvt\""), asked.stdout());
        assertEquals(
                "/etc/alternatives/solo5-hvt\n/usr/lib/jukvm/client\n",
                root.succeed("readlink /usr/bin/solo5-hvt /etc/alternatives/solo5-hvt"));
        for (int abi = 1; abi <= 2; abi++) {
            Command version = root.runAsAnna("solo5-hvt." + abi + " --version");
            assertTrue(version.stderr().endsWith("\nABI version " + abi + "\n"), version.stderr());
        }
    }

    @Test
    void shouldBeAContainerRuntime() throws Exception {
        String passed = root.succeed("jukvm-runtime --low-level=echo --root /x state id");
        assertEquals("--root /x state id\n", passed);
        String create = "jukvm-runtime --low-level=echo create --bundle /missing id";
        Command refused = root.run(create);
        assertEquals(1, refused.status(), refused.stdout());
        assertTrue(refused.stderr().startsWith("jukvm-runtime: /missing"), refused.stderr());
    }

    @Test
    void shouldRunGuestsInTheDaemonOfAUser() throws Exception {
        try {
            Command started = root.runAsAnna("jukvm daemon start");
            assertEquals(0, started.status(), started.stderr());
            assertRuns(GREETING, root.runAsAnna(RUN));
            assertRuns(GREETING, root.runAsAnna("solo5-hvt " + HELLO + " Hello"));
            String status = root.runAsAnna("jukvm daemon status").stdout();
            assertTrue(status.contains("before: 2;"), status);
            assertRuns(GREETING, root.run(RUN)); // Root has none.
        } finally {
            root.runAsAnna("jukvm daemon stop");
            root.succeed("rm -rf /tmp/jukvm-*");
        }
    }

    @Test
    void shouldLeaveAnInstalledSolo5Alone() throws Exception {
        root.succeed("dpkg -P jukvm && echo the real one >/usr/bin/solo5-hvt");
        try {
            root.succeed(INSTALL);
            assertEquals("the real one\n", root.succeed("cat /usr/bin/solo5-hvt"));
            assertRuns("", root.run("test ! -e /etc/alternatives/solo5-hvt"));
            assertRuns("", root.run("test ! -e /usr/bin/solo5-hvt.2"));
            root.succeed("dpkg -P jukvm");
            assertEquals("the real one\n", root.succeed("cat /usr/bin/solo5-hvt"));
        } finally {
            root.succeed("rm /usr/bin/solo5-hvt");
        }
    }

    @Test
    void shouldLeaveNothingBehind() throws Exception {
        String installed = root.files();
        root.succeed("dpkg -r jukvm");
        String removed = root.files();
        assertNotEquals(installed, removed);
        assertFalse(removed.contains("jukvm/"), removed);
        root.succeed("dpkg -P jukvm");
        assertEquals(removed, root.files());
        root.succeed(INSTALL + " && " + RUN);
        assertEquals(installed, root.files());
        root.succeed("dpkg -P jukvm");
        assertEquals(removed, root.files());
    }

    @Test
    void shouldHaveServiceManagersStartWhatIsThere() throws Exception {
        for (String manager : List.of("user", "system")) {
            String folder = "/usr/lib/systemd/" + manager;
            String units = "cd " + folder + " && ls jukvm.*";
            assertEquals("jukvm.service\njukvm.socket\n", root.succeed(units));
            String program = "sed -n 's/^ExecStart=\\([^ ]*\\) daemon serve$/\\1/p' ";
            root.succeed("test -x \"$(" + program + folder + "/jukvm.service)\"");
        }
    }

    @Test
    void shouldBeCompletedByEachShell() throws Exception {
        root.succeed("cd /usr/share && test -f zsh/vendor-completions/_jukvm");
        root.succeed("cd /usr/share && test -f fish/vendor_completions.d/jukvm.fish");
    }

    @Test
    void shouldCompleteInBash() throws Exception {
        Map<String, String> offers = new LinkedHashMap<>();
        offers.put("jukvm ru", "run");
        offers.put("jukvm run --ti", "--time");
        offers.put("jukvm run --block-s", "--block-sector-size: --block-sync:");
        offers.put("jukvm run --ring=a", "auto");
        offers.put("jukvm run --block-sync:storage=d", "dsync");
        offers.put("jukvm run --time --me", "--mem=");
        offers.put("jukvm run hello.hvt --me", "");
        offers.put("jukvm inspect --j", "--json");
        offers.put("jukvm elftool query-a", "query-abi");
        String script =
                """
                . /usr/share/bash-completion/completions/jukvm
                complete -p jukvm
                for COMP_LINE; do
                    COMP_POINT=${#COMP_LINE}
                    _jukvm
                    echo "${COMPREPLY[*]}"
                done
                """;
        String typed = "\"" + String.join("\" \"", offers.keySet()) + "\"";
        assertRuns(
                "complete -o default -F _jukvm jukvm\n" + String.join("\n", offers.values()) + "\n",
                root.run("exec bash -c '" + script + "' bash " + typed));
    }

    @Test
    void shouldRunFromTheArchiveOfAnOrdinaryUser() throws Exception {
        root.succeed("dpkg -P jukvm");
        String unpack = "mkdir a && tar -xzf jukvm.tar.gz --strip-components=1 -C a && cd a";
        String run = "./jukvm run hello.ukvm Hello";
        try {
            Command first = root.runAsAnna(unpack + " && " + run);
            assertEquals(GREETING, first.stdout());
            assertTrue(first.stderr().startsWith("jukvm: preparing for Java "), first.stderr());
            assertRuns(GREETING, root.runAsAnna("a/jukvm run a/hello.ukvm Hello"));
            assertRuns(
                    GREETING,
                    root.runAsAnna(
                            "ln -s ../a/jukvm a/solo5-hvt && cd / && PATH=/home/anna/a:$PATH"
                                    + " && solo5-hvt ~/a/hello.ukvm Hello"));
        } finally {
            root.succeed("rm -rf /home/anna/a");
        }
    }
}
