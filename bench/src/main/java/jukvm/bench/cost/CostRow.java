package jukvm.bench.cost;

/**
 * What a server has to do to earn its rent.
 *
 * @param name what was assumed
 * @param actionsPerSecond actions in a second at which the server pays for itself
 * @param perCore actions in a second on each of its cores
 * @param coreMillisPerAction milliseconds of one core that each action may take then, everything
 *     included
 */
public record CostRow(
        String name, double actionsPerSecond, double perCore, double coreMillisPerAction) {}
