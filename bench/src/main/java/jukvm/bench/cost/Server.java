package jukvm.bench.cost;

/**
 * A server that is rented.
 *
 * @param perHour its price in $ per hour, above 0
 * @param cores how many it has, at least 1
 */
public record Server(double perHour, int cores) {
    /** The paper's: an EC2 t2.xlarge of early 2017, on demand. */
    public static final Server PAPER = new Server(0.188, 4);

    private static final double SECONDS_PER_HOUR = 3600;

    /** Checks the numbers. */
    public Server {
        Amounts.requirePositive("price per hour", perHour);
        Amounts.requirePositive("cores", cores);
    }

    /** Returns its price in $ per second. */
    double perSecond() {
        return perHour / SECONDS_PER_HOUR;
    }

    /** Returns a part or a multiple of it, which costs in proportion to its cores. */
    public Server withCores(int count) {
        return new Server(perHour * count / cores, count);
    }
}
