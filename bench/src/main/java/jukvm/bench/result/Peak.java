package jukvm.bench.result;

import java.util.List;

/**
 * The most actions a second, and what they cost.
 *
 * @param workers that did most
 * @param perSecond median of the repetitions
 * @param repetitions actions per second of each, in order
 * @param perCore actions per second for each core
 * @param coreMillis processor time of the whole machine for one action, in milliseconds
 * @param idlePercent of processor time that nobody used meanwhile
 */
public record Peak(
        int workers,
        double perSecond,
        List<Double> repetitions,
        double perCore,
        double coreMillis,
        double idlePercent) {}
