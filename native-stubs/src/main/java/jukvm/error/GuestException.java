package jukvm.error;

/**
 * The guest did what no guest may do; it ends, and nothing else does.
 *
 * <p>Carries no stack trace: the guest decides when it is thrown, and the trace would show the
 * monitor, not the guest.
 */
public final class GuestException extends JukvmException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what the guest did, with the guest-physical address, port or number
     */
    public GuestException(String message) {
        super(message, false);
    }

    /** Returns this exception's fact with the hypercall it happened in before it. */
    public GuestException in(String hypercall) {
        return new GuestException(hypercall + ": " + getMessage());
    }
}
