package jukvm.error;

/** The root of what jukvm throws; the four leaves say who must act. */
public abstract sealed class JukvmException extends RuntimeException
        permits HostException, ImageException, ConfigException, GuestException {
    private static final long serialVersionUID = 1L;

    private final String message;

    JukvmException(String message) {
        this(message, true);
    }

    JukvmException(String message, boolean withStackTrace) {
        super(message, null, false, withStackTrace);
        this.message = message;
    }

    /** Returns what happened, in one line fit for the operator. */
    @Override
    public String getMessage() {
        return message;
    }
}
