package jukvm.fetch;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import jukvm.text.Printable;

/**
 * Where an image is fetched from, by HTTP or HTTPS.
 *
 * @param uri without fragment, in ASCII
 * @param host name or address; an IPv6 address without its brackets
 * @param port that is connected to
 */
record ImageAddress(URI uri, String host, int port) {
    // Laxer than URI.getHost, which knows no underscore.
    private static final Pattern AUTHORITY =
            Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([A-Za-z0-9._~-]+))(?::([0-9]{0,5}))?");

    /**
     * Returns the address that the configuration names.
     *
     * @throws ConfigException if nothing can be fetched from there
     */
    static ImageAddress of(URI location) {
        Optional<String> reason = refusal(location);
        if (reason.isPresent()) {
            throw new ConfigException(shown(location) + ": " + reason.get());
        }
        return checked(location);
    }

    /**
     * Returns where a server sends us on to.
     *
     * @param location relative to this address or absolute; hostile
     * @throws ImageException if we do not go there; the message does not name this address
     */
    ImageAddress redirected(String location) {
        URI next = resolved(location);
        Optional<String> reason = refusal(next);
        if (reason.isEmpty() && isSecure() && !isSecure(next)) {
            reason = Optional.of("would go on from https to http");
        }
        if (reason.isPresent()) {
            throw ImageException.unreadable(
                    "redirected to '" + Printable.of(shown(next)) + "': " + reason.get());
        }
        return checked(next);
    }

    private URI resolved(String location) {
        try {
            return uri.resolve(new URI(location));
        } catch (URISyntaxException e) {
            throw ImageException.unreadable(
                    "redirected to '" + Printable.of(location) + "', which is not an address");
        }
    }

    private static Optional<String> refusal(URI location) {
        String scheme = scheme(location);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            return Optional.of("images are fetched by http and https only");
        }
        String authority = authority(location);
        if (authority.indexOf('@') >= 0) {
            return Optional.of("has a user name or password, and none is ever sent; leave it out");
        }
        Matcher parts = AUTHORITY.matcher(authority);
        if (!parts.matches()) {
            return Optional.of("has no host and port that can be connected to");
        }
        int port = port(parts, scheme);
        return port < 1 || port > 0xffff
                ? Optional.of("port " + port + " is not from 1 to 65535")
                : Optional.empty();
    }

    private static ImageAddress checked(URI location) {
        Matcher parts = AUTHORITY.matcher(authority(location));
        if (!parts.matches()) {
            throw new IllegalStateException("not checked");
        }
        String host = parts.group(1) == null ? parts.group(2) : parts.group(1);
        return new ImageAddress(
                URI.create(withoutFragment(location)), host, port(parts, scheme(location)));
    }

    private static int port(Matcher parts, String scheme) {
        String port = parts.group(3);
        if (port == null || port.isEmpty()) {
            return scheme.equals("https") ? 443 : 80;
        }
        return Integer.parseInt(port);
    }

    private static String scheme(URI location) {
        String scheme = location.getScheme();
        return scheme == null ? "" : scheme.toLowerCase(Locale.ROOT);
    }

    private static String authority(URI location) {
        String authority = location.getRawAuthority();
        return authority == null ? "" : authority;
    }

    private static String withoutFragment(URI location) {
        String text = location.toASCIIString();
        int fragment = text.indexOf('#');
        return fragment < 0 ? text : text.substring(0, fragment);
    }

    // What must not be seen is left out.
    private static String shown(URI location) {
        String authority = authority(location);
        int user = authority.lastIndexOf('@');
        String text = withoutFragment(location);
        return user < 0 ? text : text.replace(authority, authority.substring(user + 1));
    }

    private static boolean isSecure(URI uri) {
        return scheme(uri).equals("https");
    }

    /** Returns whether it is reached by TLS. */
    boolean isSecure() {
        return isSecure(uri);
    }

    /** Returns host and port as the header {@code Host} has them. */
    String authority() {
        return authority(uri);
    }

    /** Returns path and query as the request has them. */
    String target() {
        String path = uri.getRawPath();
        String query = uri.getRawQuery();
        return (path == null || path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
    }

    /** Returns the address for messages. */
    @Override
    public String toString() {
        return uri.toString();
    }
}
