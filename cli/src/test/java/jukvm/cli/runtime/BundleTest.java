package jukvm.cli.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BundleTest {
    private static final GuestJvm JVM =
            new GuestJvm(List.of("/java", "-jar", "/app"), Map.of(Path.of("/x"), Path.of("/y")));
    private static final DeviceNode KVM = new DeviceNode("/dev/kvm", 10, 232);

    private static final Path WIRING = Path.of("/launcher/network.sh");

    @TempDir Path folder;

    @BeforeEach
    void makeRoot() throws IOException {
        Files.createDirectory(folder.resolve("rootfs"));
        Files.createSymbolicLink(folder.resolve("rootfs/data"), Path.of("../usr/lib"));
    }

    private JsonObject rewrite(String config) throws IOException {
        Path file = folder.resolve("config.json");
        Files.writeString(file, config.replace('\'', '"'));
        new Bundle(folder).rewrite(new GuestChoice("/g", List.of("{env:A}")), JVM, KVM, WIRING);
        return JsonObject.read(Files.readAllBytes(file));
    }

    @Test
    void shouldRunTheGuestByAJvmThatTheImageHasNoSayIn() throws IOException {
        JsonObject config =
                rewrite(
                        "{'process':{'user':{'uid':7,'gid':8},'args':['/g'],'cwd':'/w',"
                                + "'env':['A=b','LD_PRELOAD=/evil','JAVA_TOOL_OPTIONS=-evil']},"
                                + "'root':{'path':'rootfs'},'hooks':{'prestart':[]},'n':1.50}");
        JsonObject process = config.object("process");
        assertEquals(
                List.of("/java", "-jar", "/app", "run", "--mem=512", "/image/g", "b"),
                process.texts("args"));
        assertEquals(
                List.of("PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "_JAVA_SR_SIGNUM=61"),
                process.texts("env"));
        assertEquals("/", process.text("cwd").orElseThrow());
        String expected =
                "{'path':'/dev/kvm','type':'c','major':10,'minor':232,"
                        + "'fileMode':384,'uid':7,'gid':8}";
        JsonObject device = config.object("linux").objects("devices").get(0);
        assertEquals(expected.replace('\'', '"'), JsonObjectTest.text(device));
        assertEquals(
                folder.resolve(Bundle.ROOT).toString(), config.object("root").text("path").get());
        assertEquals(Set.of("config.json", "rootfs", Bundle.ROOT), files());
    }

    @Test
    void shouldHaveTheRunReplaceWhatIsLeftToIt() throws IOException {
        JsonObject process = rewrite("{'process':{'env':['A=x{mac}']}}").object("process");
        assertEquals(
                List.of("--expand", "/image/g", "x{{mac}"), process.texts("args").subList(5, 8));
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @Test
    void shouldMountTheImageFirstAndTheJvmLast() throws IOException {
        JsonObject config =
                rewrite(
                        "{'process':{'env':['A=b']},"
                                + "'root':{'path':'rootfs','readonly':true},'mounts':["
                                + "{'destination':'/proc','type':'proc','source':'proc'},"
                                + "{'destination':'/dev/pts','type':'devpts'},"
                                + "{'destination':'/x/../sys/fs','type':'sysfs'},"
                                + "{'destination':'/devil','type':'bind','source':'/d'},"
                                + "{'destination':'/etc/resolv.conf','type':'bind','source':'/r'},"
                                + "{'destination':'/data/jvm','type':'bind','source':'/v'},"
                                + "{'destination':'/../../x','type':'tmpfs'}]}");
        List<JsonObject> mounts = config.objects("mounts");
        assertEquals(
                List.of(
                        "/image",
                        "/proc",
                        "/dev/pts",
                        "/x/../sys/fs",
                        "/image/devil",
                        "/etc/resolv.conf",
                        "/image/usr/lib/jvm",
                        "/image/x",
                        "/x"),
                mounts.stream().map(mount -> mount.text("destination").orElse("")).toList());
        assertEquals(List.of("rbind", "nosuid", "nodev", "noexec"), mounts.get(0).texts("options"));
        assertEquals(List.of("/image"), config.object("linux").texts("readonlyPaths"));
        assertEquals(List.of("rbind", "nosuid", "nodev", "ro"), mounts.get(8).texts("options"));
    }

    @ParameterizedTest
    @CsvSource({"0, 512", "-1, 512", "67108864, 64", "9223372036854775807, 512", "1048575, 512"})
    void shouldGiveTheGuestNoMoreMemoryThanTheLimit(long limit, int mib) throws IOException {
        JsonObject config =
                rewrite(
                        "{'process':{'env':['A=b']},'linux':{'resources':{'memory':{'limit':"
                                + limit
                                + "}}}}");
        assertEquals("--mem=" + mib, config.object("process").texts("args").get(4));
    }

    private static final String FOR_NODE =
            "{'hostname':'box{','process':{'args':['/g'],'env':['A=b']},'root':{'path':'rootfs'},"
                    + "'mounts':[{'destination':'/v','type':'bind','source':'/s'}],"
                    + "'linux':{'resources':{'memory':{'limit':67108864}}}}";

    private List<String> forNode(String config) throws IOException {
        Files.writeString(folder.resolve("config.json"), config.replace('\'', '"'));
        GuestChoice guest = new GuestChoice("/g", List.of("{env:A}", "{hostname}", "{mac}{x}"));
        return new Bundle(folder).rewriteForNode(guest, Path.of("/c"), "3", WIRING).arguments();
    }

    @Test
    void shouldKeepWhatRunsInTheNodesJvmOutOfTheContainer() throws IOException {
        assertEquals(
                List.of("run", "--mem=60", "--expand", "/image/g", "b", "box{{", "{mac}{{x}"),
                forNode(FOR_NODE));
        JsonObject config = JsonObject.read(Files.readAllBytes(folder.resolve("config.json")));
        assertEquals(List.of("/jukvm-guest", "3"), config.object("process").texts("args"));
        assertEquals(List.of(), config.object("linux").objects("devices"));
        assertEquals(
                List.of("/image", "/image/v", "/jukvm-guest"),
                config.objects("mounts").stream()
                        .map(mount -> mount.text("destination").orElse(""))
                        .toList());
        assertEquals(
                List.of("rbind", "nosuid", "nodev", "ro"),
                config.objects("mounts").get(2).texts("options"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"'cpu':{'cpus':'0'}", "'memory':{'limit':4194304}"})
    void shouldRefuseLimitsThatDoNotHoldInTheNodesJvm(String limit) throws IOException {
        String config = FOR_NODE.replace("'memory':{'limit':67108864}", limit);
        assertThrows(ConfigException.class, () -> forNode(config));
        assertEquals(config.replace('\'', '"'), Files.readString(folder.resolve("config.json")));
    }

    @Test
    void shouldLeaveTheBundleWhereItCannotBeWhatIsAskedFor() throws IOException {
        String config = "{'process':{}}";
        assertThrows(ConfigException.class, () -> rewrite(config));
        assertEquals(config.replace('\'', '"'), Files.readString(folder.resolve("config.json")));
        assertEquals(Set.of("config.json", "rootfs"), files());
    }
}
