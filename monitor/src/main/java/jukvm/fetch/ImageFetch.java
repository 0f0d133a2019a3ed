package jukvm.fetch;

import java.net.URI;
import java.util.Optional;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import jukvm.image.GuestImage;

/** Reads guest images by HTTP and HTTPS. */
public final class ImageFetch {
    private ImageFetch() {}

    /**
     * Reads a guest image into the heap. Redirects are followed to http and https, never from https
     * to http; nothing kept from before, such as cookies or credentials, is sent, and nothing is
     * kept.
     *
     * @param location whose fragment may be {@code sha256=} and 64 hexadecimal digits, which the
     *     bytes must have as their digest, as they were sent; without it whoever answers decides
     *     what runs. The rest is the image's name
     * @param limits of time and of size, also of what is unpacked; the server is hostile
     * @throws ConfigException if nothing can be fetched from such a location
     * @throws ImageException if it cannot be fetched within the limits, has another digest or is
     *     not a valid guest image; the message begins with the location
     * @throws InterruptedException if the calling thread is interrupted; the fetch has ended then
     */
    public static GuestImage read(URI location, FetchLimits limits) throws InterruptedException {
        ImageAddress from = ImageAddress.of(location);
        String name = from.toString();
        Optional<ImageDigest> digest = ImageDigest.in(location, name);
        byte[] bytes = HttpFetch.read(from, limits);
        try {
            digest.ifPresent(wanted -> wanted.require(bytes));
        } catch (ImageException e) {
            throw e.about(name);
        }
        return GuestImage.of(name, bytes, limits.bytes());
    }
}
