/** The jukvm command: arguments, exit statuses and reports; nothing an embedder would want. */
module jukvm.cli {
    requires static org.jspecify;
    requires jukvm.monitor;
    requires info.picocli;
    requires com.fasterxml.jackson.core;
    requires org.apache.commons.compress;
    requires org.apache.commons.io;
}
