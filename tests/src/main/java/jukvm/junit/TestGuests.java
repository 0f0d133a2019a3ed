package jukvm.junit;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import jukvm.device.VirtualSwitch;
import jukvm.monitor.Monitor;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** The guests of one test, and the network they share. */
final class TestGuests implements AutoCloseable {
    private static final int OF_METHOD = -1;

    private final VirtualSwitch network = VirtualSwitch.open();
    private boolean failed;
    private final Map<Integer, Guest> guests = new TreeMap<>(); // By index of the parameter.

    private TestGuests() {}

    /**
     * Prepares the guests that a test method and its parameters name.
     *
     * @throws jukvm.error.JukvmException if one cannot run as it is wanted
     * @throws IOException if a capture cannot be begun
     */
    static TestGuests prepare(Method test, Class<?> testClass, Monitor monitor) throws IOException {
        TestGuests all = new TestGuests();
        Guest.Surroundings around = new Guest.Surroundings(monitor, all.network, testClass);
        try {
            all.add(OF_METHOD, AnnotationSupport.findAnnotation(test, Unikernel.class), around);
            Parameter[] parameters = test.getParameters();
            for (int i = 0; i < parameters.length; i++) {
                all.add(
                        i,
                        AnnotationSupport.findAnnotation(parameters[i], Unikernel.class),
                        around);
            }
        } catch (IOException | RuntimeException e) {
            all.close();
            throw e;
        }
        return all;
    }

    private void add(int index, Optional<Unikernel> wanted, Guest.Surroundings around)
            throws IOException {
        if (wanted.isPresent()) {
            String name = String.valueOf(Path.of(wanted.get().value()).getFileName());
            String label = guests.isEmpty() ? name : name + "-" + (guests.size() + 1);
            guests.put(index, new Guest(label, wanted.get(), around));
        }
    }

    /** Returns the guest of a parameter: its own, or that of the method. */
    Optional<Guest> ofParameter(int index) {
        return Optional.ofNullable(guests.get(index)).or(this::ofMethod);
    }

    /** Returns the guest of the method. */
    Optional<Guest> ofMethod() {
        return Optional.ofNullable(guests.get(OF_METHOD));
    }

    /** Does and checks what the test has left. */
    void finish() throws InterruptedException {
        for (Guest guest : guests.values()) {
            guest.finish();
        }
    }

    /** Stops all. */
    void abandon() {
        guests.values().forEach(Guest::stop);
        guests.values().forEach(Guest::abandon);
    }

    /** Adds what is known of them to a failure. */
    void attachTo(Throwable failure, ExtensionContext context) {
        failed = true;
        guests.values().forEach(guest -> guest.evidence().attachTo(failure, context));
    }

    /**
     * Closes their devices and their network; they must have ended. What was captured stays if the
     * test has failed.
     *
     * @throws IOException if it cannot be removed
     */
    @Override
    public void close() throws IOException {
        for (Guest guest : guests.values()) {
            guest.close(failed);
        }
        network.close();
    }
}
