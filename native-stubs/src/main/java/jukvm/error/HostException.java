package jukvm.error;

/** The kernel refused a request; the operator of the host must act. */
public final class HostException extends JukvmException {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final int errno;

    /**
     * @param operation subject and operation, as in {@code /dev/kvm: open}
     * @param reason what the host said
     * @param errno the error number of the host, 0 if the refusal had none
     * @param remedy what the operator can do, a sentence; empty if nothing is known
     */
    public HostException(String operation, String reason, int errno, String remedy) {
        super(operation + ": " + reason + (remedy.isEmpty() ? "" : ". " + remedy));
        this.reason = reason;
        this.errno = errno;
    }

    /** Returns what the host said, as in {@code ENOENT (No such file or directory)}. */
    public String reason() {
        return reason;
    }

    /** Returns the error number of the host, 0 if the refusal had none. Source: errno(3). */
    public int errno() {
        return errno;
    }
}
