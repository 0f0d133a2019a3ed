package jukvm.bench.result;

/**
 * A price list, as the rate at which a server pays for itself.
 *
 * @param name of the price list
 * @param perSecond actions a second
 * @param perCore the same for each core
 * @param coreMillis processor time there is for one action, in milliseconds
 */
public record Cost(String name, double perSecond, double perCore, double coreMillis) {}
