package jukvm.worker;

import java.nio.ByteBuffer;
import jukvm.device.Console;
import jukvm.isolation.Message;

/** The console of a guest, which is another process's. */
final class RemoteConsole implements Console {
    private final WorkerGuest guest;

    RemoteConsole(WorkerGuest guest) {
        this.guest = guest;
    }

    // What is not taken of a guest that is being stopped is lost with it.
    @Override
    public void write(ByteBuffer bytes) {
        guest.send(Message.Kind.CONSOLE, at -> at.putInt(bytes.remaining()).put(bytes));
    }

    @Override
    public void stop() {
        guest.stopWaiting();
    }
}
