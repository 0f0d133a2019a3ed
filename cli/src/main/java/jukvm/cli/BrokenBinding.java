package jukvm.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Why the native binding cannot be loaded, for the operator. */
final class BrokenBinding {
    private BrokenBinding() {}

    /** Returns a line about it. */
    static String of(LinkageError error) {
        String binding = System.getProperty("jukvm.native", "jna");
        String why = error.toString().lines().findFirst().orElse("");
        Path folder = Path.of(System.getProperty("jna.boot.library.path", ""));
        Path library = folder.resolve(System.mapLibraryName("jnidispatch")).toAbsolutePath();
        String remedy = "The script jukvm sets what it needs: -Djna.boot.library.path.";
        if (binding.equals("jna") && Files.exists(library)) {
            // JNA looks elsewhere then, and tells of that only.
            why = reason(library, why);
            remedy =
                    why.contains("failed to map segment")
                            ? "Is its file system mounted noexec? Install jukvm on another."
                            : "Build or install jukvm again.";
        }
        return "the native binding '" + binding + "' cannot be loaded: " + why + ". " + remedy;
    }

    private static String reason(Path library, String otherwise) {
        try {
            System.load(library.toString());
            return otherwise;
        } catch (UnsatisfiedLinkError e) {
            return String.valueOf(e.getMessage());
        }
    }
}
