package jukvm.tests.device;

import static jukvm.tests.support.Refusal.row;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import jukvm.tests.support.Bent;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Refusal;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Root;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Devices that a guest cannot be given. */
@RequiresKvm
final class BadDevicesIT {
    private static final String HELLO = Guests.prebuilt("hello.hvt").toString();
    private static final String BLOCK = Guests.prebuilt("block.hvt").toString();
    private static final String ECHO = Guests.prebuilt("echo.hvt").toString();
    private static final String BLOCK_RULE =
            "Block size must be a multiple of 2 greater than or equal 512: a power of two, 512 to"
                    + " 32768";

    @TempDir private static Path folder;

    @BeforeAll
    static void makeFiles() throws Exception {
        Files.createDirectory(folder.resolve("directory"));
        new ProcessBuilder("mkfifo", folder.resolve("fifo").toString()).start().waitFor();
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(folder.resolve("socket")))
                .close();
        disk("disk", 16384);
        disk("empty", 0);
        disk("of-256", 256);
        disk("of-1563", 1563);
        disk("of-6144", 6144);
        Files.createSymbolicLink(folder.resolve("link"), Path.of("disk"));
        Files.createSymbolicLink(folder.resolve("dangling"), Path.of("none"));
        Files.createLink(folder.resolve("hard-link"), folder.resolve("disk"));
        Bent.withDisks(2).write(folder.resolve("two.hvt"));
        Bent.prebuilt("block.hvt").rename("\u001b[2J\n").write(folder.resolve("escape.hvt"));
    }

    private static Path disk(String name, int bytes) throws Exception {
        return Files.write(folder.resolve(name), new byte[bytes]);
    }

    static Stream<Refusal> undeclared() {
        return Stream.of(
                row(
                        List.of("run", "--block:foo=disk", BLOCK),
                        "device 'storage' (BLOCK_BASIC) is declared in the manifest but not",
                        "Declared: 'storage' (BLOCK_BASIC). Given: 'foo' (BLOCK_BASIC).",
                        "--block:storage=PATH"),
                row(
                        List.of("run", "--block:storage=disk", "--block:foo=disk", BLOCK),
                        "device 'foo' is not declared in the manifest",
                        "Declared: 'storage' (BLOCK_BASIC). Given: 'storage' (BLOCK_BASIC), 'foo'"),
                row(
                        List.of("run", "--block:storage0=disk", "--block:storage=x", "two.hvt"),
                        "Declared: 'storage0' (BLOCK_BASIC), 'storage1' (BLOCK_BASIC).",
                        "Use --block:storage0=PATH --block:storage1=PATH"),
                row(
                        List.of("run", "--net:storage=tap0", BLOCK),
                        "device 'storage' is declared as BLOCK_BASIC, given as NET_BASIC"),
                row(
                        List.of("run", "--block:x=disk", HELLO),
                        "device 'x' is not declared",
                        "Declared: none",
                        "Run it without devices"),
                row(
                        List.of("run", "--disk=disk", HELLO),
                        "device 'disk' is not declared",
                        "Declared: none"),
                row(List.of("run", "--disk=disk", "two.hvt"), "storage0, storage1"),
                row(
                        List.of("run", BLOCK),
                        "device 'storage' (BLOCK_BASIC) is declared in the manifest but not",
                        "Given: none",
                        "Use --block:storage=PATH"),
                row(
                        List.of("run", ECHO),
                        "device 'service0' (NET_BASIC) is declared in the manifest but not",
                        "Use --net:service0=TAP"),
                row(
                        List.of("run", BLOCK, "--block:storage=disk"),
                        "Use --block:storage=PATH",
                        "Options come before GUEST: --block:storage=disk is an argument"),
                row(
                        List.of("run", "--block-sector-size:storage=512", BLOCK),
                        "device 'storage' has no file; add --block:storage=PATH"),
                row(List.of("run", "escape.hvt"), "'\\x1b[2J\\x0a', need 1 to 67 letters"));
    }

    static Stream<Refusal> files() {
        return Stream.of(
                file("none", "none: open: ENOENT (No such file or directory)"),
                file("dangling", "dangling: open: ENOENT (No such file or directory)"),
                file("disk/x", "disk/x: open: ENOTDIR (Not a directory)"),
                file("directory", "directory: is a directory, need a regular file or"),
                file("fifo", "fifo: is a FIFO, need a regular file or a block device"),
                file("fifo:ro", "fifo: is a FIFO, need a regular file or a block device"),
                file("/dev/zero", "/dev/zero: is a character device, need a regular"),
                file("/dev/kvm", "/dev/kvm: is a character device, need a regular file"),
                file("socket", "socket: is a socket, need a regular file or a block"),
                row(List.of("run", "--block:storage=", BLOCK), "--block:NAME=PATH[:ro]"),
                row(List.of("run", "--block:storage", BLOCK), "--block:NAME=PATH[:ro]"),
                row(List.of("run", "--block=disk", BLOCK), "--block:NAME=PATH[:ro]"),
                row(
                        List.of("run", "--block:storage=none", "--report=", BLOCK),
                        "'' is not the name of a file"));
    }

    private static Refusal file(String path, String fact) {
        return row(
                List.of("run", "--block:storage=" + path, BLOCK),
                "Could not open block device: " + fact);
    }

    static Stream<Refusal> sizes() {
        Stream<Refusal> sectors =
                Stream.of("0", "1", "256", "500", "511", "513", "521", "1536", "65536", "65537")
                        .map(size -> sectors(size, "disk", BLOCK_RULE));
        Stream<Refusal> words =
                Stream.of("66048", "4294967808", "9".repeat(30), "-512", "+512", "4k", "0x200")
                        .map(size -> sectors(size, "disk", BLOCK_RULE));
        Stream<Refusal> images =
                Stream.of(
                        sectors(
                                "4096",
                                "of-6144",
                                "of-6144: Backing storage size must be block aligned (4096"
                                        + " bytes), is 6144"),
                        sectors("521", "of-1563", "Block size must be a multiple of 2"),
                        sectors(
                                "256",
                                "of-256",
                                "Block size must be a multiple of 2 greater than or equal 512"),
                        sectors("512", "of-1563", "must be block aligned (512 bytes), is 1563"),
                        sectors(
                                "512",
                                "empty",
                                "empty: Backing storage must be at least 1 block (512 bytes) in"
                                        + " size, has 0"),
                        sectors("512", "of-256", "must be at least 1 block (512 bytes) in size"),
                        sectors("32768", "disk", "1 block (32768 bytes) in size, has 16384"));
        return Stream.of(sectors, words, images).flatMap(rows -> rows);
    }

    private static Refusal sectors(String size, String disk, String fact) {
        String option = "--block-sector-size:storage=" + size;
        return row(List.of("run", "--block:storage=" + disk, option, BLOCK), fact);
    }

    static Stream<Refusal> sharedFiles() {
        return Stream.of("disk", "link", "hard-link", "./disk", "directory/../disk")
                .map(
                        path ->
                                row(
                                        List.of(
                                                "run",
                                                "--block:storage0=disk",
                                                "--block:storage1=" + path,
                                                "two.hvt"),
                                        "Could not open block device: " + path + ": is in use by",
                                        "this process; attach it once, or each time read-only"));
    }

    static Stream<Refusal> interfaces() {
        return Stream.of(
                tap("none0", "there is no such interface. Make it: ip tuntap add none0"),
                tap("lo", ""),
                tap("abcdefghijklmnop", "it has 16 bytes, and may have 15"),
                tap("tap%d", "it contains '%', '/' or ':'"),
                tap("../x", "it contains '%', '/' or ':'"),
                tap("..", "it means a directory"),
                tap("tap 0", "it contains a space or control character"),
                tap("@", "is not @ and the number of an inherited descriptor"),
                tap("@x", "is not @ and the number of an inherited descriptor"),
                tap("@-1", "is not @ and the number of an inherited descriptor"),
                tap("@3x", "is not @ and the number of an inherited descriptor"),
                tap("@999", "is not an open descriptor"),
                tap("@1", "is not a TAP descriptor"),
                tap("@2147483647", "is not an open descriptor"),
                tap("@2147483648", "no descriptor has a number above 2147483647"),
                tap("@" + "9".repeat(30), "no descriptor has a number above 2147483647"),
                mac("01:00:5e:00:00:01", "is a multicast address; the first octet must be even"),
                mac("ff:ff:ff:ff:ff:ff", "is a multicast address; the first octet must be even"),
                mac("02:00:00:00:00", "need six octets in hexadecimal, such as 02:00:00:00:00:01"),
                mac("02:00:00:00:00:00:01", "need six octets in hexadecimal"),
                mac("zz", "Malformed mac address: need six octets in hexadecimal"),
                mac("02-00-00-00-00-01", "need six octets in hexadecimal"),
                mac("002:00:00:00:00:01", "need six octets in hexadecimal"),
                mac("", "--net-mac:NAME=xx:xx:xx:xx:xx:xx"));
    }

    // A capture is not begun for an interface that cannot be had.
    private static Refusal tap(String name, String fact) {
        return row(
                List.of("run", "--net-pcap:service0=pcap", "--net:service0=" + name, ECHO),
                "Could not attach interface: " + name + ": ",
                fact);
    }

    private static Refusal mac(String mac, String fact) {
        String option = "--net-mac:service0=" + mac;
        return row(List.of("run", "--net:service0=none0", option, ECHO), option, fact);
    }

    @ParameterizedTest
    @MethodSource({"undeclared", "files", "sizes", "sharedFiles", "interfaces"})
    void shouldSayWhatIsWrongInOneLine(Refusal refusal) throws Exception {
        refusal.assertHere(folder);
    }

    static Stream<Refusal> first() {
        return Stream.of(undeclared(), files(), sizes(), sharedFiles(), interfaces())
                .flatMap(rows -> rows.limit(1));
    }

    @ParameterizedTest
    @MethodSource("first")
    void shouldSayItFromAProcessOfItsOwn(Refusal refusal) throws Exception {
        refusal.assertIn(folder);
    }

    @ParameterizedTest
    @CsvSource({
        "disk, 'stop it, or attach the image read-only with :ro'",
        "disk:ro, stop it",
        "hard-link, stop it"
    })
    void shouldNameTheProcessThatHasLockedAFile(String value, String remedy) throws Exception {
        String path = value.replace(":ro", "");
        try (FileChannel image =
                        FileChannel.open(
                                folder.resolve("disk"),
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE);
                FileLock lock = image.lock()) {
            assertTrue(lock.isValid());
            String holder = "pid " + ProcessHandle.current().pid() + " (";
            new Refusal(
                            List.of("run", "--block:storage=" + value, BLOCK),
                            List.of(path + ": is in use by " + holder, "; " + remedy))
                    .assertIn(folder);
        }
    }

    @Test
    void shouldSayThatAFileIsNotPermittedToBeWritten() throws Exception {
        Root.assumeRoot();
        Path image = disk("forbidden", 4096);
        String script = "chmod 444 " + image + "; " + Root.WITHOUT_OVERRIDE;
        Refusal.assertRefused(
                Command.shell(script, "run", "--block:storage=" + image, BLOCK),
                image + ": open for writing: EACCES (Permission denied). It can be read: attach",
                "read-only with :ro");
        Command readOnly = Command.shell(script, "run", "--block:storage=" + image + ":ro", BLOCK);
        assertTrue(readOnly.stdout().contains("storage: 4096 bytes"), readOnly.stdout());
        Refusal.assertRefused(
                Command.shell(
                        "chmod 0 " + image + "; " + Root.WITHOUT_OVERRIDE,
                        "run",
                        "--block:storage=" + image + ":ro",
                        BLOCK),
                image + ": open: EACCES (Permission denied)");
        Files.delete(image);
    }

    @Test
    void shouldSayThatAFileSystemIsReadOnly() throws Exception {
        Path image = disk("mounted", 4096);
        String mount = "mount --bind " + image + " " + image;
        Refusal.assertRefused(
                Root.mounted(
                        folder,
                        mount + "; mount -o remount,ro,bind " + image,
                        "exec \"$@\"",
                        "run",
                        "--block:storage=" + image,
                        BLOCK),
                image + ": open for writing: EROFS (Read-only file system). It can be read: attach",
                "read-only with :ro");
        Files.delete(image);
    }

    // A guest that is refused one of its disks has locked none: the next run has both.
    @Test
    void shouldLeaveNoLockBehind() throws Exception {
        for (String second : List.of("none", "directory", "disk")) {
            new Refusal(
                            List.of(
                                    "run",
                                    "--block:storage0=disk",
                                    "--block:storage1=" + second,
                                    "two.hvt"),
                            List.of("Could not open block device: " + second))
                    .assertHere(folder);
        }
        Command run = Command.run("run", "--block:storage=" + folder.resolve("disk"), BLOCK);
        assertEquals(0, run.status(), run.stderr());
        disk("disk", 16384);
    }
}
