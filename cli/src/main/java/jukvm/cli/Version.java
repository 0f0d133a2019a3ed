package jukvm.cli;

import java.util.Arrays;
import java.util.Objects;
import jukvm.abi.Dialect;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
    /** Returns the version of this build. */
    static String get() {
        return Objects.requireNonNullElse(
                Version.class.getPackage().getImplementationVersion(), "(not packaged)");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"jukvm " + get(), "guests: " + Arrays.toString(Dialect.values())};
    }
}
