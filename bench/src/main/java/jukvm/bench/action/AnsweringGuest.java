package jukvm.bench.action;

import java.net.InetSocketAddress;
import java.util.Optional;
import jukvm.device.UserNetwork;
import jukvm.guest.Outcome;
import jukvm.monitor.GuestRun;

/**
 * A guest of the library that answers a request and ends.
 *
 * @param address where it can be asked
 * @param own the network that goes with it, if one does
 */
public record AnsweringGuest(GuestRun run, InetSocketAddress address, Optional<UserNetwork> own)
        implements AnsweringSystem.Instance {
    @Override
    public String await() throws InterruptedException {
        Outcome outcome = run.await().outcome();
        return outcome.isSuccess() ? "" : "ended with " + outcome;
    }

    @Override
    public void close() {
        run.close();
        own.ifPresent(UserNetwork::close);
    }
}
