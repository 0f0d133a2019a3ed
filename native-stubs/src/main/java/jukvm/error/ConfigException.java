package jukvm.error;

/** A request cannot be met as it stands; whoever configured the guest must act. */
public final class ConfigException extends JukvmException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the option or device, what is wrong with it, and what to do
     */
    public ConfigException(String message) {
        super(message);
    }
}
