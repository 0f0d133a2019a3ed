package jukvm.cli.invoker;

import java.util.Objects;
import java.util.StringJoiner;
import jukvm.abi.Dialect;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
public final class Version implements IVersionProvider {
    /** Returns the version of this build. */
    public static String get() {
        return Objects.requireNonNullElse(
                Version.class.getPackage().getImplementationVersion(), "(not packaged)");
    }

    @Override
    public String[] getVersion() {
        StringJoiner guests = new StringJoiner(", ");
        for (Dialect dialect : Dialect.values()) {
            if (dialect != Dialect.UKVM) { // Which is either of two others.
                guests.add(dialect.toString());
            }
        }
        return new String[] {"jukvm " + get(), "guests: " + guests};
    }
}
