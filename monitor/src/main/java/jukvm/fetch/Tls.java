package jukvm.fetch;

import java.io.IOException;
import java.net.Socket;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** TLS, whose many classes are loaded for an address that needs it only. */
final class Tls {
    private Tls() {}

    /**
     * Returns the secure line over a connection, to a server that the default {@link SSLContext}
     * trusts, and whose certificate is of that host.
     *
     * @throws IOException if there is none
     */
    static Socket over(Socket plain, ImageAddress at) throws IOException {
        SSLSocketFactory factory = trusted();
        SSLSocket line = (SSLSocket) factory.createSocket(plain, at.host(), at.port(), true);
        SSLParameters parameters = line.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // Else any valid certificate does.
        line.setSSLParameters(parameters);
        line.startHandshake();
        return line;
    }

    private static SSLSocketFactory trusted() throws IOException {
        try {
            return SSLContext.getDefault().getSocketFactory();
        } catch (NoSuchAlgorithmException e) {
            throw new IOException("this JDK's TLS cannot be used: " + e.getMessage(), e);
        }
    }
}
