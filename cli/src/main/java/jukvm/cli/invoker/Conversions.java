package jukvm.cli.invoker;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import jukvm.abi.Dialect;
import jukvm.call.Hypercall;
import jukvm.device.PublishedPort;
import jukvm.error.ConfigException;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.SnapshotPoint;
import jukvm.memory.GuestMemory;
import jukvm.monitor.GuestSpec;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Turns the words of options into values; strict, with the wrong word in the message. */
public final class Conversions {
    /** How a guest is named that comes by standard input. */
    public static final String INPUT = "-";

    private Conversions() {}

    /** Guest memory in MiB, to bytes. */
    public static final class Memory implements ITypeConverter<Long> {
        @Override
        public Long convert(String word) {
            if (!word.matches("[0-9]+")) {
                throw new TypeConversionException(
                        "'" + word + "' is not a whole number of MiB, 1 to 4096");
            }
            BigInteger bytes = new BigInteger(word).shiftLeft(20);
            if (bytes.signum() == 0) {
                throw new TypeConversionException("guest memory must be at least 1 MiB, not 0");
            }
            if (bytes.compareTo(BigInteger.valueOf(GuestMemory.MAX_SIZE)) > 0) {
                throw new TypeConversionException(
                        "guest memory size "
                                + bytes
                                + " bytes exceeds the max size "
                                + GuestMemory.MAX_SIZE
                                + " bytes (4096 MiB)");
            }
            return bytes.longValueExact();
        }

        /** Returns memory a guest can have: rounded down to the unit, but never to nothing. */
        public static long rounded(long bytes) {
            return Math.max(GuestSpec.MEMORY_UNIT, bytes - bytes % GuestSpec.MEMORY_UNIT);
        }
    }

    /** The name of a file. */
    public static final class FileName implements ITypeConverter<String> {
        @Override
        public String convert(String word) {
            try {
                return path(word);
            } catch (ConfigException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** Kinds of hypercall, as in {@code block,net_read}: by name, or by what a name begins with. */
    public static final class Hypercalls implements ITypeConverter<Set<Hypercall>> {
        @Override
        public Set<Hypercall> convert(String words) {
            Set<Hypercall> kinds = EnumSet.noneOf(Hypercall.class);
            for (String word : words.split(",", -1)) {
                if (!Arrays.stream(Hypercall.values())
                        .filter(kind -> (name(kind) + "_").startsWith(word + "_"))
                        .map(kinds::add)
                        .reduce(false, (any, added) -> true)) {
                    throw new TypeConversionException("'" + word + "' is none of " + names());
                }
            }
            return kinds;
        }

        private static String names() {
            return Arrays.stream(Hypercall.values())
                    .map(Conversions::name)
                    .collect(Collectors.joining(", "));
        }
    }

    /** Returns a value of an enum as options and reports have it, in small letters. */
    public static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the word that is a path.
     *
     * @throws ConfigException if no file can have that name
     */
    public static String path(String word) {
        if (word.isEmpty()) {
            throw new ConfigException("'' is not the name of a file");
        }
        return word;
    }

    /** Returns whether a guest is named by an address, to be fetched from there, not by a file. */
    public static boolean isAddress(String guest) {
        return guest.regionMatches(true, 0, "http://", 0, 7)
                || guest.regionMatches(true, 0, "https://", 0, 8);
    }

    /** Returns whether a guest is to be waited for: one with an address, or by standard input. */
    public static boolean isAwaited(String guest) {
        return guest.equals(INPUT) || isAddress(guest);
    }

    /** {@code auto}, {@code 0} or {@code 3}. */
    public static final class RingChoice implements ITypeConverter<PrivilegeMode> {
        @Override
        public PrivilegeMode convert(String word) {
            return switch (word) {
                case "auto" -> PrivilegeMode.AUTO;
                case "0" -> PrivilegeMode.RING_0;
                case "3" -> PrivilegeMode.RING_3;
                default -> throw new TypeConversionException("'" + word + "' is not auto, 0 or 3");
            };
        }
    }

    /** One of the values of an enum, by its name in small letters. */
    public static final class Choice<E extends Enum<E>> implements ITypeConverter<E> {
        private final List<E> values;

        /** Makes one for an enum with two values or more. */
        public Choice(Class<E> type) {
            values = List.of(type.getEnumConstants());
        }

        @Override
        public E convert(String word) {
            for (E value : values) {
                if (name(value).equals(word)) {
                    return value;
                }
            }
            List<String> names = values.stream().map(Conversions::name).toList();
            int last = names.size() - 1;
            throw new TypeConversionException(
                    "'"
                            + word
                            + "' is not "
                            + String.join(", ", names.subList(0, last))
                            + " or "
                            + names.get(last));
        }
    }

    /** A port of the host's and one of the guest's, as in {@code 8080:80}. */
    public static final class Published implements ITypeConverter<PublishedPort> {
        @Override
        public PublishedPort convert(String word) {
            try {
                return PublishedPort.parse(word);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** A point of a guest's life, as in {@code poll}, {@code calls:7} or {@code line:ready}. */
    public static final class Point implements ITypeConverter<SnapshotPoint> {
        private static final String CALLS = "calls:";
        private static final String LINE = "line:";

        @Override
        public SnapshotPoint convert(String word) {
            if (word.equals("poll")) {
                return SnapshotPoint.firstPoll();
            }
            if (word.matches(CALLS + "[0-9]{1,18}")) {
                return SnapshotPoint.afterHypercalls(
                        Long.parseLong(word.substring(CALLS.length())));
            }
            if (word.startsWith(LINE) && word.length() > LINE.length()) {
                return SnapshotPoint.afterPrinting(word.substring(LINE.length()));
            }
            throw new TypeConversionException("'" + word + "' is not poll, calls:N or line:TEXT");
        }
    }

    /** A generation of the guest contract, as in {@code ukvm-0.3}. */
    public static final class DialectName implements ITypeConverter<Dialect> {
        @Override
        public Dialect convert(String word) {
            return Dialect.named(word)
                    .orElseThrow(
                            () ->
                                    new TypeConversionException(
                                            "'"
                                                    + word
                                                    + "' is not ukvm-0.2, ukvm-0.3, hvt-1 or"
                                                    + " hvt-2"));
        }
    }

    /** A number with a unit, as in {@code 200ms}, {@code 1.5s}, {@code 2m} or {@code 1h}. */
    public static final class Deadline implements ITypeConverter<Duration> {
        private static final long YEAR = 365L * 24 * 3600;

        @Override
        public Duration convert(String word) {
            if (!word.matches("[0-9]{1,18}(\\.[0-9]{1,9})?(us|ms|s|m|h)")) {
                throw new TypeConversionException(
                        "'" + word + "' is not a duration such as 200ms, 1.5s, 2m or 1h");
            }
            String unit = word.replaceAll("[0-9.]", "");
            BigDecimal number = new BigDecimal(word.substring(0, word.length() - unit.length()));
            BigDecimal seconds = number.multiply(secondsPer(unit));
            if (seconds.signum() == 0) {
                throw new TypeConversionException("'" + word + "' is not longer than no time");
            }
            if (seconds.compareTo(BigDecimal.valueOf(YEAR)) > 0) {
                throw new TypeConversionException("'" + word + "' is longer than a year");
            }
            return Duration.ofNanos(Math.max(1, seconds.movePointRight(9).longValue()));
        }

        private static BigDecimal secondsPer(String unit) {
            return switch (unit) {
                case "us" -> new BigDecimal("0.000001");
                case "ms" -> new BigDecimal("0.001");
                case "m" -> BigDecimal.valueOf(60);
                case "h" -> BigDecimal.valueOf(3600);
                default -> BigDecimal.ONE;
            };
        }
    }
}
