package jukvm.bench.result;

/**
 * A system that was not measured.
 *
 * @param id as in {@link SystemResult}
 * @param title for people
 * @param reason what is missing, or what it said
 * @param remedy what would bring it, such as the name of a package
 */
public record Missing(String id, String title, String reason, String remedy) {}
