package jukvm.cli.device;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.abi.DeviceType;
import jukvm.monitor.GuestSpec;
import org.jspecify.annotations.Nullable;

/**
 * What the options ask for one device, and which options its kind has: the command's counterpart of
 * {@link jukvm.abi.DeviceKind}. An option is told by its name without dashes, as in {@code
 * block-sync}.
 */
public abstract class AskedDevice {
    /** Returns one of a type, of which nothing is asked. */
    static AskedDevice of(DeviceType type) {
        return switch (type) {
            case BLOCK_BASIC -> new AskedBlock();
            case NET_BASIC -> new AskedNet();
        };
    }

    /** Returns one of each type, in the order of their options in help texts. */
    public static Iterable<AskedDevice> kinds() {
        return Kinds.ALL;
    }

    /** Returns one of the kind that has an option; empty if none has. */
    static Optional<AskedDevice> having(String option) {
        return Optional.ofNullable(Kinds.BY_OPTION.get(option));
    }

    /**
     * Returns how each option is spelled, with a name and a value, as in {@code
     * --block-sector-size:NAME=BYTES}. One that takes no name is spelled without.
     */
    abstract Map<String, String> usages();

    /**
     * Returns the option that attaches a device of this name. It is called as the method of {@link
     * GuestSpec} is that gives a guest one.
     */
    abstract String attaching(String name);

    /** Returns the options that may lack a name; the first attaches the only device. */
    abstract List<String> nameless();

    /** Returns the lines of help. */
    public abstract List<String> help();

    /**
     * Returns the options that solo5-hvt has, too, with its line of help; the first attaches. It
     * has none for a kind that Solo5 does not know.
     */
    public abstract Map<String, String> solo5();

    /** Returns the type that manifests call it. */
    public abstract DeviceType type();

    /** Returns the paths that an option's value may mean, if that is a file of the guest's. */
    List<String> paths(String option, String value) {
        return List.of();
    }

    /**
     * Notes the value of an option.
     *
     * @param option its name
     * @param word all of it, for messages
     * @param asSolo5 whether the value is read as solo5-hvt reads it
     * @throws jukvm.error.ConfigException if it is wrong
     */
    abstract void set(String option, String word, String value, boolean asSolo5);

    /** Returns whether it was given what it stands for in the guest, a file or an interface. */
    abstract boolean hasBacking();

    /**
     * Throws unless what was asked for fits together.
     *
     * @throws jukvm.error.ConfigException if it does not
     */
    abstract void check(String name);

    /** Returns what solo5-hvt says before the reason why one cannot be opened. */
    abstract String failure();

    /**
     * Opens it and gives it to the guest.
     *
     * @param devices which closes it
     * @return the guest with it
     * @throws jukvm.error.JukvmException if it cannot be opened
     */
    abstract GuestSpec open(String name, OpenDevices devices, GuestSpec guest);

    /** Returns a setting that {@link #check} refuses to be without. */
    static String required(@Nullable String value) {
        if (value == null) {
            throw new IllegalStateException("device without backing");
        }
        return value;
    }

    /** The option of a device, in its parts. */
    public record Form(
            AskedDevice kind, String option, @Nullable String name, @Nullable String value) {
        /** Returns the parts of a word; empty if it is no such option, be it right or wrong. */
        public static Optional<Form> of(String word) {
            Matcher form = Kinds.FORM.matcher(word);
            return form.matches()
                    ? having(form.group(1))
                            .map(
                                    kind ->
                                            new Form(
                                                    kind,
                                                    form.group(1),
                                                    form.group(2),
                                                    form.group(3)))
                    : Optional.empty();
        }

        /** Returns how the option is spelled. */
        String usage() {
            return kind.usages().getOrDefault(option, "");
        }

        /** Returns the paths that the value may mean, if it is a file of the guest's. */
        List<String> paths() {
            return value == null ? List.of() : kind.paths(option, value);
        }
    }

    // Most guests have no devices, and need none of this.
    private static final class Kinds {
        static final List<AskedDevice> ALL = new ArrayList<>();
        static final Map<String, AskedDevice> BY_OPTION = new LinkedHashMap<>();
        static final Pattern FORM;

        static {
            for (DeviceType type : DeviceType.values()) {
                AskedDevice kind = of(type);
                ALL.add(kind);
                kind.usages().keySet().forEach(option -> BY_OPTION.put(option, kind));
            }
            FORM = Pattern.compile("--([a-z-]+)(?::([^=]*))?(?:=(.*))?", Pattern.DOTALL);
        }

        private Kinds() {}
    }
}
