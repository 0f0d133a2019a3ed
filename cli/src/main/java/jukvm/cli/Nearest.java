package jukvm.cli;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.BiPredicate;

/** Finds what a mistyped word may have meant. */
final class Nearest {
    private static final int MOST = 3;
    private static final int SHORTEST_STEM = 3;
    private static final int SHORTEST_PART = 4;

    private Nearest() {}

    /** Returns the known words that a word resembles; if none, those that have its letters. */
    static List<String> to(String word, Collection<String> known) {
        String typed = bare(word);
        if (typed.isEmpty()) {
            return List.of();
        }
        for (BiPredicate<String, String> alike :
                List.<BiPredicate<String, String>>of(
                        Nearest::isSimilar, Nearest::isPart, Nearest::begins)) {
            List<String> found = known.stream().filter(k -> alike.test(typed, bare(k))).toList();
            if (!found.isEmpty()) {
                return found.stream().limit(MOST).toList();
            }
        }
        return List.of();
    }

    private static String bare(String word) {
        return word.replaceFirst("^-+", "").toLowerCase(Locale.ROOT);
    }

    private static boolean isSimilar(String typed, String known) {
        int allowed = (known.length() + 2) / 5;
        return Math.abs(typed.length() - known.length()) <= allowed
                && distance(typed, known) <= allowed;
    }

    /** Returns whether a word is another of which letters are left out. */
    private static boolean isPart(String typed, String known) {
        int at = 0;
        for (int i = 0; i < known.length() && at < typed.length(); i++) {
            at += typed.charAt(at) == known.charAt(i) ? 1 : 0;
        }
        return typed.length() >= SHORTEST_PART && at == typed.length();
    }

    private static boolean begins(String typed, String known) {
        return known.startsWith(typed)
                || known.length() >= SHORTEST_STEM && typed.startsWith(known);
    }

    /** Returns how many letters to insert, remove, replace or swap with the next. */
    private static int distance(String a, String b) {
        int[][] steps = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                steps[i][j] = i == 0 || j == 0 ? i + j : step(steps, a, i, b, j);
            }
        }
        return steps[a.length()][b.length()];
    }

    private static int step(int[][] steps, String a, int i, String b, int j) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int least = Math.min(steps[i - 1][j], steps[i][j - 1]) + 1;
        least = Math.min(least, steps[i - 1][j - 1] + (same ? 0 : 1));
        boolean swapped =
                i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(least, steps[i - 2][j - 2] + 1) : least;
    }
}
