package jukvm.cli.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jukvm.abi.DeviceType;
import jukvm.abi.Manifest;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GuestNetworkTest {
    private static final Path SCRIPT = Path.of("/launcher/network.sh");

    private static JsonObject wired(String config) throws IOException {
        JsonObject document = JsonObjectTest.read(config.replace('\'', '"'));
        GuestNetwork.wire(document, 2, SCRIPT);
        return document;
    }

    private static List<String> arguments(JsonObject config, String hook) {
        return config.object("hooks").objects(hook).stream()
                .map(each -> String.join(" ", each.texts("args")))
                .toList();
    }

    @Test
    void shouldGiveInterfacesInOrder() {
        List<Manifest.Device> devices =
                List.of(
                        new Manifest.Device(2, "front", DeviceType.NET_BASIC),
                        new Manifest.Device(4, "back", DeviceType.NET_BASIC));
        assertEquals(
                List.of(
                        "--net:front=jukvm0",
                        "--net-as:front=eth0",
                        "--net:back=jukvm1",
                        "--net-as:back=eth1"),
                GuestNetwork.options(devices));
        assertEquals(List.of(), GuestNetwork.options(List.of()));
    }

    @Test
    void shouldRunAfterTheHooksOfTheEngine() throws IOException {
        JsonObject config =
                wired(
                        "{'process':{'user':{'uid':7}},'linux':{'namespaces':[{'type':'network'}]},"
                                + "'hooks':{'createRuntime':[{'path':'/x','args':['x']}]}}");
        assertEquals(
                List.of("x", "sh /launcher/network.sh up 2 7   "),
                arguments(config, "createRuntime"));
        assertEquals(List.of(), arguments(config, "poststop"));
    }

    @Test
    void shouldNameTheUserAsTheHostDoes() throws IOException {
        String config =
                "{'process':{'user':{'uid':1000}},'linux':{'namespaces':[{'type':'network'}],"
                        + "'uidMappings':[{'containerID':0,'hostID':5000,'size':1},"
                        + "{'containerID':1,'hostID':100000,'size':65535}]}}";
        assertEquals(
                List.of("sh /launcher/network.sh up 2 100999   "),
                arguments(wired(config), "createRuntime"));
    }

    @Test
    void shouldTellWhereTheNameServersAre() throws IOException {
        JsonObject config =
                wired(
                        "{'linux':{'namespaces':[{'type':'network'}]},'mounts':["
                                + "{'destination':'/etc/hosts','source':'/h'},"
                                + "{'destination':'/etc/resolv.conf','source':'/run/a b'}]}");
        assertEquals(
                List.of("sh /launcher/network.sh up 2 0 /run/a b  "),
                arguments(config, "createRuntime"));
    }

    @Test
    void shouldCleanUpInANetworkThatLastsLonger() throws IOException {
        JsonObject config =
                wired("{'linux':{'namespaces':[{'type':'network','path':'/run/netns/x'}]}}");
        assertEquals(
                List.of("sh /launcher/network.sh up 2 0  /run/netns/x "),
                arguments(config, "createRuntime"));
        assertEquals(
                List.of("sh /launcher/network.sh down 2 /run/netns/x"),
                arguments(config, "poststop"));
    }

    // Whose first container may be the guest's.
    @Test
    void shouldTellOfAPodWithoutAProcess() throws IOException {
        JsonObject config =
                wired(
                        "{'linux':{'namespaces':[{'type':'network','path':'/run/netns/x'}]},"
                                + "'annotations':{'io.kubernetes.cri-o.ContainerType':'container',"
                                + "'io.kubernetes.cri-o.SandboxID':'f00d'}}");
        assertEquals(
                List.of("sh /launcher/network.sh up 2 0  /run/netns/x f00d"),
                arguments(config, "createRuntime"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'linux':{'namespaces':[{'type':'mount'}]}}",
                "{'linux':{'namespaces':[{'type':'network','path':'/proc/self/ns/net'}]}}"
            })
    void shouldNotTakeTheInterfacesOfTheHost(String config) {
        ConfigException e = assertThrows(ConfigException.class, () -> wired(config));
        assertEquals(
                "the guest declares a network device, for which it takes its container's"
                        + " interface, and those of the host are not to be taken; give the"
                        + " container a network of its own",
                e.getMessage());
    }
}
