package jukvm.bench.cost;

/** Checks of numbers that prices and times are made of. */
final class Amounts {
    private Amounts() {}

    static void requirePositive(String what, double number) {
        if (!(number > 0) || Double.isInfinite(number)) {
            throw new IllegalArgumentException(what + " of " + number);
        }
    }
}
