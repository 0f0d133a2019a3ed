package jukvm.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import jukvm.guest.PrivilegeMode;
import jukvm.monitor.GuestSpec;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A guest that a test runs. On a parameter of type {@link Guest} of a test method it is that
 * parameter's; on the method itself it is that of every parameter without one, and there need not
 * be any:
 *
 * <pre>{@code
 * @Test
 * @Unikernel(value = "hello.hvt", expectConsole = "Hello")
 * void shouldGreet() {}
 * }</pre>
 *
 * <p>A guest that the test has not started when it returns is run then, and must exit with status 0
 * unless {@link #expectStatus} says otherwise; one that still runs is stopped. What is expected is
 * checked when the guest has ended, once, whoever ended it.
 *
 * <p>The test is skipped where there is no access to {@code /dev/kvm}, and fails there if the
 * environment variable {@code JUKVM_REQUIRE} names kvm. All tests of a run share one {@link
 * jukvm.monitor.Monitor}.
 */
@Target({ElementType.METHOD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@ExtendWith(GuestExtension.class)
public @interface Unikernel {
    /** An {@link #expectStatus} that is none. */
    int ANY_STATUS = Integer.MIN_VALUE;

    /**
     * The guest image: the path of a file; or one relative to {@link #directory}; or a resource,
     * looked for as the test class itself would and then from the root of the class path.
     */
    String value();

    /**
     * The directory of images and of block devices' files; if empty, the one that the system
     * property {@code jukvm.images} names, if any.
     */
    String directory() default "";

    /** The guest's arguments, which reach it joined by single spaces. */
    String[] arguments() default {};

    /** The guest's memory in MiB, an even number. */
    int memory() default (int) (GuestSpec.DEFAULT_MEMORY >> 20);

    /** The privilege level it runs at. */
    PrivilegeMode privilege() default PrivilegeMode.AUTO;

    /**
     * How long it may run from when it was started, such as {@code 200ms}, {@code 1.5s} or {@code
     * 2m}. It is stopped then, which is an end like any other, unless a status is expected.
     */
    String deadline() default "30s";

    /**
     * Its block devices by the name it declares, in sectors of 512 bytes. {@code NAME=64KiB}, or
     * MiB or GiB, is in memory and empty. {@code NAME=PATH} is a file, which the guest may write;
     * {@code NAME=PATH:ro} one it may not; with {@code NAME=PATH:overlay} it may, but the file
     * stays as it is. A path is relative to the working directory or to {@link #directory}.
     */
    String[] block() default {};

    /** The names of its network devices, which are plugged into {@link Guest#network}. */
    String[] net() default {};

    /**
     * Whether frames of its network devices are captured. If the test fails the capture is a file
     * for Wireshark, named in the failure, and published.
     */
    boolean capture() default false;

    /**
     * Whether its run is recorded, without a network ring. If the test fails, the run is done again
     * by the recording, and the failure says whether it did the same. The recording is a file for
     * {@link jukvm.monitor.Recording} and {@code jukvm replay}, named in the failure and published.
     */
    boolean record() default false;

    /** The exit status it must end with; 255 is also that of a guest that aborts. */
    int expectStatus() default ANY_STATUS;

    /** Texts that its console output must contain, in this order. */
    String[] expectConsole() default {};

    /**
     * How long it may take at most from when it is started to its end, as {@link #deadline} is
     * written; as long as it likes if empty. Reading the image does not count, making its VM does.
     */
    String within() default "";
}
