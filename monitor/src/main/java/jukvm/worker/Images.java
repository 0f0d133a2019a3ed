package jukvm.worker;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import jukvm.image.GuestImage;
import jukvm.io.SealedBytes;
import jukvm.isolation.AskedGuest;

/**
 * The images that a worker has, by their numbers: the same object each time, so that VMs are kept
 * laid out for them. Used by one thread.
 */
final class Images {
    private final Map<Long, GuestImage> byNumber = new HashMap<>();

    /**
     * Returns that of a guest.
     *
     * @param descriptor what came with the guest, used if its image is new
     */
    GuestImage of(AskedGuest guest, IntSupplier descriptor) {
        byNumber.remove(guest.forgotten());
        if (guest.isNew()) {
            byte[] bytes = SealedBytes.read(descriptor.getAsInt(), GuestImage.MAX_BYTES);
            byNumber.put(guest.image(), GuestImage.of(guest.imageName(), bytes));
        }
        GuestImage image = byNumber.get(guest.image());
        if (image == null) {
            throw new IllegalStateException("no image has the number " + guest.image());
        }
        return image;
    }
}
