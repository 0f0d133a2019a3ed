package jukvm.io;

/**
 * Leaves a long wait of a guest, through all that its hypercall passes: its thread will do
 * something else, and whoever goes on makes the hypercall again. Nobody but who runs the guest
 * catches it.
 */
public final class ParkedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ParkedException() {
        super("the guest waits", null, false, false);
    }
}
