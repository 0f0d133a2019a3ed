package jukvm.bench;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
public final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {
            "jukvm bench " + Objects.requireNonNullElse(version, "(not packaged)")
        };
    }
}
