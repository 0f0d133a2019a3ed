package jukvm.error;

/** A file is not a guest that jukvm can run; whoever built or named the image must act. */
public final class ImageException extends JukvmException {
    private static final long serialVersionUID = 1L;

    private final boolean unreadable;

    private ImageException(String message, boolean unreadable) {
        super(message);
        this.unreadable = unreadable;
    }

    /**
     * Returns the refusal of bytes that are not a valid guest image.
     *
     * @param message what is wrong, with the number that is wrong and what it should be
     */
    public static ImageException invalid(String message) {
        return new ImageException(message, false);
    }

    /**
     * Returns the refusal of a path that cannot be read as an image at all.
     *
     * @param message the path and why it cannot be read
     */
    public static ImageException unreadable(String message) {
        return new ImageException(message, true);
    }

    /** Returns this exception's fact about the image {@code name}, as {@code name: fact}. */
    public ImageException about(String name) {
        return new ImageException(name + ": " + getMessage(), unreadable);
    }

    /** Returns whether the bytes could not be had, as opposed to being wrong. */
    public boolean isUnreadable() {
        return unreadable;
    }
}
